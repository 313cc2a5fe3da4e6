/* What a stage has made. */
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/quote.h"
#include "pipeline/record-int.h"
#include "pipeline/run-cache.h"

/*
 * From this many bytes on, outputs are stored as soon as they are made: they are then read once, on their way into the store.
 * Smaller ones are hashed now and read again when they are stored together with others, which costs less than a flush of the disk.
 */
#define LARGE ((uint64_t)8 << 20)

/* Whether the run is remembered, so that what Git keeps has to be in the store, too. */
static bool is_cached(const struct record *record, const struct stage *stage)
{
	return !record->options.no_commit && !record->options.no_run_cache && run_cache_wants(stage);
}

/* Have a look at all outputs that are here; those that are not there become one error. */
static struct track_kept *look(struct record *record, const struct stage *stage, GError **error)
{
	autoptr(track_kept) kept = track_kept_new(record->ws, &record->how);
	bool anyway = is_cached(record, stage);
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);
		g_autoptr(GError) reason = NULL;

		if (out->output)
			facts_forget(record->facts, out->output->path);
		if (!out->output || track_kept_add(kept, out->output, anyway, &reason))
			continue;
		if (!error_is(reason, ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return NULL;
		}
		g_string_append_printf(missing, "%s'%s'", missing->len ? ", " : "", out->output->path);
	}
	if (!missing->len)
		return g_steal_pointer(&kept);
	error_set(error, ERROR_NOT_FOUND, "the stage %s did not make %s", stage->address, missing->str);
	return NULL;
}

/* Store large outputs now, so that the facts find their ids in the index. */
static bool store_large(struct record *record, struct track_kept *kept, GError **error)
{
	autoptr(track_result) result = NULL;
	struct index *index;

	if (record->options.no_commit || track_kept_unread(kept) < LARGE)
		return true;
	result = track_result_new();
	index = workspace_index(record->ws, error);
	return index && track_kept_store(&kept, 1, result, error) && index_commit(index, error);
}

/* The entry of an output as it is now, in place of *entry, which has its path only. */
static bool fill_out(struct record *record, const struct stage_out *out, struct entry **entry, GError **error)
{
	const struct fact *fact = facts_against(record->facts, out->output->path, out->recorded, error);

	if (!fact)
		return false;
	if (out->recorded && oid_equal(&out->recorded->oid, &fact->oid)) {
		entry_free(*entry);
		*entry = entry_copy(out->recorded);
	}
	record_fill(*entry, fact);
	return true;
}

/* The entry of that path; NULL if there is none. */
static const struct entry *find(const GPtrArray *entries, const char *path)
{
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *entry = entries->pdata[i];

		if (g_str_equal(entry->path, path))
			return entry;
	}
	return NULL;
}

static bool is_same(const struct lockfile_stage *last, const struct lockfile_stage *now)
{
	for (guint i = 0; i < now->outs->len; i++) {
		const struct entry *entry = now->outs->pdata[i], *was = last ? find(last->outs, entry->path) : NULL;

		if (!was || oid_is_none(&entry->oid) || !oid_equal(&was->oid, &entry->oid))
			return false;
	}
	return true;
}

static void keep(struct record *record, const struct stage *stage, struct lockfile *lock, bool unsure, struct track_kept *kept)
{
	struct record_stage *added = g_hash_table_lookup(record->stages, stage);

	/* One that ran twice between two flushes is recorded as it was left. */
	if (added)
		g_ptr_array_remove(record->pending, added);
	added = g_new(struct record_stage, 1);
	*added = (struct record_stage){stage, lock, unsure, kept};
	g_hash_table_replace(record->stages, (gpointer)stage, added);
	if (!record->pending->len)
		record->since = clock_steady_us();
	g_ptr_array_add(record->pending, added);
}

static bool add(struct record *record, const struct stage *stage, struct lockfile *inputs, bool *same, GError **error)
{
	struct lockfile_stage *entry = inputs->stages->pdata[0];
	g_autoptr(GPtrArray) outs = record_sorted_outs(stage);
	autoptr(track_kept) kept = look(record, stage, error);
	bool unsure;

	if (!kept || !store_large(record, kept, error))
		return false;
	for (guint i = 0; i < outs->len; i++) {
		const struct stage_out *out = outs->pdata[i];
		struct entry **slot = (struct entry **)&entry->outs->pdata[i];

		if (!out->output)
			continue;
		if (!fill_out(record, out, slot, error))
			return false;
		track_kept_expect(kept, out->output, &(*slot)->oid);
	}
	unsure = record_doubt_files(record, stage, inputs);
	*same = is_same(record_entry(record, stage), entry);
	keep(record, stage, inputs, unsure, g_steal_pointer(&kept));
	return true;
}

bool record_add(struct record *record, const struct stage *stage, struct lockfile *inputs, bool *same, GError **error)
{
	bool ok;

	cancel_defer();
	ok = add(record, stage, inputs, same, error);
	cancel_resume();
	if (!ok)
		lockfile_free(inputs);
	return ok;
}
