/*
 * stream: the bytes of one transfer in motion: hashed, counted, held to the rate limit and stopped by Ctrl-C, whichever
 * body moves them.
 *
 * The engine makes one for each GET and PUT and puts it in transfer->stream; a body calls the functions here from the
 * transfer's current step, so from one thread at a time, but for those marked [any]. The local end is opened on first
 * use. What a GET has received survives a failed attempt: stream_have() tells where the next one goes on.
 */
#ifndef REMOTE_STREAM_H
#define REMOTE_STREAM_H

#include "base/auto.h"
#include "remote/rate.h"
#include "remote/transfer.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What all streams of an engine share. */
struct stream_shared {
	struct rate *rate; /* NULL: no limit */
	uint64_t moved;    /* bytes, atomic: for progress */
};

/* A stream for the local end of a transfer; nothing is opened yet. */
struct stream *stream_new(struct transfer *transfer, struct stream_shared *shared);

/*
 * [any] Open the local end of a GET now, see what its journal says is there already, and hash that, which may take long.
 * Without a journal it does nothing.
 */
bool stream_resume(struct stream *stream, GError **error);

/*
 * A GET goes on in parts: from now on the main thread only writes what comes, and stream_catch_up() hashes it on a
 * worker. Ends with stream_join().
 */
void stream_split(struct stream *stream);

/* [any] Hash what has come without a gap; one at a time. */
bool stream_catch_up(struct stream *stream, GError **error);

/* No parts are under way any more, nor a stream_catch_up(). */
void stream_join(struct stream *stream);

/* PUT: whether all bytes of the local end were found right, as they left or before. */
bool stream_is_proven(const struct stream *stream);

/* GET: how many bytes from the start are there already: where an attempt goes on. */
uint64_t stream_have(struct stream *stream);

/* The size that the object must have; TRANSFER_ANY_SIZE if it is not known. */
uint64_t stream_expected(const struct stream *stream);

/* GET: whether all of this range is there already. */
bool stream_has(struct stream *stream, uint64_t offset, uint64_t length);

/* GET: what tells this version of the remote's file from others (an ETag, quoted), for If-Range; NULL: nothing is known. */
const char *stream_validator(const struct stream *stream);

/*
 * GET: the server's file has this validator (NULL: none). False if bytes of another version are there; then they are
 * dropped and the stream is at its start, but not while parts are under way: the caller must start over.
 */
bool stream_set_validator(struct stream *stream, const char *validator);

/* Go back to the first byte: an attempt that failed half-way starts over. What a GET wrote is cut off. */
bool stream_restart(struct stream *stream, GError **error);

/* GET: take these bytes behind those that are there. ERROR_CORRUPT as soon as there are more than the transfer expects. */
bool stream_write(struct stream *stream, const void *data, size_t length, GError **error);

/*
 * GET: take these bytes for `offset`, which is stream_have() unless the end is seekable. They are hashed as soon as all
 * before them are. Does not wait for the rate limit.
 */
bool stream_write_at(struct stream *stream, uint64_t offset, const void *data, size_t length, GError **error);

/* PUT: the next bytes, at most `length`; 0 at the end, -1 with the error set. */
ssize_t stream_read(struct stream *stream, void *buffer, size_t length, GError **error);

/* The same without waiting for the rate limit, for who must not block. */
ssize_t stream_send(struct stream *stream, void *buffer, size_t length, GError **error);

/* PUT: the size of the local file; TRANSFER_ANY_SIZE if it cannot be opened, which the first read will report. */
uint64_t stream_size(struct stream *stream);

/*
 * PUT: `length` bytes from `offset`, as parts are sent: not hashed here, see stream_hash_part(), nor held to the rate. Fewer only at the end
 * of the file, -1 with the error set.
 */
ssize_t stream_read_at(struct stream *stream, uint64_t offset, void *buffer, size_t length, GError **error);

/*
 * [any] PUT in parts: read a part, give its own hash in `part` if that is not NULL (its algo says which), and take it
 * into the hash of the whole, with what lies between it and the parts hashed before. ERROR_CORRUPT if the last part
 * shows that the whole is not the object.
 */
bool stream_hash_part(struct stream *stream, uint64_t offset, uint64_t length, struct oid *part, GError **error);

/*
 * Move all bytes between the local end and `fd` (from fd for a GET, to it for a PUT), both from where they stand: by a
 * reflink that is then hashed where the file system can, else in one pass.
 */
bool stream_copy(struct stream *stream, int fd, GError **error);

/*
 * Check that what was moved has the transfer's size and hash. A body calls it before a PUT gets its name, the engine at
 * the end of a GET. ERROR_CORRUPT, for a PUT with a hint at `git mlv fsck`.
 */
bool stream_verify(struct stream *stream, GError **error);

/*
 * Close the local end (see transfer_end.close()) and, if `whole`, note the bytes in transfer->found_size; false if the
 * end could not keep them. Called once, by the engine.
 */
bool stream_close(struct stream *stream, bool whole, GError **error);

/* Free it; a local end that is still open is closed as not whole. */
void stream_free(struct stream *stream);

AUTO_DEFINE(stream, stream_free);

#endif
