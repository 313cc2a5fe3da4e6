/*
 * revisions: the states of a project that are shown side by side: the workspace, branches, tags, all commits.
 */
#ifndef MEASURE_REVISIONS_H
#define MEASURE_REVISIONS_H

#include "repo/repo.h"

#include <glib.h>
#include <stdbool.h>

/* Which ones. */
enum revisions_scope {
	REVISIONS_BRANCHES = 1 << 0,
	REVISIONS_TAGS = 1 << 1,
	REVISIONS_COMMITS = 1 << 2, /* every commit that HEAD, branches, tags and remote-tracking refs lead to */
};

struct revisions_entry {
	char *name; /* "main", "main,v1" for refs of one commit, or the id; "workspace"; "" if nothing else is shown */
	char *id;   /* of the commit; NULL for the workspace */
};

/*
 * The workspace first, then what the scopes ask for, each commit once: an array of struct revisions_entry that frees
 * them. ERROR for what Git cannot tell.
 */
GPtrArray *revisions_list(struct repo *repo, unsigned scopes, GError **error);

#endif
