/*
 * What changes under the hands of a running stage: nobody knows what it read of that, so no record may say so. Single files are
 * watched by their stamps; what costs more than that waits for the flush (record-since.c).
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

	if (!path || !stamp_now(record->ws, path, &file.stamp))
		return;
	g_array_append_val(before, file);
	/* What is going to be recorded must be no older than the stamp. */
	facts_refresh(record->facts, path);
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
		facts_forget_input(record->facts, file->path);
		any = true;
	}
	return any;
}

void record_tell_doubt(struct record *record, const struct stage *stage, const char *path, const char *when)
{
	g_autofree char *quoted = quote_path(path);

	watch_warn(record->ws->watch, "'%s' changed while the stage %s %s, which is therefore out of date", quoted,
		   stage->address, when);
}

void record_blank(struct entry **entry)
{
	struct entry *blank = entry_new((*entry)->path);

	entry_free(*entry);
	*entry = blank;
}

bool record_is_changed(struct record *record, const struct stage_dep *dep, const struct entry *was)
{
	/* What cannot be read now is another: it could be read before. */
	const struct fact *fact = facts_input(record->facts, dep->path, was, NULL);

	return !fact || !oid_equal(&fact->oid, &was->oid);
}

/* Blank the dependencies in the project that changed; each is told. */
static bool doubt_deps(struct record *record, const struct stage *stage, struct lockfile_stage *entry)
{
	g_autoptr(GPtrArray) deps = record_sorted_deps(stage);
	bool any = false;

	for (guint i = 0; i < deps->len; i++) {
		const struct stage_dep *dep = deps->pdata[i];
		struct entry **slot = (struct entry **)&entry->deps->pdata[i];

		if (!dep->path || !record_is_changed(record, dep, *slot))
			continue;
		record_tell_doubt(record, stage, dep->path, "ran");
		record_blank(slot);
		any = true;
	}
	return any;
}

/* Whether no values can be read from a file of parameters. */
static bool is_broken(struct record *record, const struct stage_params *params)
{
	g_autoptr(GError) reason = NULL;

	facts_params(record->facts, params->path, &reason);
	return reason;
}

/* Blank the files of parameters any of whose values changed; each is told. */
static bool doubt_params(struct record *record, const struct stage *stage, struct lockfile *inputs)
{
	const struct lockfile_stage *entry = inputs->stages->pdata[0];
	g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
	autoptr(doc) doc = doc_new();
	/* NULL if any is broken; whether others changed as well does not matter then. */
	const struct node *now = record_params(record->facts, stage, doc, missing, NULL);
	const char *last = "";
	bool any = false;

	/* Those of one file stand together. */
	for (guint i = 0; i < stage->params->len; i++) {
		const struct stage_params *params = &g_array_index(stage->params, struct stage_params, i);
		const char *file = params->written;
		const struct node *was = node_get(entry->params, file);

		if (g_str_equal(file, last) || (now ? node_equal(was, node_get(now, file)) : !is_broken(record, params)))
			continue;
		last = file;
		record_tell_doubt(record, stage, file, "ran");
		node_set(inputs->doc, (struct node *)entry->params, file, node_map(inputs->doc));
		any = true;
	}
	return any;
}

bool record_doubt_files(struct record *record, const struct stage *stage, struct lockfile *inputs)
{
	const GArray *before = g_hash_table_lookup(record->before, stage);
	bool any = false;

	if (before && forget_changed(record, before)) {
		any = doubt_deps(record, stage, inputs->stages->pdata[0]);
		any |= doubt_params(record, stage, inputs);
	}
	g_hash_table_remove(record->before, stage);
	return any;
}
