/*
 * move: run the same kind of transfer for many objects of a plan: ask, send, fetch, check. Private to this folder.
 */
#ifndef SYNC_MOVE_H
#define SYNC_MOVE_H

#include "sync/objects.h"
#include "sync/session.h"

/* What became of an object's transfer, on the main thread. The move frees the transfer. */
typedef void (*move_done)(struct object *object, struct transfer *transfer, void *user);

struct move {
	struct sync_session *session;
	enum transfer_kind kind;
	const GPtrArray *list;             /* of struct object; borrowed */
	guint next;                        /* the first of them that was not asked for yet */
	const struct transfer_end *end;    /* GET and PUT: one of those below, or transfer_discard */
	struct put *put;                   /* for move_to_store */
	uint64_t count_limit, bytes_limit; /* stop asking for more when so much has begun or arrived; 0: no limit */
	uint64_t count, bytes;             /* so far */
	move_done done;
	void *user; /* of done */
};

/* The store as the source of a PUT, and the batch move->put as the target of a GET. */
extern const struct transfer_end move_from_store, move_to_store;

/* Run from move->next to the end or a limit, as engine_run(). */
bool move_run(struct move *move, GError **error);

/*
 * Send objects whose sizes are known, in the list's order but many at once; those that arrived are marked PLACE_THERE
 * on the remote, others PLACE_FAILED with a failure in result.
 */
bool move_send(struct sync_session *session, const GPtrArray *list, struct sync_result *result, GError **error);

/*
 * Fetch objects into the store in batches, each made durable before the next begins, so that an interruption loses
 * little. Marks and failures as above, for the local end; those the remote does not have are marked PLACE_ABSENT there,
 * and are no failure if their want is optional. The object of no bytes is made, whatever the remote has.
 */
bool move_fetch(struct sync_session *session, const GPtrArray *list, struct sync_result *result, GError **error);

/* What a dry run tells instead of moving the objects; a size that is not known counts as 0. */
void move_announce(struct sync_session *session, const GPtrArray *list, struct sync_result *result);

/* Count an object among the failures of result; takes the error, unless it says that the user interrupted. */
void move_fail(struct sync_result *result, const struct object *object, GError *error);

#endif
