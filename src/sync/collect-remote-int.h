/*
 * collect-remote-int: the commands of collect-remote.h at a session that is open already. Private to this folder and its
 * tests.
 */
#ifndef SYNC_COLLECT_REMOTE_INT_H
#define SYNC_COLLECT_REMOTE_INT_H

#include "sync/collect-remote.h"
#include "sync/session.h"

/* collect_remote_plan() at one remote; takes the session only if it succeeds. */
struct collect_remote_plan *collect_plan_session(struct sync_session *session, GHashTable *live,
						 const struct collect_remote_options *collect, GError **error);

/* collect_remote_undelete() at one remote. */
bool collect_undelete_session(struct sync_session *session, struct sync_result *result, GError **error);

#endif
