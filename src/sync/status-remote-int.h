/*
 * status-remote-int: the status of status-remote.h at a session that is open already. Private to this folder and its
 * tests.
 */
#ifndef SYNC_STATUS_REMOTE_INT_H
#define SYNC_STATUS_REMOTE_INT_H

#include "sync/session.h"
#include "sync/status-remote.h"

/* An empty status. */
struct sync_status *sync_status_new(void);

/* sync_status_remote() at one remote, added to the status. */
bool status_session(struct sync_session *session, const GPtrArray *wants, struct sync_status *status, GError **error);

#endif
