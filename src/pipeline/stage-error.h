/*
 * stage-error: what is wrong with a path that a stage reads, writes or runs in, told with its place in the pipeline file.
 */
#ifndef PIPELINE_STAGE_ERROR_H
#define PIPELINE_STAGE_ERROR_H

#include "base/error.h"
#include "workspace/outputs.h"

/* A path, as written, of a stage. */
struct stage_place {
	const struct outputs *outputs;
	const char *file;                  /* of the stage */
	const struct pipeline_stage *body; /* NULL for a pointer */
	const char *written;
};

/* Set an error with this text, after line and column and before an excerpt of the file where the place is known. */
void stage_error(GError **error, enum error_code code, const struct stage_place *place, const char *text);

#endif
