/*
 * exclude: lines in .gitignore files that keep Git's hands off tracked data (dvc-formats 16).
 */
#ifndef REPO_EXCLUDE_H
#define REPO_EXCLUDE_H

#include "repo/repo.h"

#include <glib.h>
#include <stdbool.h>

/*
 * Make Git ignore `path` (relative to work_tree) by a line "/name" in the .gitignore of its own directory, which is
 * made if need be, escaped as Git wants, after a newline if the file lacks its last one; nothing if a rule ignores the
 * path already, whether Git tracks it or not. *touched (may be NULL) becomes the .gitignore's path relative to
 * work_tree (new string), NULL if nothing was written. ERROR_UNSAFE if the .gitignore or a directory above is a
 * symbolic link (Git reads no such .gitignore).
 */
bool exclude_add(struct repo *repo, const char *path, char **touched, GError **error);

/*
 * exclude_add() for many paths with one question to git and one write a .gitignore; *touched (may be NULL): array of
 * distinct strings, owned by the caller. After an error some files may have been written; calling it again goes on.
 */
bool exclude_add_all(struct repo *repo, GPtrArray *paths, GPtrArray **touched, GError **error);

/* Drop the line for path, escaped or not; an emptied .gitignore is deleted. Absent line: nothing. *touched as above. */
bool exclude_remove(struct repo *repo, const char *path, char **touched, GError **error);

#endif
