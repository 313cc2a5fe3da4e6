#include "cmd/gc.h"

#include "base/error.h"
#include "base/lock.h"
#include "base/path.h"
#include "cmd/show.h"
#include "store/collect.h"
#include "workspace/saved.h"
#include "workspace/temps.h"

/* "git mlv gc waits for …" */
static void waiting(const char *holder, void *user)
{
	struct context *context = user;

	view_note(context->view, "waiting for %s", holder);
}

static struct lock *lock_store(struct context *context, struct store *store, GError **error)
{
	g_autofree char *path = collect_lock_path(store);

	return lock_take(path, LOCK_EXCLUSIVE, 30000, "git mlv gc", waiting, context, error);
}

static int undelete(struct context *context, struct store *store, GError **error)
{
	autoptr(lock) lock = lock_store(context, store, error);
	struct collect_result result = { 0 };
	g_autofree char *count = NULL;
	char size[16];

	if (!lock || !collect_undelete(store, &result, error))
		return -1;
	count = show_count(result.objects, "object", "objects");
	view_note(context->view, "put back %s (%s)", count, view_size(size, result.bytes));
	return EXIT_DONE;
}

static void report(struct context *context, const struct collect_result *result, bool now, bool dry_run)
{
	g_autofree char *count = show_count(result->objects, "object", "objects");
	char size[16], purged[16];

	view_note(context->view, "%s%s %s (%s); %" G_GUINT64_FORMAT " kept", dry_run ? "would have " : "",
		  now ? "deleted" : "moved to the trash", count, view_size(size, result->bytes), result->kept);
	if (result->purged > 0)
		view_note(context->view, "%s %" G_GUINT64_FORMAT " old ones (%s) out of the trash",
			  dry_run ? "would have deleted" : "deleted", result->purged, view_size(purged, result->purged_bytes));
	if (result->parts > 0) {
		g_autofree char *parts = show_count(result->parts, "broken download", "broken downloads");

		view_note(context->view, "%s %s (%s)", dry_run ? "would have deleted" : "deleted", parts,
			  view_size(purged, result->parts_bytes));
	}
	if (result->objects > 0 && !now && !dry_run)
		view_note(context->view, "git mlv gc --undelete puts them back");
}

/* What stages wrote over, or left when they were killed, has the same time of grace. */
static void report_saved(struct context *context, const struct saved_count *saved, bool dry_run)
{
	if (saved->purged > 0)
		view_note(context->view, "%s what was saved from stages before that time: %u folders of '%s/saved'",
			  dry_run ? "would have deleted" : "deleted", saved->purged, context->ws->state_dir);
	if (saved->kept > 0)
		view_note(context->view, "what was saved from stages since is kept: %u folders of '%s/saved'", saved->kept,
			  context->ws->state_dir);
}

/* What is no object, but as old. */
static bool purge_rest(struct context *context, bool dry_run, GError **error)
{
	const struct workspace *ws = context->ws;
	struct saved_count saved;
	guint temps;

	if (!saved_purge(ws, ws->settings->gc_grace, dry_run, &saved, error))
		return false;
	report_saved(context, &saved, dry_run);
	if (!temps_purge(ws, ws->settings->gc_grace, dry_run, &temps, error))
		return false;
	if (temps > 0)
		view_note(context->view, "%s temporary files of killed commands: %u", dry_run ? "would have deleted" : "deleted", temps);
	return true;
}

/* Ask where more than what nothing refers to may go: by a narrow scope, for good, or in a store that other repositories may use. */
static bool may_collect(struct context *context, const struct store *store, bool narrow, bool now, GError **error)
{
	const struct gc_arguments *options = context->options;
	const struct workspace *ws = context->ws;
	const char *own = ws->dialect == &dialect_native ? context->repo->common_dir : ws->root;
	bool shared = !own || !path_is_inside(store->root, own);

	if (options->yes || !(narrow || now || shared))
		return true;
	if (shared)
		view_warn(context->view, "the store '%s' lies outside of this repository: what other repositories keep there is not known here",
			  store->root);
	if (view_confirm(context->view, "Collect %s%s from the store?",
			 narrow ? "all that this scope does not keep" : "what nothing refers to", now ? ", for good," : ""))
		return true;
	error_set(error, ERROR_USAGE, "not confirmed; nothing was collected");
	error_hint(error, "--dry shows what would go, --force does not ask");
	return false;
}

static int gc_run(struct context *context, GError **error)
{
	const struct gc_arguments *options = context->options;
	struct store *store = workspace_store(context->ws, error);
	const struct workspace *ws = context->ws;
	struct collect_result result = { 0 };
	autoptr(lock) lock = NULL;
	autoptr(roots) roots = NULL;
	struct roots_scope scope;
	bool narrow, now;

	if (!store || !gc_prune(options, &now, error))
		return -1;
	if (options->undelete)
		return undelete(context, store, error);
	gc_scope(options, &scope, &narrow);
	if (!options->dry_run && !may_collect(context, store, narrow, now, error))
		return -1;
	/* The lock first: what another process stores after the roots were read must not be taken for garbage. */
	lock = lock_store(context, store, error);
	roots = lock ? gc_roots(context, &scope, error) : NULL;
	if (!roots || !collect_run(store, roots->live, ws->settings->gc_grace, now, options->dry_run, &result, error))
		return -1;
	report(context, &result, now, options->dry_run);
	return purge_rest(context, options->dry_run, error) ? EXIT_DONE : -1;
}

const struct command cmd_gc = {
	.name = "gc",
	.group = "Care",
	.synopsis = gc_synopsis,
	.summary = "Collect objects that nothing refers to",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct gc_arguments),
	.options = gc_specs,
	.run = gc_run,
};
