/*
 * repo: the Git repository around a project: where it is, its settings, revisions, trees, refs and index.
 *
 * Everything comes from the git program, so GIT_DIR, GIT_WORK_TREE, `git -C`, `git -c`, includes, safe.directory,
 * worktrees, sha256, reftable, sparse and split indexes, partial clones and alternates work as Git's own. libgit2 only
 * speeds up the reading of many objects (object-int.h). Nothing here writes the Git index but through git. Commit and
 * blob ids are text (40 or 64 hex digits). Main thread only.
 */
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

struct repo {
	char *git_dir;    /* absolute: of this worktree */
	char *common_dir; /* absolute: shared by all worktrees */
	char *work_tree;  /* absolute and normal, without links; NULL for a bare repository and inside of a .git
			     directory */
	char *prefix; /* the current directory below work_tree, "" at its top or outside, without a '/' at the end */
	struct repo_backend *backend; /* private to repo/ */
};

/*
 * Find and open the repository of the current directory (and the environment). ERROR_NOT_FOUND, with `git init` as
 * hint, outside of one; git's own words for a repository that it refuses. Its settings are read at the same time, for
 * config_read().
 */
struct repo *repo_open(GError **error);

/*
 * Open the repository at `path` itself, not above it: the top of a work tree, a .git directory (then without a work
 * tree) or a bare repository, leaving the environment aside. ERROR_NOT_FOUND if there is none.
 */
struct repo *repo_open_at(const char *path, GError **error);

/*
 * Clone `url` without a work tree into `place`, an empty directory or none. What the environment says about the
 * repository that we are in (a hook's GIT_DIR, GIT_OBJECT_DIRECTORY …) is left aside, settings of `git -c` are not.
 */
bool repo_clone(const char *url, const char *place, GError **error);

/* Close it. */
void repo_free(struct repo *repo);

AUTO_DEFINE(repo, repo_free);

/*
 * The path relative to work_tree of `path`, which is absolute or relative to the current directory: by its text first,
 * then with the links in its parent directories resolved. It need not exist. "" for the top; NULL outside. New string.
 */
char *repo_relative_path(const struct repo *repo, const char *path);

/* What is unusual here, as far as it matters: for refusing remote gc and for doctor. */
enum repo_trait {
	REPO_SHALLOW = 1 << 0,
	REPO_PARTIAL = 1 << 1,       /* a promisor remote with a filter */
	REPO_SINGLE_BRANCH = 1 << 2, /* the fetch refspecs of a remote name single branches only */
	REPO_SPARSE = 1 << 3,        /* sparse checkout is on */
};

/* The traits as a bit set; all of them, to be on the safe side, if git cannot read its settings. */
unsigned repo_traits(const struct repo *repo);

#endif
