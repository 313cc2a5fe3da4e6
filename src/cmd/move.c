#include "base/error.h"
#include "cmd/show.h"

static const struct option_spec move_specs[] = { OPT_END };

static int move_run(struct context *context, GError **error)
{
	autoptr(outputs) outputs = NULL;
	g_auto(GStrv) paths = NULL;

	outputs = show_load(context, error);
	if (!outputs)
		return -1;
	if (g_str_has_suffix(context->args[1], "/") && !g_file_test(context->args[1], G_FILE_TEST_IS_DIR)) {
		error_set(error, ERROR_NOT_FOUND, "there is no folder '%s'", context->args[1]);
		error_hint(error, "mkdir %s", context->args[1]);
		return -1;
	}
	paths = show_paths(context, context->args, error);
	if (!paths)
		return -1;
	return show_track(context, track_move(context->ws, outputs, paths[0], paths[1], error));
}

const struct command cmd_move = {
	.name = "move",
	.group = "Data",
	.synopsis = "[--] <from> <to>",
	.summary = "Rename tracked data with its pointer",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options = move_specs,
	.min_args = 2,
	.max_args = 2,
	.arguments = COMPLETE_FILE,
	.run = move_run,
};
