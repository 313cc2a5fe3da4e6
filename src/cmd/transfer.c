#include "cmd/transfer.h"

#include "backend/table.h"
#include "base/path.h"
#include "cmd/show.h"
#include "sync/runs.h"
#include "workspace/roots.h"

/* What one visit of a revision's output needs. */
struct gather {
	struct context *context;
	GPtrArray *wants;
	char **paths; /* arguments as paths in the project; NULL for all */
	enum sync_use use;
	const char *remote;
};

/* The wants of one output of some revision, as far as the arguments ask for it. */
static bool gather_output(const struct output *output, const char *where, void *user, GError **error)
{
	struct gather *gather = user;
	g_autoptr(GPtrArray) targets = g_ptr_array_new();
	struct target target = { .output = (struct output *)output, .inside = (char *)"" };
	bool wanted = gather->paths == NULL;

	(void)where;
	(void)error;
	for (char **path = gather->paths; path && *path && !wanted; path++) {
		const char *inside = path_below(*path, output->path);

		wanted = inside || path_is_inside(output->path, *path);
		if (inside)
			target.inside = (char *)inside;
	}
	if (!wanted)
		return true;
	g_ptr_array_add(targets, &target);
	sync_wants_from_targets(gather->wants, targets, gather->use, gather->remote);
	return true;
}

/* The wants of other revisions than the workspace. */
static bool gather_revisions(struct gather *gather, const struct transfer_scope *scope, size_t *problems, GError **error)
{
	char *head[] = { (char *)"HEAD", NULL };
	bool bare = gather->context->ws->root == NULL;
	bool explicit_scope = scope->all_branches || scope->all_tags || scope->all_commits || scope->revisions;
	const struct roots_scope roots = {
		.branches = scope->all_branches,
		.tags = scope->all_tags,
		.commits = scope->all_commits,
		.revisions = scope->revisions ? scope->revisions : bare && !explicit_scope ? head : NULL,
	};
	g_autoptr(GPtrArray) unreadable = g_ptr_array_new_with_free_func((GDestroyNotify)roots_problem_free);

	if (!explicit_scope && !bare)
		return true;
	if (!roots_each(gather->context->ws, &roots, gather_output, gather, unreadable, error))
		return false;
	for (guint i = 0; i < unreadable->len; i++) {
		const struct roots_problem *problem = g_ptr_array_index(unreadable, i);

		view_warn(gather->context->view, "%s in %s: %s", problem->file, problem->where, problem->text);
	}
	if (problems)
		*problems += unreadable->len;
	return true;
}

GPtrArray *transfer_wants(struct context *context, const struct transfer_scope *scope, bool glob, enum sync_use use,
			  const char *remote, size_t *problems, GError **error)
{
	g_autoptr(GPtrArray) wants = sync_wants_new();
	g_auto(GStrv) paths = NULL;
	struct gather gather = { .context = context, .wants = wants, .use = use, .remote = remote };
	bool only_revisions = scope->revisions != NULL;

	if (problems)
		*problems = 0;
	if (context->ws->root && !only_revisions) {
		autoptr(outputs) outputs = show_load_some(context, problems, error);
		g_autoptr(GPtrArray) targets = outputs ? show_targets_of(context, outputs, glob, error) : NULL;

		if (!targets)
			return NULL;
		sync_wants_from_targets(wants, targets, use, remote);
	}
	if (context->arg_count > 0) {
		paths = show_paths(context, context->args, error);
		if (!paths)
			return NULL;
		gather.paths = paths;
	}
	if (!gather_revisions(&gather, scope, problems, error))
		return NULL;
	return g_steal_pointer(&wants);
}

void transfer_print(const char *path, const struct oid *oid, uint64_t size, void *user)
{
	struct context *context = user;
	char text[OID_TEXT_MAX], amount[16];

	view_print(context->view, VIEW_PLAIN, "%s  %10s  ", oid_text(oid, text),
		   size == STORE_ANY_SIZE ? "" : view_size(amount, size));
	view_path(context->view, VIEW_PLAIN, path, '\n');
}

void transfer_failures(struct context *context, const struct sync_result *result)
{
	for (guint i = 0; i < result->failures->len; i++) {
		struct sync_failure *failure = g_ptr_array_index(result->failures, i);
		g_autofree char *shown = workspace_show_path(context->ws, failure->path);

		g_prefix_error(&failure->error, "'%s': ", shown);
		view_error(context->view, failure->error);
	}
	if (result->failed > result->failures->len)
		view_warn(context->view, "%" G_GUINT64_FORMAT " more failed",
			  result->failed - (uint64_t)result->failures->len);
}

int transfer_report(struct context *context, const char *verb, const struct sync_result *result, bool dry_run,
		    size_t problems)
{
	g_autofree char *moved = show_count(result->objects, "object", "objects");
	char size[16];

	transfer_failures(context, result);
	if (result->objects == 0 && result->failed == 0 && problems == 0)
		view_note(context->view, "everything is up to date (%" G_GUINT64_FORMAT " checked)", result->present);
	else
		view_note(context->view, "%s%s %s (%s), %" G_GUINT64_FORMAT " were there already",
			  dry_run ? "would have " : "", verb, moved, view_size(size, result->bytes), result->present);
	return result->failed > 0 || problems > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

int transfer_report_runs(struct context *context, const char *verb, const struct sync_result *result, bool dry_run)
{
	g_autofree char *moved = show_count(result->objects, "run", "runs");

	transfer_failures(context, result);
	view_note(context->view, "%s%s %s of the run cache, %" G_GUINT64_FORMAT " were there already",
		  dry_run ? "would have " : "", verb, moved, result->present);
	return result->failed > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

int transfer_fetch_runs(struct context *context, GPtrArray *wants, const struct sync_options *how, GError **error)
{
	struct sync_result result;
	int code = -1;

	sync_result_init(&result);
	if (sync_fetch_runs(context->ws, wants, how, &result, error))
		code = transfer_report_runs(context, "fetched", &result, how->dry_run);
	sync_result_clear(&result);
	return code;
}

struct sync_options transfer_options(const char *remote, int64_t jobs, bool dry_run, struct context *context)
{
	return (struct sync_options){
		.remote = remote,
		.jobs = jobs > 0 ? (unsigned)MIN(jobs, 1024) : 0,
		.dry_run = dry_run,
		.visit = dry_run || context->view->verbose > 0 ? transfer_print : NULL,
		.user = context,
		.table = remote_table,
	};
}
