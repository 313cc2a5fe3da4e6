#include "cmd/status-options.h"

#include "base/error.h"
#include "cmd/show-stages.h"
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

/* Why data cannot be recorded as they are; whether there was any. */
static bool show_refusals(struct context *context, const struct status *status)
{
	for (guint i = 0; i < status->refusals->len; i++)
		view_warn(context->view, "%s", (const char *)g_ptr_array_index(status->refusals, i));
	return status->refusals->len > 0;
}

static void show(struct context *context, const struct status_arguments *options, const struct status *status,
		 const struct stage_reports *reports)
{
	bool any;

	if (options->json && options->granular) {
		show_data_status_json(context, status, NULL);
	} else if (options->json) {
		show_stages_json(context, reports);
	} else if (options->porcelain || options->nul) {
		show_status_porcelain(context, status, options->nul);
		show_stages_porcelain(context, reports, options->nul);
	} else {
		any = show_status_text(context, status, NULL);
		show_stages_text(context, reports);
		/* What could not be read may be anything. */
		if (any || reports->problems > 0)
			return;
		if (reports->any_stage && reports->clean)
			view_print(context->view, VIEW_OK, "Data and pipelines are up to date.\n");
		else if (!reports->any_stage)
			show_status_nothing(context, status);
	}
}

/* Look at the data, and at the stages with what is known of the data then. */
static int look(struct context *context, const struct outputs *outputs, struct stage_reports *reports, GError **error)
{
	const struct status_arguments *options = context->options;
	struct status_options how = { .committed = options->granular,
				      .granular = options->granular,
				      .unchanged = options->unchanged,
				      .quick = context->view->quiet };
	autoptr(status) status = NULL;

	if (!wants_untracked(options, &how.untracked, error))
		return -1;
	status = status_read(context->ws, outputs, reports->targets, &how, error);
	if (!status)
		return -1;
	if (context->view->quiet && !status->clean)
		return EXIT_DIFFERENT;
	if (!stage_reports_look(context, reports, status, error))
		return -1;
	if (context->view->quiet)
		return reports->clean ? EXIT_DONE : EXIT_DIFFERENT;
	show(context, options, status, reports);
	return show_refusals(context, status) ? EXIT_DIFFERENT : EXIT_DONE;
}

static int status_run(struct context *context, GError **error)
{
	const struct status_arguments *options = context->options;
	autoptr(outputs) outputs = NULL;
	autoptr(stage_reports) reports = NULL;
	size_t problems = 0;
	int code = EXIT_DONE;

	outputs = show_load_some(context, &problems, error);
	reports = outputs ? stage_reports_new(context, outputs, error) : NULL;
	if (!reports)
		return -1;
	reports->problems += problems;
	if (!options->explain)
		code = look(context, outputs, reports, error);
	else if (!stage_reports_look(context, reports, NULL, error))
		code = -1;
	else if (!context->view->quiet)
		show_stages_explained(context, reports, options->json);
	else if (!reports->clean)
		code = EXIT_DIFFERENT;
	return code == EXIT_DONE && reports->problems > 0 ? EXIT_DIFFERENT : code;
}

static void show_data(struct context *context, const struct status_arguments *options, const struct status *status)
{
	if (options->json)
		show_data_status_json(context, status, NULL);
	else if (options->porcelain || options->nul)
		show_status_porcelain(context, status, options->nul);
	else if (!show_status_text(context, status, NULL))
		show_status_nothing(context, status);
}

static int data_status_run(struct context *context, GError **error)
{
	const struct status_arguments *options = context->options;
	struct status_options how = { .committed = true,
				      .granular = options->granular,
				      .unchanged = options->unchanged,
				      .quick = context->view->quiet };
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;
	g_autoptr(GPtrArray) targets = NULL;
	size_t problems = 0;

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
	if (context->view->quiet)
		return status->clean && problems == 0 ? EXIT_DONE : EXIT_DIFFERENT;
	show_data(context, options, status);
	/* What is can be told all the same; that it cannot be recorded is the business of `status`. */
	show_refusals(context, status);
	return problems > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

const struct command cmd_status = {
	.name = "status",
	.group = "Data",
	.synopsis = status_synopsis,
	.summary = "Show what changed in tracked data, and which stages are not up to date",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE,
	.options_size = sizeof(struct status_arguments),
	.options = status_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = status_run,
};

static const struct command data_status = {
	.name = "status",
	.synopsis = data_status_synopsis,
	.summary = "Show data in HEAD, in the pointers, in the workspace, and not in the store",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE,
	.options_size = sizeof(struct status_arguments),
	.options = data_status_specs,
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
