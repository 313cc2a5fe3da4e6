/*
 * record: how paths, stamps and ids lie in the tables. Pure functions on bytes; any thread.
 *
 * LMDB takes keys of at most 511 bytes. A longer path becomes its first 478 bytes, a NUL, and its sha256: still sorted among its
 * neighbours, still found by prefix, and never equal to the key of another path.
 */
#ifndef INDEX_RECORD_H
#define INDEX_RECORD_H

#include "base/stamp.h"
#include "hash/oid.h"

#include <stdbool.h>
#include <stddef.h>

/* What LMDB is built to take. */
#define RECORD_KEY_MAX 511

/* How much of a path too long for a key begins its key. */
#define RECORD_KEY_HEAD (RECORD_KEY_MAX - 1 - 32)

/* The version of all that is defined here. */
#define RECORD_VERSION UINT32_C(1)

struct record_key {
	const void *data; /* the path itself, or own */
	size_t length;
	bool hashed;
	char own[RECORD_KEY_MAX];
};

/* The key of a path, "" too. `path` must live as long as the key. */
void record_key(struct record_key *key, const char *path);

/* The longest value of a file. */
#define RECORD_FILE_MAX (5 * 8 + 4 + 2 + OID_DIGEST_MAX)

/* A file's stamp (nlink apart) and id as a value; its length. */
size_t record_file(unsigned char value[RECORD_FILE_MAX], const struct stamp *stamp, const struct oid *oid);

/* Back; false if the bytes are no such value. stamp->nlink becomes 0. */
bool record_read_file(const void *value, size_t length, struct stamp *stamp, struct oid *oid);

/* The longest value of an output without its path. */
#define RECORD_OUT_MAX (2 + OID_DIGEST_MAX)

/* An output's id as the head of a value, which its path follows; its length. */
size_t record_out(unsigned char value[RECORD_OUT_MAX], const struct oid *oid);

/* Back; *path and *path_length become what follows. false if the bytes are no such value. */
bool record_read_out(const void *value, size_t length, struct oid *oid, const char **path, size_t *path_length);

#endif
