/*
 * The order of a lock file: a stage keeps its place, and new ones follow at the end as they would if they had run one after the
 * other, so that the file does not depend on which of them ended first.
 */
#include "pipeline/record-int.h"

/* The stages of this pipeline file that were new to its lock when this command began, by name. */
static GHashTable *new_stages(const struct record *record, const char *pipeline)
{
	GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, record->stages);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		struct stage *stage = key;

		if (!stage->lock && g_str_equal(stage->file, pipeline))
			g_hash_table_insert(names, (gpointer)stage->name, stage);
	}
	return names;
}

static gint by_place(gconstpointer a, gconstpointer b, gpointer user)
{
	const struct stage *const *x = a, *const *y = b;
	const guint *places = user;

	return places[(*x)->index] < places[(*y)->index] ? -1 : 1;
}

/* The new stages that the lock has, in the order in which they stand there. */
static GPtrArray *stages_in(const struct lockfile *lock, GHashTable *names)
{
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; i < lock->stages->len; i++) {
		const struct lockfile_stage *entry = lock->stages->pdata[i];
		gpointer stage = g_hash_table_lookup(names, entry->name);

		if (stage)
			g_ptr_array_add(list, stage);
	}
	return list;
}

static bool is_sorted(const GPtrArray *list, const guint *places)
{
	for (guint i = 1; i < list->len; i++) {
		if (by_place(&list->pdata[i - 1], &list->pdata[i], (gpointer)places) > 0)
			return false;
	}
	return true;
}

/* The text of a lock file without these stages. New string. */
static char *without(struct lockfile *lock, const GPtrArray *stages, size_t *length)
{
	for (guint i = 0; i < stages->len; i++)
		lockfile_remove(lock, ((const struct stage *)stages->pdata[i])->name);
	return lockfile_write(lock, length);
}

char *record_ordered_text(const struct record *record, const char *pipeline, const char *path, struct lockfile *lock,
			  GError **error)
{
	g_autoptr(GHashTable) names = record->places ? new_stages(record, pipeline) : NULL;
	g_autoptr(GPtrArray) list = names ? stages_in(lock, names) : NULL;
	autoptr(lockfile) whole = NULL;
	autoptr(lockfile) ordered = NULL;
	size_t length;
	g_autofree char *text = lockfile_write(lock, &length), *rest = NULL;

	if (!list || is_sorted(list, record->places))
		return g_steal_pointer(&text);
	whole = lockfile_read(text, length, path, lock->dialect, error);
	if (!whole)
		return NULL;
	rest = without(lock, list, &length);
	ordered = lockfile_read(rest, length, path, lock->dialect, error);
	if (!ordered)
		return NULL;
	g_ptr_array_sort_with_data(list, by_place, record->places);
	for (guint i = 0; i < list->len; i++)
		lockfile_set(ordered, lockfile_find(whole, ((const struct stage *)list->pdata[i])->name));
	return lockfile_write(ordered, &length);
}
