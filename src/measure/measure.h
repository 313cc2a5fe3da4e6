/*
 * measure: what files of parameters or metrics hold at one revision, or why that cannot be told.
 *
 * Filled by params_read() or metrics_read(), then only read. Paths are relative to the project.
 */
#ifndef MEASURE_MEASURE_H
#define MEASURE_MEASURE_H

#include "base/auto.h"
#include "doc/node.h"
#include "measure/snapshot.h"

#include <glib.h>
#include <stdbool.h>

/* Largest file of parameters or metrics, in bytes. */
#define MEASURE_SIZE_LIMIT ((size_t)64 << 20)

/* One file. */
struct measure_file {
	char *path;
	struct doc *doc;          /* owns value; NULL if it cannot be read */
	const struct node *value; /* what counts of it */
	GError *error;            /* why it cannot be read; NULL if it can */
};

struct measure {
	GPtrArray *files; /* of struct measure_file, owned, in the order of the pipeline files */
	GHashTable *by_path;
	GError *error; /* why nothing can be told, as a pipeline file that cannot be read; NULL if all is well */
};

/* An empty one. */
struct measure *measure_new(void);

/*
 * Look at a revision (NULL: the workspace) for what is in its pipeline files. NULL with measure->error set if these cannot
 * be read, or with *error for Ctrl-C.
 */
struct snapshot *measure_open(struct measure *measure, struct workspace *ws, const char *revision, GError **error);

/*
 * Read a file and add it, value being all of it; one that cannot be read is added with its error. NULL with *error for
 * Ctrl-C.
 */
struct measure_file *measure_read(struct measure *measure, struct snapshot *snapshot, const char *path, GError **error);

/* Add a file with an empty map. Its value may be changed. */
struct measure_file *measure_add(struct measure *measure, const char *path);

/* The file of that path, NULL if there is none. */
const struct measure_file *measure_find(const struct measure *measure, const char *path);

/* Whether a file, or all, could not be read. */
bool measure_has_errors(const struct measure *measure);

/* Whether both hold the same files with the same values and errors at the same places. */
bool measure_equal(const struct measure *a, const struct measure *b);

/* Free it. */
void measure_free(struct measure *measure);

AUTO_DEFINE(measure, measure_free);

/*
 * `path` as a stage or section of the pipeline file `file` writes it, with wdir (NULL: none), relative to the project; NULL
 * for a URL. New string.
 */
char *measure_path(const char *file, const char *wdir, const char *path);

#endif
