#include "workspace/track-int.h"

#include "base/error.h"
#include "base/quote.h"
#include "repo/exclude.h"
#include "repo/worktree.h"

/* Git would go on tracking what it is told to ignore. */
static bool check_untracked(struct workspace *ws, const GPtrArray *paths, GError **error)
{
	for (guint i = 0; i < paths->len; i++) {
		g_autofree char *git_path = workspace_git_path(ws, paths->pdata[i]), *shown = NULL, *quoted = NULL;
		bool tracked;

		if (!worktree_is_tracked(ws->repo, git_path, &tracked, error))
			return false;
		if (!tracked)
			continue;
		shown = workspace_show_path(ws, paths->pdata[i]);
		quoted = quote_path(shown);
		error_set(error, ERROR_USAGE, "'%s' is tracked by Git", quoted);
		error_hint(error, "git rm -r --cached %s", quoted);
		return false;
	}
	return true;
}

static bool ignore_outputs(struct workspace *ws, const GPtrArray *paths, struct track_result *result, GError **error)
{
	g_autoptr(GPtrArray) git_paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) touched = NULL;
	bool ok;

	for (guint i = 0; i < paths->len; i++)
		g_ptr_array_add(git_paths, workspace_git_path(ws, paths->pdata[i]));
	ok = exclude_add_all(ws->repo, git_paths, &touched, error);
	for (guint i = 0; touched && i < touched->len; i++)
		track_touch_git(result, ws, g_strdup(touched->pdata[i]));
	return ok;
}

struct track_result *track_rewrite(struct workspace *ws, const GArray *texts, const GPtrArray *ignore, GError **error)
{
	autoptr(track_result) result = track_result_new();
	g_autoptr(GPtrArray) paths = g_ptr_array_new();

	for (guint i = 0; i < texts->len; i++)
		g_ptr_array_add(paths, (gpointer)g_array_index(texts, struct track_text, i).path);
	if (!track_check_pointers(ws, paths, error))
		return NULL;
	if (ignore && (!check_untracked(ws, ignore, error) || !ignore_outputs(ws, ignore, result, error)))
		return NULL;
	for (guint i = 0; i < texts->len; i++) {
		const struct track_text *text = &g_array_index(texts, struct track_text, i);
		bool changed;

		if (!track_write(ws, text->path, text->text, text->length, &changed, error))
			return NULL;
		if (changed)
			track_touch(result, text->path);
	}
	return track_stage(ws, result, error) ? g_steal_pointer(&result) : NULL;
}
