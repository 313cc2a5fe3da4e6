/*
 * trash: where objects go that the store no longer shows: <root>/.mlv/trash/<time>/, one directory for each second in which something
 * was thrown away, named by that second in UTC ("20261121T110306Z"). Collected objects keep their names below it; objects
 * that were found wrong, and replaced, lie in bad/ and are never put back.
 */
#ifndef STORE_TRASH_H
#define STORE_TRASH_H

#include "store/store-int.h"

/* A new trash directory for this second, made if absent, relative to the root. New string; NULL and an error. */
char *trash_today(const struct store *store, GError **error);

/* [any] Move the object `name`, found wrong with this stamp, into the trash; one that took its place meanwhile stays. */
bool trash_set_aside(const struct store *store, const char *name, const struct stamp *stamp, GError **error);

/* Move the object `name` into the directory of trash_today(). */
bool trash_move(const struct store *store, const char *today, const char *name, GError **error);

/* Called with each trash directory and how many seconds ago it was made. */
typedef bool (*trash_visit)(const char *path, int64_t age, void *user, GError **error);

/* Visit all trash directories; none is fine. */
bool trash_each(const struct store *store, trash_visit visit, void *user, GError **error);

#endif
