#include "sync/collect-remote-int.h"

#include "base/error.h"
#include "remote/layout.h"
#include "sync/inventory.h"
#include "sync/marker.h"
#include "sync/settle.h"

#include <string.h>

/* One listing of the whole remote. */
struct survey {
	struct collect_remote_plan *plan; /* NULL: only the trash is looked at */
	char due[11];                     /* what was thrown away before this day is purged */
	GPtrArray *trash;                 /* where to put all keys in the trash; NULL if only the due ones matter */
};

/* "YYYY-MM-DD", UTC, `ago` seconds before now. */
static void day_before(int64_t ago, char day[11])
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, -(double)ago);
	g_autofree char *text = g_date_time_format(then, "%Y-%m-%d");
	g_strlcpy(day, text, 11);
}

/* What a key adds to sums; one whose size the remote does not tell adds nothing. */
static uint64_t known_size(const struct transfer_item *item)
{
	return item->size == TRANSFER_ANY_SIZE ? 0 : item->size;
}

static void note_trash(struct survey *survey, const struct transfer_item *item)
{
	char day[11];
	if (!layout_trash_parse(item->key, day))
		return;
	if (survey->trash)
		g_ptr_array_add(survey->trash, g_strdup(item->key));
	if (!survey->plan || (!survey->plan->prune && strcmp(day, survey->due) >= 0))
		return;
	g_ptr_array_add(survey->plan->purge, g_strdup(item->key));
	survey->plan->purge_bytes += known_size(item);
}

static void note_object(struct survey *survey, const struct transfer_item *item)
{
	struct collect_remote_item found = {.size = known_size(item)};
	if (!layout_parse(item->key, &found.oid))
		return; /* not an object of ours: not ours to take out */
	if (g_hash_table_contains(survey->plan->live, &found.oid)) {
		survey->plan->kept++;
		return;
	}
	survey->plan->bytes += found.size;
	g_array_append_val(survey->plan->items, found);
}

static void note_key(const struct transfer_item *item, void *user)
{
	if (g_str_has_prefix(item->key, LAYOUT_TRASH))
		note_trash(user, item);
	else
		note_object(user, item);
}

/* All keys in the trash. NULL with the error set. */
static GPtrArray *list_trash(struct sync_session *session, GError **error)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	struct survey survey = {.trash = keys};
	return inventory_run(session, 0, true, note_key, &survey, error) ? g_steal_pointer(&keys) : NULL;
}

/* Do for a collector that died what it would have done at its end. */
static bool settle_for(struct sync_session *session, GError **error)
{
	g_autoptr(GPtrArray) trash = list_trash(session, error);
	g_autoptr(GHashTable) moved = settle_map_new();
	for (guint i = 0; trash && i < trash->len; i++) {
		char day[11];
		const char *key = g_ptr_array_index(trash, i);
		g_hash_table_replace(moved, g_strdup(layout_trash_parse(key, day)), g_strdup(key));
	}
	return trash && settle_run(session, moved, NULL, error);
}

/* What is to be said about a collection that has not ended. */
static bool refuse(const struct sync_session *session, const struct marker *marker, GError **error)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(marker->time);
	g_autofree char *text = g_date_time_format(time, "%F %T");
	error_set(error, ERROR_BUSY, "garbage of remote '%s' is being collected since %s", session->spec->name, text);
	error_hint(error, "try again when that has ended; if it was killed on another machine, in a day");
	return false;
}

/* Deal with the signs that other collections left: wait for the living, end the work of the dead. */
static bool heed_markers(struct sync_session *session, GError **error)
{
	g_autoptr(GPtrArray) markers = marker_list(session, error);
	bool stale = false, collect = session->mode == SESSION_COLLECT;
	if (!markers)
		return false;
	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = g_ptr_array_index(markers, i);
		if (marker->done)
			continue;
		if (!marker_is_stale(session, marker))
			return !collect || refuse(session, marker, error);
		stale = true;
	}
	if (!stale)
		return true;
	watch_warn(session->watch, "a collection of garbage on remote '%s' did not end%s", session->spec->name,
		   collect ? "; what it took and is needed is put back first" : "");
	if (!collect)
		return true;
	if (!settle_for(session, error))
		return false;
	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = g_ptr_array_index(markers, i);
		if (!marker->done && !marker_remove(session, marker->key, error))
			return false;
	}
	return true;
}

static int manifests_first(gconstpointer a, gconstpointer b)
{
	const struct collect_remote_item *left = a, *right = b;
	return left->oid.dir != right->oid.dir ? (int)right->oid.dir - (int)left->oid.dir
					       : oid_compare(&left->oid, &right->oid);
}

struct collect_remote_plan *collect_plan_session(struct sync_session *session, GHashTable *live,
						 const struct collect_remote_options *collect, GError **error)
{
	autoptr(collect_remote_plan) plan = g_new0(struct collect_remote_plan, 1);
	plan->items = g_array_new(FALSE, FALSE, sizeof(struct collect_remote_item));
	plan->purge = g_ptr_array_new_with_free_func(g_free);
	plan->prune = collect->prune;
	plan->live = live;
	struct survey survey = {.plan = plan};
	day_before(collect->grace, survey.due);
	if (!sync_session_connect(session, error) || !inventory_is_possible(session, error) ||
	    !heed_markers(session, error) || !inventory_run(session, INVENTORY_ALL, true, note_key, &survey, error))
		return NULL;
	g_array_sort(plan->items, manifests_first);
	plan->session = session;
	return g_steal_pointer(&plan);
}

struct collect_remote_plan *collect_remote_plan(struct workspace *ws, GHashTable *live,
						const struct collect_remote_options *collect,
						const struct sync_options *options, GError **error)
{
	enum session_mode mode = options->dry_run ? SESSION_READ : SESSION_COLLECT;
	autoptr(sync_session) session = sync_session_open(ws, options->remote, mode, options, error);
	struct collect_remote_plan *plan = session ? collect_plan_session(session, live, collect, error) : NULL;
	if (plan)
		g_steal_pointer(&session); /* the plan's now */
	return plan;
}

uint64_t collect_remote_growth(const struct collect_remote_plan *shown, const struct collect_remote_plan *plan)
{
	g_autoptr(GHashTable) known = g_hash_table_new(oid_hash, oid_equal_key);
	uint64_t more = 0;
	for (guint i = 0; i < shown->items->len; i++)
		g_hash_table_add(known, &g_array_index(shown->items, struct collect_remote_item, i).oid);
	for (guint i = 0; i < plan->items->len; i++)
		more += !g_hash_table_contains(known, &g_array_index(plan->items, struct collect_remote_item, i).oid);
	return more;
}

/* One pass over the plan's items, to the trash, or over keys in the trash, to be deleted or brought back. */
struct pass {
	struct sync_session *session;
	const GArray *items; /* of struct collect_remote_item; NULL: keys */
	const GPtrArray *keys;
	guint next, end; /* of items or keys */
	bool bring_back;
	char day[11];
	GHashTable *moved; /* items: what arrived in the trash, as of settle_map_new() */
	struct sync_result *result;
};

static struct transfer *next_item(struct pass *pass)
{
	const struct collect_remote_item *item = &g_array_index(pass->items, struct collect_remote_item, pass->next++);
	g_autofree char *key = layout_key(&item->oid);
	struct transfer *transfer = transfer_new(TRANSFER_MOVE, key);
	transfer->to = layout_trash_key(key, pass->day);
	transfer->oid = item->oid;
	return transfer;
}

static struct transfer *next_return(struct pass *pass)
{
	char day[11];
	const char *key = g_ptr_array_index(pass->keys, pass->next++);
	struct transfer *transfer = transfer_new(TRANSFER_MOVE, key);
	transfer->to = g_strdup(layout_trash_parse(key, day));
	return transfer;
}

/* As many keys as the remote deletes at once. */
static struct transfer *next_deletion(struct pass *pass)
{
	struct transfer *transfer = transfer_new(TRANSFER_DELETE, g_ptr_array_index(pass->keys, pass->next++));
	unsigned more = MAX(pass->session->remote->ops->delete_batch, 1) - 1;
	if (more && pass->next < pass->end)
		transfer->more = g_ptr_array_new_with_free_func(g_free);
	for (; more && pass->next < pass->end; more--)
		g_ptr_array_add(transfer->more, g_strdup(g_ptr_array_index(pass->keys, pass->next++)));
	return transfer;
}

static struct transfer *next_step(void *user)
{
	struct pass *pass = user;
	if (pass->next >= pass->end)
		return NULL;
	if (pass->items)
		return next_item(pass);
	return pass->bring_back ? next_return(pass) : next_deletion(pass);
}

/* Absent is fine: another collection was quicker. */
static void taken(struct transfer *transfer, void *user)
{
	struct pass *pass = user;
	if (transfer->status == TRANSFER_DONE && pass->items)
		g_hash_table_replace(pass->moved, g_strdup(transfer->key), g_strdup(transfer->to));
	else if (transfer->status == TRANSFER_DONE && pass->bring_back)
		pass->result->objects++;
	else if (transfer->status == TRANSFER_FAILED && !error_is(transfer->error, ERROR_CANCELLED))
		sync_result_fail(pass->result, transfer->key, &transfer->oid, g_steal_pointer(&transfer->error));
	transfer_free(transfer);
}

static bool pass_run(struct pass *pass, GError **error)
{
	struct engine_work work = {next_step, taken, pass};
	return pass->next >= pass->end || engine_run(pass->session->engine, pass->session->remote, &work, error);
}

/* How many of the items, which come first, are manifests. */
static guint count_manifests(const GArray *items)
{
	guint n = 0;
	while (n < items->len && g_array_index(items, struct collect_remote_item, n).oid.dir)
		n++;
	return n;
}

static bool take_items(struct collect_remote_plan *plan, GHashTable *moved, struct sync_result *result, GError **error)
{
	struct pass pass = {.session = plan->session,
			    .items = plan->items,
			    .end = count_manifests(plan->items),
			    .moved = moved,
			    .result = result};
	uint64_t failed = result->failed;
	day_before(0, pass.day);
	if (!pass_run(&pass, error))
		return false;
	if (result->failed > failed) {
		error_set(
			error, ERROR_FAILED,
			"some manifests could not be taken out, so the files of all folders were left where they are");
		return false;
	}
	pass.end = plan->items->len;
	return pass_run(&pass, error);
}

/* Count what went into the trash and stayed there. */
static void count_taken(const struct collect_remote_plan *plan, GHashTable *moved, struct sync_result *result)
{
	for (guint i = 0; i < plan->items->len; i++) {
		const struct collect_remote_item *item = &g_array_index(plan->items, struct collect_remote_item, i);
		g_autofree char *key = layout_key(&item->oid);
		if (!g_hash_table_contains(moved, key))
			continue;
		result->objects++;
		result->bytes += item->size;
	}
}

/* Take out the plan's items as marker.h says. */
static bool take_marked(struct collect_remote_plan *plan, GHashTable *moved, struct sync_result *result, GError **error)
{
	struct sync_session *session = plan->session;
	g_autofree char *marker = marker_put(session, error);
	if (!marker)
		return false;
	bool fine = take_items(plan, moved, result, error);
	guint before = g_hash_table_size(moved);
	if (!settle_run(session, moved, plan->live, fine ? error : NULL) ||
	    !marker_finish(session, marker, fine ? error : NULL)) {
		watch_warn(session->watch, "the collection did not end: until the next one has put it right, what was "
					   "sent at the same time may lack files");
		fine = false;
	}
	guint back = before - g_hash_table_size(moved);
	if (back)
		watch_warn(session->watch, "%u objects were put back: somebody needs them since", back);
	return fine;
}

/* Delete what is due in the trash, and with prune what was just moved there. */
static bool purge(struct collect_remote_plan *plan, GHashTable *moved, struct sync_result *result, GError **error)
{
	GHashTableIter iter;
	gpointer key;
	g_hash_table_iter_init(&iter, moved);
	while (plan->prune && g_hash_table_iter_next(&iter, NULL, &key))
		g_ptr_array_add(plan->purge, g_strdup(key));
	struct pass pass = {
		.session = plan->session, .keys = plan->purge, .end = plan->purge->len, .result = result};
	return pass_run(&pass, error);
}

/* Remove markers that do not matter any more. */
static void expire_markers(struct sync_session *session)
{
	g_autoptr(GPtrArray) markers = marker_list(session, NULL);
	if (markers)
		marker_expire(session, markers);
}

bool collect_remote_run(struct collect_remote_plan *plan, struct sync_result *result, GError **error)
{
	struct sync_session *session = plan->session;
	g_autoptr(GHashTable) moved = settle_map_new();
	watch_begin(session->watch, "Collecting", plan->items->len + plan->purge->len, 0);
	bool fine = plan->items->len == 0 || take_marked(plan, moved, result, error);
	count_taken(plan, moved, result);
	fine = fine && purge(plan, moved, result, error);
	if (fine)
		expire_markers(session);
	watch_end(session->watch);
	return fine;
}

/* Keys of files before keys of manifests. */
static int manifests_last(gconstpointer a, gconstpointer b)
{
	const char *const *left = a, *const *right = b;
	bool left_dir = g_str_has_suffix(*left, ".dir"), right_dir = g_str_has_suffix(*right, ".dir");
	return left_dir != right_dir ? (int)left_dir - (int)right_dir : strcmp(*left, *right);
}

bool collect_undelete_session(struct sync_session *session, struct sync_result *result, GError **error)
{
	g_autoptr(GPtrArray) keys = sync_session_connect(session, error) ? list_trash(session, error) : NULL;
	if (!keys)
		return false;
	g_ptr_array_sort(keys, manifests_last);
	guint files = 0;
	while (files < keys->len && !g_str_has_suffix(g_ptr_array_index(keys, files), ".dir"))
		files++;
	struct pass pass = {.session = session, .keys = keys, .end = files, .bring_back = true, .result = result};
	if (!pass_run(&pass, error))
		return false;
	pass.end = result->failed ? pass.next : keys->len; /* a manifest must not stand without its files */
	return pass_run(&pass, error);
}

bool collect_remote_undelete(struct workspace *ws, const struct sync_options *options, struct sync_result *result,
			     GError **error)
{
	autoptr(sync_session) session = sync_session_open(ws, options->remote, SESSION_COLLECT, options, error);
	return session && collect_undelete_session(session, result, error);
}

void collect_remote_plan_free(struct collect_remote_plan *plan)
{
	if (!plan)
		return;
	g_array_unref(plan->items);
	g_ptr_array_unref(plan->purge);
	sync_session_free(plan->session);
	g_free(plan);
}
