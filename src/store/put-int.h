/*
 * put-int: what the two halves of put share: put.c keeps the list of what is staged and commits it, ingest.c reads and
 * hashes.
 */
#ifndef STORE_PUT_INT_H
#define STORE_PUT_INT_H

#include "hash/digest.h"
#include "store/batch.h"
#include "store/put.h"

#include <pthread.h>

/* Files below this are read whole before anything is written; also the step in which larger ones are read. */
#define SCRATCH_SIZE ((size_t)1 << 20)

/* What one worker needs while it works on one file; idle ones wait in the batch. */
struct scratch {
	struct meter *meter; /* of the batch it was borrowed from */
	struct digest *digests[OID_MD5_2X + 1]; /* by algorithm, made when first wanted */
	unsigned char buffer[SCRATCH_SIZE];
};

struct put {
	struct store *store;
	struct lock *lock;
	struct batch batch;
	struct meter *meter;   /* counts what is hashed; may be NULL */
	uint64_t next;         /* atomic: number of the next file in the batch, its name */
	pthread_mutex_t mutex; /* guards what follows */
	GHashTable *staged;    /* set of struct staged *, by id */
	GPtrArray *idle;       /* struct scratch * */
	unsigned parts;        /* how many parts are staged */
	bool found;            /* objects were found present: they count on the flush of the commit, too */
};

/* A file of the batch that is complete. */
struct staged {
	struct oid oid; /* first: it is the key */
	uint64_t file;  /* its number in the batch, unless it is a part */
	int part;       /* the locked descriptor of a part that is staged where it lies; else -1 */
};

/* The longest name of a file of the batch, with its NUL. */
#define PUT_NAME_MAX 24

/* The name of a file of the batch; returns `name`. */
char *put_name(uint64_t file, char name[PUT_NAME_MAX]);

/* [any] Create the next file of the batch, for writing, with `mode`. Its number goes into *file. -1 and an error. */
int put_create(struct put *put, mode_t mode, uint64_t *file, GError **error);

/* [any] Remove a file of the batch. */
void put_drop(struct put *put, uint64_t file);

/* [any] Whether the store has the object or the batch has it staged; *present tells which. */
bool put_knows(struct put *put, const struct oid *oid, uint64_t size, bool *present);

/* [any] Seal and close a file of the batch and stage it; of two with the same id one is dropped. On failure the file is
 * gone. */
bool put_stage(struct put *put, int fd, uint64_t file, const struct oid *oid, GError **error);

/* [any] A scratch of one's own until put_return(). */
struct scratch *put_borrow(struct put *put);
void put_return(struct put *put, struct scratch *scratch);

/* The digest of the scratch for an algorithm. */
struct digest *scratch_digest(struct scratch *scratch, enum oid_algo algo);

#endif
