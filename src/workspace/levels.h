/*
 * levels: the places where settings stand, one above the other, and how they are listed and changed there: for `git mlv
 * config` and `git mlv remote`. settings.h is what holds in the end.
 *
 * Native: .mlvconfig (project) and Git's own files. DVC: its four files; the keys "mlv.…", which DVC does not know,
 * stand in Git's files there, too. A key is "mlv.links" or "mlv-remote.<name>.<option>", in a DVC project "cache.type"
 * or "remote.<name>.<option>". Main thread only.
 */
#ifndef WORKSPACE_LEVELS_H
#define WORKSPACE_LEVELS_H

#include "format/dialect.h"
#include "repo/config.h"
#include "repo/repo.h"
#include "workspace/settings.h"

#include <glib.h>
#include <stdbool.h>

/* Whose settings; all borrowed. Outside of a project root is NULL and the dialect native; outside of a repository repo
 * is NULL. */
struct levels {
	const struct repo *repo;
	const struct config *config;
	const struct dialect *dialect;
	const char *root;
};

/* One setting at one level; owned by the list that it is in. */
struct level_value {
	char *key;    /* canonical, as levels_key() makes it */
	char *value;  /* paths in DVC's files are absolute */
	char *origin; /* the file as the user would name it from the current directory; "command line" */
	enum settings_level level;
	bool ignored; /* stands in the committed file, but is not allowed there */
};

/* All settings of ours at one level or at any, those that override others last. A GPtrArray with its free function, or
 * NULL. */
GPtrArray *levels_list(const struct levels *levels, enum settings_level level, GError **error);

/* The entry of the list that holds for a canonical key, NULL if there is none. */
const struct level_value *levels_find(GPtrArray *list, const char *key);

/* All settings that mean something here, for people; ended by a NULL name. */
const struct settings_key *levels_keys(const struct levels *levels);

/* The canonical form of a key as a user types it, as a new string. ERROR_USAGE if there can be no such key. */
char *levels_key(const struct levels *levels, const char *text, GError **error);

/*
 * Where `key` is set when the user names no level: the project; in a DVC project local for what DVC's files cannot hold. A personal key
 * is then refused, with --local as the hint: where a secret goes is the user's to say.
 */
enum settings_level levels_default(const struct levels *levels, const char *key);

/*
 * Set a canonical key, or with value NULL unset it, at one level (not LEVEL_ANY). A relative path is taken from the
 * current directory and written as the file wants it. ERROR_NOT_FOUND for unsetting what is not set; ERROR_USAGE where
 * the key or value may not stand.
 */
bool levels_set(const struct levels *levels, enum settings_level level, const char *key, const char *value,
		GError **error);

/*
 * Give a remote another name at one level, its options as they are written there; with `to` NULL forget it there. Nothing if the level does not
 * have it.
 */
bool levels_rename_remote(const struct levels *levels, enum settings_level level, const char *from, const char *to,
			  GError **error);

#endif
