/*
 * engine-int: what the files of engine share: engine.c (the loop: what starts when), engine-settle.c (what came of a
 * step, and how a transfer ends), engine-parts.c (transfers in parts), window.h (how much at once).
 */
#ifndef REMOTE_ENGINE_INT_H
#define REMOTE_ENGINE_INT_H

#include "base/pool.h"
#include "remote/engine.h"
#include "remote/stream.h"
#include "remote/window.h"
#include "remote/wire.h"

struct engine {
	struct engine_options options;
	struct wire *wire; /* what the loop waits on; the pool wakes it */
	struct pool *pool;
	struct window window;
	struct stream_shared shared;
	uint64_t reported; /* of shared.moved, to the watch */
};

/* A transfer, or a part of one, with what the engine needs to know about it; with transfer NULL, a flush. */
struct flight {
	struct transfer *transfer;
	struct remote *remote;
	struct flight *whole; /* of which this is a part; NULL */
	unsigned part;        /* its number, from 1; 0 for a whole */
	struct step step;
	GError *error; /* of the step */
	unsigned attempt;       /* of this step, from 0 */
	unsigned steps, retries; /* in all */
	unsigned corrupt, over;
	int64_t due_us;         /* when it is to be retried */
	bool resumed;           /* what an earlier run left of it was looked at */
	bool resuming;          /* that is its step */
	bool catching;          /* it is no part: it hashes what has come of its whole */
	bool done_when_flushed;
	bool denied;            /* the verdict was DENIED */
	struct {
		unsigned total, begun, open; /* parts in all, begun, begun and not ended */
		bool catching;               /* a flight of them catches up */
		bool doomed;                 /* `verdict` of a part ends all of it */
		struct verdict verdict;
		GError *error;
	} parts;
};

/*
 * One engine_run(). Every flight is with the pool, or in exactly one of ready, asking, paused, waiting, held, flushing; or it is
 * a whole whose parts are, in split as long as some have not begun.
 */
struct run {
	struct engine *engine;
	struct remote *remote;
	const struct engine_work *work;
	GQueue ready;        /* flights whose next step can start */
	GQueue split;        /* flights with parts that have not begun, oldest first */
	GPtrArray *asking;   /* flights with the wire */
	GPtrArray *paused;   /* flights that wait for their retry */
	GPtrArray *waiting;  /* flights whose body waits for another's step */
	GPtrArray *held;     /* flights that wait for a flush */
	GPtrArray *flushing; /* flights that the running flush is for; NULL if none runs */
	uint64_t held_bytes;
	unsigned active; /* steps in the pool or with the wire, flushes not counted */
	unsigned aloft;  /* whole transfers that have begun and not ended */
	bool dry;        /* no more work is to be asked for */
	unsigned succeeded, failed_in_row;
	GError *error; /* why the run stops early */
};

/* engine-settle.c */

/* A step came back (reply: the wire's, or empty with a job's error): have the body judge it and do what it says. */
void engine_settle(struct run *run, struct flight *flight, const struct reply *reply);

/* Do what a verdict on a whole transfer says. `error` (may be NULL) is that of its step. */
void engine_follow(struct run *run, struct flight *flight, struct verdict verdict, const GError *error);

/* The running flush came back: what waited for it goes on, or fails with it. */
void engine_settle_flush(struct run *run, struct flight *flush);

/* End a whole transfer with this error, unless it has one of its own. */
void engine_fail(struct run *run, struct flight *flight, const GError *error);

/* Put the flight back among those whose next step can start. */
void engine_ready(struct run *run, struct flight *flight);

/* Tell the watch what has moved since it was last told, and that `items` are done, the last of them `label`. */
void engine_report(struct engine *engine, const char *label, uint64_t items);

/* engine-parts.c */

/* Go on in that many parts, at least one. */
void engine_split(struct run *run, struct flight *whole, unsigned parts);

/* The next part that may begin, a new flight; NULL if there is none. */
struct flight *engine_next_part(struct run *run);

/* What has come of a whole in parts was hashed; frees the flight. */
void engine_end_catch_up(struct run *run, struct flight *flight);

/* A part ends with that verdict; frees the flight. `error` (may be NULL) is that of its step. */
void engine_end_part(struct run *run, struct flight *part, struct verdict verdict, const GError *error);

/* The whole is to end with that verdict as soon as the parts that are with the pool are back; no other begins. */
void engine_doom(struct run *run, struct flight *whole, struct verdict verdict, const GError *error);

#endif
