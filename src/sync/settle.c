#include "sync/settle.h"

#include "base/error.h"
#include "remote/layout.h"
#include "store/manifest.h"
#include "sync/errand.h"
#include "sync/inventory.h"

GHashTable *settle_map_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* The manifests to look at. */
struct finding {
	GHashTable *spared;
	GArray *manifests; /* of struct oid */
};

static void note_manifest(const struct transfer_item *item, void *user)
{
	struct finding *finding = user;
	struct oid oid;
	if (layout_parse(item->key, &oid) && oid.dir &&
	    !(finding->spared && g_hash_table_contains(finding->spared, &oid)))
		g_array_append_val(finding->manifests, oid);
}

/* The algorithms of what was moved: others' manifests need none of it. */
static unsigned algos_of(GHashTable *moved)
{
	GHashTableIter iter;
	gpointer key;
	unsigned algos = 0;
	g_hash_table_iter_init(&iter, moved);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		struct oid oid;
		if (layout_parse(key, &oid))
			algos |= 1U << oid.algo;
	}
	return algos;
}

/* What a manifest on the remote says: NULL without an error if it is gone or broken. */
static struct manifest *read_manifest(struct sync_session *session, const struct oid *oid, GError **error)
{
	g_autofree char *key = layout_key(oid);
	g_autoptr(GError) why = NULL;
	g_autoptr(GBytes) bytes = errand_get(session, key, oid, MANIFEST_SIZE_LIMIT, &why);
	const struct manifest_format format = manifest_format_of(oid);
	gsize length = 0;
	const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	struct manifest *manifest = bytes ? manifest_read(data, length, &format, NULL) : NULL;
	if (!bytes && !error_is(why, ERROR_NOT_FOUND) && !error_is(why, ERROR_CORRUPT))
		g_propagate_error(error, g_steal_pointer(&why));
	return manifest;
}

/* Bring one object back. Gone is fine: somebody else did. */
static bool put_back(struct sync_session *session, GHashTable *moved, const char *key, GError **error)
{
	autoptr(transfer) transfer = transfer_new(TRANSFER_MOVE, g_hash_table_lookup(moved, key));
	transfer->to = g_strdup(key);
	if (!errand_run(session, transfer, error))
		return false;
	g_hash_table_remove(moved, key);
	return true;
}

static bool put_back_files(struct sync_session *session, GHashTable *moved, const struct oid *oid, GError **error)
{
	GError *why = NULL;
	struct manifest *manifest = read_manifest(session, oid, &why);
	if (why)
		g_propagate_error(error, why);
	bool fine = !why;
	for (size_t i = 0; manifest && fine && i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		g_autofree char *key = oid_is_none(&entry->oid) ? NULL : layout_key(&entry->oid);
		if (key && g_hash_table_contains(moved, key))
			fine = put_back(session, moved, key, error);
	}
	if (manifest)
		manifest_free(manifest);
	return fine;
}

bool settle_run(struct sync_session *session, GHashTable *moved, GHashTable *spared, GError **error)
{
	g_autoptr(GArray) manifests = g_array_new(FALSE, FALSE, sizeof(struct oid));
	struct finding finding = {spared, manifests};
	if (g_hash_table_size(moved) == 0)
		return true;
	if (!inventory_run(session, algos_of(moved), false, note_manifest, &finding, error))
		return false;
	for (guint i = 0; i < manifests->len && g_hash_table_size(moved) > 0; i++)
		if (!put_back_files(session, moved, &g_array_index(manifests, struct oid, i), error))
			return false;
	return true;
}
