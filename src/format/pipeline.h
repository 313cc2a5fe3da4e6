/*
 * pipeline: mlv.yaml or dvc.yaml, resolved: vars and ${} expanded, foreach and matrix turned into plain stages
 * (dvc-formats 3 and 4). At this floor: which outputs exist, where, with which flags, and what the commands are.
 */
#ifndef FORMAT_PIPELINE_H
#define FORMAT_PIPELINE_H

#include "base/auto.h"
#include "format/dialect.h"
#include "format/pipeline-options.h"
#include "format/pipeline-stage.h"
#include "format/pipeline-variable.h"

#include <glib.h>
#include <stdbool.h>

/* Resolved nodes keep the places of what they were made from, so node_error() with doc can show them. */
struct pipeline {
	const struct dialect *dialect;
	GPtrArray *stages; /* of struct pipeline_stage, owned, in file order, generated ones in their order */
	const struct node *params, *metrics, *plots; /* sections beside `stages`, resolved; NULL if absent */
	const struct node *artifacts, *datasets;
	struct doc *doc;         /* as read */
	struct doc *resolved;    /* arena of resolved nodes */
	GHashTable *by_name;     /* for pipeline_find() */
	GPtrArray *used; /* of struct pipeline_variable, owned: what `${}` in stages took from files, each once; items of foreach
			    and matrix do not count */
	struct context *context; /* what ${} stood for; resolved nodes share its values. Private to format/ */
};

/* How to read other files that templates name (params.yaml, vars files). */
struct pipeline_files {
	/* The bytes (g_free) of `path`, relative to the pipeline file; NULL with *error unset if it is absent. */
	char *(*load)(const char *path, size_t *length, void *user, GError **error);
	void *user; /* of load */
};

/*
 * Parse and resolve text. All errors of the file are reported together, one a line, each with file, line, column and
 * excerpt, in one ERROR_CORRUPT. options may be NULL.
 */
struct pipeline *pipeline_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			       const struct pipeline_files *files, const struct pipeline_options *options,
			       GError **error);

/* The stage of that name, NULL if there is none. Owned by the pipeline. */
const struct pipeline_stage *pipeline_find(const struct pipeline *pipeline, const char *name);

/* Free it. */
void pipeline_free(struct pipeline *pipeline);

AUTO_DEFINE(pipeline, pipeline_free);

#endif
