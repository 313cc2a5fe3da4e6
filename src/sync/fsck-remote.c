#include "sync/fsck-remote-int.h"

#include "base/error.h"
#include "sync/marker.h"
#include "sync/move.h"
#include "sync/presence.h"

/* A check at one remote. */
struct check {
	struct sync_session *session;
	struct objects *objects;
	const struct fsck_remote_options *options;
	struct fsck_remote *fsck;
};

static void item_free(gpointer data)
{
	struct fsck_remote_item *item = data;
	g_free(item->path);
	g_free(item);
}

static void find(struct check *check, const struct object *object, enum fsck_finding finding)
{
	struct fsck_remote_item *item = g_new0(struct fsck_remote_item, 1);
	item->path = object_path(object);
	item->oid = object->oid;
	item->finding = finding;
	g_ptr_array_add(check->fsck->items, item);
}

static void read_back(struct object *object, struct transfer *transfer, void *user)
{
	struct check *check = user;
	if (transfer->status == TRANSFER_DONE) {
		object->remote = PLACE_THERE;
		check->fsck->bytes += transfer->found_size;
	} else if (transfer->status == TRANSFER_ABSENT) {
		object->remote = PLACE_ABSENT;
	} else if (error_is(transfer->error, ERROR_CORRUPT)) {
		object->remote = PLACE_DAMAGED;
	} else {
		object->remote = PLACE_FAILED;
		move_fail(&check->fsck->result, object, g_steal_pointer(&transfer->error));
	}
}

/* Read all asked objects back to nowhere: the engine hashes them. */
static bool read_all(struct check *check, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	for (guint i = 0; i < check->objects->list->len; i++) {
		struct object *object = g_ptr_array_index(check->objects->list, i);
		if (object->asked && object->remote == PLACE_THERE)
			g_ptr_array_add(list, object);
	}
	if (list->len == 0)
		return true;
	struct move move = {.session = check->session,
			    .kind = TRANSFER_GET,
			    .list = list,
			    .end = &transfer_discard,
			    .done = read_back,
			    .user = check};
	watch_begin(check->session->watch, "Checking", list->len, 0);
	bool fine = move_run(&move, error);
	watch_end(check->session->watch);
	return fine;
}

/* Every object of the wants, with where it is: the remote's manifests are not taken at their word. */
static bool look(struct check *check, const GPtrArray *wants, GError **error)
{
	struct sync_result *result = &check->fsck->result;
	objects_add_wants(check->objects, wants);
	if (!presence_remote(check->session, check->objects, result, error) ||
	    !presence_fetch_manifests(check->session, check->objects, result, error))
		return false;
	for (guint i = 0; i < wants->len; i++) {
		const struct sync_want *want = g_ptr_array_index(wants, i);
		if (!want->oid.dir)
			continue;
		g_autoptr(GError) why = NULL;
		const struct manifest *manifest =
			objects_manifest(check->objects, check->session->store, &want->oid, &why);
		struct object *top = objects_find(check->objects, &want->oid);
		if (manifest)
			objects_add_folder(check->objects, want, manifest);
		else if (!error_is(why, ERROR_NOT_FOUND))
			move_fail(result, top, g_steal_pointer(&why));
	}
	return presence_remote(check->session, check->objects, result, error) &&
	       (!check->options->data || read_all(check, error));
}

static bool is_wrong(const struct object *object)
{
	return object->asked && (object->remote == PLACE_ABSENT || object->remote == PLACE_DAMAGED);
}

/* Wrong objects of one kind that the store can replace. */
static GPtrArray *choose_repairs(struct check *check, bool manifests)
{
	GPtrArray *list = g_ptr_array_new();
	for (guint i = 0; i < check->objects->list->len; i++) {
		struct object *object = g_ptr_array_index(check->objects->list, i);
		if (!is_wrong(object) || (bool)object->oid.dir != manifests)
			continue;
		if (manifests && !objects_are_complete(check->objects, object, false))
			continue; /* it would vouch for files that are not there */
		if (presence_measure(check->session, object))
			g_ptr_array_add(list, object);
	}
	return list;
}

/* Say if what was checked may have been taken away since: see marker.h. */
static bool mention_collection(struct check *check, GError **error)
{
	bool seen;
	if (!marker_look(check->session, &seen, error))
		return false;
	if (seen)
		watch_warn(check->session->watch, "garbage was collected on remote '%s' of late: check again when that has ended",
			   check->session->spec->name);
	return true;
}

/* Send anew what is wrong: files, then manifests, as a push does. */
static bool repair(struct check *check, bool manifests, GError **error)
{
	g_autoptr(GPtrArray) list = choose_repairs(check, manifests);
	if (!move_send(check->session, list, &check->fsck->result, error))
		return false;
	for (guint i = 0; i < list->len; i++) {
		const struct object *object = g_ptr_array_index(list, i);
		if (object->remote == PLACE_THERE)
			find(check, object, FSCK_REPAIRED);
	}
	return !manifests || list->len == 0 || mention_collection(check, error);
}

bool fsck_session(struct sync_session *session, const GPtrArray *wants, const struct fsck_remote_options *options,
		  struct fsck_remote *fsck, GError **error)
{
	autoptr(objects) objects = objects_new();
	struct check check = {session, objects, options, fsck};
	if (!look(&check, wants, error))
		return false;
	for (guint i = 0; i < objects->list->len; i++)
		fsck->checked += ((struct object *)g_ptr_array_index(objects->list, i))->asked;
	if (options->repair && (!repair(&check, false, error) || !repair(&check, true, error)))
		return false;
	for (guint i = 0; i < objects->list->len; i++) {
		const struct object *object = g_ptr_array_index(objects->list, i);
		if (is_wrong(object))
			find(&check, object, object->remote == PLACE_ABSENT ? FSCK_MISSING : FSCK_DAMAGED);
	}
	return true;
}

struct fsck_remote *fsck_remote_new(void)
{
	struct fsck_remote *fsck = g_new0(struct fsck_remote, 1);
	fsck->items = g_ptr_array_new_with_free_func(item_free);
	sync_result_init(&fsck->result);
	return fsck;
}

/* What the callback for one remote needs. */
struct fsck_call {
	const struct fsck_remote_options *options;
	struct fsck_remote *fsck;
};

static bool fsck_body(struct sync_session *session, const GPtrArray *wants, void *user, GError **error)
{
	const struct fsck_call *call = user;
	return fsck_session(session, wants, call->options, call->fsck, error);
}

struct fsck_remote *fsck_remote_run(struct workspace *ws, const GPtrArray *wants,
				    const struct fsck_remote_options *fsck, const struct sync_options *options,
				    GError **error)
{
	autoptr(fsck_remote) found = fsck_remote_new();
	struct fsck_call call = {fsck, found};
	enum session_mode mode = fsck->repair ? SESSION_WRITE : SESSION_READ;
	if (!sync_each_remote(ws, wants, mode, options, fsck_body, &call, error))
		return NULL;
	return g_steal_pointer(&found);
}

void fsck_remote_free(struct fsck_remote *fsck)
{
	if (!fsck)
		return;
	g_ptr_array_unref(fsck->items);
	sync_result_clear(&fsck->result);
	g_free(fsck);
}
