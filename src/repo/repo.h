/*
 * repo: the Git repository around a project: where it is, its settings, revisions, trees, refs and index.
 *
 * Discovery and configuration always come from the git program, so GIT_DIR, GIT_WORK_TREE, `git -C`, `git -c`, includes and
 * safe.directory work as Git's own. Objects, trees and refs of plain repositories are read through libgit2; where libgit2
 * 1.5 cannot read a repository (sha256, reftable, sparse or split index, skipHash, worktreeConfig, foreign owner) the git program
 * answers instead, chosen once at open time and invisible to callers. Nothing here writes the Git index but through git.
 * Commit and blob ids are text (40 or 64 hex digits). Main thread only.
 */
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

struct repo {
	char *git_dir;    /* absolute: of this worktree */
	char *common_dir; /* absolute: shared by all worktrees */
	char *work_tree;  /* absolute and normal, without links; NULL for a bare repository */
	char *prefix;     /* the current directory below work_tree, "" at its top, without a '/' at the end */
	bool plumbing;    /* the git program answers in place of libgit2 */
	struct repo_backend *backend; /* private to repo/ */
};

/*
 * Find and open the repository of the current directory (and the environment). ERROR_NOT_FOUND, with `git init` as hint, outside of one;
 * git's own words for a repository that it refuses.
 */
struct repo *repo_open(GError **error);

/* Open the repository at a path (a work tree, a .git directory or a bare repository), leaving the environment aside. */
struct repo *repo_open_at(const char *path, GError **error);

/* Close it. */
void repo_free(struct repo *repo);

AUTO_DEFINE(repo, repo_free);

/* The repository's absolute path of path, relative to work_tree; NULL if it lies outside. `path` may be relative to the cwd. New string. */
char *repo_relative_path(const struct repo *repo, const char *path);

/* What is unusual here, as far as it matters: for refusing remote gc and for doctor. */
enum repo_trait {
	REPO_SHALLOW = 1 << 0,
	REPO_PARTIAL = 1 << 1,       /* a promisor remote with a filter */
	REPO_SINGLE_BRANCH = 1 << 2, /* the fetch refspec names one branch only */
	REPO_SPARSE = 1 << 3,        /* sparse checkout is on */
};

/* The traits as a bit set. */
unsigned repo_traits(const struct repo *repo);

#endif
