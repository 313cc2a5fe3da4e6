#include "view/graph-draw-int.h"

/* One part on its way into layers. */
struct layering {
	const struct graph_part *part;
	struct graph_links down, up;
	guint *layers; /* of each node */
	guint *order;  /* nodes, each behind those above it */
	guint depth;   /* layers in all */
};

/* Each node one layer below the lowest of those above it; false if there is a cycle. */
static bool find_layers(struct layering *layering)
{
	guint count = layering->part->nodes->len, ready = 0;
	g_autofree guint *waits = g_new(guint, count);

	for (guint i = 0; i < count; i++) {
		waits[i] = layering->up.first[i + 1] - layering->up.first[i];
		if (waits[i] == 0)
			layering->order[ready++] = i;
	}
	for (guint done = 0; done < ready; done++) {
		guint node = layering->order[done];

		layering->depth = MAX(layering->depth, layering->layers[node] + 1);
		for (guint i = layering->down.first[node]; i < layering->down.first[node + 1]; i++) {
			guint below = layering->down.list[i];

			layering->layers[below] = MAX(layering->layers[below], layering->layers[node] + 1);
			if (--waits[below] == 0)
				layering->order[ready++] = below;
		}
	}
	return ready == count;
}

/* What stands on nothing comes down to what needs it, so that lines are short. */
static void lower_tops(struct layering *layering)
{
	for (guint i = layering->part->nodes->len; i-- > 0;) {
		guint node = layering->order[i], nearest = G_MAXUINT;

		if (layering->up.first[node] != layering->up.first[node + 1])
			continue;
		for (guint k = layering->down.first[node]; k < layering->down.first[node + 1]; k++)
			nearest = MIN(nearest, layering->layers[layering->down.list[k]]);
		if (nearest != G_MAXUINT)
			layering->layers[node] = nearest - 1;
	}
}

/* The lowest layer that a line from the node leads to; its own if none does. */
static guint lowest_target(const struct layering *layering, guint node)
{
	guint lowest = layering->layers[node];

	for (guint i = layering->down.first[node]; i < layering->down.first[node + 1]; i++)
		lowest = MAX(lowest, layering->layers[layering->down.list[i]]);
	return lowest;
}

/* Whether every layer could be narrow enough: told before anything is built, since lines that pass may be many. */
static bool may_fit(const struct layering *layering, const guint *widths)
{
	g_autofree guint64 *boxes = g_new0(guint64, layering->depth);
	g_autofree gint64 *begins = g_new0(gint64, (gsize)layering->depth + 1);
	gint64 passing = 0;

	for (guint i = 0; i < layering->part->nodes->len; i++) {
		guint below = layering->layers[i] + 1, lowest = lowest_target(layering, i);

		boxes[layering->layers[i]] += widths[i];
		if (lowest > below) {
			begins[below]++;
			begins[lowest]--;
		}
	}
	for (guint i = 0; i < layering->depth; i++) {
		passing += begins[i];
		if (boxes[i] + (guint64)passing * GRAPH_WIRE_WIDTH > GRAPH_DRAW_WIDTH)
			return false;
	}
	return true;
}

static guint add_item(struct graph_layout *layout, guint layer, guint width)
{
	struct graph_item item = {.layer = layer, .width = width};

	g_array_append_val(layout->items, item);
	return layout->items->len - 1;
}

static void add_link(struct graph_layout *layout, guint from, guint to)
{
	struct graph_draw_edge link = {from, to};

	g_array_append_val(layout->links, link);
}

/* Lead the lines of a node down: one line passes each layer, however many targets it has further below. */
static void lead_down(struct graph_layout *layout, const struct layering *layering, guint node)
{
	guint top = layering->layers[node], lowest = lowest_target(layering, node);
	guint first_wire = layout->items->len;

	for (guint layer = top + 1, above = node; layer < lowest; layer++) {
		guint wire = add_item(layout, layer, GRAPH_WIRE_WIDTH);

		add_link(layout, above, wire);
		above = wire;
	}
	for (guint i = layering->down.first[node]; i < layering->down.first[node + 1]; i++) {
		guint to = layering->down.list[i], height = layering->layers[to] - top;

		add_link(layout, height == 1 ? node : first_wire + height - 2, to);
	}
}

static struct graph_layout *build(const struct layering *layering, const guint *widths)
{
	struct graph_layout *layout = g_new0(struct graph_layout, 1);
	guint count = layering->part->nodes->len;

	layout->items = g_array_new(FALSE, FALSE, sizeof(struct graph_item));
	layout->links = g_array_new(FALSE, FALSE, sizeof(struct graph_draw_edge));
	layout->layers = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	layout->boxes = count;
	for (guint i = 0; i < count; i++)
		add_item(layout, layering->layers[i], widths[i]);
	for (guint i = 0; i < count; i++)
		lead_down(layout, layering, i);
	graph_links_init(&layout->below, layout->items->len, (const struct graph_draw_edge *)layout->links->data,
			 layout->links->len, false);
	graph_links_init(&layout->above, layout->items->len, (const struct graph_draw_edge *)layout->links->data,
			 layout->links->len, true);
	for (guint i = 0; i < layering->depth; i++)
		g_ptr_array_add(layout->layers, g_array_new(FALSE, FALSE, sizeof(guint)));
	return layout;
}

struct graph_layout *graph_layout_new(const struct graph_part *part, const guint *widths)
{
	guint count = part->nodes->len;
	const struct graph_draw_edge *edges = (const struct graph_draw_edge *)part->edges->data;
	g_autofree guint *layers = g_new0(guint, count);
	g_autofree guint *order = g_new(guint, count);
	struct layering layering = {.part = part, .layers = layers, .order = order};
	autoptr(graph_layout) layout = NULL;

	graph_links_init(&layering.down, count, edges, part->edges->len, false);
	graph_links_init(&layering.up, count, edges, part->edges->len, true);
	if (find_layers(&layering)) {
		lower_tops(&layering);
		if (may_fit(&layering, widths))
			layout = build(&layering, widths);
	}
	graph_links_clear(&layering.down);
	graph_links_clear(&layering.up);
	if (!layout)
		return NULL;
	graph_layout_order(layout);
	graph_layout_columns(layout);
	return layout->width > GRAPH_DRAW_WIDTH ? NULL : g_steal_pointer(&layout);
}

void graph_layout_free(struct graph_layout *layout)
{
	g_array_free(layout->items, TRUE);
	g_array_free(layout->links, TRUE);
	g_ptr_array_free(layout->layers, TRUE);
	graph_links_clear(&layout->below);
	graph_links_clear(&layout->above);
	g_free(layout);
}
