/*
 * graph-outs: the graph of stages seen through their outputs: an edge from each output to all that are made from it.
 *
 * Pure: made from a graph and the outputs that it was made from.
 */
#ifndef PIPELINE_GRAPH_OUTS_H
#define PIPELINE_GRAPH_OUTS_H

#include "pipeline/graph.h"

/* Output `from` is read by the stage that makes output `to`: indexes in outputs->list. */
struct graph_outs_edge {
	guint from, to;
};

/* All edges, distinct, by stage: GArray of struct graph_outs_edge. */
GArray *graph_outs_edges(const struct graph *graph);

#endif
