/* Which kind of link an object gets, and its way onto the final name. */
#include "store/link.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "store/store-int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* One link_place() on its way. */
struct placing {
	struct store *store;
	const struct link_request *request;
	struct link_source source;
	int dirfd;
	const char *name;
	uint64_t dev; /* of dirfd */
	bool found;   /* source.size is known, and the object trusted */
	bool changed; /* the guard found something else than what may be replaced */
};

static bool fail_at(const struct placing *p, int errnum, GError **error)
{
	g_autofree char *shown = quote_path(p->name);

	/* file_copy() stops for Ctrl-C, and no errno says so. */
	if (!cancel_check(error))
		return false;
	if (p->changed) {
		error_set(error, ERROR_CONFLICT, "'%s' was changed meanwhile and is left as it is", shown);
		return false;
	}
	if (errnum == EISDIR || errnum == ENOTEMPTY) {
		error_set(error, ERROR_CONFLICT, "place '%s': a directory is in the way", shown);
		return false;
	}
	error_set_errno(error, errnum, "place '%s'", shown);
	return false;
}

/* Make sure that the object can be trusted, and open it for bodies that read. */
static bool prepare(struct placing *p, const struct link_ops *ops, GError **error)
{
	const struct link_request *request = p->request;
	char text[OID_TEXT_MAX];
	struct stamp stamp;

	if (ops->reads ? p->source.fd >= 0 : p->found)
		return true;
	if (ops->reads)
		p->source.fd = store_open_sized(p->store, request->oid, request->size, &stamp, error);
	p->found = ops->reads ? p->source.fd >= 0 : store_find(p->store, request->oid, request->size, &stamp, error);
	if (!p->found)
		return false;
	p->source.size = stamp.size;
	/* The bytes are those of the hash, but who promised another size (a manifest) is not to be trusted. */
	if (request->size == STORE_ANY_SIZE || request->size == stamp.size)
		return true;
	error_set(error, ERROR_CORRUPT, "object %s has %" G_GUINT64_FORMAT " bytes, not %" G_GUINT64_FORMAT,
		  oid_text(request->oid, text), stamp.size, request->size);
	return false;
}

/* Whether the name still has what may be replaced. */
static bool is_unchanged(const struct placing *p)
{
	struct stamp now;
	struct stat st;

	if (fstatat(p->dirfd, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	now = stamp_of(&st);
	return stamp_same_content(&now, p->request->over);
}

/* Rename onto the final name, as far as the guard allows. 0 or an errno. */
static int rename_guarded(struct placing *p, const char *temp)
{
	const struct link_request *request = p->request;
	int result;

	if (request->guarded && !request->over) {
		result = file_rename_new(p->dirfd, temp, p->dirfd, p->name);
		p->changed = result < 0 && errno == EEXIST;
		return result < 0 ? errno : 0;
	}
	if (request->guarded && !is_unchanged(p)) {
		p->changed = true;
		return EEXIST;
	}
	return renameat(p->dirfd, temp, p->dirfd, p->name) < 0 ? errno : 0;
}

/* Make the link under a temporary name and rename it onto the final one. 0 or an errno. */
static int replace(struct placing *p, const struct link_ops *ops, mode_t mode)
{
	g_autofree char *temp = file_temp_name_for(p->name);
	int errnum;
	bool made = ops->make(&p->source, p->dirfd, temp, mode, &errnum);

	/* Left by a run that was killed. */
	if (!made && errnum == EEXIST && unlinkat(p->dirfd, temp, 0) == 0)
		made = ops->make(&p->source, p->dirfd, temp, mode, &errnum);
	if (!made)
		return errnum;
	errnum = rename_guarded(p, temp);
	/* rename() of one name of an inode onto another does nothing, and succeeds. */
	if (errnum || ops->shared)
		unlinkat(p->dirfd, temp, 0);
	return errnum;
}

/* One kind. 0 or an errno. */
static int place_as(struct placing *p, const struct link_ops *ops)
{
	mode_t mode = p->request->executable ? 0777 : 0666;
	int errnum;

	if (ops->kind == LINK_REFLINK && !store_may_clone(p->store, p->dev))
		return ENOTSUP;
	if (ops->atomic && ops->make(&p->source, p->dirfd, p->name, mode, &errnum))
		return 0;
	errnum = !ops->atomic || errnum == EEXIST ? replace(p, ops, mode) : errnum;
	if (ops->kind == LINK_REFLINK && errnum)
		store_cannot_clone(p->store, p->dev, errnum);
	return errnum;
}

/* The kinds that were asked for in their order, at last a copy. */
static bool try_kinds(struct placing *p, enum link_kind *used, GError **error)
{
	const struct store_options *options = &p->store->options;
	bool own = p->request->executable || p->request->keep_copy;
	int errnum = ENOTSUP;

	for (unsigned i = 0; i <= options->link_count; i++) {
		enum link_kind kind = i < options->link_count ? options->links[i] : LINK_COPY;
		const struct link_ops *ops = link_table[kind];

		if (ops->shared && own)
			continue;
		if (!prepare(p, ops, error))
			return false;
		/* Links to the one empty object would soon be more than a file system can count. */
		if (ops->shared && p->source.size == 0)
			continue;
		errnum = place_as(p, ops);
		if (errnum == 0 && used)
			*used = kind;
		if (errnum == 0 || !link_cannot(errnum))
			break;
	}
	return errnum == 0 || fail_at(p, errnum, error);
}

bool link_place(struct store *store, const struct link_request *request, int dirfd, const char *name,
		struct stamp *stamp, enum link_kind *used, GError **error)
{
	struct placing p = {.store = store, .request = request, .dirfd = dirfd, .name = name};
	char object[STORE_NAME_MAX];
	g_autofree char *absolute = path_join(store->root, store_name(request->oid, object));
	struct stat st;
	bool ok;

	/* Not by fstat(): dirfd may be AT_FDCWD. */
	if (fstatat(dirfd, ".", &st, 0) < 0)
		return fail_at(&p, errno, error);
	p.dev = st.st_dev;
	p.source = (struct link_source){.root = store->fd, .name = object, .absolute = absolute, .fd = -1};
	ok = try_kinds(&p, used, error);
	fd_auto(&p.source.fd);
	if (!ok)
		return false;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_at(&p, errno, error);
	*stamp = stamp_of(&st);
	return true;
}

/* Whether the stamp is that of the object itself. */
static bool is_object(const struct store *store, const char *name, const struct stamp *stamp)
{
	struct stat st;

	return stamp->nlink > 1 && fstatat(store->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == stamp->dev &&
	       st.st_ino == stamp->ino;
}

bool link_is_wanted(struct store *store, const struct oid *oid, const struct stamp *stamp, const char *target)
{
	bool own = S_ISREG(stamp->mode) && (stamp->size == 0 || (stamp->mode & 0111));
	char name[STORE_NAME_MAX];
	struct stat st;

	store_name(oid, name);
	for (unsigned i = 0; i < store->options.link_count && !own; i++) {
		enum link_kind kind = store->options.links[i];

		if (kind == LINK_SYMLINK)
			return target && g_str_has_prefix(target, store->root) &&
			       target[strlen(store->root)] == '/' && strcmp(target + strlen(store->root) + 1, name) == 0;
		/* A hard link cannot leave its device. */
		if (kind == LINK_HARDLINK && fstat(store->fd, &st) == 0 && st.st_dev != stamp->dev)
			continue;
		if (kind == LINK_HARDLINK)
			return is_object(store, name, stamp);
		break;
	}
	return S_ISREG(stamp->mode) && !is_object(store, name, stamp);
}
