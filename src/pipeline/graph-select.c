#include "pipeline/graph-int.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/path.h"
#include "base/quote.h"

#include <string.h>

/* A selection in the making. */
struct selection {
	const struct stages *stages;
	const struct graph_options *options;
	bool *wanted; /* for each stage */
};

static const struct stage *stage_at(const struct selection *selection, guint index)
{
	return selection->stages->list->pdata[index];
}

static bool is_named(const struct stage *stage, const char *name, bool glob)
{
	size_t length = strlen(name);

	if (!stage->name)
		return false;
	if (glob)
		return ignore_glob(name, stage->name);
	/* Generated stages are called by the name of their group, too. */
	return strncmp(stage->name, name, length) == 0 && (!stage->name[length] || stage->name[length] == '@');
}

/* Take the stages of a file: all of them, or those of that name. */
static bool take_of_file(struct selection *selection, const char *file, const char *name, bool glob)
{
	bool any = false;

	for (guint i = 0; i < selection->stages->list->len; i++) {
		const struct stage *stage = stage_at(selection, i);

		if (g_str_equal(stage->file, file) && (!name || is_named(stage, name, glob)))
			any = selection->wanted[i] = true;
	}
	return any;
}

/* Take what "name", "file:name" or ":name" says. */
static bool take_named(struct selection *selection, const char *argument)
{
	const struct workspace *ws = selection->stages->ws;
	bool glob = selection->options->glob;
	const char *colon = strrchr(argument, ':');
	g_autofree char *given = colon ? g_strndup(argument, (gsize)(colon - argument)) : NULL;
	g_autofree char *here = workspace_path(ws, ws->dialect->pipeline_name, NULL), *file = NULL;

	if (here && take_of_file(selection, here, argument, glob))
		return true;
	if (!colon)
		return false;
	file = *given ? workspace_path(ws, given, NULL) : g_steal_pointer(&here);
	return file && take_of_file(selection, file, colon + 1, glob);
}

/* Take the stages of all files at or below a path. */
static bool take_below(struct selection *selection, const char *dir)
{
	bool any = false;

	for (guint i = 0; i < selection->stages->list->len; i++) {
		if (path_is_inside(stage_at(selection, i)->file, dir))
			any = selection->wanted[i] = true;
	}
	return any;
}

static bool take_output(struct selection *selection, const struct output *output)
{
	const struct stage *stage = stages_find(selection->stages, output->file, output->stage);

	if (stage)
		selection->wanted[stage->index] = true;
	return stage;
}

/* Take what writes at a path, above it, or below it; with `glob` what writes paths that match. */
static bool take_writers(struct selection *selection, const char *path)
{
	const struct outputs *outputs = selection->stages->outputs;
	bool any = false, glob = selection->options->glob;
	const struct output *covering = glob ? NULL : outputs_covering(outputs, path, NULL);

	if (covering)
		return take_output(selection, covering);
	for (guint i = 0; i < outputs->list->len; i++) {
		const struct output *output = outputs->list->pdata[i];

		if (glob ? ignore_glob(path, output->path) : path_is_inside(output->path, path))
			any |= take_output(selection, output);
	}
	return any;
}

/* The name that comes nearest to an argument that names nothing; NULL if none does. Borrowed. */
static const char *nearest_stage(const struct selection *selection, const char *argument)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < selection->stages->list->len; i++)
		g_ptr_array_add(names, stage_at(selection, i)->address);
	g_ptr_array_add(names, NULL);
	return nearest_name((const char *const *)names->pdata, argument);
}

static void set_not_found(const struct selection *selection, const char *argument, GError **error)
{
	g_autofree char *quoted = quote_path(argument);
	const char *nearest = nearest_stage(selection, argument);

	if (selection->options->glob)
		error_set(error, ERROR_NOT_FOUND, "'%s' matches no stage and nothing that a stage writes", quoted);
	else
		error_set(error, ERROR_NOT_FOUND, "'%s' is neither a stage nor a pipeline file nor what a stage writes",
			  quoted);
	if (nearest)
		error_hint(error, "did you mean '%s'?", nearest);
	else
		error_hint(error, "git mlv stage list --all shows the stages");
}

bool graph_mark(const struct stages *stages, const char *argument, const struct graph_options *options, bool *marked)
{
	struct selection selection = {stages, options, marked};
	g_autofree char *path = workspace_path(stages->ws, argument, NULL);
	bool found = options->recursive && path && take_below(&selection, path);

	found = found || take_named(&selection, argument);
	found = found || (path && !options->glob && take_of_file(&selection, path, NULL, false));
	return found || (path && take_writers(&selection, path));
}

/* Take the stages of the pipeline file right here. */
static bool take_here(struct selection *selection, GError **error)
{
	const struct stages *stages = selection->stages;
	const char *name = stages->ws->dialect->pipeline_name;
	g_autofree char *file = workspace_path(stages->ws, name, error);

	if (!file)
		return false;
	for (guint i = 0; i < stages->outputs->pipelines->len; i++) {
		const struct outputs_pipeline *pipeline = stages->outputs->pipelines->pdata[i];

		if (g_str_equal(pipeline->file, file)) {
			take_of_file(selection, file, NULL, false);
			return true;
		}
	}
	error_set(error, ERROR_NOT_FOUND, "there is no %s here", name);
	error_hint(error, "name a stage, or take all of the project with -P");
	return false;
}

/* Want whatever these edges lead to, on and on, from what is wanted so far. */
static void spread(const struct graph *graph, const struct selection *selection, bool needs, bool feeds)
{
	g_autoptr(GArray) queue = g_array_new(false, false, sizeof(guint));

	for (guint i = 0; i < graph->count; i++) {
		if (selection->wanted[i])
			g_array_append_val(queue, i);
	}
	for (guint at = 0; at < queue->len; at++) {
		guint from = g_array_index(queue, guint, at);
		const GArray *lists[] = {needs ? graph->needs[from] : NULL, feeds ? graph->feeds[from] : NULL};

		for (guint side = 0; side < G_N_ELEMENTS(lists); side++) {
			for (guint i = 0; lists[side] && i < lists[side]->len; i++) {
				guint to = g_array_index(lists[side], guint, i);
				const struct stage *reader = stage_at(selection, side ? to : from);

				if (selection->wanted[to] || (reader->frozen && !selection->options->past_frozen))
					continue;
				selection->wanted[to] = true;
				g_array_append_val(queue, to);
			}
		}
	}
}

void graph_spread(const struct graph *graph, const struct graph_options *options, bool *marked)
{
	const struct selection selection = {graph->stages, options, marked};

	if (options->all_pipelines)
		memset(marked, true, graph->count * sizeof(*marked));
	else if (options->pipeline)
		spread(graph, &selection, true, true);
	else if (options->downstream)
		spread(graph, &selection, false, true);
	else if (!options->single && !options->no_needs)
		spread(graph, &selection, true, false);
}

/* What is marked, each stage after those that it needs, be it by way of stages that are not marked. */
static GArray *put_in_order(const struct graph *graph, const bool *marked)
{
	GArray *order = g_array_new(false, false, sizeof(guint));
	struct graph_walk walk;

	graph_walk_init(&walk, graph, graph->needs);
	for (guint i = 0; i < graph->count; i++) {
		if (marked[i])
			graph_walk_from(&walk, i);
	}
	for (guint i = 0; i < walk.order->len; i++) {
		guint stage = g_array_index(walk.order, guint, i);

		if (marked[stage])
			g_array_append_val(order, stage);
	}
	graph_walk_clear(&walk);
	return order;
}

GArray *graph_select(const struct graph *graph, char **arguments, const struct graph_options *options, GError **error)
{
	g_autofree bool *wanted = g_new0(bool, graph->count + 1);
	struct selection selection = {graph->stages, options, wanted};

	if (!options->all_pipelines && (!arguments || !*arguments) && !take_here(&selection, error))
		return NULL;
	for (char **argument = arguments; argument && *argument; argument++) {
		if (!graph_mark(graph->stages, *argument, options, wanted)) {
			set_not_found(&selection, *argument, error);
			return NULL;
		}
	}
	graph_spread(graph, options, wanted);
	return put_in_order(graph, wanted);
}
