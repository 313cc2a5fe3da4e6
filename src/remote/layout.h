/*
 * layout: where an object lies on a remote: as in the store (dvc-formats 8, 11), so that DVC finds it.
 *
 *	files/<algo>/ab/cdef…[.dir]   an object
 *	ab/cdef…[.dir]                one of a DVC 2.x entry
 *	.mlv/trash/<day>/<key>        a collected object in its grace period; day is YYYY-MM-DD
 *
 * Pure functions.
 */
#ifndef REMOTE_LAYOUT_H
#define REMOTE_LAYOUT_H

#include "hash/oid.h"

#include <glib.h>
#include <stdbool.h>

/* The key of an object. New string. */
char *layout_key(const struct oid *oid);

/* Which object has this key; false if it is not the key of one. */
bool layout_parse(const char *key, struct oid *oid);

/* The prefixes that hold the objects of an algorithm: LAYOUT_PREFIXES of them. New string, ending in '/'. */
#define LAYOUT_PREFIXES 256
char *layout_prefix(enum oid_algo algo, unsigned i);

#define LAYOUT_TRASH ".mlv/trash/"

/* The key in the trash of an object's key thrown away on `day`. New string. */
char *layout_trash_key(const char *key, const char *day);

/* The key that a key in the trash had, pointing into it, and the day (11 bytes with NUL); NULL if it is no such key. */
const char *layout_trash_parse(const char *trash_key, char day[11]);

#endif
