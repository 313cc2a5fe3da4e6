/*
 * errand: single transfers whose bytes stay in memory: markers, manifests that are only looked at. Private to this
 * folder.
 */
#ifndef SYNC_ERRAND_H
#define SYNC_ERRAND_H

#include "sync/session.h"

/*
 * Run one transfer at the session's remote, which is connected; the transfer stays the caller's. True if it is DONE or
 * ABSENT; its failure is the error.
 */
bool errand_run(struct sync_session *session, struct transfer *transfer, GError **error);

/* Put a text under a key that is no object's. */
bool errand_put(struct sync_session *session, const char *key, const char *text, GError **error);

/* What is under a key, checked against `oid` if that is not OID_NONE; at most `limit` bytes. NULL with the error set. */
GBytes *errand_get(struct sync_session *session, const char *key, const struct oid *oid, size_t limit, GError **error);

#endif
