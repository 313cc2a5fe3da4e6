#include "workspace/track-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "repo/exclude.h"
#include "repo/worktree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* Longest document compared before it is written anew, in bytes. */
#define DOCUMENT_LIMIT ((size_t)256 << 20)

static void item_free(struct track_item *item)
{
	g_free(item->path);
	g_free(item->old_path);
	g_free(item->file);
	g_free(item);
}

struct track_result *track_result_new(void)
{
	struct track_result *result = g_new0(struct track_result, 1);

	result->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	result->touched = g_ptr_array_new_with_free_func(g_free);
	result->notes = g_ptr_array_new_with_free_func(g_free);
	return result;
}

void track_result_free(struct track_result *result)
{
	if (!result)
		return;
	g_ptr_array_unref(result->items);
	g_ptr_array_unref(result->touched);
	g_ptr_array_unref(result->notes);
	g_free(result);
}

void track_result_merge(struct track_result *into, struct track_result *from)
{
	for (guint i = 0; i < from->touched->len; i++)
		track_touch(into, from->touched->pdata[i]);
	g_ptr_array_extend_and_steal(into->items, g_steal_pointer(&from->items));
	g_ptr_array_extend_and_steal(into->notes, g_steal_pointer(&from->notes));
	from->items = g_ptr_array_new();
	from->notes = g_ptr_array_new();
	into->stored += from->stored;
	into->stored_bytes += from->stored_bytes;
	into->staged = into->staged || from->staged;
}

struct track_item *track_report(struct track_result *result, enum track_verb verb, const char *path, const char *file)
{
	struct track_item *item = g_new0(struct track_item, 1);

	item->verb = verb;
	item->path = g_strdup(path);
	item->file = g_strdup(file);
	g_ptr_array_add(result->items, item);
	return item;
}

void track_touch(struct track_result *result, const char *path)
{
	if (!g_ptr_array_find_with_equal_func(result->touched, path, g_str_equal, NULL))
		g_ptr_array_add(result->touched, g_strdup(path));
}

void track_touch_git(struct track_result *result, const struct workspace *ws, char *path)
{
	const char *below = path ? path_below(path, ws->git_prefix) : NULL;

	if (below)
		track_touch(result, below);
	g_free(path);
}

/* A document may be a link to another file of the project; one that leads out of it comes from a clone that wants to write there. */
static bool check_link(struct workspace *ws, const char *path, const char *full, GError **error)
{
	g_autofree char *real = NULL, *quoted = NULL;
	mode_t mode;

	if (!track_kind(ws, path, &mode, error))
		return false;
	if (!S_ISLNK(mode))
		return true;
	real = realpath(full, NULL);
	if (real && path_is_inside(real, ws->root))
		return true;
	quoted = quote_path(path);
	error_set(error, ERROR_UNSAFE, "'%s' is a symbolic link that leads %s", quoted,
		  real ? "out of the project" : "nowhere");
	error_hint(error, "replace it by a file");
	return false;
}

bool track_write(struct workspace *ws, const char *path, const char *text, size_t length, bool *changed, GError **error)
{
	g_autofree char *full = path_join(ws->root, path), *old = NULL;
	size_t old_length;
	bool same;

	if (!check_link(ws, path, full, error))
		return false;
	same = file_read(full, DOCUMENT_LIMIT, &old, &old_length, NULL) && old_length == length &&
	       !memcmp(old, text, length);
	if (changed)
		*changed = !same;
	return same || file_replace(full, text, length, 0666, error);
}

bool track_stage(struct workspace *ws, struct track_result *result, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

	if (!ws->settings->autostage || !result->touched->len)
		return true;
	for (guint i = 0; i < result->touched->len; i++) {
		const char *path = result->touched->pdata[i];
		g_autofree char *git_path = workspace_git_path(ws, path), *full = path_join(ws->root, path);
		bool tracked = true;

		/* A file that is gone is of interest to Git only if Git had it. */
		if (access(full, F_OK) && !worktree_is_tracked(ws->repo, git_path, &tracked, error))
			return false;
		if (tracked)
			g_ptr_array_add(paths, g_steal_pointer(&git_path));
	}
	if (!paths->len)
		return true;
	g_ptr_array_add(paths, NULL);
	result->staged = worktree_stage(ws->repo, (const char *const *)paths->pdata, error);
	return result->staged;
}

bool track_kind(struct workspace *ws, const char *path, mode_t *mode, GError **error)
{
	g_autoptr(GError) reason = NULL;
	const char *name;
	auto_fd int dir = file_open_parent(ws->root_fd, path, false, &name, &reason);
	struct stat st;

	*mode = 0;
	if (dir < 0) {
		if (error_is(reason, ERROR_NOT_FOUND))
			return true;
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	if (!fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) {
		*mode = st.st_mode;
		return true;
	}
	if (errno == ENOENT)
		return true;
	error_set_errno(error, errno, "look at '%s'", path);
	return false;
}

bool track_check_pointers(struct workspace *ws, const GPtrArray *pointers, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) ignored = NULL;

	for (guint i = 0; i < pointers->len; i++)
		g_ptr_array_add(paths, workspace_git_path(ws, pointers->pdata[i]));
	ignored = paths->len ? worktree_ignored(ws->repo, paths, error) : NULL;
	for (guint i = 0; ignored && i < paths->len; i++) {
		g_autofree char *shown = workspace_show_path(ws, pointers->pdata[i]), *quoted = quote_path(shown);

		if (!g_hash_table_contains(ignored, paths->pdata[i]))
			continue;
		error_set(error, ERROR_USAGE, "Git ignores '%s', and with it what it would track", quoted);
		error_hint(error, "git check-ignore -v %s shows the rule", quoted);
		return false;
	}
	return ignored || !paths->len;
}

static void work_free(struct track_work *work)
{
	g_free(work->path);
	g_free(work->file);
	g_clear_pointer(&work->insides, g_ptr_array_unref);
	g_ptr_array_unref(work->scans);
	if (work->manifest)
		manifest_free(work->manifest);
	g_free(work);
}

void track_session_init(struct track_session *session, struct workspace *ws, const struct track_options *options)
{
	session->ws = ws;
	session->options = options;
	session->result = track_result_new();
	session->works = g_ptr_array_new_with_free_func((GDestroyNotify)work_free);
}

void track_session_clear(struct track_session *session)
{
	g_clear_pointer(&session->result, track_result_free);
	g_clear_pointer(&session->works, g_ptr_array_unref);
}

struct track_work *track_session_add(struct track_session *session, const char *path, const char *file,
				     const struct output *output)
{
	struct track_work *work = g_new0(struct track_work, 1);

	work->path = g_strdup(path);
	work->file = g_strdup(file);
	work->output = output;
	work->stored = !output || !output->no_cache;
	work->scans = g_ptr_array_new_with_free_func((GDestroyNotify)scan_free);
	g_ptr_array_add(session->works, work);
	return work;
}

bool track_ignore(struct track_session *session, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free), touched = NULL;

	for (guint i = 0; i < session->works->len; i++) {
		const struct track_work *work = session->works->pdata[i];

		if (!work->output || !work->output->no_cache)
			g_ptr_array_add(paths, workspace_git_path(session->ws, work->path));
	}
	if (!paths->len)
		return true;
	if (!exclude_add_all(session->ws->repo, paths, &touched, error))
		return false;
	for (guint i = 0; touched && i < touched->len; i++)
		track_touch_git(session->result, session->ws, g_strdup(touched->pdata[i]));
	return true;
}

bool track_session_run(struct track_session *session, GError **error)
{
	return track_look(session, error) && track_check_absent(session, error) && track_store(session, error) && track_ignore(session, error) &&
	       track_record(session, error) && track_link(session, error) && track_remember(session, error) &&
	       track_stage(session->ws, session->result, error);
}
