/*
 * manifest: a directory as a sorted list of paths with object ids; the bytes of a ".dir" object.
 *
 * Native text (DESIGN 4): first line "mlv-manifest 1", then one line a file, "<sha256> <size> <mode> <path>\n", sorted by
 * path bytes; mode '-' file, 'x' executable, 'l' symbolic link (the object is its text), 'd' empty directory (hash "-", size
 * 0). A path with a control character, '"' or '\\' is quoted as Git does. DVC's JSON: dvc-formats 7.3; the exact layout is read by
 * a streaming reader of our own (100,000 entries in a few MB), any other JSON through jansson.
 * Reading checks everything a hostile one could hold: path_check(), order, duplicates, a file that is also a directory, sizes.
 */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/auto.h"
#include "hash/oid.h"
#include "store/store.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Most entries and most bytes accepted. */
#define MANIFEST_ENTRY_LIMIT ((size_t)50000000)
#define MANIFEST_SIZE_LIMIT ((size_t)4 << 30)

/* entry->size where the manifest does not tell (DVC's). */
#define MANIFEST_NO_SIZE UINT64_MAX

enum manifest_mode { MANIFEST_FILE, MANIFEST_EXEC, MANIFEST_LINK, MANIFEST_EMPTY_DIR };

struct manifest_entry {
	const char *path; /* relative to the directory; owned by the manifest */
	struct oid oid;   /* OID_NONE for an empty directory */
	uint8_t mode;     /* enum manifest_mode */
	uint64_t size;
};

struct manifest;

/* Text or DVC's JSON, and the algorithm of its entries (a DVC 2.x manifest holds OID_MD5_2X entries). */
struct manifest_format {
	bool text;
	enum oid_algo algo;
};

/* An empty one to add to. */
struct manifest *manifest_new(const struct manifest_format *format);

/* Parse. ERROR_CORRUPT or ERROR_UNSAFE name the line or entry. */
struct manifest *manifest_read(const char *data, size_t length, const struct manifest_format *format, GError **error);

/* The format that belongs to a manifest's own id: text for sha256, JSON for md5 and 2.x. */
struct manifest_format manifest_format_of(const struct oid *oid);

/* Read the manifest `oid` (its dir flag set) from the store and check its hash. */
struct manifest *manifest_load(struct store *store, const struct oid *oid, GError **error);

/*
 * Add an entry (path copied). Any order; adding a path twice keeps the later. Sorting happens on first use, which therefore
 * belongs to one thread, and takes back the pointers that manifest_get() and manifest_find() gave before. Changes and look-ups by
 * turns cost a sort each: change all first.
 */
void manifest_add(struct manifest *manifest, const char *path, const struct oid *oid, enum manifest_mode mode,
		  uint64_t size);

/* Drop the entry at path and all entries below it ("" for all); how many. */
size_t manifest_remove(struct manifest *manifest, const char *path);

/* Entries, in path order. */
size_t manifest_count(const struct manifest *manifest);
const struct manifest_entry *manifest_get(const struct manifest *manifest, size_t i);

/* The entry of exactly that path, NULL if there is none. */
const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path);

/* The index range [*first, *end) of the entry at `path` and those below it; "" for all. false if it is empty. */
bool manifest_range(const struct manifest *manifest, const char *path, size_t *first, size_t *end);

/* Number of files (links too, empty directories not) and the sum of known sizes. */
size_t manifest_files(const struct manifest *manifest);
uint64_t manifest_size(const struct manifest *manifest);

/* The bytes of the object. A new GString. */
GString *manifest_write(const struct manifest *manifest);

/* The id of those bytes, dir set. */
void manifest_oid(const struct manifest *manifest, struct oid *oid);

/* Free it. */
void manifest_free(struct manifest *manifest);

AUTO_DEFINE(manifest, manifest_free);

/* One difference between two manifests; the strings belong to them. */
struct manifest_change {
	const struct manifest_entry *before, *after; /* NULL: added, deleted; both, with different paths: renamed */
};

/*
 * The changes from a to b (either may be NULL: empty), in path order of `after`, deletions in their place: a GArray of struct
 * manifest_change. With `renames`, a deleted and an added entry of the same object become one, paired as DVC does: by path order
 * within each object. Mode changes count as changes in native manifests.
 */
GArray *manifest_diff(const struct manifest *a, const struct manifest *b, bool renames);

/*
 * Whether two paths are one on a file system that ignores case and Unicode composition: *a and *b are the first such pair
 * found, owned by the manifest.
 */
bool manifest_folded_clash(const struct manifest *manifest, const char **a, const char **b);

#endif
