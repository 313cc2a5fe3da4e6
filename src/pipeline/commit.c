#include "pipeline/commit.h"

#include "base/error.h"
#include "pipeline/claims.h"
#include "pipeline/record.h"
#include "pipeline/stale.h"

/* What the steps share. */
struct commit {
	struct workspace *ws;
	struct facts *facts;
	struct record *record;
	struct claims *claims;
	const struct commit_options *options;
	struct track_result *result;
};

static bool is_input(enum reason_kind kind)
{
	return kind == REASON_NEVER_RAN || kind == REASON_COMMAND || kind == REASON_DEP || kind == REASON_PARAM;
}

/* Refuse a stage whose outputs were made from something else than its inputs. */
static void refuse(const struct stage *stage, const struct reason *reason, GError **error)
{
	g_autofree char *why = reason_text(reason);

	error_set(error, ERROR_CONFLICT, "the outputs of the stage %s may not be those of its inputs: %s",
		  stage->address, why);
	error_hint(error, "git mlv repro %s, or git mlv commit -f %s if they belong together", stage->address,
		   stage->address);
}

/* Whether nobody else runs the stage, whose outputs would be half made. */
static bool is_idle(struct commit *commit, const struct stage *stage, GError **error)
{
	g_autofree char *holder = NULL;
	enum claims_answer answer = claims_look(commit->claims, stage, &holder, error);

	if (answer == CLAIMS_BUSY)
		error_set(error, ERROR_BUSY, "the stage %s is in use by %s", stage->address, holder);
	return answer == CLAIMS_FREE;
}

/* The same for a stage that nobody may have named: then it is passed over, and told. */
static bool is_left_alone(struct commit *commit, const struct stage *stage, bool *ok, GError **error)
{
	g_autoptr(GError) reason = NULL;

	*ok = true;
	if (is_idle(commit, stage, &reason))
		return true;
	if (commit->options->pass_over && error_is(reason, ERROR_BUSY)) {
		g_ptr_array_add(commit->result->notes, g_strdup_printf("%s: its record stays as it is", reason->message));
		return false;
	}
	g_propagate_error(error, g_steal_pointer(&reason));
	*ok = false;
	return false;
}

/* Whether the stage is to be committed; *ok becomes false with the error set if it may not be. */
static bool is_wanted(struct commit *commit, const struct stage *stage, bool *ok, GError **error)
{
	const struct stale_options how = {.no_store = true};
	g_autoptr(GPtrArray) reasons = NULL;
	const struct reason *input = NULL;
	bool never = false, changed = false;

	*ok = true;
	if (!stage->body || !is_left_alone(commit, stage, ok, error))
		return false;
	if (commit->options->force)
		return true;
	reasons = stale_reasons(stage, stage->lock, commit->facts, &how, error);
	*ok = reasons;
	for (guint i = 0; reasons && i < reasons->len; i++) {
		const struct reason *reason = reasons->pdata[i];

		if (!input && is_input(reason->kind))
			input = reason;
		never = never || reason->kind == REASON_NEVER_RAN;
		changed = changed || reason->kind == REASON_OUT;
	}
	if (!input || !*ok)
		return *ok;
	if (!commit->options->pass_over || (changed && !never)) {
		refuse(stage, input, error);
		*ok = false;
	}
	return false;
}

/* The entry of that path; NULL if there is none. */
static const struct entry *find(const struct lockfile_stage *stage, const char *path)
{
	for (guint i = 0; stage && i < stage->outs->len; i++) {
		const struct entry *entry = stage->outs->pdata[i];

		if (g_str_equal(entry->path, path))
			return entry;
	}
	return NULL;
}

static void report(struct commit *commit, const struct stage *stage)
{
	const struct lockfile_stage *now = record_entry(commit->record, stage);

	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);
		const struct entry *entry = find(now, out->written);
		enum track_verb verb = !out->recorded					   ? TRACK_ADDED
				       : entry && oid_equal(&entry->oid, &out->recorded->oid) ? TRACK_UNCHANGED
											   : TRACK_UPDATED;
		struct track_item *item;

		if (!entry || !out->output)
			continue;
		item = track_report(commit->result, verb, out->output->path, stage->file);
		item->oid = entry->oid;
		item->size = entry->size;
		item->nfiles = entry->oid.dir ? entry->nfiles : 1;
	}
}

/* Look at what the stage reads and wrote. What is missing is told, and passed over if nobody named the stage. */
static bool add(struct commit *commit, const struct stage *stage, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct lockfile *inputs = record_inputs(commit->record, stage, &reason);
	bool same;

	if (inputs && record_add(commit->record, stage, inputs, &same, &reason))
		return true;
	if (!commit->options->pass_over || !error_is(reason, ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	g_ptr_array_add(commit->result->notes,
			g_strdup_printf("%s: its record stays as it is", reason->message));
	return true;
}

/* Commit those that are wanted: all are looked at before anything is written. */
static bool run(struct commit *commit, const GPtrArray *stages, GError **error)
{
	g_autoptr(GPtrArray) wanted = g_ptr_array_new();
	const GPtrArray *touched = record_touched(commit->record);

	for (guint i = 0; i < stages->len; i++) {
		bool ok;

		if (is_wanted(commit, stages->pdata[i], &ok, error))
			g_ptr_array_add(wanted, stages->pdata[i]);
		if (!ok)
			return false;
	}
	for (guint i = 0; i < wanted->len; i++)
		if (!add(commit, wanted->pdata[i], error))
			return false;
	/* Somebody may have begun to run it meanwhile. */
	for (guint i = 0; i < wanted->len; i++)
		if (!is_idle(commit, wanted->pdata[i], error))
			return false;
	if (!record_flush(commit->record, error))
		return false;
	for (guint i = 0; i < wanted->len; i++)
		report(commit, wanted->pdata[i]);
	for (guint i = 0; i < touched->len; i++)
		track_touch(commit->result, touched->pdata[i]);
	commit->result->staged = commit->ws->settings->autostage;
	return true;
}

bool commit_stages(struct facts *facts, const GPtrArray *stages, const struct commit_options *options,
		   struct track_result *result, GError **error)
{
	const struct record_options how = {.no_relink = options->no_relink, .what = options->what};
	autoptr(claims) claims = claims_new(facts_workspace(facts), options->what);
	struct commit commit = {facts_workspace(facts), facts, NULL, claims, options, result};
	bool ok;

	commit.record = record_begin(commit.ws, facts, &how);
	ok = run(&commit, stages, error);
	record_free(commit.record);
	return ok;
}
