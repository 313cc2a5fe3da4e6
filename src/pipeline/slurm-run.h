/*
 * slurm-run: the folder of one run of stages by Slurm: <state>/slurm/<name>/, on a file system that the nodes share. In it lie
 * the scripts of jobs, what they leave (slurm-script.h), and `ids`, one id of Slurm's a line, written before a job may start.
 *
 * A run belongs to the process that holds its lock. Who dies without a word leaves jobs that go on and would write to outputs
 * that the next repro is making: slurm_run_sweep() finds and ends them. Main thread.
 */
#ifndef PIPELINE_SLURM_RUN_H
#define PIPELINE_SLURM_RUN_H

#include "base/auto.h"
#include "base/lock.h"
#include "pipeline/exec.h"

struct slurm_run {
	char *dir;    /* absolute */
	char **shell; /* exec_shell() */
	guint array_limit; /* tasks in one array */
	guint count;  /* jobs so far: the number of the next one */
	struct lock *lock;
};

/* One job that was submitted. */
struct slurm_job {
	struct exec_job *job; /* borrowed */
	guint number; /* in the run's folder */
	char *id;     /* Slurm's: "12", "12_3" */
};

/* Make a folder in state_dir; ERROR_NOT_FOUND, ERROR_FAILED if Slurm is not there or does not answer. */
struct slurm_run *slurm_run_new(const char *state_dir, GError **error);

/*
 * Submit these jobs, those of one group with the same needs as an array: all or none. A list of struct slurm_job (free them with
 * slurm_job_free()) in no order.
 */
GPtrArray *slurm_run_start(struct slurm_run *run, struct exec_job *const *jobs, guint count, GError **error);

/* Call `ended` for each job that has left its exit status since the last look: the file goes. */
void slurm_run_look(struct slurm_run *run, void (*ended)(guint number, int status, void *user), void *user);

/* Cancel the jobs of runs in state_dir whose process is dead, wait until they are gone, and remove what they left. */
bool slurm_run_sweep(const char *state_dir, GError **error);

/* Slurm's id without that of a task: "12" of "12_3". New string. */
char *slurm_base_id(const char *id);

/* Free one. */
void slurm_job_free(void *job);

/* Remove the folder and free it. */
void slurm_run_free(struct slurm_run *run);

AUTO_DEFINE(slurm_run, slurm_run_free);

#endif
