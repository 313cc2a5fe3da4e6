#include "base/path.h"
#include "base/quote.h"
#include "format/entry-int.h"

/* The order in which keys are written; what is not named follows. */
static const char *const pointer_order[] = {"md5",  "sha256",	"size",	     "nfiles", "isexec", "version_id",
					    "etag", "checksum", "cloud",     "hash",   "path",	 "fs_config",
					    "desc", "type",	"labels",    "meta",   "cache",	 "persist",
					    "remote", "push",	"repo",	     "files",  NULL};
static const char *const lock_order[] = {"path", "hash",   "md5",	"sha256",     "etag",  "checksum",
					 "size", "nfiles", "isexec", "version_id", "cloud", "files", NULL};

/* What an entry is written from. */
struct source {
	struct doc *doc;          /* gets the new nodes */
	const struct entry *entry;
	const struct entry *old;  /* what its map says, NULL for a new entry */
	const struct dialect *dialect;
	bool same;                /* the content is the one that was read */
};

/* A copy of what the map that was read has under that key; NULL if it has none. */
static struct node *original(const struct source *source, const char *key)
{
	const struct node *node = node_get(source->entry->node, key);

	return node ? node_copy(source->doc, node) : NULL;
}

/* A native path that YAML cannot hold is written quoted, and so is one that would look quoted. */
static struct node *path_value(const struct source *source)
{
	const char *path = source->entry->path;
	g_autoptr(GString) quoted = NULL;

	if (source->old && strcmp(source->old->path, path) == 0)
		return original(source, "path");
	if (!source->dialect->keeps_any_bytes || (*path != '"' && path_is_utf8(path)))
		return node_string(source->doc, path);
	quoted = g_string_new(NULL);
	quote_append(quoted, path, true);
	return node_string(source->doc, quoted->str);
}

static struct node *oid_value(const struct source *source, const char *key)
{
	const struct oid *oid = &source->entry->oid;
	char text[OID_TEXT_MAX];

	if (source->same)
		return original(source, key);
	if (oid_is_none(oid) || strcmp(key, oid->algo == OID_SHA256 ? "sha256" : "md5") != 0)
		return NULL;
	return node_string(source->doc, oid_text(oid, text));
}

static struct node *hash_value(const struct source *source)
{
	enum oid_algo algo = source->entry->oid.algo;

	if (source->same || (algo == OID_NONE && source->old))
		return original(source, "hash");
	if (algo == OID_MD5_2X || (algo == OID_NONE && source->entry->repo))
		return NULL;
	return node_string(source->doc, oid_algo_name(algo == OID_NONE ? source->dialect->algo : algo));
}

static struct node *count_value(const struct source *source, bool has, uint64_t value)
{
	return has ? node_int(source->doc, (int64_t)value) : NULL;
}

/* A flag that is written when it is not `usual`; one that was spelled out and did not change stays. */
static struct node *flag_value(const struct source *source, const char *key, bool value, bool usual)
{
	const struct node *node = node_get(source->entry->node, key);

	if (value != usual || (node && node->boolean == value))
		return node_bool(source->doc, value);
	return NULL;
}

/* A text that may be absent; an empty or null one that was spelled out stays. */
static struct node *text_value(const struct source *source, const char *key, const char *value)
{
	const char *had = node_get_string(source->entry->node, key);

	if (value)
		return node_string(source->doc, value);
	return had && *had ? NULL : original(source, key);
}

/* The mark of an external dependency, under the key that is its own. */
static struct node *etag_value(const struct source *source, const char *key)
{
	bool own = (strcmp(key, "checksum") == 0) == source->entry->etag_is_checksum;

	return text_value(source, key, own ? source->entry->etag : NULL);
}

/* One file of `files:`; `old` is what was read for its path, NULL if nothing was. */
static struct node *file_value(struct doc *doc, const struct entry_file *file, const struct node *old)
{
	const char *had = node_get_string(old, "md5");
	struct node *map;
	char text[OID_TEXT_MAX];

	if (old && (oid_is_none(&file->oid) ||
		    (had && g_ascii_strcasecmp(had, oid_text(&file->oid, text)) == 0)))
		return node_copy(doc, old);
	map = node_map(doc);
	node_set(doc, map, "relpath", node_string(doc, file->path));
	if (!oid_is_none(&file->oid))
		node_set(doc, map, "md5", node_string(doc, oid_text(&file->oid, text)));
	node_set(doc, map, "size", node_int(doc, (int64_t)file->size));
	return map;
}

static struct node *files_value(const struct source *source)
{
	const struct entry *entry = source->entry;
	const struct node *had = node_get(entry->node, "files");
	g_autoptr(GHashTable) olds = NULL; /* path -> node */
	struct node *list;

	if (!entry->files)
		return NULL;
	olds = g_hash_table_new(g_str_hash, g_str_equal);
	for (size_t i = 0; had && i < had->count; i++)
		g_hash_table_insert(olds, (gpointer)node_get_string(had->items[i], "relpath"), had->items[i]);
	list = node_list(source->doc);
	for (size_t i = 0; i < entry->file_count; i++)
		node_append(source->doc, list,
			    file_value(source->doc, &entry->files[i],
				       g_hash_table_lookup(olds, entry->files[i].path)));
	return list;
}

/* What goes under that key; NULL for nothing. */
static struct node *value_of(const struct source *source, const char *key)
{
	const struct entry *entry = source->entry;

	if (strcmp(key, "path") == 0)
		return *entry->path ? path_value(source) : NULL;
	if (strcmp(key, "md5") == 0 || strcmp(key, "sha256") == 0)
		return oid_value(source, key);
	if (strcmp(key, "hash") == 0)
		return hash_value(source);
	if (strcmp(key, "size") == 0)
		return count_value(source, entry->has_size, entry->size);
	if (strcmp(key, "nfiles") == 0)
		return count_value(source, entry->has_nfiles, entry->nfiles);
	if (strcmp(key, "isexec") == 0)
		return flag_value(source, key, entry->isexec, false);
	if (strcmp(key, "persist") == 0)
		return flag_value(source, key, entry->persist, false);
	if (strcmp(key, "cache") == 0)
		return flag_value(source, key, !entry->no_cache, true);
	if (strcmp(key, "push") == 0)
		return flag_value(source, key, !entry->no_push, true);
	if (strcmp(key, "remote") == 0)
		return text_value(source, key, entry->remote);
	if (strcmp(key, "etag") == 0 || strcmp(key, "checksum") == 0)
		return etag_value(source, key);
	if (strcmp(key, "repo") == 0)
		return entry->repo ? node_copy(source->doc, entry->repo) : NULL;
	if (strcmp(key, "files") == 0)
		return files_value(source);
	if (strcmp(key, "cloud") == 0 || strcmp(key, "version_id") == 0)
		return source->same ? original(source, key) : NULL;
	return original(source, key);
}

static void put(const struct source *source, struct node *map, const char *key)
{
	struct node *value = value_of(source, key);

	if (value)
		node_set(source->doc, map, key, value);
}

struct node *entry_write(struct doc *doc, const struct entry *entry, const struct dialect *dialect,
			 enum entry_order order)
{
	const char *const *keys = order == ENTRY_POINTER ? pointer_order : lock_order;
	autoptr(entry) old = entry->node ? entry_read(NULL, entry->node, dialect, NULL) : NULL;
	struct source source = {.doc = doc, .entry = entry, .old = old, .dialect = dialect};
	struct node *map = node_map(doc);

	source.same = old && oid_equal(&old->oid, &entry->oid);
	for (const char *const *key = keys; *key; key++)
		put(&source, map, *key);
	if (order == ENTRY_LOCK) {
		/* A lock has few keys of its own; what else an entry may have comes in a pointer's order. */
		for (const char *const *key = pointer_order; *key; key++)
			if (!node_get(map, *key))
				put(&source, map, *key);
	}
	for (size_t i = 0; entry->node && i < entry->node->count; i++) {
		const char *key = entry->node->keys[i]->text;

		if (!g_strv_contains(pointer_order, key))
			put(&source, map, key);
	}
	return map;
}

bool entry_changed(const struct entry *entry, const struct dialect *dialect)
{
	autoptr(doc) doc = NULL;
	const struct node *map;

	if (!entry->node)
		return true;
	doc = doc_new();
	map = entry_write(doc, entry, dialect, ENTRY_POINTER);
	if (map->count != entry->node->count)
		return true;
	for (size_t i = 0; i < map->count; i++) {
		const struct node *had = node_get(entry->node, map->keys[i]->text);

		if (!had || !node_equal(had, map->items[i]))
			return true;
	}
	return false;
}

struct node *entry_write_list(struct doc *doc, const GPtrArray *entries, const struct dialect *dialect,
			      enum entry_order order)
{
	struct node *list = node_list(doc);

	for (guint i = 0; i < entries->len; i++)
		node_append(doc, list, entry_write(doc, g_ptr_array_index(entries, i), dialect, order));
	return list;
}

bool entry_list_unchanged(const GPtrArray *entries, const struct node *list, const struct dialect *dialect)
{
	if (entries->len != (list ? list->count : 0))
		return false;
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *entry = g_ptr_array_index(entries, i);

		if (entry->node != list->items[i] || entry_changed(entry, dialect))
			return false;
	}
	return true;
}
