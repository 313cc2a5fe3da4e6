/*
 * The lock files. Each is read again before it is written, so that what others recorded since stays; and written at once for all
 * of its stages that wait.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "doc/yaml.h"
#include "pipeline/record-int.h"

#include <string.h>

/* The path of the lock beside a pipeline file. New string. */
static char *lock_path(const struct workspace *ws, const char *pipeline)
{
	g_autofree char *dir = path_parent(pipeline);

	return path_join(dir, ws->dialect->lock_name);
}

/* The lock file as it is now; an empty one if there is none. */
static struct lockfile *read_lock(const struct workspace *ws, const char *path, GError **error)
{
	g_autofree char *full = path_join(ws->root, path), *text = NULL;
	g_autoptr(GError) reason = NULL;
	size_t length;

	if (file_read(full, YAML_SIZE_LIMIT, &text, &length, &reason))
		return lockfile_read(text, length, path, ws->dialect, error);
	if (error_is(reason, ERROR_NOT_FOUND))
		return lockfile_new(ws->dialect);
	g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

/* Write the entries of these stages, all of one pipeline file. */
static bool write_lock(struct record *record, const char *pipeline, const GPtrArray *stages,
		       struct track_result *result, GError **error)
{
	struct workspace *ws = record->ws;
	g_autofree char *path = lock_path(ws, pipeline), *text = NULL;
	autoptr(lockfile) lock = read_lock(ws, path, error);
	bool changed;

	if (!lock)
		return false;
	for (guint i = 0; i < stages->len; i++)
		lockfile_set(lock, record_stage_entry(stages->pdata[i]));
	text = record_ordered_text(record, pipeline, path, lock, error);
	if (!text || !track_write(ws, path, text, strlen(text), &changed, error))
		return false;
	if (changed)
		track_touch(result, path);
	return true;
}

/* The pending stages by their pipeline files, in the order in which they were added. */
static GHashTable *by_file(const GPtrArray *pending)
{
	GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);

	for (guint i = 0; i < pending->len; i++) {
		struct record_stage *added = pending->pdata[i];
		GPtrArray *stages = g_hash_table_lookup(files, added->stage->file);

		if (!stages) {
			stages = g_ptr_array_new();
			g_hash_table_insert(files, (gpointer)added->stage->file, stages);
		}
		g_ptr_array_add(stages, added);
	}
	return files;
}

void record_locks(struct record *record, struct track_result *result, GPtrArray *problems)
{
	g_autoptr(GHashTable) files = by_file(record->pending);
	GHashTableIter iter;
	gpointer file, stages;

	g_hash_table_iter_init(&iter, files);
	while (g_hash_table_iter_next(&iter, &file, &stages)) {
		const GPtrArray *list = stages;
		GError *problem = NULL;

		if (write_lock(record, file, list, result, &problem))
			continue;
		g_ptr_array_add(problems, problem);
		for (guint i = 0; i < list->len; i++)
			record_drop(record, list->pdata[i]);
	}
}
