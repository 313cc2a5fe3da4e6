#include "base/error.h"
#include "cmd/show.h"

struct unprotect_options {
	bool glob;
};

static const struct option_spec unprotect_specs[] = {
	OPT_FLAG(unprotect_options, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_END,
};

static int unprotect_run(struct context *context, GError **error)
{
	const struct unprotect_options *options = context->options;
	autoptr(outputs) outputs = NULL;
	g_autoptr(GPtrArray) targets = show_targets(context, options->glob, &outputs, error);
	autoptr(track_result) result = targets ? track_unprotect(context->ws, targets, error) : NULL;
	g_autofree char *count = NULL;
	char size[16];

	if (!result)
		return -1;
	count = show_count(result->stored, "link", "links");
	view_note(context->view, "replaced %s by copies (%s)", count, view_size(size, result->stored_bytes));
	for (guint i = 0; i < result->notes->len; i++)
		view_warn(context->view, "%s", (const char *)g_ptr_array_index(result->notes, i));
	return EXIT_DONE;
}

const struct command cmd_unprotect = {
	.name = "unprotect",
	.group = "Data",
	.synopsis = "[--glob] [--] <target>...",
	.summary = "Replace links to the store by copies that can be edited",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct unprotect_options),
	.options = unprotect_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = unprotect_run,
};
