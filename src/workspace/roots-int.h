/*
 * roots-int: going through the places that may hold pointers. Private to workspace/roots*.c.
 */
#ifndef WORKSPACE_ROOTS_INT_H
#define WORKSPACE_ROOTS_INT_H

#include "workspace/roots.h"

/* One look through all places of a scope. */
struct rooting {
	struct workspace *ws;
	const struct roots_scope *scope;
	roots_visit visit;
	void *user;
	GPtrArray *problems; /* NULL: the first one is the error */
	/*
	 * true: every pointer and lock file of the whole repository counts, of nested projects too, as they share the
	 * store; what a pipeline file says does not matter. false: the outputs of this project, as its pipeline files
	 * describe them.
	 */
	bool everything;
	GHashTable *seen; /* set of char *: "PATH\\nBLOB" that were visited */
	char head[65];    /* the commit of HEAD; "" if there is none */
};

/* A text that was found. `path` is relative to the work tree's top. */
struct rooting_text {
	const char *path;
	const char *text;
	size_t length;
	const char *where;
	bool current;
};

/* Visit the outputs of a pointer's or lock file's text; one that cannot be read is a problem. */
bool roots_take_text(struct rooting *rooting, const struct rooting_text *text, GError **error);

/* The same for a blob, once for each path and content. */
bool roots_take_blob(struct rooting *rooting, const char *path, const char *blob, const char *where, bool current,
		     GError **error);

/* Visit outputs that were loaded, and take over their problems. */
bool roots_take_outputs(struct rooting *rooting, const struct outputs *outputs, const char *where, bool current,
			GError **error);

/* Note something that cannot be read; takes reason. false, with the reason as *error, if nobody wants to know. */
bool roots_add_problem(struct rooting *rooting, const struct rooting_text *text, GError *reason, GError **error);

/* Whether the path may matter at all, by its name. */
bool roots_is_wanted(const struct rooting *rooting, const char *path);

/* Go through the workspace, other worktrees and indexes. */
bool roots_each_worktree(struct rooting *rooting, GError **error);

/* Add to `live` (a set of struct oid) what symbolic links in the work trees lead to, if the store has it. */
bool roots_keep_links(struct workspace *ws, struct store *store, GHashTable *live, GError **error);

/* Go through commits. */
bool roots_each_commit(struct rooting *rooting, GError **error);

/* roots_each() over everything that shares the store. */
bool roots_each_shared(struct workspace *ws, const struct roots_scope *scope, roots_visit visit, void *user,
		       GPtrArray *problems, GError **error);

#endif
