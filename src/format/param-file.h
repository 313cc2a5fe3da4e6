/*
 * param-file: files of parameters, metrics and variables: which syntax a file has follows from its name.
 */
#ifndef FORMAT_PARAM_FILE_H
#define FORMAT_PARAM_FILE_H

#include "doc/node.h"

/*
 * Read text as JSON if name ends in .json (in any case), else as YAML. Errors are those of json_read() and yaml_read();
 * ERROR_FAILED for .toml and .py, which DVC reads too.
 */
struct doc *param_file_read(const char *text, size_t length, const char *name, GError **error);

#endif
