/*
 * collect: take objects out of the store that nothing refers to, by way of a trash with a grace period.
 */
#ifndef STORE_COLLECT_H
#define STORE_COLLECT_H

#include "store/store.h"

/* What a collection would do or did. */
struct collect_result {
	uint64_t objects, bytes; /* to the trash (or deleted, with prune) */
	uint64_t kept;           /* objects that are referred to */
	uint64_t purged, purged_bytes; /* out of the trash: older than the grace period */
	uint64_t parts, parts_bytes;   /* broken downloads that nobody went on with in the grace period */
};

/* Seconds of `mlv.gcGrace`: two weeks. */
#define COLLECT_GRACE ((int64_t)14 * 24 * 3600)

/*
 * Move every object that is not in `live` (a set of struct oid *) to the trash - with `prune`, delete it - and delete what has been in the trash longer
 * than `grace` seconds, and broken downloads (part.h) as old as that, with `prune` all of them. `dry_run` only counts. The caller holds the store's exclusive lock (store_lock()).
 */
bool collect_run(struct store *store, GHashTable *live, int64_t grace, bool prune, bool dry_run,
		 struct collect_result *result, GError **error);

/* Put everything in the trash back whose hash is right; counts in result->objects, ->bytes. Holder of the exclusive lock. */
bool collect_undelete(struct store *store, struct collect_result *result, GError **error);

/* The store's lock file, for lock_take(): exclusive for collection. New string. */
char *collect_lock_path(const struct store *store);

#endif
