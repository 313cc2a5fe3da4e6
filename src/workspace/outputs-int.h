/*
 * outputs-int: turning documents into outputs. Private to workspace/.
 */
#ifndef WORKSPACE_OUTPUTS_INT_H
#define WORKSPACE_OUTPUTS_INT_H

#include "repo/revision.h"
#include "workspace/outputs.h"

/* Where documents are read from. */
struct outputs_source {
	struct workspace *ws;
	const char *revision; /* a commit, or NULL for the workspace */
	const struct outputs_draft *draft; /* what stands for a file of the workspace; may be NULL */
};

/* An empty list. */
struct outputs *outputs_new(void);

/*
 * The bytes of a file of the project, from where the source says; *data NUL-terminated, g_free() it. ERROR_NOT_FOUND if
 * it is absent.
 */
bool outputs_source_read(const struct outputs_source *source, const char *path, size_t limit, char **data,
			 size_t *length, GError **error);

/* Add the outputs of a pointer's text. */
bool outputs_add_pointer(struct outputs *outputs, struct workspace *ws, const char *path, const char *text,
			 size_t length, GError **error);

/*
 * Add the outputs of the pipeline file `path` with what its lock file records. A lock that cannot be read is an error
 * after the outputs were added without ids.
 */
bool outputs_add_pipeline(struct outputs *outputs, const struct outputs_source *source, const char *path,
			  GError **error);

/* Add the outputs of a lock file's text alone. */
bool outputs_add_lock(struct outputs *outputs, struct workspace *ws, const char *path, const char *text, size_t length,
		      GError **error);

/* Sort by path and turn doubled and overlapping outputs into problems. */
void outputs_settle(struct outputs *outputs);

/* Free one. */
void output_free(struct output *output);

#endif
