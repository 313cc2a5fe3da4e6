/*
 * The part's own file is the lock: whoever holds it while it has its name owns the part and its journal. A journal
 * without bytes would speak of what is not there, so it is removed before the first byte, and before the part goes.
 */
#include "store/part.h"
#include "base/error.h"
#include "base/trace.h"
#include "store/part-int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_SUFFIX ".journal"

char *part_name(const struct oid *oid, char name[PART_NAME_MAX])
{
	char text[OID_TEXT_MAX];

	g_snprintf(name, PART_NAME_MAX, STORE_PART "/%s-%s", oid_algo_name(oid->algo), oid_text(oid, text));
	return name;
}

static char *journal_name(const struct oid *oid, char name[PART_NAME_MAX])
{
	g_strlcat(part_name(oid, name), JOURNAL_SUFFIX, PART_NAME_MAX);
	return name;
}

/* Whether the open file still has this name below `dir`: it may have become an object, or have been removed. */
static bool has_name(int dir, const char *name, int fd, struct stat *st)
{
	struct stat named;

	return fstat(fd, st) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st->st_dev == named.st_dev && st->st_ino == named.st_ino;
}

static int open_file(int dir, const char *name, int flags)
{
	return openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

/* Take the lock of an open part; false if somebody else has it, or it is not what has the name. */
static bool lock(int dir, const char *name, int fd, struct stat *st)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 && has_name(dir, name, fd, st) && S_ISREG(st->st_mode);
}

/*
 * One that was complete when its process died is read-only. Only who holds its lock may change that: else it may be
 * about to become an object.
 */
static bool unseal(int dir, const char *name)
{
	auto_fd int fd = open_file(dir, name, O_RDONLY);
	struct stat st;

	return fd >= 0 && lock(dir, name, fd, &st) && fchmod(fd, 0600) == 0;
}

/* Open the part and take its lock; -1 if somebody else has it or it cannot be opened. */
static int open_locked(int dir, const char *name, int flags, struct stat *st)
{
	auto_fd int fd = open_file(dir, name, O_RDWR | flags);

	if (fd < 0 && errno == EACCES && unseal(dir, name))
		fd = open_file(dir, name, O_RDWR | flags);
	if (fd < 0 || !lock(dir, name, fd, st))
		return -1;
	return fd_steal(&fd);
}

int part_open(const struct store *store, const struct oid *oid)
{
	char name[PART_NAME_MAX];
	struct stat st;
	int fd;

	part_name(oid, name);
	fd = open_locked(store->fd, name, O_CREAT, &st);
	if (fd < 0 && errno == ENOENT && store_make_dirs(store, store->fd, STORE_PART, NULL))
		fd = open_locked(store->fd, name, O_CREAT, &st);
	if (fd < 0)
		trace("store", "no part for '%s': %s", name, g_strerror(errno));
	else if (st.st_size == 0)
		part_drop_journal(store, oid);
	return fd;
}

int part_journal(const struct store *store, const struct oid *oid)
{
	char name[PART_NAME_MAX];

	return openat(store->fd, journal_name(oid, name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

void part_drop_journal(const struct store *store, const struct oid *oid)
{
	char name[PART_NAME_MAX];

	unlinkat(store->fd, journal_name(oid, name), 0);
}

void part_drop(const struct store *store, const struct oid *oid)
{
	char name[PART_NAME_MAX];

	part_drop_journal(store, oid);
	unlinkat(store->fd, part_name(oid, name), 0);
}

void part_close(const struct store *store, const struct oid *oid, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size == 0)
		part_drop(store, oid);
	close(fd);
}

/* A look at all parts. */
struct look {
	const struct store *store;
	int dir;
	int64_t now, grace; /* seconds */
	bool remove;
	struct part_usage *usage;
};

/* Remove the file; one that is gone is fine. */
static bool drop(const struct look *look, const char *name, GError **error)
{
	if (unlinkat(look->dir, name, 0) == 0 || errno == ENOENT)
		return true;
	return store_fail(look->store, errno, "remove the unfinished download", name, error);
}

/* A journal whose part is gone says nothing. */
static bool look_at_journal(const struct look *look, const char *name, GError **error)
{
	g_autofree char *part = g_strndup(name, strlen(name) - strlen(JOURNAL_SUFFIX));
	struct stat st;

	if (!look->remove || fstatat(look->dir, part, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return drop(look, name, error);
}

static bool look_at_part(const struct look *look, const char *name, GError **error)
{
	g_autofree char *journal = g_strconcat(name, JOURNAL_SUFFIX, NULL);
	struct stat st;
	auto_fd int fd = open_locked(look->dir, name, 0, &st);

	/* What is locked is being received; what cannot be opened is another user's. */
	if (fd < 0 || look->now - st.st_mtim.tv_sec < look->grace)
		return true;
	look->usage->parts++;
	/* Pieces may have come in any order, with holes between them. */
	look->usage->bytes += MIN((uint64_t)st.st_size, (uint64_t)st.st_blocks * 512);
	return !look->remove || (drop(look, journal, error) && drop(look, name, error));
}

/* The names in the directory of parts: removing while reading it might skip some. */
static GPtrArray *list_names(int dir)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			g_ptr_array_add(names, g_strdup(entry->d_name));
	if (stream)
		closedir(stream);
	return names;
}

static bool look_at_all(struct look *look, GError **error)
{
	auto_fd int dir = openat(look->store->fd, STORE_PART, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	g_autoptr(GPtrArray) names = NULL;
	bool ok = true;

	*look->usage = (struct part_usage){0};
	if (dir < 0)
		return errno == ENOENT || store_fail(look->store, errno, "open", STORE_PART, error);
	look->dir = dir;
	look->now = g_get_real_time() / G_USEC_PER_SEC;
	names = list_names(dir);
	for (guint i = 0; ok && i < names->len; i++)
		if (!g_str_has_suffix(names->pdata[i], JOURNAL_SUFFIX))
			ok = look_at_part(look, names->pdata[i], error);
	for (guint i = 0; ok && i < names->len; i++)
		if (g_str_has_suffix(names->pdata[i], JOURNAL_SUFFIX))
			ok = look_at_journal(look, names->pdata[i], error);
	return ok;
}

bool part_survey(const struct store *store, struct part_usage *usage, GError **error)
{
	struct look look = {.store = store, .grace = INT64_MIN, .usage = usage};

	return look_at_all(&look, error);
}

bool part_collect(const struct store *store, int64_t grace, bool dry_run, struct part_usage *removed, GError **error)
{
	struct look look = {.store = store, .grace = grace, .remove = !dry_run, .usage = removed};

	return look_at_all(&look, error);
}
