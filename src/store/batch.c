/*
 * A batch is in use while its lock file is flock()ed. The file, not the directory, because network file systems lock only what
 * can be opened for writing.
 *
 * Making the directory and locking it are two steps, between which a cleaner may see a batch without a lock. So a cleaner that
 * got the lock first renames the directory, and a maker that got it looks whether the directory still has its name: whoever
 * holds the lock while the name stands owns the batch.
 */
#include "store/batch.h"
#include "base/error.h"
#include "base/file.h"
#include "base/trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* The lock file. Objects in the making have numbers for names. */
#define LOCK_NAME "lock"

/* How often a cleaner may come between before we give up; once is rare. */
#define BEGIN_TRIES 100

/* Open and lock the lock file of directory fd. -1 and errno, EWOULDBLOCK where `wait` is false and another holds it. */
static int lock_batch(int dir, bool wait)
{
	auto_fd int fd = openat(dir, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	while (fd >= 0 && flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) < 0)
		if (errno != EINTR)
			return -1;
	return fd_steal(&fd);
}

static int open_dir(int parent, const char *name)
{
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whether `name` in parent is the open directory. */
static bool has_name(int parent, const char *name, int dir)
{
	struct stat named, opened;

	return fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(dir, &opened) == 0 &&
	       named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

/* Remove the batch `name` if its process is dead. */
static void clean_one(int parent, const char *name)
{
	g_autofree char *dead = file_temp_name();
	g_autoptr(GError) error = NULL;
	auto_fd int dir = open_dir(parent, name);
	auto_fd int lock = dir < 0 ? -1 : lock_batch(dir, false);

	if (lock < 0 || !has_name(parent, name, dir) || renameat(parent, name, parent, dead) < 0)
		return;
	if (!file_remove_tree(parent, dead, &error))
		trace("store", "left-over batch: %s", error->message);
}

static void clean_dead(int parent)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const struct dirent *d;

	if (!dir)
		return;
	while ((d = readdir(dir)))
		if (g_str_has_prefix(d->d_name, FILE_TEMP_PREFIX))
			g_ptr_array_add(names, g_strdup(d->d_name));
	closedir(dir);
	for (guint i = 0; i < names->len; i++)
		clean_one(parent, names->pdata[i]);
}

/* Whether the file that open(…, 0444) makes in dir has that mode. */
static bool try_mode(int dir)
{
	auto_fd int fd = openat(dir, "mode", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	struct stat st;
	bool exact = fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0444;

	if (fd >= 0)
		unlinkat(dir, "mode", 0);
	return exact;
}

/* One try to make and lock a directory: 1 done, 0 a cleaner was faster, -1 errno. */
static int try_begin(struct batch *batch)
{
	auto_fd int dir = -1, lock = -1;
	g_autofree char *name = file_temp_name();

	if (mkdirat(batch->parent, name, 0700) < 0)
		return errno == EEXIST ? 0 : -1;
	dir = open_dir(batch->parent, name);
	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	lock = lock_batch(dir, true);
	if (lock < 0 && errno != ENOLCK && errno != EOPNOTSUPP) {
		int errnum = errno;

		unlinkat(batch->parent, name, AT_REMOVEDIR);
		errno = errnum;
		return errnum == ENOENT ? 0 : -1;
	}
	if (!has_name(batch->parent, name, dir))
		return 0;
	batch->name = g_steal_pointer(&name);
	batch->fd = fd_steal(&dir);
	batch->lock = fd_steal(&lock);
	return 1;
}

bool batch_begin(const struct store *store, struct batch *batch, GError **error)
{
	int done = 0;

	*batch = BATCH_NONE;
	if (!store_make_dirs(store, store->fd, STORE_TEMP, error))
		return false;
	batch->parent = open_dir(store->fd, STORE_TEMP);
	if (batch->parent < 0)
		return store_fail(store, errno, "open", STORE_TEMP, error);
	clean_dead(batch->parent);
	errno = EBUSY;
	for (int i = 0; i < BEGIN_TRIES && done == 0; i++)
		done = try_begin(batch);
	if (done <= 0)
		return store_fail(store, errno, "make a directory in", STORE_TEMP, error);
	batch->sealable = try_mode(batch->fd);
	return true;
}

void batch_end(struct batch *batch)
{
	g_autoptr(GError) error = NULL;

	if (batch->name && !file_remove_tree(batch->parent, batch->name, &error))
		trace("store", "end of a batch: %s", error->message);
	fd_auto(&batch->lock);
	fd_auto(&batch->fd);
	fd_auto(&batch->parent);
	g_clear_pointer(&batch->name, g_free);
}
