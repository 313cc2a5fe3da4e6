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
	g_autoptr(GPtrArray) stages = target_stages_new(), targets = NULL;
	const struct target_options named = { .glob = options->glob, .stages = stages };
	const struct track_remove_options how = { .stages = stages, .outs = options->outs, .force = options->force };
	autoptr(outputs) outputs = show_load(context, error);

	if (!outputs)
		return -1;
	targets = target_resolve(context->ws, outputs, context->args, &named, error);
	return targets ? show_removal(context, outputs, targets, &how, error) : -1;
}

const struct command cmd_remove = {
	.name = "remove",
	.group = "Data",
	.synopsis = "[--outs [-f]] [--glob] [--] <target>...",
	.summary = "Stop tracking data, or drop stages",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct remove_options),
	.options = remove_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_STAGE,
	.run = remove_run,
};
