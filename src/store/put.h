/*
 * put: bytes into the store, in batches that are made durable together.
 *
 *	autoptr(put) put = put_begin(store, &error);
 *	put_file(...), put_bytes(...)                 on workers, as many as wanted
 *	put_commit(put, &error)                       one flush of the file system, then the renames, then one more flush
 *
 * Only after put_commit() may a pointer name the objects or a user's file be replaced by a link to one. A batch that is freed
 * without commit leaves nothing; one that was killed leaves a directory that the next put_begin() removes. The batch holds the store's
 * shared lock, so collection waits for it.
 */
#ifndef STORE_PUT_H
#define STORE_PUT_H

#include "base/meter.h"
#include "store/store.h"

struct put;

/* Begin a batch. ERROR_DENIED, ERROR_IO … name the store's path; a full disk hints at gc. */
struct put *put_begin(struct store *store, GError **error);

/* What put_file() found. */
struct put_result {
	struct oid oid;
	uint64_t size;
	struct stamp stamp; /* of the source, unchanged from before the first to after the last byte read */
	bool present;       /* the store had it already */
};

/* Have the bytes that are read and hashed counted (NULL: no more); borrowed. No worker may be busy with the batch. */
void put_meter(struct put *put, struct meter *meter);

/*
 * [any] Take the regular file `name` in dirfd (a final symbolic link is followed only with `follow`): a reflink that is then hashed, or one pass that copies and
 * hashes. A file that changes while it is read is read again, twice at most, then ERROR_CONFLICT. One that was written to in the
 * last hundredths of a second is waited for first, until its stamp would tell of another write.
 */
bool put_file(struct put *put, int dirfd, const char *name, bool follow, enum oid_algo algo, struct put_result *result,
	      GError **error);

/* [any] Take a buffer: a manifest (`dir`), a link's text. */
bool put_bytes(struct put *put, const void *data, size_t length, enum oid_algo algo, bool dir, struct oid *oid,
	       GError **error);

/*
 * [any] A new file in the batch to write bytes of a download to; its name goes into *name. Then put_adopt() it, or unlink it with
 * put_discard(). Both free name.
 */
int put_open(struct put *put, char **name, GError **error);

/*
 * [any] Declare a file of put_open() complete with bytes that hash to `oid` - the caller hashed them while they streamed; a wrong hash is
 * the caller's to report. fd is closed.
 */
bool put_adopt(struct put *put, int fd, char *name, const struct oid *oid, GError **error);

/*
 * [any] The same for a part (part.h) of the same store. A large one keeps its name and its lock until the commit, so
 * that a kill before it loses nothing. fd is the batch's from now on, whatever happens; on failure the part stays.
 */
bool put_adopt_part(struct put *put, int fd, const struct oid *oid, GError **error);

/* [any] Close and remove a file of put_open(). */
void put_discard(struct put *put, int fd, char *name);

/* Make all of it durable and visible. On failure nothing became visible that is not whole; the batch can only be freed. */
bool put_commit(struct put *put, GError **error);

/* End the batch, dropping what was not committed. */
void put_free(struct put *put);

AUTO_DEFINE(put, put_free);

#endif
