/*
 * metrics: the metrics of a project at a revision: numbers, strings and truth values in maps (dvc-formats 21.2).
 */
#ifndef MEASURE_METRICS_H
#define MEASURE_METRICS_H

#include "measure/measure.h"

/*
 * Read the files that stages and pipeline files call metrics - or, with `targets` (NULL-terminated paths relative to the
 * project), these alone - in the workspace (revision NULL) or at a commit. A folder stands for all files in it. What
 * cannot be read is in the result; NULL with *error for Ctrl-C only.
 */
struct measure *metrics_read(struct workspace *ws, const char *revision, const char *const *targets, GError **error);

#endif
