/*
 * graph-draw-int: the steps of a drawing: parts that hang together, the layout of one part, its text. Private to
 * view/graph-*.c.
 */
#ifndef VIEW_GRAPH_DRAW_INT_H
#define VIEW_GRAPH_DRAW_INT_H

#include "view/graph-draw.h"

/* One connected part of a graph: node i of the part is node nodes[i] of the graph, ascending. */
struct graph_part {
	GArray *nodes; /* of guint */
	GArray *edges; /* of struct graph_draw_edge, between indexes of nodes of the part */
};

/* The parts, in the order of their first nodes: GPtrArray of struct graph_part with its free function. */
GPtrArray *graph_parts(const struct graph_draw_input *input);

/* Neighbours of each of `count` things: those of i are list[first[i]] to list[first[i + 1] - 1]. */
struct graph_links {
	guint *first, *list;
};

/* The targets of each source (or with `back` the sources of each target), in the order of the edges. */
void graph_links_init(struct graph_links *links, guint count, const struct graph_draw_edge *edges, guint edge_count,
		      bool back);
void graph_links_clear(struct graph_links *links);

/* A box, or the place where a line passes a layer. */
struct graph_item {
	guint layer;
	guint place;    /* in its layer, from the left */
	guint width;    /* columns, borders included */
	double wanted;  /* column while the layout is sought */
	int column;     /* where lines leave it below; its middle */
};

/* Columns that the line of a passing item may bend in. */
#define GRAPH_WIRE_WIDTH 3

/* A part with a place for everything. Items below `boxes` are its nodes, the others lines that pass. */
struct graph_layout {
	GArray *items; /* of struct graph_item */
	guint boxes;
	GPtrArray *layers;              /* of GArray of guint: items from left to right */
	GArray *links;                  /* of struct graph_draw_edge: each from an item to one of the next layer */
	struct graph_links below, above;
	guint width;                    /* of the whole */
};

/* Lay the part out; widths[i] is that of the box of its node i. NULL if it would be too wide or has a cycle. */
struct graph_layout *graph_layout_new(const struct graph_part *part, const guint *widths);
void graph_layout_free(struct graph_layout *layout);

AUTO_DEFINE(graph_layout, graph_layout_free);

/* Order each layer so that few lines cross. */
void graph_layout_order(struct graph_layout *layout);

/* Give each item its column, without gaps that nothing asks for; sets the width. */
void graph_layout_columns(struct graph_layout *layout);

/* The leftmost column of an item. */
static inline int graph_item_left(const struct graph_item *item)
{
	return item->column - (int)(item->width / 2);
}

/* Item `index`. */
static inline struct graph_item *graph_layout_item(const struct graph_layout *layout, guint index)
{
	return &g_array_index(layout->items, struct graph_item, index);
}

/* The items of a layer, of guint, from left to right. */
static inline const GArray *graph_layout_layer(const struct graph_layout *layout, guint layer)
{
	return layout->layers->pdata[layer];
}

#endif
