/* Opening a store, and the question whose object a workspace file is. */
#include "store/store.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "store/store-int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct store *store_open(const char *root, const struct store_options *options, GError **error)
{
	g_autofree char *absolute = g_canonicalize_filename(root, NULL);
	autoptr(store) store = g_new0(struct store, 1);

	g_assert(options->link_count >= 1 && options->link_count <= LINK_KINDS);
	store->fd = -1;
	store->options = *options;
	store->root = g_steal_pointer(&absolute);
	store->fd = open(store->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0 && errno == ENOENT) {
		if (!file_make_dirs(store->root, error)) {
			g_prefix_error(error, "make the store: ");
			return NULL;
		}
		store->fd = open(store->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (store->fd >= 0 && options->shared_group)
			(void)!fchmod(store->fd, 02775);
	}
	if (store->fd < 0) {
		error_set_errno(error, errno, "open the store '%s'", store->root);
		return NULL;
	}
	return g_steal_pointer(&store);
}

void store_free(struct store *store)
{
	if (store->fd >= 0)
		close(store->fd);
	g_free(store->root);
	g_free(store);
}

bool store_may_clone(const struct store *store, uint64_t dev)
{
	return __atomic_load_n(&store->no_clone_dev, __ATOMIC_RELAXED) != dev;
}

void store_cannot_clone(struct store *store, uint64_t dev, int errnum)
{
	/* Other errors speak of one file: immutable, swapped to … */
	if (errnum == ENOTSUP || errnum == EXDEV || errnum == ENOTTY || errnum == ENOSYS || errnum == EINVAL)
		__atomic_store_n(&store->no_clone_dev, dev, __ATOMIC_RELAXED);
}

static const char *const kind_names[LINK_KINDS] = {
	[LINK_REFLINK] = "reflink",
	[LINK_HARDLINK] = "hardlink",
	[LINK_SYMLINK] = "symlink",
	[LINK_COPY] = "copy",
};

const char *link_kind_name(enum link_kind kind)
{
	return kind_names[kind];
}

enum link_kind link_kind_named(const char *name)
{
	enum link_kind kind = 0;

	while (kind < LINK_KINDS && strcmp(name, kind_names[kind]) != 0)
		kind++;
	return kind;
}

bool store_identify(struct store *store, const struct stamp *stamp, const char *target, const struct oid *guess,
		    struct oid *oid)
{
	char name[STORE_NAME_MAX];
	struct oid found;
	struct stat st;

	if (target) {
		const char *below = g_path_is_absolute(target) ? path_below(target, store->root) : NULL;

		if (!below || !store_parse_name(below, &found) || !store_has(store, &found, STORE_ANY_SIZE))
			return false;
		*oid = found;
		return true;
	}
	/* A hard link has at least two names: saves the stat of most files. */
	if (!guess || !S_ISREG(stamp->mode) || stamp->nlink < 2)
		return false;
	if (fstatat(store->fd, store_name(guess, name), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (st.st_dev != stamp->dev || st.st_ino != stamp->ino || !store_has(store, guess, stamp->size))
		return false;
	*oid = *guess;
	return true;
}

struct each {
	store_visit visit;
	void *user;
};

static bool each_object(const char *name, const struct oid *oid, const struct stat *st, void *user, GError **error)
{
	const struct each *each = user;
	const struct stamp stamp = stamp_of(st);

	(void)name;
	return each->visit(oid, &stamp, each->user, error);
}

bool store_each(struct store *store, store_visit visit, void *user, GError **error)
{
	struct each each = {visit, user};

	return store_scan(store, store->fd, each_object, &each, error);
}
