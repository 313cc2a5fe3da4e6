#include "base/error.h"
#include "base/path.h"
#include "cmd/show.h"

struct add_options {
	bool no_commit, glob, force, no_relink;
	char *out;
};

static const struct option_spec add_specs[] = {
	{ .kind = OPTION_STRING, .short_name = 'o', .long_name = "out", .offset = offsetof(struct add_options, out),
	  .value = "<path>", .help = "copy the data to this path in the project and track it there",
	  .completion = COMPLETE_FILE },
	OPT_FLAG(add_options, 0, "glob", glob, "arguments are patterns (*, ?, [..], **)"),
	OPT_FLAG(add_options, 0, "no-commit", no_commit, "write pointers, but store no bytes yet"),
	OPT_FLAG(add_options, 0, "no-relink", no_relink, "leave the files as they are instead of linking them to the store"),
	OPT_FLAG(add_options, 'f', "force", force, "replace what is at --out, or a pointer that another program wrote"),
	OPT_END,
};

/* The paths to add: the arguments themselves, or what their patterns match. */
static char **add_paths(struct context *context, bool glob, GError **error)
{
	g_autoptr(GPtrArray) paths = NULL;

	if (!glob)
		return show_paths(context, context->args, error);
	paths = g_ptr_array_new_with_free_func(g_free);
	for (char **argument = context->args; *argument; argument++) {
		g_autofree char *pattern = workspace_path(context->ws, *argument, error);
		guint before = paths->len;

		if (!pattern || !track_glob(context->ws, pattern, paths, error))
			return NULL;
		if (paths->len == before) {
			error_set(error, ERROR_NOT_FOUND, "nothing that can be tracked matches '%s'", *argument);
			return NULL;
		}
	}
	g_ptr_array_add(paths, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&paths), FALSE);
}

static struct track_result *add_from(struct context *context, const struct outputs *outputs, GError **error)
{
	const struct add_options *options = context->options;
	const struct track_options how = { .no_commit = options->no_commit, .no_relink = options->no_relink,
					   .force = options->force };
	g_autofree char *source = NULL, *out = NULL;

	if (context->arg_count != 1) {
		error_set(error, ERROR_USAGE, "--out takes exactly one source");
		return NULL;
	}
	source = g_canonicalize_filename(context->args[0], NULL);
	out = workspace_path(context->ws, options->out, error);
	return out ? track_add_from(context->ws, outputs, source, out, &how, error) : NULL;
}

static int add_run(struct context *context, GError **error)
{
	const struct add_options *options = context->options;
	const struct track_options how = { .no_commit = options->no_commit, .no_relink = options->no_relink,
					   .force = options->force, .absent = options->force };
	g_auto(GStrv) paths = NULL;
	struct track_result *result = NULL;
	autoptr(outputs) outputs = NULL;

	outputs = show_load(context, error);
	if (!outputs)
		return -1;
	if (options->out) {
		result = add_from(context, outputs, error);
	} else {
		paths = add_paths(context, options->glob, error);
		result = paths ? track_add(context->ws, outputs, paths, &how, error) : NULL;
	}
	return show_track(context, result);
}

const struct command cmd_add = {
	.name = "add",
	.group = "Data",
	.synopsis = "[--no-commit] [--no-relink] [--glob] [--] <path>...\n[-f] -o <path> [--] <source>",
	.summary = "Put files and folders under version control",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct add_options),
	.options = add_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = add_run,
};
