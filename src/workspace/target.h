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

/* How to read arguments; NULL stands for none of these. */
struct target_options {
	bool glob; /* arguments are patterns */
};

/*
 * Resolve arguments (NULL-terminated; none: every output) to targets: sorted by path, without doubles, a whole output
 * swallowing parts of it. A GPtrArray of struct target with its free function. ERROR_NOT_FOUND for an argument that
 * names nothing tracked, quoting it, with a hint
 * (`git mlv add`, or `git mlv ls`).
 */
GPtrArray *target_resolve(struct workspace *ws, const struct outputs *outputs, char **arguments,
			  const struct target_options *options, GError **error);

#endif
