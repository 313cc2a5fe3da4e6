#include "workspace/settings-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/trace.h"

#define REMOTE_SECTION "mlv-remote."

const struct settings_key settings_keys[] = {
	{"mlv.links", "reflink,copy", "how files are placed, best first: reflink, hardlink, symlink, copy", true},
	{"mlv.store", "<git dir>/mlv", "where objects are kept", false},
	{"mlv.remote", "the only one", "the remote that push, fetch and pull use", true},
	{"mlv.autostage", "false", "give changed pointers and .gitignore files to git add", true},
	{"mlv.jobs", "0", "transfers at once; 0: as many as suit the remote", false},
	{"mlv.threads", "one a processor", "threads that hash and copy", false},
	{"mlv.gcGrace", "2.weeks", "how long collected objects stay in the trash", false},
	{"mlv.maxRate", "0", "limit of transfers in bytes a second, with k, m or g; 0: none", false},
	{"mlv.stallTimeout", "60", "seconds without a byte after which a transfer is tried again", false},
	{"mlv-remote.<name>.url", "", "where the remote is: git-mlv-remotes(7)", true},
	{"mlv-remote.<name>.<option>", "", "any other option of it: git mlv remote modify", false},
	{NULL, NULL, NULL, false},
};

/*
 * Options of a remote that a clone may bring along: they say where data are, never who we are, what is run or how
 * certificates are checked. (That TLS is not used at all none may say either: use_ssl is taken unless it is false.)
 */
static const char *const shared_options[] = {
	"url",          "region",          "endpointurl",
	"jobs",         "version_aware",   "worktree",
	"verify",       "projectname",     "port",
	"account_name", "connect_timeout", "read_timeout",
	"use_ssl",      "timeout",         "allow_anonymous_login",
	"path_style",   "sse",             "sse_kms_key_id",
	NULL,
};

/* The option of a key "mlv-remote.NAME.option", with *name set; NULL if it is another key. */
static const char *split_remote_key(const char *key, char **name)
{
	const char *dot = strrchr(key, '.');

	if (!g_str_has_prefix(key, REMOTE_SECTION) || dot < key + strlen(REMOTE_SECTION))
		return NULL;
	*name = g_strndup(key + strlen(REMOTE_SECTION), (gsize)(dot - key) - strlen(REMOTE_SECTION));
	return dot + 1;
}

/* The name of an option as all remotes know it: Git's names have '-' where DVC's have '_'. New string. */
static char *remote_option(const char *option)
{
	return g_strdelimit(g_strdup(option), "-", '_');
}

bool settings_is_shareable(const char *key)
{
	g_autofree char *name = NULL;
	const char *option = split_remote_key(key, &name);

	if (option) {
		g_autofree char *plain = remote_option(option);

		return g_strv_contains(shared_options, plain);
	}
	for (const struct settings_key *known = settings_keys; known->name; known++) {
		if (known->shareable && !g_ascii_strcasecmp(known->name, key))
			return true;
	}
	return false;
}

/* The directory that relative paths of a value start from: that of personal files, and the project for all others. */
static char *origin_dir(const struct config_value *value, const char *root)
{
	const char *path = value->origin;

	if ((g_str_equal(value->scope, "global") || g_str_equal(value->scope, "system")) &&
	    g_str_has_prefix(path, "file:/"))
		return path_parent(path + strlen("file:"));
	return g_strdup(root);
}

/* Where a value stands, as far as secrets are concerned. */
static enum spec_scope scope_of(const struct config_value *value, bool committed)
{
	if (committed)
		return SPEC_COMMITTED;
	return g_str_equal(value->scope, "global") || g_str_equal(value->scope, "system") ? SPEC_EVERYWHERE : SPEC_HERE;
}

/* Take one "mlv-remote.NAME.option" value. */
static void take_remote_value(struct settings *settings, const struct config_value *value, const char *root,
			      bool committed)
{
	g_autofree char *name = NULL, *dir = origin_dir(value, root), *plain = NULL, *text = NULL;
	const char *option = split_remote_key(value->key, &name);

	if (!option)
		return;
	plain = remote_option(option);
	text = g_str_equal(plain, "url") ? settings_locate(value->value, dir) : g_strdup(value->value);
	settings_take_option(settings, name, plain, text, scope_of(value, committed));
}

/* Take the remotes of one source; values of later sources override. */
static void take_remotes(struct settings *settings, const struct config *config, const char *root, bool committed)
{
	for (size_t i = 0; i < config_count(config); i++) {
		const struct config_value *value = config_at(config, i);

		if (!committed || settings_is_shareable(value->key))
			take_remote_value(settings, value, root, committed);
		else
			trace("settings", "ignored in a committed file: %s", value->key);
	}
}

/* Git's own switch for repositories that a group shares. */
static bool is_group_shared(const struct config *config)
{
	static const char *const shared[] = {"group", "true",      "yes", "on", "1", "all",
					     "world", "everybody", "2",   "",   NULL};
	const char *value = config_get(config, "core.sharedrepository");

	if (!value)
		return false;
	if (*value == '0' && value[1])
		return g_ascii_strtoull(value, NULL, 8) & 0020;
	return g_strv_contains(shared, value);
}

static char *store_place(const struct settings_source *source)
{
	const struct config_value *value = config_find(source->config, "mlv.store");
	g_autofree char *dir = NULL;

	if (!value)
		return path_join(source->repo->common_dir, "mlv");
	dir = origin_dir(value, source->root ? source->root : source->repo->common_dir);
	return settings_locate(value->value, dir);
}

bool settings_read_native(struct settings *settings, const struct settings_source *source, GError **error)
{
	g_autofree char *path = path_join(source->root ? source->root : "", dialect_native.marker);
	autoptr(config) shared = NULL;
	const struct config *in_order[] = {NULL, source->config};
	const char *links = NULL, *remote = NULL;

	if (source->root) {
		shared = config_read_file(path, error);
		if (!shared)
			return false;
		in_order[0] = shared;
		take_remotes(settings, shared, source->root, true);
	}
	take_remotes(settings, source->config, source->root, false);
	for (guint i = 0; i < settings->remotes->len; i++)
		settings_bind_secrets(settings->remotes->pdata[i], source->config);
	settings->store_root = store_place(source);
	settings->store.shared_group = is_group_shared(source->config);
	for (size_t i = 0; i < G_N_ELEMENTS(in_order); i++) {
		if (!in_order[i])
			continue;
		links = config_get(in_order[i], "mlv.links") ?: links;
		remote = config_get(in_order[i], "mlv.remote") ?: remote;
		if (!config_get_bool(in_order[i], "mlv.autostage", settings->autostage, &settings->autostage, error))
			return false;
	}
	settings->default_remote = g_strdup(remote);
	return !links || settings_set_links(settings, links, "mlv.links", error);
}
