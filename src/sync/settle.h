/*
 * settle: take back from a remote's trash what manifests that are on the remote need: the end of a collection, see
 * marker.h. Private to this folder.
 */
#ifndef SYNC_SETTLE_H
#define SYNC_SETTLE_H

#include "sync/session.h"

/* A map for what was moved to the trash: keys of objects to their keys in the trash, both owned. */
GHashTable *settle_map_new(void);

/*
 * Look at all manifests on the remote that are not in `spared` (a set of struct oid *, whose files were not touched;
 * NULL: none) and put back what they need of `moved`; what was put back is removed from there. A manifest that is
 * broken needs nothing.
 */
bool settle_run(struct sync_session *session, GHashTable *moved, GHashTable *spared, GError **error);

#endif
