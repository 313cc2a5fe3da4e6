#include "workspace/levels-int.h"

#include "base/error.h"
#include "base/path.h"

#define OWN_SECTION    "mlv."
#define REMOTE_SECTION "mlv-remote."
#define FILE_ORIGIN    "file:" /* how git begins the origin of what stands in a file */

static void value_free(gpointer data)
{
	struct level_value *value = data;

	g_free(value->key);
	g_free(value->value);
	g_free(value->origin);
	g_free(value);
}

char *levels_show_file(const struct levels *levels, const char *path)
{
	const char *top = levels->repo ? levels->repo->work_tree : NULL;
	g_autofree char *here = g_get_current_dir(), *full = NULL;

	if (!top)
		return g_strdup(path);
	full = path_join(top, path);
	return path_is_inside(full, top) && path_is_inside(here, top) ? path_relative(full, here) : g_strdup(full);
}

struct level_value *levels_add(GPtrArray *list, enum settings_level level, const char *key, const char *value)
{
	struct level_value *entry = g_new0(struct level_value, 1);

	entry->key = g_strdup(key);
	entry->value = g_strdup(value);
	entry->level = level;
	g_ptr_array_add(list, entry);
	return entry;
}

char *levels_rebase(const char *text, const char *dir)
{
	g_autofree char *here = NULL, *joined = NULL, *path = NULL;

	if (!*text || *text == '/' || *text == '~' || path_is_url(text))
		return g_strdup(text);
	here = g_get_current_dir();
	joined = path_join(here, text);
	path = path_normal(joined);
	return path_relative(path, dir);
}

static bool is_dvc(const struct levels *levels, const char *key)
{
	return levels->dialect == &dialect_dvc && g_ascii_strncasecmp(key, OWN_SECTION, strlen(OWN_SECTION)) != 0;
}

/* --- the committed file of a native project --- */

/* Where it is; NULL outside of a native project. New string. */
static char *project_file(const struct levels *levels)
{
	return levels->root && levels->dialect == &dialect_native ? path_join(levels->root, levels->dialect->marker)
								  : NULL;
}

static bool list_project(const struct levels *levels, GPtrArray *list, GError **error)
{
	g_autofree char *path = project_file(levels);
	autoptr(config) config = NULL;

	if (!path)
		return true;
	config = config_read_file(path, error);
	for (size_t i = 0; config && i < config_count(config); i++) {
		const struct config_value *value = config_at(config, i);
		struct level_value *entry = levels_add(list, LEVEL_PROJECT, value->key, value->value);

		entry->origin = levels_show_file(levels, path);
		entry->ignored = !settings_is_shareable(value->key);
	}
	return config != NULL;
}

/* --- Git's files --- */

static enum settings_level git_level(const char *scope)
{
	if (strcmp(scope, "system") == 0)
		return LEVEL_SYSTEM;
	return strcmp(scope, "global") == 0 ? LEVEL_GLOBAL : LEVEL_LOCAL;
}

static void list_git(const struct levels *levels, enum settings_level level, GPtrArray *list)
{
	bool native = levels->dialect == &dialect_native;

	for (size_t i = 0; i < config_count(levels->config); i++) {
		const struct config_value *value = config_at(levels->config, i);
		enum settings_level here = git_level(value->scope);
		struct level_value *entry;

		if (!g_str_has_prefix(value->key, OWN_SECTION) &&
		    !(native && g_str_has_prefix(value->key, REMOTE_SECTION)))
			continue;
		/* What the command line sets stands in no file. */
		if (level != LEVEL_ANY && (here != level || strcmp(value->scope, "command") == 0))
			continue;
		entry = levels_add(list, here, value->key, value->value);
		entry->origin = g_str_has_prefix(value->origin, FILE_ORIGIN)
					? levels_show_file(levels, value->origin + strlen(FILE_ORIGIN))
					: g_strndup(value->origin, strcspn(value->origin, ":"));
	}
}

GPtrArray *levels_list(const struct levels *levels, enum settings_level level, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(value_free);

	if (levels->dialect == &dialect_dvc && !levels_list_dvc(levels, level, list, error))
		return NULL;
	if ((level == LEVEL_PROJECT || level == LEVEL_ANY) && !list_project(levels, list, error))
		return NULL;
	if (level != LEVEL_PROJECT)
		list_git(levels, level, list);
	return g_steal_pointer(&list);
}

const struct level_value *levels_find(GPtrArray *list, const char *key)
{
	for (guint i = list->len; i > 0; i--) {
		const struct level_value *value = list->pdata[i - 1];

		if (!value->ignored && strcmp(value->key, key) == 0)
			return value;
	}
	return NULL;
}

/* Git's canonical form: section and name in lower case, the middle as it is. A blank in place of the dots would be no
 * key. */
static char *git_key(const char *text)
{
	char *key = g_strdup(text), *first = strchr(key, '.'), *last = strrchr(key, '.');

	for (char *at = key; *at; at++)
		if (at < first || at > last)
			*at = g_ascii_tolower(*at);
	return key;
}

const struct settings_key *levels_keys(const struct levels *levels)
{
	return levels->dialect == &dialect_dvc ? levels_keys_dvc : settings_keys;
}

/* Whether there is a setting of that canonical name. */
static bool is_known(const struct levels *levels, const char *key)
{
	const char *dot = strrchr(key, '.');

	/* Names of options are Git's: letters, digits and '-', a letter first. */
	if (g_str_has_prefix(key, REMOTE_SECTION))
		return dot > key + strlen(REMOTE_SECTION) && g_ascii_isalpha(dot[1]) &&
		       strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(dot + 1);
	for (const struct settings_key *known = levels_keys(levels); known->name; known++)
		if (g_ascii_strcasecmp(known->name, key) == 0)
			return true;
	return false;
}

char *levels_key(const struct levels *levels, const char *text, GError **error)
{
	g_autofree char *key = NULL;

	if (is_dvc(levels, text))
		return levels_key_dvc(text, error);
	if (strchr(text, '.')) {
		key = git_key(text);
		/* DVC writes some options with '_', which Git does not allow in a name. */
		if (g_str_has_prefix(key, REMOTE_SECTION))
			g_strdelimit(strrchr(key, '.'), "_", '-');
	}
	if (!key || !is_known(levels, key)) {
		error_set(error, ERROR_USAGE, "there is no setting '%s'", text);
		error_hint(error, "git mlv config --help-keys lists them");
		return NULL;
	}
	return g_steal_pointer(&key);
}

enum settings_level levels_default(const struct levels *levels, const char *key)
{
	if (!levels->root || (levels->dialect == &dialect_dvc && !is_dvc(levels, key)))
		return LEVEL_LOCAL;
	return LEVEL_PROJECT;
}

/* --- setting in Git's syntax --- */

static bool is_path(const char *key)
{
	return strcmp(key, "mlv.store") == 0 ||
	       (g_str_has_prefix(key, REMOTE_SECTION) && g_str_has_suffix(key, ".url"));
}

/* What is written for a value: relative paths start at the project, or in files that know no project, at the root of
 * all. New string. */
static char *written_value(const struct levels *levels, enum settings_level level, const char *key, const char *value)
{
	bool shared = level == LEVEL_SYSTEM || level == LEVEL_GLOBAL;
	g_autofree char *relative = NULL, *joined = NULL;

	if (!value || !is_path(key))
		return g_strdup(value);
	if (!shared && levels->root)
		return levels_rebase(value, levels->root);
	relative = levels_rebase(value, "/");
	if (*relative == '/' || *relative == '~' || strcmp(relative, value) == 0)
		return g_steal_pointer(&relative);
	joined = path_join("/", relative);
	return path_normal(joined);
}

static bool set_project(const struct levels *levels, const char *key, const char *value, GError **error)
{
	g_autofree char *path = project_file(levels);

	if (!path) {
		error_set(error, ERROR_USAGE, "'%s' cannot be set for a project here", key);
		error_hint(error, "git mlv config --local %s <value> sets it in this clone", key);
		return false;
	}
	if (value && !settings_is_shareable(key)) {
		error_set(error, ERROR_USAGE,
			  "'%s' is personal: %s comes to everybody with a clone, so it may not say this", key,
			  levels->dialect->marker);
		error_hint(error, "git mlv config --local %s <value> sets it in this clone, --global for you", key);
		return false;
	}
	return config_set(levels->repo, path, key, value, error);
}

/* Names of git's scopes; the project's file has none. */
static const char *const scopes[] = {[LEVEL_SYSTEM] = "system", [LEVEL_GLOBAL] = "global", [LEVEL_LOCAL] = "local"};

bool levels_set(const struct levels *levels, enum settings_level level, const char *key, const char *value,
		GError **error)
{
	g_autofree char *written = NULL;

	if (is_dvc(levels, key))
		return levels_set_dvc(levels, level, key, value, error);
	written = written_value(levels, level, key, value);
	if (level == LEVEL_PROJECT)
		return set_project(levels, key, written, error);
	if (level == LEVEL_LOCAL && !levels->repo) {
		error_set(error, ERROR_USAGE, "no Git repository here, whose settings could hold '%s'", key);
		error_hint(error, "--global sets it for you, everywhere");
		return false;
	}
	return config_set(levels->repo, scopes[level], key, written, error);
}

bool levels_rename_remote(const struct levels *levels, enum settings_level level, const char *from, const char *to,
			  GError **error)
{
	g_autofree char *old = g_strconcat(REMOTE_SECTION, from, NULL), *new = to ? g_strconcat(REMOTE_SECTION, to, NULL) : NULL;
	g_autofree char *project = project_file(levels), *prefix = g_strconcat(old, ".", NULL);
	g_autoptr(GPtrArray) list = NULL;
	bool known = false;

	if (levels->dialect == &dialect_dvc)
		return levels_rename_remote_dvc(levels, level, from, to, error);
	list = levels_list(levels, level, error);
	for (guint i = 0; list && i < list->len; i++)
		known |= g_str_has_prefix(((const struct level_value *)list->pdata[i])->key, prefix);
	if (!list || !known)
		return list != NULL;
	return config_rename_section(levels->repo, level == LEVEL_PROJECT ? project : scopes[level], old, new, error);
}
