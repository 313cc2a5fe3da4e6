#include "pipeline/repro-int.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/path.h"

#include <string.h>
#include <unistd.h>

/*
 * What was made is recorded so often while other stages run: it costs more than most stages. Where it takes long, as on a busy
 * disk, it is done less often: the time between is so many times what the last one took, up to a limit.
 */
#define FLUSH_US 200000
#define FLUSH_SHARE 5
#define FLUSH_MAX_US 5000000

/* How often to look whether a stage has printed something, or others have given up their paths. */
#define FOLLOW_MS 50
#define BLOCKED_MS 100

/* Longest sleep. */
#define WAIT_MS 1000

void repro_tell(const struct repro *repro, const struct repro_event *event)
{
	repro->listener->tell(event, repro->listener->user);
}

void repro_fail(struct repro *repro, const struct stage *stage, GError *cause)
{
	g_autoptr(GError) error = cause;

	if (error_is(error, ERROR_CANCELLED)) {
		/* Ctrl-C came while the stage was looked at. */
		repro->cancelled = true;
		schedule_stop(repro->schedule);
	} else {
		repro->result->failed++;
		repro_tell(repro, &(const struct repro_event){.kind = REPRO_FAILED, .stage = stage, .error = error});
	}
	schedule_set(repro->schedule, stage->index, SCHEDULE_FAILED);
}

void repro_release(struct repro *repro, const struct stage *stage)
{
	if (!repro->finished->len)
		repro->finished_since = clock_steady_us();
	g_ptr_array_add(repro->finished, (void *)stage);
}

static bool is_same_node(const struct node *a, const struct node *b)
{
	return a && b ? node_equal(a, b) : a == b;
}

static bool is_same_entries(const GPtrArray *a, const GPtrArray *b)
{
	if (a->len != b->len)
		return false;
	for (guint i = 0; i < a->len; i++) {
		const struct entry *x = a->pdata[i], *y = b->pdata[i];

		if (!g_str_equal(x->path, y->path) || !oid_equal(&x->oid, &y->oid) || x->has_size != y->has_size ||
		    x->size != y->size || x->isexec != y->isexec || x->nfiles != y->nfiles ||
		    g_strcmp0(x->etag, y->etag))
			return false;
	}
	return true;
}

/* Whether two lock entries say the same. */
static bool is_same_entry(const struct lockfile_stage *a, const struct lockfile_stage *b)
{
	return is_same_node(a->cmd, b->cmd) && is_same_node(a->params, b->params) && is_same_entries(a->deps, b->deps) &&
	       is_same_entries(a->outs, b->outs);
}

/* Tell that the stage's lock entry will be written, unless it is what it was. */
static void tell_recorded(const struct repro *repro, const struct stage *stage, bool same)
{
	g_autofree char *parent = path_parent(stage->file), *name = NULL, *path = NULL;
	bool first;

	if (same)
		return;
	name = path_join(parent, repro->ws->dialect->lock_name);
	path = path_join(repro->ws->root, name);
	first = access(path, F_OK) && g_hash_table_add(repro->generated, g_strdup(name));
	repro_tell(repro,
		   &(const struct repro_event){.kind = REPRO_RECORDED, .stage = stage, .text = name, .first = first});
}

bool repro_record(struct repro *repro, const struct stage *stage, struct lockfile *inputs, GError **error)
{
	const struct lockfile_stage *before = record_entry(repro->record, stage), *after;
	bool same_outputs, same;

	if (!record_add(repro->record, stage, inputs, &same_outputs, error))
		return false;
	after = record_entry(repro->record, stage);
	same = before && (before == after || is_same_entry(before, after));
	tell_recorded(repro, stage, same);
	return true;
}

bool repro_flush(struct repro *repro, GError **error)
{
	int64_t since, start = clock_steady_us();
	bool ok = true;

	if (record_pending(repro->record, &since))
		ok = record_flush(repro->record, error);
	if (!claims_drop(repro->claims, repro->finished, ok ? error : NULL))
		ok = false;
	g_ptr_array_set_size(repro->finished, 0);
	repro->pause = CLAMP((clock_steady_us() - start) * FLUSH_SHARE, FLUSH_US, FLUSH_MAX_US);
	return ok;
}

/* Whether it is time to. */
static bool is_flush_due(const struct repro *repro)
{
	int64_t since = 0, now = clock_steady_us();

	if (record_pending(repro->record, &since) && now - since >= repro->pause)
		return true;
	return repro->finished->len && now - repro->finished_since >= repro->pause;
}

/* How long to sleep at most, in milliseconds. */
static int timeout_of(const struct repro *repro)
{
	const struct repro_task *first = repro->running->len ? repro->running->pdata[0] : NULL;
	int timeout = WAIT_MS;

	if (first && (first->live || repro->running->len == 1))
		timeout = FOLLOW_MS;
	if (schedule_count(repro->schedule, SCHEDULE_BLOCKED))
		timeout = MIN(timeout, BLOCKED_MS);
	if (repro->finished->len)
		timeout = MIN(timeout, (int)(repro->pause / 1000));
	return timeout;
}

/* Look at stages until there are enough to start. */
static bool look(struct repro *repro, GError **error)
{
	guint index;

	while (schedule_count(repro->schedule, SCHEDULE_STALE) < repro_room(repro) &&
	       schedule_look(repro->schedule, &index)) {
		if (cancel_requested()) {
			schedule_stop(repro->schedule);
			repro->cancelled = true;
			return true;
		}
		if (!repro_look(repro, repro->stages->list->pdata[index], error))
			return false;
		if (is_flush_due(repro) && !repro_flush(repro, error))
			return false;
	}
	return true;
}

/* Nothing runs: stages wait for other commands. */
static void wait_for_others(struct repro *repro)
{
	if (schedule_count(repro->schedule, SCHEDULE_BLOCKED))
		g_usleep(BLOCKED_MS * 1000);
	if (cancel_requested()) {
		schedule_stop(repro->schedule);
		repro->cancelled = true;
	}
}

static bool step(struct repro *repro, GError **error)
{
	if (!look(repro, error) || !repro_start(repro, error))
		return false;
	if (repro->running->len) {
		if (!repro_wait(repro, timeout_of(repro), error))
			return false;
	} else {
		/* Who waits for us may be whom we wait for. */
		if (schedule_count(repro->schedule, SCHEDULE_BLOCKED) && !repro_flush(repro, error))
			return false;
		wait_for_others(repro);
	}
	schedule_unblock(repro->schedule);
	return !is_flush_due(repro) || repro_flush(repro, error);
}

/* What stops all while stages run: they are stopped and waited for, and what ended well is recorded. */
static void abandon(struct repro *repro)
{
	schedule_stop(repro->schedule);
	if (!repro->running->len)
		return;
	repro->options->executor->stop(repro->exec, SIGTERM);
	while (repro->running->len && repro_wait(repro, WAIT_MS, NULL))
		;
}

static bool run_all(struct repro *repro, GError **error)
{
	bool ok = true;

	while (ok && !schedule_is_over(repro->schedule))
		ok = step(repro, error);
	if (!ok)
		abandon(repro);
	if (!repro_flush(repro, ok ? error : NULL))
		ok = false;
	return ok;
}

static void begin(struct repro *repro)
{
	const struct repro_options *options = repro->options;
	const struct record_options how = {
		.no_commit = options->no_commit, .no_run_cache = options->no_run_cache, .what = options->what, .graph = repro->graph};

	repro->pause = FLUSH_US;
	repro->facts = facts_new(repro->ws);
	repro->record = record_begin(repro->ws, repro->facts, &how);
	repro->tasks = g_ptr_array_new_with_free_func(repro_task_free);
	g_ptr_array_set_size(repro->tasks, (int)repro->graph->count);
	repro->running = g_ptr_array_new();
	repro->finished = g_ptr_array_new();
	repro->reloaded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, repro_lock_free);
	repro->waited = g_hash_table_new(NULL, NULL);
	repro->generated = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	repro->result->touched = g_ptr_array_new_with_free_func(g_free);
}

/* Take stock. */
static void conclude(struct repro *repro)
{
	const GPtrArray *touched = record_touched(repro->record);

	for (guint i = 0; i < touched->len; i++)
		g_ptr_array_add(repro->result->touched, g_strdup(touched->pdata[i]));
	repro->result->skipped = schedule_count(repro->schedule, SCHEDULE_SKIPPED);
	for (int state = SCHEDULE_WAITING; state < SCHEDULE_RUNNING; state++)
		repro->result->left += schedule_count(repro->schedule, state);
}

static void end(struct repro *repro)
{
	/* What still runs after a failure of the executor cannot be waited for. */
	if (repro->exec && !repro->running->len)
		repro->options->executor->close(repro->exec);
	schedule_free(repro->schedule);
	record_free(repro->record);
	g_ptr_array_unref(repro->running);
	g_ptr_array_unref(repro->tasks);
	g_ptr_array_unref(repro->finished);
	g_hash_table_unref(repro->reloaded);
	g_hash_table_unref(repro->waited);
	g_hash_table_unref(repro->generated);
	facts_free(repro->facts);
	logs_free(repro->logs);
}

bool repro_run(const struct graph *graph, struct claims *claims, const GArray *selected,
	       const struct repro_options *options, const struct repro_listener *listener, struct repro_result *result,
	       GError **error)
{
	const struct schedule_options how = {.in_order = options->jobs == 1 && !options->executor->queues,
					     .keep_going = options->keep_going,
					     .ignore_errors = options->ignore_errors,
					     .force = options->force,
					     .force_downstream = options->force_downstream};
	struct repro repro = {.ws = graph->stages->ws,
			      .stages = graph->stages,
			      .graph = graph,
			      .options = options,
			      .listener = listener,
			      .result = result,
			      .claims = claims,
			      .schedule = schedule_new(graph, selected, &how)};
	bool ok;

	*result = (struct repro_result){0};
	begin(&repro);
	ok = run_all(&repro, error);
	conclude(&repro);
	facts_commit(repro.facts);
	if (ok && repro.cancelled)
		ok = cancel_check(error);
	end(&repro);
	return ok;
}

void repro_result_clear(struct repro_result *result)
{
	g_clear_pointer(&result->touched, g_ptr_array_unref);
}
