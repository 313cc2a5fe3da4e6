/*
 * collect-remote: take objects out of a remote that nothing refers to. In two phases: first they are moved to the
 * remote's trash, where a push no longer finds them and sends anew what it needs; what has been there longer than the
 * grace period is deleted by a later collection.
 *
 *	plan = collect_remote_plan(ws, live, &collect_options, &options, &error);   shown to the user, who says yes
 *	collect_remote_run(plan, &result, &error);
 *
 * The caller knows that `live` is complete (DESIGN 4, roots for gc) and has refused in shallow, partial and
 * single-branch clones.
 */
#ifndef SYNC_COLLECT_REMOTE_H
#define SYNC_COLLECT_REMOTE_H

#include "base/auto.h"
#include "sync/sync.h"

struct collect_remote_options {
	int64_t grace; /* seconds in the trash */
	bool prune;    /* empty the trash at the end, what was just thrown away too */
};

/* One object to be taken out. */
struct collect_remote_item {
	struct oid oid;
	uint64_t size;
};

struct collect_remote_plan {
	GArray *items;    /* of struct collect_remote_item, manifests first; owned */
	uint64_t bytes;   /* of them */
	uint64_t kept;    /* objects that are live */
	GPtrArray *purge; /* keys in the trash that are due, char *; owned */
	uint64_t purge_bytes;
	bool prune;
	GHashTable *live;             /* borrowed, see collect_remote_plan() */
	struct sync_session *session; /* private */
};

/*
 * List the remote and find what is not in `live` (a set of struct oid *: outputs, manifests and the files in them).
 * It is borrowed until the plan is freed. Nothing is taken out, but what a collection that was killed took and somebody
 * needs is put back, unless options->dry_run. ERROR_BUSY if another collection is under way; ERROR_USAGE if the remote cannot list or delete; an incomplete listing is an error, never a short
 * plan.
 */
struct collect_remote_plan *collect_remote_plan(struct workspace *ws, GHashTable *live,
						const struct collect_remote_options *collect,
						const struct sync_options *options, GError **error);

/*
 * How many objects the second plan takes out that the first, which was shown, does not. A remote that has locks is not
 * kept locked while the user thinks: the plan shown is made with options->dry_run, then another one that is done.
 */
uint64_t collect_remote_growth(const struct collect_remote_plan *shown, const struct collect_remote_plan *plan);

/*
 * Do it: manifests before files, so that no manifest stands on the remote without its files, and by the protocol of
 * marker.h, so that a push at the same time ends with all that it vouches for in place. Counts into result.
 */
bool collect_remote_run(struct collect_remote_plan *plan, struct sync_result *result, GError **error);

/* Put everything in the trash back, files before manifests; counts into result. */
bool collect_remote_undelete(struct workspace *ws, const struct sync_options *options, struct sync_result *result,
			     GError **error);

/* Free it and disconnect. */
void collect_remote_plan_free(struct collect_remote_plan *plan);

AUTO_DEFINE(collect_remote_plan, collect_remote_plan_free);

#endif
