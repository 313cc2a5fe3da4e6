/*
 * params: the parameters of a project at a revision (dvc-formats 21.1).
 */
#ifndef MEASURE_PARAMS_H
#define MEASURE_PARAMS_H

#include "measure/measure.h"

/* Which parameters are read. */
struct params_options {
	const char *const *targets; /* these files alone, whole: NULL-terminated paths relative to the project; or NULL */
	bool deps_only;             /* only what stages depend on, not what pipeline files show beside it */
};

/*
 * Read the parameters that stages depend on, the files of the `params` sections and params.yaml of the project, and the
 * values of `vars` files that stages use, in the workspace (revision NULL) or at a commit. Of a file of which stages name
 * keys only, these keys are read; keys that are not there are left out. What cannot be read is in the result; NULL with
 * *error for Ctrl-C only.
 */
struct measure *params_read(struct workspace *ws, const char *revision, const struct params_options *options,
			    GError **error);

/*
 * The part of the tree `root` that dotted keys (NULL-terminated) name, as a map in doc's arena that shares nodes with root:
 * {"a": {"b": 1}} for "a.b". Keys walk through maps and by number through lists, of which the items before the named one
 * become nothing.
 */
struct node *params_pick(struct doc *doc, const struct node *root, const char *const *keys);

#endif
