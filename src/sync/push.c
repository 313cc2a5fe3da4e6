/*
 * push: files, then the manifests whose files are all on the remote. Because everybody keeps that order, a manifest
 * that is there answers for its files, and a push with nothing to do asks one question a folder.
 */
#include "base/error.h"
#include "sync/infer.h"
#include "sync/marker.h"
#include "sync/move.h"
#include "sync/presence.h"
#include "sync/sync-int.h"

struct push {
	struct sync_session *session;
	struct sync_result *result;
	struct objects *objects;
	const GPtrArray *wants;
};

/* An object that the remote lacks and we cannot send. */
static void fail_nowhere(struct push *push, struct object *object)
{
	GError *error = NULL;
	char id[OID_TEXT_MAX];
	object->remote = PLACE_FAILED;
	error_set(&error, ERROR_NOT_FOUND, "object %s is neither in the local store nor on remote '%s'",
		  oid_text(&object->oid, id), push->session->spec->name);
	error_hint(&error, "git mlv push, in a clone that has it; or git mlv add, if the file is here");
	move_fail(push->result, object, error);
}

static bool is_missing(const struct object *object)
{
	return object->remote == PLACE_ABSENT || object->remote == PLACE_DAMAGED;
}

/* Add the files of a wanted folder, unless the remote's manifest answers for them. */
static void expand(struct push *push, const struct sync_want *want)
{
	struct object *object = objects_find(push->objects, &want->oid);
	if (object->remote == PLACE_FAILED || (object->remote == PLACE_THERE && !push->session->verify))
		return;
	g_autoptr(GError) error = NULL;
	const struct manifest *manifest = objects_manifest(push->objects, push->session->store, &want->oid, &error);
	if (manifest) {
		objects_add_folder(push->objects, want, manifest);
		return;
	}
	if (error_is(error, ERROR_NOT_FOUND) && object->remote != PLACE_THERE)
		fail_nowhere(push, object);
	else if (object->local != PLACE_FAILED) /* else it could not be fetched, and that was told */
		move_fail(push->result, object, g_steal_pointer(&error));
	object->remote = PLACE_FAILED;
}

/* Fill in the plan: every object that may have to be sent, with where it is. */
static bool plan(struct push *push, const GPtrArray *wants, GError **error)
{
	struct sync_result *result = push->result;
	objects_add_wants(push->objects, wants);
	if (!presence_remote(push->session, push->objects, result, error))
		return false;
	if (push->session->verify) {
		struct sync_result aside; /* fetched to be checked: not what was asked for */
		sync_result_init(&aside);
		bool fine = presence_fetch_manifests(push->session, push->objects, &aside, error);
		sync_result_take_failures(result, &aside);
		if (!fine)
			return false;
	}
	for (guint i = 0; i < wants->len; i++) {
		const struct sync_want *want = g_ptr_array_index(wants, i);
		if (want->oid.dir)
			expand(push, want);
	}
	return infer_remote(push->session, push->objects, wants, error) &&
	       presence_remote(push->session, push->objects, result, error);
}

/* Count what was asked for and is there already. */
static void count_present(struct push *push)
{
	for (guint i = 0; i < push->objects->list->len; i++) {
		const struct object *object = g_ptr_array_index(push->objects->list, i);
		push->result->present += object->asked && object->remote == PLACE_THERE;
	}
}

/* The files to send. */
static GPtrArray *choose_files(struct push *push)
{
	GPtrArray *files = g_ptr_array_new();
	for (guint i = 0; i < push->objects->list->len; i++) {
		struct object *object = g_ptr_array_index(push->objects->list, i);
		if (!object->asked || object->oid.dir || !is_missing(object))
			continue;
		if (presence_measure(push->session, object))
			g_ptr_array_add(files, object);
		else
			fail_nowhere(push, object);
	}
	return files;
}

/* Manifests to send: those that the remote lacks and whose files are all there. */
static GPtrArray *choose_manifests(struct push *push, bool planned)
{
	GPtrArray *manifests = g_ptr_array_new();
	for (guint i = 0; i < push->objects->list->len; i++) {
		struct object *object = g_ptr_array_index(push->objects->list, i);
		if (!object->oid.dir || !is_missing(object))
			continue;
		if (objects_are_complete(push->objects, object, planned) && presence_measure(push->session, object))
			g_ptr_array_add(manifests, object);
		else if (!push->result->failed && !planned)
			watch_warn(push->session->watch,
				   "only a part of '%s' was sent; until all of it is, other clones cannot fetch it",
				   object->want->path);
	}
	return manifests;
}

/* Files, then the manifests whose files are all there; *manifests says how many of these were chosen. */
static bool send_all(struct push *push, guint *manifests, GError **error)
{
	g_autoptr(GPtrArray) files = choose_files(push);
	*manifests = 0;
	if (!move_send(push->session, files, push->result, error))
		return false;
	g_autoptr(GPtrArray) folders = choose_manifests(push, false);
	*manifests = folders->len;
	return move_send(push->session, folders, push->result, error);
}

/* Do not know any more of objects of one kind that they are there. */
static void doubt(struct push *push, bool manifests)
{
	for (guint i = 0; i < push->objects->list->len; i++) {
		struct object *object = g_ptr_array_index(push->objects->list, i);
		if (object->remote == PLACE_THERE && (bool)object->oid.dir == manifests)
			object->remote = PLACE_UNKNOWN;
	}
}

/*
 * The pusher's part in the protocol of marker.h, once manifests have appeared: if garbage was collected meanwhile, look
 * for everything again and send what is gone.
 */
static bool outlive_collection(struct push *push, GError **error)
{
	bool seen;
	guint sent;
	if (!marker_look(push->session, &seen, error))
		return false;
	if (!seen)
		return true;
	doubt(push, true);
	if (!presence_remote(push->session, push->objects, push->result, error))
		return false;
	doubt(push, false);
	return infer_remote(push->session, push->objects, push->wants, error) &&
	       presence_remote(push->session, push->objects, push->result, error) && send_all(push, &sent, error);
}

bool push_session(struct sync_session *session, const GPtrArray *wants, struct sync_result *result, GError **error)
{
	autoptr(objects) objects = objects_new();
	struct push push = {session, result, objects, wants};
	guint sent;
	if (!plan(&push, wants, error))
		return false;
	count_present(&push);
	if (session->dry_run) {
		g_autoptr(GPtrArray) files = choose_files(&push);
		g_autoptr(GPtrArray) manifests = choose_manifests(&push, true);
		move_announce(session, files, result);
		move_announce(session, manifests, result);
		return true;
	}
	bool fine = send_all(&push, &sent, error) && (sent == 0 || outlive_collection(&push, error));
	infer_remember(session, objects);
	return fine;
}

static bool push_body(struct sync_session *session, const GPtrArray *wants, void *user, GError **error)
{
	return push_session(session, wants, user, error);
}

bool sync_push(struct workspace *ws, const GPtrArray *wants, const struct sync_options *options,
	       struct sync_result *result, GError **error)
{
	enum session_mode mode = options->dry_run ? SESSION_LOOK : SESSION_WRITE;
	bool fine = sync_each_remote(ws, wants, mode, options, push_body, result, error);
	if (!fine)
		sync_hint_at_rest(error, "git mlv push");
	return fine;
}
