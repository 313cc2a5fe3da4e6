/*
 * pipeline-options: settings that change how maps in a `cmd` become command-line options (dvc-formats 4): parsing.bool
 * and parsing.list.
 */
#ifndef FORMAT_PIPELINE_OPTIONS_H
#define FORMAT_PIPELINE_OPTIONS_H

#include <stdbool.h>

struct pipeline_options {
	bool bool_optional; /* parsing.bool = boolean_optional */
	bool list_append;   /* parsing.list = append */
};

#endif
