/*
 * index-int: what the two halves of the index share: index.c looks up, commit.c collects changes and writes them.
 */
#ifndef INDEX_INDEX_INT_H
#define INDEX_INDEX_INT_H

#include "index/db.h"
#include "index/index.h"

/* A file that was put. */
struct pending {
	const char *path;
	struct stamp stamp;
	struct oid oid;
	bool fresh;      /* when it was put */
	bool stale;      /* found at the commit: not to be stored */
	guint32 moment;  /* of index->moment when it was put */
};

struct index {
	struct db *db;
	int root;
	GArray *puts;        /* struct pending, in order of arrival */
	GHashTable *drops;   /* path -> moment */
	guint32 moment;      /* one more for each drop: what was put before has a lesser one */
	GHashTable *outs;    /* path -> struct oid *, NULL to forget */
	GStringChunk *paths; /* of the puts */
};

#endif
