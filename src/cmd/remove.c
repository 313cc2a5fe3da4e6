#include "base/error.h"
#include "cmd/show.h"

struct remove_options {
	bool outs, force, glob;
};

static const struct option_spec remove_specs[] = {
	OPT_FLAG(remove_options, 0, "outs", outs, "delete the data in the workspace, too"),
	OPT_FLAG(remove_options, 'f', "force", force, "with --outs: also data that is not stored"),
	OPT_FLAG(remove_options, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_END,
};

static int remove_run(struct context *context, GError **error)
{
	const struct remove_options *options = context->options;
	const struct track_remove_options how = { .outs = options->outs, .force = options->force };
	autoptr(outputs) outputs = NULL;
	g_autoptr(GPtrArray) targets = show_targets(context, options->glob, &outputs, error);

	return targets ? show_track(context, track_remove(context->ws, outputs, targets, &how, error)) : -1;
}

const struct command cmd_remove = {
	.name = "remove",
	.group = "Data",
	.synopsis = "[--outs [-f]] [--glob] [--] <target>...",
	.summary = "Stop tracking data",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct remove_options),
	.options = remove_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = remove_run,
};
