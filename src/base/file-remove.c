#include "base/auto.h"
#include "base/error.h"
#include "base/file-int.h"
#include "base/file.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Remove a name that is no directory; whether it is gone. EISDIR in errno tells that it is a directory. */
static bool remove_leaf(int dirfd, const char *name)
{
	return unlinkat(dirfd, name, 0) == 0 || errno == ENOENT;
}

/* Remove all in directory `path` but directories, which are appended to `dirs`. 0 or an errno. */
static int empty_dir(int root, const char *path, GPtrArray *dirs)
{
	int fd = file_open_beneath_raw(root, path, O_RDONLY | O_DIRECTORY, 0);
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
		if (remove_leaf(fd, entry->d_name))
			continue;
		if (errno == EISDIR)
			g_ptr_array_add(dirs, path_join(path, entry->d_name));
		else
			errnum = errno;
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

bool file_remove_tree(int dirfd, const char *name, GError **error)
{
	/* Level by level instead of by recursion: a deep tree then needs neither stack nor descriptors. */
	g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);
	int errnum;

	if (remove_leaf(dirfd, name))
		return true;
	if (errno != EISDIR)
		return file_fail(error, errno, "remove", name);
	g_ptr_array_add(dirs, g_strdup(name));
	for (guint i = 0; i < dirs->len; i++) {
		errnum = empty_dir(dirfd, dirs->pdata[i], dirs);
		if (errnum)
			return file_fail(error, errnum, "remove", dirs->pdata[i]);
	}
	for (guint i = dirs->len; i > 0; i--) {
		errnum = remove_dir(dirfd, dirs->pdata[i - 1]);
		if (errnum)
			return file_fail(error, errnum, "remove", dirs->pdata[i - 1]);
	}
	return true;
}
