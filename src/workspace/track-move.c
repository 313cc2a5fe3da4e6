#include "workspace/track-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "repo/exclude.h"
#include "repo/worktree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* One rename. */
struct moving {
	struct workspace *ws;
	const struct outputs *outputs;
	struct track_result *result;
	const struct output *output; /* at `from` */
	const char *from;
	char *to;
	char *pointer;     /* of `to` */
	struct scan *scan; /* what the index knows about the data */
};

static void moving_clear(struct moving *moving)
{
	g_free(moving->to);
	g_free(moving->pointer);
	g_clear_pointer(&moving->scan, scan_free);
	g_clear_pointer(&moving->result, track_result_free);
}

static bool find_source(struct moving *moving, GError **error)
{
	g_autofree char *quoted = quote_path(moving->from);

	moving->output = outputs_find(moving->outputs, moving->from);
	if (!moving->output) {
		error_set(error, ERROR_NOT_FOUND, "'%s' is not tracked on its own", quoted);
		error_hint(error, "git mlv ls shows what is");
		return false;
	}
	if (moving->output->stage || moving->output->pointer->outs->len != 1) {
		error_set(error, ERROR_USAGE, "'%s' is named in %s with other things", quoted, moving->output->file);
		error_hint(error, "edit %s", moving->output->file);
		return false;
	}
	return true;
}

/* Where it goes: into an existing folder, or to the path itself. */
static bool find_goal(struct moving *moving, const char *to, GError **error)
{
	mode_t mode;

	if (!*to)
		moving->to = g_strdup(path_base(moving->from));
	else if (!track_kind(moving->ws, to, &mode, error))
		return false;
	else
		moving->to = S_ISDIR(mode) && !outputs_covering(moving->outputs, to, NULL)
				     ? path_join(to, path_base(moving->from))
				     : g_strdup(to);
	moving->pointer = g_strconcat(moving->to, moving->ws->dialect->pointer_suffix, NULL);
	return true;
}

/* Whether a move that was killed left this state: both pointers say the same, and the data lie on one side only. */
static bool is_resumed(const struct moving *moving)
{
	const struct output *other = outputs_find(moving->outputs, moving->to);

	return other && g_str_equal(other->file, moving->pointer) && oid_equal(&other->oid, &moving->output->oid);
}

static bool refuse(const struct moving *moving, GError **error, const char *why)
{
	g_autofree char *quoted = quote_path(moving->to);

	error_set(error, ERROR_USAGE, "'%s' %s", quoted, why);
	return false;
}

static bool check_goal(struct moving *moving, GError **error)
{
	struct ignore *ignore = workspace_ignore(moving->ws, error);
	g_autofree char *git_path = workspace_git_path(moving->ws, moving->to);
	g_autoptr(GPtrArray) pointers = g_ptr_array_new();
	mode_t data, pointer;
	bool tracked;

	if (!ignore || !path_check(moving->to, error))
		return false;
	if (path_is_inside(moving->to, moving->ws->dialect->marker))
		return refuse(moving, error, "belongs to the project's own files");
	if (dialect_is_pointer(moving->ws->dialect, moving->to) || dialect_is_pipeline(moving->ws->dialect, moving->to))
		return refuse(moving, error, "is a name for what describes tracked data, not for data");
	if (path_is_inside(moving->to, moving->from))
		return refuse(moving, error, "lies inside of what is to be moved");
	if (ignore_match(ignore, moving->to, moving->output->oid.dir, NULL))
		return refuse(moving, error, "is ignored by the project's rules");
	if (!track_kind(moving->ws, moving->to, &data, error) ||
	    !track_kind(moving->ws, moving->pointer, &pointer, error) ||
	    !worktree_is_tracked(moving->ws->repo, git_path, &tracked, error))
		return false;
	if (is_resumed(moving))
		return true;
	if (outputs_covering(moving->outputs, moving->to, NULL))
		return refuse(moving, error, "is tracked already, or lies in a folder that is");
	if (data || pointer)
		return refuse(moving, error, data ? "exists already" : "has a pointer already");
	if (tracked)
		return refuse(moving, error, "is tracked by Git");
	g_ptr_array_add(pointers, moving->pointer);
	return track_check_pointers(moving->ws, pointers, error);
}

/* Look at the data, so that the index still knows them under the new name. */
static bool look(struct moving *moving, GError **error)
{
	struct scan_options options = {.path = moving->from, .algo = moving->ws->dialect->algo, .no_hash = true};

	if (!oid_is_none(&moving->output->oid))
		options.algo = (enum oid_algo)moving->output->oid.algo;
	moving->scan = scan_path(moving->ws, &options, error);
	return moving->scan;
}

static bool add_ignore_line(struct moving *moving, GError **error)
{
	g_autofree char *git_path = workspace_git_path(moving->ws, moving->to), *dir = path_parent(moving->to);
	char *touched = NULL;

	if (!file_make_dirs_beneath(moving->ws->root_fd, dir, error))
		return false;
	if (moving->output->no_cache)
		return true;
	if (!exclude_add(moving->ws->repo, git_path, &touched, error))
		return false;
	track_touch_git(moving->result, moving->ws, touched);
	return true;
}

/* A path in a pointer that moves from one folder to another. New string. */
static char *rebase_path(const char *path, const char *from_dir, const char *to_dir)
{
	g_autofree char *joined = NULL, *absolute = NULL, *base = NULL;

	if (*path == '/' || strstr(path, "://"))
		return g_strdup(path);
	joined = g_strconcat("/", from_dir, "/", path, NULL);
	absolute = path_normal(joined);
	base = path_join("/", to_dir);
	return path_relative(absolute, base);
}

static bool write_pointer(struct moving *moving, GError **error)
{
	struct workspace *ws = moving->ws;
	g_autofree char *full = path_join(ws->root, moving->output->file), *text = NULL, *now = NULL;
	g_autofree char *from_dir = path_parent(moving->output->file), *to_dir = path_parent(moving->pointer);
	autoptr(pointer) pointer = NULL;
	struct entry *entry;
	size_t length;

	if (file_read(full, POINTER_SIZE_LIMIT, &text, &length, error))
		pointer = pointer_read(text, length, moving->output->file, ws->dialect, error);
	if (!pointer)
		return false;
	entry = pointer->outs->pdata[0];
	g_free(entry->path);
	entry->path = g_strdup(path_base(moving->to));
	for (guint i = 0; i < pointer->deps->len; i++) {
		struct entry *dep = pointer->deps->pdata[i];
		g_autofree char *old = dep->path, *work = path_join(from_dir, pointer->wdir);

		dep->path = dep->repo ? g_steal_pointer(&old) : rebase_path(old, work, to_dir);
	}
	g_free(pointer->wdir);
	pointer->wdir = g_strdup(".");
	/* For DVC a moved pointer is a new file; here it keeps its comments. */
	now = (ws->dialect == &dialect_dvc ? pointer_write_anew : pointer_write)(pointer, &length);
	if (!track_write(ws, moving->pointer, now, length, NULL, error))
		return false;
	track_touch(moving->result, moving->pointer);
	return true;
}

static bool rename_data(struct moving *moving, GError **error)
{
	const char *old_name, *new_name;
	auto_fd int from = -1;
	auto_fd int to = -1;

	if (moving->scan->kind == SCAN_ABSENT)
		return true;
	from = file_open_parent(moving->ws->root_fd, moving->from, false, &old_name, error);
	to = from < 0 ? -1 : file_open_parent(moving->ws->root_fd, moving->to, true, &new_name, error);
	if (to < 0)
		return false;
	if (!file_rename_new(from, old_name, to, new_name))
		return true;
	error_set_errno(error, errno, "rename '%s' to '%s'", moving->from, moving->to);
	return false;
}

/* The files are the same as before; the index has to know where they are. */
static bool remember(struct moving *moving, GError **error)
{
	struct index *index = workspace_index(moving->ws, error);
	struct stat st;

	if (!index)
		return false;
	index_drop(index, moving->from);
	index_put_out(index, moving->from, NULL);
	if (moving->scan->kind != SCAN_ABSENT)
		index_put_out(index, moving->to, &moving->output->oid);
	for (guint i = 0; i < moving->scan->files->len; i++) {
		const struct scan_file *file = scan_get(moving->scan, i);
		g_autofree char *path = path_join(moving->to, file->path);
		struct stamp stamp;

		if (file->fresh || file->followed || oid_is_none(&file->oid) ||
		    fstatat(moving->ws->root_fd, path, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		/* The rename itself may have moved the ctime. */
		stamp = stamp_of(&st);
		if (stamp_same_file(&stamp, file->stamp) && stamp.size == file->stamp->size &&
		    stamp.mtime_ns == file->stamp->mtime_ns)
			index_put(index, path, &stamp, &file->oid);
	}
	return index_commit(index, error);
}

static bool drop_old(struct moving *moving, GError **error)
{
	struct workspace *ws = moving->ws;
	g_autofree char *full = path_join(ws->root, moving->output->file), *dir = path_parent(full);
	g_autofree char *git_path = workspace_git_path(ws, moving->from);
	char *touched = NULL;

	/* The pointer, by which a second run finds what is left to do, goes last. */
	if (!exclude_remove(ws->repo, git_path, &touched, error))
		return false;
	track_touch_git(moving->result, ws, touched);
	if (unlink(full) && errno != ENOENT) {
		error_set_errno(error, errno, "remove '%s'", full);
		return false;
	}
	track_touch(moving->result, moving->output->file);
	return file_sync_dir(dir, error);
}

struct track_result *track_move(struct workspace *ws, const struct outputs *outputs, const char *from, const char *to,
				GError **error)
{
	struct moving moving = {.ws = ws, .outputs = outputs, .from = from, .result = track_result_new()};
	struct track_result *result = NULL;
	struct track_item *item;

	/* The new ignore line and pointer come first, the old ones go last: a run that was killed can be run again. */
	if (outputs_check_clashes(outputs, error) && find_source(&moving, error) && find_goal(&moving, to, error) &&
	    check_goal(&moving, error) && look(&moving, error) && add_ignore_line(&moving, error) &&
	    write_pointer(&moving, error) && rename_data(&moving, error) && remember(&moving, error) &&
	    drop_old(&moving, error) && track_stage(ws, moving.result, error)) {
		item = track_report(moving.result, TRACK_MOVED, moving.to, moving.pointer);
		item->old_path = g_strdup(from);
		item->oid = moving.output->oid;
		item->size = moving.output->size;
		item->nfiles = moving.output->oid.dir ? moving.output->nfiles : 1;
		result = g_steal_pointer(&moving.result);
	}
	moving_clear(&moving);
	return result;
}
