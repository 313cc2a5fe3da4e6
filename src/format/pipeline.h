/*
 * pipeline: mlv.yaml or dvc.yaml, resolved: vars and ${} expanded, foreach and matrix turned into plain stages
 * (dvc-formats 3 and 4). At this floor: which outputs exist, where, with which flags, and what the commands are.
 */
#ifndef FORMAT_PIPELINE_H
#define FORMAT_PIPELINE_H

#include "base/auto.h"
#include "format/dialect.h"
#include "format/entry.h"

#include <glib.h>
#include <stdbool.h>

/* One file of parameters that a stage depends on. */
struct pipeline_params {
	char *file;  /* relative to the stage's wdir, "params.yaml" by default */
	char **keys; /* dotted keys, NULL-terminated; NULL for the whole file */
};

/* Under which key of its stage an output stands. */
enum pipeline_out_kind {
	PIPELINE_OUT,
	PIPELINE_METRIC,
	PIPELINE_PLOT,
};

/* What a pipeline file says of an output beside its entry. */
struct pipeline_out {
	enum pipeline_out_kind kind;
	const struct node
		*flags; /* map of all its flags, among them desc, type, labels, meta, x, y …; NULL if it has none */
};

struct pipeline_stage {
	char *name;             /* "train", or "train@key" for a generated one */
	const struct node *cmd; /* string or list, resolved; owned by the pipeline */
	char *wdir;             /* relative to the file, "." if absent */
	char **deps;            /* resolved paths as written */
	GPtrArray *outs;        /* of struct entry (no hash), outs, metrics and plots together, in order; owned */
	struct pipeline_out *out_info; /* one for each of outs */
	GPtrArray *params;             /* of struct pipeline_params, owned */
	bool frozen, always_changed;
	char *desc;
	const struct node *body; /* the resolved body, for what is not broken out here; owned by the pipeline */
};

/* Resolved nodes keep the places of what they were made from, so node_error() with doc can show them. */
struct pipeline {
	const struct dialect *dialect;
	GPtrArray *stages; /* of struct pipeline_stage, owned, in file order, generated ones in their order */
	const struct node *params, *metrics, *plots, *artifacts,
		*datasets;       /* sections beside `stages`, resolved; NULL if absent */
	struct doc *doc;         /* as read */
	struct doc *resolved;    /* arena of resolved nodes */
	GHashTable *by_name;     /* for pipeline_find() */
	struct context *context; /* what ${} stood for; resolved nodes share its values. Private to format/ */
};

/*
 * How to read another file that templates name (params.yaml, vars files): `path` is relative to the pipeline file.
 * Returns its bytes (g_free) or NULL: with *error unset if it is absent.
 */
typedef char *(*pipeline_loader)(const char *path, size_t *length, void *user, GError **error);

/* Settings that change how maps in `cmd` expand (dvc-formats 4): parsing.bool and parsing.list. */
struct pipeline_options {
	bool bool_optional; /* parsing.bool = boolean_optional */
	bool list_append;   /* parsing.list = append */
};

/*
 * Parse and resolve text. All errors of the file are reported together, one a line, each with file, line, column and
 * excerpt, in one ERROR_CORRUPT. options may be NULL.
 */
struct pipeline *pipeline_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			       pipeline_loader loader, void *user, const struct pipeline_options *options,
			       GError **error);

/* The stage of that name, NULL if there is none. Owned by the pipeline. */
const struct pipeline_stage *pipeline_find(const struct pipeline *pipeline, const char *name);

/* Free it. */
void pipeline_free(struct pipeline *pipeline);

AUTO_DEFINE(pipeline, pipeline_free);

#endif
