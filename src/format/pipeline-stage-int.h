/*
 * pipeline-stage-int: making a stage from its resolved body.
 */
#ifndef FORMAT_PIPELINE_STAGE_INT_H
#define FORMAT_PIPELINE_STAGE_INT_H

#include "format/pipeline-stage.h"
#include "format/reading-int.h"

/* A new stage of that name (copied); NULL after noting all that is wrong. body stays owned by the pipeline. */
struct pipeline_stage *pipeline_stage_new(struct reading *reading, const char *name, const struct node *body);

#endif
