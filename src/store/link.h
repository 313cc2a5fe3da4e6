/*
 * link: place an object in the workspace: reflink, hard link, symbolic link or copy. One of the four seams.
 *
 * A body makes `temp` in a directory from an object; link_place() picks the first kind that works and renames the result onto the
 * final name, so the workspace has the old file or the new one. [any] thread.
 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include "store/store.h"

/* An object as a body sees it. */
struct link_source {
	int root;             /* of the store */
	const char *name;     /* below root */
	const char *absolute; /* the same, absolute */
	int fd;               /* open for reading, at its beginning; -1 if the body does not read */
	uint64_t size;
};

/*
 * One kind. `make` creates `name` in dirfd, which must not exist, from the object: mode & ~umask for a file of its own, the object's
 * for a link. On failure nothing is left, and *errnum tells why: EEXIST, or an errno that link_cannot() takes for "not here", or
 * a real failure.
 */
struct link_ops {
	enum link_kind kind;
	bool shared; /* the result is the object itself: read-only, and no place for an executable bit */
	bool atomic; /* `name` appears complete: it may be made under its final name */
	bool reads;  /* wants source->fd */
	bool (*make)(const struct link_source *source, int dirfd, const char *name, mode_t mode, int *errnum);
};

/* Whether the errno says that this kind of link does not work between these two places, so that the next kind should be tried. */
bool link_cannot(int errnum);

/* The four bodies, indexed by enum link_kind. */
extern const struct link_ops *const link_table[LINK_KINDS];

/* How an object lands. */
struct link_request {
	const struct oid *oid;
	uint64_t size;     /* expected, or STORE_ANY_SIZE */
	bool executable;   /* 0777 & ~umask instead of 0666; such a file is never a hard or symbolic link */
	bool keep_copy;    /* only reflink or copy: `unprotect` */
	bool guarded;      /* replace only `over`, or nothing at all if that is NULL; looked at last, after the copying */
	const struct stamp *over; /* lstat of what may be replaced, by stamp_same_content() */
};

/*
 * Place the object as `name` in dirfd, replacing a file or link there in one rename (a directory there is ERROR_CONFLICT). Empty
 * objects are always fresh files, and so are objects whose wanted kinds all cannot be made here: *used (may be NULL) tells.
 * *stamp is the lstat of the result. ERROR_NOT_FOUND if the store lacks the object; ERROR_CONFLICT if a guarded name has
 * something else by now, which stays. The caller holds the lock under which nobody else places `name`, and flushes: the store
 * has the bytes.
 */
bool link_place(struct store *store, const struct link_request *request, int dirfd, const char *name,
		struct stamp *stamp, enum link_kind *used, GError **error);

/*
 * [any] Whether a workspace file with this stamp and link text (NULL if no link) already is of the kind that the store's options ask for:
 * the first of them that its device and its executable bit allow. A reflink and a copy look the same.
 */
bool link_is_wanted(struct store *store, const struct oid *oid, const struct stamp *stamp, const char *target);

#endif
