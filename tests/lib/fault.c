/*
 * fault: a library to preload into git-mlv that makes the Nth call which changes a file system go wrong.
 *
 *	FAULT_AT=N          which call, counted from 1 over all threads; 0 or unset: none
 *	FAULT_ACTION=…      kill: SIGKILL before the call; EIO, ENOSPC: fail that call and all later ones that write;
 *	                    short: every write from the Nth on takes only half of what it was given;
 *	                    interrupt: SIGINT to oneself at the call, as Ctrl-C sends it;
 *	                    read: here N counts the calls that read; that one fails with EIO
 *	FAULT_REPORT=FILE   at exit, append how many calls were made that change and that read (to find the range of N)
 *
 * Only programs whose name starts with "git-mlv" are touched: git's own processes run undisturbed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum action { ACTION_NONE, ACTION_KILL, ACTION_EIO, ACTION_ENOSPC, ACTION_SHORT, ACTION_INTERRUPT, ACTION_READ };

static atomic_long calls, reads;
static long fault_at;
static enum action action;

__attribute__((constructor)) static void fault_start(void)
{
	const char *at = getenv("FAULT_AT"), *what = getenv("FAULT_ACTION");

	if (strncmp(program_invocation_short_name, "git-mlv", 7) != 0)
		return;
	fault_at = at ? atol(at) : 0;
	if (!what)
		action = ACTION_NONE;
	else if (!strcmp(what, "kill"))
		action = ACTION_KILL;
	else if (!strcmp(what, "EIO"))
		action = ACTION_EIO;
	else if (!strcmp(what, "ENOSPC"))
		action = ACTION_ENOSPC;
	else if (!strcmp(what, "short"))
		action = ACTION_SHORT;
	else if (!strcmp(what, "interrupt"))
		action = ACTION_INTERRUPT;
	else if (!strcmp(what, "read"))
		action = ACTION_READ;
}

__attribute__((destructor)) static void fault_report(void)
{
	const char *path = getenv("FAULT_REPORT");
	int fd;
	char text[64];

	if (!path || strncmp(program_invocation_short_name, "git-mlv", 7) != 0)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
	if (fd < 0)
		return;
	(void)!write(fd, text, (size_t)snprintf(text, sizeof text, "%ld %ld\n", atomic_load(&calls),
						   atomic_load(&reads)));
	close(fd);
}

/* Count one changing call; true if it must fail, with errno set. `grows` tells calls that need space. */
static int fault_hits(int grows)
{
	long n = atomic_fetch_add(&calls, 1) + 1;

	if (fault_at <= 0 || n < fault_at)
		return 0;
	if (action == ACTION_INTERRUPT && n == fault_at)
		kill(getpid(), SIGINT);
	if (action == ACTION_KILL && n == fault_at) {
		kill(getpid(), SIGKILL);
		for (;;)
			pause();
	}
	if ((action == ACTION_EIO && (grows || n == fault_at)) || (action == ACTION_ENOSPC && grows)) {
		errno = action == ACTION_EIO ? EIO : ENOSPC;
		return 1;
	}
	return 0;
}

/* Count one call that reads; true if it must fail, with errno set. */
static int fault_hits_read(void)
{
	long n = atomic_fetch_add(&reads, 1) + 1;

	if (action != ACTION_READ || n != fault_at)
		return 0;
	errno = EIO;
	return 1;
}

/* How many of `length` bytes this write may take. */
static size_t fault_length(size_t length)
{
	return action == ACTION_SHORT && fault_at > 0 && atomic_load(&calls) >= fault_at && length > 1 ? length / 2 : length;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t length)
{
	if (fd > 2 && fault_hits(1))
		return -1;
	return REAL(write)(fd, data, fd > 2 ? fault_length(length) : length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
	return fault_hits(1) ? -1 : REAL(pwrite)(fd, data, fault_length(length), offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
	return fault_hits(1) ? -1 : REAL(pwrite64)(fd, data, fault_length(length), offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	return fault_hits(1) ? -1 : REAL(pwritev)(fd, parts, count, offset);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags)
{
	if (fault_hits_read() || fault_hits(1))
		return -1;
	return REAL(copy_file_range)(from, from_offset, to, to_offset, fault_length(length), flags);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return fd > 2 && fault_hits(1) ? -1 : REAL(writev)(fd, parts, count);
}

ssize_t read(int fd, void *data, size_t length)
{
	return fd > 2 && fault_hits_read() ? -1 : REAL(read)(fd, data, length);
}

ssize_t pread(int fd, void *data, size_t length, off_t offset)
{
	return fault_hits_read() ? -1 : REAL(pread)(fd, data, length, offset);
}

ssize_t pread64(int fd, void *data, size_t length, off64_t offset)
{
	return fault_hits_read() ? -1 : REAL(pread64)(fd, data, length, offset);
}

int ftruncate(int fd, off_t length)
{
	return fault_hits(1) ? -1 : REAL(ftruncate)(fd, length);
}

int futimens(int fd, const struct timespec times[2])
{
	return fault_hits(0) ? -1 : REAL(futimens)(fd, times);
}

/* Only files that are made count; opening what is there changes nothing. */
static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return (flags & O_CREAT) && fault_hits(1) ? -1 : REAL(open)(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return (flags & O_CREAT) && fault_hits(1) ? -1 : REAL(openat)(dir, path, flags, mode);
}

int fsync(int fd)
{
	return fault_hits(0) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	return fault_hits(0) ? -1 : REAL(fdatasync)(fd);
}

int syncfs(int fd)
{
	return fault_hits(0) ? -1 : REAL(syncfs)(fd);
}

int rename(const char *from, const char *to)
{
	return fault_hits(0) ? -1 : REAL(rename)(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return fault_hits(0) ? -1 : REAL(renameat)(from_dir, from, to_dir, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return fault_hits(0) ? -1 : REAL(renameat2)(from_dir, from, to_dir, to, flags);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	return fault_hits(0) ? -1 : REAL(linkat)(from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
	return fault_hits(0) ? -1 : REAL(link)(from, to);
}

int symlinkat(const char *text, int dir, const char *name)
{
	return fault_hits(0) ? -1 : REAL(symlinkat)(text, dir, name);
}

int unlink(const char *path)
{
	return fault_hits(0) ? -1 : REAL(unlink)(path);
}

int unlinkat(int dir, const char *name, int flags)
{
	return fault_hits(0) ? -1 : REAL(unlinkat)(dir, name, flags);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
	return fault_hits(0) ? -1 : REAL(mkdirat)(dir, name, mode);
}

int mkdir(const char *name, mode_t mode)
{
	return fault_hits(0) ? -1 : REAL(mkdir)(name, mode);
}

int fchmod(int fd, mode_t mode)
{
	return fault_hits(0) ? -1 : REAL(fchmod)(fd, mode);
}
