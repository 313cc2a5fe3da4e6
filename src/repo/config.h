/*
 * config: Git settings, read once from `git config --list -z --show-scope --show-origin` in the repository.
 *
 * Keys are Git's canonical form: section and name in lower case, the middle as it is ("mlv-remote.Origin.url"). A key
 * may have several values; the last one holds. A config does not change any more once it is there. Main thread only.
 */
#ifndef REPO_CONFIG_H
#define REPO_CONFIG_H

#include "base/auto.h"
#include "repo/repo.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct config;

/* One value with where it came from. */
struct config_value {
	const char *key, *value; /* value "true" for a key without one */
	const char *scope;  /* "system", "global", "local", "worktree", "command"; "file" from config_read_file() */
	const char *origin; /* "file:.git/config", … */
};

/* All settings that hold in repo (NULL: outside of any). Read once; later calls give the same until config_set(). */
struct config *config_read(const struct repo *repo, GError **error);

/*
 * Read one file of Git-config syntax, such as .mlvconfig: includes are not followed. An absent file gives an empty one;
 * ERROR_CORRUPT names path and line, ERROR_UNSAFE a file that is too large.
 */
struct config *config_read_file(const char *path, GError **error);

/* The last value of key, NULL if unset. Owned by the config. */
const char *config_get(const struct config *config, const char *key);

/* As config_get(), with where it came from. */
const struct config_value *config_find(const struct config *config, const char *key);

/* All values, in the order of Git's precedence (later wins). */
size_t config_count(const struct config *config);
const struct config_value *config_at(const struct config *config, size_t i);

/*
 * Git's reading of booleans (true, yes, on, a number other than 0; false, no, off, 0, nothing) and of numbers with k,
 * m, g. `fallback` if unset; ERROR_USAGE naming key and origin if it is neither.
 */
bool config_get_bool(const struct config *config, const char *key, bool fallback, bool *value, GError **error);
bool config_get_int(const struct config *config, const char *key, int64_t fallback, int64_t *value, GError **error);

/*
 * Set, or with value NULL unset, key in a scope ("local", "global", "system", "worktree") through git, or in the file
 * `scope` if it holds a '/'. All values that it had there go. Unsetting what is not set is ERROR_NOT_FOUND, a malformed
 * key ERROR_USAGE. `repo` may be NULL for global, system and a file.
 */
bool config_set(const struct repo *repo, const char *scope, const char *key, const char *value, GError **error);

/* Rename or (new_name NULL) remove the section "mlv-remote.NAME"-style; scope as above. ERROR_NOT_FOUND if it is not
 * there. */
bool config_rename_section(const struct repo *repo, const char *scope, const char *old_name, const char *new_name,
			   GError **error);

/* Free it. */
void config_free(struct config *config);

AUTO_DEFINE(config, config_free);

#endif
