/*
 * schedule: which stage is to be looked at, may run, runs, is done or is left out: the decisions of `repro` without any I/O. It
 * knows neither what makes a stage stale nor how it runs; who knows tells it with schedule_set().
 *
 *	READY ─ up to date ──────────────────────────────→ SAME
 *	  │  └─ restored from the run cache ─────────────→ DONE
 *	  └─ stale → STALE ─ schedule_take() → RUNNING ──→ DONE or FAILED
 *
 * A stage becomes READY when all that it needs is settled. Nothing is passed on to those that follow but that: whether
 * they are stale is seen when their turn comes, so an output that came out equal triggers nobody. Main thread.
 */
#ifndef PIPELINE_SCHEDULE_H
#define PIPELINE_SCHEDULE_H

#include "base/auto.h"
#include "pipeline/graph.h"

#include <glib.h>
#include <stdbool.h>

enum schedule_state {
	SCHEDULE_WAITING, /* for stages that it needs */
	SCHEDULE_READY,   /* is to be looked at: schedule_look() */
	SCHEDULE_BLOCKED, /* another command uses what it needs; until schedule_unblock() */
	SCHEDULE_STALE,   /* has to run: schedule_take() */
	SCHEDULE_RUNNING,
	SCHEDULE_SAME,    /* did not change. From here on they are settled */
	SCHEDULE_DONE,    /* ran, or was restored */
	SCHEDULE_FAILED,
	SCHEDULE_SKIPPED, /* something that it needs failed */
	SCHEDULE_STATES
};

struct schedule_options {
	bool in_order;         /* one stage after the other, in running order: nothing is looked at before its turn */
	bool keep_going;       /* after a failure go on with what does not need it */
	bool ignore_errors;    /* after a failure go on as if it had gone well */
	bool force;            /* all stages run, changed or not */
	bool force_downstream; /* who needs a stage that ran runs, too */
};

struct schedule;

/* Begin. `selected`: guint indexes of stages in running order; what else they need is taken as it is. Borrows the graph. */
struct schedule *schedule_new(const struct graph *graph, const GArray *selected,
			      const struct schedule_options *options);

/* The next stage that is READY; false if there is none now. It stays READY until it is set. */
bool schedule_look(const struct schedule *schedule, guint *stage);

/* Whether the stage is to run whatever has changed. */
bool schedule_is_forced(const struct schedule *schedule, guint stage);

/*
 * What became of a stage: a READY one is BLOCKED, STALE, SAME, DONE or FAILED, one that is RUNNING is DONE or FAILED. A failure
 * stops everything that does not run yet unless the options say otherwise.
 */
void schedule_set(struct schedule *schedule, guint stage, enum schedule_state state);

/* Blocked stages are READY again. */
void schedule_unblock(struct schedule *schedule);

/* Up to `room` stages that were STALE and are RUNNING now, in running order, into `stages`; their number. */
guint schedule_take(struct schedule *schedule, guint room, guint *stages);

/* Nothing more is begun, as after Ctrl-C. What runs is still to be set. */
void schedule_stop(struct schedule *schedule);

/* How many stages are in this state. */
guint schedule_count(const struct schedule *schedule, enum schedule_state state);

/* The state of a selected stage. */
enum schedule_state schedule_state(const struct schedule *schedule, guint stage);

/* Whether there is nothing left to look at, to start or to wait for. */
bool schedule_is_over(const struct schedule *schedule);

/* Free it. */
void schedule_free(struct schedule *schedule);

AUTO_DEFINE(schedule, schedule_free);

#endif
