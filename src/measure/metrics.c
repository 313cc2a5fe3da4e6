#include "measure/metrics.h"

/* What counts of a value; NULL if nothing does. */
static struct node *extract(struct doc *doc, struct node *node)
{
	struct node *kept;

	switch (node->kind) {
	case NODE_BOOL:
	case NODE_INT:
	case NODE_BIGINT:
	case NODE_FLOAT:
	case NODE_STRING:
		return node;
	case NODE_MAP:
		kept = node_map(doc);
		for (size_t i = 0; i < node->count; i++) {
			struct node *value = extract(doc, node->items[i]);

			if (value && (value->kind != NODE_MAP || value->count > 0))
				doc_add_pair(doc, kept, node->keys[i], value);
		}
		return kept;
	default:
		return NULL;
	}
}

/* Whether Python takes a value for false. */
static bool is_false(const struct node *node)
{
	return (node->kind == NODE_BOOL && !node->boolean) || (node->kind == NODE_INT && node->integer == 0) ||
	       (node->kind == NODE_FLOAT && node->real == 0) || (node->kind == NODE_STRING && !*node->text);
}

/* Keep the metrics of a file; a file that is nothing but a false value has none, as in DVC. */
static void keep_metrics(struct measure_file *file)
{
	struct node *kept = extract(file->doc, file->doc->root);

	file->value = kept && !is_false(kept) ? kept : node_map(file->doc);
}

/* Read all that `path` stands for, each file once. */
static bool read_path(struct measure *measure, struct snapshot *snapshot, const char *path, GError **error)
{
	g_autoptr(GPtrArray) files = snapshot_expand(snapshot, path, error);

	for (guint i = 0; files && i < files->len; i++) {
		struct measure_file *file;

		if (measure_find(measure, files->pdata[i]))
			continue;
		file = measure_read(measure, snapshot, files->pdata[i], error);
		if (!file)
			return false;
		if (file->doc)
			keep_metrics(file);
	}
	return files != NULL;
}

/* Read a path of a pipeline file. */
static bool read_entry(struct measure *measure, struct snapshot *snapshot, const struct outputs_pipeline *from,
		       const char *wdir, const char *entry, GError **error)
{
	g_autofree char *path = measure_path(from->file, wdir, entry);

	return !path || read_path(measure, snapshot, path, error);
}

static bool read_stage(struct measure *measure, struct snapshot *snapshot, const struct outputs_pipeline *from,
		       const struct pipeline_stage *stage, GError **error)
{
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct entry *entry = stage->outs->pdata[i];

		if (stage->out_info[i].kind == PIPELINE_METRIC &&
		    !read_entry(measure, snapshot, from, stage->wdir, entry->path, error))
			return false;
	}
	return true;
}

/* The metrics of all stages, then those beside them. */
static bool read_all(struct measure *measure, struct snapshot *snapshot, GError **error)
{
	const GPtrArray *pipelines = snapshot->outputs->pipelines;

	for (guint i = 0; i < pipelines->len; i++) {
		const struct outputs_pipeline *from = pipelines->pdata[i];

		for (guint j = 0; j < from->pipeline->stages->len; j++)
			if (!read_stage(measure, snapshot, from, from->pipeline->stages->pdata[j], error))
				return false;
	}
	for (guint i = 0; i < pipelines->len; i++) {
		const struct outputs_pipeline *from = pipelines->pdata[i];
		const struct node *list = from->pipeline->metrics;

		for (size_t j = 0; list && j < list->count; j++)
			if (list->items[j]->kind == NODE_STRING &&
			    !read_entry(measure, snapshot, from, NULL, list->items[j]->text, error))
				return false;
	}
	return true;
}

struct measure *metrics_read(struct workspace *ws, const char *revision, const char *const *targets, GError **error)
{
	autoptr(measure) measure = measure_new();
	autoptr(snapshot) snapshot = measure_open(measure, ws, revision, error);

	if (!snapshot)
		return measure->error ? g_steal_pointer(&measure) : NULL;
	for (; targets && *targets; targets++) {
		if (!read_path(measure, snapshot, *targets, error))
			return NULL;
		if (!targets[1])
			return g_steal_pointer(&measure);
	}
	return read_all(measure, snapshot, error) ? g_steal_pointer(&measure) : NULL;
}
