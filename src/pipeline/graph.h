/*
 * graph: which stage needs which: an edge from each stage to those whose outputs it reads. Paths meet if they are equal
 * or one lies inside the other.
 *
 * A plain value made from stages, which must live as long. Cycles are found while it is made. 10,000 stages take
 * milliseconds: producers are found by a search in the sorted outputs, not by comparing all with all.
 */
#ifndef PIPELINE_GRAPH_H
#define PIPELINE_GRAPH_H

#include "pipeline/stages.h"

struct graph {
	const struct stages *stages; /* borrowed */
	GArray **needs;   /* for each stage: guint indexes of the stages that it reads from, distinct, in the order of its
			   * dependencies */
	GArray **feeds;   /* the reverse, ascending */
	guint *order;     /* all stages, each after those that it needs: depth first in file order, as DVC runs them */
	guint count;
};

/*
 * Make it. ERROR_INVALID for names that two stages have and outputs that two claim or that overlap, else for circles, naming the
 * stages on them in order; all that there are in one error (error_join()).
 */
struct graph *graph_new(const struct stages *stages, GError **error);

/* The same for who is going to run stages: what is wrong with single ones, stages->problems, is an error as well, told first. */
struct graph *graph_new_sound(const struct stages *stages, GError **error);

/* Which stages a command works on. */
struct graph_options {
	bool glob;          /* targets are patterns over stage names and outputs */
	bool recursive;     /* -R: targets are folders: all stages of the files below */
	bool single;        /* -s: only the targets, not what they need */
	bool pipeline;      /* -p: whole pipelines (connected parts) that hold the targets */
	bool all_pipelines; /* -P: everything, wherever the current directory is */
	bool downstream;    /* the targets and what depends on them, not what they need */
	bool no_needs;      /* as single, for commands that show: the targets alone */
	bool past_frozen;   /* follow what a frozen stage needs, too: repro does not, commands that show do */
};

/*
 * The stages that arguments (NULL-terminated; none: the pipeline file of the current directory) select, with what they need
 * unless the options say otherwise, in an order in which they can run: guint indexes. An argument is the name of a stage or of
 * a group of generated ones, "dir/dvc.yaml:name", a pipeline file or pointer, or a path that a stage writes.
 * ERROR_NOT_FOUND for an argument that names nothing, with the nearest name as hint.
 */
GArray *graph_select(const struct graph *graph, char **arguments, const struct graph_options *options, GError **error);

/*
 * The steps of graph_select(), for who needs no graph for the first: mark (one bool for each stage; what is marked stays so) the
 * stages that an argument names; false if it names none. Then mark what the options add.
 */
bool graph_mark(const struct stages *stages, const char *argument, const struct graph_options *options, bool *marked);
void graph_spread(const struct graph *graph, const struct graph_options *options, bool *marked);

/* All that `stage` needs, directly or not (or with `feeds` all that needs it), without itself, in running order. */
GArray *graph_closure(const struct graph *graph, guint stage, bool feeds);

/* Free it. */
void graph_free(struct graph *graph);

AUTO_DEFINE(graph, graph_free);

#endif
