/*
 * slurm-poll: what Slurm's programs print, read. Pure functions.
 */
#ifndef PIPELINE_SLURM_POLL_H
#define PIPELINE_SLURM_POLL_H

#include <glib.h>
#include <stdbool.h>

/* What is known of a job in one of Slurm's states. */
struct slurm_state {
	const char *name;   /* Slurm's word */
	bool alive;         /* it runs, will run, or is not yet gone from its node */
	const char *reason; /* why it ended, beyond its exit status; NULL: nothing to add */
};

/* The state that begins the text, "CANCELLED by 1000" too. One that is not known is taken for alive. Never NULL. */
const struct slurm_state *slurm_state_of(const char *text);

/* The job id that `sbatch --parsable` printed, "12" or "12;cluster"; new string. ERROR_FAILED if it is none. */
char *slurm_parse_submitted(const char *text, GError **error);

/*
 * Lines "ID|STATE" of squeue or sacct: a table of ids ("12", "12_3") to const struct slurm_state. ERROR_FAILED for a line that
 * is none: better no answer than a wrong one.
 */
GHashTable *slurm_parse_states(const char *text, GError **error);

/* MaxArraySize in the output of `scontrol show config`: how many tasks an array may have. At least 1. */
guint slurm_parse_array_limit(const char *text);

/* What one of Slurm's programs complained of, as one line: the last one of its standard error. New string. */
char *slurm_complaint(const char *text);

#endif
