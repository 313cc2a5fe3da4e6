/* The list: adding, finding, removing, and the way in and out of the store. */
#include "store/manifest.h"
#include "base/error.h"
#include "base/path.h"
#include "hash/digest.h"
#include "store/manifest-int.h"

#include <string.h>

/* Paths are allocated in blocks of this size. */
#define PATH_BLOCK 65536

struct manifest_format manifest_format_of(const struct oid *oid)
{
	return (struct manifest_format){.text = oid->algo == OID_SHA256, .algo = (enum oid_algo)oid->algo};
}

struct manifest *manifest_new(const struct manifest_format *format)
{
	struct manifest *manifest = g_new0(struct manifest, 1);

	manifest->format = *format;
	manifest->paths = g_string_chunk_new(PATH_BLOCK);
	manifest->sorted = true;
	return manifest;
}

void manifest_free(struct manifest *manifest)
{
	g_string_chunk_free(manifest->paths);
	g_free(manifest->entries);
	g_free(manifest);
}

void manifest_reserve(struct manifest *manifest, size_t capacity)
{
	if (capacity <= manifest->capacity)
		return;
	manifest->entries = g_renew(struct manifest_entry, manifest->entries, capacity);
	manifest->capacity = capacity;
}

void manifest_append(struct manifest *manifest, const char *path, size_t length, const struct manifest_entry *rest)
{
	struct manifest_entry *entry;

	if (manifest->count == manifest->capacity)
		manifest_reserve(manifest, MAX(manifest->capacity + manifest->capacity / 2, 16));
	entry = &manifest->entries[manifest->count];
	*entry = *rest;
	entry->path = g_string_chunk_insert_len(manifest->paths, path, (gssize)length);
	/* A hole may be the last entry: then the order is known after the next tidy. */
	if (manifest->count && strcmp(entry[-1].path, entry->path) >= 0)
		manifest->sorted = false;
	manifest->count++;
}

void manifest_add(struct manifest *manifest, const char *path, const struct oid *oid, enum manifest_mode mode,
		  uint64_t size)
{
	const struct manifest_entry rest = {.oid = *oid, .mode = (uint8_t)mode, .size = size};

	manifest_append(manifest, path, strlen(path), &rest);
}

static int compare_entries(const void *a, const void *b, void *user)
{
	const struct manifest_entry *x = a, *y = b;

	(void)user;
	return strcmp(x->path, y->path);
}

static void sort_entries(struct manifest *manifest)
{
	/* A stable sort: of two with one path the later one was added later. */
	if (!manifest->sorted)
		g_qsort_with_data(manifest->entries, (gint)manifest->count, sizeof(*manifest->entries), compare_entries, NULL);
}

void manifest_tidy(const struct manifest *manifest)
{
	struct manifest *m = (struct manifest *)manifest;
	size_t kept = 0;

	if (m->sorted && !m->holes)
		return;
	sort_entries(m);
	for (size_t i = 0; i < m->count; i++) {
		bool later = i + 1 < m->count && strcmp(m->entries[i].path, m->entries[i + 1].path) == 0;

		if (!later && !(m->entries[i].mode & MODE_REMOVED))
			m->entries[kept++] = m->entries[i];
	}
	m->count = kept;
	m->sorted = true;
	m->holes = false;
}

/* The first entry not below `path` followed by `suffix` ('\0': path itself), in byte order. */
static size_t lower_bound(const struct manifest *manifest, const char *path, size_t length, unsigned char suffix)
{
	size_t low = 0, high = manifest->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *found = manifest->entries[middle].path;
		int order = strncmp(found, path, length);

		if (order < 0 || (order == 0 && (unsigned char)found[length] < suffix))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The index of exactly that path among sorted entries; count if there is none. */
static size_t position(const struct manifest *manifest, const char *path, size_t length)
{
	size_t i = lower_bound(manifest, path, length, '\0');

	if (i < manifest->count && strncmp(manifest->entries[i].path, path, length) == 0 &&
	    manifest->entries[i].path[length] == '\0')
		return i;
	return manifest->count;
}

static size_t mark_removed(struct manifest *manifest, size_t first, size_t end)
{
	size_t removed = 0;

	for (size_t i = first; i < end; i++) {
		removed += !(manifest->entries[i].mode & MODE_REMOVED);
		manifest->entries[i].mode |= MODE_REMOVED;
	}
	manifest->holes |= removed > 0;
	return removed;
}

size_t manifest_remove(struct manifest *manifest, const char *path)
{
	size_t length = strlen(path), at;

	/* Holes may stay: a run of removals is squeezed once. */
	if (!manifest->sorted)
		manifest_tidy(manifest);
	if (length == 0)
		return mark_removed(manifest, 0, manifest->count);
	at = position(manifest, path, length);
	return (at < manifest->count ? mark_removed(manifest, at, at + 1) : 0) +
	       mark_removed(manifest, lower_bound(manifest, path, length, '/'),
			    lower_bound(manifest, path, length, '/' + 1));
}

size_t manifest_count(const struct manifest *manifest)
{
	manifest_tidy(manifest);
	return manifest->count;
}

const struct manifest_entry *manifest_get(const struct manifest *manifest, size_t i)
{
	manifest_tidy(manifest);
	g_assert(i < manifest->count);
	return &manifest->entries[i];
}

const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path)
{
	size_t i;

	manifest_tidy(manifest);
	i = position(manifest, path, strlen(path));
	return i < manifest->count ? &manifest->entries[i] : NULL;
}

bool manifest_range(const struct manifest *manifest, const char *path, size_t *first, size_t *end)
{
	size_t length = strlen(path);

	manifest_tidy(manifest);
	*first = length ? position(manifest, path, length) : 0;
	*end = length ? *first + 1 : manifest->count;
	if (*first == manifest->count) {
		*first = lower_bound(manifest, path, length, '/');
		*end = lower_bound(manifest, path, length, '/' + 1);
	}
	return *first < *end;
}

size_t manifest_files(const struct manifest *manifest)
{
	size_t files = 0;

	manifest_tidy(manifest);
	for (size_t i = 0; i < manifest->count; i++)
		files += manifest->entries[i].mode != MANIFEST_EMPTY_DIR;
	return files;
}

uint64_t manifest_size(const struct manifest *manifest)
{
	uint64_t sum = 0;

	manifest_tidy(manifest);
	for (size_t i = 0; i < manifest->count; i++) {
		uint64_t size = manifest->entries[i].size;

		/* A hostile manifest may claim anything; a sum that wrapped around would be a lie. */
		if (size != MANIFEST_NO_SIZE && __builtin_add_overflow(sum, size, &sum))
			return UINT64_MAX;
	}
	return sum;
}

GString *manifest_write(const struct manifest *manifest)
{
	GString *out;

	manifest_tidy(manifest);
	out = g_string_sized_new(128 * manifest->count + 64);
	if (manifest->format.text)
		manifest_write_text(manifest, out);
	else
		manifest_write_json(manifest, out);
	return out;
}

void manifest_oid(const struct manifest *manifest, struct oid *oid)
{
	g_autoptr(GString) bytes = manifest_write(manifest);
	enum oid_algo algo = manifest->format.algo;

	/* DVC 2.x hashes files its own way, but manifests plainly. */
	digest_bytes(bytes->str, bytes->len, algo == OID_MD5_2X ? OID_MD5 : algo, oid);
	oid->algo = (uint8_t)algo;
	oid->dir = 1;
}

/* A component that no file system can take for anything else: printable ASCII, none of the first letters of ".git" and "git~1". */
static bool is_plain_path(const char *path, size_t length)
{
	bool start = true;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)path[i];

		if (c < 0x20 || c >= 0x7f || c == '\\' || (start && (c == '.' || c == '/')))
			return false;
		if (start && (c | 0x20) == 'g' && i + 1 < length && (path[i + 1] | 0x20) == 'i')
			return false;
		start = c == '/';
	}
	return length > 0 && length <= PATH_LIMIT && !start;
}

bool manifest_path_check(const char *path, size_t length, GError **error)
{
	return is_plain_path(path, length) || path_check(path, error);
}

/* Whether a parent directory of entry i that its predecessor does not share is itself an entry. */
static const struct manifest_entry *find_parent(const struct manifest *manifest, size_t i)
{
	const char *path = manifest->entries[i].path;
	const char *before = i ? manifest->entries[i - 1].path : "";
	size_t common = 0;

	while (path[common] && path[common] == before[common])
		common++;
	for (const char *slash = strchr(path + common, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t at = position(manifest, path, (size_t)(slash - path));

		if (at < manifest->count)
			return &manifest->entries[at];
	}
	return NULL;
}

bool manifest_check(struct manifest *manifest, GError **error)
{
	sort_entries(manifest);
	manifest->sorted = true;
	for (size_t i = 0; i < manifest->count; i++) {
		const char *path = manifest->entries[i].path;
		const struct manifest_entry *parent;

		if (i && strcmp(manifest->entries[i - 1].path, path) == 0) {
			error_set(error, ERROR_CORRUPT, "path '%s' comes twice", path);
			return false;
		}
		parent = find_parent(manifest, i);
		if (parent) {
			error_set(error, ERROR_CORRUPT, "path '%s' is a file and a directory", parent->path);
			return false;
		}
	}
	return true;
}

struct manifest *manifest_read(const char *data, size_t length, const struct manifest_format *format, GError **error)
{
	autoptr(manifest) manifest = manifest_new(format);
	bool ok;

	if (length > MANIFEST_SIZE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "manifest of more than %zu bytes", MANIFEST_SIZE_LIMIT);
		return NULL;
	}
	ok = format->text ? manifest_read_text(manifest, data, length, error)
			  : manifest_read_json(manifest, data, length, error);
	if (!ok || !manifest_check(manifest, error)) {
		g_prefix_error(error, "read a manifest: ");
		return NULL;
	}
	return g_steal_pointer(&manifest);
}

struct manifest *manifest_load(struct store *store, const struct oid *oid, GError **error)
{
	const struct manifest_format format = manifest_format_of(oid);
	g_autofree char *data = NULL;
	char text[OID_TEXT_MAX];
	struct manifest *manifest;
	size_t length;

	if (!store_read(store, oid, MANIFEST_SIZE_LIMIT, &data, &length, error))
		return NULL;
	manifest = manifest_read(data, length, &format, error);
	if (!manifest)
		g_prefix_error(error, "object %s: ", oid_text(oid, text));
	return manifest;
}
