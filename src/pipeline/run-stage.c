#include "pipeline/run-stage.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "pipeline/leftover.h"
#include "repo/worktree.h"
#include "workspace/checkout.h"
#include "workspace/saved.h"
#include "workspace/track.h"

char **run_stage_environment(const struct workspace *ws, const struct stage *stage)
{
	g_autoptr(GPtrArray) settings = g_ptr_array_new();

	g_ptr_array_add(settings, g_strconcat("MLV_ROOT=", ws->root, NULL));
	g_ptr_array_add(settings, g_strconcat("MLV_STAGE=", stage->address, NULL));
	g_ptr_array_add(settings, g_strconcat("DVC_ROOT=", ws->root, NULL));
	g_ptr_array_add(settings, g_strconcat("DVC_STAGE=", stage->address, NULL));
	g_ptr_array_add(settings, NULL);
	return (char **)g_ptr_array_steal(settings, NULL);
}

const struct entry *run_stage_entry(const struct lockfile_stage *recorded, const struct stage_out *out)
{
	for (guint i = 0; recorded && i < recorded->outs->len; i++) {
		const struct entry *entry = recorded->outs->pdata[i];

		if (g_str_equal(entry->path, out->written))
			return entry;
	}
	return NULL;
}

/* Whether the store has all of it. */
static bool is_stored(struct store *store, const struct fact *fact)
{
	if (!store_has(store, &fact->oid, fact->manifest ? STORE_ANY_SIZE : fact->size))
		return false;
	for (size_t i = 0; fact->manifest && i < manifest_count(fact->manifest); i++) {
		const struct manifest_entry *entry = manifest_get(fact->manifest, i);

		if (entry->mode != MANIFEST_EMPTY_DIR && !store_has(store, &entry->oid, STORE_ANY_SIZE))
			return false;
	}
	return true;
}

/* Whether what stands there can be had again: the record says that the stage made it, or the store has it. */
static bool is_dispensable(struct workspace *ws, const struct fact *fact, const struct entry *entry, GError **error)
{
	struct store *store;

	if (!fact->kept)
		return false;
	if (entry && oid_equal(&entry->oid, &fact->oid))
		return true;
	store = workspace_store(ws, error);
	return store && is_stored(store, fact);
}

/* Move what stands at the path out of the way. */
static bool save_aside(struct workspace *ws, const char *path, GError **error)
{
	g_autofree char *shown = workspace_show_path(ws, path), *quoted = quote_path(shown);
	g_autofree char *place = saved_put(ws, path, error);

	if (!place)
		return false;
	watch_warn(ws->watch, "what was in '%s' is no record of any run: it is now '%s'", quoted, place);
	return true;
}

/* Refuse to move what Git tracks: an output that the store is to have cannot be a source file as well. */
static bool check_untracked(const struct run_stage *run, const struct stage_out *out, GError **error)
{
	g_autofree char *git_path = workspace_git_path(run->ws, out->output->path), *quoted = quote_path(out->output->path);
	bool tracked = false;

	if (out->declared->no_cache || !run->ws->repo)
		return true;
	if (!worktree_is_tracked(run->ws->repo, git_path, &tracked, error))
		return false;
	if (tracked) {
		error_set(error, ERROR_CONFLICT, "the output '%s' is tracked by Git, or has files that are", quoted);
		error_hint(error, "git rm -r --cached %s, or name another output", quoted);
	}
	return !tracked;
}

/* Get rid of what stands at the path of an output. */
static bool clear_out(const struct run_stage *run, const struct stage_out *out, GError **error)
{
	const struct entry *entry = run_stage_entry(run->recorded, out);
	const char *path = out->output->path;
	bool dispensable = leftover_is(run->ws, path);
	g_autoptr(GError) cause = NULL;
	const struct fact *fact;

	/* What we knew may be old: somebody may have been asked, or waited for. */
	facts_forget(run->facts, path);
	if (!dispensable) {
		fact = facts_against(run->facts, path, entry, error);
		if (!fact)
			return false;
		if (fact->kind == SCAN_ABSENT)
			return true;
		dispensable = is_dispensable(run->ws, fact, entry, &cause);
		facts_forget(run->facts, path);
	}
	if (cause) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return false;
	}
	if (!(dispensable ? file_remove_tree(run->ws->root_fd, path, error)
			  : check_untracked(run, out, error) && save_aside(run->ws, path, error)))
		return false;
	leftover_forget(run->ws, path);
	return true;
}

/* Have these outputs be files of their own, not links to the store; the project's lock is held. */
static bool unprotect(struct workspace *ws, GPtrArray *targets, GError **error)
{
	autoptr(track_result) result = targets->len ? track_unprotect(ws, targets, error) : NULL;

	return result || !targets->len;
}

/* Make persistent outputs that are there the stage's own to write to. */
static bool release_persistent(const struct run_stage *run, GError **error)
{
	const struct stage *stage = run->stage;
	g_autoptr(GPtrArray) targets = targets_new();
	bool ok;

	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);

		if (out->output && out->declared->persist)
			targets_add(targets, out->output, "");
	}
	if (!targets->len)
		return true;
	ok = workspace_lock_briefly(run->ws, run->what, error) && unprotect(run->ws, targets, error);
	workspace_unlock(run->ws);
	return ok;
}

void run_stage_note_leftovers(struct workspace *ws, const struct stage *stage)
{
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);

		if (out->output && !out->declared->persist)
			leftover_note(ws, out->output->path);
	}
}

bool run_stage_clear(const struct run_stage *run, GError **error)
{
	if (!release_persistent(run, error))
		return false;
	for (guint i = 0; i < run->stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(run->stage->outs, struct stage_out, i);
		g_autofree char *parent = NULL;

		if (!out->output)
			continue;
		if (!out->declared->persist && !clear_out(run, out, error))
			return false;
		parent = path_parent(out->output->path);
		if (*parent && !file_make_dirs_beneath(run->ws->root_fd, parent, error))
			return false;
	}
	return true;
}

/* An output as the run left it. */
static struct output as_in_run(const struct output *output, const struct entry *entry)
{
	struct output copy = *output;

	copy.oid = entry->oid;
	copy.has_size = entry->has_size;
	copy.size = entry->size;
	copy.isexec = entry->isexec;
	/* Who keeps it from now on is another question: the run cache has put it into the store. */
	copy.no_cache = false;
	return copy;
}

/* Whether what stands there is what the entry says. */
static bool is_right(struct facts *facts, const char *path, const struct entry *entry)
{
	const struct fact *fact = facts_against(facts, path, entry, NULL);

	return fact && fact->kept && oid_equal(&fact->oid, &entry->oid);
}

static bool check_out(struct workspace *ws, const struct stages *stages, GPtrArray *targets, GPtrArray *own,
		      GError **error)
{
	const struct checkout_options options = {0};
	autoptr(checkout_plan) plan = checkout_plan_new(ws, stages->outputs, targets, &options, error);
	struct checkout_result result = {0};
	bool ok;

	if (!plan || !checkout_plan_check(plan, error))
		return false;
	ok = checkout_plan_run(ws, plan, &result, error);
	if (ok && result.failed->len) {
		g_propagate_error(error, g_error_copy(result.failed->pdata[0]));
		ok = false;
	}
	checkout_result_clear(&result);
	return ok && unprotect(ws, own, error);
}

/* Clear what is not as the earlier run left it, and list what is to be checked out. */
static bool plan_restore(const struct run_stage *run, const struct lockfile_stage *earlier, struct output *outputs,
			 GPtrArray *targets, GPtrArray *own, GError **error)
{
	for (guint i = 0; i < run->stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(run->stage->outs, struct stage_out, i);
		const struct entry *entry = run_stage_entry(earlier, out);

		if (!out->output || !entry || is_right(run->facts, out->output->path, entry))
			continue;
		if (!clear_out(run, out, error))
			return false;
		outputs[i] = as_in_run(out->output, entry);
		targets_add(targets, &outputs[i], "");
		if (out->declared->no_cache)
			targets_add(own, &outputs[i], "");
	}
	return true;
}

bool run_stage_restore(const struct run_stage *run, const struct lockfile_stage *earlier, GError **error)
{
	g_autofree struct output *outputs = g_new0(struct output, run->stage->outs->len);
	g_autoptr(GPtrArray) targets = targets_new();
	/* Those that Git keeps must not be links to the store. */
	g_autoptr(GPtrArray) own = targets_new();
	bool ok;

	if (!plan_restore(run, earlier, outputs, targets, own, error))
		return false;
	if (!targets->len)
		return true;
	ok = workspace_lock_briefly(run->ws, run->what, error) &&
	     check_out(run->ws, run->stages, targets, own, error);
	workspace_unlock(run->ws);
	for (guint i = 0; i < targets->len; i++)
		facts_forget(run->facts, ((const struct target *)targets->pdata[i])->output->path);
	return ok;
}
