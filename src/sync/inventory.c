#include "sync/inventory.h"

#include "base/error.h"
#include "remote/layout.h"

#include <string.h>

static const enum oid_algo listed_algos[] = {OID_MD5, OID_SHA256, OID_MD5_2X};

/* Of more keys than this each prefix is listed by itself, at the same time as others. */
#define WHOLE_KEYS 16000

/* One round of listings. */
struct round {
	struct sync_session *session;
	GPtrArray *prefixes; /* char *, owned */
	guint next;
	GPtrArray *found;      /* where to keep the finished transfers; NULL: visit at once */
	inventory_visit visit;
	void *user;
	GError *error; /* the first */
};

static struct transfer *next_listing(void *user)
{
	struct round *round = user;
	if (round->next >= round->prefixes->len || round->error)
		return NULL;
	return transfer_new(TRANSFER_LIST, g_ptr_array_index(round->prefixes, round->next++));
}

static void visit_all(const struct transfer *transfer, inventory_visit visit, void *user)
{
	for (guint i = 0; transfer->items && i < transfer->items->len; i++)
		visit(g_ptr_array_index(transfer->items, i), user);
}

static void listed(struct transfer *transfer, void *user)
{
	struct round *round = user;
	if (transfer->status == TRANSFER_FAILED && !round->error)
		round->error = g_steal_pointer(&transfer->error);
	if (round->found) {
		g_ptr_array_add(round->found, transfer);
		return;
	}
	visit_all(transfer, round->visit, round->user);
	transfer_free(transfer);
}

static bool run_round(struct round *round, GError **error)
{
	struct engine_work work = {next_listing, listed, round};
	g_autoptr(GError) stopped = NULL;
	engine_run(round->session->engine, round->session->remote, &work, &stopped);
	g_autoptr(GError) gap = g_steal_pointer(&round->error);
	if (stopped)
		g_propagate_error(error, g_steal_pointer(&stopped));
	else if (gap)
		g_propagate_error(error, g_steal_pointer(&gap));
	else
		return true;
	return false;
}

static GPtrArray *new_prefixes(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

/* Add what is left to list of one algorithm, whose first prefix was; what that had is visited unless it comes again. */
static void plan_rest(const struct sync_session *session, const struct transfer *first, enum oid_algo algo,
		      struct round *rest)
{
	guint64 keys = (guint64)(first->items ? first->items->len : 0) * LAYOUT_PREFIXES;
	if (remote_can(session->remote, REMOTE_DEEP_LIST) && algo != OID_MD5_2X && keys <= WHOLE_KEYS) {
		g_ptr_array_add(rest->prefixes, g_strndup(first->key, strlen(first->key) - strlen("00/")));
		return;
	}
	visit_all(first, rest->visit, rest->user);
	for (unsigned i = 1; i < LAYOUT_PREFIXES; i++)
		g_ptr_array_add(rest->prefixes, layout_prefix(algo, i));
}

/* The algorithm whose first prefix this is. */
static enum oid_algo algo_of(const char *prefix)
{
	for (size_t i = 0; i < G_N_ELEMENTS(listed_algos); i++) {
		g_autofree char *first = layout_prefix(listed_algos[i], 0);
		if (strcmp(first, prefix) == 0)
			return listed_algos[i];
	}
	return OID_NONE;
}

bool inventory_is_possible(const struct sync_session *session, GError **error)
{
	if (remote_can(session->remote, REMOTE_CAN_LIST | REMOTE_CAN_DELETE))
		return true;
	error_set(error, ERROR_USAGE, "remote '%s' can neither list nor delete: nothing can be collected there",
		  session->spec->name);
	return false;
}

bool inventory_run(struct sync_session *session, unsigned algos, bool trash, inventory_visit visit, void *user,
		   GError **error)
{
	if (!inventory_is_possible(session, error))
		return false;
	g_autoptr(GPtrArray) firsts = new_prefixes();
	g_autoptr(GPtrArray) others = new_prefixes();
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	struct round first = {.session = session, .prefixes = firsts, .found = found};
	struct round rest = {.session = session, .prefixes = others, .visit = visit, .user = user};
	for (size_t i = 0; i < G_N_ELEMENTS(listed_algos); i++)
		if (algos & 1U << listed_algos[i])
			g_ptr_array_add(firsts, layout_prefix(listed_algos[i], 0));
	watch_begin(session->watch, "Listing the remote", 0, 0);
	bool fine = run_round(&first, error);
	for (guint i = 0; fine && i < found->len; i++) {
		const struct transfer *transfer = g_ptr_array_index(found, i);
		plan_rest(session, transfer, algo_of(transfer->key), &rest);
	}
	if (trash)
		g_ptr_array_add(others, g_strdup(LAYOUT_TRASH));
	fine = fine && run_round(&rest, error);
	watch_end(session->watch);
	return fine;
}
