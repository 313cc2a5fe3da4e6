/*
 * What changes under the hands of a running stage. What is recorded is what was there before, so nothing goes wrong; but
 * who wonders why the stage runs again should have been told.
 *
 * Only single files are watched, by their stamps: to look at large folders once more would cost more than most stages.
 */
#include "base/quote.h"
#include "pipeline/record-int.h"

static bool stamp_now(const struct workspace *ws, const char *path, struct stamp *stamp)
{
	struct stat st;

	if (fstatat(ws->root_fd, path, &st, 0) || !S_ISREG(st.st_mode))
		return false;
	*stamp = stamp_of(&st);
	return true;
}

static void watch_path(struct record *record, GArray *before, const char *path)
{
	struct record_before file = {.path = path};

	if (path && stamp_now(record->ws, path, &file.stamp))
		g_array_append_val(before, file);
}

void record_watch(struct record *record, const struct stage *stage)
{
	GArray *before = g_array_new(FALSE, FALSE, sizeof(struct record_before));

	for (guint i = 0; i < stage->deps->len; i++)
		watch_path(record, before, g_array_index(stage->deps, struct stage_dep, i).path);
	for (guint i = 0; i < stage->params->len; i++)
		watch_path(record, before, g_array_index(stage->params, struct stage_params, i).path);
	g_hash_table_replace(record->before, (gpointer)stage, before);
}

/* Forget what was known of files that another stamp has now; whether there are any. */
static bool forget_changed(struct record *record, const GArray *before)
{
	bool any = false;

	for (guint i = 0; i < before->len; i++) {
		const struct record_before *file = &g_array_index(before, struct record_before, i);
		struct stamp now;

		if (stamp_now(record->ws, file->path, &now) && stamp_same_content(&file->stamp, &now))
			continue;
		facts_forget(record->facts, file->path);
		any = true;
	}
	return any;
}

static void tell(struct record *record, const struct stage *stage, const char *what)
{
	g_autofree char *quoted = quote_path(what);

	watch_warn(record->ws->watch, "'%s' changed while the stage %s ran, which is therefore out of date", quoted,
		   stage->address);
}

/* Whether a dependency is another one than its entry says. What cannot be read is left to who needs it next. */
static bool is_changed(struct record *record, const struct stage_dep *dep, const struct lockfile_stage *entry)
{
	for (guint i = 0; i < entry->deps->len; i++) {
		const struct entry *was = entry->deps->pdata[i];
		const struct fact *fact;

		if (!g_str_equal(was->path, dep->written))
			continue;
		fact = facts_input(record->facts, dep->path, was, NULL);
		return fact && !oid_equal(&fact->oid, &was->oid);
	}
	return false;
}

/* Whether any parameter is another one; each is told. */
static bool tell_params(struct record *record, const struct stage *stage, const struct lockfile_stage *entry)
{
	g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
	autoptr(doc) doc = doc_new();
	const struct node *now = record_params(record->facts, stage, doc, missing, NULL);
	bool any = false;

	for (size_t i = 0; now && i < now->count; i++) {
		const char *file = now->keys[i]->text;
		const struct node *was = node_get(entry->params, file);

		if (!was || node_equal(was, now->items[i]))
			continue;
		tell(record, stage, file);
		any = true;
	}
	return any;
}

bool record_tell_changes(struct record *record, const struct stage *stage, const struct lockfile_stage *entry)
{
	const GArray *before = g_hash_table_lookup(record->before, stage);
	bool any = false;

	if (before && forget_changed(record, before)) {
		for (guint i = 0; i < stage->deps->len; i++) {
			const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, i);

			if (!dep->path || !is_changed(record, dep, entry))
				continue;
			tell(record, stage, dep->path);
			any = true;
		}
		any |= tell_params(record, stage, entry);
	}
	g_hash_table_remove(record->before, stage);
	return any;
}
