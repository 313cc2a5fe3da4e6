/*
 * diff: what tracked data changed between two revisions, or a revision and the workspace.
 */
#ifndef WORKSPACE_DIFF_H
#define WORKSPACE_DIFF_H

#include "workspace/change.h"
#include "workspace/workspace.h"

/* What to compare. */
struct diff_options {
	const char *before; /* a commit (hex id) */
	const char *after;  /* a commit, or NULL for the workspace */
	char **paths;       /* relative to the project, NULL-terminated: only what is at or below them; NULL for all */
	bool hide_missing;  /* do not list what is not in the store */
};

struct diff {
	struct changes *changes; /* sorted by path; folders and the files inside them */
	GArray *not_in_store;    /* of struct change, sorted: what `before` records and the store lacks; only with the
				    workspace */
	GPtrArray *notes;        /* lines for people: a folder whose list of files is not in the store */
	struct changes *missing; /* private: owns not_in_store */
};

/*
 * Compare. Folders whose manifest is not in the store are compared as a whole. ERROR_CORRUPT if a pointer on either
 * side cannot be read (naming revision and file).
 */
struct diff *diff_read(struct workspace *ws, const struct diff_options *options, GError **error);

/* Free it. */
void diff_free(struct diff *diff);

AUTO_DEFINE(diff, diff_free);

#endif
