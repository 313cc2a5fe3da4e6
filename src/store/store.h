/*
 * store: immutable objects by hash on local disk.
 *
 * Layout (dvc-formats 8, and the same for sha256):
 *	<root>/files/<algo>/ab/cdef…[.dir]   an object, mode 0444; ".dir" for a manifest
 *	<root>/ab/cdef…[.dir]                an object of a DVC 2.x entry (OID_MD5_2X)
 *	<root>/.mlv/tmp/<batch>/             objects in the making, one directory a batch, flock()ed by its process
 *	<root>/.mlv/part/…                   large downloads that were broken off, see part.h
 *	<root>/.mlv/trash/<time>/…           collected objects in their grace period
 *	<root>/.mlv/lock                     shared by all who put objects and refer to them, exclusive for collection
 * An object appears under its name complete and durable, or not at all. Objects are trusted by mode 0444 and size; in a native
 * store also by the mark of store_put (whole-second mtime), which any later write through a link destroys: what lost its
 * mark is hashed again before use, and absent if it is wrong. It is set aside when the right one comes.
 *
 * Opening, batches and collection belong to the main thread; functions marked [any] may run on workers.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/auto.h"
#include "base/stamp.h"
#include "hash/oid.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The ways to place an object in the workspace, best first in a list. */
enum link_kind { LINK_REFLINK, LINK_HARDLINK, LINK_SYMLINK, LINK_COPY, LINK_KINDS };

struct store_options {
	bool marks;            /* keep and demand the whole-second mark (native) */
	bool shared_group;     /* directories 02775, for a store of a group (cache.shared = group) */
	enum link_kind links[LINK_KINDS]; /* to try in this order */
	unsigned link_count;   /* at least 1 */
};

struct store {
	char *root; /* absolute */
	int fd;     /* of root */
	struct store_options options;
	unsigned set_aside;    /* atomic: how many changed objects made way for the right ones */
	uint64_t no_clone_dev; /* private to store/, atomic: a device that shares no blocks with the store's; 0 if none is known */
};

/* Open the store at `root` (made absolute if it is not), making the directory if absent. */
struct store *store_open(const char *root, const struct store_options *options, GError **error);

/* Close it. */
void store_free(struct store *store);

AUTO_DEFINE(store, store_free);

/* The name of a link kind in settings ("reflink"), and back (LINK_KINDS if unknown). */
const char *link_kind_name(enum link_kind kind);
enum link_kind link_kind_named(const char *name);

/* [any] The path of an object relative to root, whether or not it exists. New string. */
char *store_object_path(const struct oid *oid);

/* [any] Whether a path ends as that of an object of some store, ours or another, does: …/files/<algo>/ab/cdef… */
bool store_is_object_path(const char *path);

/* No size to compare with. */
#define STORE_ANY_SIZE UINT64_MAX

/*
 * [any] Whether the object is there and can be trusted: the size is right (unless STORE_ANY_SIZE), the mode is 0444 and the mark holds. One
 * that is not trusted is hashed, and the hash decides: right ones are marked again, wrong ones, and those that
 * cannot be read, count as absent.
 */
bool store_has(struct store *store, const struct oid *oid, uint64_t size);

/* [any] Open a trusted object for reading; *stamp (may be NULL) is its fstat. ERROR_NOT_FOUND names the id. */
int store_open_object(struct store *store, const struct oid *oid, struct stamp *stamp, GError **error);

/* [any] Read a whole object, at most `limit` bytes, and check its hash. *data has a NUL behind its end; g_free() it; length may be
 * NULL. */
bool store_read(struct store *store, const struct oid *oid, size_t limit, char **data, size_t *length, GError **error);

/* [any] Hash the object's bytes: false with ERROR_CORRUPT (and the object set aside) or ERROR_NOT_FOUND. */
bool store_verify(struct store *store, const struct oid *oid, GError **error);

/*
 * [any] If the workspace file with this stamp is the object itself (a hard link), or `target` (a symbolic link's text, may be NULL) names an object
 * of this store, set *oid - the id of a trusted object - and return true.
 */
bool store_identify(struct store *store, const struct stamp *stamp, const char *target, const struct oid *guess,
		    struct oid *oid);

/* Called for every object. Return false to stop with *error set. */
typedef bool (*store_visit)(const struct oid *oid, const struct stamp *stamp, void *user, GError **error);

/* Visit all objects (2.x ones too), in no particular order. */
bool store_each(struct store *store, store_visit visit, void *user, GError **error);

#endif
