/*
 * Bytes of a file or a buffer into a batch.
 *
 * Three ways. Where the file system can share blocks, the file is cloned first and the clone is hashed, so that what
 * was hashed is what is stored. Otherwise a small file is read whole and hashed, and only written if its object is new;
 * a large one is read once, hashed and written as it comes.
 */
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "store/put-int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How often a file is read that changes under our eyes. */
#define READ_TRIES 3

/*
 * Twice the longest tick of the kernel, in ns. Two writes in one tick leave the same stamp, so what was written to so
 * recently could change while it is read, and look as if it had not.
 */
#define TICK_NS INT64_C(20000000)

/* The disk is set to work each time so much was written, so that the flush at the end finds little left. */
#define WRITE_BACK_STEP ((uint64_t)32 << 20)

/* A large file goes through the buffer in steps that stay in the processor's cache from reading over hashing to
 * writing. */
#define PUMP_STEP ((size_t)256 << 10)

/* One file on its way. */
struct intake {
	struct put *put;
	struct scratch *scratch;
	const char *name; /* for messages */
	int from;
	enum oid_algo algo;
	struct put_result *result;
	bool changed; /* it did, while it was read: nothing was staged */
};

static bool fail_at(const struct intake *in, int errnum, const char *verb, GError **error)
{
	g_autofree char *shown = quote_path(in->name);

	error_set_errno(error, errnum, "%s '%s'", verb, shown);
	return false;
}

/* Stat the source; false if it no longer is what it was in the first look (`changed`), or with an error. */
static bool look_again(struct intake *in, uint64_t got, GError **error)
{
	struct stamp now;
	struct stat st;

	if (fstat(in->from, &st) < 0)
		return fail_at(in, errno, "stat", error);
	now = stamp_of(&st);
	in->changed = got != in->result->size || !stamp_same(&now, &in->result->stamp);
	return !in->changed;
}

/* Fill the first `size` bytes of the scratch buffer from the source as far as it goes: bytes read, -1 with an error. */
static ssize_t fill(const struct intake *in, int fd, size_t size, GError **error)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, in->scratch->buffer + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fail_at(in, errno, "read", error);
			return -1;
		}
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static bool write_buffer(const struct put *put, int fd, const void *data, size_t length, GError **error)
{
	if (file_write_all(fd, data, length, NULL))
		return true;
	return store_fail(put->store, errno, "write to", STORE_TEMP, error);
}

/* Hash a buffer that holds all of the object, and stage it unless it is known. */
static bool stage_buffer(struct put *put, const void *data, size_t length, const struct oid *oid, bool *present,
			 GError **error)
{
	uint64_t file;
	int fd;

	if (put_knows(put, oid, length, present))
		return true;
	fd = put_create(put, 0444, &file, error);
	if (fd < 0)
		return false;
	if (write_buffer(put, fd, data, length, error))
		return put_stage(put, fd, file, oid, error);
	close(fd);
	put_drop(put, file);
	return false;
}

static bool take_small(struct intake *in, GError **error)
{
	struct digest *digest = scratch_digest(in->scratch, in->algo);
	struct put_result *result = in->result;
	ssize_t n = fill(in, in->from, SCRATCH_SIZE, error);

	if (n < 0 || !look_again(in, (uint64_t)n, error))
		return false;
	digest_update(digest, in->scratch->buffer, (size_t)n);
	digest_final(digest, &result->oid);
	return stage_buffer(in->put, in->scratch->buffer, (size_t)n, &result->oid, &result->present, error);
}

/* Read `from` to its end through the scratch, hashing, and writing to `to` unless that is negative. */
static bool pump(struct intake *in, int from, int to, uint64_t *total, GError **error)
{
	struct digest *digest = scratch_digest(in->scratch, in->algo);
	uint64_t flushed = 0;
	bool ok = true;
	ssize_t n = 1;

	for (*total = 0; ok && n > 0; *total += (uint64_t)n) {
		n = fill(in, from, PUMP_STEP, error);
		ok = n >= 0 && cancel_check(error);
		if (!ok)
			break;
		digest_update(digest, in->scratch->buffer, (size_t)n);
		if (to < 0)
			continue;
		ok = write_buffer(in->put, to, in->scratch->buffer, (size_t)n, error);
		if (*total - flushed >= WRITE_BACK_STEP) {
			sync_file_range(to, (off_t)flushed, (off_t)(*total - flushed), SYNC_FILE_RANGE_WRITE);
			flushed = *total;
		}
	}
	/* Also after a failure: the digest starts over. */
	digest_final(digest, &in->result->oid);
	return ok;
}

/* The file of the batch is complete: stage it, or drop it if the object is known. */
static bool settle(struct intake *in, int fd, uint64_t file, GError **error)
{
	struct put_result *result = in->result;

	if (!put_knows(in->put, &result->oid, result->size, &result->present))
		return put_stage(in->put, fd, file, &result->oid, error);
	close(fd);
	put_drop(in->put, file);
	return true;
}

/* A reflink of the source into a new file of the batch; -1 where that cannot be. */
static int reflink(struct intake *in, uint64_t *file)
{
	struct put *put = in->put;
	uint64_t dev = in->result->stamp.dev;
	int fd;

	if (!store_may_clone(put->store, dev))
		return -1;
	fd = put_create(put, 0444, file, NULL);
	if (fd < 0 || ioctl(fd, FICLONE, in->from) == 0)
		return fd;
	store_cannot_clone(put->store, dev, errno);
	close(fd);
	put_drop(put, *file);
	return -1;
}

/* By a clone or by a copy, then. */
static bool take_large(struct intake *in, int cloned, uint64_t file, GError **error)
{
	int fd = cloned >= 0 ? cloned : put_create(in->put, 0444, &file, error);
	uint64_t total;

	if (fd < 0)
		return false;
	if (pump(in, cloned >= 0 ? fd : in->from, cloned >= 0 ? -1 : fd, &total, error) && look_again(in, total, error))
		return settle(in, fd, file, error);
	close(fd);
	put_drop(in->put, file);
	return false;
}

/* How many ns are left until the next write to the file would change its stamp; 0 for nearly all files. */
static int64_t left_of_tick(const struct stamp *stamp)
{
	int64_t age = clock_file_now() - stamp->ctime_ns;

	/* A change time far ahead comes from the clock of a server, and no waiting helps. */
	return age < TICK_NS && age > -TICK_NS ? TICK_NS - age : 0;
}

/*
 * Take the stamp, once it is old enough to tell of any later write: false if the file was written to while we waited
 * for that, or with an error. What counts is that the stamp stood still: the clock lags behind, and would find it young
 * for longer.
 */
static bool look_first(struct intake *in, GError **error)
{
	struct put_result *result = in->result;
	int64_t left;
	struct stat st;

	if (fstat(in->from, &st) < 0)
		return fail_at(in, errno, "stat", error);
	result->stamp = stamp_of(&st);
	result->size = result->stamp.size;
	left = left_of_tick(&result->stamp);
	if (left == 0)
		return true;
	g_usleep((gulong)(left + 999) / 1000);
	return look_again(in, result->size, error);
}

/* One look at the file from beginning to end. */
static bool take(struct intake *in, GError **error)
{
	uint64_t file = 0;
	int cloned;

	in->changed = false;
	if (!look_first(in, error))
		return false;
	if (lseek(in->from, 0, SEEK_SET) < 0)
		return fail_at(in, errno, "read", error);
	cloned = in->result->size > 0 ? reflink(in, &file) : -1;
	if (cloned < 0 && in->result->size < SCRATCH_SIZE)
		return take_small(in, error);
	return take_large(in, cloned, file, error);
}

/* Open the source: a regular file, and no waiting for the other end of a fifo. */
static int open_source(struct intake *in, int dirfd, bool follow, GError **error)
{
	auto_fd int fd =
		openat(dirfd, in->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		fail_at(in, errno, "open", error);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		g_autofree char *shown = quote_path(in->name);

		error_set(error, ERROR_UNSAFE, "'%s' is not a regular file", shown);
		return -1;
	}
	return fd_steal(&fd);
}

bool put_file(struct put *put, int dirfd, const char *name, bool follow, enum oid_algo algo, struct put_result *result,
	      GError **error)
{
	struct intake in = {.put = put, .name = name, .algo = algo, .result = result, .changed = true};
	auto_fd int from = open_source(&in, dirfd, follow, error);
	bool ok = false;

	if (from < 0)
		return false;
	in.from = from;
	in.scratch = put_borrow(put);
	for (int i = 0; i < READ_TRIES && in.changed; i++)
		ok = take(&in, error);
	put_return(put, in.scratch);
	if (in.changed) {
		g_autofree char *shown = quote_path(name);

		error_set(error, ERROR_CONFLICT, "'%s' changes while it is read", shown);
		error_hint(error, "wait until nothing writes to it, then run the command again");
	}
	return ok;
}

bool put_bytes(struct put *put, const void *data, size_t length, enum oid_algo algo, bool dir, struct oid *oid,
	       GError **error)
{
	struct oid probe = {.algo = algo, .dir = dir};
	bool present;

	digest_bytes(data, length, store_algo(&probe), oid);
	oid->algo = algo;
	oid->dir = dir;
	return stage_buffer(put, data, length, oid, &present, error);
}
