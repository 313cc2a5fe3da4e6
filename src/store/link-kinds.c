/* The four bodies of link_ops. */
#include "base/file.h"
#include "store/link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Files up to this size are copied by one read and one write; for larger ones the kernel's own copying costs less. */
#define SMALL_COPY 16384

bool link_cannot(int errnum)
{
	switch (errnum) {
	case EPERM:
	case EXDEV:
	case ENOTTY:
	case ENOSYS:
	case EINVAL:
	case EAGAIN:
	case EMLINK:
	case EBADF:
	case ETXTBSY:
	case ENOTSUP:
		return true;
	default:
		return false;
	}
}

/* Copy a small object: 0 or an errno. */
static int copy_small(int from, int to, size_t size)
{
	unsigned char buffer[SMALL_COPY];
	size_t got = 0;

	while (got < size) {
		ssize_t n = pread(from, buffer + got, size - got, (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		got += (size_t)n;
	}
	return file_write_all(to, buffer, size, NULL) ? 0 : errno;
}

/* Copy all of the object: 0 or an errno. */
static int copy_bytes(const struct link_source *source, int to)
{
	uint64_t copied = 0;

	if (source->size <= SMALL_COPY)
		return copy_small(source->fd, to, (size_t)source->size);
	if (lseek(source->fd, 0, SEEK_SET) < 0)
		return errno;
	/* Cancelled copies leave errno alone. */
	errno = ECANCELED;
	if (!file_copy(source->fd, to, &copied, NULL))
		return errno;
	return copied == source->size ? 0 : EIO;
}

/* Share all blocks of the object: 0 or an errno. */
static int clone_bytes(const struct link_source *source, int to)
{
	return ioctl(to, FICLONE, source->fd) < 0 ? errno : 0;
}

/* A new file of its own, filled by `bytes`. */
static bool make_file(const struct link_source *source, int dirfd, const char *name, mode_t mode,
		      int (*bytes)(const struct link_source *, int), int *errnum)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0) {
		*errnum = errno;
		return false;
	}
	*errnum = source->size ? bytes(source, fd) : 0;
	/* Network file systems tell a full disk only here. */
	if (close(fd) < 0 && errno != EINTR && !*errnum)
		*errnum = errno;
	if (*errnum)
		unlinkat(dirfd, name, 0);
	return *errnum == 0;
}

static bool make_reflink(const struct link_source *source, int dirfd, const char *name, mode_t mode, int *errnum)
{
	return make_file(source, dirfd, name, mode, clone_bytes, errnum);
}

static bool make_copy(const struct link_source *source, int dirfd, const char *name, mode_t mode, int *errnum)
{
	return make_file(source, dirfd, name, mode, copy_bytes, errnum);
}

static bool make_hardlink(const struct link_source *source, int dirfd, const char *name, mode_t mode, int *errnum)
{
	(void)mode;
	*errnum = linkat(source->root, source->name, dirfd, name, 0) < 0 ? errno : 0;
	return *errnum == 0;
}

static bool make_symlink(const struct link_source *source, int dirfd, const char *name, mode_t mode, int *errnum)
{
	(void)mode;
	*errnum = symlinkat(source->absolute, dirfd, name) < 0 ? errno : 0;
	return *errnum == 0;
}

static const struct link_ops reflink = {.kind = LINK_REFLINK, .reads = true, .make = make_reflink};
static const struct link_ops hardlink = {.kind = LINK_HARDLINK, .shared = true, .atomic = true, .make = make_hardlink};
static const struct link_ops symbolic = {.kind = LINK_SYMLINK, .shared = true, .atomic = true, .make = make_symlink};
static const struct link_ops copy = {.kind = LINK_COPY, .reads = true, .make = make_copy};

const struct link_ops *const link_table[LINK_KINDS] = {
	[LINK_REFLINK] = &reflink,
	[LINK_HARDLINK] = &hardlink,
	[LINK_SYMLINK] = &symbolic,
	[LINK_COPY] = &copy,
};
