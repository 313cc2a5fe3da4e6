/*
 * fsck-remote-int: the check of fsck-remote.h at a session that is open already. Private to this folder and its tests.
 */
#ifndef SYNC_FSCK_REMOTE_INT_H
#define SYNC_FSCK_REMOTE_INT_H

#include "sync/fsck-remote.h"
#include "sync/session.h"

/* An empty report. */
struct fsck_remote *fsck_remote_new(void);

/* fsck_remote_run() at one remote, added to the report. */
bool fsck_session(struct sync_session *session, const GPtrArray *wants, const struct fsck_remote_options *options,
		  struct fsck_remote *fsck, GError **error);

#endif
