/*
 * The body of exec_ops for Slurm. That a job ended well is learned from the file that it leaves, which costs one look into a
 * folder; slurmctld is asked rarely, for all jobs at once, about those that leave none: lost nodes, time limits.
 */
#include "pipeline/exec.h"
#include "pipeline/slurm-call.h"
#include "pipeline/slurm-poll.h"
#include "pipeline/slurm-resources.h"
#include "pipeline/slurm-run.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"

#include <poll.h>

#define MS ((int64_t)1000)
#define SECOND ((int64_t)G_USEC_PER_SEC)

/* How many jobs may be queued. */
#define ROOM 1000

/* The folder is looked at in steps that grow from the first to the second while nothing happens. */
#define LOOK_MIN (20 * MS)
#define LOOK_MAX (500 * MS)

/* The same for questions to slurmctld. */
#define ASK_MIN SECOND
#define ASK_MAX (30 * SECOND)
#define ASK_SOON (200 * MS)

/* How long the file of a job that is over may take to be seen, and how long Slurm to tell why a command failed. */
#define GRACE (10 * SECOND)

/* The same where a signal ended the command: until its node is clean Slurm says no more than COMPLETING, whoever sent it. */
#define SIGNAL_GRACE (5 * 60 * SECOND)
#define SIGNALLED 128

/* How long slurmctld may be silent. */
#define PATIENCE (30 * 60 * SECOND)

/* A job under way. */
struct task {
	struct slurm_job *slurm; /* owned */
	int status;      /* what it left; -1: nothing yet */
	int64_t over_at; /* since when we know that it is over, but not how or why; 0: we do not */
};

struct batch {
	struct slurm_run *run;
	GHashTable *tasks; /* of number to struct task, owned */
	GArray *ended;     /* of struct exec_result that nobody has fetched */
	int64_t look, ask; /* the present steps */
	int64_t next_look, next_ask, answered;
	bool stopped;   /* stop() was called */
	bool cancelled; /* and Slurm knows it */
};

static void task_free(void *data)
{
	struct task *task = data;

	slurm_job_free(task->slurm);
	g_free(task);
}

static void *slurm_open(const struct exec_options *options, GError **error)
{
	struct slurm_run *run = slurm_run_new(options->state_dir, error);
	struct batch *batch;

	if (!run)
		return NULL;
	if (!slurm_run_sweep(options->state_dir, error)) {
		slurm_run_free(run);
		return NULL;
	}
	batch = g_new0(struct batch, 1);
	batch->run = run;
	batch->tasks = g_hash_table_new_full(NULL, NULL, NULL, task_free);
	batch->ended = g_array_new(FALSE, FALSE, sizeof(struct exec_result));
	return batch;
}

static bool slurm_check(const struct exec_job *job, GError **error)
{
	g_auto(GStrv) options = slurm_resources(job->resources, error);

	return options != NULL;
}

static unsigned slurm_room(void *exec)
{
	const struct batch *batch = exec;
	guint under_way = g_hash_table_size(batch->tasks);

	return ROOM - MIN(ROOM, under_way);
}

/* Something happened or will soon. */
static void hurry(struct batch *batch, int64_t ask)
{
	int64_t now = clock_steady_us();

	batch->look = LOOK_MIN;
	batch->next_look = now;
	batch->ask = MIN(batch->ask, ask);
	batch->next_ask = MIN(batch->next_ask, now + ask);
}

static bool slurm_start(void *exec, struct exec_job *const *jobs, guint count, GError **error)
{
	struct batch *batch = exec;
	g_autofree struct slurm_wish *wishes = g_new0(struct slurm_wish, count);
	g_autoptr(GPtrArray) started = NULL;

	for (guint i = 0; i < count; i++)
		wishes[i].job = jobs[i];
	started = slurm_run_start(batch->run, wishes, count, false, error);
	if (!started)
		return false;
	g_ptr_array_set_free_func(started, NULL);
	for (guint i = 0; i < started->len; i++) {
		struct task *task = g_new0(struct task, 1);

		task->slurm = g_ptr_array_index(started, i);
		task->status = -1;
		g_hash_table_insert(batch->tasks, GUINT_TO_POINTER(task->slurm->number), task);
	}
	batch->ask = ASK_MIN;
	batch->answered = batch->next_ask = clock_steady_us();
	hurry(batch, ASK_MIN);
	return true;
}

/* The task is over; it is gone afterwards. Takes the reason. */
static void end(struct batch *batch, struct task *task, int status, char *reason)
{
	struct exec_result result = {.job = task->slurm->job, .status = status, .reason = reason};

	/* Who dies of our signal may have left a status first. */
	if (batch->stopped && status != 0 && !reason)
		result.reason = g_strdup("cancelled");
	g_array_append_val(batch->ended, result);
	g_hash_table_remove(batch->tasks, GUINT_TO_POINTER(task->slurm->number));
}

/* A job left its exit status. Why it failed is Slurm's to say: a process that was ended for its time limit cannot tell. */
static void take_status(guint number, int status, void *user)
{
	struct batch *batch = user;
	struct task *task = g_hash_table_lookup(batch->tasks, GUINT_TO_POINTER(number));

	if (!task)
		return;
	hurry(batch, ASK_SOON);
	if (status == 0) {
		end(batch, task, 0, NULL);
		return;
	}
	task->status = status;
	task->over_at = clock_steady_us();
}

/* What to say of a job that is over and left nothing. New string. */
static char *silent_end(const struct batch *batch, const struct task *task, const struct slurm_state *state)
{
	if (!state)
		return g_strdup_printf("lost: Slurm knows job %s no longer, and it left no exit status", task->slurm->id);
	return g_strdup_printf("job %s left no exit status in '%s', which all nodes must see and be able to write to",
			       task->slurm->id, batch->run->dir);
}

/* What Slurm says of the task (NULL: it does not know it). Whether the task is over. */
static bool judge(struct batch *batch, struct task *task, const struct slurm_state *state)
{
	int64_t now = clock_steady_us();
	bool late = task->over_at && now - task->over_at > (task->status > SIGNALLED ? SIGNAL_GRACE : GRACE);

	if (state && !state->alive && state->reason) {
		end(batch, task, task->status, g_strdup(state->reason));
		return true;
	}
	if (task->status >= 0) {
		/* It failed by itself - or Slurm still makes up its mind. */
		if (state && state->alive && !late)
			return false;
		end(batch, task, task->status, NULL);
		return true;
	}
	if (state && state->alive) {
		task->over_at = 0;
		return false;
	}
	if (!task->over_at)
		task->over_at = now;
	if (!late)
		return false;
	end(batch, task, -1, silent_end(batch, task, state));
	return true;
}

/* The ids of all jobs and arrays under way, each once. */
static GPtrArray *live_ids(const struct batch *batch)
{
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	void *value;

	g_hash_table_iter_init(&iter, batch->tasks);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct task *task = value;

		g_hash_table_add(ids, slurm_base_id(task->slurm->id));
	}
	g_hash_table_iter_init(&iter, ids);
	while (g_hash_table_iter_next(&iter, &value, NULL)) {
		g_ptr_array_add(list, value);
		g_hash_table_iter_steal(&iter);
	}
	return list;
}

/* Judge all tasks by these states, those that are not in them by the site's accounts. */
static void judge_all(struct batch *batch, GHashTable *states)
{
	g_autofree void **numbers = NULL;
	g_autoptr(GHashTable) accounts = NULL;
	guint count;

	numbers = g_hash_table_get_keys_as_array(batch->tasks, &count);
	for (guint i = 0; i < count; i++) {
		struct task *task = g_hash_table_lookup(batch->tasks, numbers[i]);
		const struct slurm_state *state = g_hash_table_lookup(states, task->slurm->id);

		if (!state && !accounts) {
			g_autoptr(GPtrArray) ids = live_ids(batch);

			accounts = slurm_accounts(ids);
		}
		if (!state)
			state = g_hash_table_lookup(accounts, task->slurm->id);
		if (!judge(batch, task, state) && task->over_at)
			batch->ask = ASK_SOON;
	}
}

/* Slurm does not answer: what left its exit status long ago has ended all the same. */
static void judge_unanswered(struct batch *batch)
{
	g_autofree void **numbers = NULL;
	guint count;

	numbers = g_hash_table_get_keys_as_array(batch->tasks, &count);
	for (guint i = 0; i < count; i++) {
		struct task *task = g_hash_table_lookup(batch->tasks, numbers[i]);

		if (task->status >= 0 && clock_steady_us() - task->over_at > GRACE)
			end(batch, task, task->status, NULL);
	}
}

/* Ask Slurm about all jobs under way. false with the error set when it has been silent for too long. */
static bool ask(struct batch *batch, GError **error)
{
	g_autoptr(GPtrArray) ids = live_ids(batch);
	g_autoptr(GHashTable) states = NULL;
	g_autoptr(GError) problem = NULL;
	int64_t now;

	if (batch->stopped && !batch->cancelled)
		batch->cancelled = slurm_cancel(ids);
	states = slurm_ask(ids, &problem);
	now = clock_steady_us();
	batch->ask = MIN(batch->ask * 3 / 2, batch->stopped ? ASK_MIN : ASK_MAX);
	if (states) {
		batch->answered = now;
		judge_all(batch, states);
	} else {
		judge_unanswered(batch);
	}
	batch->next_ask = now + batch->ask;
	if (states || now - batch->answered < PATIENCE)
		return true;
	g_propagate_prefixed_error(error, g_steal_pointer(&problem), "Slurm has been silent for %d minutes: ",
				   (int)(PATIENCE / (60 * SECOND)));
	return false;
}

/* Look, and ask if it is time. */
static bool watch(struct batch *batch, GError **error)
{
	int64_t now = clock_steady_us();

	if (now >= batch->next_look) {
		batch->look = MIN(batch->look * 5 / 4, LOOK_MAX);
		batch->next_look = now + batch->look;
		slurm_run_look(batch->run, take_status, batch);
	}
	return now < batch->next_ask || !g_hash_table_size(batch->tasks) || ask(batch, error);
}

static bool slurm_wait(void *exec, int timeout_ms, struct exec_result *result, GError **error)
{
	struct batch *batch = exec;
	int64_t deadline = clock_steady_us() + timeout_ms * MS;

	for (;;) {
		int64_t left;

		if (!batch->ended->len && !watch(batch, error))
			return false;
		if (batch->ended->len) {
			*result = g_array_index(batch->ended, struct exec_result, 0);
			g_array_remove_index(batch->ended, 0);
			return true;
		}
		if (!batch->stopped && !cancel_check(error))
			return false;
		left = MIN(deadline, MIN(batch->next_look, batch->next_ask)) - clock_steady_us();
		if (clock_steady_us() >= deadline || !g_hash_table_size(batch->tasks))
			return false;
		/* A signal ends it early. */
		poll(NULL, 0, (int)(MAX(left, MS) / MS));
	}
}

static void slurm_stop(void *exec, int signal G_GNUC_UNUSED)
{
	struct batch *batch = exec;
	g_autoptr(GPtrArray) ids = live_ids(batch);

	batch->stopped = true;
	batch->cancelled = slurm_cancel(ids);
	hurry(batch, ASK_SOON);
}

static void slurm_close(void *exec)
{
	struct batch *batch = exec;

	if (!batch)
		return;
	for (guint i = 0; i < batch->ended->len; i++)
		g_free(g_array_index(batch->ended, struct exec_result, i).reason);
	g_array_unref(batch->ended);
	g_hash_table_unref(batch->tasks);
	slurm_run_free(batch->run);
	g_free(batch);
}

const struct exec_ops exec_slurm = {
	.name = "slurm",
	.queues = true,
	.open = slurm_open,
	.check = slurm_check,
	.room = slurm_room,
	.start = slurm_start,
	.wait = slurm_wait,
	.stop = slurm_stop,
	.close = slurm_close,
};
