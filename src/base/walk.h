/*
 * walk: everything below a directory, with stat data, sorted; several directories are read at once.
 *
 * Symbolic links are reported, never followed. Names for which file_is_temp_name() are reported apart (WALK_TEMP). The result
 * is an immutable list that belongs to the caller; strings live as long as the list.
 */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include "base/auto.h"
#include "base/stamp.h"

#include <glib.h>
#include <stdbool.h>

enum walk_kind {
	WALK_FILE,
	WALK_DIR, /* with `empty` set if nothing that the filter kept is below it, left-overs of ours apart */
	WALK_LINK,
	WALK_OTHER, /* socket, fifo, device */
	WALK_TEMP,  /* a left-over of ours, of any kind */
	WALK_SEALED /* a directory that we may not read, which the filter said to pass: nothing of it is listed */
};

struct walk_entry {
	const char *path;   /* relative to the walk's root, normal, never "" */
	struct stamp stamp; /* lstat */
	enum walk_kind kind;
	bool empty;
};

enum walk_verdict {
	WALK_KEEP,
	WALK_SKIP, /* leave the entry out and, for a directory, all below it */
	WALK_PASS  /* of WALK_SEALED alone: go on without what is in it; any other verdict ends the walk with an error */
};

/* Asked for every entry before it is kept, and once more (WALK_SEALED) for a directory that we may not read; from several threads at once, so it must only read `user`. */
typedef enum walk_verdict (*walk_filter)(const char *path, enum walk_kind kind, void *user);

struct walk;

/*
 * Walk the directory `path` below `root` (file_open_beneath() rules; "" for root itself). Entries are sorted by path
 * bytes (so "a-b" before "a/b"). filter may be NULL. `threads` at least 1. Errors: a directory that cannot be read
 * (naming it) unless the filter passes it, ERROR_CANCELLED.
 */
struct walk *walk_tree(int root, const char *path, walk_filter filter, void *user, unsigned threads, GError **error);

/* How many entries there are. */
size_t walk_count(const struct walk *walk);

/* Entry i, 0 <= i < walk_count(); owned by the walk. */
const struct walk_entry *walk_get(const struct walk *walk, size_t i);

/* Free the list with its strings. */
void walk_free(struct walk *walk);

AUTO_DEFINE(walk, walk_free);

#endif
