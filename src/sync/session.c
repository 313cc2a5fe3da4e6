#include "sync/session.h"

#include "base/error.h"
#include "base/path.h"

#include <string.h>

struct sync_session *sync_session_new(struct store *store, const struct remote_spec *spec, enum session_mode mode,
				      const struct engine_options *engine_options, const struct sync_options *options,
				      GError **error)
{
	struct engine *engine = engine_new(engine_options, error);
	if (!engine)
		return NULL;
	struct sync_session *session = g_new0(struct sync_session, 1);
	session->store = store;
	session->spec = spec;
	session->table = options->table;
	session->mode = mode;
	session->engine = engine;
	session->began = g_get_real_time() / G_USEC_PER_SEC;
	session->hints = hints_load(NULL, spec);
	session->watch = engine_options->watch;
	session->dry_run = options->dry_run;
	session->verify = options->verify;
	session->visit = options->visit;
	session->visit_user = options->user;
	return session;
}

bool sync_session_connect(struct sync_session *session, GError **error)
{
	if (session->connected)
		return true;
	g_autoptr(GError) why = NULL;
	static const enum remote_mode modes[] = {
		[SESSION_READ] = REMOTE_READ,
		[SESSION_LOOK] = REMOTE_READ,
		[SESSION_WRITE] = REMOTE_WRITE,
		[SESSION_COLLECT] = REMOTE_COLLECT,
	};
	bool known = hints_has_use(session->hints);
	enum remote_mode mode = modes[session->mode];
	if (mode == REMOTE_WRITE && known)
		mode = REMOTE_WRITE_AGAIN;
	session->remote = remote_open(session->spec, mode, session->table, &why);
	bool empty = session->mode == SESSION_LOOK && !known && error_is(why, ERROR_NOT_FOUND);
	session->connected = session->remote || empty;
	if (!session->connected)
		g_propagate_error(error, g_steal_pointer(&why));
	return session->connected;
}

/* How many transfers at once: the command line, the remote's own `jobs`, the project's setting; 0 for what suits. */
static bool choose_jobs(const struct workspace *ws, const struct remote_spec *spec, const struct sync_options *options,
			unsigned *jobs, GError **error)
{
	*jobs = options->jobs ? options->jobs : ws->settings->jobs;
	const char *own = remote_spec_get(spec, "jobs");
	guint64 value;
	if (options->jobs || !own)
		return true;
	if (!g_ascii_string_to_unsigned(own, 10, 1, 10000, &value, NULL)) {
		error_set(error, ERROR_USAGE, "remote '%s': jobs is '%s', not a number from 1 to 10000", spec->name,
			  own);
		error_hint(error, "git mlv remote modify %s jobs <number>", spec->name);
		return false;
	}
	*jobs = (unsigned)value;
	return true;
}

struct sync_session *sync_session_open(struct workspace *ws, const char *remote, enum session_mode mode,
				       const struct sync_options *options, GError **error)
{
	const struct remote_spec *spec = settings_remote(ws->settings, remote, error);
	struct store *store = spec ? workspace_store(ws, error) : NULL;
	struct engine_options engine_options = {.watch = ws->watch};
	if (!store || !choose_jobs(ws, spec, options, &engine_options.jobs, error))
		return NULL;
	engine_options.max_rate = (uint64_t)MAX(ws->settings->max_rate, 0);
	engine_options.stall = (unsigned)ws->settings->stall_timeout;
	struct sync_session *session = sync_session_new(store, spec, mode, &engine_options, options, error);
	if (session) {
		g_autofree char *dir = path_join(ws->state_dir, "remotes");
		hints_free(session->hints);
		session->hints = hints_load(dir, spec);
	}
	return session;
}

void sync_session_free(struct sync_session *session)
{
	if (!session)
		return;
	engine_free(session->engine);
	remote_free(session->remote);
	hints_free(session->hints);
	g_free(session);
}

/* The wants by the name of their remote ("" for the default), in the order of their first mention: names in *order. */
static GHashTable *sort_by_remote(const GPtrArray *wants, const char *fallback, GPtrArray *order)
{
	GHashTable *groups =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)(void *)g_ptr_array_unref);
	for (guint i = 0; i < wants->len; i++) {
		struct sync_want *want = g_ptr_array_index(wants, i);
		const char *name = want->remote ? want->remote : fallback ? fallback : "";
		GPtrArray *group = g_hash_table_lookup(groups, name);
		if (!group) {
			group = g_ptr_array_new();
			g_hash_table_insert(groups, (gpointer)name, group);
			g_ptr_array_add(order, (gpointer)name);
		}
		g_ptr_array_add(group, want);
	}
	return groups;
}

bool sync_each_remote(struct workspace *ws, const GPtrArray *wants, enum session_mode mode,
		      const struct sync_options *options, sync_body body, void *user, GError **error)
{
	g_autoptr(GPtrArray) order = g_ptr_array_new();
	g_autoptr(GHashTable) groups = sort_by_remote(wants, options->remote, order);
	for (guint i = 0; i < order->len; i++) {
		const char *name = g_ptr_array_index(order, i);
		autoptr(sync_session) session = sync_session_open(ws, *name ? name : NULL, mode, options, error);
		if (!session || !body(session, g_hash_table_lookup(groups, name), user, error))
			return false;
	}
	return true;
}
