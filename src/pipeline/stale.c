#include "pipeline/stale.h"

#include "base/error.h"
#include "base/path.h"
#include "pipeline/reason-int.h"
#include "pipeline/value.h"
#include "workspace/sides.h"

/* One stage under examination. */
struct trial {
	const struct stage *stage;
	const struct lockfile_stage *locked;
	struct facts *facts;
	const struct stale_options *options;
	struct workspace *ws;
	GPtrArray *reasons;
};

static struct reason *add(struct trial *trial, enum reason_kind kind, const char *what, const char *word)
{
	struct reason *reason = g_new0(struct reason, 1);

	reason->kind = kind;
	reason->what = g_strdup(what);
	reason->word = word;
	g_ptr_array_add(trial->reasons, reason);
	return reason;
}

/* Whether nothing more needs to be known. */
static bool is_settled(const struct trial *trial)
{
	return trial->options->first_only && trial->reasons->len;
}

/* How a dependency is called: seen from the current directory; absolute, as DVC has it, outside the project. New string. */
static char *shown_dep(const struct trial *trial, const struct stage_dep *dep)
{
	g_autofree char *dir = NULL, *path = NULL;

	if (dep->path)
		return workspace_show_path(trial->ws, dep->path);
	if (path_is_url(dep->written))
		return g_strdup(dep->written);
	dir = path_join(trial->ws->root, trial->stage->wdir);
	path = path_join(dir, dep->written);
	return path_normal(path);
}

static const struct entry *locked_entry(const GPtrArray *entries, const char *written)
{
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *entry = entries->pdata[i];

		if (g_str_equal(entry->path, written))
			return entry;
	}
	return NULL;
}

/* What is recorded of a dependency, in the lock that was given; most often it is the one that was loaded. */
static const struct entry *recorded_dep(const struct trial *trial, const struct stage_dep *dep)
{
	if (trial->stage->pointer || trial->locked == trial->stage->lock)
		return dep->recorded;
	return trial->locked ? locked_entry(trial->locked->deps, dep->written) : NULL;
}

static const struct entry *recorded_out(const struct trial *trial, const struct stage_out *out)
{
	if (trial->stage->pointer || trial->locked == trial->stage->lock)
		return out->recorded;
	return trial->locked ? locked_entry(trial->locked->outs, out->written) : NULL;
}

/* Whether who makes this path has recorded another content of it than who reads it. */
static bool is_other_upstream(const struct trial *trial, const char *path, const struct entry *recorded)
{
	const struct stages *stages = trial->options->stages;
	const struct output *output = stages ? outputs_find(stages->outputs, path) : NULL;

	return output && recorded && !oid_is_none(&output->oid) && !oid_equal(&output->oid, &recorded->oid);
}

/* Tell which files of a folder changed, as far as its recorded manifest can be had. */
static void look_inside(const struct trial *trial, struct reason *reason, const struct entry *recorded,
			const struct fact *fact)
{
	struct store *store = workspace_store(trial->ws, NULL);
	autoptr(manifest) before = NULL;

	if (!trial->options->inside || !recorded || !recorded->oid.dir || !fact->manifest || !store)
		return;
	before = manifest_load(store, &recorded->oid, NULL);
	if (before)
		reason->inside = reason_inside(before, fact->manifest);
}

/* Give a reason both ids. */
static void add_ids(struct reason *reason, const struct entry *recorded, const struct fact *fact)
{
	reason->old = reason_short_id(recorded ? &recorded->oid : NULL);
	reason->new = fact->kept ? reason_short_id(&fact->oid) : NULL;
}

static bool is_same(const struct entry *recorded, const struct fact *fact)
{
	return recorded && !oid_is_none(&recorded->oid) && oid_equal(&recorded->oid, &fact->oid);
}

/* Whether the stage ran, but is not known to have read what is there now, nor anything else: see record_add(). */
static bool is_unknown(const struct trial *trial, const struct entry *recorded)
{
	return trial->stage->body && recorded && oid_is_none(&recorded->oid) && !recorded->etag;
}

/* A dependency outside the project. */
static bool try_external(struct trial *trial, const struct stage_dep *dep, GError **error)
{
	const struct entry *recorded = recorded_dep(trial, dep);
	const struct external_fact *fact = externals_at(facts_externals(trial->facts), trial->stage, dep, error);
	g_autofree char *shown = NULL;
	bool passed_over, unknown = is_unknown(trial, recorded);
	struct reason *reason;

	if (!fact)
		return false;
	passed_over = !fact->found && trial->options->allow_missing;
	if (external_is_same(fact, recorded) || (passed_over && !unknown))
		return true;
	shown = shown_dep(trial, dep);
	reason = add(trial, REASON_DEP, shown, fact->found || passed_over ? "modified" : "deleted");
	reason->unknown = unknown;
	reason->old = external_short_mark(NULL, recorded);
	reason->new = external_short_mark(fact, NULL);
	return true;
}

static bool try_dep(struct trial *trial, const struct stage_dep *dep, GError **error)
{
	const struct entry *recorded = recorded_dep(trial, dep);
	g_autofree char *shown = NULL;
	const struct fact *fact;
	struct reason *reason;
	const char *word = "modified";

	if (!dep->path)
		return try_external(trial, dep, error);
	fact = facts_input(trial->facts, dep->path, recorded, error);
	if (!fact)
		return false;
	if (is_same(recorded, fact))
		return true;
	if (fact->kind == SCAN_ABSENT) {
		if (!trial->options->allow_missing)
			word = "deleted";
		else if (!is_unknown(trial, recorded) && !is_other_upstream(trial, dep->path, recorded))
			return true;
	}
	shown = shown_dep(trial, dep);
	reason = add(trial, REASON_DEP, shown, word);
	reason->unknown = is_unknown(trial, recorded);
	add_ids(reason, recorded, fact);
	look_inside(trial, reason, recorded, fact);
	return true;
}

/* One parameter: NULL for a value that is not there. */
static void try_value(struct trial *trial, const char *file, const char *key, const struct node *before,
		      const struct node *now)
{
	struct reason *reason;

	if (before && now && value_equal(before, now))
		return;
	reason = add(trial, REASON_PARAM, file, !now ? "deleted" : before ? "modified" : "new");
	reason->key = g_strdup(key);
	reason->old = before ? value_text(before) : NULL;
	reason->new = now ? value_text(now) : NULL;
}

/* A file that counts as a whole: by its keys at the top. */
static void try_whole_file(struct trial *trial, const char *file, const struct node *recorded, const struct node *now)
{
	for (size_t i = 0; now->kind == NODE_MAP && i < now->count; i++) {
		g_autofree char *key = value_key(now->keys[i]);

		try_value(trial, file, key, value_member(recorded, key), now->items[i]);
	}
	for (size_t i = 0; i < recorded->count; i++) {
		g_autofree char *key = value_key(recorded->keys[i]);

		if (!value_member(now, key))
			try_value(trial, file, key, recorded->items[i], NULL);
	}
}

/* Whether the lock has any of the values that are asked for. */
static bool is_any_recorded(const struct stage_params *params, const struct node *recorded)
{
	for (char **key = params->keys; recorded && key && *key; key++) {
		if (node_get(recorded, *key))
			return true;
	}
	return recorded && !params->keys && recorded->count;
}

/* The same as is_unknown() for a file of parameters. */
static bool is_unknown_file(const struct node *recorded, const struct node *now)
{
	/* There may have been nothing in it. */
	return recorded && !recorded->count && !(now && !now->count);
}

/* Nothing can be compared: the file is not there, or nothing is recorded of it. */
static void add_file(struct trial *trial, const char *file, const struct node *recorded, const struct node *now)
{
	bool unknown = is_unknown_file(recorded, now), passed_over = !now && trial->options->allow_missing;

	if (unknown || !passed_over)
		add(trial, REASON_PARAM, file, now || passed_over ? "new" : "deleted")->unknown = unknown;
}

static bool try_params(struct trial *trial, const struct stage_params *params, GError **error)
{
	const struct node *recorded = params->recorded, *now;
	g_autofree char *shown = workspace_show_path(trial->ws, params->path);
	GError *reason = NULL;

	if (trial->locked != trial->stage->lock)
		recorded = trial->locked ? node_get(trial->locked->params, params->written) : NULL;
	now = facts_params(trial->facts, params->path, &reason);
	if (reason) {
		g_propagate_error(error, reason);
		return false;
	}
	if (!now || !is_any_recorded(params, recorded)) {
		add_file(trial, shown, recorded, now);
		return true;
	}
	if (!params->keys)
		try_whole_file(trial, shown, recorded, now);
	for (char **key = params->keys; key && *key; key++)
		try_value(trial, shown, *key, node_get(recorded, *key), facts_value(now, *key));
	return true;
}

static void note_missing(const char *path, const struct oid *oid, void *user)
{
	(void)path;
	(void)oid;
	*(bool *)user = true;
}

/* Whether the store lacks the recorded content, or some file of it. */
static bool is_not_in_store(const struct trial *trial, const struct stage_out *out, const struct entry *recorded,
			    const struct fact *fact)
{
	struct side side = {.side = {.present = true, .oid = recorded->oid, .size = MANIFEST_NO_SIZE}};
	bool missing = false;

	if (trial->options->no_store || out->declared->no_cache || oid_is_none(&recorded->oid))
		return false;
	if (recorded->has_size)
		side.side.size = recorded->size;
	if (oid_equal(&fact->oid, &recorded->oid))
		side.side.manifest = fact->manifest;
	side_load(&side, trial->ws);
	side_find_missing(&side, trial->ws, out->output->path, "", note_missing, &missing);
	side_clear(&side);
	return missing;
}

/* Whether a file is executable when it was not, or the reverse, where that is recorded. */
static bool is_other_mode(const struct trial *trial, const struct entry *recorded, const struct fact *fact)
{
	return trial->ws->dialect->keeps_modes && fact->kind == SCAN_FILE && recorded->isexec != fact->isexec;
}

static bool try_out(struct trial *trial, const struct stage_out *out, GError **error)
{
	const struct entry *recorded = recorded_out(trial, out);
	g_autofree char *shown = NULL;
	const struct fact *fact;
	const char *word = NULL;
	struct reason *reason;

	if (!out->output)
		return true;
	fact = facts_against(trial->facts, out->output->path, recorded, error);
	if (!fact)
		return false;
	if (recorded && is_not_in_store(trial, out, recorded, fact))
		word = "not in cache";
	else if (fact->kind == SCAN_ABSENT)
		word = "deleted";
	if (word && trial->options->allow_missing)
		return true;
	if (!word && (!is_same(recorded, fact) || is_other_mode(trial, recorded, fact)))
		word = "modified";
	if (!word)
		return true;
	shown = workspace_show_path(trial->ws, out->output->path);
	reason = add(trial, REASON_OUT, shown, word);
	add_ids(reason, recorded, fact);
	if (g_str_equal(word, "modified"))
		look_inside(trial, reason, recorded, fact);
	return true;
}

static bool try_inputs(struct trial *trial, GError **error)
{
	const struct stage *stage = trial->stage;

	for (guint i = 0; i < stage->deps->len && !is_settled(trial); i++) {
		if (!try_dep(trial, &g_array_index(stage->deps, struct stage_dep, i), error))
			return false;
	}
	for (guint i = 0; i < stage->params->len && !is_settled(trial); i++) {
		if (!try_params(trial, &g_array_index(stage->params, struct stage_params, i), error))
			return false;
	}
	return true;
}

static bool try_outs(struct trial *trial, GError **error)
{
	const struct stage *stage = trial->stage;

	for (guint i = 0; i < stage->outs->len && !is_settled(trial); i++) {
		if (!try_out(trial, &g_array_index(stage->outs, struct stage_out, i), error))
			return false;
	}
	return true;
}

static void try_command(struct trial *trial)
{
	const struct stage *stage = trial->stage;
	struct reason *reason;

	if (stage->body && trial->locked && !node_equal(trial->locked->cmd, stage->body->cmd)) {
		reason = add(trial, REASON_COMMAND, NULL, NULL);
		reason->old = reason_command(trial->locked->cmd);
		reason->new = reason_command(stage->body->cmd);
	}
	if (stage->pointer && stage->deps->len && !pointer_is_sealed(stage->pointer))
		add(trial, REASON_CHECKSUM, NULL, NULL);
}

GPtrArray *stale_reasons(const struct stage *stage, const struct lockfile_stage *locked, struct facts *facts,
			 const struct stale_options *options, GError **error)
{
	g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func((GDestroyNotify)reason_free);
	struct trial trial = {stage, locked, facts, options, facts_workspace(facts), reasons};

	if (!stage->frozen && !try_inputs(&trial, error))
		return NULL;
	if (!is_settled(&trial) && !options->no_outs && !try_outs(&trial, error))
		return NULL;
	if (!is_settled(&trial))
		try_command(&trial);
	if (!is_settled(&trial) && !stage->frozen && stage_is_callback(stage))
		add(&trial, REASON_CALLBACK, NULL, NULL);
	else if (!is_settled(&trial) && !stage->frozen && stage->always_changed)
		add(&trial, REASON_ALWAYS, NULL, NULL);
	if (stage->body && !locked && reasons->len) {
		struct reason *never = g_new0(struct reason, 1);

		never->kind = REASON_NEVER_RAN;
		g_ptr_array_insert(reasons, 0, never);
	}
	return g_steal_pointer(&reasons);
}
