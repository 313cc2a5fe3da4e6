#include "pipeline/record-int.h"

static void stage_free(void *data)
{
	struct record_stage *added = data;

	g_clear_pointer(&added->kept, track_kept_free);
	lockfile_free(added->lock);
	g_free(added);
}

/* Where each stage comes in running order, by its index. */
static guint *places_of(const struct graph *graph)
{
	guint *places = g_new(guint, graph->count);

	for (guint i = 0; i < graph->count; i++)
		places[graph->order[i]] = i;
	return places;
}

struct record *record_begin(struct workspace *ws, struct facts *facts, const struct record_options *options)
{
	struct record *record = g_new0(struct record, 1);

	record->ws = ws;
	record->facts = facts;
	record->options = *options;
	record->places = options->graph ? places_of(options->graph) : NULL;
	record->how.no_commit = options->no_commit;
	record->how.no_relink = options->no_relink;
	record->before = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	record->stages = g_hash_table_new_full(NULL, NULL, NULL, stage_free);
	record->pending = g_ptr_array_new();
	record->touched = g_ptr_array_new_with_free_func(g_free);
	record->touched_set = g_hash_table_new(g_str_hash, g_str_equal);
	return record;
}

void record_free(struct record *record)
{
	g_ptr_array_unref(record->pending);
	g_hash_table_unref(record->stages);
	g_hash_table_unref(record->before);
	g_hash_table_unref(record->touched_set);
	g_ptr_array_unref(record->touched);
	g_free(record->places);
	g_free(record);
}

const struct lockfile_stage *record_entry(const struct record *record, const struct stage *stage)
{
	const struct record_stage *added = g_hash_table_lookup(record->stages, stage);

	return added ? record_stage_entry(added) : stage->lock;
}

guint record_pending(const struct record *record, int64_t *since)
{
	*since = record->pending->len ? record->since : 0;
	return record->pending->len;
}

const GPtrArray *record_touched(const struct record *record)
{
	return record->touched;
}
