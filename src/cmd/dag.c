#include "base/quote.h"
#include "cmd/show.h"
#include "pipeline/graph-outs.h"
#include "view/graph-draw.h"
#include "view/json-out.h"

#include <string.h>

struct dag_options {
	bool dot, mermaid, md, outs, full, json;
};

static const struct option_spec dag_specs[] = {
	OPT_FLAG(dag_options, 0, "dot", dot, "print the graph as Graphviz reads it"),
	OPT_FLAG(dag_options, 0, "mermaid", mermaid, "print the graph as Mermaid reads it"),
	OPT_FLAG(dag_options, 0, "md", md, "the same, in a block for Markdown"),
	OPT_FLAG(dag_options, 0, "json", json, "print JSON (git-mlv-json(5))"),
	OPT_FLAG(dag_options, 'o', "outs", outs, "show outputs instead of stages"),
	OPT_FLAG(dag_options, 0, "full", full, "with a target: all that hangs together with it, not only what it needs"),
	OPT_END,
};

/* The graph that is shown, and what its nodes are. */
struct dag {
	const struct graph *graph;
	bool outs;         /* nodes are outputs, not stages */
	GPtrArray *labels; /* of char * */
	GArray *nodes;     /* of struct graph_draw_node */
	GArray *origins;   /* of guint: index of the stage, or of the output, of each node */
	GArray *edges;     /* of struct graph_draw_edge */
};

static void dag_clear(struct dag *dag)
{
	g_clear_pointer(&dag->labels, g_ptr_array_unref);
	g_clear_pointer(&dag->nodes, g_array_unref);
	g_clear_pointer(&dag->origins, g_array_unref);
	g_clear_pointer(&dag->edges, g_array_unref);
}

static struct graph_draw_input input_of(const struct dag *dag)
{
	return (struct graph_draw_input){
		.nodes = (const struct graph_draw_node *)dag->nodes->data,
		.node_count = dag->nodes->len,
		.edges = (const struct graph_draw_edge *)dag->edges->data,
		.edge_count = dag->edges->len,
	};
}

/* A name that no terminal and no reader of the text stumbles over: as it is, or quoted. New string. */
static char *harmless(const char *name)
{
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			return quote_path(name);
	}
	return g_utf8_validate(name, -1, NULL) ? g_strdup(name) : quote_path(name);
}

static void add_node(struct dag *dag, const char *name, enum view_style style, guint origin)
{
	struct graph_draw_node node = { harmless(name), style };

	g_ptr_array_add(dag->labels, (gpointer)node.label);
	g_array_append_val(dag->nodes, node);
	g_array_append_val(dag->origins, origin);
}

static void add_stages(struct dag *dag)
{
	for (guint i = 0; i < dag->graph->count; i++) {
		const struct stage *stage = dag->graph->stages->list->pdata[i];

		add_node(dag, stage->address, stage->frozen ? VIEW_DIM : stage->name ? VIEW_HEADING : VIEW_PLAIN, i);
		for (guint k = 0; k < dag->graph->feeds[i]->len; k++) {
			struct graph_draw_edge edge = { i, g_array_index(dag->graph->feeds[i], guint, k) };

			g_array_append_val(dag->edges, edge);
		}
	}
}

static void add_outs(struct dag *dag)
{
	const struct stages *stages = dag->graph->stages;
	g_autoptr(GArray) edges = graph_outs_edges(dag->graph);

	for (guint i = 0; i < stages->outputs->list->len; i++) {
		const struct output *output = stages->outputs->list->pdata[i];
		g_autofree char *shown = workspace_show_path(stages->ws, output->path);

		add_node(dag, shown, output->stage ? VIEW_HEADING : VIEW_PLAIN, i);
	}
	for (guint i = 0; i < edges->len; i++) {
		const struct graph_outs_edge *edge = &g_array_index(edges, struct graph_outs_edge, i);
		struct graph_draw_edge drawn = { edge->from, edge->to };

		g_array_append_val(dag->edges, drawn);
	}
}

static void dag_init(struct dag *dag, const struct graph *graph, bool outs)
{
	dag->graph = graph;
	dag->outs = outs;
	dag->labels = g_ptr_array_new_with_free_func(g_free);
	dag->nodes = g_array_new(FALSE, FALSE, sizeof(struct graph_draw_node));
	dag->origins = g_array_new(FALSE, FALSE, sizeof(guint));
	dag->edges = g_array_new(FALSE, FALSE, sizeof(struct graph_draw_edge));
	if (outs)
		add_outs(dag);
	else
		add_stages(dag);
}

/* Mark the outputs of stages that are marked. */
static void mark_outs(const struct dag *dag, const bool *named, bool *marks)
{
	const GPtrArray *list = dag->graph->stages->outputs->list;

	for (guint i = 0; i < list->len; i++) {
		const struct output *output = list->pdata[i];
		const struct stage *stage = stages_find(dag->graph->stages, output->file, output->stage);

		marks[i] |= stage && named[stage->index];
	}
}

/* Mark the one output that an argument names by its path. */
static bool mark_path(const struct dag *dag, const char *argument, bool *marks)
{
	const struct stages *stages = dag->graph->stages;
	g_autofree char *path = workspace_path(stages->ws, argument, NULL);
	const struct output *output = path ? outputs_find(stages->outputs, path) : NULL;

	for (guint i = 0; output && i < stages->outputs->list->len; i++)
		marks[i] |= stages->outputs->list->pdata[i] == output;
	return output;
}

/* Mark the nodes that an argument names. */
static bool mark_target(const struct dag *dag, char *argument, bool *marks, GError **error)
{
	const struct graph_options how = { .no_needs = true, .past_frozen = true };
	char *arguments[] = { argument, NULL };
	g_autofree bool *named = g_new0(bool, dag->graph->count);
	g_autoptr(GArray) selected = NULL;

	if (dag->outs && mark_path(dag, argument, marks))
		return true;
	selected = graph_select(dag->graph, arguments, &how, error);
	if (!selected)
		return false;
	for (guint i = 0; i < selected->len; i++)
		(dag->outs ? named : marks)[g_array_index(selected, guint, i)] = true;
	if (dag->outs)
		mark_outs(dag, named, marks);
	return true;
}

/* Keep only nodes that are marked. */
static void keep_marked(struct dag *dag, const bool *marks)
{
	g_autofree guint *places = g_new0(guint, dag->nodes->len);
	guint nodes = 0, edges = 0;

	for (guint i = 0; i < dag->nodes->len; i++) {
		if (!marks[i])
			continue;
		places[i] = nodes;
		g_array_index(dag->nodes, struct graph_draw_node, nodes) = g_array_index(dag->nodes, struct graph_draw_node, i);
		g_array_index(dag->origins, guint, nodes++) = g_array_index(dag->origins, guint, i);
	}
	for (guint i = 0; i < dag->edges->len; i++) {
		struct graph_draw_edge edge = g_array_index(dag->edges, struct graph_draw_edge, i);

		if (!marks[edge.from] || !marks[edge.to])
			continue;
		edge = (struct graph_draw_edge){ places[edge.from], places[edge.to] };
		g_array_index(dag->edges, struct graph_draw_edge, edges++) = edge;
	}
	g_array_set_size(dag->nodes, nodes);
	g_array_set_size(dag->origins, nodes);
	g_array_set_size(dag->edges, edges);
}

/* Leave only what the arguments name and what that needs. */
static bool narrow(struct dag *dag, char **arguments, bool full, GError **error)
{
	g_autofree bool *marks = g_new0(bool, dag->nodes->len);
	struct graph_draw_input input = input_of(dag);

	for (char **argument = arguments; *argument; argument++) {
		if (!mark_target(dag, *argument, marks, error))
			return false;
	}
	graph_draw_reach(&input, marks, full);
	keep_marked(dag, marks);
	return true;
}

/* What node i is called, as it is. */
static void show_name(struct json_out *json, const char *key, const struct dag *dag, guint i)
{
	const struct stages *stages = dag->graph->stages;
	guint origin = g_array_index(dag->origins, guint, i);

	if (dag->outs) {
		const struct output *output = stages->outputs->list->pdata[origin];
		g_autofree char *shown = workspace_show_path(stages->ws, output->path);

		json_out_string(json, key, shown);
	} else {
		json_out_string(json, key, ((const struct stage *)stages->list->pdata[origin])->address);
	}
}

static void show_stage_json(struct json_out *json, const struct stage *stage)
{
	bool import = stage->pointer && stage->deps->len > 0;

	json_out_string(json, "type", stage->name ? "stage" : import ? "import" : "data");
	json_out_string(json, "file", stage->file);
	json_out_bool(json, "frozen", stage->frozen);
}

static void show_json(struct context *context, const struct dag *dag)
{
	struct json_out *json = json_out_new(context->view);

	json_out_object(json, NULL);
	json_out_array(json, "nodes");
	for (guint i = 0; i < dag->nodes->len; i++) {
		guint origin = g_array_index(dag->origins, guint, i);
		const struct output *output = dag->outs ? dag->graph->stages->outputs->list->pdata[origin] : NULL;

		json_out_object(json, NULL);
		show_name(json, "name", dag, i);
		if (output) {
			json_out_string(json, "type", "output");
			json_out_string(json, "stage", output->address);
		} else {
			show_stage_json(json, dag->graph->stages->list->pdata[origin]);
		}
		json_out_end(json);
	}
	json_out_end(json);
	json_out_array(json, "edges");
	for (guint i = 0; i < dag->edges->len; i++) {
		const struct graph_draw_edge *edge = &g_array_index(dag->edges, struct graph_draw_edge, i);

		json_out_object(json, NULL);
		show_name(json, "from", dag, edge->from);
		show_name(json, "to", dag, edge->to);
		json_out_end(json);
	}
	json_out_end(json);
	json_out_end(json);
	json_out_finish(json);
}

/* Whether the terminal's encoding has lines to draw with. */
static bool is_unicode(const struct view *view)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(names) && (!locale || !*locale); i++)
		locale = g_getenv(names[i]);
	return view->out_terminal && locale && (strcasestr(locale, "UTF-8") || strcasestr(locale, "UTF8"));
}

static void show_drawing(struct context *context, const struct dag *dag, GString *text)
{
	const struct graph_draw_options how = { is_unicode(context->view), context->view->colour };
	const struct graph_draw_input input = input_of(dag);

	if (graph_draw(text, &input, &how))
		return;
	view_note(context->view, "the drawing would be more than %d columns wide; this is each %s with what it needs",
		  GRAPH_DRAW_WIDTH, dag->outs ? "output" : "stage");
	graph_draw_listing(text, &input, &how);
}

static void show(struct context *context, const struct dag *dag)
{
	const struct dag_options *options = context->options;
	const struct graph_draw_input input = input_of(dag);
	g_autoptr(GString) text = g_string_new(NULL);

	if (options->json) {
		show_json(context, dag);
		return;
	}
	if (options->dot) {
		graph_draw_dot(text, &input);
	} else if (options->mermaid || options->md) {
		g_string_append(text, options->md ? "```mermaid\n" : "");
		graph_draw_mermaid(text, &input);
		g_string_append(text, options->md ? "```\n" : "");
	} else {
		show_drawing(context, dag, text);
	}
	view_write(context->view, text->str, text->len);
}

static int dag_run(struct context *context, GError **error)
{
	const struct dag_options *options = context->options;
	autoptr(outputs) outputs = show_load(context, error);
	autoptr(stages) stages = outputs ? stages_new(context->ws, outputs, error) : NULL;
	autoptr(graph) graph = stages ? graph_new(stages, error) : NULL;
	struct dag dag = { 0 };
	bool ok;

	if (!graph)
		return -1;
	dag_init(&dag, graph, options->outs);
	ok = context->arg_count == 0 || narrow(&dag, context->args, options->full, error);
	if (ok)
		show(context, &dag);
	dag_clear(&dag);
	return ok ? EXIT_DONE : -1;
}

const struct command cmd_dag = {
	.name = "dag",
	.group = "Pipelines",
	.synopsis = "[--dot | --mermaid | --md | --json] [--outs] [--full] [--] [<target>...]",
	.summary = "Show which stage needs which",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | WANTS_PAGER,
	.options_size = sizeof(struct dag_options),
	.options = dag_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_STAGE,
	.run = dag_run,
};
