/*
 * graph-draw: pictures of directed graphs without cycles: a layered drawing of boxes and lines for terminals, a listing
 * for graphs too wide to draw, DOT and Mermaid text. Pure text from plain nodes and edges.
 *
 * Parts that hang together are drawn one below the other, in the order of their first nodes. Time and memory follow the
 * number of nodes and edges and the area of the drawing.
 */
#ifndef VIEW_GRAPH_DRAW_H
#define VIEW_GRAPH_DRAW_H

#include "view/view.h"

#include <glib.h>
#include <stdbool.h>

/* The widest drawing that anybody reads, in columns. */
#define GRAPH_DRAW_WIDTH 512

struct graph_draw_node {
	const char *label;     /* without control characters; UTF-8 where it can be */
	enum view_style style; /* of its label, where the picture has colour */
};

/* `from` stands above `to`. */
struct graph_draw_edge {
	guint from, to; /* indexes of nodes, different ones */
};

/* The graph; arrays are borrowed, edges distinct and without a cycle. */
struct graph_draw_input {
	const struct graph_draw_node *nodes;
	guint node_count;
	const struct graph_draw_edge *edges;
	guint edge_count;
};

/*
 * Spread marks, one for each node: whatever stands above a marked node, directly or not, becomes marked; with `around`
 * all that hangs together with one.
 */
void graph_draw_reach(const struct graph_draw_input *input, bool *marks, bool around);

struct graph_draw_options {
	bool unicode; /* box-drawing characters instead of + - | */
	bool colour;
};

/*
 * Append the drawing, a line feed behind each line. false, with nothing appended, if it would be wider than
 * GRAPH_DRAW_WIDTH or cannot be drawn because the edges run in a circle.
 */
bool graph_draw(GString *out, const struct graph_draw_input *input, const struct graph_draw_options *options);

/* Append one line a node in the order of the nodes, followed by one indented line for each node with an edge to it. */
void graph_draw_listing(GString *out, const struct graph_draw_input *input, const struct graph_draw_options *options);

/* Append the graph as Graphviz reads it, in DVC's layout: nodes and edges in their order. */
void graph_draw_dot(GString *out, const struct graph_draw_input *input);

/* Append the graph as Mermaid reads it, in DVC's layout: part by part, nodes by name. */
void graph_draw_mermaid(GString *out, const struct graph_draw_input *input);

#endif
