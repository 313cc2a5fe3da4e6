#include "backend/lfs/lfs-endpoint.h"
#include "base/error.h"
#include "cmd/show.h"
#include "workspace/levels.h"

#include <string.h>

/* What all subcommands may be told. */
struct remote_options {
	bool system, global, project, local;
	bool is_default, force, unset;
};

#define LEVEL_SPECS                                                                                                \
	OPT_FLAG(remote_options, 0, "system", system, "in the settings of all users of this machine"),             \
		OPT_FLAG(remote_options, 0, "global", global, "in your settings for all projects"),                \
		OPT_FLAG(remote_options, 0, "project", project, "in the project's settings, which Git tracks"),    \
		OPT_FLAG(remote_options, 0, "local", local, "in your settings for this clone, where secrets belong")

/* What a subcommand does with the levels of this project. */
typedef int (*remote_body)(struct context *context, const struct levels *levels, GError **error);

/* Run it without reading the settings as a whole: it may be called to mend them. */
static int with_levels(struct context *context, remote_body body, GError **error)
{
	struct levels levels = { .repo = context->repo, .config = context->config };
	g_autofree char *root = NULL;

	if (!workspace_locate(context->repo, &root, &levels.dialect, error))
		return -1;
	levels.root = root;
	return body(context, &levels, error);
}

/* The level that the flags name, LEVEL_ANY without one. */
static bool chosen_level(const struct remote_options *options, enum settings_level *level, GError **error)
{
	unsigned given = options->system + options->global + options->project + options->local;

	*level = options->system    ? LEVEL_SYSTEM
		 : options->global  ? LEVEL_GLOBAL
		 : options->project ? LEVEL_PROJECT
		 : options->local   ? LEVEL_LOCAL
				    : LEVEL_ANY;
	if (given > 1)
		error_set(error, ERROR_USAGE, "--system, --global, --project and --local exclude each other");
	return given <= 1;
}

/* The key of a remote's option: "mlv-remote.NAME.OPTION", in a DVC project "remote.NAME.OPTION". New string. */
static char *remote_key(const struct levels *levels, const char *name, const char *option)
{
	return g_strdup_printf("%s.%s.%s", levels->dialect == &dialect_native ? "mlv-remote" : "remote", name, option);
}

/* The key of the default remote. */
static const char *default_key(const struct levels *levels)
{
	return levels->dialect == &dialect_native ? "mlv.remote" : "core.remote";
}

static bool set(const struct levels *levels, enum settings_level level, const char *text, const char *value, GError **error)
{
	g_autofree char *key = levels_key(levels, text, error);

	if (!key)
		return false;
	return levels_set(levels, level == LEVEL_ANY ? levels_default(levels, key) : level, key, value, error);
}

/* Whether any level sets an option of the remote. */
static bool is_known(const struct levels *levels, enum settings_level level, const char *name, bool *known, GError **error)
{
	g_autoptr(GPtrArray) list = levels_list(levels, level, error);
	g_autofree char *prefix = remote_key(levels, name, "");

	*known = false;
	for (guint i = 0; list && i < list->len; i++)
		*known |= g_str_has_prefix(((const struct level_value *)list->pdata[i])->key, prefix);
	return list != NULL;
}

/* ERROR_NOT_FOUND unless the remote is known at any level. */
static bool must_exist(const struct levels *levels, const char *name, GError **error)
{
	bool known;

	if (!is_known(levels, LEVEL_ANY, name, &known, error))
		return false;
	if (known)
		return true;
	error_set(error, ERROR_NOT_FOUND, "there is no remote '%s'", name);
	error_hint(error, "git mlv remote list, git mlv remote add %s <url>", name);
	return false;
}

/* Whether the project's objects can be kept there at all. DVC would refuse the whole file for such a URL. */
static bool may_be_added(const struct levels *levels, const char *url, GError **error)
{
	if (levels->dialect != &dialect_dvc || !g_str_has_prefix(url, LFS_PREFIX))
		return true;
	error_set(error, ERROR_USAGE,
		  "a Git LFS server keeps objects by their SHA-256, and those of a DVC project are known by their MD5");
	error_hint(error, "git mlv remote add <name> <url of another kind>");
	return false;
}

/* Unset all that one level says of a remote that is to be another one, but its URL: its login is not for others. */
static bool forget_options(const struct levels *levels, enum settings_level level, const char *name, GError **error)
{
	g_autoptr(GPtrArray) list = levels_list(levels, level, error);
	g_autofree char *prefix = remote_key(levels, name, ""), *url = remote_key(levels, name, "url");

	for (guint i = 0; list && i < list->len; i++) {
		const struct level_value *value = list->pdata[i];

		if (value->level == level && g_str_has_prefix(value->key, prefix) && !g_str_equal(value->key, url) &&
		    !levels_set(levels, level, value->key, NULL, error))
			return false;
	}
	return list != NULL;
}

static int add_run(struct context *context, const struct levels *levels, GError **error)
{
	const struct remote_options *options = context->options;
	const char *name = context->args[0];
	g_autofree char *url = remote_key(levels, name, "url");
	enum settings_level level;
	bool known;

	if (!chosen_level(options, &level, error) || !is_known(levels, level, name, &known, error))
		return -1;
	if (*name == '\0' || strpbrk(name, "\"\n") || *name == '-') {
		error_set(error, ERROR_USAGE, "'%s' cannot be the name of a remote", name);
		return -1;
	}
	if (!may_be_added(levels, context->args[1], error))
		return -1;
	if (known && !options->force) {
		error_set(error, ERROR_USAGE, "remote '%s' exists already", name);
		error_hint(error, "git mlv remote modify %s url %s, or --force", name, context->args[1]);
		return -1;
	}
	if (level == LEVEL_ANY)
		level = levels_default(levels, url);
	if ((known && !forget_options(levels, level, name, error)) || !set(levels, level, url, context->args[1], error) ||
	    (options->is_default && !set(levels, level, default_key(levels), name, error)))
		return -1;
	view_note(context->view, "remote '%s'%s is at '%s'", name, options->is_default ? ", the default," : "", context->args[1]);
	return EXIT_DONE;
}

/* The name of the remote that a key is about, as a new string; NULL for other keys. */
static char *name_in_key(const struct levels *levels, const char *key)
{
	const char *prefix = levels->dialect == &dialect_native ? "mlv-remote." : "remote.";
	size_t length = strlen(prefix);
	const char *dot = strrchr(key, '.');

	return g_str_has_prefix(key, prefix) && dot > key + length ? g_strndup(key + length, (gsize)(dot - key) - length)
								  : NULL;
}

/* One line for a remote; false, with a warning, if no level says where it is. */
static bool list_remote(struct context *context, const struct levels *levels, GPtrArray *list, const char *name)
{
	g_autofree char *key = remote_key(levels, name, "url");
	const struct level_value *url = levels_find(list, key), *chosen = levels_find(list, default_key(levels));

	if (!url) {
		view_warn(context->view, "remote '%s' has no url", name);
		return false;
	}
	g_autofree char *shown = settings_mask_url(url->value);
	view_print(context->view, VIEW_HEADING, "%s", name);
	view_print(context->view, VIEW_PLAIN, "\t%s%s\n", shown,
		   chosen && g_str_equal(chosen->value, name) ? "\t(default)" : "");
	return true;
}

static int list_run(struct context *context, const struct levels *levels, GError **error)
{
	g_autoptr(GPtrArray) list = NULL;
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	enum settings_level level;
	bool complete = true;

	if (!chosen_level(context->options, &level, error))
		return -1;
	list = levels_list(levels, level, error);
	for (guint i = 0; list && i < list->len; i++) {
		const struct level_value *value = list->pdata[i];
		char *name = value->ignored ? NULL : name_in_key(levels, value->key);

		/* One level alone may say less than all: options without the url. */
		if (name && level != LEVEL_ANY && !g_str_has_suffix(value->key, ".url"))
			g_clear_pointer(&name, g_free);
		if (name && g_hash_table_add(seen, name))
			complete &= list_remote(context, levels, list, name);
	}
	if (!list)
		return -1;
	return complete ? EXIT_DONE : EXIT_DIFFERENT;
}

static int modify_run(struct context *context, const struct levels *levels, GError **error)
{
	const struct remote_options *options = context->options;
	g_autofree char *key = remote_key(levels, context->args[0], context->args[1]);
	enum settings_level level;

	if (!chosen_level(options, &level, error) || !must_exist(levels, context->args[0], error))
		return -1;
	if (options->unset != (context->arg_count == 2)) {
		error_set(error, ERROR_USAGE, options->unset ? "--unset takes no value" : "no value given for '%s'", context->args[1]);
		error_hint(error, "git mlv remote modify [--unset] <name> <option> [<value>]");
		return -1;
	}
	return set(levels, level, key, options->unset ? NULL : context->args[2], error) ? EXIT_DONE : -1;
}

static int default_run(struct context *context, const struct levels *levels, GError **error)
{
	const struct remote_options *options = context->options;
	enum settings_level level;
	g_autoptr(GPtrArray) list = NULL;
	const struct level_value *chosen;

	if (!chosen_level(options, &level, error))
		return -1;
	if (options->unset)
		return set(levels, level, default_key(levels), NULL, error) ? EXIT_DONE : -1;
	if (context->arg_count == 1)
		return must_exist(levels, context->args[0], error) &&
				       set(levels, level, default_key(levels), context->args[0], error)
			       ? EXIT_DONE
			       : -1;
	list = levels_list(levels, level, error);
	if (!list)
		return -1;
	chosen = levels_find(list, default_key(levels));
	if (!chosen) {
		view_note(context->view, "no default remote is set");
		return EXIT_DIFFERENT;
	}
	view_print(context->view, VIEW_PLAIN, "%s\n", chosen->value);
	return EXIT_DONE;
}

/* Give a remote another name (NULL: forget it) at one level, or with LEVEL_ANY wherever it is set. */
static bool move_remote(const struct levels *levels, enum settings_level level, const char *from, const char *to, GError **error)
{
	for (enum settings_level at = LEVEL_SYSTEM; at <= LEVEL_LOCAL; at++)
		if ((level == LEVEL_ANY || level == at) && !levels_rename_remote(levels, at, from, to, error))
			return false;
	return true;
}

/* Where the default remote was `from`, make it `to` (NULL: unset). */
static bool move_default(const struct levels *levels, enum settings_level level, const char *from, const char *to,
			 GError **error)
{
	g_autoptr(GPtrArray) list = levels_list(levels, level, error);

	for (guint i = 0; list && i < list->len; i++) {
		const struct level_value *value = list->pdata[i];

		if (g_str_equal(value->key, default_key(levels)) && g_str_equal(value->value, from) &&
		    !set(levels, value->level, value->key, to, error))
			return false;
	}
	return list != NULL;
}

static int rename_run(struct context *context, const struct levels *levels, GError **error)
{
	const char *from = context->args[0], *to = context->args[1];
	enum settings_level level;
	bool taken;

	if (!chosen_level(context->options, &level, error) || !must_exist(levels, from, error) ||
	    !is_known(levels, LEVEL_ANY, to, &taken, error))
		return -1;
	if (taken) {
		error_set(error, ERROR_USAGE, "remote '%s' exists already", to);
		return -1;
	}
	return move_remote(levels, level, from, to, error) && move_default(levels, level, from, to, error) ? EXIT_DONE : -1;
}

static int remove_run(struct context *context, const struct levels *levels, GError **error)
{
	enum settings_level level;

	if (!chosen_level(context->options, &level, error) || !must_exist(levels, context->args[0], error))
		return -1;
	return move_remote(levels, level, context->args[0], NULL, error) &&
			       move_default(levels, level, context->args[0], NULL, error)
		       ? EXIT_DONE
		       : -1;
}

static const struct option_spec level_specs[] = { LEVEL_SPECS, OPT_END };

static const struct option_spec add_specs[] = {
	OPT_FLAG(remote_options, 'd', "default", is_default, "make it the default remote"),
	OPT_FLAG(remote_options, 'f', "force", force, "replace one that exists"),
	LEVEL_SPECS,
	OPT_END,
};

static const struct option_spec unset_specs[] = {
	OPT_FLAG(remote_options, 'u', "unset", unset, "take the setting out"),
	LEVEL_SPECS,
	OPT_END,
};

#define SUBCOMMAND(name_, synopsis_, summary_, specs_, min_, max_, completes, run_)                                      \
	static int run_##run_(struct context *context, GError **error)                                                   \
	{                                                                                                               \
		return with_levels(context, run_, error);                                                               \
	}                                                                                                               \
	static const struct command remote_##run_ = {                                                                   \
		.name = name_, .synopsis = synopsis_, .summary = summary_, .needs = NEEDS_REPO,                    \
		.options_size = sizeof(struct remote_options), .options = specs_, .min_args = min_, .max_args = max_,   \
		.arguments = completes, .run = run_##run_,                                                                 \
	}

SUBCOMMAND("add", "[-d] [-f] [<level>] <name> <url>", "Define a remote", add_specs, 2, 2, COMPLETE_DIR, add_run);
SUBCOMMAND("list", "[<level>]", "List remotes", level_specs, 0, 0, COMPLETE_NONE, list_run);
SUBCOMMAND("modify", "[-u] [<level>] <name> <option> [<value>]", "Change a setting of a remote", unset_specs, 2, 3,
	   COMPLETE_REMOTE, modify_run);
SUBCOMMAND("default", "[-u] [<level>] [<name>]", "Show or set the default remote", unset_specs, 0, 1, COMPLETE_REMOTE,
	   default_run);
SUBCOMMAND("rename", "[<level>] <old> <new>", "Rename a remote", level_specs, 2, 2, COMPLETE_REMOTE, rename_run);
SUBCOMMAND("remove", "[<level>] <name>", "Forget a remote; its data stays where it is", level_specs, 1, 1, COMPLETE_REMOTE,
	   remove_run);

static const struct command *const remote_commands[] = {
	&remote_add_run, &remote_list_run, &remote_modify_run, &remote_default_run, &remote_rename_run, &remote_remove_run, NULL,
};

const struct command cmd_remote = {
	.name = "remote",
	.group = "Sharing",
	.synopsis = "add [-d] [-f] [<level>] <name> <url>\nlist [<level>]\nmodify [-u] [<level>] <name> <option> [<value>]\n"
		    "default [-u] [<level>] [<name>]\nrename [<level>] <old> <new>\nremove [<level>] <name>",
	.summary = "Say where data is shared",
	.subcommands = remote_commands,
};
