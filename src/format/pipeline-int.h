/*
 * pipeline-int: what the parts that read a pipeline file share: the file, where resolved nodes go, and the list of all
 * that is wrong with it.
 */
#ifndef FORMAT_PIPELINE_INT_H
#define FORMAT_PIPELINE_INT_H

#include "doc/node.h"
#include "format/pipeline.h"

/* How many stages one file may make, and how much memory what ${} makes may need: a few lines can ask for any number of
 * either. */
#define PIPELINE_STAGE_LIMIT  100000
#define PIPELINE_MEMORY_LIMIT ((size_t)256 << 20)

/* How many errors are listed; the rest is counted. */
#define PIPELINE_PROBLEM_LIMIT 20

struct context;

struct reading {
	struct pipeline *pipeline; /* what comes out */
	const struct doc *doc;     /* the file as read: pipeline->doc */
	struct doc *out;           /* arena of what is resolved: pipeline->resolved */
	pipeline_loader loader;
	void *user;
	struct pipeline_options options;
	size_t memory_left, stages_left; /* of the limits above */
	const char *stage;               /* the generated stage that is being made, for messages; NULL if none */
	unsigned problem_count;          /* noted so far, the same ones again included */
	GHashTable *seen;                /* set of place and text: one template gives one error, not one a stage */
	GString *problems;               /* the texts of the first ones, one a line */
};

/* Note an error at that node of doc, which is the file itself or a parameter file. */
void reading_problem(struct reading *reading, const struct doc *doc, const struct node *node, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

/* Note an error that names its place itself; the error is consumed. */
void reading_error(struct reading *reading, GError *error);

#endif
