/*
 * walk-int: between reading a tree (walk-read.c) and putting it in order (walk.c).
 */
#ifndef BASE_WALK_INT_H
#define BASE_WALK_INT_H

#include "base/walk.h"

#include <dirent.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Entries are allocated in blocks of so many, which never move. */
#define WALK_BLOCK 256

/*
 * A child of a directory. A directory below it is there twice, because others may sort between the two: as its own
 * entry, and without an entry for all that it contains.
 */
struct walk_item {
	const char *name;
	struct walk_entry *entry;
	struct walk_dir *sub; /* NULL unless a directory */
};

struct walk_dir {
	struct walk_entry *self; /* NULL for the root of the walk */
	GArray *items;           /* struct walk_item, sorted once the directory is read */
	DIR *stream;             /* open while it is worked on */
	size_t slices;           /* jobs still to come back */
	bool gone;               /* removed by somebody before it was read */
};

struct walk_request {
	int root;
	const char *base; /* what root is called in messages */
	walk_filter filter;
	void *user;
	unsigned threads;
};

/* What was read, all owned by it. */
struct walk_reading {
	GPtrArray *chunks; /* GStringChunk: the paths */
	GPtrArray *blocks; /* arrays of WALK_BLOCK entries */
	GPtrArray *dirs;   /* struct walk_dir, the root first */
};

/* Read the whole tree into *reading, which is filled, and to be cleared, even where this fails. */
bool walk_read(const struct walk_request *request, struct walk_reading *reading, GError **error);

#endif
