#include "cmd/status.h"

#include "base/error.h"
#include "cmd/show-status.h"
#include "cmd/show.h"

#include <string.h>

/* Whether --untracked-files asks for them; ERROR_USAGE for a word it does not know. */
static bool wants_untracked(const struct status_arguments *options, bool *wanted, GError **error)
{
	*wanted = options->untracked && strcmp(options->untracked, "all") == 0;
	if (!options->untracked || *wanted || strcmp(options->untracked, "no") == 0)
		return true;
	error_set(error, ERROR_USAGE, "--untracked-files takes 'no' or 'all', not '%s'", options->untracked);
	return false;
}

static void show(struct context *context, const struct status_arguments *options, const struct status *status)
{
	if (options->json && options->granular)
		show_data_status_json(context, status, NULL);
	else if (options->json)
		show_status_json(context, status);
	else if (options->porcelain || options->nul)
		show_status_porcelain(context, status, options->nul);
	else
		show_status_text(context, status, NULL);
}

/* Both spellings: `data_view` is `git mlv data status`. */
static int status_common(struct context *context, bool data_view, GError **error)
{
	struct status_arguments *options = context->options;
	struct status_options how = { 0 };
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;
	g_autoptr(GPtrArray) targets = NULL;
	size_t problems = 0;

	how.committed = options->granular || data_view;
	how.granular = options->granular;
	how.unchanged = options->unchanged;
	how.quick = context->view->quiet;
	if (!wants_untracked(options, &how.untracked, error))
		return -1;
	outputs = show_load_some(context, &problems, error);
	if (!outputs)
		return -1;
	if (context->arg_count > 0) {
		targets = show_targets_of(context, outputs, options->glob, error);
		if (!targets)
			return -1;
	}
	status = status_read(context->ws, outputs, targets, &how, error);
	if (!status)
		return -1;
	if (!context->view->quiet) {
		options->granular |= data_view;
		show(context, options, status);
	} else if (!status->clean) {
		return EXIT_DIFFERENT;
	}
	for (guint i = 0; i < status->refusals->len; i++)
		view_warn(context->view, "%s", (const char *)g_ptr_array_index(status->refusals, i));
	/* What is, `data status` can tell all the same; that it cannot be recorded is the business of `status`. */
	return problems > 0 || (status->refusals->len > 0 && !data_view) ? EXIT_DIFFERENT : EXIT_DONE;
}

static int status_run(struct context *context, GError **error)
{
	return status_common(context, false, error);
}

static int data_status_run(struct context *context, GError **error)
{
	return status_common(context, true, error);
}

const struct command cmd_status = {
	.name = "status",
	.group = "Data",
	.synopsis = status_synopsis,
	.summary = "Show what changed in tracked data",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE,
	.options_size = sizeof(struct status_arguments),
	.options = status_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = status_run,
};

static const struct command data_status = {
	.name = "status",
	.synopsis = status_synopsis,
	.summary = "Show data in HEAD, in the pointers, in the workspace, and not in the store",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE,
	.options_size = sizeof(struct status_arguments),
	.options = status_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = data_status_run,
};

static const struct command *const data_commands[] = { &data_status, NULL };

const struct command cmd_data = {
	.name = "data",
	.group = "Data",
	.synopsis = "status [<options>] [--] [<target>...]",
	.summary = "DVC's three-way view of data",
	.subcommands = data_commands,
};
