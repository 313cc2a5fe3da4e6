#include "pipeline/run-cache.h"

#include "base/path.h"
#include "base/trace.h"
#include "format/run-entry.h"
#include "store/presence.h"
#include "store/runs.h"

bool run_cache_wants(const struct stage *stage)
{
	if (!stage_can_run(stage) || !stage->body || stage->always_changed || !stage->outs->len ||
	    (!stage->deps->len && !stage->params->len))
		return false;
	for (guint i = 0; i < stage->deps->len; i++)
		if (path_is_url(g_array_index(stage->deps, struct stage_dep, i).written))
			return false;
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);

		if (!out->output || out->declared->persist || (out->declared->no_cache && out->kind == PIPELINE_OUT))
			return false;
	}
	return true;
}

static bool has_outputs(struct store *store, const struct lockfile_stage *entry)
{
	for (guint i = 0; i < entry->outs->len; i++) {
		const struct entry *out = g_ptr_array_index(entry->outs, i);
		/* What DVC 2.x hashed may have other line ends, thus another size. */
		bool sized = out->has_size && out->oid.algo != OID_MD5_2X;

		if (!presence_whole(store, &out->oid, sized ? out->size : STORE_ANY_SIZE))
			return false;
	}
	return true;
}

/* The entry of that name if it can be read; what cannot is traced. */
static struct lockfile *load(struct workspace *ws, struct store *store, const char *key, const char *value,
			     const char *stage)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *path = runs_path(key, value), *text = NULL;
	struct lockfile *lockfile = NULL;
	size_t length;

	text = runs_read(store, key, value, &length, &reason);
	if (text)
		lockfile = run_entry_read(text, length, path, stage, ws->dialect, &reason);
	if (reason)
		trace("run-cache", "%s", reason->message);
	return lockfile;
}

struct lockfile *run_cache_find(struct workspace *ws, const struct stage *stage, const struct lockfile_stage *inputs,
				bool any, GError **error)
{
	struct store *store = workspace_store(ws, error);
	g_autofree char *wanted = run_entry_inputs(inputs, ws->dialect);
	g_autoptr(GPtrArray) values = NULL;
	char key[RUN_ENTRY_HEX + 1];

	if (!store)
		return NULL;
	run_entry_key(inputs, ws->dialect, false, key);
	values = runs_values(store, key);
	for (guint i = 0; i < values->len; i++) {
		autoptr(lockfile) lockfile = load(ws, store, key, values->pdata[i], stage->name);
		const struct lockfile_stage *entry = lockfile ? lockfile_find(lockfile, stage->name) : NULL;
		g_autofree char *found = entry ? run_entry_inputs(entry, ws->dialect) : NULL;

		if (found && g_str_equal(found, wanted) && (any || has_outputs(store, entry)))
			return g_steal_pointer(&lockfile);
	}
	return NULL;
}

bool run_cache_save(struct workspace *ws, const struct lockfile_stage *const *entries, guint count, GError **error)
{
	struct store *store = workspace_store(ws, error);
	autoptr(runs_writer) writer = store && count ? runs_begin(store, error) : NULL;

	if (!store || (count && !writer))
		return false;
	for (guint i = 0; i < count; i++) {
		size_t length;
		g_autofree char *text = run_entry_write(entries[i], ws->dialect, &length);
		char key[RUN_ENTRY_HEX + 1], value[RUN_ENTRY_HEX + 1];

		run_entry_key(entries[i], ws->dialect, false, key);
		run_entry_key(entries[i], ws->dialect, true, value);
		if (!runs_add(writer, key, value, text, length, error))
			return false;
	}
	return true;
}
