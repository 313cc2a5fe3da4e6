#include "remote/stream.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "remote/stream-int.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct stream *stream_new(struct transfer *transfer, struct stream_shared *shared)
{
	struct stream *stream = g_new0(struct stream, 1);
	stream->transfer = transfer;
	stream->shared = shared;
	stream->fd = -1;
	stream->end = TRANSFER_ANY_SIZE;
	pthread_mutex_init(&stream->order, NULL);
	pthread_mutex_init(&stream->mutex, NULL);
	return stream;
}

bool stream_open(struct stream *stream, GError **error)
{
	const struct transfer *transfer = stream->transfer;
	if (stream->fd >= 0)
		return true;
	stream->fd = transfer->end->open(stream->transfer, error);
	if (stream->fd < 0)
		return false;
	struct stat st;
	stream->regular = fstat(stream->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (stream->regular && transfer->kind == TRANSFER_PUT)
		stream->end = (uint64_t)st.st_size;
	if (!oid_is_none(&transfer->oid))
		stream->digest = digest_new(transfer->oid.algo);
	if (transfer->kind == TRANSFER_GET)
		stream->journal = journal_new(transfer->end->journal ? transfer->end->journal(stream->transfer) : -1);
	return true;
}

bool stream_restart(struct stream *stream, GError **error)
{
	stream->verified = false;
	if (stream->fd < 0)
		return true;
	struct oid ignored;
	if (stream->digest)
		digest_final(stream->digest, &ignored);
	if (stream->journal)
		journal_reset(stream->journal, NULL);
	stream->passed = 0;
	if (!stream->regular)
		return true;
	bool cut = stream->transfer->kind == TRANSFER_GET;
	if (lseek(stream->fd, 0, SEEK_SET) < 0 || (cut && ftruncate(stream->fd, 0) < 0)) {
		error_set_errno(error, errno, "start over");
		return false;
	}
	return true;
}

void stream_hash(struct stream *stream, const void *data, size_t length)
{
	if (stream->digest)
		digest_update(stream->digest, data, length);
	pthread_mutex_lock(&stream->mutex);
	stream->passed += length;
	pthread_mutex_unlock(&stream->mutex);
}

bool stream_account(struct stream *stream, const void *data, size_t length, GError **error)
{
	if (!cancel_check(error))
		return false;
	uint64_t expected = stream->transfer->size;
	if (expected != TRANSFER_ANY_SIZE && length > expected - stream->passed) {
		error_set(error, ERROR_CORRUPT, "'%s' has more than its %" G_GUINT64_FORMAT " bytes",
			  stream->transfer->key, expected);
		return false;
	}
	stream_hash(stream, data, length);
	__atomic_add_fetch(&stream->shared->moved, length, __ATOMIC_RELAXED);
	return true;
}

bool stream_limit_rate(struct stream *stream, size_t length, GError **error)
{
	return !stream->shared->rate || rate_wait(stream->shared->rate, length, error);
}

bool stream_write(struct stream *stream, const void *data, size_t length, GError **error)
{
	return stream_limit_rate(stream, length, error) &&
	       stream_write_at(stream, stream_have(stream), data, length, error);
}

ssize_t stream_read_fd(int fd, void *buffer, size_t length, GError **error)
{
	ssize_t got;
	do {
		got = read(fd, buffer, length);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		error_set_errno(error, errno, "read");
	return got;
}

ssize_t stream_send(struct stream *stream, void *buffer, size_t length, GError **error)
{
	if (!stream_open(stream, error))
		return -1;
	ssize_t got = stream_read_fd(stream->fd, buffer, length, error);
	if (got <= 0)
		return got;
	if (!stream_account(stream, buffer, (size_t)got, error))
		return -1;
	/* the last bytes do not leave before the whole is known to be right: a remote that lacks them keeps nothing */
	return stream->passed >= stream->end && !stream_verify(stream, error) ? -1 : got;
}

ssize_t stream_read(struct stream *stream, void *buffer, size_t length, GError **error)
{
	ssize_t got = stream_send(stream, buffer, length, error);
	return got > 0 && !stream_limit_rate(stream, (size_t)got, error) ? -1 : got;
}

uint64_t stream_expected(const struct stream *stream)
{
	return stream->transfer->size;
}

uint64_t stream_size(struct stream *stream)
{
	return stream_open(stream, NULL) ? stream->end : TRANSFER_ANY_SIZE;
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

/* What an earlier, broken attempt left behind the end of a received file is not part of it. */
static bool cut_behind(struct stream *stream, GError **error)
{
	struct stat st;
	if (!stream->journal || !stream->regular)
		return true;
	if (fstat(stream->fd, &st) == 0 && (uint64_t)st.st_size <= stream->passed)
		return true;
	if (ftruncate(stream->fd, (off_t)stream->passed) == 0)
		return true;
	error_set_errno(error, errno, "cut the received file");
	return false;
}

bool stream_verify(struct stream *stream, GError **error)
{
	const struct transfer *transfer = stream->transfer;
	if (stream->verified)
		return true;
	if (!stream_open(stream, error)) /* not one byte was moved: right only for an empty object */
		return false;
	if (!stream_catch_up(stream, error) || !cut_behind(stream, error))
		return false;
	if (stream->digest) {
		struct oid found;
		digest_final(stream->digest, &found);
		found.dir = transfer->oid.dir;
		if (!oid_equal(&found, &transfer->oid))
			return corrupt(transfer, "has a wrong hash", error);
	}
	if (transfer->size != TRANSFER_ANY_SIZE && stream->passed != transfer->size)
		return corrupt(transfer, "has a wrong size", error);
	stream->verified = stream->proven = true;
	return true;
}

bool stream_is_proven(const struct stream *stream)
{
	return stream->proven;
}

bool stream_close(struct stream *stream, bool whole, GError **error)
{
	if (stream->fd < 0)
		return true;
	if (whole)
		stream->transfer->found_size = stream->passed;
	g_clear_pointer(&stream->journal, journal_free);
	return stream->transfer->end->close(stream->transfer, fd_steal(&stream->fd), whole, error);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	stream_close(stream, false, NULL);
	if (stream->digest)
		digest_free(stream->digest);
	pthread_mutex_destroy(&stream->order);
	pthread_mutex_destroy(&stream->mutex);
	g_free(stream);
}
