/*
 * exec: where commands of stages run: one of the four seams. A body starts jobs and tells how they ended; which job runs
 * when, and what comes of it, is the scheduler's.
 *
 * Main thread only: no body has threads of its own. Bodies: exec-local.c (process groups here), exec-slurm.c (a batch
 * system), and a fake one in tests/unit/pipeline. All run one conformance suite.
 */
#ifndef PIPELINE_EXEC_H
#define PIPELINE_EXEC_H

#include "base/auto.h"
#include "doc/node.h"
#include "repo/config.h"

#include <glib.h>
#include <stdbool.h>

/* The commands of one stage, ready to run. Strings are borrowed and live until the job has ended. */
struct exec_job {
	const char *title;          /* for messages and for the batch system's lists: the stage's address */
	const char *group;          /* jobs with the same group that are started together may become one array; NULL: none */
	const char *const *commands; /* run in turn, each by a new shell; the first that fails ends the job. NULL-terminated;
				      * none at all is a job that ends well */
	const char *dir;            /* absolute */
	const char *const *environment; /* "NAME=value", added to our own; NULL-terminated */
	const char *log;            /* absolute path of a file for stdout and stderr; its folder exists, and what the file may
				     * hold is replaced. The body writes "> COMMAND" on a line before each command, as DVC
				     * shows them */
	const char *trace;          /* absolute path for a report of the files that were used (tracer.h); NULL: do not trace */
	const struct node *resources; /* meta.<executor> of the stage, which should be a map; NULL: none */
	void *tag;                  /* the scheduler's */
};

/* How a job ended. */
struct exec_result {
	struct exec_job *job;
	int status;   /* exit status of the command that failed, 128 + signal, 0 if all went well; -1 if it never ran or is lost */
	char *reason; /* why, beyond the status: "time limit", "node lost", "out of memory", "cancelled"; NULL: nothing to add. g_free() */
};

/* What a body may need to know of this machine and project. */
struct exec_options {
	unsigned jobs;      /* at most so many at once; at least 1. A batch system has its own limits and may take more */
	const char *state_dir; /* absolute, writable: for scripts and notes of jobs */
	const struct config *config; /* settings mlv.* */
};

struct exec_ops {
	const char *name; /* "local", "slurm" */
	bool queues;      /* it takes any number of jobs, whatever exec_options.jobs says, and starts them as it can */
	/* Ready to take jobs, or ERROR_NOT_FOUND, ERROR_FAILED with a hint. */
	void *(*open)(const struct exec_options *options, GError **error);
	/* Whether what the job asks for can be understood; NULL: nothing can be wrong with it. ERROR_USAGE tells what is. */
	bool (*check)(const struct exec_job *job, GError **error);
	/* How many jobs it would take now without making them wait. */
	unsigned (*room)(void *exec);
	/* Start these jobs (at least 1), all or none of them. The jobs are borrowed until they have ended. */
	bool (*start)(void *exec, struct exec_job *const *jobs, guint count, GError **error);
	/*
	 * Wait up to timeout_ms for a job to end: true with *result filled. false without the error set if none has; false
	 * with ERROR_CANCELLED as soon as cancel_requested(), until stop() was called: from then on it waits for the jobs that
	 * end; false with another error if the jobs can no longer be watched.
	 */
	bool (*wait)(void *exec, int timeout_ms, struct exec_result *result, GError **error);
	/*
	 * Send the signal to all jobs under way (batch: cancel them). Each still ends with a result: status 0 only if all its
	 * commands ended well all the same, else the reason is "cancelled".
	 */
	void (*stop)(void *exec, int signal);
	/* No job may be under way. NULL is fine. */
	void (*close)(void *exec);
};

/* Process groups on this machine; what is under way when this process dies is killed. Commands read /dev/null, and have no
 * terminal. */
extern const struct exec_ops exec_local;

/*
 * Jobs of Slurm on nodes that see the project and state_dir at the same paths. They have our environment, as sbatch
 * --export=ALL takes it along, with the job's on top. What runs when this process dies is cancelled by slurm_run_sweep(), which
 * opening this body does, too.
 */
extern const struct exec_ops exec_slurm;

/* The body of that name; ERROR_USAGE lists those that there are. */
const struct exec_ops *exec_named(const char *name, GError **error);

/* The commands of a stage as struct exec_job wants them: a string is run line by line, a list item by item (dvc-formats 3.1
 * and 25.12); lines of blanks and comments are left out. New NULL-terminated list for g_strfreev(). */
char **exec_commands(const struct node *cmd);

/* The same with nothing left out: what DVC shows. New NULL-terminated list for g_strfreev(). */
char **exec_lines(const struct node *cmd);

/*
 * The shell to run commands by, as DVC chooses it: $SHELL or /bin/sh, with the flags that keep it from reading start-up
 * files, "-c" last. New NULL-terminated list, the command is still to be added.
 */
char **exec_shell(void);

/* Our own environment with these settings ("NAME=value", NULL-terminated) in it. New NULL-terminated list for g_strfreev(). */
char **exec_environment(const char *const *settings);

#endif
