/*
 * table: the back-ends that git-mlv has.
 */
#ifndef BACKEND_TABLE_H
#define BACKEND_TABLE_H

#include "remote/remote.h"

/* All of them, NULL-terminated. */
extern const struct remote_ops *const remote_table[];

#endif
