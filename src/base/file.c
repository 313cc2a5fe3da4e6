#include "base/file.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/file-int.h"
#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links in a row as the kernel follows before it says ELOOP. */
#define LINKS_MAX 40

/* The least growth of the buffer for a file that turns out longer than it told, as those in /proc. */
#define READ_STEP 4096

bool file_fail(GError **error, int errnum, const char *verb, const char *path)
{
	g_autofree char *shown = quote_path(path);

	error_set_errno(error, errnum, "%s '%s'", verb, shown);
	return false;
}

/* 0 or an errno. */
static int write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0) {
			data += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

bool file_write_all(int fd, const void *data, size_t length, GError **error)
{
	int errnum = write_all(fd, data, length);

	if (errnum)
		error_set_errno(error, errnum, "write");
	return errnum == 0;
}

/*
 * Read fd to its end into *data (the caller frees it whatever happens) and *length; `expected` is a guess of the size.
 * 0, an errno, or EFBIG for more than `limit` bytes.
 */
static int read_to_end(int fd, size_t expected, size_t limit, char **data, size_t *length)
{
	/* One byte of room beyond the size, so that the read that finds the end needs no larger buffer. */
	size_t room = MIN(expected, limit) + 1;

	*length = 0;
	*data = g_malloc(room + 1);
	for (;;) {
		ssize_t n;

		if (*length > limit)
			return EFBIG;
		if (*length == room) {
			room = MIN(2 * room + READ_STEP, limit + 1);
			*data = g_realloc(*data, room + 1);
		}
		n = read(fd, *data + *length, room - *length);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			break;
		*length += (size_t)MAX(n, 0);
	}
	(*data)[*length] = '\0';
	return 0;
}

/* Set ERROR_UNSAFE "read 'path': it ..."; always false. */
static bool fail_unsafe(GError **error, const char *path, const char *fault)
{
	g_autofree char *shown = quote_path(path);

	error_set(error, ERROR_UNSAFE, "read '%s': it %s", shown, fault);
	return false;
}

static bool fail_too_big(GError **error, const char *path, size_t limit)
{
	g_autofree char *fault = g_strdup_printf("has more than %zu bytes", limit);

	return fail_unsafe(error, path, fault);
}

bool file_read(const char *path, size_t limit, char **data, size_t *length, GError **error)
{
	/* O_NONBLOCK, or a fifo in place of a file would hang us. */
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	g_autofree char *bytes = NULL;
	size_t count;
	struct stat st;
	int errnum;

	*data = NULL;
	limit = MIN(limit, G_MAXSSIZE / 4);
	if (fd < 0 || fstat(fd, &st) < 0)
		return file_fail(error, errno, "open", path);
	if (S_ISDIR(st.st_mode))
		return fail_unsafe(error, path, "is a directory");
	if (!S_ISREG(st.st_mode))
		return fail_unsafe(error, path, "is not a regular file");
	if ((uint64_t)st.st_size > limit)
		return fail_too_big(error, path, limit);
	errnum = read_to_end(fd, (size_t)st.st_size, limit, &bytes, &count);
	if (errnum == EFBIG)
		return fail_too_big(error, path, limit);
	if (errnum)
		return file_fail(error, errnum, "read", path);
	if (length)
		*length = count;
	*data = g_steal_pointer(&bytes);
	return true;
}

/* 0 or an errno. */
static int sync_fd(int fd)
{
	int result;

	do
		result = fsync(fd);
	while (result < 0 && errno == EINTR);
	return result < 0 ? errno : 0;
}

/* sync_fd() for a directory: some network and FUSE file systems have nothing to flush there and say EINVAL. */
static int sync_dir_fd(int fd)
{
	int errnum = sync_fd(fd);

	return errnum == EINVAL ? 0 : errnum;
}

bool file_sync_dir(const char *dir, GError **error)
{
	auto_fd int fd = open(*dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int errnum;

	if (fd < 0)
		return file_fail(error, errno, "open", dir);
	errnum = sync_dir_fd(fd);
	return errnum ? file_fail(error, errnum, "sync", dir) : true;
}

int file_rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
	if (renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
		return -1;
	if (faccessat(to_dir, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(from_dir, from, to_dir, to);
}

bool file_sync_fs(int fd, GError **error)
{
	if (syncfs(fd) == 0)
		return true;
	error_set_errno(error, errno, "sync the file system");
	return false;
}

/* The name that `path` stands for once symbolic links at its end are followed, new string; NULL for too many links. */
static char *follow_links(const char *path)
{
	g_autofree char *current = g_strdup(path);

	for (int i = 0; i < LINKS_MAX; i++) {
		char target[PATH_LIMIT + 1];
		ssize_t n = readlink(current, target, sizeof(target) - 1);
		g_autofree char *dir = NULL;

		/* Not a link, or absent: this is the name. If something else is wrong, the next call on it tells. */
		if (n < 0)
			return g_steal_pointer(&current);
		target[n] = '\0';
		dir = path_parent(current);
		g_free(current);
		current = path_join(dir, target);
	}
	return NULL;
}

/* Fill the temporary file fd and make it durable, with the permission bits of `old` if there is one. 0 or an errno. */
static int fill_temp(int fd, const void *data, size_t length, const struct stat *old)
{
	int errnum = write_all(fd, data, length);

	if (errnum)
		return errnum;
	if (old && fchmod(fd, old->st_mode & 0777) < 0)
		return errno;
	return sync_fd(fd);
}

/* Replace the file `base` in dirfd, or make it with `mode`; `old` as in fill_temp(). 0 or an errno. */
static int replace_in(int dirfd, const char *base, GBytes *data, mode_t mode, const struct stat *old)
{
	g_autofree char *temp = NULL;
	/* Nobody may read the new bytes before the old file's bits are on them. */
	auto_fd int fd = file_create_temp_for(dirfd, base, old ? 0600 : mode, &temp);
	gsize length;
	const void *bytes = g_bytes_get_data(data, &length);
	int errnum;

	if (fd < 0)
		return -fd;
	errnum = fill_temp(fd, bytes, length, old);
	if (!errnum && renameat(dirfd, temp, dirfd, base) < 0)
		errnum = errno;
	if (errnum) {
		unlinkat(dirfd, temp, 0);
		return errnum;
	}
	return sync_dir_fd(dirfd);
}

bool file_replace(const char *path, const void *data, size_t length, mode_t mode, GError **error)
{
	g_autofree char *target = follow_links(path);
	g_autoptr(GBytes) bytes = g_bytes_new_static(data, length);
	g_autofree char *dir = NULL;
	auto_fd int dirfd = -1;
	struct stat old;
	bool is_old;
	int errnum;

	if (!target)
		return file_fail(error, ELOOP, "write", path);
	dir = path_parent(target);
	dirfd = open(*dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return file_fail(error, errno, "open the directory of", path);
	is_old = fstatat(dirfd, path_base(target), &old, AT_SYMLINK_NOFOLLOW) == 0;
	if (!is_old && errno != ENOENT)
		return file_fail(error, errno, "write", path);
	/* A rename would put a file in the place of a device or a fifo, which nobody means who names one. */
	if (is_old && !S_ISREG(old.st_mode)) {
		g_autofree char *shown = quote_path(path);

		error_set(error, ERROR_UNSAFE, "write '%s': it is not a regular file", shown);
		return false;
	}
	errnum = replace_in(dirfd, path_base(target), bytes, mode, is_old ? &old : NULL);
	return errnum ? file_fail(error, errnum, "write", path) : true;
}

/* mkdir that takes an existing directory for success. 0 or an errno. */
static int make_dir(const char *dir)
{
	struct stat st;

	if (mkdir(dir, 0777) == 0)
		return 0;
	if (errno != EEXIST)
		return errno;
	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : EEXIST;
}

bool file_make_dirs(const char *dir, GError **error)
{
	g_autofree char *path = g_strdup(dir);
	int errnum = *dir ? make_dir(path) : 0;

	/* Mostly all is there already, or the last one is missing. */
	if (errnum != ENOENT)
		return errnum ? file_fail(error, errnum, "make directory", dir) : true;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		errnum = make_dir(path);
		if (errnum)
			return file_fail(error, errnum, "make directory", path);
		*slash = '/';
	}
	errnum = make_dir(path);
	return errnum ? file_fail(error, errnum, "make directory", dir) : true;
}
