/*
 * param-file: files of parameters, metrics and variables: which syntax a file has follows from its name.
 */
#ifndef FORMAT_PARAM_FILE_H
#define FORMAT_PARAM_FILE_H

#include "doc/node.h"

/*
 * Read text as JSON, TOML or Python if name ends in .json, .toml or .py (in any case), else as YAML. Errors are those of
 * json_read(), toml_read(), python_read() and yaml_read(). JSON may hold NaN and Infinity here, as in DVC.
 */
struct doc *param_file_read(const char *text, size_t length, const char *name, GError **error);

#endif
