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
#include "pipeline/slurm-script.h"

/* The file that makes a run a submission. */
#define SLURM_SUBMITTED "submitted"

struct slurm_run {
	char *dir;    /* absolute */
	char **shell; /* exec_shell() */
	guint array_limit; /* tasks in one array */
	guint count;  /* jobs so far: the number of the next one */
	GPtrArray *ids; /* of char *: all that was submitted, of jobs and arrays */
	bool stays;     /* the folder is not removed: its jobs outlive us */
	struct lock *lock;
};

/* A job to submit. */
struct slurm_wish {
	struct exec_job *job;            /* borrowed */
	const char *after;               /* ids, separated by ':', of jobs that must have ended well; NULL: none */
	const struct slurm_notes *notes; /* what the script notes of files; NULL: nothing */
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
 * Submit these jobs, those of one group with the same needs as an array: all or none. With `held`, those that come after no
 * others wait for slurm_release(). A list of struct slurm_job (free them with slurm_job_free()) in no order.
 */
GPtrArray *slurm_run_start(struct slurm_run *run, const struct slurm_wish *wishes, guint count, bool held, GError **error);

/* The exit status that job `number` left in the folder `dir` of a run; -1 if there is none, or none that can be read. */
int slurm_run_status(const char *dir, guint number);

/* Call `ended` for each job that has left its exit status since the last look: the file goes. */
void slurm_run_look(struct slurm_run *run, void (*ended)(guint number, int status, void *user), void *user);

/* Whether the run in this folder was left to itself on purpose (submission.h). */
bool slurm_run_is_submission(const char *dir);

/* Cancel the jobs of runs in state_dir whose process is dead, wait until they are gone, and remove what they left. */
bool slurm_run_sweep(const char *state_dir, GError **error);

/* Slurm's id without that of a task: "12" of "12_3". New string. */
char *slurm_base_id(const char *id);

/* Free one. */
void slurm_job_free(void *job);

/* Remove the folder of a run. */
void slurm_run_remove(const char *dir);

/* Remove the folder, unless it stays, and free it. */
void slurm_run_free(struct slurm_run *run);

AUTO_DEFINE(slurm_run, slurm_run_free);

#endif
