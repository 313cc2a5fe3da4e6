#include "sync/presence.h"

#include "base/error.h"
#include "remote/layout.h"
#include "sync/move.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Fewer objects than this are never worth a listing. */
#define LIST_FROM 64

/* A page of a listing has about so many keys, and costs as much as so many questions. */
#define KEYS_PER_PAGE 1000
#define PAGE_COST 4

/* Pages follow one another, so a listing of more keys than this is split, to run at once. */
#define WHOLE_KEYS (16 * KEYS_PER_PAGE)

static void asked(struct object *object, struct transfer *transfer, void *user)
{
	struct sync_result *result = user;
	if (transfer->status == TRANSFER_DONE) {
		object->remote = PLACE_THERE;
	} else if (transfer->status == TRANSFER_ABSENT) {
		object->remote = transfer->damaged ? PLACE_DAMAGED : PLACE_ABSENT;
	} else {
		object->remote = PLACE_FAILED;
		move_fail(result, object, g_steal_pointer(&transfer->error));
	}
}

/* Ask for each object by itself. */
static bool ask_each(struct sync_session *session, const GPtrArray *list, struct sync_result *result, GError **error)
{
	struct move move = {.session = session, .kind = TRANSFER_STAT, .list = list, .done = asked, .user = result};
	return list->len == 0 || move_run(&move, error);
}

/* A listing of the prefixes [next, end) of one algorithm. */
struct listing {
	struct objects *objects;
	enum oid_algo algo;
	unsigned next, end;
	bool whole; /* the next one is not a prefix of `algo`, but all that it has */
	uint64_t keys;
	bool failed; /* some prefix could not be listed: ask for each object instead */
};

static struct transfer *next_prefix(void *user)
{
	struct listing *listing = user;
	if (listing->next >= listing->end)
		return NULL;
	g_autofree char *prefix = layout_prefix(listing->algo, listing->next++);
	if (listing->whole)
		prefix[strlen(prefix) - strlen("00/")] = '\0';
	return transfer_new(TRANSFER_LIST, prefix);
}

static void note_key(struct listing *listing, const struct transfer_item *item)
{
	struct oid oid;
	struct object *object = layout_parse(item->key, &oid) ? objects_find(listing->objects, &oid) : NULL;
	listing->keys++;
	if (!object || object->remote != PLACE_UNKNOWN)
		return;
	if (object->size != STORE_ANY_SIZE && item->size == TRANSFER_ANY_SIZE) {
		listing->failed = true; /* a listing without sizes tells too little */
		return;
	}
	bool right_size = object->size == STORE_ANY_SIZE || object->size == item->size;
	object->remote = right_size ? PLACE_THERE : PLACE_DAMAGED;
}

static void listed(struct transfer *transfer, void *user)
{
	struct listing *listing = user;
	listing->failed = listing->failed || transfer->status == TRANSFER_FAILED;
	for (guint i = 0; transfer->items && i < transfer->items->len; i++)
		note_key(listing, g_ptr_array_index(transfer->items, i));
	transfer_free(transfer);
}

/* List; a listing that fails altogether leaves the rest to single questions, which tell what is wrong. */
static bool run_listing(struct sync_session *session, struct listing *listing, GError **error)
{
	struct engine_work work = {next_prefix, listed, listing};
	g_autoptr(GError) why = NULL;
	if (engine_run(session->engine, session->remote, &work, &why) || !error_is(why, ERROR_CANCELLED)) {
		listing->failed = listing->failed || why;
		return true;
	}
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/*
 * Whether to list, going by the keys of one prefix, and how: all at once, where the remote has no directories to go
 * through and there is not too much of it, or the prefixes each. There may be far more keys of other projects than
 * objects to ask for.
 */
static bool choose_listing(const struct sync_session *session, struct listing *listing, guint objects)
{
	uint64_t keys = listing->keys * LAYOUT_PREFIXES, pages = PAGE_COST * keys / KEYS_PER_PAGE;
	bool deep = remote_can(session->remote, REMOTE_DEEP_LIST) && listing->algo != OID_MD5_2X;
	listing->whole = deep && keys <= WHOLE_KEYS;
	listing->next = listing->whole ? 0 : 1;
	listing->end = listing->whole ? 1 : LAYOUT_PREFIXES;
	return (listing->end - listing->next) + pages < objects;
}

/* Find the objects of one algorithm in a listing, unless asking one by one is cheaper, or listing fails: then they stay
 * unknown. */
static bool ask_listing(struct sync_session *session, struct objects *objects, enum oid_algo algo,
			const GPtrArray *list, GError **error)
{
	struct listing listing = {.objects = objects, .algo = algo, .end = 1};
	if (!run_listing(session, &listing, error))
		return false;
	if (listing.failed || !choose_listing(session, &listing, list->len))
		return true;
	if (!run_listing(session, &listing, error))
		return false;
	for (guint i = 0; !listing.failed && i < list->len; i++) {
		struct object *object = g_ptr_array_index(list, i);
		if (object->remote == PLACE_UNKNOWN)
			object->remote = PLACE_ABSENT;
	}
	return true;
}

/* The objects that are unknown at the remote end: of one algorithm, or with OID_NONE of any. */
static GPtrArray *unknown_objects(const struct objects *objects, enum oid_algo algo)
{
	GPtrArray *list = g_ptr_array_new();
	for (guint i = 0; i < objects->list->len; i++) {
		struct object *object = g_ptr_array_index(objects->list, i);
		if (object->remote == PLACE_UNKNOWN && (algo == OID_NONE || object->oid.algo == algo))
			g_ptr_array_add(list, object);
	}
	return list;
}

static bool ask_listings(struct sync_session *session, struct objects *objects, GError **error)
{
	static const enum oid_algo algos[] = {OID_MD5, OID_SHA256, OID_MD5_2X};
	for (size_t i = 0; i < G_N_ELEMENTS(algos); i++) {
		g_autoptr(GPtrArray) list = unknown_objects(objects, algos[i]);
		if (list->len >= LIST_FROM && !ask_listing(session, objects, algos[i], list, error))
			return false;
	}
	return true;
}

/* Of what is here the size is known, such as that of manifests: something else of that name is not taken for it. */
static void measure(struct sync_session *session, const GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		struct object *object = g_ptr_array_index(list, i);
		if (object->size == STORE_ANY_SIZE)
			presence_measure(session, object);
	}
}

bool presence_remote(struct sync_session *session, struct objects *objects, struct sync_result *result, GError **error)
{
	g_autoptr(GPtrArray) list = unknown_objects(objects, OID_NONE);
	if (list->len == 0)
		return true;
	measure(session, list);
	if (!sync_session_connect(session, error))
		return false;
	if (!session->remote) {
		for (guint i = 0; i < list->len; i++)
			((struct object *)g_ptr_array_index(list, i))->remote = PLACE_ABSENT;
		return true;
	}
	watch_begin(session->watch, "Asking the remote", list->len, 0);
	bool listable = remote_can(session->remote, REMOTE_CAN_LIST) && !remote_can(session->remote, REMOTE_CHEAP_STAT);
	bool fine = !listable || ask_listings(session, objects, error);
	if (fine) {
		g_autoptr(GPtrArray) rest = unknown_objects(objects, OID_NONE);
		fine = ask_each(session, rest, result, error);
	}
	watch_end(session->watch);
	return fine;
}

bool presence_local(struct sync_session *session, struct object *object)
{
	if (object->local == PLACE_UNKNOWN)
		object->local = store_has(session->store, &object->oid, object->size) ? PLACE_THERE : PLACE_ABSENT;
	return object->local == PLACE_THERE;
}

bool presence_measure(struct sync_session *session, struct object *object)
{
	g_autofree char *path = store_object_path(&object->oid);
	struct stat st;
	if (fstatat(session->store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return false;
	object->size = (uint64_t)st.st_size;
	return true;
}

bool presence_fetch_manifests(struct sync_session *session, struct objects *objects, struct sync_result *result,
			      GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	for (guint i = 0; i < objects->list->len; i++) {
		struct object *object = g_ptr_array_index(objects->list, i);
		if (object->oid.dir && object->remote == PLACE_THERE && !presence_local(session, object))
			g_ptr_array_add(list, object);
	}
	return move_fetch(session, list, result, error);
}
