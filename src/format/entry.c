#include "format/entry.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"
#include "format/entry-int.h"

#define TEXT KIND(NODE_STRING)
#define NOTHING KIND(NODE_NULL)
#define WHOLE KIND(NODE_INT)
#define FLAG KIND(NODE_BOOL)
#define MAP KIND(NODE_MAP)
#define LIST KIND(NODE_LIST)

/* Everything that DVC's schema allows in an entry of deps or outs. */
static const struct schema_key entry_keys[] = {
	{"path", TEXT},
	{"hash", TEXT | NOTHING},
	{"md5", TEXT | NOTHING | WHOLE | KIND(NODE_BIGINT)},
	{"sha256", TEXT | NOTHING, true},
	{"size", WHOLE},
	{"nfiles", WHOLE},
	{"isexec", FLAG},
	{"version_id", TEXT},
	{"etag", TEXT | NOTHING},
	{"checksum", TEXT | NOTHING},
	{"cloud", MAP},
	{"fs_config", MAP},
	{"files", LIST},
	{"desc", TEXT},
	{"type", TEXT},
	{"labels", LIST},
	{"meta", KIND_ANY},
	{"cache", FLAG},
	{"persist", FLAG},
	{"push", FLAG},
	{"remote", TEXT | NOTHING},
	{"metric", FLAG | MAP},
	{"plot", FLAG | MAP},
	{"repo", MAP},
	{"db", MAP},
	{"dataset", MAP},
	{"params", LIST | MAP | NOTHING},
};

static const struct schema_key repo_keys[] = {
	{"url", TEXT}, {"rev", TEXT | NOTHING}, {"rev_lock", TEXT}, {"config", TEXT | MAP}, {"remote", TEXT | MAP},
};

static const struct schema_key file_keys[] = {
	{"relpath", TEXT}, {"md5", TEXT | NOTHING}, {"size", WHOLE},   {"isexec", FLAG},
	{"etag", TEXT},	   {"checksum", TEXT},	    {"version_id", TEXT}, {"cloud", MAP}, {"remote", TEXT | NOTHING},
};

struct entry *entry_new(const char *path)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->path = g_strdup(path);
	return entry;
}

struct entry *entry_copy(const struct entry *entry)
{
	struct entry *copy = g_memdup2(entry, sizeof(*entry));

	copy->path = g_strdup(entry->path);
	copy->remote = g_strdup(entry->remote);
	copy->etag = g_strdup(entry->etag);
	copy->files = entry->files ? g_new0(struct entry_file, MAX(entry->file_count, 1)) : NULL;
	for (size_t i = 0; i < entry->file_count; i++) {
		copy->files[i] = entry->files[i];
		copy->files[i].path = g_strdup(entry->files[i].path);
	}
	return copy;
}

void entry_free(struct entry *entry)
{
	for (size_t i = 0; i < entry->file_count; i++)
		g_free(entry->files[i].path);
	g_free(entry->files);
	g_free(entry->path);
	g_free(entry->remote);
	g_free(entry->etag);
	g_free(entry);
}

/* The path that the text stands for; native text may be quoted (see entry-write.c). */
static char *path_from_text(const struct doc *doc, const struct node *node, const struct dialect *dialect,
			    GError **error)
{
	g_autoptr(GError) problem = NULL;
	char *path;

	if (!dialect->keeps_any_bytes || *node->text != '"')
		return g_strdup(node->text);
	path = quote_decode(node->text, strlen(node->text), &problem);
	if (!path)
		node_error(error, doc, node, "this quoted path cannot be read: %s", problem->message);
	return path;
}

static bool read_path(struct entry *entry, const struct doc *doc, const struct node *node,
		      const struct dialect *dialect, GError **error)
{
	const struct node *path = node_get(node, "path");

	if (!path && node_get(node, "db")) {
		entry->path = g_strdup("");
		return true;
	}
	if (path) {
		entry->path = path_from_text(doc, path, dialect, error);
		if (!entry->path)
			return false;
	}
	/* One in quotes may be empty, too. */
	if (!path || !*entry->path) {
		node_error(error, doc, node, "this entry has no path");
		return false;
	}
	if (strlen(entry->path) > PATH_LIMIT) {
		node_error(error, doc, path, "this path is longer than %d bytes", PATH_LIMIT);
		return false;
	}
	return true;
}

/* Read a size or count that may be absent. */
static bool read_count(const struct doc *doc, const struct node *map, const char *key, uint64_t *value, bool *has,
		       GError **error)
{
	const struct node *node = node_get(map, key);

	if (!node)
		return true;
	if (node->integer < 0) {
		node_error(error, doc, node, "'%s' is negative", key);
		return false;
	}
	*value = (uint64_t)node->integer;
	*has = true;
	return true;
}

/* Read map[key] as a hash; absent, null and "" are none. */
static bool read_oid(const struct doc *doc, const struct node *map, const char *key, enum oid_algo algo,
		     struct oid *oid, GError **error)
{
	const struct node *node = node_get(map, key);
	g_autoptr(GError) problem = NULL;
	g_autofree char *digits = NULL;

	if (!node || node->kind == NODE_NULL)
		return true;
	if (node->kind == NODE_INT)
		digits = g_strdup_printf("%" G_GINT64_FORMAT, node->integer);
	else if (!*node->text)
		return true;
	if (oid_parse(oid, algo, digits ? digits : node->text, &problem))
		return true;
	node_error(error, doc, node, "%s", problem->message);
	return false;
}

/*
 * The algorithm that `hash:` names; without it a sha256 speaks for itself and an md5 is one of DVC 2.x. A hash of another
 * algorithm than the named one is an error: passed over, its object would look unused.
 */
static bool read_hash(struct entry *entry, const struct doc *doc, const struct node *node, GError **error)
{
	const struct node *hash = node_get(node, "hash");
	const char *name = node_get_string(node, "hash");
	enum oid_algo unnamed = node_get(node, "sha256") ? OID_SHA256 : OID_MD5_2X;
	enum oid_algo algo = name && *name ? oid_algo_named(name) : unnamed;
	const char *key = algo == OID_SHA256 ? "sha256" : "md5";
	const struct node *other = node_get(node, algo == OID_SHA256 ? "md5" : "sha256");

	if (algo == OID_NONE) {
		node_error(error, doc, hash, "the hash '%s' is not known", name);
		return false;
	}
	if (other && other->kind != NODE_NULL) {
		node_error(error, doc, other, "this hash is not of the kind that 'hash' names");
		return false;
	}
	return read_oid(doc, node, key, algo, &entry->oid, error);
}

static bool read_file(struct entry_file *file, const struct doc *doc, const struct node *node,
		      const struct dialect *dialect, GError **error)
{
	const struct node *path = node_get(node, "relpath");
	bool has_size;

	if (!schema_check(doc, node, dialect, "a file of 'files'", file_keys, G_N_ELEMENTS(file_keys), error))
		return false;
	if (!path || !*path->text || strlen(path->text) > PATH_LIMIT) {
		node_error(error, doc, node, "this file has no usable 'relpath'");
		return false;
	}
	file->path = g_strdup(path->text);
	return read_count(doc, node, "size", &file->size, &has_size, error) &&
	       read_oid(doc, node, "md5", OID_MD5, &file->oid, error);
}

static bool read_files(struct entry *entry, const struct doc *doc, const struct node *node,
		       const struct dialect *dialect, GError **error)
{
	const struct node *list = node_get(node, "files");
	g_autoptr(GHashTable) seen = NULL; /* paths */

	if (!list)
		return true;
	seen = g_hash_table_new(g_str_hash, g_str_equal);
	entry->files = g_new0(struct entry_file, MAX(list->count, 1));
	entry->file_count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		if (!read_file(&entry->files[i], doc, list->items[i], dialect, error))
			return false;
		if (!g_hash_table_add(seen, entry->files[i].path)) {
			node_error(error, doc, list->items[i], "this path comes twice in 'files'");
			return false;
		}
	}
	return true;
}

static bool read_repo(struct entry *entry, const struct doc *doc, const struct node *node,
		      const struct dialect *dialect, GError **error)
{
	entry->repo = node_get(node, "repo");
	if (!entry->repo)
		return true;
	if (!schema_check(doc, entry->repo, dialect, "'repo'", repo_keys, G_N_ELEMENTS(repo_keys), error))
		return false;
	if (!node_get(entry->repo, "url")) {
		node_error(error, doc, entry->repo, "this 'repo' has no url");
		return false;
	}
	return true;
}

struct entry *entry_read(const struct doc *doc, const struct node *node, const struct dialect *dialect, GError **error)
{
	autoptr(entry) entry = g_new0(struct entry, 1);
	const struct node *cache, *push;

	if (!schema_check(doc, node, dialect, "an entry", entry_keys, G_N_ELEMENTS(entry_keys), error) ||
	    !read_path(entry, doc, node, dialect, error) || !read_hash(entry, doc, node, error) ||
	    !read_count(doc, node, "size", &entry->size, &entry->has_size, error) ||
	    !read_count(doc, node, "nfiles", &entry->nfiles, &entry->has_nfiles, error) ||
	    !read_files(entry, doc, node, dialect, error) || !read_repo(entry, doc, node, dialect, error))
		return NULL;
	cache = node_get(node, "cache");
	push = node_get(node, "push");
	entry->no_cache = cache && !cache->boolean;
	entry->no_push = push && !push->boolean;
	entry->isexec = schema_get_bool(node, "isexec");
	entry->persist = schema_get_bool(node, "persist");
	entry->remote = schema_get_text(node, "remote");
	entry->etag = schema_get_text(node, "etag");
	if (!entry->etag) {
		entry->etag = schema_get_text(node, "checksum");
		entry->etag_is_checksum = entry->etag != NULL;
	}
	entry->node = node;
	return g_steal_pointer(&entry);
}

bool entry_read_list(GPtrArray *entries, const struct doc *doc, const struct node *list,
		     const struct dialect *dialect, GError **error)
{
	if (!list || list->kind == NODE_NULL)
		return true;
	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = entry_read(doc, list->items[i], dialect, error);

		if (!entry)
			return false;
		g_ptr_array_add(entries, entry);
	}
	return true;
}
