/*
 * stream-int: what the files of stream share: stream.c (the local end, hashing in order), stream-copy.c (to and from
 * another descriptor, on a worker), stream-range.c (ranges in any order, parts, resuming).
 */
#ifndef REMOTE_STREAM_INT_H
#define REMOTE_STREAM_INT_H

#include "hash/digest.h"
#include "remote/journal.h"
#include "remote/stream.h"

#include <pthread.h>

/* One read: fits the second-level cache, so that hashing finds the bytes still there. */
#define STREAM_CHUNK ((size_t)256 << 10)

struct stream {
	struct transfer *transfer;
	struct stream_shared *shared;
	struct digest *digest;   /* NULL if the transfer has no id to check */
	struct journal *journal; /* of a GET, once it is open */
	int fd;                  /* local end, -1 before it is opened and after it is closed */
	bool regular;            /* fd is a file that can be cut and read again */
	bool verified;           /* stream_verify() found it right */
	bool proven;             /* it was verified at some time: a PUT has the right bytes */
	bool split;              /* parts are under way: workers hash what has come, see stream_catch_up() */
	uint64_t passed;         /* bytes from the start that have been hashed */
	uint64_t end;            /* PUT: size of the local file when it was opened; else TRANSFER_ANY_SIZE */
	pthread_mutex_t order;   /* held while a part is hashed into the whole */
	pthread_mutex_t mutex;   /* of journal, passed and digest's place in them, as long as parts are under way */
};

/* Open the local end if it is not yet. */
bool stream_open(struct stream *stream, GError **error);

/* Everything that happens to the next bytes in order, whichever way they go: checked against the size, hashed, counted. */
bool stream_account(struct stream *stream, const void *data, size_t length, GError **error);

/* The next bytes in order, into the hash. */
void stream_hash(struct stream *stream, const void *data, size_t length);

/* Wait until the rate limit lets these bytes pass. */
bool stream_limit_rate(struct stream *stream, size_t length, GError **error);

/* read() that goes on after a signal; -1 with the error set. */
ssize_t stream_read_fd(int fd, void *buffer, size_t length, GError **error);

#endif
