#include "sync/objects.h"

#include "base/path.h"

struct objects *objects_new(void)
{
	struct objects *objects = g_new0(struct objects, 1);
	objects->list = g_ptr_array_new_with_free_func(g_free);
	objects->by_oid = g_hash_table_new(oid_hash, oid_equal_key);
	objects->manifests = g_hash_table_new_full(oid_hash, oid_equal_key, g_free, (GDestroyNotify)manifest_free);
	return objects;
}

void objects_free(struct objects *objects)
{
	if (!objects)
		return;
	g_hash_table_unref(objects->by_oid);
	g_ptr_array_unref(objects->list);
	g_hash_table_unref(objects->manifests);
	g_free(objects);
}

struct object *objects_find(const struct objects *objects, const struct oid *oid)
{
	return g_hash_table_lookup(objects->by_oid, oid);
}

struct object *objects_add(struct objects *objects, const struct oid *oid, uint64_t size, const struct sync_want *want,
			   const char *inside)
{
	struct object *object = objects_find(objects, oid);
	if (object)
		return object;
	object = g_new0(struct object, 1);
	object->oid = *oid;
	object->size = size;
	object->want = want;
	object->inside = inside;
	g_ptr_array_add(objects->list, object);
	g_hash_table_add(objects->by_oid, object); /* the id is its first member */
	return object;
}

void objects_add_wants(struct objects *objects, const GPtrArray *wants)
{
	for (guint i = 0; i < wants->len; i++) {
		const struct sync_want *want = g_ptr_array_index(wants, i);
		/* the recorded size of a folder is that of its files, not of its manifest */
		uint64_t size = want->oid.dir ? STORE_ANY_SIZE : want->size;
		objects_add(objects, &want->oid, size, want, "")->asked = true;
	}
}

const struct manifest *objects_known_manifest(const struct objects *objects, const struct oid *oid)
{
	return g_hash_table_lookup(objects->manifests, oid);
}

const struct manifest *objects_manifest(struct objects *objects, struct store *store, const struct oid *oid,
					GError **error)
{
	const struct manifest *known = objects_known_manifest(objects, oid);
	if (known)
		return known;
	struct manifest *manifest = manifest_load(store, oid, error);
	if (manifest)
		g_hash_table_insert(objects->manifests, g_memdup2(oid, sizeof(*oid)), manifest);
	return manifest;
}

void objects_add_folder(struct objects *objects, const struct sync_want *want, const struct manifest *manifest)
{
	size_t first = 0, end = 0;
	if (!manifest_range(manifest, want->inside, &first, &end))
		first = end = 0;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		if (oid_is_none(&entry->oid))
			continue;
		uint64_t size = entry->size == MANIFEST_NO_SIZE ? STORE_ANY_SIZE : entry->size;
		struct object *object = objects_add(objects, &entry->oid, size, want, entry->path);
		object->asked = object->asked || (i >= first && i < end);
	}
}

static bool is_complete(const struct object *file, bool planned)
{
	bool sendable = file->remote == PLACE_ABSENT || file->remote == PLACE_DAMAGED;
	return file->remote == PLACE_THERE || (planned && file->asked && sendable);
}

bool objects_are_complete(const struct objects *objects, const struct object *folder, bool planned)
{
	const struct manifest *manifest = objects_known_manifest(objects, &folder->oid);
	if (!manifest)
		return false;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		if (!oid_is_none(&entry->oid) && !is_complete(objects_find(objects, &entry->oid), planned))
			return false;
	}
	return true;
}

char *object_path(const struct object *object)
{
	return path_join(object->want->path, object->inside);
}

const char *object_label(const struct object *object)
{
	return object->inside[0] ? object->inside : object->want->path;
}
