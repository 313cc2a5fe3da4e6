/*
 * fetch: manifests first, since they tell which files there are; then what the store lacks of these.
 */
#include "base/error.h"
#include "sync/infer.h"
#include "sync/move.h"
#include "sync/presence.h"
#include "sync/sync-int.h"

/* The asked objects of one kind that the store lacks; counts those it has. */
static GPtrArray *choose(struct sync_session *session, const struct objects *objects, bool manifests,
			 struct sync_result *result)
{
	GPtrArray *list = g_ptr_array_new();
	for (guint i = 0; i < objects->list->len; i++) {
		struct object *object = g_ptr_array_index(objects->list, i);
		if (!object->asked || (bool)object->oid.dir != manifests)
			continue;
		if (presence_local(session, object))
			result->present++;
		else
			g_ptr_array_add(list, object);
	}
	return list;
}

static void expand(struct sync_session *session, struct objects *objects, const struct sync_want *want,
		   struct sync_result *result)
{
	g_autoptr(GError) error = NULL;
	struct object *object = objects_find(objects, &want->oid);
	if (object->local != PLACE_THERE) /* told when fetching it failed */
		return;
	const struct manifest *manifest = objects_manifest(objects, session->store, &want->oid, &error);
	if (manifest)
		objects_add_folder(objects, want, manifest);
	else
		move_fail(result, object, g_steal_pointer(&error));
}

bool fetch_session(struct sync_session *session, const GPtrArray *wants, struct sync_result *result, GError **error)
{
	autoptr(objects) objects = objects_new();
	objects_add_wants(objects, wants);
	g_autoptr(GPtrArray) manifests = choose(session, objects, true, result);
	if (!move_fetch(session, manifests, result, error))
		return false;
	for (guint i = 0; i < wants->len; i++) {
		const struct sync_want *want = g_ptr_array_index(wants, i);
		if (want->oid.dir)
			expand(session, objects, want, result);
	}
	g_autoptr(GPtrArray) files = choose(session, objects, false, result);
	bool fine = true;
	if (session->dry_run)
		move_announce(session, files, result);
	else
		fine = move_fetch(session, files, result, error);
	infer_remember(session, objects);
	return fine;
}

static bool fetch_body(struct sync_session *session, const GPtrArray *wants, void *user, GError **error)
{
	return fetch_session(session, wants, user, error);
}

bool sync_fetch(struct workspace *ws, const GPtrArray *wants, const struct sync_options *options,
		struct sync_result *result, GError **error)
{
	bool fine = sync_each_remote(ws, wants, SESSION_READ, options, fetch_body, result, error);
	if (!fine)
		sync_hint_at_rest(error, "git mlv fetch");
	return fine;
}
