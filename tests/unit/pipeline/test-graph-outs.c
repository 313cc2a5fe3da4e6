/* graph-outs: which output is made from which */
#include "pipeline-kit.h"

#include "pipeline/graph-outs.h"

#include <string.h>

static int compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The edges as "a>b" by paths, sorted, separated by blanks. New string. */
static char *edges_of(const struct loaded *loaded)
{
	g_autoptr(GArray) edges = graph_outs_edges(loaded->graph);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < edges->len; i++) {
		const struct graph_outs_edge *edge = &g_array_index(edges, struct graph_outs_edge, i);
		const struct output *from = loaded->outputs->list->pdata[edge->from];
		const struct output *to = loaded->outputs->list->pdata[edge->to];

		g_ptr_array_add(texts, g_strdup_printf("%s>%s", from->path, to->path));
	}
	g_ptr_array_sort(texts, compare);
	g_ptr_array_add(texts, NULL);
	return g_strjoinv(" ", (char **)texts->pdata);
}

/* Outputs above, at and below what is read count; each pair once; a stage without outputs and one without readers have no edge. */
static void outputs_lead_to_outputs(struct project *project, gconstpointer dialect)
{
	g_autofree char *edges = NULL;
	struct loaded loaded;

	(void)dialect;
	project_write(project, "dvc.yaml",
		      "stages:\n"
		      "  many: {cmd: x, outs: [dir/a, dir/b, dirt, tree]}\n"
		      "  below: {cmd: x, deps: [dir, dir/a], outs: [o1, o2]}\n"
		      "  above: {cmd: x, deps: [tree/leaf, tree/other], outs: [o3]}\n"
		      "  last: {cmd: x, deps: [o1, absent]}\n");
	kit_load(&loaded, project);
	edges = edges_of(&loaded);
	g_assert_cmpstr(edges, ==, "dir/a>o1 dir/a>o2 dir/b>o1 dir/b>o2 tree>o3");
	kit_unload(&loaded);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add("/graph-outs/outputs_lead_to_outputs", struct project, &dialect_dvc, project_set_up,
		   outputs_lead_to_outputs, project_tear_down);
	return g_test_run();
}
