#include "base/error.h"
#include "base/file.h"
#include "remote/stream-int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Start writing to disk whenever so much is dirty, so that the flush at the end finds little left. */
#define WRITE_BEHIND ((uint64_t)8 << 20)

/* A reflink moves no bytes, but what it made must still be hashed: the clone, since that is what is kept. */
static bool hash_clone(struct stream *stream, int fd, char *buffer, GError **error)
{
	ssize_t got;
	while ((got = stream_read_fd(fd, buffer, STREAM_CHUNK, error)) > 0)
		if (!stream_account(stream, buffer, (size_t)got, error))
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
	while ((got = stream_read_fd(from, buffer, STREAM_CHUNK, error)) > 0) {
		size_t length = (size_t)got;
		if (!stream_limit_rate(stream, length, error) || !stream_account(stream, buffer, length, error))
			return false;
		hole = sparse && is_zero(buffer, length) && skip_hole(to, length);
		if (!hole && !file_write_all(to, buffer, length, error))
			return false;
		if (stream->passed - behind >= WRITE_BEHIND) {
			sync_file_range(to, (off_t)behind, (off_t)(stream->passed - behind), SYNC_FILE_RANGE_WRITE);
			behind = stream->passed;
		}
	}
	if (got == 0 && hole && ftruncate(to, (off_t)stream->passed) < 0 && errno != EINVAL) {
		error_set_errno(error, errno, "write");
		return false;
	}
	return got == 0;
}

bool stream_copy(struct stream *stream, int fd, GError **error)
{
	if (!stream_open(stream, error))
		return false;
	bool get = stream->transfer->kind == TRANSFER_GET;
	int from = get ? fd : stream->fd, to = get ? stream->fd : fd;
	g_autofree char *buffer = g_malloc(STREAM_CHUNK);
	if (stream->passed == 0 && stream->regular && ioctl(to, FICLONE, from) == 0)
		return hash_clone(stream, to, buffer, error);
	posix_fadvise(from, 0, 0, POSIX_FADV_SEQUENTIAL);
	return copy_bytes(stream, from, to, buffer, error);
}
