/*
 * repro-int: the parts of repro. Private to pipeline/repro*.c.
 */
#ifndef PIPELINE_REPRO_INT_H
#define PIPELINE_REPRO_INT_H

#include "base/stamp.h"
#include "pipeline/logs.h"
#include "pipeline/record.h"
#include "pipeline/repro.h"
#include "pipeline/run-stage.h"
#include "pipeline/schedule.h"
#include "pipeline/stage-job.h"

/* A stage that runs, or is about to. */
struct repro_task {
	const struct stage *stage;
	struct lockfile *inputs; /* what it reads, as it was before */
	struct stage_job own;
	size_t told; /* how much of the log the listener has */
	bool live;   /* it is told as it comes */
};

/* A lock file as it was read while others were at work. */
struct repro_lock {
	struct stamp stamp;
	struct lockfile *lock;
};

struct repro {
	struct workspace *ws;
	const struct stages *stages;
	const struct graph *graph;
	const struct repro_options *options;
	const struct repro_listener *listener;
	struct repro_result *result;
	struct facts *facts;
	struct record *record;
	struct claims *claims;
	struct schedule *schedule;
	void *exec;           /* NULL until the first stage runs */
	GPtrArray *tasks;     /* of struct repro_task by stage index, owned; NULL for stages that are not about to run */
	GPtrArray *running;   /* of struct repro_task, as they began; borrowed */
	GPtrArray *finished;  /* of const struct stage: done with, their claims are still there */
	int64_t finished_since;
	int64_t pause;        /* microseconds between two flushes */
	bool shared;          /* others were at work here since the project was loaded: what was known may be old */
	GHashTable *reloaded; /* path of a lock file -> struct repro_lock, owned: read anew since then */
	GHashTable *generated; /* set of char *: lock files that are new */
	GHashTable *waited;   /* set of const struct stage: of which it was told that they wait */
	bool has_runs;        /* the run cache of the remote was fetched */
	bool cancelled;       /* Ctrl-C was passed on */
	struct logs *logs;    /* NULL until the first stage runs */
};

/* Free a task (may be NULL). */
void repro_task_free(void *task);

/* Free one. */
void repro_lock_free(void *lock);

/* Tell the listener. */
void repro_tell(const struct repro *repro, const struct repro_event *event);

/* The stage failed for this reason (taken over): told, counted, set. */
void repro_fail(struct repro *repro, const struct stage *stage, GError *cause);

/* The stage needs its claims no longer once everything that was added is recorded. */
void repro_release(struct repro *repro, const struct stage *stage);

/*
 * The stage has made its outputs from these inputs (taken over): record it, and tell. false with the error set if that cannot be:
 * the stage failed.
 */
bool repro_record(struct repro *repro, const struct stage *stage, struct lockfile *inputs, GError **error);

/* Record what was made, and let others have the paths. */
bool repro_flush(struct repro *repro, GError **error);

/* Look at a READY stage and set what becomes of it. false for what stops all. */
bool repro_look(struct repro *repro, const struct stage *stage, GError **error);

/* A stage as run-stage.h wants it. */
struct run_stage repro_stage(const struct repro *repro, const struct stage *stage);

/* Start stages that are STALE, as many as there is room for. */
bool repro_start(struct repro *repro, GError **error);

/* How many stages could be started now. */
guint repro_room(const struct repro *repro);

/* Wait for a stage to end, up to timeout_ms, and take in all that have. */
bool repro_wait(struct repro *repro, int timeout_ms, GError **error);

/*
 * Tell what a stage that ran well used without declaring it, if it was traced. false with the error set if that, or that not all
 * could be seen, is a failure.
 */
bool repro_check_trace(const struct repro *repro, const struct repro_task *task, GError **error);

#endif
