/*
 * saved: what stood in the way, is in no store and is not ours to delete. It is moved to
 *
 *	saved/<time>/<path>
 *
 * in the state directory, one folder for each second (UTC) in which something was, and kept there as long as what is in the
 * store's trash. From another file system it is copied. Main thread.
 */
#ifndef WORKSPACE_SAVED_H
#define WORKSPACE_SAVED_H

#include "workspace/workspace.h"

/* Move what stands at `path` (relative to the project) there. The absolute path that it has now, a new string; NULL with the error set. */
char *saved_put(struct workspace *ws, const char *path, GError **error);

/* How many of those folders there are. */
struct saved_count {
	guint kept, purged;
};

/* Delete what was saved longer than `grace` seconds ago; `dry_run` only counts. */
bool saved_purge(const struct workspace *ws, int64_t grace, bool dry_run, struct saved_count *count, GError **error);

#endif
