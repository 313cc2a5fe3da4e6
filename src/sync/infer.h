/*
 * infer: what is on the remote as far as manifests that are there vouch for it. Private to this folder.
 */
#ifndef SYNC_INFER_H
#define SYNC_INFER_H

#include "sync/objects.h"
#include "sync/session.h"

/*
 * Mark as there what is unknown of the wanted folders, but in manifests that the remote has: those of the plan that are
 * there, and those of the session's hints that still are when the remote is asked, a request each and a few for each
 * folder at most. Only what is like the wanted folder is looked at. Does nothing if the session is to verify.
 */
bool infer_remote(struct sync_session *session, struct objects *objects, const GPtrArray *wants, GError **error);

/* Remember the manifests of the plan that are on the remote, and that it has objects if it has any of the plan. */
void infer_remember(struct sync_session *session, const struct objects *objects);

#endif
