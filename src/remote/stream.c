#include "remote/stream.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "hash/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* One read: fits the second-level cache, so that hashing finds the bytes still there. */
#define CHUNK ((size_t)256 << 10)

/* Start writing to disk whenever so much is dirty, so that the flush at the end finds little left. */
#define WRITE_BEHIND ((uint64_t)8 << 20)

struct stream {
	struct transfer *transfer;
	struct stream_shared *shared;
	struct digest *digest; /* NULL if the transfer has no id to check */
	int fd;                /* local end, -1 before it is opened and after it is closed */
	bool regular;          /* fd is a file that can be cut and read again */
	uint64_t moved;        /* bytes since the last start */
};

struct stream *stream_new(struct transfer *transfer, struct stream_shared *shared)
{
	struct stream *stream = g_new0(struct stream, 1);
	stream->transfer = transfer;
	stream->shared = shared;
	stream->fd = -1;
	return stream;
}

static bool ensure_open(struct stream *stream, GError **error)
{
	if (stream->fd >= 0)
		return true;
	stream->fd = stream->transfer->end->open(stream->transfer, error);
	if (stream->fd < 0)
		return false;
	struct stat st;
	stream->regular = fstat(stream->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (!oid_is_none(&stream->transfer->oid))
		stream->digest = digest_new(stream->transfer->oid.algo);
	return true;
}

bool stream_restart(struct stream *stream, GError **error)
{
	if (stream->fd < 0)
		return true;
	struct oid ignored;
	if (stream->digest)
		digest_final(stream->digest, &ignored);
	stream->moved = 0;
	if (!stream->regular)
		return true;
	bool cut = stream->transfer->kind == TRANSFER_GET;
	if (lseek(stream->fd, 0, SEEK_SET) < 0 || (cut && ftruncate(stream->fd, 0) < 0)) {
		error_set_errno(error, errno, "start over");
		return false;
	}
	return true;
}

/* Everything that happens to bytes on their way, whichever way they go. */
static bool account(struct stream *stream, const void *data, size_t length, GError **error)
{
	if (!cancel_check(error))
		return false;
	uint64_t expected = stream->transfer->size;
	if (expected != TRANSFER_ANY_SIZE && length > expected - stream->moved) {
		error_set(error, ERROR_CORRUPT, "'%s' has more than its %" G_GUINT64_FORMAT " bytes",
			  stream->transfer->key, expected);
		return false;
	}
	if (stream->digest)
		digest_update(stream->digest, data, length);
	stream->moved += length;
	__atomic_add_fetch(&stream->shared->moved, length, __ATOMIC_RELAXED);
	return true;
}

static bool limit_rate(struct stream *stream, size_t length, GError **error)
{
	return !stream->shared->rate || rate_wait(stream->shared->rate, length, error);
}

bool stream_write(struct stream *stream, const void *data, size_t length, GError **error)
{
	return ensure_open(stream, error) && limit_rate(stream, length, error) &&
	       account(stream, data, length, error) && file_write_all(stream->fd, data, length, error);
}

/* read() that goes on after a signal. */
static ssize_t read_some(int fd, void *buffer, size_t length, GError **error)
{
	ssize_t got;
	do {
		got = read(fd, buffer, length);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		error_set_errno(error, errno, "read");
	return got;
}

ssize_t stream_read(struct stream *stream, void *buffer, size_t length, GError **error)
{
	if (!ensure_open(stream, error))
		return -1;
	ssize_t got = read_some(stream->fd, buffer, length, error);
	if (got <= 0)
		return got;
	bool fine = limit_rate(stream, (size_t)got, error) && account(stream, buffer, (size_t)got, error);
	return fine ? got : -1;
}

/* A reflink moves no bytes, but what it made must still be hashed: the clone, since that is what is kept. */
static bool hash_clone(struct stream *stream, int fd, char *buffer, GError **error)
{
	ssize_t got;
	while ((got = read_some(fd, buffer, CHUNK, error)) > 0)
		if (!account(stream, buffer, (size_t)got, error))
			return false;
	return got == 0;
}

static bool is_zero(const char *data, size_t length)
{
	return data[0] == 0 && memcmp(data, data + 1, length - 1) == 0;
}

/* Whether the file has holes, which the copy should have too. */
static bool is_sparse(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_blocks * 512 < (uint64_t)st.st_size;
}

/* Step over a stretch of zeros in `to`; ftruncate() at the end makes it count. False where `to` cannot seek. */
static bool skip_hole(int to, size_t length)
{
	return lseek(to, (off_t)length, SEEK_CUR) >= 0;
}

static bool copy_bytes(struct stream *stream, int from, int to, char *buffer, GError **error)
{
	bool sparse = is_sparse(from);
	uint64_t behind = 0;
	bool hole = false;
	ssize_t got;
	while ((got = read_some(from, buffer, CHUNK, error)) > 0) {
		size_t length = (size_t)got;
		if (!limit_rate(stream, length, error) || !account(stream, buffer, length, error))
			return false;
		hole = sparse && is_zero(buffer, length) && skip_hole(to, length);
		if (!hole && !file_write_all(to, buffer, length, error))
			return false;
		if (stream->moved - behind >= WRITE_BEHIND) {
			sync_file_range(to, (off_t)behind, (off_t)(stream->moved - behind), SYNC_FILE_RANGE_WRITE);
			behind = stream->moved;
		}
	}
	if (got == 0 && hole && ftruncate(to, (off_t)stream->moved) < 0 && errno != EINVAL) {
		error_set_errno(error, errno, "write");
		return false;
	}
	return got == 0;
}

bool stream_copy(struct stream *stream, int fd, GError **error)
{
	if (!ensure_open(stream, error))
		return false;
	bool get = stream->transfer->kind == TRANSFER_GET;
	int from = get ? fd : stream->fd, to = get ? stream->fd : fd;
	g_autofree char *buffer = g_malloc(CHUNK);
	if (stream->moved == 0 && stream->regular && ioctl(to, FICLONE, from) == 0)
		return hash_clone(stream, to, buffer, error);
	posix_fadvise(from, 0, 0, POSIX_FADV_SEQUENTIAL);
	return copy_bytes(stream, from, to, buffer, error);
}

/* The bytes are not those of the object: say which end has the wrong ones. */
static bool corrupt(const struct transfer *transfer, const char *what, GError **error)
{
	char id[OID_TEXT_MAX];
	oid_text(&transfer->oid, id);
	if (transfer->kind == TRANSFER_PUT) {
		error_set(error, ERROR_CORRUPT, "the local copy of object %s %s, so it was not sent", id, what);
		error_hint(error, "git mlv fsck");
	} else {
		error_set(error, ERROR_CORRUPT, "object %s arrived with bytes that are not its own: it %s", id, what);
		error_hint(error, "git mlv fsck --cloud --repair, in a clone that has the object");
	}
	return false;
}

bool stream_verify(struct stream *stream, GError **error)
{
	const struct transfer *transfer = stream->transfer;
	if (!ensure_open(stream, error)) /* not one byte was moved: right only for an empty object */
		return false;
	if (stream->digest) {
		struct oid found;
		digest_final(stream->digest, &found);
		found.dir = transfer->oid.dir;
		if (!oid_equal(&found, &transfer->oid))
			return corrupt(transfer, "has a wrong hash", error);
	}
	if (transfer->size != TRANSFER_ANY_SIZE && stream->moved != transfer->size)
		return corrupt(transfer, "has a wrong size", error);
	return true;
}

bool stream_close(struct stream *stream, bool whole, GError **error)
{
	if (stream->fd < 0)
		return true;
	if (whole)
		stream->transfer->found_size = stream->moved;
	return stream->transfer->end->close(stream->transfer, fd_steal(&stream->fd), whole, error);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	stream_close(stream, false, NULL);
	if (stream->digest)
		digest_free(stream->digest);
	g_free(stream);
}
