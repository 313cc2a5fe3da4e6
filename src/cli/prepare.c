#include "cli/prepare.h"

#include "base/error.h"
#include "base/quote.h"

enum view_colour prepare_colour(const struct config *config)
{
	const char *no_colour = g_getenv("NO_COLOR"), *terminal = g_getenv("TERM");
	const char *value = NULL;
	bool on = true;

	if (no_colour && *no_colour)
		return VIEW_COLOUR_NEVER;
	if (config) {
		const char *key = config_get(config, "color.mlv") ? "color.mlv" : "color.ui";

		value = config_get(config, key);
		if (value && g_ascii_strcasecmp(value, "always") == 0)
			return VIEW_COLOUR_ALWAYS;
		if (value && g_ascii_strcasecmp(value, "never") == 0)
			return VIEW_COLOUR_NEVER;
		/* "auto" is no boolean: it leaves `on` as it is, and so does nonsense. */
		if (value && !config_get_bool(config, key, true, &on, NULL))
			on = true;
	}
	return on && terminal && strcmp(terminal, "dumb") != 0 ? VIEW_COLOUR_AUTO : VIEW_COLOUR_NEVER;
}

static bool open_repo(struct context *context, unsigned needs, GError **error)
{
	g_autoptr(GError) cause = NULL;

	context->repo = repo_open(&cause);
	if (context->repo)
		return true;
	if (!(needs & NEEDS_REPO) && error_is(cause, ERROR_NOT_FOUND))
		return true;
	g_propagate_error(error, g_steal_pointer(&cause));
	return false;
}

static bool open_config(struct context *context, GError **error)
{
	context->config = config_read(context->repo, error);
	if (!context->config)
		return false;
	view_set_colour(context->view, prepare_colour(context->config));
	return config_get_bool(context->config, "core.quotepath", true, &context->view->ascii_paths, error);
}

static bool require_work_tree(const struct context *context, GError **error)
{
	g_autofree char *quoted = NULL;

	if (context->repo->work_tree)
		return true;
	quoted = quote_path(context->repo->common_dir);
	error_set(error, ERROR_USAGE, "'git mlv %s' needs a work tree, and %s is a bare repository",
		  context->command->name, quoted);
	error_hint(error, "clone it, or add a work tree with git worktree add");
	return false;
}

bool prepare_open(struct context *context, bool wait_for_lock, GError **error)
{
	unsigned needs = context->command->needs;
	g_autofree char *what = NULL;

	if (needs & (NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK))
		needs |= NEEDS_REPO;
	if (!(needs & (NEEDS_REPO | WANTS_REPO)))
		return true;
	if (!open_repo(context, needs, error) || !open_config(context, error))
		return false;
	if ((needs & NEEDS_WORK_TREE) && !require_work_tree(context, error))
		return false;
	if (!(needs & NEEDS_WORKSPACE))
		return true;
	context->ws = workspace_open(context->repo, context->config, error);
	if (!context->ws)
		return false;
	context->ws->watch = context->view->watch;
	what = g_strconcat("git mlv ", context->argv[0], NULL);
	return !(needs & NEEDS_LOCK) || workspace_lock(context->ws, what, wait_for_lock, error);
}

/* What was written through a link of somebody may be all there is of it. */
static void tell_set_aside(const struct context *context)
{
	unsigned count = context->ws ? workspace_set_aside(context->ws) : 0;

	if (count)
		view_warn(context->view,
			  "%u object%s had been changed in the store and made way for the right one%s; what was there lies in "
			  "'%s/.mlv/trash' for mlv.gcGrace",
			  count, count == 1 ? "" : "s", count == 1 ? "" : "s", context->ws->settings->store_root);
}

void prepare_close(struct context *context)
{
	tell_set_aside(context);
	g_clear_pointer(&context->ws, workspace_free);
	g_clear_pointer(&context->config, config_free);
	g_clear_pointer(&context->repo, repo_free);
}
