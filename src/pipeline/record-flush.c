/*
 * The order survives a kill at any instant: bytes durable in the store, ignore lines, lock files, and only then links in place of
 * what the stages wrote. Entries of the run cache come after the lock: they are no more than a help.
 */
#include "base/cancel.h"
#include "base/error.h"
#include "pipeline/record-int.h"
#include "pipeline/run-cache.h"

void record_drop(struct record *record, struct record_stage *added)
{
	g_ptr_array_remove(record->pending, added);
	g_hash_table_remove(record->stages, added->stage);
}

/* The outputs of what is pending. */
static struct track_kept **gather(const struct record *record)
{
	struct track_kept **kept = g_new0(struct track_kept *, record->pending->len);

	for (guint i = 0; i < record->pending->len; i++)
		kept[i] = ((const struct record_stage *)record->pending->pdata[i])->kept;
	return kept;
}

/* Store what each stage made by itself: one that fails is dropped, and why goes to problems. */
static void store_one_by_one(struct record *record, struct track_result *result, GPtrArray *problems)
{
	g_autoptr(GPtrArray) stages = g_ptr_array_copy(record->pending, NULL, NULL);

	for (guint i = 0; i < stages->len; i++) {
		struct record_stage *added = stages->pdata[i];
		GError *problem = NULL;

		if (track_kept_store(&added->kept, 1, result, &problem))
			continue;
		g_prefix_error(&problem, "record the stage %s: ", added->stage->address);
		g_ptr_array_add(problems, problem);
		record_drop(record, added);
	}
}

/* All at once, for one flush of the disk; if that fails, one by one to find out which it is. */
static void store(struct record *record, struct track_result *result, GPtrArray *problems)
{
	g_autofree struct track_kept **kept = gather(record);

	if (!track_kept_store(kept, record->pending->len, result, NULL))
		store_one_by_one(record, result, problems);
}

/* Remember the runs. A run cache that cannot be written is told, but nothing that matters is lost. */
static void save_runs(struct record *record)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new();
	g_autoptr(GError) reason = NULL;

	if (record->options.no_commit || record->options.no_run_cache)
		return;
	for (guint i = 0; i < record->pending->len; i++) {
		const struct record_stage *added = record->pending->pdata[i];

		/* Others would restore it for inputs that it may not have read. */
		if (!added->unsure && run_cache_wants(added->stage))
			g_ptr_array_add(entries, (gpointer)record_stage_entry(added));
	}
	if (!run_cache_save(record->ws, (const struct lockfile_stage *const *)entries->pdata, entries->len, &reason))
		watch_warn(record->ws->watch, "the run cache: %s", reason->message);
}

/* Put links in place; what goes wrong there is told, the data are safe. */
static void place(struct record *record, struct track_result *result)
{
	g_autofree struct track_kept **kept = gather(record);
	g_autoptr(GError) reason = NULL;

	if (!track_kept_place(kept, record->pending->len, result, &reason))
		watch_warn(record->ws->watch, "%s", reason->message);
}

/* Have Git ignore the outputs; nothing is recorded before that. */
static void ignore(struct record *record, struct track_result *result, GPtrArray *problems)
{
	g_autofree struct track_kept **kept = gather(record);
	GError *problem = NULL;

	if (track_kept_ignore(kept, record->pending->len, result, &problem))
		return;
	g_ptr_array_add(problems, problem);
	while (record->pending->len)
		record_drop(record, record->pending->pdata[record->pending->len - 1]);
}

static void take_touched(struct record *record, const struct track_result *result)
{
	for (guint i = 0; i < result->touched->len; i++) {
		char *path = result->touched->pdata[i];

		/* A stage may read the folder that it lies in. */
		facts_forget(record->facts, path);
		if (g_hash_table_contains(record->touched_set, path))
			continue;
		path = g_strdup(path);
		g_ptr_array_add(record->touched, path);
		g_hash_table_add(record->touched_set, path);
	}
	for (guint i = 0; i < result->notes->len; i++)
		watch_warn(record->ws->watch, "%s", (const char *)result->notes->pdata[i]);
}

/* Everything that is recorded now leaves the list of what waits. */
static void settle(struct record *record)
{
	for (guint i = 0; i < record->pending->len; i++) {
		struct record_stage *added = record->pending->pdata[i];

		g_clear_pointer(&added->kept, track_kept_free);
	}
	g_ptr_array_set_size(record->pending, 0);
}

/* The steps, under the lock. */
static bool flush(struct record *record, GError **error)
{
	autoptr(track_result) result = track_result_new();
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	GError *problem = NULL;

	store(record, result, problems);
	if (record->pending->len)
		ignore(record, result, problems);
	record_locks(record, result, problems);
	save_runs(record);
	if (record->pending->len)
		place(record, result);
	if (!track_stage(record->ws, result, &problem))
		g_ptr_array_add(problems, problem);
	take_touched(record, result);
	settle(record);
	return error_join(problems, error);
}

bool record_flush(struct record *record, GError **error)
{
	bool held = workspace_is_locked(record->ws), ok;

	if (!record->pending->len)
		return true;
	cancel_defer();
	record_doubt_folders(record);
	ok = workspace_lock_briefly(record->ws, record->options.what, error) && flush(record, error);
	if (!held)
		workspace_unlock(record->ws);
	cancel_resume();
	return ok;
}
