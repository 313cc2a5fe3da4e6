/*
 * part-int: what a put needs to know of parts.
 */
#ifndef STORE_PART_INT_H
#define STORE_PART_INT_H

#include "store/part.h"
#include "store/store-int.h"

/* The longest name of a part or its journal below the root, with its NUL. */
#define PART_NAME_MAX (STORE_NAME_MAX + 32)

/* The name of an object's part below the root; returns `name`. */
char *part_name(const struct oid *oid, char name[PART_NAME_MAX]);

/* [any] Remove an object's journal. */
void part_drop_journal(const struct store *store, const struct oid *oid);

/* [any] Remove an object's part and journal. Holder of the part. */
void part_drop(const struct store *store, const struct oid *oid);

#endif
