#include "backend/folder-int.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define BATCHES FOLDER_OURS "tmp"

/* The file in a batch directory that is locked: network file systems lock only what is open for writing. Objects have
 * numbers for names. */
#define LOCK_NAME "lock"

/* Held by all who write or collect, as long as they are connected. */
#define REMOTE_LOCK FOLDER_OURS "lock"

/* How long to wait for it, and how often to look. */
#define LOCK_WAIT_MS 30000
#define LOCK_POLL_MS 50

/* How often to try to make a batch directory that another process's clean-up may take away again. */
#define BATCH_TRIES 10

/* The directory that a URL means, "file://" decoded. New string. */
static char *folder_path(const char *url, GError **error)
{
	if (url[0] == '/')
		return path_normal(url);
	const char *rest = url + strlen("file://");
	if (g_str_has_prefix(rest, "localhost/"))
		rest += strlen("localhost");
	g_autofree char *path = rest[0] == '/' ? g_uri_unescape_string(rest, NULL) : NULL;
	if (path)
		return path_normal(path);
	error_set(error, ERROR_USAGE, "'%s' is not of the form file:///path", url);
	return NULL;
}

/*
 * Make the remote's directory, but not those above it: if these are missing, a disk is probably not mounted, and a push
 * must not fill the empty mount point instead.
 */
static bool make_root(const char *path, GError **error)
{
	if (mkdir(path, 0777) == 0 || errno == EEXIST) {
		g_autofree char *parent = path_parent(path);
		return file_sync_dir(parent, error);
	}
	if (errno == ENOENT) {
		g_autofree char *parent = path_parent(path);
		error_set(error, ERROR_NOT_FOUND, "there is no directory '%s' to make the remote in", parent);
		error_hint(error, "is its disk mounted? If so: mkdir -p '%s'", path);
		return false;
	}
	error_set_errno(error, errno, "make '%s'", path);
	return false;
}

/* There is no such directory; `again`: there was one, with objects. */
static void fail_absent(const char *path, bool again, GError **error)
{
	error_set(error, ERROR_NOT_FOUND, "there is no directory '%s'%s", path,
		  again ? ", where there were objects before" : "");
	if (again)
		error_hint(error, "is its disk mounted? To start afresh: mkdir '%s'", path);
	else
		error_hint(error, "is its disk mounted? git mlv push makes the directory if nothing was ever pushed");
}

static int open_root(const char *path, enum remote_mode mode, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && mode == REMOTE_WRITE) {
		if (!make_root(path, error))
			return -1;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		fail_absent(path, mode == REMOTE_WRITE_AGAIN, error);
	else
		error_set_errno(error, errno, "open the directory '%s'", path);
	return -1;
}

/* Open the lock file; -1 where this user may not have one, or nothing can be written at all. */
static int open_lock(const struct remote_conn *conn)
{
	int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, fd = -1;

	if (folder_make_parents(conn, REMOTE_LOCK))
		fd = openat(conn->fd, REMOTE_LOCK, O_RDWR | O_CREAT | flags, 0644);
	return fd >= 0 ? fd : openat(conn->fd, REMOTE_LOCK, O_RDONLY | flags);
}

/* Take the lock that the mode wants. Where there are no locks, there is no protection either: go on without. */
static bool take_lock(struct remote_conn *conn, GError **error)
{
	int operation = (conn->mode == REMOTE_COLLECT ? LOCK_EX : LOCK_SH) | LOCK_NB;
	int64_t deadline = clock_steady_us() + (int64_t)LOCK_WAIT_MS * 1000;
	if (conn->mode != REMOTE_READ)
		conn->lock = open_lock(conn);
	while (conn->lock >= 0 && flock(conn->lock, operation) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		if (!cancel_check(error))
			return false;
		if (clock_steady_us() >= deadline) {
			error_set(error, ERROR_BUSY, conn->mode == REMOTE_COLLECT ? "others are sending to '%s'"
										 : "garbage is being collected in '%s'",
				  conn->root);
			error_hint(error, "try again when that has ended");
			return false;
		}
		g_usleep(LOCK_POLL_MS * 1000);
	}
	return true;
}

struct remote_conn *folder_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	g_autofree char *path = folder_path(spec->url, error);
	int fd = path ? open_root(path, mode, error) : -1;
	if (fd < 0)
		return NULL;
	const char *shared = remote_spec_get(spec, "shared");
	struct remote_conn *conn = g_new0(struct remote_conn, 1);
	conn->root = g_steal_pointer(&path);
	conn->fd = fd;
	conn->mode = mode;
	conn->shared_group = shared && strcmp(shared, "group") == 0;
	conn->batch = conn->batch_lock = conn->lock = -1;
	pthread_mutex_init(&conn->mutex, NULL);
	if (take_lock(conn, error))
		return conn;
	folder_close(conn);
	return NULL;
}

void folder_close(struct remote_conn *conn)
{
	if (conn->batch >= 0) {
		file_remove_tree(conn->fd, conn->batch_path, NULL);
		close(conn->batch);
		close(conn->batch_lock);
	}
	fd_auto(&conn->lock);
	close(conn->fd);
	pthread_mutex_destroy(&conn->mutex);
	g_free(conn->batch_path);
	g_free(conn->root);
	g_free(conn);
}

/* mkdir below the root with the mode that the remote is set to; one that is there already is fine. */
static bool make_dir(const struct remote_conn *conn, const char *path)
{
	if (mkdirat(conn->fd, path, 0777) < 0)
		return errno == EEXIST;
	return !conn->shared_group || fchmodat(conn->fd, path, 02775, 0) == 0;
}

bool folder_make_parents(const struct remote_conn *conn, const char *key)
{
	g_autofree char *path = g_strdup(key);
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!make_dir(conn, path))
			return false;
		*slash = '/';
	}
	return true;
}

void folder_prune_parents(const struct remote_conn *conn, const char *key)
{
	g_autofree char *path = g_strdup(key);
	char *slash;
	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (unlinkat(conn->fd, path, AT_REMOVEDIR) < 0)
			return;
	}
}

/* What open_batch() says of a lock that somebody else holds. */
#define LOCK_TAKEN (-2)

/* Open a batch directory and lock it through *lock: LOCK_TAKEN if it is in use, -1 if locks do not work here. -1 if it
 * is gone. */
static int open_batch(const struct remote_conn *conn, const char *path, int *lock)
{
	*lock = -1;
	auto_fd int dir = openat(conn->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	auto_fd int file = dir < 0 ? -1 : openat(dir, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0)
		*lock = fd_steal(&file);
	else if (file >= 0 && errno == EWOULDBLOCK)
		*lock = LOCK_TAKEN;
	return fd_steal(&dir);
}

/* Remove what killed processes left. Where locks do not work everything is taken to be in use and stays. */
static void sweep_batches(const struct remote_conn *conn)
{
	int fd = openat(conn->fd, BATCHES, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		fd_auto(&fd);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (!g_str_has_prefix(entry->d_name, FILE_TEMP_PREFIX))
			continue;
		g_autofree char *path = path_join(BATCHES, entry->d_name);
		auto_fd int lock = -1;
		auto_fd int batch = open_batch(conn, path, &lock);
		if (batch >= 0 && lock >= 0)
			file_remove_tree(conn->fd, path, NULL);
	}
	closedir(dir);
}

/* Whether the open directory still has this name: a sweep may have come between its making and its lock. */
static bool is_still_there(const struct remote_conn *conn, int fd, const char *path)
{
	struct stat ours, there;
	return fstat(fd, &ours) == 0 && fstatat(conn->fd, path, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/*
 * Try to make a batch directory of our own into conn->batch. False with EAGAIN to try again, else with the reason.
 * Where locks do not work nobody sweeps, so going on without one is safe; where a sweep has the lock it is about to
 * remove the directory.
 */
static bool try_batch(struct remote_conn *conn)
{
	g_autofree char *name = file_temp_name();
	g_autofree char *path = path_join(BATCHES, name);
	if (mkdirat(conn->fd, path, 0700) < 0) {
		errno = errno == EEXIST ? EAGAIN : errno;
		return false;
	}
	auto_fd int lock = -1;
	auto_fd int dir = open_batch(conn, path, &lock);
	if (dir < 0 || lock == LOCK_TAKEN || !is_still_there(conn, dir, path)) {
		errno = dir < 0 && errno != ENOENT ? errno : EAGAIN;
		return false;
	}
	conn->batch = fd_steal(&dir);
	conn->batch_lock = fd_steal(&lock);
	conn->batch_path = g_steal_pointer(&path);
	return true;
}

static bool make_batch(struct remote_conn *conn, GError **error)
{
	bool made = folder_make_parents(conn, BATCHES "/");
	if (made) {
		sweep_batches(conn);
		made = try_batch(conn);
		for (unsigned i = 1; i < BATCH_TRIES && !made && errno == EAGAIN; i++)
			made = try_batch(conn);
	}
	if (!made)
		error_set_errno(error, errno, "make a directory in '%s/" BATCHES "'", conn->root);
	return made;
}

bool folder_batch_open(struct remote_conn *conn, GError **error)
{
	pthread_mutex_lock(&conn->mutex);
	bool made = conn->batch >= 0 || make_batch(conn, error);
	pthread_mutex_unlock(&conn->mutex);
	return made;
}

char *folder_batch_name(struct remote_conn *conn)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT, __atomic_add_fetch(&conn->serial, 1, __ATOMIC_RELAXED));
}
