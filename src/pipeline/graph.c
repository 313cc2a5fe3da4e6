#include "pipeline/graph-int.h"

#include "pipeline/stage-error.h"

#include "base/path.h"

/* Where a path is written. */
struct producer {
	const char *path;
	guint stage;
};

/* What is needed while edges are drawn. */
struct drawing {
	struct graph *graph;
	GArray *producers; /* of struct producer, sorted by path */
	guint *seen;       /* for each stage: 1 + the last stage that an edge was drawn to it from */
};

static gint by_path(gconstpointer a, gconstpointer b)
{
	const struct producer *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->stage > y->stage) - (x->stage < y->stage);
}

static GArray *collect_producers(const struct stages *stages)
{
	GArray *producers = g_array_new(false, false, sizeof(struct producer));

	for (guint i = 0; i < stages->list->len; i++) {
		const struct stage *stage = stages->list->pdata[i];

		for (guint j = 0; j < stage->outs->len; j++) {
			const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, j);

			if (out->output)
				g_array_append_vals(producers, &(struct producer){out->output->path, i}, 1);
		}
	}
	g_array_sort(producers, by_path);
	return producers;
}

/* The first producer whose path is not less than the text of that length. */
static guint lower_bound(const GArray *producers, const char *text, size_t length)
{
	guint low = 0, high = producers->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (strncmp(g_array_index(producers, struct producer, middle).path, text, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_edge(struct drawing *drawing, guint from, guint to)
{
	if (drawing->seen[to] == from + 1)
		return;
	drawing->seen[to] = from + 1;
	g_array_append_val(drawing->graph->needs[from], to);
}

/* Draw edges from a stage to all that write at, above or below a path that it reads. */
static void draw(struct drawing *drawing, guint stage, const char *path)
{
	g_autofree char *below = *path ? g_strconcat(path, "/", NULL) : g_strdup("");
	const GArray *producers = drawing->producers;

	for (const char *end = path; *path; end++) {
		size_t length;

		end += strcspn(end, "/");
		length = (size_t)(end - path);
		for (guint i = lower_bound(producers, path, length); i < producers->len; i++) {
			const struct producer *producer = &g_array_index(producers, struct producer, i);

			/* What begins with the same letters and goes on comes after the path itself. */
			if (strncmp(producer->path, path, length) != 0 || producer->path[length])
				break;
			add_edge(drawing, stage, producer->stage);
		}
		if (!*end)
			break;
	}
	for (guint i = lower_bound(producers, below, strlen(below)); i < producers->len; i++) {
		const struct producer *producer = &g_array_index(producers, struct producer, i);

		if (!g_str_has_prefix(producer->path, below))
			break;
		add_edge(drawing, stage, producer->stage);
	}
}

static void draw_all(struct drawing *drawing, const struct stages *stages)
{
	for (guint i = 0; i < stages->list->len; i++) {
		const struct stage *stage = stages->list->pdata[i];

		for (guint j = 0; j < stage->deps->len; j++) {
			const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, j);

			if (dep->path)
				draw(drawing, i, dep->path);
		}
		for (guint j = 0; j < stage->params->len; j++)
			draw(drawing, i, g_array_index(stage->params, struct stage_params, j).path);
	}
}

static void reverse_edges(struct graph *graph)
{
	for (guint i = 0; i < graph->count; i++) {
		for (guint j = 0; j < graph->needs[i]->len; j++) {
			guint needed = g_array_index(graph->needs[i], guint, j);

			g_array_append_val(graph->feeds[needed], i);
		}
	}
}

enum colour { UNSEEN, OPEN, DONE };

/* One stage on the way down, and which of its edges comes next. */
struct step {
	guint stage, next;
};

void graph_walk_init(struct graph_walk *walk, const struct graph *graph, GArray *const *edges)
{
	walk->graph = graph;
	walk->edges = edges;
	walk->colours = g_new0(uint8_t, graph->count);
	walk->way = g_array_new(false, false, sizeof(struct step));
	walk->order = g_array_new(false, false, sizeof(guint));
}

void graph_walk_clear(struct graph_walk *walk)
{
	g_free(walk->colours);
	g_array_unref(walk->way);
	if (walk->order)
		g_array_unref(walk->order);
}

static void go_to(struct graph_walk *walk, guint stage)
{
	walk->colours[stage] = OPEN;
	g_array_append_vals(walk->way, &(struct step){stage, 0}, 1);
}

bool graph_walk_from(struct graph_walk *walk, guint start)
{
	if (walk->colours[start] != UNSEEN)
		return true;
	go_to(walk, start);
	while (walk->way->len) {
		struct step *step = &g_array_index(walk->way, struct step, walk->way->len - 1);
		const GArray *edges = walk->edges[step->stage];
		guint next;

		if (step->next >= edges->len) {
			walk->colours[step->stage] = DONE;
			g_array_append_val(walk->order, step->stage);
			g_array_set_size(walk->way, walk->way->len - 1);
			continue;
		}
		next = g_array_index(edges, guint, step->next++);
		if (walk->colours[next] == OPEN)
			return false;
		if (walk->colours[next] == UNSEEN)
			go_to(walk, next);
	}
	return true;
}

/* What the stage reads of the other's outputs, as written; NULL if nothing. */
static const char *find_need(const struct stage *stage, const struct stage *other)
{
	for (guint i = 0; i < stage->deps->len; i++) {
		const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, i);

		for (guint k = 0; dep->path && k < other->outs->len; k++) {
			const struct output *output = g_array_index(other->outs, struct stage_out, k).output;

			if (output && (path_is_inside(dep->path, output->path) || path_is_inside(output->path, dep->path)))
				return dep->written;
		}
	}
	return NULL;
}

/* Name the stages that the way down goes round in. New error. */
static GError *describe_cycle(const struct graph_walk *walk)
{
	const struct stages *stages = walk->graph->stages;
	const struct step *last = &g_array_index(walk->way, struct step, walk->way->len - 1);
	guint again = g_array_index(walk->edges[last->stage], guint, last->next - 1), first = 0;
	g_autoptr(GString) text = g_string_new("the stages go round in a circle: ");
	const struct stage *closing = stages->list->pdata[again], *end = stages->list->pdata[last->stage];
	const struct stage_place place = {
		.outputs = stages->outputs, .file = end->file, .body = end->body, .written = find_need(end, closing)};
	GError *error = NULL;

	while (g_array_index(walk->way, struct step, first).stage != again)
		first++;
	for (guint i = first; i < walk->way->len; i++) {
		guint index = g_array_index(walk->way, struct step, i).stage;

		g_string_append_printf(text, "'%s' needs ", ((const struct stage *)stages->list->pdata[index])->address);
	}
	g_string_append_printf(text, "'%s'", closing->address);
	if (place.written)
		stage_error(&error, ERROR_INVALID, &place, text->str);
	else
		error_set(&error, ERROR_INVALID, "%s", text->str);
	return error;
}

/* Give up the way down that goes round: its stages are not looked at again. */
static void abandon_way(struct graph_walk *walk)
{
	for (guint i = 0; i < walk->way->len; i++)
		walk->colours[g_array_index(walk->way, struct step, i).stage] = DONE;
	g_array_set_size(walk->way, 0);
}

/* Every circle that is met is a problem. */
static void put_in_order(struct graph *graph, GPtrArray *problems)
{
	struct graph_walk walk;

	graph_walk_init(&walk, graph, graph->needs);
	for (guint i = 0; i < graph->count; i++) {
		if (graph_walk_from(&walk, i))
			continue;
		g_ptr_array_add(problems, describe_cycle(&walk));
		abandon_way(&walk);
	}
	graph->order = (guint *)(void *)g_array_free(g_steal_pointer(&walk.order), false);
	graph_walk_clear(&walk);
}

static void check_names(const struct stages *stages, GPtrArray *problems)
{
	for (guint i = 0; i < stages->list->len; i++) {
		const struct stage *stage = stages->list->pdata[i];
		GError *problem = NULL;

		if (stages_find(stages, stage->file, stage->name) == stage)
			continue;
		error_set(&problem, ERROR_INVALID, "%s: there are two stages '%s'", stage->file, stage->name);
		g_ptr_array_add(problems, problem);
	}
}

/* What is wrong before there are edges. List of GError. */
static GPtrArray *find_problems(const struct stages *stages)
{
	GPtrArray *problems = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);

	check_names(stages, problems);
	for (guint i = 0; i < stages->outputs->clashes->len; i++)
		g_ptr_array_add(problems, g_error_copy(stages->outputs->clashes->pdata[i]));
	return problems;
}

struct graph *graph_new(const struct stages *stages, GError **error)
{
	autoptr(graph) graph = g_new0(struct graph, 1);
	g_autoptr(GPtrArray) problems = find_problems(stages);
	struct drawing drawing = {.graph = graph};

	graph->stages = stages;
	graph->count = stages->list->len;
	graph->needs = g_new(GArray *, graph->count);
	graph->feeds = g_new(GArray *, graph->count);
	for (guint i = 0; i < graph->count; i++) {
		graph->needs[i] = g_array_new(false, false, sizeof(guint));
		graph->feeds[i] = g_array_new(false, false, sizeof(guint));
	}
	/* Who makes what is not clear then, and circles may be none. */
	if (!error_join(problems, error))
		return NULL;
	drawing.producers = collect_producers(stages);
	drawing.seen = g_new0(guint, graph->count);
	draw_all(&drawing, stages);
	g_array_unref(drawing.producers);
	g_free(drawing.seen);
	reverse_edges(graph);
	put_in_order(graph, problems);
	return error_join(problems, error) ? g_steal_pointer(&graph) : NULL;
}

struct graph *graph_new_sound(const struct stages *stages, GError **error)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	GError *problem = NULL;
	autoptr(graph) graph = graph_new(stages, &problem);

	for (guint i = 0; i < stages->problems->len; i++)
		g_ptr_array_add(problems, g_error_copy(stages->problems->pdata[i]));
	if (problem)
		g_ptr_array_add(problems, problem);
	return error_join(problems, error) ? g_steal_pointer(&graph) : NULL;
}

GArray *graph_closure(const struct graph *graph, guint stage, bool feeds)
{
	struct graph_walk walk;
	GArray *order;

	graph_walk_init(&walk, graph, feeds ? graph->feeds : graph->needs);
	graph_walk_from(&walk, stage);
	order = g_steal_pointer(&walk.order);
	/* The stage itself came last. */
	g_array_set_size(order, order->len - 1);
	for (guint i = 0; feeds && i < order->len / 2; i++) {
		guint *a = &g_array_index(order, guint, i), *b = &g_array_index(order, guint, order->len - 1 - i);
		guint swapped = *a;

		*a = *b;
		*b = swapped;
	}
	graph_walk_clear(&walk);
	return order;
}

void graph_free(struct graph *graph)
{
	for (guint i = 0; i < graph->count; i++) {
		g_array_unref(graph->needs[i]);
		g_array_unref(graph->feeds[i]);
	}
	g_free(graph->needs);
	g_free(graph->feeds);
	g_free(graph->order);
	g_free(graph);
}
