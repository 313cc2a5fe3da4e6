/*
 * graph-int: walking through a graph. Private to graph*.c.
 */
#ifndef PIPELINE_GRAPH_INT_H
#define PIPELINE_GRAPH_INT_H

#include "pipeline/graph.h"

#include <stdint.h>

/* A depth-first walk, without recursion: pipelines may be thousands of stages deep. */
struct graph_walk {
	const struct graph *graph;
	GArray *const *edges; /* graph->needs or graph->feeds */
	GArray *order;        /* of guint: stages that were left, each after all that its edges lead to */
	uint8_t *colours;     /* private */
	GArray *way;          /* private: from the start to where the walk is */
};

/* A walk along graph->needs or graph->feeds. */
void graph_walk_init(struct graph_walk *walk, const struct graph *graph, GArray *const *edges);

/* Walk from there to all that was not visited yet. false at a circle, which the way then ends in. */
bool graph_walk_from(struct graph_walk *walk, guint start);

/* Free what it holds. */
void graph_walk_clear(struct graph_walk *walk);

#endif
