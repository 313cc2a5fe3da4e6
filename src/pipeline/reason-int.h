/*
 * reason-int: the parts of a reason, made. Private to stale.c and reason.c.
 */
#ifndef PIPELINE_REASON_INT_H
#define PIPELINE_REASON_INT_H

#include "pipeline/stale.h"

/* The first digits of an id; NULL for none. New string. */
char *reason_short_id(const struct oid *oid);

/* A command as one text: the items of a list are joined by " && ". New string. */
char *reason_command(const struct node *cmd);

/* The lines of reason.inside for two manifests of a folder. */
GPtrArray *reason_inside(const struct manifest *before, const struct manifest *now);

#endif
