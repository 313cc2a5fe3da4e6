#include "cmd/show.h"

struct commit_options {
	bool force, glob, no_relink;
};

static const struct option_spec commit_specs[] = {
	OPT_FLAG(commit_options, 'f', "force", force, "record what stages read, too: their outputs count as made from that"),
	OPT_FLAG(commit_options, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_FLAG(commit_options, 0, "no-relink", no_relink, "leave the files as they are instead of linking them to the store"),
	OPT_END,
};

static int commit_run(struct context *context, GError **error)
{
	const struct commit_options *options = context->options;
	const struct track_options how = { .force = options->force, .no_relink = options->no_relink };
	autoptr(outputs) outputs = NULL;
	g_autoptr(GPtrArray) targets = show_targets(context, options->glob, &outputs, error);

	if (!targets)
		return -1;
	/* What cannot be recorded now is an error where it was named. */
	return show_track(context, track_commit(context->ws, outputs, context->arg_count ? targets : NULL, &how, error));
}

const struct command cmd_commit = {
	.name = "commit",
	.group = "Data",
	.synopsis = "[-f] [--no-relink] [--glob] [--] [<target>...]",
	.summary = "Store changed data and record it in its pointers",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct commit_options),
	.options = commit_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = commit_run,
};
