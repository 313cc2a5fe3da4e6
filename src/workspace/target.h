/*
 * target: what the user named on the command line, as tracked outputs and paths inside them.
 *
 * A target is a tracked path, a path inside a tracked folder, a folder above tracked paths, a pointer file, a stage
 * name, "dir/mlv.yaml:stage", or with `glob` a pattern over tracked paths (dvc-features, "Target grammar").
 */
#ifndef WORKSPACE_TARGET_H
#define WORKSPACE_TARGET_H

#include "workspace/outputs.h"

struct target {
	struct output *output; /* borrowed from the outputs */
	char *inside;          /* path inside the output; "" for all of it */
};

/* A stage, which may have no outputs. */
struct target_stage {
	char *file; /* its pipeline file, relative to the project */
	char *name;
	bool loop; /* foreach or matrix made it, or it is such a loop: it has no text of its own in the file */
};

/* How to read arguments; NULL stands for none of these. */
struct target_options {
	bool glob;         /* arguments are patterns */
	GPtrArray *stages; /* of struct target_stage, or NULL: stages that arguments name go here, not their outputs */
};

/* An empty list for target_options.stages, with its free function. */
GPtrArray *target_stages_new(void);

/*
 * The stage that an argument names: "stage", "dir/mlv.yaml:stage", also a loop without the part behind '@'. NULL if it
 * names none. The caller frees it.
 */
struct target_stage *target_find_stage(struct workspace *ws, const struct outputs *outputs, const char *argument);

/* Free one. */
void target_stage_free(struct target_stage *stage);

/*
 * Resolve arguments (NULL-terminated; none: every output) to targets: sorted by path, without doubles, a whole output
 * swallowing parts of it. A GPtrArray of struct target with its free function. ERROR_NOT_FOUND for an argument that
 * names nothing tracked, quoting it, with a hint
 * (`git mlv add`, or `git mlv ls`).
 */
GPtrArray *target_resolve(struct workspace *ws, const struct outputs *outputs, char **arguments,
			  const struct target_options *options, GError **error);

/* An empty list of targets, which it owns. */
GPtrArray *targets_new(void);

/* Put `inside` (copied; "" for all) of an output on a list. */
void targets_add(GPtrArray *targets, const struct output *output, const char *inside);

/* Sort a list by path, as target_resolve() does. */
void targets_sort(GPtrArray *targets);

#endif
