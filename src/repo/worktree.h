/*
 * worktree: what Git's index and its worktrees hold, asked from the git program (it knows split, sparse and foreign
 * forms).
 */
#ifndef REPO_WORKTREE_H
#define REPO_WORKTREE_H

#include "repo/repo.h"
#include "repo/revision.h"

#include <glib.h>
#include <stdbool.h>

/*
 * Files of the work tree that Git tracks or would track (not ignored), matching any of the pathspecs (git's syntax,
 * relative to the work tree's top; NULL-terminated; none: all), each once, sorted by bytes, only those that exist on
 * disk as files or links: paths relative to work_tree, strings owned by the array. GIT_INDEX_FILE is obeyed,
 * GIT_LITERAL_PATHSPECS is not. None without a work tree.
 */
GPtrArray *worktree_files(struct repo *repo, const char *const *pathspecs, GError **error);

/* The same for files that Git ignores and does not track. This looks through all that is ignored. */
GPtrArray *worktree_ignored_files(struct repo *repo, const char *const *pathspecs, GError **error);

/* Whether Git's index tracks path itself or anything below it. */
bool worktree_is_tracked(struct repo *repo, const char *path, bool *tracked, GError **error);

/*
 * The subset of `paths` (relative to work_tree) that Git ignores and does not track (git check-ignore), in one call: a
 * set of strings owned by the table. A path need not exist.
 */
GHashTable *worktree_ignored(struct repo *repo, GPtrArray *paths, GError **error);

/*
 * Visit every entry of the index of the worktree with that git_dir (all stages: both sides of a conflict).
 * GIT_INDEX_FILE holds for the repository's own git_dir only.
 */
bool worktree_index(struct repo *repo, const char *git_dir, revision_visit visit, void *user, GError **error);

/* One checked-out worktree of the repository. */
struct worktree {
	char *path;    /* its top, absolute; NULL for a bare main one, and where its git_dir does not tell */
	char *git_dir; /* absolute */
	bool missing;  /* the directory is gone (prunable, or on a disk that is not mounted) */
	bool locked;   /* `git worktree lock`: its directory comes and goes, and is not given up */
};

/* All worktrees, the main one first: a GPtrArray of struct worktree with its free function set. */
GPtrArray *worktree_list(struct repo *repo, GError **error);

/* `git add` these paths (relative to work_tree, taken literally), through filters, in a sparse checkout too. */
bool worktree_stage(struct repo *repo, const char *const *paths, GError **error);

/*
 * The files that sparse checkout leaves out of the work tree (their index entries have Git's skip-worktree bit): a set
 * of paths relative to work_tree, owned by the table; empty, without asking the index, when sparse checkout is off. For
 * data without an entry of its own, ask for its pointer file: the pointer is left out, so is the data.
 */
GHashTable *worktree_left_out(struct repo *repo, GError **error);

/* Whether path, a file in Git's index such as a pointer, is in worktree_left_out(). For a single question. */
bool worktree_is_sparse(struct repo *repo, const char *path, bool *left_out, GError **error);

#endif
