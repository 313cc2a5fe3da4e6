/*
 * sync-int: push and fetch of sync.h at a session that is open already. Private to this folder and its tests.
 */
#ifndef SYNC_SYNC_INT_H
#define SYNC_SYNC_INT_H

#include "sync/session.h"
#include "sync/sync.h"

/* sync_push() at one remote. */
bool push_session(struct sync_session *session, const GPtrArray *wants, struct sync_result *result, GError **error);

/* sync_fetch() at one remote. */
bool fetch_session(struct sync_session *session, const GPtrArray *wants, struct sync_result *result, GError **error);

/* Say how to go on after what stopped a command (`command`) half-way and may not stop it again. */
void sync_hint_at_rest(GError **error, const char *command);

#endif
