/*
 * worktree: what Git's index and its worktrees hold, asked from the git program (it knows split, sparse and foreign forms).
 */
#ifndef REPO_WORKTREE_H
#define REPO_WORKTREE_H

#include "repo/repo.h"
#include "repo/revision.h"

#include <glib.h>
#include <stdbool.h>

/*
 * Files of the work tree that Git tracks or would track (not ignored), matching any of the pathspecs (git's syntax, relative to the
 * work tree's top), each once, sorted, only those that exist on disk: paths relative to work_tree, strings owned by the array. GIT_INDEX_FILE
 * is obeyed.
 */
GPtrArray *worktree_files(struct repo *repo, const char *const *pathspecs, GError **error);

/* Whether Git's index tracks path itself or anything below it. */
bool worktree_is_tracked(struct repo *repo, const char *path, bool *tracked, GError **error);

/* The subset of `paths` that Git ignores (git check-ignore), in one call: a set of strings owned by the table. */
GHashTable *worktree_ignored(struct repo *repo, GPtrArray *paths, GError **error);

/* Visit every entry of the index of the worktree with that git_dir (all stages: both sides of a conflict). */
bool worktree_index(struct repo *repo, const char *git_dir, revision_visit visit, void *user, GError **error);

/* One checked-out worktree of the repository. */
struct worktree {
	char *path;    /* its top, absolute; NULL for a bare main one */
	char *git_dir; /* absolute */
	bool missing;  /* the directory is gone (prunable, or on a disk that is not mounted) */
};

/* All worktrees, the main one first: a GPtrArray of struct worktree with its free function set. */
GPtrArray *worktree_list(struct repo *repo, GError **error);

/* `git add` these paths (relative to work_tree). */
bool worktree_stage(struct repo *repo, const char *const *paths, GError **error);

/* Whether sparse checkout leaves path (a file, relative to work_tree) out of the work tree. Always false when it is off. */
bool worktree_is_sparse(struct repo *repo, const char *path, bool *left_out, GError **error);

#endif
