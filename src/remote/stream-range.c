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

/* What the journal has without a gap. */
static uint64_t prefix(struct stream *stream)
{
	pthread_mutex_lock(&stream->mutex);
	uint64_t end = stream->journal ? journal_prefix(stream->journal) : 0;
	pthread_mutex_unlock(&stream->mutex);
	return end;
}

/* Hash the file from `passed` on up to `end`; `moved` says that these bytes have just come. */
static bool hash_up_to(struct stream *stream, uint64_t end, bool moved, GError **error)
{
	g_autofree char *buffer = stream->passed < end ? g_malloc(STREAM_CHUNK) : NULL;
	while (stream->passed < end) {
		size_t length = (size_t)MIN(STREAM_CHUNK, end - stream->passed);
		ssize_t got = read_at(stream->fd, buffer, length, stream->passed, error);
		if (got == 0)
			error_set(error, ERROR_CORRUPT, "the file of '%s' was cut while it was moved",
				  stream->transfer->key);
		if (got <= 0 || !cancel_check(error))
			return false;
		if (moved && !stream_account(stream, buffer, (size_t)got, error))
			return false;
		if (!moved)
			stream_hash(stream, buffer, (size_t)got);
	}
	return true;
}

bool stream_catch_up(struct stream *stream, GError **error)
{
	uint64_t end;
	while ((end = prefix(stream)) > stream->passed)
		if (!hash_up_to(stream, end, true, error))
			return false;
	return true;
}

void stream_split(struct stream *stream)
{
	stream->split = true;
}

void stream_join(struct stream *stream)
{
	stream->split = false;
}

/* Whether the file can have the bytes that the journal speaks of. */
static bool is_believable(const struct stream *stream)
{
	struct stat st;
	uint64_t expected = stream->transfer->size;
	if (!stream->regular || fstat(stream->fd, &st) < 0)
		return false;
	uint64_t size = (uint64_t)st.st_size, have = journal_prefix(stream->journal);
	return have > 0 && size >= have && (expected == TRANSFER_ANY_SIZE || size <= expected);
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

uint64_t stream_have(struct stream *stream)
{
	return prefix(stream);
}

bool stream_has(struct stream *stream, uint64_t offset, uint64_t length)
{
	pthread_mutex_lock(&stream->mutex);
	bool has = stream->journal && journal_has(stream->journal, offset, length);
	pthread_mutex_unlock(&stream->mutex);
	return has;
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
	if (!stream->split) {
		(void)stream_restart(stream, NULL);
		journal_reset(stream->journal, validator);
	}
	return false;
}

/* Note that the range is there; where the next byte to be hashed is. */
static uint64_t note(struct stream *stream, uint64_t offset, size_t length)
{
	pthread_mutex_lock(&stream->mutex);
	uint64_t passed = stream->passed;
	journal_add(stream->journal, offset, length);
	pthread_mutex_unlock(&stream->mutex);
	return passed;
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
	uint64_t passed = note(stream, 0, 0);
	if (offset < passed) {
		size_t skip = (size_t)MIN(length, passed - offset);
		data = (const char *)data + skip;
		offset += skip;
		length -= skip;
	}
	if (stream->regular ? !write_at(stream->fd, data, length, offset, error)
			    : !file_write_all(stream->fd, data, length, error))
		return false;
	passed = note(stream, offset, length);
	return stream->split || offset != passed || stream_account(stream, data, length, error);
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

/* Hash the part by itself, and the same bytes into the whole where they are next. */
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
		if (offset == stream->passed)
			stream_hash(stream, buffer, (size_t)got);
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
	/* A part that is early hashes what is before it, too, and spares the late one that: so no part waits for one that
	 * waits for a thread. */
	pthread_mutex_lock(&stream->order);
	bool fine = stream_open(stream, error) && hash_up_to(stream, offset, false, error) &&
		    hash_range(stream, offset, length, part, error);
	pthread_mutex_unlock(&stream->order);
	return fine;
}
