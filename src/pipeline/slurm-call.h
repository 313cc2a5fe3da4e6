/*
 * slurm-call: Slurm's programs, called. No shell is between us and them, and what they do is not cut off by Ctrl-C: an sbatch
 * that was ended half-way may or may not have submitted a job.
 *
 * Main thread.
 */
#ifndef PIPELINE_SLURM_CALL_H
#define PIPELINE_SLURM_CALL_H

#include <glib.h>
#include <stdbool.h>

/* What is handed to sbatch at once: one job, or an array. */
struct slurm_order {
	const char *title;          /* for squeue */
	const char *script;         /* text */
	const char *const *options; /* of sbatch, slurm_resources() */
	guint tasks;                /* 0: a plain job; else an array with so many */
	const char *after;          /* ids, separated by ':', that must have ended well; NULL: none. It is cancelled if they did not */
	bool hold;                  /* it waits for slurm_release() */
};

/* How many tasks an array may have. ERROR_NOT_FOUND if Slurm is not installed, ERROR_FAILED if it does not answer. */
guint slurm_array_limit(GError **error);

/* Submit it: Slurm's id of the job or array. New string; NULL with ERROR_FAILED and what Slurm said. */
char *slurm_submit(const struct slurm_order *order, GError **error);

/* Let held jobs start. */
bool slurm_release(GPtrArray *ids, GError **error);

/* Cancel jobs and arrays; those that ended or that Slurm does not know are passed over. false if it does not answer. */
bool slurm_cancel(GPtrArray *ids);

/*
 * The states of jobs and of all tasks of arrays as slurmctld knows them; it forgets those that ended some time ago. See
 * slurm_parse_states(). NULL with ERROR_FAILED if it does not answer, which says nothing of the jobs.
 */
GHashTable *slurm_ask(GPtrArray *ids, GError **error);

/* The same of those that slurmctld forgot, by the site's accounts; empty where nobody keeps accounts or they do not answer. */
GHashTable *slurm_accounts(GPtrArray *ids);

#endif
