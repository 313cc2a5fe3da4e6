#include "pipeline/graph-outs.h"

#include <string.h>

/* What is needed while edges are drawn. */
struct drawing {
	const struct outputs *outputs;
	GHashTable *indexes; /* struct output -> its index in outputs->list, plus 1 */
	guint *seen;         /* for each output: 1 + the last stage that was found to read it */
	GArray *edges;
};

static guint index_of(const struct drawing *drawing, const struct output *output)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(drawing->indexes, output)) - 1;
}

/* The first output whose path is not less than `path`. */
static guint lower_bound(const struct outputs *outputs, const char *path)
{
	guint low = 0, high = outputs->list->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const struct output *output = outputs->list->pdata[middle];

		if (strcmp(output->path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_reader(struct drawing *drawing, const struct stage *stage, guint from)
{
	if (drawing->seen[from] == stage->index + 1)
		return;
	drawing->seen[from] = stage->index + 1;
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);
		struct graph_outs_edge edge = {.from = from};

		if (!out->output)
			continue;
		edge.to = index_of(drawing, out->output);
		g_array_append_val(drawing->edges, edge);
	}
}

/* Draw edges from all outputs at, above and below a path that the stage reads. */
static void draw(struct drawing *drawing, const struct stage *stage, const char *path)
{
	const struct outputs *outputs = drawing->outputs;
	const struct output *above = outputs_covering(outputs, path, NULL);
	g_autofree char *below = g_strconcat(path, "/", NULL);

	if (above)
		add_reader(drawing, stage, index_of(drawing, above));
	for (guint i = lower_bound(outputs, below); i < outputs->list->len; i++) {
		const struct output *output = outputs->list->pdata[i];

		if (!g_str_has_prefix(output->path, below))
			break;
		add_reader(drawing, stage, i);
	}
}

GArray *graph_outs_edges(const struct graph *graph)
{
	const struct outputs *outputs = graph->stages->outputs;
	g_autoptr(GHashTable) indexes = g_hash_table_new(NULL, NULL);
	g_autofree guint *seen = g_new0(guint, outputs->list->len);
	struct drawing drawing = {outputs, indexes, seen, NULL};

	drawing.edges = g_array_new(FALSE, FALSE, sizeof(struct graph_outs_edge));
	for (guint i = 0; i < outputs->list->len; i++)
		g_hash_table_insert(indexes, outputs->list->pdata[i], GUINT_TO_POINTER(i + 1));
	for (guint i = 0; i < graph->count; i++) {
		const struct stage *stage = graph->stages->list->pdata[i];

		for (guint j = 0; j < stage->deps->len; j++) {
			const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, j);

			if (dep->path)
				draw(&drawing, stage, dep->path);
		}
	}
	return drawing.edges;
}
