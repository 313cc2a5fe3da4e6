#include "sync/status-remote-int.h"

#include "base/error.h"
#include "base/path.h"
#include "sync/infer.h"
#include "sync/move.h"
#include "sync/presence.h"

#include <string.h>

const char *sync_state_name(enum sync_state state)
{
	static const char *const names[SYNC_STATES] = {
		[SYNC_OK] = "ok", [SYNC_NEW] = "new", [SYNC_DELETED] = "deleted", [SYNC_MISSING] = "missing"};
	return names[state];
}

static void status_entry_free(gpointer data)
{
	struct sync_status_entry *entry = data;
	if (!entry)
		return;
	g_free(entry->path);
	g_free(entry);
}

/* What is told about one path; takes the path. A path whose remote end could not be asked is among the failures
 * instead. */
static void tell(struct sync_status *status, char *path, const struct object *object, enum object_place local)
{
	bool here = local == PLACE_THERE, there = object->remote == PLACE_THERE;
	enum sync_state state = here ? (there ? SYNC_OK : SYNC_NEW) : (there ? SYNC_DELETED : SYNC_MISSING);
	if (object->remote != PLACE_FAILED)
		status->counts[state]++;
	if (object->remote == PLACE_FAILED || state == SYNC_OK) {
		g_free(path);
		return;
	}
	struct sync_status_entry *entry = g_new0(struct sync_status_entry, 1);
	entry->path = path;
	entry->oid = object->oid;
	entry->state = state;
	g_ptr_array_add(status->entries, entry);
}

/* Tell about the outputs themselves, before manifests are fetched: what is "deleted" now will be here then. */
static void tell_tops(struct sync_session *session, const struct objects *objects, const GPtrArray *wants,
		      struct sync_status *status)
{
	for (guint i = 0; i < wants->len; i++) {
		const struct sync_want *want = g_ptr_array_index(wants, i);
		struct object *object = objects_find(objects, &want->oid);
		presence_local(session, object);
		tell(status, g_strdup(want->path), object, object->local);
	}
}

/* Add the files of a folder; a manifest on the remote answers for them. */
static void expand(struct sync_session *session, struct objects *objects, const struct sync_want *want,
		   struct sync_status *status)
{
	g_autoptr(GError) error = NULL;
	struct object *top = objects_find(objects, &want->oid);
	const struct manifest *manifest = objects_manifest(objects, session->store, &want->oid, &error);
	if (!manifest) {
		if (!error_is(error, ERROR_NOT_FOUND))
			move_fail(&status->result, top, g_steal_pointer(&error));
		return;
	}
	objects_add_folder(objects, want, manifest);
	if (top->remote != PLACE_THERE || session->verify)
		return;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		if (!oid_is_none(&entry->oid))
			objects_find(objects, &entry->oid)->remote = PLACE_THERE;
	}
}

static void tell_files(struct sync_session *session, const struct objects *objects, const struct sync_want *want,
		       struct sync_status *status)
{
	const struct manifest *manifest = objects_known_manifest(objects, &want->oid);
	size_t first, end;
	if (!manifest || !manifest_range(manifest, want->inside, &first, &end))
		return;
	for (size_t i = first; i < end; i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		if (oid_is_none(&entry->oid))
			continue;
		struct object *object = objects_find(objects, &entry->oid);
		presence_local(session, object);
		tell(status, path_join(want->path, entry->path), object, object->local);
	}
}

static bool status_body(struct sync_session *session, const GPtrArray *wants, void *user, GError **error)
{
	struct sync_status *status = user;
	autoptr(objects) objects = objects_new();
	objects_add_wants(objects, wants);
	if (!presence_remote(session, objects, &status->result, error))
		return false;
	tell_tops(session, objects, wants, status);
	if (!presence_fetch_manifests(session, objects, &status->result, error))
		return false;
	for (guint i = 0; i < wants->len; i++) {
		const struct sync_want *want = g_ptr_array_index(wants, i);
		if (want->oid.dir)
			expand(session, objects, want, status);
	}
	infer_remember(session, objects);
	if (!infer_remote(session, objects, wants, error) ||
	    !presence_remote(session, objects, &status->result, error))
		return false;
	for (guint i = 0; i < wants->len; i++)
		tell_files(session, objects, g_ptr_array_index(wants, i), status);
	return true;
}

static int compare_entries(gconstpointer a, gconstpointer b)
{
	const struct sync_status_entry *const *left = a, *const *right = b;
	int by_path = strcmp((*left)->path, (*right)->path);
	/* of several revisions of a path, the worst comes first and is kept */
	return by_path ? by_path : (int)(*right)->state - (int)(*left)->state;
}

static void sort_entries(GPtrArray *entries)
{
	g_ptr_array_sort(entries, compare_entries);
	guint kept = 0;
	for (guint i = 0; i < entries->len; i++) {
		struct sync_status_entry *entry = g_ptr_array_index(entries, i);
		const struct sync_status_entry *last = kept ? g_ptr_array_index(entries, kept - 1) : NULL;
		if (last && strcmp(last->path, entry->path) == 0)
			status_entry_free(entry);
		else
			entries->pdata[kept++] = entry;
	}
	/* those behind were moved to the front or freed */
	for (guint i = kept; i < entries->len; i++)
		entries->pdata[i] = NULL;
	g_ptr_array_set_size(entries, (gint)kept);
}

struct sync_status *sync_status_new(void)
{
	struct sync_status *status = g_new0(struct sync_status, 1);
	status->entries = g_ptr_array_new_with_free_func(status_entry_free);
	sync_result_init(&status->result);
	return status;
}

bool status_session(struct sync_session *session, const GPtrArray *wants, struct sync_status *status, GError **error)
{
	if (!status_body(session, wants, status, error))
		return false;
	sort_entries(status->entries);
	return true;
}

struct sync_status *sync_status_remote(struct workspace *ws, const GPtrArray *wants, const struct sync_options *options,
				       GError **error)
{
	autoptr(sync_status) status = sync_status_new();
	if (!sync_each_remote(ws, wants, SESSION_LOOK, options, status_body, status, error))
		return NULL;
	sort_entries(status->entries);
	return g_steal_pointer(&status);
}

void sync_status_free(struct sync_status *status)
{
	if (!status)
		return;
	g_ptr_array_unref(status->entries);
	sync_result_clear(&status->result);
	g_free(status);
}
