#include "sync/collect-remote-int.h"

#include "base/error.h"
#include "remote/layout.h"

#include <string.h>

static const enum oid_algo listed_algos[] = {OID_MD5, OID_SHA256, OID_MD5_2X};

/* Prefixes of all algorithms, one after the other, and then the trash. */
#define PREFIXES (G_N_ELEMENTS(listed_algos) * LAYOUT_PREFIXES)

/* One listing of the whole remote. */
struct survey {
	struct collect_remote_plan *plan;
	GHashTable *live; /* NULL: only the trash is looked at */
	unsigned next;
	char due[11];     /* what was thrown away before this day is purged */
	GPtrArray *trash; /* where to put all keys in the trash; NULL if only the due ones matter */
	GError *error;    /* the first: a listing with a gap is worth nothing */
};

/* "YYYY-MM-DD", UTC, `ago` seconds before now. */
static void day_before(int64_t ago, char day[11])
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, -(double)ago);
	g_autofree char *text = g_date_time_format(then, "%Y-%m-%d");
	g_strlcpy(day, text, 11);
}

static struct transfer *next_listing(void *user)
{
	struct survey *survey = user;
	if (survey->next > PREFIXES || survey->error)
		return NULL;
	unsigned i = survey->next++;
	if (i == PREFIXES)
		return transfer_new(TRANSFER_LIST, LAYOUT_TRASH);
	g_autofree char *prefix = layout_prefix(listed_algos[i / LAYOUT_PREFIXES], i % LAYOUT_PREFIXES);
	return transfer_new(TRANSFER_LIST, prefix);
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
	survey->plan->purge_bytes += item->size;
}

static void note_object(struct survey *survey, const struct transfer_item *item)
{
	struct collect_remote_item found = {.size = item->size};
	if (!layout_parse(item->key, &found.oid))
		return; /* not an object of ours: not ours to take out */
	if (g_hash_table_contains(survey->live, &found.oid)) {
		survey->plan->kept++;
		return;
	}
	survey->plan->bytes += item->size;
	g_array_append_val(survey->plan->items, found);
}

static void listed(struct transfer *transfer, void *user)
{
	struct survey *survey = user;
	if (transfer->status == TRANSFER_FAILED && !survey->error)
		survey->error = g_steal_pointer(&transfer->error);
	for (guint i = 0; transfer->items && i < transfer->items->len; i++) {
		const struct transfer_item *item = g_ptr_array_index(transfer->items, i);
		if (g_str_has_prefix(item->key, LAYOUT_TRASH))
			note_trash(survey, item);
		else
			note_object(survey, item);
	}
	transfer_free(transfer);
}

static bool survey_run(struct survey *survey, struct sync_session *session, GError **error)
{
	struct engine_work work = {next_listing, listed, survey};
	if (!remote_can(session->remote, REMOTE_CAN_LIST | REMOTE_CAN_DELETE)) {
		error_set(error, ERROR_USAGE, "remote '%s' can neither list nor delete: nothing can be collected there",
			  session->spec->name);
		return false;
	}
	watch_begin(session->watch, "Listing the remote", survey->live ? PREFIXES + 1 : 1, 0);
	g_autoptr(GError) stopped = NULL;
	engine_run(session->engine, session->remote, &work, &stopped);
	watch_end(session->watch);
	g_autoptr(GError) gap = g_steal_pointer(&survey->error);
	if (stopped)
		g_propagate_error(error, g_steal_pointer(&stopped));
	else if (gap)
		g_propagate_error(error, g_steal_pointer(&gap));
	else
		return true;
	return false;
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
	struct survey survey = {.plan = plan, .live = live};
	day_before(collect->grace, survey.due);
	if (!sync_session_connect(session, error) || !survey_run(&survey, session, error))
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

/* One pass over the plan: keys to take away, or to bring back. */
struct pass {
	const struct collect_remote_plan *plan;
	const GPtrArray *keys; /* of the trash; NULL for the plan's items */
	guint next, end;       /* of items or keys */
	bool bring_back;
	char day[11];
	struct sync_result *result;
};

/* The next item's transfer: into the trash, or out of existence. */
static struct transfer *next_item(struct pass *pass)
{
	const struct collect_remote_item *item =
		&g_array_index(pass->plan->items, struct collect_remote_item, pass->next++);
	g_autofree char *key = layout_key(&item->oid);
	struct transfer *transfer = transfer_new(pass->plan->prune ? TRANSFER_DELETE : TRANSFER_MOVE, key);
	transfer->to = pass->plan->prune ? NULL : layout_trash_key(key, pass->day);
	transfer->oid = item->oid;
	transfer->found_size = item->size;
	return transfer;
}

/* The next trash key's transfer: deleted, or back to where it was. */
static struct transfer *next_key(struct pass *pass)
{
	char day[11];
	const char *key = g_ptr_array_index(pass->keys, pass->next++);
	const char *home = layout_trash_parse(key, day);
	struct transfer *transfer = transfer_new(pass->bring_back ? TRANSFER_MOVE : TRANSFER_DELETE, key);
	transfer->to = pass->bring_back ? g_strdup(home) : NULL;
	return transfer;
}

static struct transfer *next_step(void *user)
{
	struct pass *pass = user;
	if (pass->next >= pass->end)
		return NULL;
	return pass->keys ? next_key(pass) : next_item(pass);
}

/* Absent is fine: another collection was quicker. */
static void taken(struct transfer *transfer, void *user)
{
	struct pass *pass = user;
	if (transfer->status == TRANSFER_DONE) {
		pass->result->objects++;
		pass->result->bytes += transfer->found_size;
	} else if (transfer->status == TRANSFER_FAILED && !error_is(transfer->error, ERROR_CANCELLED)) {
		sync_result_fail(pass->result, transfer->key, &transfer->oid, g_steal_pointer(&transfer->error));
	}
	transfer_free(transfer);
}

static bool pass_run(struct pass *pass, struct sync_session *session, GError **error)
{
	struct engine_work work = {next_step, taken, pass};
	return pass->next >= pass->end || engine_run(session->engine, session->remote, &work, error);
}

/* How many of the items, which come first, are manifests. */
static guint count_manifests(const GArray *items)
{
	guint n = 0;
	while (n < items->len && g_array_index(items, struct collect_remote_item, n).oid.dir)
		n++;
	return n;
}

static bool take_items(struct collect_remote_plan *plan, struct sync_result *result, GError **error)
{
	struct pass pass = {.plan = plan, .end = count_manifests(plan->items), .result = result};
	uint64_t failed = result->failed;
	day_before(0, pass.day);
	if (!pass_run(&pass, plan->session, error))
		return false;
	if (result->failed > failed) {
		error_set(
			error, ERROR_FAILED,
			"some manifests could not be taken out, so the files of all folders were left where they are");
		return false;
	}
	pass.end = plan->items->len;
	return pass_run(&pass, plan->session, error);
}

bool collect_remote_run(struct collect_remote_plan *plan, struct sync_result *result, GError **error)
{
	struct sync_session *session = plan->session;
	watch_begin(session->watch, "Collecting", plan->items->len + plan->purge->len, 0);
	bool fine = take_items(plan, result, error);
	if (fine) {
		struct sync_result purged; /* was counted when it went into the trash */
		sync_result_init(&purged);
		struct pass pass = {.plan = plan, .keys = plan->purge, .end = plan->purge->len, .result = &purged};
		fine = pass_run(&pass, session, error);
		sync_result_take_failures(result, &purged);
	}
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
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	struct survey survey = {.next = PREFIXES, .trash = keys};
	if (!sync_session_connect(session, error) || !survey_run(&survey, session, error))
		return false;
	g_ptr_array_sort(keys, manifests_last);
	guint files = 0;
	while (files < keys->len && !g_str_has_suffix(g_ptr_array_index(keys, files), ".dir"))
		files++;
	struct pass pass = {.keys = keys, .end = files, .bring_back = true, .result = result};
	if (!pass_run(&pass, session, error))
		return false;
	pass.end = result->failed ? pass.next : keys->len; /* a manifest must not stand without its files */
	return pass_run(&pass, session, error);
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
