#include "workspace/saved.h"
#include "workspace/workspace-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Their folder in the state directory. */
#define SAVED "saved"

/* So many times may one path be saved within a second. */
#define TRIES 1000

static int open_state(const struct workspace *ws, GError **error)
{
	int state = open(ws->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (state < 0)
		error_set_errno(error, errno, "open '%s'", ws->state_dir);
	return state;
}

/* The n-th place for a path that is saved now, relative to the state directory. New string. */
static char *place_of(const char *path, guint n)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *when = g_date_time_format(now, "%Y%m%dT%H%M%SZ");

	return n ? g_strdup_printf(SAVED "/%s/%s.%u", when, path, n) : g_strdup_printf(SAVED "/%s/%s", when, path);
}

/* One thing to be copied: `name` in `from` to `copy` in `to`, where nothing is. */
struct copying {
	int from;
	const char *name;
	int to;
	const char *copy;
};

static bool copy_any(const struct copying *it, GError **error);

static bool fail(const struct copying *it, GError **error)
{
	g_autofree char *quoted = quote_path(it->name);

	error_set_errno(error, errno, "copy '%s'", quoted);
	return false;
}

static bool copy_link(const struct copying *it, GError **error)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(it->from, it->name, target, sizeof(target) - 1);

	if (length < 0)
		return fail(it, error);
	target[length] = '\0';
	return symlinkat(target, it->to, it->copy) == 0 || fail(it, error);
}

static bool copy_file(const struct copying *it, const struct stat *st, GError **error)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};
	auto_fd int from = openat(it->from, it->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_fd int to = from < 0 ? -1 : openat(it->to, it->copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (to < 0)
		return fail(it, error);
	return file_copy(from, to, NULL, error) &&
	       ((!fchmod(to, st->st_mode & 0777) && !futimens(to, times)) || fail(it, error));
}

static bool copy_dir(const struct copying *it, const struct stat *st, GError **error)
{
	int from = openat(it->from, it->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = from < 0 ? NULL : fdopendir(from);
	auto_fd int to = dir && !mkdirat(it->to, it->copy, 0700)
				 ? openat(it->to, it->copy, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
				 : -1;
	bool ok = to >= 0 || fail(it, error);
	const struct dirent *entry;

	if (from >= 0 && !dir)
		close(from);
	while (ok && (entry = readdir(dir))) {
		const struct copying inside = {from, entry->d_name, to, entry->d_name};

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ok = copy_any(&inside, error);
	}
	ok = ok && (!fchmod(to, (st->st_mode & 0777) | S_IRWXU) || fail(it, error));
	if (dir)
		closedir(dir);
	return ok;
}

/* Pipes and the like have no bytes to be saved. */
static bool copy_any(const struct copying *it, GError **error)
{
	struct stat st;

	if (fstatat(it->from, it->name, &st, AT_SYMLINK_NOFOLLOW))
		return fail(it, error);
	if (S_ISLNK(st.st_mode))
		return copy_link(it, error);
	if (S_ISREG(st.st_mode))
		return copy_file(it, &st, error);
	return !S_ISDIR(st.st_mode) || copy_dir(it, &st, error);
}

/* The same as renaming from one file system to another: the copy is on the disk before anything is deleted. */
static bool carry_over(const struct copying *it, GError **error)
{
	if (copy_any(it, error) && (!syncfs(it->to) || fail(it, error)))
		return file_remove_tree(it->from, it->name, error);
	file_remove_tree(it->to, it->copy, NULL);
	return false;
}

/* Move it to a place where nothing is. NULL with the error set. */
static char *move(int dir, const char *name, int state, const char *path, GError **error)
{
	int errnum = EEXIST;

	for (guint n = 0; n < TRIES && errnum == EEXIST; n++) {
		g_autofree char *place = place_of(path, n), *parent = path_parent(place);
		const struct copying it = {dir, name, state, place};
		struct stat st;

		if (!file_make_dirs_beneath(state, parent, NULL))
			continue;
		if (!file_rename_new(dir, name, state, place))
			return g_steal_pointer(&place);
		errnum = errno;
		if (errnum == EXDEV && !fstatat(state, place, &st, AT_SYMLINK_NOFOLLOW))
			errnum = EEXIST;
		else if (errnum == EXDEV)
			return carry_over(&it, error) ? g_steal_pointer(&place) : NULL;
	}
	error_set_errno(error, errnum, "move it to '" SAVED "'");
	return NULL;
}

char *saved_put(struct workspace *ws, const char *path, GError **error)
{
	const char *name;
	auto_fd int state = workspace_make_state_dir(ws, error) ? open_state(ws, error) : -1;
	auto_fd int dir = state < 0 ? -1 : file_open_parent(ws->root_fd, path, false, &name, error);
	GError *reason = NULL;
	g_autofree char *place = dir < 0 ? NULL : move(dir, name, state, path, &reason);

	if (place)
		return path_join(ws->state_dir, place);
	if (dir >= 0) {
		g_autofree char *shown = workspace_show_path(ws, path), *quoted = quote_path(shown);

		g_prefix_error(&reason, "move '%s', which is saved nowhere, out of the way: ", quoted);
		error_hint(&reason, "save it yourself, and remove it");
		g_propagate_error(error, reason);
	}
	return NULL;
}

/* How many seconds ago a folder of that name was made; -1 for a name that is none of ours. */
static int64_t age_of(const char *name)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) made = g_date_time_new_from_iso8601(name, utc);

	return made ? MAX(g_get_real_time() / G_USEC_PER_SEC - g_date_time_to_unix(made), 0) : -1;
}

bool saved_purge(const struct workspace *ws, int64_t grace, bool dry_run, struct saved_count *count, GError **error)
{
	g_autofree char *path = path_join(ws->state_dir, SAVED);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	auto_fd int state = dir ? open_state(ws, error) : -1;
	const char *name;

	*count = (struct saved_count){0};
	if (state < 0)
		return !dir;
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *place = path_join(SAVED, name);
		int64_t age = age_of(name);

		if (age < 0)
			continue;
		if (age <= grace)
			count->kept++;
		else if (!dry_run && !file_remove_tree(state, place, error))
			return false;
		else
			count->purged++;
	}
	return true;
}
