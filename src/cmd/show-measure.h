/*
 * show-measure: what `params` and `metrics` do alike: read revisions, print what changed between two.
 */
#ifndef CMD_SHOW_MEASURE_H
#define CMD_SHOW_MEASURE_H

#include "cli/command.h"
#include "measure/compare.h"
#include "view/json-out.h"

/* Read what is asked for at a revision (NULL: the workspace); NULL with *error set for Ctrl-C. */
typedef struct measure *(*show_measure_read)(struct context *context, const char *revision, const void *user, GError **error);

/* How differences are printed. */
struct show_measure {
	const char *noun; /* "Param": heading of the names */
	bool all, json, markdown, no_path;
	bool change;   /* with a column of differences */
	int precision; /* as for compare_append_text() */
	show_measure_read read;
	const void *user; /* of read */
};

/*
 * Compare the revisions that the arguments name (HEAD and the workspace if none do) and print what changed. An exit code,
 * or -1 with *error set.
 */
int show_measure_diff(struct context *context, const struct show_measure *how, GError **error);

/* Print why a revision, or files of it, could not be read. */
void show_measure_errors(struct context *context, const char *revision, const struct measure *measure);

/* An error as the value of "error" in JSON: {"type": …, "msg": …}. */
void show_measure_error(struct json_out *json, const GError *error);

#endif
