#include "store/collect.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "hash/digest.h"
#include "store/part.h"
#include "store/trash.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct collect {
	struct store *store;
	GHashTable *live;
	int64_t grace;
	bool prune, dry_run;
	char *today; /* trash directory, made when the first object goes there */
	struct collect_result *result;
};

static bool throw_away(struct collect *c, const char *name, GError **error)
{
	if (c->prune)
		return unlinkat(c->store->fd, name, 0) == 0 || errno == ENOENT ||
		       store_fail(c->store, errno, "remove", name, error);
	if (!c->today)
		c->today = trash_today(c->store, error);
	return c->today && trash_move(c->store, c->today, name, error);
}

static bool collect_object(const char *name, const struct oid *oid, const struct stat *st, void *user, GError **error)
{
	struct collect *c = user;

	if (!cancel_check(error))
		return false;
	if (g_hash_table_contains(c->live, oid)) {
		c->result->kept++;
		return true;
	}
	if (!c->dry_run && !throw_away(c, name, error))
		return false;
	c->result->objects++;
	c->result->bytes += (uint64_t)st->st_size;
	return true;
}

/* Count what lies in a directory of the trash. */
static bool count_trash(const char *name, const struct oid *oid, const struct stat *st, void *user, GError **error)
{
	struct collect_result *result = user;

	(void)name;
	(void)oid;
	(void)error;
	result->purged++;
	result->purged_bytes += (uint64_t)st->st_size;
	return true;
}

static bool purge(const char *path, int64_t age, void *user, GError **error)
{
	struct collect *c = user;
	auto_fd int fd = -1;

	if (age < c->grace)
		return true;
	fd = openat(c->store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return store_fail(c->store, errno, "open", path, error);
	return store_scan(c->store, fd, count_trash, c->result, error) &&
	       (c->dry_run || file_remove_tree(c->store->fd, path, error));
}

bool collect_run(struct store *store, GHashTable *live, int64_t grace, bool prune, bool dry_run,
		 struct collect_result *result, GError **error)
{
	struct collect c = {store, live, grace, prune, dry_run, NULL, result};
	struct part_usage parts = {0};
	bool ok;

	*result = (struct collect_result){0};
	/* Old trash first: it makes room, and what is thrown away now is not counted twice. */
	ok = trash_each(store, purge, &c, error) && part_collect(store, prune ? INT64_MIN : grace, dry_run, &parts, error) &&
	     store_scan(store, store->fd, collect_object, &c, error);
	result->parts = parts.parts;
	result->parts_bytes = parts.bytes;
	g_free(c.today);
	if (!ok)
		g_prefix_error(error, "collect in '%s': ", store->root);
	return ok;
}

struct undelete {
	struct store *store;
	int trash; /* the directory of the trash that is scanned */
	struct collect_result *result;
};

/* Whether the object in the trash still is what its name says; an error if it cannot be read. */
static bool is_right(const struct undelete *u, const char *name, const struct oid *oid, GError **error)
{
	auto_fd int fd = openat(u->trash, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct oid got;

	if (fd < 0)
		return store_fail(u->store, errno, "open in the trash", name, error);
	if (!digest_fd(fd, store_algo(oid), &got, NULL, error)) {
		g_prefix_error(error, "read '%s' in the trash: ", name);
		return false;
	}
	return memcmp(got.digest, oid->digest, sizeof(oid->digest)) == 0;
}

/* Put one object back unless the store has it. */
static bool undelete_object(const char *name, const struct oid *oid, const struct stat *st, void *user, GError **error)
{
	struct undelete *u = user;
	g_autofree char *parent = path_parent(name);
	GError *local = NULL;

	if (!cancel_check(error))
		return false;
	/* What was put again meanwhile stays; its twin, or a wrong one, waits in the trash for its end. */
	if (store_has(u->store, oid, (uint64_t)st->st_size))
		return true;
	if (!is_right(u, name, oid, &local)) {
		if (local)
			g_propagate_error(error, local);
		return !local;
	}
	if (!store_make_way(u->store, oid, error) || !store_make_dirs(u->store, u->store->fd, parent, error))
		return false;
	if (file_rename_new(u->trash, name, u->store->fd, name) < 0)
		return store_fail(u->store, errno, "put back", name, error);
	u->result->objects++;
	u->result->bytes += (uint64_t)st->st_size;
	return true;
}

static bool undelete_all(const char *path, int64_t age, void *user, GError **error)
{
	struct undelete *u = user;
	bool ok;

	(void)age;
	u->trash = openat(u->store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (u->trash < 0)
		return store_fail(u->store, errno, "open", path, error);
	ok = store_scan(u->store, u->trash, undelete_object, u, error);
	close(u->trash);
	return ok;
}

bool collect_undelete(struct store *store, struct collect_result *result, GError **error)
{
	struct undelete u = {store, -1, result};

	*result = (struct collect_result){0};
	if (trash_each(store, undelete_all, &u, error))
		return file_sync_fs(store->fd, error);
	g_prefix_error(error, "undelete in '%s': ", store->root);
	return false;
}

char *collect_lock_path(const struct store *store)
{
	/* Where it cannot be made, lock_take() says why. */
	store_make_dirs(store, store->fd, STORE_STATE, NULL);
	return path_join(store->root, STORE_LOCK);
}
