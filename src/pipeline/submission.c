/* Stages are submitted. */
#include "pipeline/submission-int.h"

#include "pipeline/run-stage.h"
#include "pipeline/slurm-call.h"
#include "pipeline/slurm-run.h"
#include "pipeline/stage-job.h"
#include "pipeline/stale.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <string.h>

/* A stage that becomes a job. */
struct piece {
	const struct stage *stage;
	guint level; /* pieces of one level need none of each other, only of lower ones */
	struct stage_job own;
	struct slurm_notes files;
	char *after;
	struct slurm_job *slurm; /* owned; NULL: not submitted yet */
};

/* A submission in the making. */
struct submit {
	struct workspace *ws;
	const struct graph *graph;
	const struct submission_options *options;
	struct facts *facts;
	struct slurm_run *run;
	struct logs *logs;
	GPtrArray *pieces;      /* of struct piece, owned, in running order */
	struct piece **by_stage; /* by index; NULL for stages that do not run */
};

static void piece_free(void *data)
{
	struct piece *piece = data;

	submission_files_clear(&piece->files);
	stage_job_clear(&piece->own);
	g_free(piece->after);
	if (piece->slurm)
		slurm_job_free(piece->slurm);
	g_free(piece);
}

/* The level of a stage: one above those that it needs; 0 if it needs none that run. */
static guint level_of(const struct submit *submit, const struct stage *stage)
{
	const GArray *needs = submit->graph->needs[stage->index];
	guint level = 0;

	for (guint i = 0; i < needs->len; i++) {
		const struct piece *need = submit->by_stage[g_array_index(needs, guint, i)];

		if (need)
			level = MAX(level, need->level + 1);
	}
	return level;
}

/* Whether the stage is to run: it is out of date, or will be when those that it needs have run. -1: the error is set. */
static int is_wanted(const struct submit *submit, const struct stage *stage, GError **error)
{
	const struct stale_options how = {.first_only = true};
	g_autoptr(GPtrArray) reasons = NULL;

	if (!stage_can_run(stage) || stage->frozen)
		return false;
	if (submit->options->force || level_of(submit, stage))
		return true;
	reasons = stale_reasons(stage, stage->lock, submit->facts, &how, error);
	return reasons ? reasons->len > 0 : -1;
}

/* Whether a stage that runs before makes what is at this path, or part of it. */
static bool is_made(const struct submit *submit, const struct stage *stage, const char *path)
{
	const GArray *needs = submit->graph->needs[stage->index];

	for (guint i = 0; i < needs->len; i++) {
		const struct piece *need = submit->by_stage[g_array_index(needs, guint, i)];

		for (guint k = 0; need && k < need->stage->outs->len; k++) {
			const struct output *output = g_array_index(need->stage->outs, struct stage_out, k).output;

			if (output && (path_is_inside(output->path, path) || path_is_inside(path, output->path)))
				return true;
		}
	}
	return false;
}

/* Whether the stage can run where nobody watches: what it reads is there or will be, and can be proved later. */
static bool check(const struct submit *submit, const struct stage *stage, GError **error)
{
	for (guint i = 0; i < stage->deps->len; i++) {
		const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, i);
		const struct fact *fact;

		if (!dep->path) {
			error_set(error, ERROR_USAGE, "%s reads '%s', of which nobody can tell later what it was",
				  stage->address, dep->written);
			error_hint(error, "run it without --submit");
			return false;
		}
		if (is_made(submit, stage, dep->path))
			continue;
		fact = facts_at(submit->facts, dep->path, submit->ws->dialect->algo, error);
		if (!fact)
			return false;
		if (fact->kind == SCAN_ABSENT) {
			error_set(error, ERROR_NOT_FOUND, "'%s', which the stage %s reads, does not exist", dep->path,
				  stage->address);
			error_hint(error, "git mlv pull");
			return false;
		}
	}
	return true;
}

/* Keep other commands away from what the stage reads and writes. */
static bool claim(const struct submit *submit, const struct stage *stage, GError **error)
{
	g_autofree char *holder = NULL;
	bool disturbed;
	enum claims_answer answer = claims_take(submit->options->claims, stage, &holder, &disturbed, error);

	if (answer == CLAIMS_BUSY)
		error_set(error, ERROR_BUSY, "%s is at work on what the stage %s reads or writes", holder, stage->address);
	return answer == CLAIMS_FREE;
}

/* Make a piece of the stage. */
static void add_piece(struct submit *submit, const struct stage *stage)
{
	struct piece *piece = g_new0(struct piece, 1);

	piece->stage = stage;
	piece->level = level_of(submit, stage);
	stage_job_fill(&piece->own, submit->ws, stage, exec_slurm.name, submit->logs);
	piece->own.job.tag = piece;
	submission_files(stage, &piece->files);
	piece->files.root = submit->ws->root;
	g_ptr_array_add(submit->pieces, piece);
	submit->by_stage[stage->index] = piece;
}

/* Find out which stages run. */
static bool plan(struct submit *submit, const GArray *selected, GError **error)
{
	for (guint i = 0; i < selected->len; i++) {
		const struct stage *stage = submit->graph->stages->list->pdata[g_array_index(selected, guint, i)];
		int wanted = is_wanted(submit, stage, error);

		if (wanted < 0 || !cancel_check(error))
			return false;
		if (wanted && (!check(submit, stage, error) || !claim(submit, stage, error)))
			return false;
		if (wanted)
			add_piece(submit, stage);
	}
	return true;
}

/* Slurm's ids of the jobs that the piece waits for. New string; NULL if it waits for none. */
static char *ids_before(const struct submit *submit, const struct piece *piece)
{
	const GArray *needs = submit->graph->needs[piece->stage->index];
	g_autoptr(GString) ids = g_string_new(NULL);

	for (guint i = 0; i < needs->len; i++) {
		const struct piece *need = submit->by_stage[g_array_index(needs, guint, i)];

		if (need)
			g_string_append_printf(ids, "%s%s", ids->len ? ":" : "", need->slurm->id);
	}
	return ids->len ? g_strdup(ids->str) : NULL;
}

/* Submit the pieces of one level; those of the lowest do not start yet. *count becomes how many there are. */
static bool submit_level(struct submit *submit, guint level, guint *count, GError **error)
{
	g_autofree struct slurm_wish *wishes = g_new0(struct slurm_wish, submit->pieces->len);
	g_autoptr(GPtrArray) started = NULL;

	*count = 0;
	for (guint i = 0; i < submit->pieces->len; i++) {
		struct piece *piece = submit->pieces->pdata[i];

		if (piece->level != level)
			continue;
		piece->after = ids_before(submit, piece);
		wishes[(*count)++] = (struct slurm_wish){.job = &piece->own.job, .after = piece->after, .notes = &piece->files};
	}
	if (!*count)
		return true;
	started = slurm_run_start(submit->run, wishes, *count, true, error);
	if (!started)
		return false;
	g_ptr_array_set_free_func(started, NULL);
	for (guint i = 0; i < started->len; i++) {
		struct slurm_job *job = started->pdata[i];
		struct piece *piece = job->job->tag;

		piece->slurm = job;
	}
	return true;
}

static struct submission_notes *make_notes(const struct submit *submit)
{
	struct submission_notes *notes = submission_notes_new();

	for (guint i = 0; i < submit->pieces->len; i++) {
		const struct piece *piece = submit->pieces->pdata[i];
		const GArray *needs = submit->graph->needs[piece->stage->index];
		struct submission_job *job = submission_notes_add(notes);

		job->number = piece->slurm->number;
		job->id = g_strdup(piece->slurm->id);
		job->file = g_strdup(piece->stage->file);
		job->name = g_strdup(piece->stage->name);
		job->title = g_strdup(piece->stage->address);
		job->wdir = g_strdup(piece->stage->wdir);
		job->log = g_strdup(piece->own.log);
		job->cmd = piece->stage->body->cmd;
		for (guint k = 0; k < needs->len; k++) {
			const struct piece *need = submit->by_stage[g_array_index(needs, guint, k)];

			if (need)
				g_array_append_val(job->needs, need->slurm->number);
		}
	}
	return notes;
}

/* Make room for what the stages will write. */
static bool clear(const struct submit *submit, GError **error)
{
	for (guint i = 0; i < submit->pieces->len; i++) {
		const struct stage *stage = ((const struct piece *)submit->pieces->pdata[i])->stage;
		const struct run_stage run = {.ws = submit->ws,
					      .facts = submit->facts,
					      .stages = submit->graph->stages,
					      .stage = stage,
					      .recorded = stage->lock,
					      .what = submit->options->what};

		if (!run_stage_clear(&run, error)) {
			g_prefix_error(error, "%s: ", stage->address);
			return false;
		}
	}
	return true;
}

/* What was submitted so far, borrowed from the run. */
static GPtrArray *first_ids(const struct slurm_run *run)
{
	GPtrArray *ids = g_ptr_array_new();

	for (guint i = 0; i < run->ids->len; i++)
		g_ptr_array_add(ids, run->ids->pdata[i]);
	return ids;
}

/* Submit everything, held back at the roots, note it, and let it go. */
static bool submit_all(struct submit *submit, GError **error)
{
	autoptr(submission_notes) notes = NULL;
	g_autoptr(GPtrArray) roots = NULL;
	guint count = 1;

	for (guint level = 0; count; level++) {
		if (!submit_level(submit, level, &count, error))
			return false;
		if (level == 0)
			roots = first_ids(submit->run);
	}
	notes = make_notes(submit);
	if (!clear(submit, error) || !submission_notes_write(notes, submit->run->dir, error))
		return false;
	submit->run->stays = submission_release(roots, submit->run->dir, error);
	return submit->run->stays;
}

static void tell_all(const struct submit *submit, const struct submission_listener *listener,
		     struct submission_result *result)
{
	for (guint i = 0; i < submit->pieces->len; i++) {
		const struct piece *piece = submit->pieces->pdata[i];
		const struct submission_news news = {.fate = SUBMISSION_SUBMITTED,
						     .title = piece->stage->address,
						     .job = piece->slurm->id,
						     .log = piece->own.log};

		result->submitted++;
		listener->tell(&news, listener->user);
	}
}

/* Submit with a run of its own. */
static bool run(struct submit *submit, const GArray *selected, GError **error)
{
	if (!plan(submit, selected, error))
		return false;
	if (!submit->pieces->len)
		return true;
	if (submit_all(submit, error))
		return true;
	slurm_cancel(submit->run->ids);
	return false;
}

bool submission_start(const struct graph *graph, const GArray *selected, const struct submission_options *options,
		      const struct submission_listener *listener, struct submission_result *result, GError **error)
{
	struct workspace *ws = graph->stages->ws;
	autoptr(facts) facts = facts_new(ws);
	autoptr(slurm_run) slurm = NULL;
	autoptr(logs) logs = NULL;
	g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(piece_free);
	g_autofree struct piece **by_stage = g_new0(struct piece *, graph->count);
	struct submit submit = {
		.ws = ws, .graph = graph, .options = options, .facts = facts, .pieces = pieces, .by_stage = by_stage};

	*result = (struct submission_result){0};
	if (submission_exists(ws)) {
		error_set(error, ERROR_CONFLICT, "what was submitted before is not collected yet");
		error_hint(error, "git mlv repro");
		return false;
	}
	slurm = slurm_run_new(ws->state_dir, error);
	if (!slurm || !slurm_run_sweep(ws->state_dir, error))
		return false;
	logs = logs_open(ws->state_dir, error);
	if (!logs)
		return false;
	submit.run = slurm;
	submit.logs = logs;
	if (!run(&submit, selected, error))
		return false;
	tell_all(&submit, listener, result);
	return true;
}
