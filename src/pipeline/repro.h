/*
 * repro: bring stages up to date: run those whose inputs changed, several at once, and record what they made.
 *
 * It ties the parts together - schedule decides, stale gives reasons, claims keep other commands away, exec runs, record makes
 * it durable - and tells a listener what happens, stage by stage and in an order that can be printed: what a stage prints is
 * told live if it runs alone, else as a whole when it is done. Main thread.
 */
#ifndef PIPELINE_REPRO_H
#define PIPELINE_REPRO_H

#include "pipeline/claims.h"
#include "pipeline/exec.h"
#include "pipeline/graph.h"
#include "pipeline/stale.h"

enum repro_trace { REPRO_TRACE_OFF, REPRO_TRACE_TELL, REPRO_TRACE_STRICT };

struct repro_options {
	const struct exec_ops *executor;
	unsigned jobs; /* at least 1; with 1 stages run one after the other in DVC's order */
	bool force, force_downstream;
	bool keep_going, ignore_errors;
	bool dry;     /* tell what would run, do nothing */
	bool explain; /* find all reasons of a stage, and what changed inside folders */
	bool pull;    /* fetch what is missing */
	bool allow_missing, no_commit, no_run_cache;
	bool interactive; /* ask the listener before a stage runs */
	enum repro_trace trace;
	const char *what;    /* our command line, for locks */
	const char *program; /* our own program, for `fetch` and `pull` in a child; needed with `pull` */
};

enum repro_kind {
	REPRO_SAME,     /* the stage did not change */
	REPRO_VERIFIES, /* data of a pointer, or outputs of a frozen stage, are recorded as they are */
	REPRO_STARTS,   /* it is going to run, be restored or recorded: the reasons */
	REPRO_RUNS,     /* what it prints follows */
	REPRO_PRINTS,   /* text */
	REPRO_CACHED,   /* its outputs come from the run cache */
	REPRO_PULLS,    /* its outputs are fetched */
	REPRO_RECORDED, /* its lock entry is another one now: text is the lock file, relative to the project */
	REPRO_FAILED,   /* error; log and tail if it ran */
	REPRO_WAITS,    /* text: who uses its paths */
	REPRO_NOTES,    /* text: a line that the user should read */
};

/* What happened. Fields that the kind does not name are zero. Borrowed for the time of the call. */
struct repro_event {
	enum repro_kind kind;
	const struct stage *stage;
	const GPtrArray *reasons; /* of struct reason */
	const char *text;
	size_t length; /* of text, for REPRO_PRINTS */
	const GError *error;
	const char *log;  /* absolute path */
	const char *tail; /* the last lines of the log, if they were not told before */
	bool first;       /* REPRO_RECORDED: the lock file is a new one */
};

struct repro_listener {
	void (*tell)(const struct repro_event *event, void *user);
	bool (*confirm)(const struct stage *stage, void *user);
	void *user;
};

/* What came of it. */
struct repro_result {
	guint ran, same, failed, skipped; /* stages; ran: or restored, or recorded; skipped: for failures of others */
	guint left;                       /* stages that never had their turn: after a failure, or Ctrl-C */
	GPtrArray *touched;               /* of char *: files that Git should get, relative to the project */
};

/*
 * Do it for the stages in `selected` (guint indexes in running order). true also if stages failed: see *result, which
 * repro_result_clear() empties. false for what stops all, ERROR_CANCELLED for Ctrl-C: what had ended by then is recorded.
 */
bool repro_run(const struct graph *graph, struct claims *claims, const GArray *selected,
	       const struct repro_options *options, const struct repro_listener *listener, struct repro_result *result,
	       GError **error);

/* Free what the result holds. */
void repro_result_clear(struct repro_result *result);

#endif
