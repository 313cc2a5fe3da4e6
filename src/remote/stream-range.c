#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "remote/stream-int.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* pread() that goes on after a signal; -1 with the error set. */
static ssize_t read_at(int fd, void *buffer, size_t length, uint64_t offset, GError **error)
{
	ssize_t got;
	do {
		got = pread(fd, buffer, length, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		error_set_errno(error, errno, "read");
	return got;
}

static bool write_at(int fd, const char *data, size_t length, uint64_t offset, GError **error)
{
	while (length) {
		ssize_t put = pwrite(fd, data, length, (off_t)offset);
		if (put < 0 && errno != EINTR) {
			error_set_errno(error, errno, "write");
			return false;
		}
		if (put > 0) {
			data += put;
			length -= (size_t)put;
			offset += (uint64_t)put;
		}
	}
	return true;
}

bool stream_catch_up(struct stream *stream, GError **error)
{
	uint64_t end = stream->journal ? journal_prefix(stream->journal) : 0;
	if (end <= stream->passed)
		return true;
	g_autofree char *buffer = g_malloc(STREAM_CHUNK);
	while (stream->passed < end) {
		size_t length = (size_t)MIN(STREAM_CHUNK, end - stream->passed);
		ssize_t got = read_at(stream->fd, buffer, length, stream->passed, error);
		if (got < 0)
			return false;
		if (got == 0) {
			error_set(error, ERROR_CORRUPT, "the file of '%s' was cut while it was received",
				  stream->transfer->key);
			return false;
		}
		if (!stream_account(stream, buffer, (size_t)got, error))
			return false;
	}
	return true;
}

/* Whether the file can have the bytes that the journal speaks of. */
static bool is_believable(const struct stream *stream)
{
	struct stat st;
	uint64_t expected = stream->transfer->size;
	if (!stream->regular || fstat(stream->fd, &st) < 0)
		return false;
	uint64_t size = (uint64_t)st.st_size, prefix = journal_prefix(stream->journal);
	return prefix > 0 && size >= prefix && (expected == TRANSFER_ANY_SIZE || size <= expected);
}

bool stream_resume(struct stream *stream, GError **error)
{
	if (!stream->transfer->end->journal)
		return true;
	if (!stream_open(stream, error))
		return false;
	if (!is_believable(stream))
		return stream_restart(stream, error);
	return stream_catch_up(stream, error);
}

uint64_t stream_have(const struct stream *stream)
{
	return stream->journal ? journal_prefix(stream->journal) : 0;
}

bool stream_has(const struct stream *stream, uint64_t offset, uint64_t length)
{
	return stream->journal && journal_has(stream->journal, offset, length);
}

const char *stream_validator(const struct stream *stream)
{
	return stream->journal ? journal_version(stream->journal) : NULL;
}

bool stream_set_validator(struct stream *stream, const char *validator)
{
	if (!stream_open(stream, NULL)) /* the first write will tell */
		return true;
	const char *known = journal_version(stream->journal);
	if (journal_is_empty(stream->journal)) {
		if (g_strcmp0(known, validator) != 0)
			journal_reset(stream->journal, validator);
		return true;
	}
	/* without a name for one of the two versions the hash will tell */
	if (!known || !validator || strcmp(known, validator) == 0)
		return true;
	(void)stream_restart(stream, NULL);
	journal_reset(stream->journal, validator);
	return false;
}

bool stream_write_at(struct stream *stream, uint64_t offset, const void *data, size_t length, GError **error)
{
	if (!stream_open(stream, error) || !cancel_check(error))
		return false;
	uint64_t expected = stream->transfer->size;
	if (expected != TRANSFER_ANY_SIZE && (offset > expected || length > expected - offset)) {
		error_set(error, ERROR_CORRUPT, "'%s' has more than its %" G_GUINT64_FORMAT " bytes",
			  stream->transfer->key, expected);
		return false;
	}
	/* what has been hashed stays as it is, even if the remote sends it again and differently */
	if (offset < stream->passed) {
		size_t skip = (size_t)MIN(length, stream->passed - offset);
		data = (const char *)data + skip;
		offset += skip;
		length -= skip;
	}
	if (stream->regular ? !write_at(stream->fd, data, length, offset, error)
			    : !file_write_all(stream->fd, data, length, error))
		return false;
	journal_add(stream->journal, offset, length);
	return offset == stream->passed ? stream_account(stream, data, length, error) : true;
}

ssize_t stream_read_at(struct stream *stream, uint64_t offset, void *buffer, size_t length, GError **error)
{
	if (!stream_open(stream, error) || !cancel_check(error))
		return -1;
	ssize_t got = read_at(stream->fd, buffer, length, offset, error);
	if (got > 0)
		__atomic_add_fetch(&stream->shared->moved, (uint64_t)got, __ATOMIC_RELAXED);
	return got;
}

/* Hash the part, and into the whole once its turn has come; called with the mutex held when it is its turn. */
static bool hash_range(struct stream *stream, uint64_t offset, uint64_t length, struct oid *part, GError **error)
{
	autoptr(digest) own = part ? digest_new(part->algo) : NULL;
	g_autofree char *buffer = g_malloc(STREAM_CHUNK);
	for (uint64_t end = offset + length; offset < end;) {
		ssize_t got = read_at(stream->fd, buffer, (size_t)MIN(STREAM_CHUNK, end - offset), offset, error);
		if (got == 0)
			error_set(error, ERROR_CORRUPT, "the local file of '%s' was cut while it was sent",
				  stream->transfer->key);
		if (got <= 0 || !cancel_check(error))
			return false;
		if (own)
			digest_update(own, buffer, (size_t)got);
		if (offset == stream->passed) {
			if (stream->digest)
				digest_update(stream->digest, buffer, (size_t)got);
			stream->passed += (uint64_t)got;
		}
		offset += (uint64_t)got;
	}
	if (own) {
		uint8_t algo = part->algo;
		digest_final(own, part);
		part->algo = algo;
	}
	return stream->passed < stream->end || stream_verify(stream, error);
}

bool stream_hash_part(struct stream *stream, uint64_t offset, uint64_t length, struct oid *part, GError **error)
{
	pthread_mutex_lock(&stream->mutex);
	while (stream->passed < offset && !stream->failed)
		pthread_cond_wait(&stream->turn, &stream->mutex);
	bool fine = !stream->failed && stream_open(stream, error);
	if (stream->failed)
		error_set(error, ERROR_FAILED, "a part before it could not be read");
	fine = fine && hash_range(stream, offset, length, part, error);
	stream->failed = stream->failed || !fine;
	pthread_cond_broadcast(&stream->turn);
	pthread_mutex_unlock(&stream->mutex);
	return fine;
}
