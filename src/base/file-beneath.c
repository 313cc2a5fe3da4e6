/*
 * Opening below a directory without being led out of it. The tree may be changed by others at any time, so each name is
 * looked up and judged in one step by the kernel: never "is it a link?" first and "open it" later.
 */
#include "base/auto.h"
#include "base/error.h"
#include "base/file-int.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How a directory on the way is opened: only to be passed through. */
#define PASS_FLAGS (O_PATH | O_DIRECTORY)

/* How often openat2() is tried again when a rename elsewhere made its check of ".." inconclusive. */
#define AGAIN_MAX 8

/* Whether the path is absolute or has a ".." component: it may lead out of root, and no caller has a use for it. */
static bool leads_out(const char *path)
{
	if (*path == '/')
		return true;
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == '\0'))
			return true;
	}
	return false;
}

static mode_t mode_for(int flags, mode_t mode)
{
	bool creates = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;

	return creates ? mode & 07777 : 0;
}

/* The errno for a component that O_NOFOLLOW refused with errnum: ELOOP if it is a link. */
static int errno_of_refusal(int dirfd, const char *name, int errnum)
{
	struct stat st;

	/* With O_DIRECTORY the kernel says ENOTDIR for a link as for a file. */
	if (errnum == ENOTDIR && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return ELOOP;
	return errnum;
}

/* openat() of one component, never through a link. The descriptor or a negative errno. */
static int open_step(int dirfd, const char *name, int flags, mode_t mode)
{
	auto_fd int fd = openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC, mode_for(flags, mode));
	struct stat st;

	if (fd < 0)
		return -errno_of_refusal(dirfd, name, errno);
	/* O_PATH opens a link itself where all else refuses it. */
	if ((flags & O_PATH) && (fstat(fd, &st) < 0 || S_ISLNK(st.st_mode)))
		return -ELOOP;
	return fd_steal(&fd);
}

int file_open_stepwise(int root, const char *path, int flags, mode_t mode)
{
	auto_fd int dir = -1;

	if (leads_out(path))
		return -EXDEV;
	for (;;) {
		size_t length = strcspn(path, "/");
		const char *rest = path + length + strspn(path + length, "/");
		g_autofree char *name = length ? g_strndup(path, length) : g_strdup(".");
		int next;

		if (!*rest)
			return open_step(dir < 0 ? root : dir, name, flags, mode);
		next = open_step(dir < 0 ? root : dir, name, PASS_FLAGS, 0);
		if (next < 0)
			return next;
		fd_auto(&dir);
		dir = next;
		path = rest;
	}
}

int file_open_beneath_raw(int root, const char *path, int flags, mode_t mode)
{
	/* RESOLVE_NO_SYMLINKS covers the last component too, and says ELOOP where O_NOFOLLOW does not. */
	struct open_how how = {
		.flags = (unsigned)((flags & ~O_NOFOLLOW) | O_CLOEXEC),
		.mode = mode_for(flags, mode),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd;

	if (leads_out(path))
		return -EXDEV;
	for (int i = 0; i < AGAIN_MAX; i++) {
		fd = syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			break;
	}
	/* EPERM: how the seccomp filters of older containers refuse what they do not know. */
	if (errno == ENOSYS || errno == EPERM || errno == EAGAIN)
		return file_open_stepwise(root, path, flags, mode);
	return -errno;
}

int file_fail_beneath(GError **error, int result, const char *path)
{
	g_autofree char *shown = quote_path(path);

	if (result == -ELOOP)
		error_set(error, ERROR_UNSAFE, "open '%s': a symbolic link stands in the way", shown);
	else if (result == -EXDEV)
		error_set(error, ERROR_UNSAFE, "open '%s': the path leads out of its directory", shown);
	else
		error_set_errno(error, -result, "open '%s'", shown);
	return -1;
}

int file_open_beneath(int root, const char *path, int flags, mode_t mode, GError **error)
{
	int fd = file_open_beneath_raw(root, path, flags, mode);

	return fd >= 0 ? fd : file_fail_beneath(error, fd, path);
}

/* Open directory `name` in dirfd, made if missing. The descriptor or a negative errno. */
static int enter_or_make(int dirfd, const char *name, int flags)
{
	int fd = open_step(dirfd, name, flags, 0);

	if (fd != -ENOENT)
		return fd;
	/* EEXIST: another process was faster. */
	if (mkdirat(dirfd, name, 0777) < 0 && errno != EEXIST)
		return -errno;
	return open_step(dirfd, name, flags, 0);
}

/* Open directory `path` below root with `flags`, making what is missing. The descriptor or a negative errno. */
static int open_made(int root, const char *path, int flags)
{
	/* Mostly it is there, and one call does. */
	int found = file_open_beneath_raw(root, path, flags, 0);
	auto_fd int dir = -1;

	if (found != -ENOENT)
		return found;
	for (;;) {
		size_t length = strcspn(path, "/");
		const char *rest = path + length + strspn(path + length, "/");
		g_autofree char *name = length ? g_strndup(path, length) : g_strdup(".");
		int next = enter_or_make(dir < 0 ? root : dir, name, *rest ? PASS_FLAGS : flags);

		if (next < 0 || !*rest)
			return next;
		fd_auto(&dir);
		dir = next;
		path = rest;
	}
}

bool file_make_dirs_beneath(int root, const char *path, GError **error)
{
	auto_fd int fd = open_made(root, path, PASS_FLAGS);

	if (fd < 0)
		file_fail_beneath(error, fd, path);
	return fd >= 0;
}

int file_open_parent(int root, const char *path, bool create, const char **name, GError **error)
{
	g_autofree char *dir = path_parent(path);
	/* Not O_PATH: callers flush it, too. */
	int flags = O_RDONLY | O_DIRECTORY;
	int fd;

	*name = path_base(path);
	if (leads_out(path) || !**name)
		return file_fail_beneath(error, -EXDEV, path);
	fd = create ? open_made(root, dir, flags) : file_open_beneath_raw(root, dir, flags, 0);
	return fd >= 0 ? fd : file_fail_beneath(error, fd, dir);
}
