/*
 * A push sends files before the manifest that names them, so a manifest on the remote answers for its files. One changed
 * file in a folder of a hundred thousand thus costs a question about the folder's last manifest, not one for each file.
 */
#include "sync/infer.h"

#include "base/error.h"
#include "sync/move.h"
#include "sync/presence.h"

#include <string.h>

/* So few unknown files are asked for one by one, and at least so many a manifest must vouch for to be worth a question. */
#define WORTH 8

/* The most manifests looked at for a folder, and of these the most that the remote is asked for. */
#define LOOKS 8
#define QUESTIONS 2

/* One folder whose files are to be found out about. */
struct search {
	struct sync_session *session;
	struct objects *objects;
	const struct sync_want *want;
	const struct manifest *manifest; /* of the want */
	GHashTable *seen;                /* set of struct oid *: manifests that were looked at, for any folder */
	unsigned looks, questions;
};

/* How many objects of the plan in this manifest are unknown at the remote; with `mark` they are there from now on. */
static size_t count_unknown(const struct objects *objects, const struct manifest *manifest, bool mark)
{
	size_t unknown = 0;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		struct object *object = oid_is_none(&entry->oid) ? NULL : objects_find(objects, &entry->oid);
		if (!object || object->remote != PLACE_UNKNOWN)
			continue;
		unknown++;
		if (mark)
			object->remote = PLACE_THERE;
	}
	return unknown;
}

static void answered(struct object *object, struct transfer *transfer, void *user)
{
	(void)user;
	object->remote = transfer->status == TRANSFER_DONE     ? PLACE_THERE
			 : transfer->status == TRANSFER_ABSENT ? PLACE_ABSENT
							       : PLACE_FAILED;
}

/* Ask whether the remote still has a manifest; it is forgotten if not. *there stays false if that cannot be found out. */
static bool ask(struct search *search, const struct oid *oid, bool *there, GError **error)
{
	struct object object = {.oid = *oid, .size = STORE_ANY_SIZE, .want = search->want, .inside = ""};
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	g_ptr_array_add(list, &object);
	struct move move = {
		.session = search->session, .kind = TRANSFER_STAT, .list = list, .done = answered};
	if (!presence_measure(search->session, &object)) /* its size tells a damaged one */
		return true;
	search->questions++;
	if (!move_run(&move, error))
		return false;
	*there = object.remote == PLACE_THERE;
	if (object.remote == PLACE_ABSENT)
		hints_drop(search->session->hints, oid);
	return true;
}

/* Look at one manifest, once: does the remote have it (`known`: that is certain), and what does that tell? */
static bool look(struct search *search, const struct oid *oid, bool known, GError **error)
{
	const struct object *planned = objects_find(search->objects, oid);
	if (search->looks >= LOOKS || (!known && search->questions >= QUESTIONS) ||
	    g_hash_table_contains(search->seen, oid) || (planned && planned->sent))
		return true; /* what we sent ourselves is what is to be found out about */
	g_hash_table_add(search->seen, g_memdup2(oid, sizeof(*oid)));
	search->looks++;
	/* not kept with the plan: several large ones would take much memory */
	autoptr(manifest) loaded = manifest_load(search->session->store, oid, NULL);
	if (!loaded || count_unknown(search->objects, loaded, false) < WORTH)
		return true;
	bool there = known;
	if (!known && !ask(search, oid, &there, error))
		return false;
	if (there)
		count_unknown(search->objects, loaded, true);
	return true;
}

static bool is_done(const struct search *search)
{
	return count_unknown(search->objects, search->manifest, false) < WORTH;
}

/* Manifests of the plan that are there: of the same path, or of others. */
static bool look_at_plan(struct search *search, bool same_path, GError **error)
{
	const GPtrArray *list = search->objects->list;
	for (guint i = 0; i < list->len && search->looks < LOOKS; i++) {
		const struct object *object = g_ptr_array_index(list, i);
		if (!object->oid.dir || object->remote != PLACE_THERE ||
		    (strcmp(object->want->path, search->want->path) == 0) != same_path)
			continue;
		if (!look(search, &object->oid, true, error))
			return false;
		if (is_done(search))
			break;
	}
	return true;
}

/* Manifests that the remote had once. */
static bool look_at_hints(struct search *search, bool same_path, GError **error)
{
	const struct hints *hints = search->session->hints;
	for (guint i = 0; i < hints_count(hints) && search->looks < LOOKS; i++) {
		const struct oid oid = hints_get(hints, i)->oid;
		if ((strcmp(hints_get(hints, i)->path, search->want->path) == 0) != same_path)
			continue;
		guint before = hints_count(hints);
		if (!look(search, &oid, false, error))
			return false;
		if (is_done(search))
			break;
		i -= before - hints_count(hints); /* it was dropped */
	}
	return true;
}

static bool look_at_all(struct search *search, GError **error)
{
	if (is_done(search))
		return true;
	return look_at_plan(search, true, error) && (is_done(search) || look_at_hints(search, true, error)) &&
	       (is_done(search) || look_at_plan(search, false, error)) &&
	       (is_done(search) || look_at_hints(search, false, error));
}

bool infer_remote(struct sync_session *session, struct objects *objects, const GPtrArray *wants, GError **error)
{
	if (session->verify)
		return true;
	if (!sync_session_connect(session, error))
		return false;
	g_autoptr(GHashTable) seen = g_hash_table_new_full(oid_hash, oid_equal_key, g_free, NULL);
	for (guint i = 0; session->remote && i < wants->len; i++) {
		const struct sync_want *want = g_ptr_array_index(wants, i);
		const struct manifest *manifest = objects_known_manifest(objects, &want->oid);
		struct search search = {session, objects, want, manifest, seen, 0, 0};
		if (manifest && !look_at_all(&search, error))
			return false;
	}
	return true;
}

void infer_remember(struct sync_session *session, const struct objects *objects)
{
	/* the last noted is the latest, and the first of the plan are those of the workspace */
	for (guint i = objects->list->len; i-- > 0;) {
		const struct object *object = g_ptr_array_index(objects->list, i);
		if (object->remote != PLACE_THERE)
			continue;
		hints_note_use(session->hints);
		if (object->oid.dir)
			hints_note(session->hints, &object->oid, object->want->path);
	}
}
