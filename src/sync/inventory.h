/*
 * inventory: everything that lies on a remote, listed in as few requests as that takes. Private to this folder.
 */
#ifndef SYNC_INVENTORY_H
#define SYNC_INVENTORY_H

#include "sync/session.h"

/* A key that was found: an object's, one in the trash, or a stranger's. */
typedef void (*inventory_visit)(const struct transfer_item *item, void *user);

/* All algorithms, as a set of 1 << enum oid_algo. */
#define INVENTORY_ALL (1U << OID_MD5 | 1U << OID_SHA256 | 1U << OID_MD5_2X)

/*
 * Visit all keys where objects of these algorithms lie, and with `trash` those in the trash. false with the error set if
 * a listing has a gap: then what was visited is worth nothing. ERROR_USAGE if the remote can neither list nor delete.
 */
bool inventory_run(struct sync_session *session, unsigned algos, bool trash, inventory_visit visit, void *user,
		   GError **error);

/* Whether the remote can list and delete; else ERROR_USAGE. */
bool inventory_is_possible(const struct sync_session *session, GError **error);

#endif
