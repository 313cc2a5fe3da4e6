#include "base/lock.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLEEP_MIN_US 10000
#define SLEEP_MAX_US 100000

/* As much as is read of what a holder wrote. */
#define HOLDER_MAX 512

struct lock {
	int fd; /* -1: granted on a read-only file system, nothing to release */
	enum lock_mode mode;
};

/* What became of one try. */
enum outcome { TAKEN, HELD, STALE, FAILED };

/* The process id in the first line of the lock file, 0 if there is none. */
static long holder_pid(const char *text)
{
	gint64 pid = g_ascii_strtoll(text, NULL, 10);

	return pid > 0 && pid <= G_MAXINT ? (long)pid : 0;
}

/* Who holds the lock, in words (new string), as far as fd tells. *pid is 0 if it does not, or names another host. */
static char *describe_holder(int fd, long *pid)
{
	char text[HOLDER_MAX + 1];
	ssize_t length = pread(fd, text, HOLDER_MAX, 0);
	g_auto(GStrv) lines = NULL;
	g_autofree char *command = NULL;
	const char *host = NULL;
	char *on;

	text[MAX(length, 0)] = '\0';
	*pid = holder_pid(text);
	if (!*pid)
		return g_strdup("another process");
	lines = g_strsplit(text, "\n", 3);
	/* The command may contain " on ", a host name cannot. */
	on = lines[1] ? g_strrstr(lines[1], " on ") : NULL;
	if (on) {
		*on = '\0';
		host = on + strlen(" on ");
		command = quote_path(lines[1]);
	}
	if (host && !g_str_equal(host, g_get_host_name())) {
		g_autofree char *shown = quote_path(host);
		char *words = g_strdup_printf("%s, process %ld on %s", command, *pid, shown);

		*pid = 0;
		return words;
	}
	/* Left by a holder that was killed, while those who hold the lock now share it and wrote nothing. */
	if (!proc_is_running(*pid)) {
		*pid = 0;
		return g_strdup("another process");
	}
	return command ? g_strdup_printf("%s, process %ld", command, *pid) : g_strdup_printf("process %ld", *pid);
}

/* Tell those who will wait who holds the lock. It only serves their messages, so a full disk is no reason to fail. */
static void write_holder(int fd, const char *what)
{
	g_autofree char *text = g_strdup_printf(" %ld\n%s on %s\n", (long)getpid(), what, g_get_host_name());

	if (ftruncate(fd, 0) == 0)
		file_write_all(fd, text, strlen(text), NULL);
}

/* Make the lock file. In a folder that a group shares (it is set-group-ID, as Git's and DVC's are) all of the group may lock. */
static int make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	g_autofree char *dir = path_parent(path);
	struct stat st;

	/* Where that is not allowed, somebody else made it at the same time. */
	if (fd >= 0 && stat(*dir ? dir : ".", &st) == 0 && (st.st_mode & S_ISGID) && (st.st_mode & S_IWGRP))
		(void)!fchmod(fd, 0664);
	return fd;
}

/* Open the lock file; *fd stays -1 if a shared lock is to be taken as granted. */
static bool open_file(const char *path, enum lock_mode mode, int *fd, GError **error)
{
	g_autofree char *shown = NULL;
	int errnum;

	*fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (*fd < 0 && errno == ENOENT)
		*fd = make_file(path);
	if (*fd >= 0)
		return true;
	errnum = errno;
	if (mode == LOCK_SHARED && (errnum == EROFS || errnum == EACCES)) {
		/* Reading is enough to share a lock. */
		*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (*fd >= 0 || errnum == EROFS)
			return true;
	}
	shown = quote_path(path);
	error_set_errno(error, errnum, "open lock file '%s'", shown);
	return false;
}

/* Whether the file at path is still that open as fd: who unlinks a lock file lets the next process lock another. */
static bool is_current(int fd, const char *path)
{
	struct stat mine, current;

	return fstat(fd, &mine) == 0 && stat(path, &current) == 0 && mine.st_dev == current.st_dev &&
	       mine.st_ino == current.st_ino;
}

static enum outcome try_lock(int fd, const char *path, enum lock_mode mode, GError **error)
{
	g_autofree char *shown = NULL;
	int operation = (mode == LOCK_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB;

	if (fd < 0)
		return TAKEN;
	while (flock(fd, operation) < 0) {
		if (errno == EWOULDBLOCK)
			return HELD;
		if (errno != EINTR) {
			shown = quote_path(path);
			error_set_errno(error, errno, "lock '%s'", shown);
			return FAILED;
		}
	}
	return is_current(fd, path) ? TAKEN : STALE;
}

static void fail_busy(int fd, const char *path, GError **error)
{
	long pid;
	g_autofree char *holder = describe_holder(fd, &pid);
	g_autofree char *shown = quote_path(path);

	error_set(error, ERROR_BUSY, "'%s' is locked by %s", shown, holder);
	if (pid)
		error_hint(error, "try again when it has ended; see what it does with 'ps -p %ld'", pid);
	else
		error_hint(error, "try again when it has ended; see who has the file open with 'fuser -v %s'", shown);
}

static void announce(int fd, lock_waiting waiting, void *user)
{
	long pid;
	g_autofree char *holder = describe_holder(fd, &pid);

	waiting(holder, user);
}

struct lock *lock_take(const char *path, enum lock_mode mode, int wait_ms, const char *what, lock_waiting waiting,
		       void *user, GError **error)
{
	int64_t deadline = clock_steady_us() + (int64_t)wait_ms * 1000;
	unsigned long pause = SLEEP_MIN_US;
	auto_fd int fd = -1;
	enum outcome outcome;
	struct lock *lock;

	if (!open_file(path, mode, &fd, error))
		return NULL;
	while ((outcome = try_lock(fd, path, mode, error)) != TAKEN) {
		if (outcome == FAILED)
			return NULL;
		if (outcome == STALE) {
			fd_auto(&fd);
			fd = -1;
			if (!open_file(path, mode, &fd, error))
				return NULL;
			continue;
		}
		if (wait_ms >= 0 && clock_steady_us() >= deadline) {
			fail_busy(fd, path, error);
			return NULL;
		}
		if (waiting)
			announce(fd, waiting, user);
		waiting = NULL;
		if (!cancel_check(error))
			return NULL;
		g_usleep(pause);
		pause = MIN(2 * pause, SLEEP_MAX_US);
	}
	if (mode == LOCK_EXCLUSIVE)
		write_holder(fd, what);
	lock = g_new(struct lock, 1);
	lock->mode = mode;
	lock->fd = fd_steal(&fd);
	return lock;
}

void lock_free(struct lock *lock)
{
	if (!lock)
		return;
	if (lock->fd >= 0) {
		/* Nobody shall be told a name that holds nothing; if that fails, they find the process gone. */
		if (lock->mode == LOCK_EXCLUSIVE && ftruncate(lock->fd, 0) < 0)
			g_debug("lock: %s", g_strerror(errno));
		close(lock->fd);
	}
	g_free(lock);
}
