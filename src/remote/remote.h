/*
 * remote: a place where objects also live, behind one struct of callbacks. One of the four seams.
 *
 * A back-end describes, the engine performs: for each transfer the engine asks the body to shape the next step,
 * performs it (a network request, or a job on a worker thread), and has the body judge what came of it, until the
 * verdict is final. A body has no loop, no thread, no retry and no clock of its own.
 *
 *	autoptr(remote) remote = remote_open(spec, REMOTE_WRITE, remote_table, &error);
 *	engine_run(engine, remote, &work, &error);      see engine.h
 *
 * Keys name things below the remote's URL: normal relative paths such as "files/sha256/ab/cdef…" (layout.h). Opening,
 * shaping and judging happen on the main thread, a step's job on a worker. At most one step of a transfer is under way at
 * any time, but for one that the body splits in parts (STEP_PARTS): then at most one of each part.
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H

#include "base/auto.h"
#include "remote/request.h"
#include "remote/spec.h"
#include "remote/transfer.h"

#include <glib.h>
#include <stdbool.h>

/* The body's own state for one open remote. */
struct remote_conn;

/* What a body can do, for those who plan. */
enum remote_ability {
	REMOTE_CAN_LIST = 1 << 0,   /* TRANSFER_LIST works */
	REMOTE_CAN_DELETE = 1 << 1, /* TRANSFER_DELETE and TRANSFER_MOVE work */
	REMOTE_CHEAP_STAT = 1 << 2, /* asking for single keys costs no more than listing them */
	REMOTE_DEEP_LIST = 1 << 3,  /* a listing costs as many requests as it has pages, whatever lies between the '/'s */
};

/*
 * What the remote is opened for. With REMOTE_WRITE a body may create what it needs; with REMOTE_WRITE_AGAIN the place of
 * the remote itself must be there, or it is ERROR_NOT_FOUND: there were objects in it, so a disk is not mounted, and they
 * must not be sent to where it is not. Who collects must not come between the question of a push whether an object is
 * there and the manifest that says so: a body that has locks keeps writers out with REMOTE_COLLECT and waits for them,
 * or fails with ERROR_BUSY.
 */
enum remote_mode { REMOTE_READ, REMOTE_WRITE, REMOTE_WRITE_AGAIN, REMOTE_COLLECT };

/* Whether objects are sent in this mode. */
static inline bool remote_mode_sends(enum remote_mode mode)
{
	return mode == REMOTE_WRITE || mode == REMOTE_WRITE_AGAIN;
}

enum step_kind {
	STEP_JOB,     /* blocking work for a worker thread */
	STEP_REQUEST, /* a network request */
	STEP_WAIT,    /* part 0 only: nothing yet. It is shaped anew when another step of this remote has been judged, one
			 of which must be under way or about to be tried again. This is how one request serves many
			 transfers */
	STEP_PARTS,   /* part 0 only: go on in parts 1 to `parts`, each with steps of its own, several at once, begun in
			 order. When all are DONE, part 0 is judged with an empty reply. What another verdict on a part
			 ends is the whole transfer */
};

/* What to do next for a transfer, or for a part of it. */
struct step {
	enum step_kind kind;
	union {
		/* [any] Do it; false with the error set. */
		bool (*job)(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error);
		struct request *request; /* the engine's from now on */
		unsigned parts;
	};
};

enum verdict_kind {
	VERDICT_DONE,
	VERDICT_NEXT,   /* shape the next step */
	VERDICT_RETRY,  /* shape again after a pause, as long as attempts are left */
	VERDICT_OVER,   /* part 0 anew from stage 0, at most a few times: what was begun cannot be finished */
	VERDICT_ABSENT, /* there is no such key */
	VERDICT_DENIED, /* refused for who we are, or because there is no such place, not for what we asked: before any
			   success nothing else is tried */
	VERDICT_BROKEN, /* failed for good */
};

struct verdict {
	enum verdict_kind kind;
	bool after_flush;  /* for DONE and NEXT of part 0: only once what was written so far has been flushed */
	bool overloaded;   /* for RETRY: the remote asks for fewer at once */
	unsigned delay_ms; /* for RETRY: wait at least so long; 0 leaves it to the engine */
};

struct remote_ops {
	const char *scheme;    /* of the URL, without "://" or "::"; "" for a plain absolute path */
	unsigned abilities;    /* enum remote_ability */
	unsigned delete_batch; /* keys that one TRANSFER_DELETE may have; 0: one */

	/* Connect. Errors name the place and hint what to do; the caller prefixes the remote's name. */
	struct remote_conn *(*open)(const struct remote_spec *spec, enum remote_mode mode, GError **error);

	/* End it and remove what was left half-made. */
	void (*close)(struct remote_conn *conn);

	/*
	 * Fill in the next step of a transfer, going by transfer->stage, which is the body's (0 at first), or of one of
	 * its parts, of which the body keeps account in transfer->state. Must not fail: what is wrong is for a job.
	 */
	void (*shape)(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step);

	/*
	 * What the reply means (`part` as in shape()). Moves transfer->stage on and fills in the transfer's results. The engine turns the
	 * reply's error into the transfer's; a body that knows better sets transfer->error itself.
	 */
	struct verdict (*judge)(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				const struct reply *reply);

	/* [any] Make durable what was written before; one at a time. NULL if no verdict is ever after_flush. */
	bool (*flush)(struct remote_conn *conn, GError **error);

	/* The transfer ends, well or not: drop transfer->state. NULL if the body keeps none. */
	void (*forget)(struct remote_conn *conn, struct transfer *transfer);
};

struct remote {
	char *name;
	const struct remote_ops *ops;
	struct remote_conn *conn;
};

/*
 * Connect to the remote of `spec` through the body in `table` (NULL-terminated, see table.h) that serves its URL's
 * scheme. ERROR_USAGE for a scheme that none serves; errors are prefixed with the remote's name.
 */
struct remote *remote_open(const struct remote_spec *spec, enum remote_mode mode, const struct remote_ops *const *table,
			   GError **error);

/* Whether the remote has all of these abilities. */
bool remote_can(const struct remote *remote, unsigned abilities);

/* Disconnect. */
void remote_free(struct remote *remote);

AUTO_DEFINE(remote, remote_free);

#endif
