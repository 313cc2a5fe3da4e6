/* What came of stages that were submitted. */
#include "pipeline/submission-int.h"

#include "pipeline/slurm-call.h"
#include "pipeline/slurm-poll.h"
#include "pipeline/slurm-run.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "doc/yaml.h"
#include "format/param-file.h"

#include <string.h>

/* sha256sum of nothing: whoever noted that had no `find` that works. */
#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* More than a digest takes. */
#define DIGEST_LIMIT 256

/* A submission that is looked at. */
struct collect {
	struct workspace *ws;
	const struct stages *stages;
	const struct submission_listener *listener;
	struct submission_result *result;
	struct facts *facts;
	struct record *record;
	const char *dir;
	struct submission_notes *notes;
	GHashTable *states;   /* of ids to what Slurm says of them; NULL: not asked */
	GHashTable *by_number; /* of number to const struct submission_job */
	enum submission_fate *fates; /* of each job */
	char **reasons;              /* why, or NULL; owned */
};

static const struct submission_job *job_at(const struct collect *collect, guint i)
{
	return collect->notes->jobs->pdata[i];
}

/* Ask Slurm about the jobs that left no good exit status. */
static bool ask(struct collect *collect, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new(), forgotten = g_ptr_array_new();
	g_autoptr(GHashTable) accounts = NULL;
	GHashTableIter iter;
	void *id, *state;

	for (guint i = 0; i < collect->notes->jobs->len; i++) {
		const struct submission_job *job = job_at(collect, i);

		if (!job->told && slurm_run_status(collect->dir, job->number) != 0)
			g_ptr_array_add(ids, job->id);
	}
	collect->states = ids->len ? slurm_ask(ids, error) : slurm_parse_states("", error);
	if (!collect->states)
		return false;
	for (guint i = 0; i < ids->len; i++) {
		if (!g_hash_table_contains(collect->states, ids->pdata[i]))
			g_ptr_array_add(forgotten, ids->pdata[i]);
	}
	if (!forgotten->len)
		return true;
	accounts = slurm_accounts(forgotten);
	g_hash_table_iter_init(&iter, accounts);
	while (g_hash_table_iter_next(&iter, &id, &state)) {
		if (!g_hash_table_contains(collect->states, id))
			g_hash_table_insert(collect->states, g_strdup(id), state);
	}
	return true;
}

/* Whether a job that this one needs ended badly. */
static bool is_orphan(const struct collect *collect, const struct submission_job *job)
{
	for (guint i = 0; i < job->needs->len; i++) {
		const void *number = GUINT_TO_POINTER(g_array_index(job->needs, guint, i));
		guint at = GPOINTER_TO_UINT(g_hash_table_lookup(collect->by_number, number));
		enum submission_fate fate = collect->fates[at];

		if (fate == SUBMISSION_FAILED || fate == SUBMISSION_SKIPPED)
			return true;
	}
	return false;
}

/* How the job of index `at` stands, and why. Those that ended well are HELD for now. */
static void judge(struct collect *collect, guint at)
{
	const struct submission_job *job = job_at(collect, at);
	/* After Slurm was asked: a job that was over then has left its status by now. */
	int status = slurm_run_status(collect->dir, job->number);
	const struct slurm_state *state = g_hash_table_lookup(collect->states, job->id);
	g_autofree char *started = g_strdup_printf("%s/%u" SLURM_STARTED, collect->dir, job->number);

	if (job->told) {
		/* Of an earlier command's news this much counts for those that wait for it. */
		collect->fates[at] = status == 0 ? SUBMISSION_RECORDED : SUBMISSION_FAILED;
	} else if (status == 0) {
		collect->fates[at] = SUBMISSION_HELD;
	} else if (state && state->alive) {
		collect->fates[at] = SUBMISSION_RUNS;
	} else if (is_orphan(collect, job) && !g_file_test(started, G_FILE_TEST_EXISTS)) {
		collect->fates[at] = SUBMISSION_SKIPPED;
	} else {
		collect->fates[at] = SUBMISSION_FAILED;
		if (state && state->reason)
			collect->reasons[at] = g_strdup(state->reason);
		else if (status > 0)
			collect->reasons[at] = g_strdup_printf("exited with %d", status);
		else if (state)
			collect->reasons[at] = g_strdup("it left no exit status");
		else
			collect->reasons[at] = g_strdup("lost: Slurm knows the job no longer, and it left no exit status");
	}
}

/* Whether a job that is not over reads what this one wrote. */
static bool has_live_reader(const struct collect *collect, guint number)
{
	for (guint i = 0; i < collect->notes->jobs->len; i++) {
		const struct submission_job *job = job_at(collect, i);

		if (job->told || collect->fates[i] != SUBMISSION_RUNS)
			continue;
		for (guint k = 0; k < job->needs->len; k++) {
			if (g_array_index(job->needs, guint, k) == number)
				return true;
		}
	}
	return false;
}

/* The text of dir/N.suffix; NULL if it cannot be read. New string. */
static char *read_note(const struct collect *collect, const struct submission_job *job, const char *suffix, size_t limit)
{
	g_autofree char *path = g_strdup_printf("%s/%u%s", collect->dir, job->number, suffix);
	char *text = NULL;

	return file_read(path, limit, &text, NULL, NULL) ? text : NULL;
}

/* Whether the stamps at these paths are what the job noted under this suffix. */
static bool is_as_noted(const struct collect *collect, const struct submission_job *job, char *const *paths,
			const char *suffix)
{
	g_autofree char *noted = read_note(collect, job, suffix, DIGEST_LIMIT);
	g_autofree char *command = slurm_look(collect->ws->root, paths);
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct proc_result result;
	bool same;

	if (!noted || g_str_has_prefix(noted, NOTHING) || !proc_run(argv, NULL, NULL, 0, DIGEST_LIMIT, &result, NULL))
		return false;
	same = g_str_equal(noted, result.out);
	proc_result_clear(&result);
	return same;
}

/* Whether the job noted the same under both suffixes. */
static bool is_same_note(const struct collect *collect, const struct submission_job *job, const char *a, const char *b)
{
	g_autofree char *x = read_note(collect, job, a, DIGEST_LIMIT), *y = read_note(collect, job, b, DIGEST_LIMIT);

	return x && y && g_str_equal(x, y) && !g_str_has_prefix(x, NOTHING);
}

static bool is_same_value(const struct node *a, const struct node *b)
{
	return a && b ? node_equal(a, b) : a == b;
}

/* Whether a file of parameters, as the job noted it, has the values that it has now. */
static bool has_same_values(struct collect *collect, const struct submission_job *job, const struct stage_params *params,
			    guint index)
{
	g_autofree char *suffix = g_strdup_printf(SLURM_PARAMS_COPY "%u", index);
	g_autofree char *text = read_note(collect, job, suffix, YAML_SIZE_LIMIT);
	autoptr(doc) then = text ? param_file_read(text, strlen(text), params->path, NULL) : NULL;
	const struct node *now = facts_params(collect->facts, params->path, NULL);

	if (!then || !now)
		return false;
	if (!params->keys)
		return is_same_value(then->root, now);
	for (char **key = params->keys; *key; key++) {
		if (!is_same_value(facts_value(then->root, *key), facts_value(now, *key)))
			return false;
	}
	return true;
}

static const char *check_params(struct collect *collect, const struct submission_job *job, const struct stage *stage)
{
	if (!is_same_note(collect, job, SLURM_PARAMS, SLURM_PARAMS_AFTER))
		return "parameters changed while it ran";
	for (guint i = 0; i < stage->params->len; i++) {
		if (!has_same_values(collect, job, &g_array_index(stage->params, struct stage_params, i), i))
			return "parameters changed since it ran";
	}
	return NULL;
}

/* Why what the job did may not be recorded; NULL if it may. */
static const char *find_objection(struct collect *collect, const struct submission_job *job, const struct stage *stage)
{
	struct slurm_notes files;
	const char *why = NULL;

	if (!stage || !stage_can_run(stage) || stage->frozen || !node_equal(stage->body->cmd, job->cmd) ||
	    !g_str_equal(stage->wdir, job->wdir))
		return "the stage is another one now";
	submission_files(stage, &files);
	if (!is_same_note(collect, job, SLURM_READ, SLURM_READ_AFTER))
		why = "what it reads changed while it ran";
	else if (!is_as_noted(collect, job, files.inputs, SLURM_READ))
		why = "what it read changed since it ran";
	else if (!is_as_noted(collect, job, files.outputs, SLURM_WROTE))
		why = "what it wrote changed since it ran";
	else
		why = check_params(collect, job, stage);
	submission_files_clear(&files);
	return why;
}

static const struct stage *stage_of(const struct collect *collect, const struct submission_job *job)
{
	return stages_find(collect->stages, job->file, job->name);
}

/* Decide about jobs that ended well, before any of them is recorded: that may change stamps. */
static void check_all(struct collect *collect)
{
	for (guint i = 0; i < collect->notes->jobs->len; i++) {
		const struct submission_job *job = job_at(collect, i);
		const char *why;

		if (job->told || collect->fates[i] != SUBMISSION_HELD || has_live_reader(collect, job->number))
			continue;
		why = find_objection(collect, job, stage_of(collect, job));
		collect->fates[i] = why ? SUBMISSION_CHANGED : SUBMISSION_RECORDED;
		collect->reasons[i] = g_strdup(why);
	}
}

/* Record the stage of the job; what hinders is its failure. */
static void record(struct collect *collect, guint at)
{
	const struct stage *stage = stage_of(collect, job_at(collect, at));
	g_autoptr(GError) error = NULL;
	struct lockfile *inputs = record_inputs(collect->record, stage, &error);
	bool same;

	if (inputs && record_add(collect->record, stage, inputs, &same, &error))
		return;
	collect->fates[at] = SUBMISSION_FAILED;
	collect->reasons[at] = g_strdup(error->message);
}

static void tell(const struct collect *collect, guint at)
{
	const struct submission_job *job = job_at(collect, at);
	const struct submission_news news = {.fate = collect->fates[at],
					     .title = job->title,
					     .job = job->id,
					     .why = collect->reasons[at],
					     .log = job->log};

	switch (news.fate) {
	case SUBMISSION_RUNS:
	case SUBMISSION_HELD:
		collect->result->running++;
		break;
	case SUBMISSION_RECORDED:
		collect->result->recorded++;
		break;
	default:
		collect->result->failed++;
	}
	collect->listener->tell(&news, collect->listener->user);
}

/* Note what was dealt with; a submission of which nothing is left goes. */
static bool conclude(struct collect *collect, GError **error)
{
	bool over = true;

	for (guint i = 0; i < collect->notes->jobs->len; i++) {
		struct submission_job *job = collect->notes->jobs->pdata[i];

		if (job->told)
			continue;
		tell(collect, i);
		job->told = collect->fates[i] != SUBMISSION_RUNS && collect->fates[i] != SUBMISSION_HELD;
		over = over && job->told;
	}
	if (!over)
		return submission_notes_write(collect->notes, collect->dir, error);
	slurm_run_remove(collect->dir);
	return true;
}

/* Whoever submitted the jobs may have been killed before they were let go. Those that are over by now cannot be, which is no harm. */
static void let_go(const struct collect *collect)
{
	g_autoptr(GPtrArray) roots = g_ptr_array_new();

	for (guint i = 0; i < collect->notes->jobs->len; i++) {
		if (!job_at(collect, i)->needs->len)
			g_ptr_array_add(roots, job_at(collect, i)->id);
	}
	submission_release(roots, collect->dir, NULL);
}

static bool settle(struct collect *collect, GError **error)
{
	guint count = collect->notes->jobs->len;
	int64_t since;

	if (!submission_is_released(collect->dir))
		let_go(collect);
	if (!ask(collect, error))
		return false;
	for (guint i = 0; i < count; i++)
		g_hash_table_insert(collect->by_number, GUINT_TO_POINTER(job_at(collect, i)->number), GUINT_TO_POINTER(i));
	for (guint i = 0; i < count; i++)
		judge(collect, i);
	check_all(collect);
	for (guint i = 0; i < count; i++) {
		if (!job_at(collect, i)->told && collect->fates[i] == SUBMISSION_RECORDED)
			record(collect, i);
	}
	return (!record_pending(collect->record, &since) || record_flush(collect->record, error)) && conclude(collect, error);
}

/* Take in the submission in this folder, unless somebody else does or it is none. */
static bool collect_dir(struct collect *collect, GError **error)
{
	g_autofree char *lock_path = path_join(collect->dir, "lock");
	autoptr(lock) lock = NULL;
	autoptr(submission_notes) notes = NULL;
	guint count;
	bool ok;

	if (!slurm_run_is_submission(collect->dir))
		return true;
	lock = lock_take(lock_path, LOCK_EXCLUSIVE, -1, "git mlv repro", NULL, NULL, error);
	if (!lock)
		return false;
	/* Whom we waited for may have been through with it. */
	if (!slurm_run_is_submission(collect->dir))
		return true;
	notes = submission_notes_read(collect->dir, error);
	if (!notes)
		return false;
	count = notes->jobs->len;
	collect->notes = notes;
	collect->states = NULL;
	collect->by_number = g_hash_table_new(NULL, NULL);
	collect->fates = g_new0(enum submission_fate, count);
	collect->reasons = g_new0(char *, count + 1);
	ok = settle(collect, error);
	for (guint i = 0; i < count; i++)
		g_free(collect->reasons[i]);
	g_free(collect->reasons);
	g_free(collect->fates);
	g_hash_table_unref(collect->by_number);
	g_clear_pointer(&collect->states, g_hash_table_unref);
	return ok;
}

bool submission_collect(const struct graph *graph, const struct submission_options *options,
			const struct submission_listener *listener, struct submission_result *result, GError **error)
{
	const struct stages *stages = graph->stages;
	const struct record_options how = {.no_commit = options->no_commit,
					   .no_run_cache = options->no_run_cache,
					   .what = options->what,
					   .graph = graph};
	autoptr(facts) facts = facts_new(stages->ws);
	autoptr(record) record = record_begin(stages->ws, facts, &how);
	struct collect collect = {.ws = stages->ws,
				  .stages = stages,
				  .listener = listener,
				  .result = result,
				  .facts = facts,
				  .record = record};
	g_autofree char *parent = path_join(stages->ws->state_dir, "slurm");
	g_autoptr(GDir) dir = g_dir_open(parent, 0, NULL);
	const GPtrArray *touched;
	const char *name;
	bool ok = true;

	*result = (struct submission_result){.touched = g_ptr_array_new_with_free_func(g_free)};
	while (ok && dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = path_join(parent, name);

		collect.dir = path;
		ok = collect_dir(&collect, error);
	}
	touched = record_touched(record);
	for (guint i = 0; i < touched->len; i++)
		g_ptr_array_add(result->touched, g_strdup(touched->pdata[i]));
	return ok;
}

bool submission_exists(const struct workspace *ws)
{
	g_autofree char *parent = path_join(ws->state_dir, "slurm");
	g_autoptr(GDir) dir = g_dir_open(parent, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = path_join(parent, name);

		if (slurm_run_is_submission(path))
			return true;
	}
	return false;
}

void submission_result_clear(struct submission_result *result)
{
	g_clear_pointer(&result->touched, g_ptr_array_unref);
}
