/*
 * submission: stages that were handed to Slurm as a whole and left alone (`repro --submit`), and what came of them.
 *
 *	submission_start()     all stages that are out of date become jobs, each after those that it needs; we go home
 *	submission_collect()   a later command: what ended well is recorded, the rest is told
 *
 * Nobody watches while the jobs run, so what may be recorded has to be proved afterwards. Each job notes digests of the stamps (inode,
 * size, mtime, ctime) of the files that it reads, before and after its commands, and of those that it wrote. Only if all of that is
 * still so - and command, folder and parameters are still those - were the files that are hashed now those that the job read and wrote.
 * Recording may replace files by links to the store, so what a job that is not over reads is not touched.
 *
 * Main thread.
 */
#ifndef PIPELINE_SUBMISSION_H
#define PIPELINE_SUBMISSION_H

#include "pipeline/claims.h"
#include "pipeline/graph.h"
#include "pipeline/record.h"

enum submission_fate {
	SUBMISSION_SUBMITTED, /* a job for it is in Slurm's queue now */
	SUBMISSION_RUNS,      /* its job is not over */
	SUBMISSION_RECORDED,  /* it ended well */
	SUBMISSION_HELD,      /* it ended well and is recorded when those that read its outputs are over */
	SUBMISSION_FAILED,    /* its job ended badly: why, log */
	SUBMISSION_SKIPPED,   /* it never ran: a stage that it needs failed */
	SUBMISSION_CHANGED,   /* it ended well, but what it read or wrote is not there as it was: why. It will run again */
};

/* What became of one stage. Borrowed for the time of the call. */
struct submission_news {
	enum submission_fate fate;
	const char *title; /* the stage's address */
	const char *job;   /* Slurm's id */
	const char *why;   /* NULL where the fate has none */
	const char *log;   /* absolute path of what it printed */
};

struct submission_listener {
	void (*tell)(const struct submission_news *news, void *user);
	void *user;
};

/* How many stages were told of, and files that Git should get (of char *, relative to the project; owned). */
struct submission_result {
	guint submitted, running, recorded, failed;
	GPtrArray *touched;
};

struct submission_options {
	bool force;       /* all stages, changed or not */
	bool no_commit, no_run_cache; /* as struct record_options has them */
	const char *what; /* our command line */
	struct claims *claims; /* to start with: paths of stages are claimed while they are submitted */
};

/* Whether there is anything to collect: one look into a folder. */
bool submission_exists(const struct workspace *ws);

/*
 * Submit those of `selected` (guint indexes in running order) that are out of date or need one that is. ERROR_CONFLICT if a
 * submission is not collected yet, ERROR_BUSY if another command is at work on them, ERROR_NOT_FOUND for dependencies that nobody will make; ERROR_USAGE for what cannot be submitted.
 * All or nothing.
 */
bool submission_start(const struct graph *graph, const GArray *selected, const struct submission_options *options,
		      const struct submission_listener *listener, struct submission_result *result, GError **error);

/*
 * Take in all submissions of the project as far as they are over. The records of its stages are old afterwards if any were recorded. A
 * submission that is over is forgotten.
 */
bool submission_collect(const struct graph *graph, const struct submission_options *options,
			const struct submission_listener *listener, struct submission_result *result, GError **error);

/* Free what the result holds. */
void submission_result_clear(struct submission_result *result);

#endif
