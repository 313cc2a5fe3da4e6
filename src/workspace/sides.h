/*
 * sides: the two states that status and diff compare, made ready for changes_compare(); and which of their objects
 * the store lacks.
 */
#ifndef WORKSPACE_SIDES_H
#define WORKSPACE_SIDES_H

#include "workspace/change.h"
#include "workspace/outputs.h"
#include "workspace/scan.h"

/* A side with the manifest that it owns. Zeroed: nothing is there. */
struct side {
	struct change_side side;
	struct manifest *manifest; /* owned; side.manifest may also be borrowed from a scan */
};

/* What an output records; NULL for no output. Its manifest comes with side_load(). */
void side_of_output(struct side *side, const struct output *output);

/* What a scan found (borrowed as long as the side lives). */
void side_of_scan(struct side *side, const struct scan *scan);

/*
 * Load the manifest of a folder from the store, unless it is there already. false if the store does not have it: the
 * files are not known then. One that cannot be read counts as absent, too.
 */
bool side_load(struct side *side, struct workspace *ws);

/* Load what changes_compare() needs of both: manifests where the folders differ, or if all is wanted. */
void sides_load(struct side *before, struct side *after, struct workspace *ws, bool all);

/* Free what it owns. */
void side_clear(struct side *side);

/* Called for each object that a side has and the store lacks; `path` ends in '/' for a folder's manifest. */
typedef void (*side_missing)(const char *path, const struct oid *oid, void *user);

/*
 * Look for the side's objects in the store: that of the output at `path` itself and, as far as its manifest is there,
 * those at or below `inside`. Very many are looked for by name alone (store/presence.h).
 */
void side_find_missing(const struct side *side, struct workspace *ws, const char *path, const char *inside,
		       side_missing missing, void *user);

#endif
