#include "workspace/levels-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "format/configobj.h"
#include "workspace/settings-int.h"

/* Sections with a name: remote "x". DVC lists them in this order, before all others. */
static const char *const named_sections[] = {"remote", "db", "machine", NULL};

const struct settings_key levels_keys_dvc[] = {
	{"core.remote", "the only one", "the remote that push, fetch and pull use", true},
	{"core.autostage", "false", "give changed pointers and .gitignore files to git add", true},
	{"core.hardlink_lock", "false", "lock without flock, for file systems that lack it", true},
	{"cache.dir", "cache, beside the settings", "where objects are kept", true},
	{"cache.type", "reflink,copy", "how files are placed, best first: reflink, hardlink, symlink, copy", true},
	{"cache.shared", "", "group: objects may be written by the group", true},
	{"parsing.bool", "store_true", "how templates write true: store_true or boolean_optional", true},
	{"parsing.list", "nargs", "how templates write lists: nargs or append", true},
	{"remote.<name>.url", "", "where the remote is: git-mlv-remotes(7)", true},
	{"remote.<name>.<option>", "", "any other option of it: git mlv remote modify", true},
	{"mlv.jobs", "0", "transfers at once; 0: as many as suit the remote", false},
	{"mlv.threads", "one a processor", "threads that hash and copy", false},
	{"mlv.gcGrace", "2.weeks", "how long collected objects stay in the trash", false},
	{"mlv.maxRate", "0", "limit of transfers in bytes a second, with k, m or g; 0: none", false},
	{"mlv.stallTimeout", "60", "seconds without a byte after which a transfer is tried again", false},
	{NULL, NULL, NULL, false},
};

/* Where a canonical key stands in the file. */
struct place {
	char *section;      /* `core`, `remote "store"` */
	const char *option; /* inside the key */
};

static bool split_key(const char *key, struct place *place)
{
	const char *first = strchr(key, '.'), *last = strrchr(key, '.');
	g_autofree char *head = first ? g_strndup(key, first - key) : NULL;

	if (!first || first == key || !last[1])
		return false;
	place->option = last + 1;
	if (!g_strv_contains(named_sections, head)) {
		place->section = g_steal_pointer(&head);
		return first == last;
	}
	place->section = g_strdup_printf("%s \"%.*s\"", head, (int)(last - first - 1), first + 1);
	return last > first + 1;
}

char *levels_key_dvc(const char *text, GError **error)
{
	g_autofree char *key = g_ascii_strdown(text, -1);
	struct place place = {0};
	bool good = split_key(key, &place);

	g_free(place.section);
	if (good)
		return g_steal_pointer(&key);
	error_set(error, ERROR_USAGE, "'%s' is no setting: section.option, or remote.<name>.option", text);
	return NULL;
}

/* Whether an option names a file or folder. */
static bool is_path(const char *section, const char *option)
{
	if (strcmp(section, "cache") == 0)
		return strcmp(option, "dir") == 0;
	return g_str_has_prefix(section, "remote ") && (strcmp(option, "url") == 0 || settings_is_path_option(option));
}

static struct configobj *read_level(const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *text = NULL;
	size_t length;

	if (file_read(path, SETTINGS_SIZE_LIMIT, &text, &length, &reason))
		return configobj_read(text, length, path, error);
	if (error_is(reason, ERROR_NOT_FOUND))
		return configobj_new();
	g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

/* "remote" for `remote "store"`, with *name set; NULL for a plain section. */
static const char *named_section(const char *section, char **name)
{
	for (const char *const *named = named_sections; *named; named++) {
		size_t length = strlen(*named);

		if (g_str_has_prefix(section, *named) && g_str_has_prefix(section + length, " \"") &&
		    strlen(section) > length + 2) {
			*name = g_strndup(section + length + 2, strlen(section) - length - 3);
			return *named;
		}
	}
	return NULL;
}

/* One file being listed. */
struct listing {
	GPtrArray *list;
	const struct configobj *config;
	const char *origin, *dir;
	enum settings_level level;
};

/* Add the options of a section, whose keys begin with `head`. */
static void list_section(const struct listing *listing, const char *section, const char *head)
{
	g_auto(GStrv) options = configobj_options(listing->config, section);

	for (char **option = options; *option; option++) {
		g_autofree char *key = g_strconcat(head, ".", *option, NULL);
		const char *value = configobj_get(listing->config, section, *option);
		g_autofree char *located =
			is_path(section, *option) ? settings_locate(value, listing->dir) : g_strdup(value);

		levels_add(listing->list, listing->level, key, located)->origin = g_strdup(listing->origin);
	}
}

static void list_sections(const struct listing *listing)
{
	g_auto(GStrv) sections = configobj_sections(listing->config);

	for (const char *const *wanted = named_sections; *wanted; wanted++)
		for (char **section = sections; *section; section++) {
			g_autofree char *name = NULL, *head = NULL;

			if (g_strcmp0(named_section(*section, &name), *wanted) != 0)
				continue;
			head = g_strconcat(*wanted, ".", name, NULL);
			list_section(listing, *section, head);
		}
	for (char **section = sections; *section; section++) {
		g_autofree char *name = NULL;

		if (!named_section(*section, &name))
			list_section(listing, *section, *section);
	}
}

bool levels_list_dvc(const struct levels *levels, enum settings_level level, GPtrArray *list, GError **error)
{
	for (int i = LEVEL_SYSTEM; i <= LEVEL_LOCAL; i++) {
		g_autofree char *path = settings_dvc_file(i, levels->root), *dir = path ? path_parent(path) : NULL;
		g_autofree char *origin = NULL;
		autoptr(configobj) config = NULL;
		struct listing listing;

		if (!path || (level != LEVEL_ANY && (int)level != i))
			continue;
		config = read_level(path, error);
		if (!config)
			return false;
		origin = levels_show_file(levels, path);
		listing = (struct listing){list, config, origin, dir, i};
		list_sections(&listing);
	}
	return true;
}

static bool write_level(const struct configobj *config, const char *path, const char *dir, GError **error)
{
	g_autofree char *text = NULL;
	size_t length;

	if (!configobj_check(config, path, error))
		return false;
	text = configobj_write(config, &length);
	return file_make_dirs(dir, error) && file_replace(path, text, length, 0666, error);
}

bool levels_set_dvc(const struct levels *levels, enum settings_level level, const char *key, const char *value,
		    GError **error)
{
	g_autofree char *path = settings_dvc_file(level, levels->root), *dir = path_parent(path), *section = NULL,
			*written = NULL;
	autoptr(configobj) config = read_level(path, error);
	struct place place = {0};

	split_key(key, &place);
	section = place.section;
	if (!config)
		return false;
	if (!value && !configobj_unset(config, section, place.option)) {
		error_set(error, ERROR_NOT_FOUND, "'%s' is not set in '%s'", key, path);
		return false;
	}
	if (value) {
		written = is_path(section, place.option) ? levels_rebase(value, dir) : g_strdup(value);
		configobj_set(config, section, place.option, written);
	}
	return write_level(config, path, dir, error);
}

bool levels_rename_remote_dvc(const struct levels *levels, enum settings_level level, const char *from, const char *to,
			      GError **error)
{
	g_autofree char *path = settings_dvc_file(level, levels->root), *dir = path ? path_parent(path) : NULL;
	g_autofree char *old = g_strdup_printf("remote \"%s\"", from), *new = to ? g_strdup_printf("remote \"%s\"", to) : NULL;
	autoptr(configobj) config = path ? read_level(path, error) : NULL;
	g_auto(GStrv) options = config ? configobj_options(config, old) : NULL;

	if (!path || !config || !options || !*options)
		return !path || config;
	for (char **option = options; new && *option; option++)
		configobj_set(config, new, *option, configobj_get(config, old, *option));
	configobj_unset_section(config, old);
	return write_level(config, path, dir, error);
}
