/*
 * levels-int: what the two dialects' files share. Private to workspace/levels*.c.
 */
#ifndef WORKSPACE_LEVELS_INT_H
#define WORKSPACE_LEVELS_INT_H

#include "workspace/levels.h"

/* Add a copy of one value to a list, with its origin still to be set. */
struct level_value *levels_add(GPtrArray *list, enum settings_level level, const char *key, const char *value);

/*
 * A file as the user would name it from the current directory: the way to it inside the work tree, else in full. A
 * relative path starts at the work tree's top, as git tells it. New string.
 */
char *levels_show_file(const struct levels *levels, const char *path);

/* The settings of a DVC project: DVC's own as far as we obey them, and ours for what DVC lacks. Ended by a NULL name.
 */
extern const struct settings_key levels_keys_dvc[];

/* DVC's files: list, canonical key, set. As the functions without _dvc, for keys that are not "mlv.…". */
bool levels_list_dvc(const struct levels *levels, enum settings_level level, GPtrArray *list, GError **error);
char *levels_key_dvc(const char *text, GError **error);
bool levels_set_dvc(const struct levels *levels, enum settings_level level, const char *key, const char *value,
		    GError **error);

/* levels_rename_remote() in DVC's files. */
bool levels_rename_remote_dvc(const struct levels *levels, enum settings_level level, const char *from, const char *to,
			      GError **error);

/* A relative path from the user, who stands in the current directory, as one from directory `dir`; other text as it is.
 * New string. */
char *levels_rebase(const char *text, const char *dir);

#endif
