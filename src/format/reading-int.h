/*
 * reading: what all parts that read a pipeline file share: the file, where resolved nodes go, and the list of all that
 * is wrong with it.
 */
#ifndef FORMAT_READING_INT_H
#define FORMAT_READING_INT_H

#include "doc/node.h"
#include "format/pipeline-options.h"
#include "format/pipeline-variable.h"

/*
 * How many stages one file may make, and how much memory what ${} makes may need: a few lines can ask for any number of
 * either.
 */
#define READING_STAGE_LIMIT  100000
#define READING_MEMORY_LIMIT ((size_t)256 << 20)

struct reading {
	const struct doc *doc;                                                         /* the file as read */
	struct doc *out;                                                               /* arena of what is resolved */
	char *(*loader)(const char *path, size_t *length, void *user, GError **error); /* pipeline_files.load */
	void *user;
	struct pipeline_options options;
	size_t memory_left, stages_left; /* of the limits above */
	const char *stage;               /* the generated stage that is being made, for messages; NULL if none */
	unsigned problem_count;          /* noted so far, the same ones again included */
	GPtrArray *used;                 /* of struct pipeline_variable: what stages took from files; NULL outside of them */
	GHashTable *uses;                /* set of "file:key": what is in `used` */
	GHashTable *seen;                /* set of place and text: one template gives one error, not one a stage */
	GString *problems;               /* the texts of the first ones, one a line */
};

/* Begin reading doc into the arena out, both borrowed; the caller sets loader, user and options. */
void reading_begin(struct reading *reading, const struct doc *doc, struct doc *out);

/* Note an error at that node of doc, which is the file itself or a parameter file. */
void reading_problem(struct reading *reading, const struct doc *doc, const struct node *node, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

/* Note an error that names its place itself; the error is consumed. */
void reading_error(struct reading *reading, GError *error);

/* Note that a stage uses the value of that name from a file; the value is copied, once. */
void reading_use(struct reading *reading, const char *file, const char *key, const struct node *value);

/* Free what reading_begin() made and turn all that was noted into one ERROR_CORRUPT; true if there is nothing. */
bool reading_end(struct reading *reading, GError **error);

#endif
