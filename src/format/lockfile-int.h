/*
 * lockfile-int: one stage of a lock file, which the run cache keeps as a document of its own. Private to format/.
 */
#ifndef FORMAT_LOCKFILE_INT_H
#define FORMAT_LOCKFILE_INT_H

#include "format/lockfile.h"

/* Add the stage that this map of lockfile->doc describes. ERROR_CORRUPT with the place. */
bool lockfile_read_stage(struct lockfile *lockfile, const char *name, const struct node *node, GError **error);

/* The stage's map as it is written, in doc's arena. */
struct node *lockfile_stage_tree(struct doc *doc, const struct lockfile_stage *stage, const struct dialect *dialect);

#endif
