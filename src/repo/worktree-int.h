/*
 * worktree-int: questions about the work tree that only repo/ asks.
 */
#ifndef REPO_WORKTREE_INT_H
#define REPO_WORKTREE_INT_H

#include "repo/repo.h"

/* worktree_ignored(); without use_index by the rules alone, whether Git tracks a path or not. */
GHashTable *worktree_check_ignore(struct repo *repo, GPtrArray *paths, bool use_index, GError **error);

#endif
