/*
 * pipeline-stage: a stage from its resolved body: paths, outputs with their flags, parameters, command.
 */
#ifndef FORMAT_PIPELINE_STAGE_INT_H
#define FORMAT_PIPELINE_STAGE_INT_H

#include "format/pipeline-int.h"

/* A new stage of that name (copied); NULL after noting all that is wrong. body stays owned by the pipeline. */
struct pipeline_stage *pipeline_stage_new(struct reading *reading, const char *name, const struct node *body);

/* Free it. */
void pipeline_stage_free(struct pipeline_stage *stage);

AUTO_DEFINE(pipeline_stage, pipeline_stage_free);

#endif
