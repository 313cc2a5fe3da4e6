/*
 * presence: which of very many objects the store has, by their names alone: one listing of a directory in place of a
 * look at each object in it. Whether an object can be trusted is not asked here; whoever uses one finds out.
 */
#ifndef STORE_PRESENCE_H
#define STORE_PRESENCE_H

#include "store/store.h"

/*
 * [any] Look for objects whose digests begin with the same byte: ids of one algorithm, sorted by oid_compare(), each
 * once. has[i] becomes true for those that are there and stays as it is for the others; a directory that cannot be read
 * has none.
 */
void presence_look(struct store *store, const struct oid *const *ids, size_t count, bool *has);

/* [any] Whether the store has an object (size as for store_has(); for a folder it does not count), and all files of a folder. */
bool presence_whole(struct store *store, const struct oid *oid, uint64_t size);

#endif
