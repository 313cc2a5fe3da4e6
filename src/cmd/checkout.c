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
	const struct checkout_options how = { .force = options->force, .relink = options->relink,
					      .allow_missing = options->allow_missing };
	size_t problems = 0;
	autoptr(outputs) outputs = show_load_some(context, &problems, error);
	g_autoptr(GPtrArray) targets = NULL;
	autoptr(checkout_plan) plan = NULL;
	int code;

	if (!outputs)
		return -1;
	/* With an unreadable pointer its data would look like left-overs: then only what is named, or known, is touched. */
	if (context->arg_count > 0 || problems > 0) {
		targets = show_targets(context, outputs, options->glob, error);
		if (!targets)
			return -1;
	}
	plan = checkout_plan_new(context->ws, outputs, targets, &how, error);
	if (!plan)
		return -1;
	code = show_checkout(context, plan, options->summary, options->dry_run, options->allow_missing, error);
	return code == EXIT_DONE && problems > 0 ? EXIT_DIFFERENT : code;
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
