/*
 * store-int: what the files of store/ share: names of objects, trust, directories. Any thread.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include "store/store.h"

/* The longest name of an object below the root, with its NUL. */
#define STORE_NAME_MAX 112

/* Where the store keeps what is no object. */
#define STORE_STATE ".mlv"
#define STORE_TEMP STORE_STATE "/tmp"
#define STORE_PART STORE_STATE "/part"
#define STORE_TRASH STORE_STATE "/trash"
#define STORE_LOCK STORE_STATE "/lock"

/* store_object_path() into a buffer; returns it. */
char *store_name(const struct oid *oid, char name[STORE_NAME_MAX]);

/* The id that a name as of store_name() stands for; false if it is no such name. */
bool store_parse_name(const char *name, struct oid *oid);

/* The algorithm that hashes this object's bytes: a manifest of 2.x entries is itself plain md5. */
enum oid_algo store_algo(const struct oid *oid);

/* Whether an object with this stamp needs no hashing: a regular file, 0444, of that size, and marked in a marking store. */
bool store_trusts(const struct store *store, const struct stamp *stamp, uint64_t size);

/* As store_has() with the object's stamp, and an error: ERROR_NOT_FOUND, ERROR_CORRUPT … */
bool store_find(struct store *store, const struct oid *oid, uint64_t size, struct stamp *stamp, GError **error);

/* As store_open_object(), where an object of another size than expected is hashed, too. */
int store_open_sized(struct store *store, const struct oid *oid, uint64_t size, struct stamp *stamp, GError **error);

/* Whether to try a reflink between the store and device `dev`; and what to remember after one failed with `errnum`. */
bool store_may_clone(const struct store *store, uint64_t dev);
void store_cannot_clone(struct store *store, uint64_t dev, int errnum);

/* Make the open file 0444 and give it the mark if the store keeps marks. errno on failure. */
bool store_seal(const struct store *store, int fd);

/* Move what stands under the name of an object and is not right into the trash; nothing there is fine. */
bool store_make_way(struct store *store, const struct oid *oid, GError **error);

/* Make directory `path` below `base`, and its parents, with the modes of this store. An error names the path. */
bool store_make_dirs(const struct store *store, int base, const char *path, GError **error);

/* Set an errno error "VERB 'root/name'", with a hint when the disk is full. Always false. */
bool store_fail(const struct store *store, int errnum, const char *verb, const char *name, GError **error);

/* Visit all objects below `base`, a directory laid out as the store's root; `name` is theirs, relative to it. */
typedef bool (*store_name_visit)(const char *name, const struct oid *oid, const struct stat *st, void *user,
				 GError **error);
bool store_scan(const struct store *store, int base, store_name_visit visit, void *user, GError **error);

/*
 * Hash the open object. true if it is right (then it is sealed again); ERROR_CORRUPT if it is wrong; if it could not be read, that
 * error.
 */
bool store_check(struct store *store, const struct oid *oid, int fd, GError **error);

#endif
