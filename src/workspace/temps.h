/*
 * temps: temporary files beside pointers and ignore files that killed commands left in the work tree. Those in tracked
 * folders are the checkout's. Main thread.
 */
#ifndef WORKSPACE_TEMPS_H
#define WORKSPACE_TEMPS_H

#include "workspace/workspace.h"

/*
 * Remove those that Git sees as new files, that no process holds and that are older than `grace` seconds; *count is how many,
 * with `dry_run` how many it would be. What cannot be removed stays. The caller holds the store's lock exclusively.
 */
bool temps_purge(const struct workspace *ws, int64_t grace, bool dry_run, guint *count, GError **error);

#endif
