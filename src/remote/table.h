/*
 * table: the back-ends that git-mlv has.
 */
#ifndef REMOTE_TABLE_H
#define REMOTE_TABLE_H

#include "remote/remote.h"

/* All of them, NULL-terminated. */
extern const struct remote_ops *const remote_table[];

#endif
