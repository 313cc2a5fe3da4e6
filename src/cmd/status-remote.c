#include "sync/status-remote.h"

#include "base/error.h"
#include "cmd/show-status.h"
#include "cmd/show.h"
#include "cmd/status-options.h"
#include "cmd/transfer.h"
#include "view/json-out.h"

/* {"data/file": "new", …}: the shape of `dvc status -c --json`. */
static void show_json(struct context *context, const struct sync_status *status)
{
	struct json_out *json = json_out_new(context->view);

	json_out_object(json, NULL);
	for (guint i = 0; i < status->entries->len; i++) {
		const struct sync_status_entry *entry = g_ptr_array_index(status->entries, i);
		g_autofree char *shown = workspace_show_path(context->ws, entry->path);

		json_out_string(json, shown, sync_state_name(entry->state));
	}
	json_out_end(json);
	json_out_finish(json);
}

static void show_text(struct context *context, const struct sync_status *status)
{
	static const enum view_style styles[SYNC_STATES] = {
		[SYNC_NEW] = VIEW_ADDED, [SYNC_DELETED] = VIEW_MODIFIED, [SYNC_MISSING] = VIEW_MISSING,
	};

	for (guint i = 0; i < status->entries->len; i++) {
		const struct sync_status_entry *entry = g_ptr_array_index(status->entries, i);
		g_autofree char *shown = workspace_show_path(context->ws, entry->path);

		view_print(context->view, styles[entry->state], "%-9s", sync_state_name(entry->state));
		view_path(context->view, VIEW_PLAIN, shown, '\n');
	}
	if (status->entries->len == 0 && status->result.failed == 0)
		view_print(context->view, VIEW_OK, "The store and the remote have the same.\n");
}

/* `data status --not-in-remote`: the local view with what the remote lacks. */
static int show_not_in_remote(struct context *context, const struct sync_status *remote, GError **error)
{
	const struct status_options how = { .committed = true, .granular = true };
	autoptr(outputs) outputs = show_load(context, error);
	g_autoptr(GPtrArray) targets = NULL, missing = g_ptr_array_new_with_free_func(g_free);
	autoptr(status) status = NULL;

	if (!outputs)
		return -1;
	targets = show_targets_of(context, outputs, false, error);
	status = targets ? status_read(context->ws, outputs, targets, &how, error) : NULL;
	if (!status)
		return -1;
	for (guint i = 0; i < remote->entries->len; i++) {
		const struct sync_status_entry *entry = g_ptr_array_index(remote->entries, i);

		if (entry->state == SYNC_NEW || entry->state == SYNC_MISSING)
			g_ptr_array_add(missing, g_strconcat(entry->path, entry->oid.dir ? "/" : "", NULL));
	}
	if (((const struct status_arguments *)context->options)->json)
		show_data_status_json(context, status, missing);
	else if (!show_status_text(context, status, missing))
		show_status_nothing(context, status);
	return EXIT_DONE;
}

static int status_remote_run(struct context *context, GError **error)
{
	const struct status_arguments *options = context->options;
	const struct transfer_scope scope = { options->all_branches, options->all_tags, options->all_commits, NULL };
	struct sync_options how = transfer_options(options->remote, options->jobs, false, context);
	autoptr(sync_status) status = NULL;
	g_autoptr(GPtrArray) wants = NULL;
	size_t problems = 0;

	if (options->with_deps || options->recursive || options->explain) {
		error_set(error, ERROR_USAGE, "a remote knows no stages: --with-deps, --recursive and --explain look here");
		return -1;
	}
	/* Who asks for single files wants each of them looked for. */
	how.verify = options->not_in_remote;
	wants = transfer_wants(context, &scope, options->glob, SYNC_USE_PUSH, options->remote, &problems, error);
	if (!wants)
		return -1;
	status = sync_status_remote(context->ws, wants, &how, error);
	if (!status)
		return -1;
	transfer_failures(context, &status->result);
	if (options->not_in_remote && show_not_in_remote(context, status, error) < 0)
		return -1;
	if (!options->not_in_remote && options->json)
		show_json(context, status);
	else if (!options->not_in_remote && !context->view->quiet)
		show_text(context, status);
	if (status->result.failed > 0 || problems > 0)
		return EXIT_DIFFERENT;
	return context->view->quiet && status->entries->len > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

/* `status` and `data status` with a remote are the same. */
#define STATUS_COMMAND(group_, table_, summary_)                                                                         \
	{                                                                                                               \
		.name = "status", .group = group_, .synopsis = table_##_synopsis, .summary = summary_,                  \
		.needs = NEEDS_WORKSPACE, .options_size = sizeof(struct status_arguments), .options = table_##_specs,   \
		.max_args = ARGS_ANY, .arguments = COMPLETE_FILE, .run = status_remote_run,                             \
	}

const struct command cmd_status_remote =
	STATUS_COMMAND("Data", status, "Show what changed in tracked data, and which stages are not up to date");
static const struct command data_status_remote = STATUS_COMMAND(
	NULL, data_status, "Show data in HEAD, in the pointers, in the workspace, and not in the store");

static const struct command *const data_commands[] = { &data_status_remote, NULL };

const struct command cmd_data_remote = {
	.name = "data",
	.group = "Data",
	.synopsis = "status [<options>] [--] [<target>...]",
	.summary = "DVC's three-way view of data",
	.subcommands = data_commands,
};
