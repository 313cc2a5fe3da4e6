#include "base/auto.h"
#include "base/error.h"
#include "base/file-int.h"
#include "base/file.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes of a path that leave room, below PATH_MAX, for one name more. */
#define DEEP 2048

/* Remove a name that is no directory; whether it is gone. EISDIR in errno tells that it is a directory. */
static bool remove_leaf(int dirfd, const char *name)
{
	return unlinkat(dirfd, name, 0) == 0 || errno == ENOENT;
}

/*
 * Note the directory `name`, found in directory `path` (open as fd) below top, for its turn. Paths shall stay short
 * enough for the kernel, however deep the tree: where they would not, the directory is moved up to top. 0 or an errno.
 */
static int note_dir(int top, int fd, const char *path, const char *name, GPtrArray *dirs)
{
	g_autofree char *sub = path_join(path, name);

	if (strlen(sub) > DEEP) {
		g_free(sub);
		sub = file_temp_name();
		if (renameat(fd, name, top, sub) < 0)
			return errno;
	}
	g_ptr_array_add(dirs, g_steal_pointer(&sub));
	return 0;
}

/* Remove all in directory `path` below top but directories, which are appended to `dirs`. 0 or an errno. */
static int empty_dir(int top, const char *path, GPtrArray *dirs)
{
	int fd = file_open_beneath_raw(top, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int errnum = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : -fd;
	if (!dir) {
		errnum = errno;
		close(fd);
		return errnum;
	}
	while (errnum == 0 && (errno = 0, entry = readdir(dir))) {
		if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, ".."))
			continue;
		if (!remove_leaf(fd, entry->d_name))
			errnum = errno == EISDIR ? note_dir(top, fd, path, entry->d_name, dirs) : errno;
	}
	if (errnum == 0)
		errnum = errno;
	closedir(dir);
	return errnum;
}

/* Remove the empty directory `path` below root. 0 or an errno. */
static int remove_dir(int root, const char *path)
{
	g_autofree char *parent = path_parent(path);
	auto_fd int fd = file_open_beneath_raw(root, parent, O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return -fd;
	return unlinkat(fd, path_base(path), AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : errno;
}

/* Remove all that is below top. 0, or an errno with *path (which belongs to dirs) the directory that gave it. */
static int empty_tree(int top, GPtrArray *dirs, const char **path)
{
	int errnum = 0;

	/* Level by level instead of by recursion: a deep tree then needs neither stack nor descriptors. */
	g_ptr_array_add(dirs, g_strdup(""));
	for (guint i = 0; i < dirs->len && errnum == 0; i++) {
		*path = dirs->pdata[i];
		errnum = empty_dir(top, *path, dirs);
	}
	for (guint i = dirs->len; i > 1 && errnum == 0; i--) {
		*path = dirs->pdata[i - 1];
		errnum = remove_dir(top, *path);
	}
	return errnum;
}

bool file_remove_tree(int dirfd, const char *name, GError **error)
{
	g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);
	const char *path = "";
	auto_fd int top = -1;
	int errnum;

	if (remove_leaf(dirfd, name))
		return true;
	if (errno != EISDIR)
		return file_fail(error, errno, "remove", name);
	top = file_open_beneath_raw(dirfd, name, O_PATH | O_DIRECTORY, 0);
	errnum = top < 0 ? -top : empty_tree(top, dirs, &path);
	if (!errnum) {
		path = "";
		errnum = remove_dir(dirfd, name);
	}
	if (errnum) {
		g_autofree char *full = path_join(name, path);

		return file_fail(error, errnum, "remove", full);
	}
	return true;
}
