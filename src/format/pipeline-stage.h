/*
 * pipeline-stage: one stage of a pipeline, resolved: its command, what it reads and what it writes.
 *
 * Made by pipeline_read(), owned by its pipeline, never changed.
 */
#ifndef FORMAT_PIPELINE_STAGE_H
#define FORMAT_PIPELINE_STAGE_H

#include "base/auto.h"
#include "doc/node.h"
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
	const struct node *flags; /* map of all flags: cache, desc, type, labels, meta, x, y …; NULL if it has none */
	const struct node *path;  /* its path, for messages with a place */
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

/* Free it. */
void pipeline_stage_free(struct pipeline_stage *stage);

AUTO_DEFINE(pipeline_stage, pipeline_stage_free);

#endif
