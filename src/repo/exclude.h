/*
 * exclude: lines in .gitignore files that keep Git's hands off tracked data (dvc-formats 16).
 */
#ifndef REPO_EXCLUDE_H
#define REPO_EXCLUDE_H

#include "repo/repo.h"

#include <glib.h>
#include <stdbool.h>

/*
 * Make Git ignore `path` (relative to work_tree) by a line "/name" in the .gitignore of its own directory, escaped as Git
 * wants, after a newline if the file lacks its last one; nothing if Git ignores the path already. *touched (may be NULL) becomes the
 * .gitignore's path relative to work_tree (new string), NULL if nothing was written.
 */
bool exclude_add(struct repo *repo, const char *path, char **touched, GError **error);

/* exclude_add() for many paths with one question to git; *touched: array of distinct strings, owned by the caller. */
bool exclude_add_all(struct repo *repo, GPtrArray *paths, GPtrArray **touched, GError **error);

/* Drop the line for path, escaped or not; an emptied .gitignore is deleted. Absent line: nothing. *touched as above. */
bool exclude_remove(struct repo *repo, const char *path, char **touched, GError **error);

#endif
