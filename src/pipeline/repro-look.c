#include "pipeline/repro-int.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "format/lockfile.h"
#include "pipeline/exec-guard.h"
#include "pipeline/run-cache.h"
#include "workspace/track.h"

/* Longest lock file accepted, in bytes; as when it is loaded with the outputs. */
#define LOCK_LIMIT ((size_t)256 << 20)

/* Longest output of a child of ours that is kept. */
#define CHILD_LIMIT ((gsize)64 << 20)

void repro_lock_free(void *data)
{
	struct repro_lock *lock = data;

	lockfile_free(lock->lock);
	g_free(lock);
}

/* The lock file as it stands on disk; NULL if it cannot be read. */
static const struct lockfile *reload_lock(struct repro *repro, const char *name)
{
	g_autofree char *path = path_join(repro->ws->root, name), *text = NULL;
	struct repro_lock *known = g_hash_table_lookup(repro->reloaded, path);
	struct lockfile *lock;
	struct stamp stamp;
	struct stat st;
	size_t length;

	if (stat(path, &st))
		return NULL;
	stamp = stamp_of(&st);
	if (known && stamp_same(&known->stamp, &stamp))
		return known->lock;
	lock = file_read(path, LOCK_LIMIT, &text, &length, NULL)
		       ? lockfile_read(text, length, name, repro->ws->dialect, NULL)
		       : NULL;
	if (!lock)
		return NULL;
	known = g_new0(struct repro_lock, 1);
	known->stamp = stamp;
	known->lock = lock;
	g_hash_table_replace(repro->reloaded, g_steal_pointer(&path), known);
	return lock;
}

/*
 * The stage's entry in its lock file as it stands on disk, for when others are at work there; what we know if it cannot be read.
 * Good until the next call.
 */
static const struct lockfile_stage *reload(struct repro *repro, const struct stage *stage)
{
	g_autofree char *parent = path_parent(stage->file), *name = path_join(parent, repro->ws->dialect->lock_name);
	const struct lockfile *lock = stage->name ? reload_lock(repro, name) : NULL;

	return lock ? lockfile_find(lock, stage->name) : record_entry(repro->record, stage);
}

/* Whatever the stage reads and writes may be another by now. */
static void forget(struct repro *repro, const struct stage *stage)
{
	for (guint i = 0; i < stage->deps->len; i++) {
		const char *path = g_array_index(stage->deps, struct stage_dep, i).path;

		if (path)
			facts_forget(repro->facts, path);
	}
	for (guint i = 0; i < stage->params->len; i++)
		facts_forget(repro->facts, g_array_index(stage->params, struct stage_params, i).path);
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct output *output = g_array_index(stage->outs, struct stage_out, i).output;

		if (output)
			facts_forget(repro->facts, output->path);
	}
}

static struct reason *reason_of(enum reason_kind kind)
{
	struct reason *reason = g_new0(struct reason, 1);

	reason->kind = kind;
	return reason;
}

/* Why the stage is to run; empty if it is not. */
static GPtrArray *find_reasons(struct repro *repro, const struct stage *stage, const struct lockfile_stage *entry,
			       GError **error)
{
	const struct stale_options how = {.allow_missing = repro->options->allow_missing,
					  .first_only = !repro->options->explain,
					  .inside = repro->options->explain};
	bool forced = schedule_is_forced(repro->schedule, stage->index);
	GPtrArray *reasons;

	if (!forced || repro->options->explain)
		reasons = stale_reasons(stage, entry, repro->facts, &how, error);
	else
		reasons = g_ptr_array_new_with_free_func((GDestroyNotify)reason_free);
	if (reasons && forced && !reasons->len)
		g_ptr_array_add(reasons, reason_of(REASON_FORCED));
	return reasons;
}

/* Set the stage aside until the other command is done with its paths. */
static void block(struct repro *repro, const struct stage *stage, const char *holder)
{
	repro->shared = true;
	if (g_hash_table_add(repro->waited, (void *)stage))
		repro_tell(repro, &(const struct repro_event){.kind = REPRO_WAITS, .stage = stage, .text = holder});
	schedule_set(repro->schedule, stage->index, SCHEDULE_BLOCKED);
}

/* The stage is done with, one way or another, without having run. */
static void settle(struct repro *repro, const struct stage *stage, enum schedule_state state)
{
	if (state == SCHEDULE_DONE)
		repro->result->ran++;
	else
		repro->result->same++;
	schedule_set(repro->schedule, stage->index, state);
}

static void tell(const struct repro *repro, enum repro_kind kind, const struct stage *stage)
{
	repro_tell(repro, &(const struct repro_event){.kind = kind, .stage = stage});
}

/* Whether the store has what is recorded of an output. */
static bool is_stored(struct repro *repro, const struct stage_out *out)
{
	struct store *store = out->recorded ? workspace_store(repro->ws, NULL) : NULL;

	return store && store_has(store, &out->recorded->oid, STORE_ANY_SIZE);
}

/* Whether all outputs of a stage or pointer are there; the error names those that are not. */
static bool check_outputs(struct repro *repro, const struct stage *stage, GError **error)
{
	g_autoptr(GString) missing = g_string_new(NULL);
	bool stored = true;

	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);
		const struct fact *fact;

		if (!out->output)
			continue;
		fact = facts_against(repro->facts, out->output->path, out->recorded, error);
		if (!fact)
			return false;
		if (fact->kind != SCAN_ABSENT)
			continue;
		g_string_append_printf(missing, "%s'%s'", missing->len ? ", " : "", out->output->path);
		stored = stored && is_stored(repro, out);
	}
	if (!missing->len)
		return true;
	error_set(error, ERROR_NOT_FOUND, "missing data: %s", missing->str);
	error_hint(error, "git mlv %s %s", stored ? "checkout" : "pull", stage->address);
	return false;
}

/* Record the data of a pointer as they are now: `repro` does what `commit` does. */
static bool commit_pointer(struct repro *repro, const struct stage *stage, GError **error)
{
	const struct track_options options = {.no_commit = repro->options->no_commit};
	char *arguments[] = {(char *)stage->address, NULL};
	const struct target_options how = {0};
	g_autoptr(GPtrArray) targets = target_resolve(repro->ws, repro->stages->outputs, arguments, &how, error);
	autoptr(track_result) result = NULL;

	if (!targets || !workspace_lock_briefly(repro->ws, repro->options->what, error))
		return false;
	result = track_commit(repro->ws, repro->stages->outputs, targets, &options, error);
	workspace_unlock(repro->ws);
	if (!result)
		return false;
	for (guint i = 0; i < result->notes->len; i++)
		repro_tell(repro, &(const struct repro_event){
					  .kind = REPRO_NOTES, .stage = stage, .text = result->notes->pdata[i]});
	for (guint i = 0; i < result->touched->len; i++)
		g_ptr_array_add(repro->result->touched, g_strdup(result->touched->pdata[i]));
	forget(repro, stage);
	return true;
}

/* What has nothing to run, or is frozen: what is there is taken as it is. */
static void verify(struct repro *repro, const struct stage *stage)
{
	struct lockfile *inputs = NULL;
	GError *error = NULL;
	bool ok = true;

	if (!repro->options->dry) {
		tell(repro, REPRO_VERIFIES, stage);
		ok = check_outputs(repro, stage, &error);
		if (ok && !stage->name)
			ok = commit_pointer(repro, stage, &error);
		else if (ok)
			ok = (inputs = record_inputs(repro->record, stage, &error)) &&
			     repro_record(repro, stage, inputs, &error);
	}
	if (ok)
		settle(repro, stage, SCHEDULE_DONE);
	else
		repro_fail(repro, stage, error);
}

/* Fetch data by a child of ours, a command of the network program. */
static bool run_child(const char *const *argv, GError **error)
{
	struct proc_result result;
	bool ok;

	if (!proc_run(argv, NULL, NULL, 0, CHILD_LIMIT, &result, error))
		return false;
	ok = !result.status;
	if (!ok)
		error_set(error, ERROR_FAILED, "%s", g_strchomp(result.err));
	proc_result_clear(&result);
	return ok;
}

/* `git mlv pull TARGET`: a path relative to the current directory, or the address of a stage. */
static bool pull(const struct repro *repro, const char *target, GError **error)
{
	const char *argv[] = {repro->options->program, "pull", "--quiet", "--", target, NULL};

	return run_child(argv, error);
}

/* With --pull, before the first stage runs: have the runs that the remote knows, and what they made. Once. */
static void fetch_runs(struct repro *repro, const struct stage *stage)
{
	const char *argv[] = {repro->options->program, "fetch", "--quiet", "--run-cache", "--", stage->address, NULL};
	g_autoptr(GError) error = NULL;

	if (repro->has_runs)
		return;
	repro->has_runs = true;
	if (!run_child(argv, &error))
		repro_tell(repro, &(const struct repro_event){
					  .kind = REPRO_NOTES, .stage = stage, .text = error->message});
}

/* With --pull: what lacks nothing but its outputs is not run but fetched. Whether it was. */
static bool is_pulled(struct repro *repro, const struct stage *stage, const struct lockfile_stage *entry)
{
	const struct stale_options how = {.allow_missing = true, .first_only = true};
	g_autoptr(GPtrArray) reasons = NULL;
	g_autoptr(GError) error = NULL;

	if (schedule_is_forced(repro->schedule, stage->index))
		return false;
	reasons = stale_reasons(stage, entry, repro->facts, &how, NULL);
	if (!reasons || reasons->len)
		return false;
	tell(repro, REPRO_PULLS, stage);
	if (repro->options->dry)
		return true;
	if (pull(repro, stage->address, &error)) {
		forget(repro, stage);
		return true;
	}
	repro_tell(repro, &(const struct repro_event){.kind = REPRO_NOTES, .stage = stage, .text = error->message});
	return false;
}

/* Whether a stage that it needs would have run by now, were this not a dry run: what is missing may then be there. */
static bool follows_dry_run(const struct repro *repro, const struct stage *stage)
{
	const GArray *needs = repro->graph->needs[stage->index];

	for (guint i = 0; repro->options->dry && i < needs->len; i++) {
		if (schedule_state(repro->schedule, g_array_index(needs, guint, i)) == SCHEDULE_DONE)
			return true;
	}
	return false;
}

/* An earlier run with these inputs whose outputs can be had; NULL if there is none, or none is wanted. `error` is not NULL. */
static struct lockfile *find_run(struct repro *repro, const struct stage *stage, const struct lockfile *inputs,
				 GError **error)
{
	const struct lockfile_stage *entry = inputs->stages->pdata[0];

	struct lockfile *run;

	if (schedule_is_forced(repro->schedule, stage->index) || repro->options->no_run_cache || !run_cache_wants(stage))
		return NULL;
	run = run_cache_find(repro->ws, stage, entry, false, error);
	if (run || !repro->options->pull || repro->options->dry || *error)
		return run;
	fetch_runs(repro, stage);
	return run_cache_find(repro->ws, stage, entry, false, error);
}

/* Tell what would be done with a stale stage. */
static void rehearse(struct repro *repro, const struct stage *stage)
{
	g_autoptr(GError) error = NULL;
	autoptr(lockfile) inputs = record_inputs(repro->record, stage, &error);
	autoptr(lockfile) run = inputs ? find_run(repro, stage, inputs, &error) : NULL;
	g_auto(GStrv) lines = exec_lines(stage->body->cmd);
	g_autoptr(GString) text = g_string_new(NULL);

	if (!inputs && !follows_dry_run(repro, stage)) {
		repro_fail(repro, stage, g_steal_pointer(&error));
		return;
	}
	if (run) {
		tell(repro, REPRO_CACHED, stage);
	} else {
		for (guint i = 0; lines[i]; i++)
			g_string_append_printf(text, "> %s\n", lines[i]);
		tell(repro, REPRO_RUNS, stage);
		repro_tell(repro, &(const struct repro_event){
					  .kind = REPRO_PRINTS, .stage = stage, .text = text->str, .length = text->len});
	}
	settle(repro, stage, SCHEDULE_DONE);
}

/* Take the outputs of an earlier run. */
static bool restore(struct repro *repro, const struct stage *stage, struct lockfile *inputs,
		    const struct lockfile *earlier, GError **error)
{
	const struct run_stage run = repro_stage(repro, stage);

	tell(repro, REPRO_CACHED, stage);
	if (run_stage_restore(&run, earlier->stages->pdata[0], error))
		return repro_record(repro, stage, inputs, error);
	lockfile_free(inputs);
	return false;
}

/* With --pull: fetch what the stage reads and what is not there. What cannot be had is told when the inputs are looked at. */
static void pull_inputs(struct repro *repro, const struct stage *stage)
{
	for (guint i = 0; i < stage->deps->len; i++) {
		const char *path = g_array_index(stage->deps, struct stage_dep, i).path;
		const struct fact *fact = path ? facts_at(repro->facts, path, repro->ws->dialect->algo, NULL) : NULL;
		g_autofree char *shown = path ? workspace_show_path(repro->ws, path) : NULL;
		g_autoptr(GError) error = NULL;

		if (!fact || fact->kind != SCAN_ABSENT || !outputs_covering(repro->stages->outputs, path, NULL))
			continue;
		if (!pull(repro, shown, &error))
			repro_tell(repro, &(const struct repro_event){
						  .kind = REPRO_NOTES, .stage = stage, .text = error->message});
		facts_forget(repro->facts, path);
	}
}

/* What the stage reads may have been looked at long ago, for another one. */
static void refresh_inputs(struct repro *repro, const struct stage *stage)
{
	for (guint i = 0; i < stage->deps->len; i++) {
		const char *path = g_array_index(stage->deps, struct stage_dep, i).path;

		if (path)
			facts_refresh(repro->facts, path);
	}
	for (guint i = 0; i < stage->params->len; i++)
		facts_refresh(repro->facts, g_array_index(stage->params, struct stage_params, i).path);
}

/* A stale stage that is claimed: restored, or put into the line of those that run. */
static void prepare(struct repro *repro, const struct stage *stage)
{
	autoptr(lockfile) earlier = NULL;
	struct repro_task *task;
	struct lockfile *inputs;
	GError *error = NULL;

	guard_await(repro->ws->state_dir);
	if (repro->options->pull)
		pull_inputs(repro, stage);
	refresh_inputs(repro, stage);
	inputs = record_inputs(repro->record, stage, &error);
	if (inputs)
		earlier = find_run(repro, stage, inputs, &error);
	if (error) {
		g_clear_pointer(&inputs, lockfile_free);
		repro_fail(repro, stage, error);
		repro_release(repro, stage);
		return;
	}
	if (!earlier) {
		task = g_new0(struct repro_task, 1);
		task->stage = stage;
		task->inputs = inputs;
		repro->tasks->pdata[stage->index] = task;
		schedule_set(repro->schedule, stage->index, SCHEDULE_STALE);
		return;
	}
	if (restore(repro, stage, inputs, earlier, &error))
		settle(repro, stage, SCHEDULE_DONE);
	else
		repro_fail(repro, stage, error);
	repro_release(repro, stage);
}

/* Claim the stage's paths. If others were at work here, what we knew is forgotten, and *again set: it is to be looked at anew. */
static enum claims_answer claim(struct repro *repro, const struct stage *stage, bool *again, GError **error)
{
	g_autofree char *holder = NULL;
	enum claims_answer answer;

	*again = false;
	if (repro->options->dry)
		return CLAIMS_FREE;
	answer = claims_take(repro->claims, stage, &holder, again, error);
	if (answer == CLAIMS_BUSY)
		block(repro, stage, holder);
	if (answer != CLAIMS_FAILED && *again) {
		repro->shared = true;
		forget(repro, stage);
	}
	return answer;
}

/* A stage that has reasons to run and is claimed. */
static void act(struct repro *repro, const struct stage *stage, const GPtrArray *reasons,
		const struct lockfile_stage *entry)
{
	GError *error = NULL;

	if (repro->options->pull && is_pulled(repro, stage, entry)) {
		settle(repro, stage, repro->options->dry ? SCHEDULE_DONE : SCHEDULE_SAME);
		repro_release(repro, stage);
		return;
	}
	repro_tell(repro, &(const struct repro_event){.kind = REPRO_STARTS, .stage = stage, .reasons = reasons});
	if (repro->options->interactive && !repro->options->dry &&
	    !repro->listener->confirm(stage, repro->listener->user)) {
		error_set(&error, ERROR_FAILED, "nobody said yes");
		repro_fail(repro, stage, error);
		repro_release(repro, stage);
	} else if (!stage_can_run(stage) || stage->frozen) {
		verify(repro, stage);
		repro_release(repro, stage);
	} else if (repro->options->dry) {
		rehearse(repro, stage);
	} else {
		prepare(repro, stage);
	}
}

/* Whether the stage may be looked at: nobody else uses its paths. */
static enum claims_answer ask(struct repro *repro, const struct stage *stage, GError **error)
{
	g_autofree char *holder = NULL;
	enum claims_answer answer = CLAIMS_FREE;

	if (!repro->options->dry)
		answer = claims_look(repro->claims, stage, &holder, error);
	if (answer == CLAIMS_BUSY)
		block(repro, stage, holder);
	return answer;
}

bool repro_look(struct repro *repro, const struct stage *stage, GError **error)
{
	const struct lockfile_stage *entry = record_entry(repro->record, stage);
	g_autoptr(GPtrArray) reasons = NULL;
	enum claims_answer answer;
	GError *cause = NULL;
	bool again;

	answer = ask(repro, stage, error);
	if (answer != CLAIMS_FREE)
		return answer != CLAIMS_FAILED;
	if (record_concerns(repro->record, stage) && !repro_flush(repro, error))
		return false;
	if (repro->shared) {
		/* The other command may have done what was to be done. */
		forget(repro, stage);
		entry = reload(repro, stage);
	}
	reasons = find_reasons(repro, stage, entry, &cause);
	if (reasons && reasons->len) {
		answer = claim(repro, stage, &again, error);
		if (answer != CLAIMS_FREE)
			return answer != CLAIMS_FAILED;
		if (again) {
			g_clear_pointer(&reasons, g_ptr_array_unref);
			entry = reload(repro, stage);
			reasons = find_reasons(repro, stage, entry, &cause);
		}
	}
	if (!reasons) {
		repro_fail(repro, stage, cause);
		repro_release(repro, stage);
	} else if (!reasons->len) {
		tell(repro, REPRO_SAME, stage);
		settle(repro, stage, SCHEDULE_SAME);
		repro_release(repro, stage);
	} else {
		act(repro, stage, reasons, entry);
	}
	return true;
}
