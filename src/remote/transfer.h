/*
 * transfer: one thing to do at a remote: what is wanted, this side's end of the bytes, and what came of it.
 *
 * The caller makes it, the engine owns it from handing it out of engine_work.next() until engine_work.done(), then it
 * is the caller's again. Requests are constant meanwhile; results are valid after.
 */
#ifndef REMOTE_TRANSFER_H
#define REMOTE_TRANSFER_H

#include "base/auto.h"
#include "hash/oid.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum transfer_kind {
	TRANSFER_STAT,   /* is the key there and, as far as the remote can tell cheaply, sound? */
	TRANSFER_GET,    /* its bytes to the local end, checked against oid */
	TRANSFER_PUT,    /* the local end's bytes, checked against oid before the key appears; nothing is sent if it is
			    there and sound */
	TRANSFER_DELETE, /* absent is fine: TRANSFER_ABSENT */
	TRANSFER_MOVE,   /* give it the name `to`, replacing what is there */
	TRANSFER_LIST, /* all keys below the key, which ends in '/' or is ""; what is ours (".mlv/…") only if asked for
			*/
};

enum transfer_status { TRANSFER_PENDING, TRANSFER_DONE, TRANSFER_ABSENT, TRANSFER_FAILED };

struct transfer;

/* This side's end of a GET or PUT. */
struct transfer_end {
	/* [any] A descriptor at offset 0: to read from for a PUT, to read and write for a GET. -1 with the error set.
	 * Called at most once. */
	int (*open)(struct transfer *transfer, GError **error);

	/*
	 * [any] Take back the descriptor. `whole` says that all bytes were moved and are right: keep what was received;
	 * otherwise discard it. false with the error set makes the transfer fail. Called exactly once after a
	 * successful open.
	 */
	bool (*close)(struct transfer *transfer, int fd, bool whole, GError **error);

	/*
	 * [any] GET: the journal that tells which bytes are in the file already (journal.h), as a descriptor to read and
	 * append to, which the stream closes; -1 if this transfer has none. Called once, after open(); NULL if the end keeps
	 * none. An end that gave a journal keeps file and journal when it is closed as not whole.
	 */
	int (*journal)(struct transfer *transfer);

	bool seekable; /* bytes can be written in any order and read back: large objects may come in parts */
};

/* The size is not known beforehand. */
#define TRANSFER_ANY_SIZE UINT64_MAX

/* A key found by TRANSFER_LIST. */
struct transfer_item {
	uint64_t size; /* TRANSFER_ANY_SIZE: the remote did not tell */
	char key[];
};

struct stream;

struct transfer {
	/* The request. */
	enum transfer_kind kind;
	char *key;
	char *to;                       /* for MOVE, else NULL */
	GPtrArray *more;                /* DELETE: further keys, of char *, owned; fewer than ops->delete_batch; or NULL */
	struct oid oid;                 /* what the bytes must hash to; OID_NONE: not checked */
	uint64_t size;                  /* expected, or TRANSFER_ANY_SIZE */
	bool replace;                   /* PUT: send even if it seems to be there */
	bool absent;                    /* PUT: the caller has just seen that it is not there: do not ask again */
	const struct transfer_end *end; /* GET and PUT */
	void *user;                     /* the caller's */
	const char *label;              /* what to call it in progress; borrowed, may be NULL */

	/* The results. */
	enum transfer_status status;
	GError *error; /* with FAILED always, with ABSENT of a GET, PUT or MOVE; prefixed with the remote's name */
	uint64_t found_size; /* STAT: of what is there; GET, PUT: of the object */
	char *mark;          /* STAT: the ETag of what is there, as it was sent; NULL: the remote told none */
	bool damaged;        /* STAT: ABSENT because what is there is not the object */
	bool sent;           /* PUT: bytes were moved, it was not there yet */
	GPtrArray *items;    /* LIST: of struct transfer_item, owned, in no order */

	/* While under way. */
	unsigned stage;        /* the body's: which step comes next */
	void *state;           /* the body's: dropped by remote_ops.forget() */
	struct stream *stream; /* the engine's: bytes in motion, see stream.h; NULL without a local end */
};

/* A transfer of that key (copied), all else zero; size TRANSFER_ANY_SIZE. */
struct transfer *transfer_new(enum transfer_kind kind, const char *key);

/* Note a key for TRANSFER_LIST. */
void transfer_found(struct transfer *transfer, const char *key, uint64_t size);

/* The local end of a GET that only checks the bytes. */
extern const struct transfer_end transfer_discard;

/* Free it with its results. */
void transfer_free(struct transfer *transfer);

AUTO_DEFINE(transfer, transfer_free);

#endif
