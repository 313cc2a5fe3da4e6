/*
 * pipeline-schema: which keys and kinds of values a pipeline file may have (dvc-formats 3), before templates are
 * resolved.
 */
#ifndef FORMAT_PIPELINE_SCHEMA_INT_H
#define FORMAT_PIPELINE_SCHEMA_INT_H

#include "format/reading-int.h"

/*
 * Check everything outside of `stages`, and that `stages` is a map. False after noting all that is wrong; then the file
 * must not be looked at further.
 */
bool pipeline_schema_check_file(struct reading *reading);

/* Check one stage, `name` being its key in the file. False after noting all that is wrong. */
bool pipeline_schema_check_stage(struct reading *reading, const struct node *name, const struct node *stage);

#endif
