/*
 * pipeline-variable: a value from a file of variables that a stage uses.
 */
#ifndef FORMAT_PIPELINE_VARIABLE_H
#define FORMAT_PIPELINE_VARIABLE_H

#include "doc/node.h"

struct pipeline_variable {
	char *file;               /* relative to the pipeline file */
	char *key;                /* dotted */
	const struct node *value; /* a scalar; owned by the pipeline */
};

#endif
