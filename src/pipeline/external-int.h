/*
 * external-int: what the files of external share.
 */
#ifndef PIPELINE_EXTERNAL_INT_H
#define PIPELINE_EXTERNAL_INT_H

#include "pipeline/external.h"

/*
 * Hash the file or folder at an absolute path of this machine as DVC does. Files that the index knows are not read; what was
 * read is put into it, for the caller to commit. Absence is no error.
 */
bool external_look_local(struct workspace *ws, const char *path, struct external_fact *fact, GError **error);

#endif
