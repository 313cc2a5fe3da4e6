#include "pipeline/repro-int.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much of a log is read at a time. */
#define CHUNK ((size_t)64 << 10)

void repro_task_free(void *data)
{
	struct repro_task *task = data;

	if (!task)
		return;
	g_clear_pointer(&task->inputs, lockfile_free);
	stage_job_clear(&task->own);
	g_free(task);
}

static bool need_logs(struct repro *repro, GError **error)
{
	if (!repro->logs)
		repro->logs = logs_open(repro->ws->state_dir, error);
	return repro->logs;
}

static bool need_exec(struct repro *repro, GError **error)
{
	const struct exec_options options = {
		.jobs = repro->options->jobs, .state_dir = repro->ws->state_dir, .config = repro->ws->config};

	if (!repro->exec)
		repro->exec = file_make_dirs(repro->ws->state_dir, error)
				      ? repro->options->executor->open(&options, error)
				      : NULL;
	return repro->exec;
}

guint repro_room(const struct repro *repro)
{
	if (repro->exec)
		return repro->options->executor->room(repro->exec);
	return repro->options->executor->queues ? G_MAXINT : repro->options->jobs;
}

/* The stage cannot be started for this reason (taken over): it has failed. */
static void give_up(struct repro *repro, const struct stage *stage, GError *cause)
{
	g_clear_pointer(&repro->tasks->pdata[stage->index], repro_task_free);
	repro_fail(repro, stage, cause);
	repro_release(repro, stage);
}

struct run_stage repro_stage(const struct repro *repro, const struct stage *stage)
{
	return (struct run_stage){.ws = repro->ws,
				  .facts = repro->facts,
				  .stages = repro->stages,
				  .stage = stage,
				  .recorded = record_entry(repro->record, stage),
				  .what = repro->options->what};
}

/* Make the job of a task, and room for what it will write. false if that cannot be: the stage has failed. */
static bool prepare(struct repro *repro, struct repro_task *task)
{
	const struct exec_ops *ops = repro->options->executor;
	const struct stage *stage = task->stage;
	const struct run_stage run = repro_stage(repro, stage);
	GError *error = NULL;

	stage_job_fill(&task->own, repro->ws, stage, ops->name, repro->logs);
	task->own.job.tag = task;
	if (repro->options->trace != REPRO_TRACE_OFF)
		stage_job_trace(&task->own);
	if ((!ops->check || ops->check(&task->own.job, &error)) && run_stage_clear(&run, &error))
		return true;
	give_up(repro, stage, error);
	return false;
}

/* Start these jobs; if that cannot be, their stages have failed. */
static void start(struct repro *repro, struct exec_job *const *jobs, guint count)
{
	g_autoptr(GError) error = NULL;

	if (!count || repro->options->executor->start(repro->exec, jobs, count, &error)) {
		for (guint i = 0; i < count; i++)
			g_ptr_array_add(repro->running, jobs[i]->tag);
		return;
	}
	for (guint i = 0; i < count; i++)
		give_up(repro, ((struct repro_task *)jobs[i]->tag)->stage, g_error_copy(error));
}

bool repro_start(struct repro *repro, GError **error)
{
	guint room = MIN(repro_room(repro), schedule_count(repro->schedule, SCHEDULE_STALE));
	g_autofree guint *taken = g_new(guint, room + 1);
	g_autofree struct exec_job **jobs = g_new(struct exec_job *, room + 1);
	guint count = 0;

	if (!room)
		return true;
	if (!need_logs(repro, error) || !need_exec(repro, error))
		return false;
	/* Only now the executor can tell. */
	room = schedule_take(repro->schedule, MIN(room, repro_room(repro)), taken);
	for (guint i = 0; i < room; i++) {
		struct repro_task *task = repro->tasks->pdata[taken[i]];

		if (prepare(repro, task))
			jobs[count++] = &task->own.job;
	}
	start(repro, jobs, count);
	return true;
}

static void tell_text(const struct repro *repro, const struct stage *stage, enum repro_kind kind, const char *text,
		      size_t length)
{
	repro_tell(repro,
		   &(const struct repro_event){.kind = kind, .stage = stage, .text = text, .length = length});
}

/* Tell what the log has beyond what was told. */
static void tell_log(const struct repro *repro, struct repro_task *task)
{
	g_autofree char *buffer = g_malloc(CHUNK);
	auto_fd int fd = open(task->own.log, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return;
	/* No more than is there now, and the end only for who wants to stop: a stage may print faster than a terminal takes it. */
	while (task->told < (size_t)st.st_size) {
		if (cancel_requested() && (size_t)st.st_size - task->told > CHUNK)
			task->told = (size_t)st.st_size - CHUNK;
		n = pread(fd, buffer, CHUNK, (off_t)task->told);
		if (n <= 0)
			break;
		task->told += (size_t)n;
		tell_text(repro, task->stage, REPRO_PRINTS, buffer, (size_t)n);
	}
}

/* Whether one stage runs, and no other can begin before it has ended: what it prints can be told as it comes. */
static bool is_alone(const struct repro *repro)
{
	const struct schedule *schedule = repro->schedule;

	if (repro->running->len != 1)
		return false;
	return (repro->options->jobs == 1 && !repro->options->executor->queues) ||
	       !(schedule_count(schedule, SCHEDULE_READY) + schedule_count(schedule, SCHEDULE_STALE) +
		 schedule_count(schedule, SCHEDULE_BLOCKED));
}

/* Tell what the stage that runs alone has printed since. */
static void follow(struct repro *repro)
{
	struct repro_task *task = is_alone(repro) ? repro->running->pdata[0] : NULL;

	if (!task)
		return;
	if (!task->live)
		repro_tell(repro, &(const struct repro_event){.kind = REPRO_RUNS, .stage = task->stage});
	task->live = true;
	tell_log(repro, task);
}

static GError *failure_of(const struct exec_result *result)
{
	GError *error = NULL;

	if (result->status < 0)
		error_set(&error, ERROR_FAILED, "it did not run: %s", result->reason ? result->reason : "it was lost");
	else if (result->status > 128 && result->status <= 128 + SIGRTMAX)
		error_set(&error, ERROR_FAILED, "killed by signal %d (%s)%s%s", result->status - 128,
			  g_strsignal(result->status - 128), result->reason ? ": " : "",
			  result->reason ? result->reason : "");
	else
		error_set(&error, ERROR_FAILED, "exited with %d%s%s", result->status, result->reason ? ": " : "",
			  result->reason ? result->reason : "");
	return error;
}

/* What may have changed because the stage ran. */
static void forget(struct repro *repro, const struct stage *stage)
{
	for (guint i = 0; i < stage->deps->len; i++) {
		const char *path = g_array_index(stage->deps, struct stage_dep, i).path;

		if (path)
			facts_forget(repro->facts, path);
	}
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct output *output = g_array_index(stage->outs, struct stage_out, i).output;

		if (output)
			facts_forget(repro->facts, output->path);
	}
}

/* A stage has ended badly. */
static void fail(struct repro *repro, const struct repro_task *task, GError *cause)
{
	g_autoptr(GError) error = cause;
	g_autofree char *tail = task->live ? NULL : logs_tail(task->own.log);
	/* A job that could not be started may have none. */
	const char *log = access(task->own.log, F_OK) ? NULL : task->own.log;

	repro->result->failed++;
	repro_tell(repro, &(const struct repro_event){.kind = REPRO_FAILED,
						      .stage = task->stage,
						      .error = error,
						      .log = log,
						      .tail = tail});
	schedule_set(repro->schedule, task->stage->index, SCHEDULE_FAILED);
}

/* A job has ended: take in what came of it. */
static void finish(struct repro *repro, const struct exec_result *result)
{
	struct repro_task *task = result->job->tag;
	const struct stage *stage = task->stage;
	GError *error = NULL;

	g_ptr_array_remove(repro->running, task);
	forget(repro, stage);
	if (!task->live)
		repro_tell(repro, &(const struct repro_event){.kind = REPRO_RUNS, .stage = stage});
	tell_log(repro, task);
	task->live = true;
	if (result->status)
		error = failure_of(result);
	if (!error && repro_check_trace(repro, task, &error) &&
	    repro_record(repro, stage, g_steal_pointer(&task->inputs), &error)) {
		repro->result->ran++;
		logs_give_back(repro->logs, task->own.log, task->own.job.commands);
		schedule_set(repro->schedule, stage->index, SCHEDULE_DONE);
	} else {
		/* What could only not be recorded is whole, unless it is no output at all. */
		if (result->status || error_is(error, ERROR_NOT_FOUND) || error_is(error, ERROR_USAGE))
			run_stage_note_leftovers(repro->ws, stage);
		fail(repro, task, error);
	}
	repro_release(repro, stage);
	g_clear_pointer(&repro->tasks->pdata[stage->index], repro_task_free);
}

/* Pass Ctrl-C on to the stages that run; nothing more is begun. */
static void pass_on(struct repro *repro)
{
	int number = cancel_signal();

	repro->cancelled = true;
	schedule_stop(repro->schedule);
	repro->options->executor->stop(repro->exec, number ? number : SIGTERM);
}

bool repro_wait(struct repro *repro, int timeout_ms, GError **error)
{
	const struct exec_ops *ops = repro->options->executor;
	struct exec_result result = {0};
	g_autoptr(GError) cause = NULL;
	bool ended = ops->wait(repro->exec, timeout_ms, &result, &cause);

	for (; ended; ended = ops->wait(repro->exec, 0, &result, &cause)) {
		finish(repro, &result);
		g_clear_pointer(&result.reason, g_free);
	}
	follow(repro);
	if (error_is(cause, ERROR_CANCELLED)) {
		pass_on(repro);
		return true;
	}
	if (!cause)
		return true;
	g_propagate_error(error, g_steal_pointer(&cause));
	return false;
}
