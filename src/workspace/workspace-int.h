/*
 * workspace-int: the private part of a workspace. Private to workspace/.
 */
#ifndef WORKSPACE_WORKSPACE_INT_H
#define WORKSPACE_WORKSPACE_INT_H

#include "workspace/workspace.h"

struct workspace_lazy {
	struct store *store;
	struct index *index;
	struct ignore *ignore;
	GPtrArray *documents; /* what workspace_documents() found, until outputs_load() takes it */
	GHashTable *ruled;    /* set of char *: ignore files whose rules are in `ignore` */
	GPtrArray *nested;    /* folders of nested projects, relative to the root */
	struct lock *lock;
	struct lock *store_lock; /* shared: what was found in the store stays there */
	char *hard_lock, *hard_claim; /* the files of DVC's hard-link lock while we hold it */
};

/*
 * The pointer, pipeline and ignore files of the project and the markers of nested ones that Git tracks or would track:
 * paths relative to the project, sorted. One question to git; the result stays with the workspace until it is taken.
 */
GPtrArray *workspace_documents(struct workspace *ws, GError **error);

/* Add the rules of one more ignore file to workspace_ignore(), once; one that is gone has none. */
bool workspace_add_rules(struct workspace *ws, const char *path, GError **error);

/* Whether path lies in a nested project. workspace_ignore() must have been called. */
bool workspace_is_nested(const struct workspace *ws, const char *path);

/* Make the state directory if it is not there. */
bool workspace_make_state_dir(struct workspace *ws, GError **error);

#endif
