#include "workspace/settings-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "format/configobj.h"
#include "repo/revision.h"

/* One of DVC's files: where it is, and what it says. */
struct level {
	char *dir;                /* relative paths in it start here */
	struct configobj *config; /* NULL if there is no such file */
	enum spec_scope scope;
};

/* How many files there are. */
#define LEVELS (LEVEL_LOCAL + 1)

static void clear_levels(struct level *levels)
{
	for (int i = 0; i < LEVELS; i++) {
		g_free(levels[i].dir);
		if (levels[i].config)
			configobj_free(levels[i].config);
	}
}

/* The folder of the files that no project has, as DVC's platform library finds it. New string. */
static char *shared_dir(enum settings_level level)
{
	const char *dir = g_getenv(level == LEVEL_SYSTEM ? "DVC_SYSTEM_CONFIG_DIR" : "DVC_GLOBAL_CONFIG_DIR");
	const char *dirs = g_getenv("XDG_CONFIG_DIRS");
	g_autofree char *first = NULL;

	if (dir)
		return g_strdup(dir);
	if (level == LEVEL_GLOBAL)
		return path_join(g_get_user_config_dir(), "dvc");
	first = dirs && *dirs ? g_strndup(dirs, strcspn(dirs, ":")) : g_strdup("/etc/xdg");
	return path_join(first, "dvc");
}

char *settings_dvc_file(enum settings_level level, const char *root)
{
	bool of_project = level == LEVEL_PROJECT || level == LEVEL_LOCAL;
	g_autofree char *dir = NULL;

	if (of_project && !root)
		return NULL;
	dir = of_project ? path_join(root, dialect_dvc.marker) : shared_dir(level);
	return path_join(dir, level == LEVEL_LOCAL ? "config.local" : "config");
}

/* Parse and check one text, so that what makes DVC fail is not silently skipped here. */
static bool parse_level(struct level *level, const char *text, size_t length, const char *name, GError **error)
{
	level->config = configobj_read(text, length, name, error);
	return level->config && configobj_check(level->config, name, error);
}

/* Read one file; an absent one is no error. */
static bool load_level(struct level *level, const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *text = NULL;
	size_t length;

	level->dir = path_parent(path);
	if (file_read(path, SETTINGS_SIZE_LIMIT, &text, &length, &reason))
		return parse_level(level, text, length, path, error);
	if (error_is(reason, ERROR_NOT_FOUND))
		return true;
	g_propagate_error(error, g_steal_pointer(&reason));
	return false;
}

/* In a bare repository the shared file is that of HEAD. */
static bool load_bare(struct level *level, const struct repo *repo, GError **error)
{
	g_autofree char *path = path_join(dialect_dvc.marker, "config"), *text = NULL;
	char head[REVISION_ID_MAX];
	size_t length;

	if (!revision_resolve((struct repo *)repo, "HEAD", head, NULL) ||
	    !revision_read((struct repo *)repo, head, path, SETTINGS_SIZE_LIMIT, &text, &length, NULL))
		return true;
	return parse_level(level, text, length, path, error);
}

static bool load_levels(struct level *levels, const struct settings_source *source, GError **error)
{
	levels[LEVEL_PROJECT].scope = SPEC_COMMITTED;
	levels[LEVEL_LOCAL].scope = SPEC_HERE;
	levels[LEVEL_SYSTEM].scope = levels[LEVEL_GLOBAL].scope = SPEC_EVERYWHERE;
	for (int i = 0; i < LEVELS; i++) {
		g_autofree char *path = settings_dvc_file(i, source->root);

		if (path && !load_level(&levels[i], path, error))
			return false;
	}
	return source->root || load_bare(&levels[LEVEL_PROJECT], source->repo, error);
}

/* The value that holds, and the level that it comes from (NULL: do not tell). */
static const char *look_up(const struct level *levels, const char *section, const char *option,
			   const struct level **where)
{
	for (int i = LEVELS - 1; i >= 0; i--) {
		const char *value = levels[i].config ? configobj_get(levels[i].config, section, option) : NULL;

		if (value) {
			if (where)
				*where = &levels[i];
			return value;
		}
	}
	return NULL;
}

static bool look_up_bool(const struct level *levels, const char *section, const char *option, bool *value,
			 GError **error)
{
	const char *text = look_up(levels, section, option, NULL);

	if (!text)
		return true;
	*value = !g_ascii_strcasecmp(text, "true");
	if (*value || !g_ascii_strcasecmp(text, "false"))
		return true;
	error_set(error, ERROR_USAGE, "%s.%s: '%s' is neither true nor false", section, option, text);
	return false;
}

bool settings_is_path_option(const char *option)
{
	static const char *const paths[] = {"keyfile",
					    "credentialpath",
					    "configpath",
					    "cert_path",
					    "key_path",
					    "gdrive_user_credentials_file",
					    "gdrive_service_account_json_file_path",
					    NULL};

	return g_strv_contains(paths, option);
}

/* Take one section `remote "name"`. */
static void take_remote(struct settings *settings, const struct level *level, const char *section)
{
	const char *quote = strchr(section, '"');
	g_autofree char *name = g_strndup(quote + 1, strcspn(quote + 1, "\""));
	g_auto(GStrv) options = configobj_options(level->config, section);

	settings_make_remote(settings, name);
	for (char **option = options; *option; option++) {
		const char *value = configobj_get(level->config, section, *option);
		bool is_path = g_str_equal(*option, "url") || settings_is_path_option(*option);
		g_autofree char *text = is_path ? settings_locate(value, level->dir) : g_strdup(value);

		settings_take_option(settings, name, *option, text, level->scope);
	}
}

static void take_remotes(struct settings *settings, const struct level *levels)
{
	for (int i = 0; i < LEVELS; i++) {
		g_auto(GStrv) sections = levels[i].config ? configobj_sections(levels[i].config) : NULL;

		for (char **section = sections; section && *section; section++) {
			if (g_str_has_prefix(*section, "remote \""))
				take_remote(settings, &levels[i], *section);
		}
	}
}

/* An url that names another remote, and a path below that. */
#define REMOTE_SCHEME "remote://"

/* Give a spec what it does not set itself, and its url in place of the other's name and path. */
static void inherit(struct remote_spec *spec, const struct remote_spec *base, const char *path)
{
	GHashTableIter iter;
	gpointer option, value;
	char *url = *path ? g_strconcat(base->url, g_str_has_suffix(base->url, "/") ? "" : "/", path, NULL)
			  : g_strdup(base->url);

	g_free(spec->url);
	spec->url = url;
	spec->committed |= base->committed;
	g_hash_table_iter_init(&iter, base->options);
	while (g_hash_table_iter_next(&iter, &option, &value)) {
		if (!remote_spec_get(spec, option))
			g_hash_table_insert(spec->options, g_strdup(option), g_strdup(value));
	}
}

/* Follow urls that name other remotes. `depth` counts the steps: more than there are remotes go in a circle. */
static bool resolve_remote(struct settings *settings, const struct config *config, struct remote_spec *spec, guint depth,
			   GError **error)
{
	const char *name, *path;
	g_autofree char *wanted = NULL, *below = NULL;
	struct remote_spec *base = NULL;

	if (!g_str_has_prefix(spec->url, REMOTE_SCHEME)) {
		settings_bind_secrets(spec, config);
		return true;
	}
	name = spec->url + strlen(REMOTE_SCHEME);
	path = name + strcspn(name, "/");
	wanted = g_strndup(name, (gsize)(path - name));
	below = g_strdup(path + strspn(path, "/"));
	for (guint i = 0; i < settings->remotes->len && !base; i++) {
		struct remote_spec *other = settings->remotes->pdata[i];

		if (!g_ascii_strcasecmp(other->name, wanted))
			base = other;
	}
	if (!base || depth > settings->remotes->len) {
		error_set(error, ERROR_USAGE, base ? "remote '%s': its url '%s' leads back to itself"
						   : "remote '%s': its url '%s' names a remote that does not exist",
			  spec->name, spec->url);
		error_hint(error, "git mlv remote modify %s url <path or URL>", spec->name);
		return false;
	}
	if (!resolve_remote(settings, config, base, depth + 1, error))
		return false;
	inherit(spec, base, below);
	settings_bind_secrets(spec, config);
	return true;
}

/* What DVC refuses in any command: a remote that is nowhere, or only in terms of itself. */
static bool settle_remotes(struct settings *settings, const struct config *config, GError **error)
{
	for (guint i = 0; i < settings->remotes->len; i++) {
		struct remote_spec *spec = settings->remotes->pdata[i];

		if (!*spec->url) {
			error_set(error, ERROR_USAGE, "remote '%s' has no url", spec->name);
			error_hint(error, "git mlv remote modify %s url <path or URL>", spec->name);
			return false;
		}
		if (!resolve_remote(settings, config, spec, 1, error))
			return false;
		/* what DVC does when it is not told otherwise */
		if (g_str_has_prefix(spec->url, "http") && !remote_spec_get(spec, "method"))
			g_hash_table_insert(spec->options, g_strdup("method"), g_strdup("POST"));
	}
	return true;
}

static char *store_place(const struct level *levels, const struct settings_source *source)
{
	const struct level *level = NULL;
	const char *dir = look_up(levels, "cache", "dir", &level);
	g_autofree char *marker = NULL;

	if (dir)
		return settings_locate(dir, level->dir ? level->dir : source->repo->common_dir);
	if (!source->root)
		return path_join(source->repo->common_dir, "mlv");
	marker = path_join(source->root, dialect_dvc.marker);
	return path_join(marker, "cache");
}

static bool take_values(struct settings *settings, const struct level *levels, GError **error)
{
	const char *links = look_up(levels, "cache", "type", NULL);
	const char *parse_bool = look_up(levels, "parsing", "bool", NULL);
	const char *parse_list = look_up(levels, "parsing", "list", NULL);
	g_autofree char *remote = g_strdup(look_up(levels, "core", "remote", NULL));

	settings->default_remote = remote ? g_ascii_strdown(remote, -1) : NULL;
	settings->store.shared_group = !g_strcmp0(look_up(levels, "cache", "shared", NULL), "group");
	settings->parsing.bool_optional = !g_strcmp0(parse_bool, "boolean_optional");
	settings->parsing.list_append = !g_strcmp0(parse_list, "append");
	return look_up_bool(levels, "core", "autostage", &settings->autostage, error) &&
	       look_up_bool(levels, "core", "hardlink_lock", &settings->hardlink_lock, error) &&
	       (!links || settings_set_links(settings, links, "cache.type", error));
}

bool settings_read_dvc(struct settings *settings, const struct settings_source *source, GError **error)
{
	struct level levels[LEVELS] = {0};
	bool ok = load_levels(levels, source, error) && take_values(settings, levels, error);

	if (ok) {
		settings->store_root = store_place(levels, source);
		take_remotes(settings, levels);
		ok = settle_remotes(settings, source->config, error);
	}
	clear_levels(levels);
	return ok;
}
