#include "base/error.h"
#include "cmd/commands.h"
#include "view/table.h"
#include "workspace/levels.h"

struct config_options {
	bool system, global, project, local;
	bool unset, list, show_origin, help_keys;
};

static const struct option_spec options[] = {
	OPT_FLAG(config_options, 0, "system", system, "the settings of this machine"),
	OPT_FLAG(config_options, 0, "global", global, "your own settings, in all repositories"),
	OPT_FLAG(config_options, 0, "project", project, "the settings that everybody gets with the project"),
	OPT_FLAG(config_options, 0, "local", local, "your own settings in this clone"),
	OPT_FLAG(config_options, 'u', "unset", unset, "take the setting away"),
	OPT_FLAG(config_options, 'l', "list", list, "list all settings"),
	OPT_FLAG(config_options, 0, "show-origin", show_origin, "say which file a value comes from"),
	OPT_FLAG(config_options, 0, "help-keys", help_keys, "list all settings there are, with what they mean"),
	OPT_END,
};

/* The level that the options name, LEVEL_ANY for none. */
static bool find_level(const struct config_options *given, enum settings_level *level, GError **error)
{
	const bool named[] = {
		[LEVEL_SYSTEM] = given->system,
		[LEVEL_GLOBAL] = given->global,
		[LEVEL_PROJECT] = given->project,
		[LEVEL_LOCAL] = given->local,
	};

	*level = LEVEL_ANY;
	for (int i = LEVEL_SYSTEM; i <= LEVEL_LOCAL; i++) {
		if (named[i] && *level != LEVEL_ANY) {
			error_set(error, ERROR_USAGE,
				  "only one of --system, --global, --project and --local can be meant");
			return false;
		}
		if (named[i])
			*level = i;
	}
	return true;
}

static bool check_options(const struct context *context, const struct config_options *given, GError **error)
{
	bool no_arguments = given->list || given->help_keys;

	if (given->list + given->help_keys + given->unset > 1)
		error_set(error, ERROR_USAGE, "only one of --list, --help-keys and --unset can be meant");
	else if (no_arguments && context->arg_count > 0)
		error_set(error, ERROR_USAGE, "%s takes no name", given->list ? "--list" : "--help-keys");
	else if (!no_arguments && context->arg_count == 0)
		error_set(error, ERROR_USAGE, "which setting?");
	else if (given->unset && context->arg_count > 1)
		error_set(error, ERROR_USAGE, "--unset takes no value");
	else
		return true;
	return false;
}

static int list_values(struct view *view, GPtrArray *list, bool show_origin)
{
	for (guint i = 0; i < list->len; i++) {
		const struct level_value *value = list->pdata[i];

		if (value->ignored) {
			view_warn(view, "%s: '%s' is ignored: a file that comes with a clone may not set it",
				  value->origin, value->key);
			continue;
		}
		if (show_origin)
			view_path(view, VIEW_DIM, value->origin, '\t');
		view_print(view, VIEW_PLAIN, "%s=%s\n", value->key, value->value);
	}
	return EXIT_DONE;
}

/* What holds for one known setting, as a row. "mlv-remote.<name>.url" stands for many, so it has no value. */
static void add_key(struct table *table, GPtrArray *list, const struct settings_key *known)
{
	g_autofree char *key = g_ascii_strdown(known->name, -1);
	const struct level_value *value = levels_find(list, key);

	table_row(table, value ? VIEW_HEADING : VIEW_PLAIN,
		  (const char *[]){known->name, value ? value->value : known->fallback, value ? value->origin : "",
				   known->fallback, known->help});
}

static int list_keys(struct view *view, const struct settings_key *known, GPtrArray *list)
{
	static const char *const names[] = {"SETTING", "VALUE", "FROM", "DEFAULT", "MEANING"};
	static const enum table_align aligns[] = {TABLE_LEFT, TABLE_SHRINK, TABLE_SHRINK, TABLE_LEFT, TABLE_SHRINK};
	autoptr(table) table = table_new(names, aligns, G_N_ELEMENTS(names));

	for (; known->name; known++)
		add_key(table, list, known);
	table_print(table, view, true);
	return EXIT_DONE;
}

/* Print one value; a setting that has none is no error. As for Git the exit code tells, but not in a DVC project: DVC's does not. */
static int get_value(struct view *view, GPtrArray *list, const struct levels *levels, const char *key, bool show_origin)
{
	const struct level_value *value = levels_find(list, key);

	if (!value)
		return levels->dialect == &dialect_dvc ? EXIT_DONE : EXIT_DIFFERENT;
	if (show_origin)
		view_path(view, VIEW_DIM, value->origin, '\t');
	view_print(view, VIEW_PLAIN, "%s\n", value->value);
	return EXIT_DONE;
}

static int set_value(const struct context *context, const struct levels *levels, enum settings_level level,
		     const char *key, GError **error)
{
	const char *value = context->args[1];

	if (level == LEVEL_ANY)
		level = levels_default(levels, key);
	return levels_set(levels, level, key, value, error) ? EXIT_DONE : -1;
}

static int read_values(const struct context *context, const struct levels *levels, enum settings_level level,
		       const char *key, GError **error)
{
	const struct config_options *given = context->options;
	g_autoptr(GPtrArray) list = levels_list(levels, level, error);

	if (!list)
		return -1;
	if (given->list)
		return list_values(context->view, list, given->show_origin);
	if (given->help_keys)
		return list_keys(context->view, levels_keys(levels), list);
	return get_value(context->view, list, levels, key, given->show_origin);
}

static int run(struct context *context, GError **error)
{
	const struct config_options *given = context->options;
	struct levels levels = {.repo = context->repo, .config = context->config, .dialect = &dialect_native};
	g_autofree char *here = g_get_current_dir(), *root = NULL, *key = NULL;
	enum settings_level level;

	if (!find_level(given, &level, error) || !check_options(context, given, error))
		return -1;
	if (context->repo && context->repo->work_tree)
		root = workspace_find_root(here, context->repo->work_tree, &levels.dialect);
	levels.root = root;
	if (!root)
		levels.dialect = &dialect_native;
	if (context->args[0]) {
		key = levels_key(&levels, context->args[0], error);
		if (!key)
			return -1;
	}
	if (given->unset || context->arg_count == 2)
		return set_value(context, &levels, level, key, error);
	return read_values(context, &levels, level, key, error);
}

const struct command cmd_config = {
	.name = "config",
	.group = "Set-up",
	.synopsis = "[<level>] [--show-origin] <name> [<value>]\n[<level>] --unset <name>\n[<level>] [--show-origin] "
		    "--list\n--help-keys",
	.summary = "Get and set settings",
	.needs = WANTS_REPO | WANTS_PAGER,
	.options_size = sizeof(struct config_options),
	.options = options,
	.max_args = 2,
	.run = run,
};
