#include "cmd/show.h"

struct checkout_arguments {
	bool summary, force, relink, allow_missing, dry_run, glob;
};

static const struct option_spec checkout_specs[] = {
	OPT_FLAG(checkout_arguments, 'f', "force", force, "overwrite and remove data that is not stored"),
	OPT_FLAG(checkout_arguments, 0, "relink", relink, "make every file the kind of link that the settings ask for"),
	OPT_FLAG(checkout_arguments, 0, "allow-missing", allow_missing, "leave out data that is not in the store"),
	OPT_FLAG(checkout_arguments, 'n', "dry-run", dry_run, "only say what would be done"),
	OPT_FLAG(checkout_arguments, 0, "summary", summary, "print counts instead of paths"),
	OPT_FLAG(checkout_arguments, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_END,
};

static int checkout_run(struct context *context, GError **error)
{
	const struct checkout_arguments *options = context->options;
	const struct show_checkout how = {
		.how = { .force = options->force, .relink = options->relink, .allow_missing = options->allow_missing },
		.glob = options->glob, .summary = options->summary, .dry_run = options->dry_run,
	};

	return show_checkout(context, &how, error);
}

const struct command cmd_checkout = {
	.name = "checkout",
	.group = "Data",
	.synopsis = "[-f] [--relink] [--allow-missing] [-n] [--summary] [--glob] [--] [<target>...]",
	.summary = "Make the workspace what the pointers say",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct checkout_arguments),
	.options = checkout_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = checkout_run,
};
