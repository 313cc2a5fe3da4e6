#include "workspace/track-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "doc/yaml.h"
#include "format/stage-edit.h"
#include "repo/exclude.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* At most so many paths are named in one error. */
#define NAMED 20

/* A pointer, or a stage of a pipeline file. */
struct record {
	const char *file, *stage; /* borrowed */
};

/* One removal of everything that was asked for. */
struct removal {
	struct workspace *ws;
	const struct outputs *outputs;
	const struct track_remove_options *options;
	struct track_result *result;
	GPtrArray *list;  /* of struct output, borrowed: all outputs of the files and stages that go */
	GArray *records;  /* of struct record: these files and stages, each once */
	GPtrArray *scans; /* of struct scan, one for each of list: what may go; empty where that was not asked */
};

static bool is_record_of(const struct record *record, const char *file, const char *stage)
{
	return g_str_equal(record->file, file) && !g_strcmp0(record->stage, stage);
}

/* A pointer or stage goes with all its outputs. Strings are borrowed. */
static void take_record(struct removal *removal, const char *file, const char *stage)
{
	struct record record = {file, stage};

	for (guint i = 0; i < removal->records->len; i++) {
		if (is_record_of(&g_array_index(removal->records, struct record, i), file, stage))
			return;
	}
	g_array_append_val(removal->records, record);
	for (guint i = 0; i < removal->outputs->list->len; i++) {
		struct output *output = removal->outputs->list->pdata[i];

		if (is_record_of(&record, output->file, output->stage))
			g_ptr_array_add(removal->list, output);
	}
}

static bool refuse_loop(const char *stage, const char *file, GError **error)
{
	error_set(error, ERROR_USAGE, "the stage %s is made by a loop in %s", stage, file);
	error_hint(error, "edit %s", file);
	return false;
}

static bool take_stages(struct removal *removal, GError **error)
{
	const GPtrArray *stages = removal->options->stages;

	for (guint i = 0; stages && i < stages->len; i++) {
		const struct target_stage *stage = stages->pdata[i];

		if (stage->loop)
			return refuse_loop(stage->name, stage->file, error);
		take_record(removal, stage->file, stage->name);
	}
	return true;
}

static bool take_targets(struct removal *removal, const GPtrArray *targets, GError **error)
{
	for (guint i = 0; i < targets->len; i++) {
		const struct target *target = targets->pdata[i];
		g_autofree char *quoted = quote_path(target->output->path);

		if (*target->inside) {
			error_set(error, ERROR_USAGE, "'%s' is only a part of what %s tracks", target->inside,
				  target->output->address);
			error_hint(error, "delete it, then git mlv add %s", quoted);
			return false;
		}
		if (target->output->stage && stage_edit_is_generated(target->output->stage))
			return refuse_loop(target->output->address, target->output->file, error);
		take_record(removal, target->output->file, target->output->stage);
	}
	return true;
}

/* Add the files of an output that the store could not give back to the list. */
static bool find_unsaved(struct removal *removal, const struct output *output, GString *unsaved, guint *count,
			 GError **error)
{
	struct scan_options options = {.path = output->path, .algo = removal->ws->dialect->algo};
	struct store *store = workspace_store(removal->ws, error);
	struct scan *scan;

	if (!oid_is_none(&output->oid))
		options.algo = (enum oid_algo)output->oid.algo;
	scan = store ? scan_path(removal->ws, &options, error) : NULL;
	if (!scan)
		return false;
	g_ptr_array_add(removal->scans, scan);
	for (guint i = 0; i < scan->files->len; i++) {
		const struct scan_file *file = scan_get(scan, i);
		g_autofree char *path = scan_file_path(scan, file), *quoted = quote_path(path);

		if (file->object || file->mode == MANIFEST_EMPTY_DIR || store_has(store, &file->oid, file->stamp->size))
			continue;
		if ((*count)++ < NAMED)
			g_string_append_printf(unsaved, "%s'%s' is not stored", unsaved->len ? "\n" : "", quoted);
	}
	if (scan->kind == SCAN_OTHER || scan->unkept->len) {
		(*count)++;
		g_string_append_printf(unsaved, "%s'%s' holds what cannot be stored", unsaved->len ? "\n" : "",
				       output->path);
	}
	return true;
}

static bool check_saved(struct removal *removal, GError **error)
{
	g_autoptr(GString) unsaved = g_string_new(NULL);
	guint count = 0;

	if (!removal->options->outs || removal->options->force)
		return true;
	for (guint i = 0; i < removal->list->len; i++) {
		if (!find_unsaved(removal, removal->list->pdata[i], unsaved, &count, error))
			return false;
	}
	if (!count)
		return true;
	if (count > NAMED)
		g_string_append_printf(unsaved, "\nand %u more", count - NAMED);
	error_set(error, ERROR_CONFLICT, "%s", unsaved->str);
	error_hint(error, "git mlv commit stores them, --force deletes them all the same");
	return false;
}

/* Delete one thing that the store can give back, if it still is what was looked at. */
static bool drop_file(struct removal *removal, const char *path, const struct scan_file *file, GError **error)
{
	const char *name;
	auto_fd int dir = file_open_parent(removal->ws->root_fd, path, false, &name, NULL);
	bool folder = file->mode == MANIFEST_EMPTY_DIR, link = file->followed || file->mode == MANIFEST_LINK, same;
	struct stamp now;
	struct stat st;

	if (dir < 0)
		return true;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT)
			return true;
		error_set_errno(error, errno, "look at '%s'", path);
		return false;
	}
	/* The stamp of a link is that of what it leads to. */
	now = stamp_of(&st);
	same = link ? S_ISLNK(st.st_mode) : folder || stamp_same_content(&now, file->stamp);
	if (!same) {
		error_set(error, ERROR_CONFLICT, "'%s' was changed meanwhile and is left as it is", path);
		return false;
	}
	if (!unlinkat(dir, name, folder ? AT_REMOVEDIR : 0) || errno == ENOENT || folder)
		return true;
	error_set_errno(error, errno, "remove '%s'", path);
	return false;
}

/* Delete the folders that held file i and hold none of those before it, as far as they are empty. */
static void drop_folders_above(const struct removal *removal, const struct scan *scan, guint i)
{
	g_autofree char *path = scan_file_path(scan, scan_get(scan, i)), *dir = path_parent(path);
	g_autofree char *before = i ? scan_file_path(scan, scan_get(scan, i - 1)) : g_strdup("");

	while (path_is_inside(dir, scan->path) && !path_is_inside(before, dir)) {
		char *above = path_parent(dir);
		const char *name;
		auto_fd int parent = file_open_parent(removal->ws->root_fd, dir, false, &name, NULL);

		if (parent >= 0)
			unlinkat(parent, name, AT_REMOVEDIR);
		g_free(dir);
		dir = above;
	}
}

/* Delete what was found saved, and nothing else: files that rules ignore, or a repository in the folder, are in no store. */
static bool drop_saved(struct removal *removal, const struct scan *scan, GError **error)
{
	struct stat st;

	for (guint i = scan->files->len; i-- > 0;) {
		g_autofree char *path = scan_file_path(scan, scan_get(scan, i));

		if (!drop_file(removal, path, scan_get(scan, i), error))
			return false;
		drop_folders_above(removal, scan, i);
	}
	if (scan->kind == SCAN_DIR && !scan->files->len)
		unlinkat(removal->ws->root_fd, scan->path, AT_REMOVEDIR);
	if (scan->kind == SCAN_DIR && !fstatat(removal->ws->root_fd, scan->path, &st, AT_SYMLINK_NOFOLLOW))
		g_ptr_array_add(removal->result->notes,
				g_strdup_printf("'%s' stays, with what was never tracked in it", scan->path));
	return true;
}

/* Delete the data, if that was asked for, and what we know about them. */
static bool drop_data(struct removal *removal, guint i, GError **error)
{
	const struct output *output = removal->list->pdata[i];
	struct index *index = workspace_index(removal->ws, error);
	const char *name;
	auto_fd int dir = -1;

	if (!index)
		return false;
	index_put_out(index, output->path, NULL);
	if (!removal->options->outs)
		return true;
	index_drop(index, output->path);
	if (!removal->options->force)
		return drop_saved(removal, removal->scans->pdata[i], error);
	dir = file_open_parent(removal->ws->root_fd, output->path, false, &name, NULL);
	return dir < 0 || file_remove_tree(dir, name, error);
}

static bool drop_ignore_line(struct removal *removal, const struct output *output, GError **error)
{
	g_autofree char *git_path = workspace_git_path(removal->ws, output->path);
	char *touched = NULL;

	if (!exclude_remove(removal->ws->repo, git_path, &touched, error))
		return false;
	track_touch_git(removal->result, removal->ws, touched);
	return true;
}

/* Take the stage out of one of its files; an absent file or stage is fine. */
static bool drop_stage_from(struct removal *removal, const char *path, const char *stage, GError **error)
{
	g_autofree char *full = path_join(removal->ws->root, path), *text = NULL, *now = NULL;
	g_autoptr(GError) reason = NULL;
	autoptr(doc) doc = NULL;
	size_t length;

	if (!file_read(full, YAML_SIZE_LIMIT, &text, &length, &reason)) {
		if (error_is(reason, ERROR_NOT_FOUND))
			return true;
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	doc = yaml_read(text, length, path, error);
	if (!doc)
		return false;
	now = stage_edit_remove(doc, stage, &length, &reason);
	if (error_is(reason, ERROR_NOT_FOUND))
		return true;
	if (!now)
		g_propagate_error(error, g_steal_pointer(&reason));
	if (!now || !track_write(removal->ws, path, now, length, NULL, error))
		return false;
	track_touch(removal->result, path);
	return true;
}

/* Delete the pointer, or take the stage out of the lock and then out of the pipeline file. */
static bool drop_record(struct removal *removal, const struct record *record, GError **error)
{
	struct workspace *ws = removal->ws;
	g_autofree char *full = path_join(ws->root, record->file), *dir = path_parent(record->file);
	g_autofree char *parent = path_parent(full), *lock = path_join(dir, ws->dialect->lock_name);

	if (record->stage)
		return drop_stage_from(removal, lock, record->stage, error) &&
		       drop_stage_from(removal, record->file, record->stage, error);
	if (unlink(full) && errno != ENOENT) {
		error_set_errno(error, errno, "remove '%s'", full);
		return false;
	}
	track_touch(removal->result, record->file);
	return file_sync_dir(parent, error);
}

/* In an order that a second run can finish: the record, by which it is found, goes last. */
static bool remove_all(struct removal *removal, GError **error)
{
	struct index *index;

	for (guint i = 0; i < removal->list->len; i++) {
		const struct output *output = removal->list->pdata[i];

		if (!drop_data(removal, i, error) || !drop_ignore_line(removal, output, error))
			return false;
	}
	for (guint i = 0; i < removal->records->len; i++) {
		if (!drop_record(removal, &g_array_index(removal->records, struct record, i), error))
			return false;
	}
	for (guint i = 0; i < removal->list->len; i++) {
		const struct output *output = removal->list->pdata[i];

		track_report(removal->result, TRACK_REMOVED, output->path, output->file);
	}
	index = workspace_index(removal->ws, error);
	return index && index_commit(index, error) && track_stage(removal->ws, removal->result, error);
}

struct track_result *track_remove(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
				  const struct track_remove_options *options, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct record));
	g_autoptr(GPtrArray) scans = g_ptr_array_new_with_free_func((GDestroyNotify)scan_free);
	autoptr(track_result) result = track_result_new();
	struct removal removal = {ws, outputs, options, result, list, records, scans};

	if (!outputs_check_clashes(outputs, error) || !take_targets(&removal, targets, error) ||
	    !take_stages(&removal, error) ||
	    !check_saved(&removal, error) || !remove_all(&removal, error))
		return NULL;
	return g_steal_pointer(&result);
}
