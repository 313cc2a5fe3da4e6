/*
 * link: place an object in the workspace: reflink, hard link, symbolic link or copy. One of the four seams.
 *
 * A body makes `temp` in a directory from an object; link_place() picks the first kind that works and renames the result onto the
 * final name, so the workspace has the old file or the new one. [any] thread.
 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include "store/store.h"

/* One kind. `make` creates `temp` in dirfd from the open object; errno in *errnum with false where this kind cannot work here. */
struct link_ops {
	enum link_kind kind;
	bool read_only; /* the result shares the object's inode or bytes: the user must not write to it */
	bool (*make)(int object, const char *object_path, int dirfd, const char *temp, int *errnum);
};

/* The four bodies, indexed by enum link_kind. */
extern const struct link_ops *const link_table[LINK_KINDS];

/* How an object lands. */
struct link_request {
	const struct oid *oid;
	uint64_t size;     /* expected, or STORE_ANY_SIZE */
	bool executable;   /* set u+x,g+x,o+x as the umask allows; such a file is never a hard or symbolic link */
	bool keep_copy;    /* only reflink or copy: `unprotect` */
};

/*
 * Place the object as `name` in dirfd, replacing a file or link there in one rename (a directory there is ERROR_CONFLICT). Empty
 * objects are always fresh files. *stamp is the lstat of the result, *used (may be NULL) the kind. ERROR_NOT_FOUND if the
 * store lacks the object.
 */
bool link_place(struct store *store, const struct link_request *request, int dirfd, const char *name,
		struct stamp *stamp, enum link_kind *used, GError **error);

/* Whether a workspace file with this stamp and link text (NULL if no link) already is of the kind that the store's options ask for. */
bool link_is_wanted(struct store *store, const struct oid *oid, const struct stamp *stamp, const char *target);

#endif
