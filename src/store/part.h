/*
 * part: a download in the making that outlives its process: a file and, beside it, a journal of what has arrived.
 *
 *	<root>/.mlv/part/<algo>-<hex>[.dir]            the bytes, flock()ed by whoever receives them
 *	<root>/.mlv/part/<algo>-<hex>[.dir].journal    the receiver's account of them
 *
 * part_open() finds what a broken download left and locks it. When it is complete put_adopt_part() makes it an object;
 * part_close() leaves it for another time. Who receives holds the store's lock shared, as by a put, so that collection
 * does not come between.
 */
#ifndef STORE_PART_H
#define STORE_PART_H

#include "store/store.h"

/* Smaller objects are not worth a part: they are received again. */
#define PART_SIZE_MIN ((uint64_t)8 << 20)

/*
 * [any] The part of an object, made if there is none, for reading and writing. -1 if another process is receiving it, or
 * if it cannot be had here (no locks, no permission, a full disk): then it is to be received as a file of put_open(),
 * which has the words for what is wrong.
 */
int part_open(const struct store *store, const struct oid *oid);

/* [any] Its journal, made if there is none, for reading and appending; -1 if it cannot be had. Holder of the part. */
int part_journal(const struct store *store, const struct oid *oid);

/* [any] Leave a part for another time; one without a byte is removed. fd, which part_open() gave, is closed. */
void part_close(const struct store *store, const struct oid *oid, int fd);

/* What lies there. */
struct part_usage {
	uint64_t parts, bytes;
};

/* Count the parts that nobody is receiving. */
bool part_survey(const struct store *store, struct part_usage *usage, GError **error);

/*
 * Remove the parts that nobody is receiving and that nothing came for in `grace` seconds; *removed counts them. With
 * `dry_run` only count.
 */
bool part_collect(const struct store *store, int64_t grace, bool dry_run, struct part_usage *removed, GError **error);

#endif
