/*
 * settings: what a project is set to, whichever dialect it speaks: native from Git config and the allowed keys of
 * .mlvconfig, DVC's from its four config files. One read-only struct for everyone above.
 */
#ifndef WORKSPACE_SETTINGS_H
#define WORKSPACE_SETTINGS_H

#include "base/auto.h"
#include "format/dialect.h"
#include "remote/spec.h"
#include "repo/config.h"
#include "repo/repo.h"
#include "store/store.h"

#include <glib.h>
#include <stdbool.h>

struct settings {
	char *store_root; /* absolute */
	struct store_options store;
	GPtrArray *remotes;    /* of struct remote_spec, owned, in order of first mention */
	char *default_remote;  /* or NULL */
	bool autostage;        /* core.autostage, mlv.autostage: git add what we write */
	unsigned jobs;         /* transfers at once; 0: the engine decides */
	unsigned threads;      /* hashing and copying */
	int64_t gc_grace;      /* seconds */
	int64_t max_rate;      /* bytes a second, 0: no limit */
	int64_t stall_timeout; /* seconds */
	bool hardlink_lock;    /* core.hardlink_lock of DVC */
	struct {
		bool bool_optional, list_append;
	} parsing; /* dvc-formats 4 */
};

/* Read them for the project at `root` (absolute; NULL for a bare repository: Git config only). */
struct settings *settings_read(const struct repo *repo, const struct config *config, const struct dialect *dialect,
			       const char *root, GError **error);

/* The remote of that name, or with NULL the default (the only one if just one is set). ERROR_NOT_FOUND hints at `git
 * mlv remote add`. */
const struct remote_spec *settings_remote(const struct settings *settings, const char *name, GError **error);

/*
 * The places where a setting may stand; levels.h changes them. Later ones override earlier ones, but the committed file of a native project
 * stands below all of Git's.
 */
enum settings_level { LEVEL_SYSTEM, LEVEL_GLOBAL, LEVEL_PROJECT, LEVEL_LOCAL, LEVEL_ANY };

/* One key that can be set, for `git mlv config` and its help. */
struct settings_key {
	const char *name;     /* "mlv.links", "mlv-remote.<name>.url"; DVC: "cache.type", … */
	const char *fallback; /* what holds when unset */
	const char *help;     /* half a line */
	bool shareable;       /* may stand in the committed .mlvconfig */
};

/* The native keys, ended by a NULL name. */
extern const struct settings_key settings_keys[];

/* Whether a canonical native key may stand in the committed .mlvconfig: one that cannot run, reveal or weaken anything.
 */
bool settings_is_shareable(const char *key);

/* Free them. */
void settings_free(struct settings *settings);

AUTO_DEFINE(settings, settings_free);

/* A remote's URL as a list may show it: with *** for a password. New string. */
char *settings_mask_url(const char *url);

#endif
