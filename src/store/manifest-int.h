/*
 * manifest-int: what the files of manifest share.
 */
#ifndef STORE_MANIFEST_INT_H
#define STORE_MANIFEST_INT_H

#include "store/manifest.h"

/* Set in entry->mode: removed, and gone with the next tidy. */
#define MODE_REMOVED 0x80

/*
 * Entries are appended, and marked when they are removed; whoever wants to see them calls manifest_tidy() first, which sorts and
 * squeezes if there is need. So any number of changes costs one sort.
 */
struct manifest {
	struct manifest_format format;
	struct manifest_entry *entries;
	size_t count, capacity;
	GStringChunk *paths;
	bool sorted;  /* ascending, no path twice */
	bool holes;   /* some are MODE_REMOVED */
};

/* Make room for so many entries at once. */
void manifest_reserve(struct manifest *manifest, size_t capacity);

/* manifest_add() with the length of the path known. */
void manifest_append(struct manifest *manifest, const char *path, size_t length, const struct manifest_entry *rest);

/* Sort, keep the last of each path, drop what was removed. On a const manifest, since what it says does not change. */
void manifest_tidy(const struct manifest *manifest);

/*
 * After reading: sort unless sorted, then refuse paths that come twice, and entries below a path that is not a directory.
 */
bool manifest_check(struct manifest *manifest, GError **error);

/* Whether a path from outside is fit for manifest entries, quickly for the usual ones; the rest asks path_check(). */
bool manifest_path_check(const char *path, size_t length, GError **error);

/* The two encodings. Read appends to an empty manifest, and does not check order. */
bool manifest_read_text(struct manifest *manifest, const char *data, size_t length, GError **error);
bool manifest_read_json(struct manifest *manifest, const char *data, size_t length, GError **error);
void manifest_write_text(const struct manifest *manifest, GString *out);
void manifest_write_json(const struct manifest *manifest, GString *out);

#endif
