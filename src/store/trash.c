#include "store/trash.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

char *trash_today(const struct store *store, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *path = g_date_time_format(now, STORE_TRASH "/%Y%m%dT%H%M%SZ");

	return store_make_dirs(store, store->fd, path, error) ? g_steal_pointer(&path) : NULL;
}

/* Rename below the root, making the directory of the new name if it lacks. */
static bool move(const struct store *store, const char *from, const char *to, GError **error)
{
	g_autofree char *parent = NULL;

	if (renameat(store->fd, from, store->fd, to) == 0)
		return true;
	if (errno == ENOENT) {
		parent = path_parent(to);
		if (!store_make_dirs(store, store->fd, parent, error))
			return false;
		if (renameat(store->fd, from, store->fd, to) == 0)
			return true;
	}
	return store_fail(store, errno, "move to the trash", from, error);
}

bool trash_move(const struct store *store, const char *today, const char *name, GError **error)
{
	g_autofree char *to = path_join(today, name);

	return move(store, name, to, error);
}

bool trash_set_aside(const struct store *store, const char *name, const struct stamp *stamp, GError **error)
{
	g_autofree char *today = trash_today(store, error), *temp = NULL, *flat = NULL, *to = NULL;
	struct stamp moved;
	struct stat st;

	if (!today)
		return false;
	temp = file_temp_name();
	flat = g_strdelimit(g_strdup(name), "/", '-');
	to = g_strdup_printf("%s/bad/%s%s", today, flat, temp + strlen(FILE_TEMP_PREFIX) - 1);
	if (!move(store, name, to, error))
		return false;
	if (fstatat(store->fd, to, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	moved = stamp_of(&st);
	/* Another process may have put a right one there after ours was opened: give it back its name. */
	if (!stamp_same_file(stamp, &moved) && linkat(store->fd, to, store->fd, name, 0) == 0)
		unlinkat(store->fd, to, 0);
	return true;
}

bool trash_each(const struct store *store, trash_visit visit, void *user, GError **error)
{
	int fd = openat(store->fd, STORE_TRASH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	int64_t now = g_get_real_time() / G_USEC_PER_SEC;
	const struct dirent *d;
	bool ok = true;

	if (!dir)
		return errno == ENOENT || store_fail(store, errno, "read", STORE_TRASH, error);
	while (ok && (d = readdir(dir))) {
		g_autoptr(GDateTime) made = g_date_time_new_from_iso8601(d->d_name, utc);
		g_autofree char *path = NULL;

		if (!made)
			continue;
		path = path_join(STORE_TRASH, d->d_name);
		ok = visit(path, now - g_date_time_to_unix(made), user, error);
	}
	closedir(dir);
	return ok;
}
