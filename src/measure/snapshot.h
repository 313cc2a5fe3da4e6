/*
 * snapshot: the files of a project as they are in the workspace or as they were at a revision, wherever their bytes are:
 * in the work tree, in Git or in the store.
 *
 * A file of the work tree (or of the commit) wins; what is not there but tracked comes from the store, as in DVC. Nothing is
 * fetched. Main thread only; the workspace must outlive it.
 */
#ifndef MEASURE_SNAPSHOT_H
#define MEASURE_SNAPSHOT_H

#include "base/auto.h"
#include "workspace/outputs.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct snapshot {
	struct workspace *ws;    /* borrowed */
	char *revision;          /* id of the commit; NULL for the workspace */
	struct outputs *outputs; /* what is tracked there, its pipelines and their problems; owned */
	GHashTable *manifests;   /* private: those that were read, by the text of their ids */
};

/*
 * Look at the workspace (revision NULL; in a bare repository HEAD) or at a commit (hex id). Errors are those of
 * outputs_load(): documents that cannot be read are in outputs->problems.
 */
struct snapshot *snapshot_open(struct workspace *ws, const char *revision, GError **error);

/*
 * The bytes of the file at `path`, relative to the project and normal: *data NUL-terminated (g_free()), *length (may be
 * NULL). Symbolic links in the work tree are followed, since outputs may be placed as such. ERROR_NOT_FOUND if it is
 * nowhere, with a hint if it is tracked but not in the store; ERROR_UNSAFE for a path that leads out of the project, for
 * what is no regular file and over `limit` bytes.
 */
bool snapshot_read(struct snapshot *snapshot, const char *path, size_t limit, char **data, size_t *length,
		   GError **error);

/*
 * The files that `path` stands for: if it is a folder, the paths of all files below it (ignored files, pointers and
 * pipeline files left out, tracked ones that are in the store only included), sorted, each once; else path itself, whether
 * or not it is there. A new GPtrArray of strings with its free function set. Errors: a folder that cannot be read,
 * ERROR_CANCELLED.
 */
GPtrArray *snapshot_expand(struct snapshot *snapshot, const char *path, GError **error);

/* Free it. */
void snapshot_free(struct snapshot *snapshot);

AUTO_DEFINE(snapshot, snapshot_free);

#endif
