#include "sync/collect-remote.h"

#include "base/error.h"
#include "cmd/gc.h"
#include "cmd/show.h"
#include "cmd/transfer.h"

/* What this clone cannot see may be alive: then nothing is collected on a remote that others use. */
static bool sees_everything(const struct repo *repo, GError **error)
{
	unsigned traits = repo_traits(repo);
	const char *kind = traits & REPO_SHALLOW ? "shallow" : traits & REPO_PARTIAL ? "partial" : "single-branch";

	if (!(traits & (REPO_SHALLOW | REPO_PARTIAL | REPO_SINGLE_BRANCH)))
		return true;
	error_set(error, ERROR_UNSAFE, "this is a %s clone: it does not know all that the remote's data belong to", kind);
	error_hint(error, "run it in a full clone (git clone without --depth, --filter and --single-branch)");
	return false;
}

static int undelete(struct context *context, const struct sync_options *how, GError **error)
{
	struct sync_result result;
	int code = -1;

	sync_result_init(&result);
	if (collect_remote_undelete(context->ws, how, &result, error))
		code = transfer_report(context, "put back", &result, false, 0);
	sync_result_clear(&result);
	return code;
}

static void show_plan(struct context *context, const struct collect_remote_plan *plan)
{
	char text[OID_TEXT_MAX], size[16];

	for (guint i = 0; i < plan->items->len; i++) {
		const struct collect_remote_item *item = &g_array_index(plan->items, struct collect_remote_item, i);

		view_print(context->view, VIEW_PLAIN, "%s  %10s\n", oid_text(&item->oid, text), view_size(size, item->size));
	}
}

/* A plan, with the roots that it goes by. */
struct planned {
	struct roots *roots;
	struct collect_remote_plan *plan;
};

static void planned_clear(struct planned *planned)
{
	g_clear_pointer(&planned->plan, collect_remote_plan_free);
	g_clear_pointer(&planned->roots, roots_free);
}

/* Find out what is garbage; to look only (`dry_run`) keeps nobody out of the remote. */
static bool make_plan(struct context *context, bool dry_run, struct planned *planned, GError **error)
{
	const struct gc_arguments *options = context->options;
	const struct sync_options how = transfer_options(options->remote, options->jobs, dry_run, context);
	struct collect_remote_options collect = { .grace = context->ws->settings->gc_grace };
	struct roots_scope scope;
	bool narrow;

	if (!gc_prune(options, &collect.prune, error))
		return false;
	gc_scope(options, &scope, &narrow);
	planned->roots = gc_roots(context, &scope, error);
	if (planned->roots)
		planned->plan = collect_remote_plan(context->ws, planned->roots->live, &collect, &how, error);
	return planned->plan != NULL;
}

/* Ask, then look again: what is not garbage any more is left alone, and what was not shown was not agreed to. */
static bool confirm(struct context *context, struct planned *planned, GError **error)
{
	struct planned again = { 0 };
	uint64_t more;

	if (!view_confirm(context->view, "Collect them on the remote?")) {
		error_set(error, ERROR_USAGE, "not confirmed; nothing was collected");
		error_hint(error, "--dry lists what would go, --force does not ask");
		return false;
	}
	if (!make_plan(context, false, &again, error)) {
		planned_clear(&again);
		return false;
	}
	more = collect_remote_growth(planned->plan, again.plan);
	planned_clear(planned);
	*planned = again;
	if (more == 0)
		return true;
	error_set(error, ERROR_CONFLICT, "%" G_GUINT64_FORMAT " more objects became garbage meanwhile; nothing was collected", more);
	error_hint(error, "run it again");
	return false;
}

/* Plan, show, ask and collect. */
static int collect(struct context *context, struct planned *planned, GError **error)
{
	const struct gc_arguments *options = context->options;
	struct sync_result result;
	char size[16];
	int code = -1;

	if (!make_plan(context, options->dry_run || !options->yes, planned, error))
		return -1;
	view_note(context->view, "objects on the remote that nothing refers to: %u (%s); others: %" G_GUINT64_FORMAT,
		  planned->plan->items->len, view_size(size, planned->plan->bytes), planned->plan->kept);
	if (options->dry_run) {
		show_plan(context, planned->plan);
		return EXIT_DONE;
	}
	if (planned->plan->items->len + planned->plan->purge->len == 0)
		return EXIT_DONE;
	if (!options->yes && !confirm(context, planned, error))
		return -1;
	sync_result_init(&result);
	if (collect_remote_run(planned->plan, &result, error)) {
		code = result.objects + result.failed > 0 ? transfer_report(context, "collected", &result, false, 0) : EXIT_DONE;
		if (planned->plan->purge->len > 0)
			view_note(context->view, "deleted %u out of the remote's trash", planned->plan->purge->len);
	}
	sync_result_clear(&result);
	return code;
}

static int gc_remote_run(struct context *context, GError **error)
{
	const struct gc_arguments *options = context->options;
	const struct sync_options how = transfer_options(options->remote, options->jobs, options->dry_run, context);
	struct planned planned = { 0 };
	int code;

	if (options->undelete)
		return undelete(context, &how, error);
	if (!sees_everything(context->repo, error))
		return -1;
	code = collect(context, &planned, error);
	planned_clear(&planned);
	return code;
}

const struct command cmd_gc_remote = {
	.name = "gc",
	.group = "Care",
	.synopsis = gc_synopsis,
	.summary = "Collect objects that nothing refers to",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct gc_arguments),
	.options = gc_specs,
	.run = gc_remote_run,
};
