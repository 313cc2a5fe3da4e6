/*
 * settings-int: what the readers of the two dialects share. Private to workspace/settings*.c.
 */
#ifndef WORKSPACE_SETTINGS_INT_H
#define WORKSPACE_SETTINGS_INT_H

#include "workspace/settings.h"

/* Longest config file of DVC accepted, in bytes. */
#define SETTINGS_SIZE_LIMIT ((size_t)16 << 20)

/* What a reader gets. */
struct settings_source {
	const struct repo *repo;
	const struct config *config;
	const char *root; /* of the project; NULL in a bare repository */
};

/* Fill settings from .mlvconfig and Git config. */
bool settings_read_native(struct settings *settings, const struct settings_source *source, GError **error);

/* Fill settings from DVC's four files and, for what DVC does not have, from Git config. */
bool settings_read_dvc(struct settings *settings, const struct settings_source *source, GError **error);

/* Where DVC's file of a level is; NULL for those of a project if root is NULL. New string. */
char *settings_dvc_file(enum settings_level level, const char *root);

/* Whether an option of a DVC remote, other than its url, names a file. */
bool settings_is_path_option(const char *option);

/* Read the numbers that both dialects take from Git config: jobs, threads, grace, rate, timeout. */
bool settings_read_numbers(struct settings *settings, const struct config *config, GError **error);

/* Set the link order from text ("reflink,copy"); `key` names the setting in errors. */
bool settings_set_links(struct settings *settings, const char *text, const char *key, GError **error);

/* The remote of that name, made if it is not there yet. Owned by the settings. */
struct remote_spec *settings_make_remote(struct settings *settings, const char *name);

/*
 * Note one option, or the "url", of a remote as it stands somewhere; later calls override earlier ones. Of a committed
 * file nothing is taken that is a secret, names the file of one, or weakens the check of certificates.
 */
void settings_take_option(struct settings *settings, const char *remote, const char *option, const char *value,
			  enum spec_scope scope);

/*
 * Once all is taken and the spec's url is final: is it committed? Then secrets that were not given for its host, as
 * settings-bind.c explains, go to spec->withheld. `config` is Git's.
 */
void settings_bind_secrets(struct remote_spec *spec, const struct config *config);

/*
 * A path from a setting: '~' expanded, a relative one taken from `dir` (NULL: left as it is). Text with a scheme
 * ("s3://…") is returned unchanged. New string.
 */
char *settings_locate(const char *text, const char *dir);

/* Seconds from "never", "now", "36h", "14d", "2.weeks", "2.weeks.ago" or a plain number of seconds; false if it is none
 * of these. */
bool settings_parse_duration(const char *text, int64_t *seconds);

#endif
