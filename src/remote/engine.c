#include "remote/engine.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "remote/engine-int.h"

#define DEFAULT_ATTEMPTS    5
#define DEFAULT_BACKOFF_MS  500
#define DEFAULT_FLUSH_COUNT 10000
#define DEFAULT_FLUSH_BYTES ((uint64_t)4 << 30)

/* How long the loop sleeps at most: Ctrl-C must be noticed, and progress must move. */
#define TICK_MS 100

/* Transfers handed to the pool for each of its threads, so that none idles while the loop turns. */
#define DEPTH 4

/* Requests at once that no remote is asked for more of, unless told to. */
#define REQUESTS_MAX 64

/* Transfers that may wait for the step of another: as many as one request can be about, and as many again. */
#define WAITING_MAX 200

/* Objects from this size on may have been left half-fetched by an earlier run. */
#define RESUME_FROM ((uint64_t)1 << 20)

/* [any] A worker's part: one step, or one flush. */
static void perform(void *job, void *shared)
{
	struct flight *flight = job;
	const struct remote *remote = flight->remote;
	struct transfer *transfer = flight->transfer;
	bool fine;
	(void)shared;
	if (!transfer)
		fine = remote->ops->flush(remote->conn, &flight->error);
	else if (flight->resuming)
		fine = stream_resume(transfer->stream, &flight->error);
	else if (flight->catching)
		fine = stream_catch_up(transfer->stream, &flight->error);
	else
		fine = flight->step.job(remote->conn, transfer, flight->part, &flight->error);
	if (!fine && !flight->error)
		error_set(&flight->error, ERROR_FAILED, "failed without saying why");
}

/* [any] The pool finished something. */
static void wake(void *user)
{
	wire_wake(user);
}

static void fill_in(struct engine_options *o)
{
	o->attempts = o->attempts ? o->attempts : DEFAULT_ATTEMPTS;
	o->backoff_ms = o->backoff_ms ? o->backoff_ms : DEFAULT_BACKOFF_MS;
	o->flush_count = o->flush_count ? o->flush_count : DEFAULT_FLUSH_COUNT;
	o->flush_bytes = o->flush_bytes ? o->flush_bytes : DEFAULT_FLUSH_BYTES;
}

struct engine *engine_new(const struct engine_options *options, GError **error)
{
	unsigned requests = CLAMP(options->jobs ? options->jobs : REQUESTS_MAX, 1, 256);
	struct rate *rate = options->max_rate ? rate_new(options->max_rate) : NULL;
	struct wire *wire =
		wire_new(&(struct wire_options){.connections = requests, .stall = options->stall, .rate = rate}, error);
	if (!wire) {
		rate_free(rate);
		return NULL;
	}
	struct engine *engine = g_new0(struct engine, 1);
	engine->options = *options;
	fill_in(&engine->options);
	engine->wire = wire;
	engine->shared.rate = rate;
	window_init(&engine->window, requests);
	unsigned threads = options->jobs ? options->jobs : MAX(pool_default_threads(), 4);
	engine->options.jobs = CLAMP(threads, 1, 64);
	engine->pool = pool_new(engine->options.jobs, perform, NULL);
	pool_set_wake(engine->pool, wake, wire);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	pool_free(engine->pool);
	wire_free(engine->wire);
	rate_free(engine->shared.rate);
	g_free(engine);
}

/* A flight that neither the pool nor a flush has, taken off its list; NULL if there is none. */
static struct flight *steal_flight(struct run *run)
{
	GPtrArray *lists[] = {run->asking, run->paused, run->waiting, run->held};
	if (!g_queue_is_empty(&run->ready))
		return g_queue_pop_head(&run->ready);
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		if (lists[i]->len == 0)
			continue;
		struct flight *flight = g_ptr_array_steal_index_fast(lists[i], lists[i]->len - 1);
		if (lists[i] == run->asking) {
			wire_drop(run->engine->wire, flight);
			request_free(flight->step.request);
			run->active--;
		}
		return flight;
	}
	return NULL;
}

/* Fail what does not run, and drop what the wire does, because the user interrupted. */
static void abandon(struct run *run)
{
	const struct verdict broken = {.kind = VERDICT_BROKEN};
	struct flight *flight;
	g_clear_error(&run->error);
	cancel_check(&run->error);
	run->dry = true;
	while ((flight = g_queue_pop_head(&run->split))) {
		engine_doom(run, flight, broken, run->error);
		if (flight->parts.open == 0)
			engine_fail(run, flight, run->error);
	}
	while ((flight = steal_flight(run))) {
		if (flight->whole)
			engine_end_part(run, flight, broken, run->error);
		else
			engine_fail(run, flight, run->error);
	}
}

/* Whether an earlier run may have left some of the object here. */
static bool must_resume(const struct flight *flight)
{
	const struct transfer *transfer = flight->transfer;
	return !flight->resumed && transfer->kind == TRANSFER_GET && transfer->end && transfer->end->journal &&
	       transfer->size >= RESUME_FROM;
}

static void start_job(struct run *run, struct flight *flight)
{
	run->active++;
	pool_push(run->engine->pool, flight);
}

/* Shape the flight's next step and hand it to the pool or the wire. */
static void start(struct run *run, struct flight *flight)
{
	const struct remote *remote = run->remote;
	struct transfer *transfer = flight->transfer;
	g_clear_error(&flight->error);
	flight->resuming = must_resume(flight);
	if (flight->resuming) {
		start_job(run, flight);
		return;
	}
	remote->ops->shape(remote->conn, transfer, flight->part, &flight->step);
	switch (flight->step.kind) {
	case STEP_JOB:
		start_job(run, flight);
		break;
	case STEP_REQUEST:
		run->active++;
		g_ptr_array_add(run->asking, flight);
		wire_start(run->engine->wire, flight->step.request, transfer->stream, flight);
		break;
	case STEP_WAIT:
		g_ptr_array_add(run->waiting, flight);
		break;
	case STEP_PARTS:
		engine_split(run, flight, flight->step.parts);
		break;
	}
}

/* Put due retries back among the ready. */
static void resume_paused(struct run *run)
{
	int64_t now = clock_steady_us();
	for (guint i = run->paused->len; i-- > 0;) {
		struct flight *flight = g_ptr_array_index(run->paused, i);
		if (flight->due_us <= now)
			engine_ready(run, g_ptr_array_steal_index_fast(run->paused, i));
	}
}

static struct flight *next_flight(struct run *run)
{
	struct flight *flight = g_queue_pop_head(&run->ready);
	if (!flight)
		flight = engine_next_part(run);
	if (flight || run->dry || run->waiting->len >= WAITING_MAX)
		return flight;
	struct transfer *transfer = run->work->next(run->work->user);
	if (!transfer) {
		run->dry = true;
		return NULL;
	}
	flight = g_new0(struct flight, 1);
	flight->transfer = transfer;
	flight->remote = run->remote;
	run->aloft++;
	if (transfer->end)
		transfer->stream = stream_new(transfer, &run->engine->shared);
	watch_start(run->engine->options.watch, transfer->label);
	return flight;
}

/* How many steps may be under way: as many requests as the remote bears, or as many jobs as keep the pool busy. */
static unsigned room(const struct run *run)
{
	unsigned jobs = run->engine->options.jobs * DEPTH;
	return run->asking->len ? window_size(&run->engine->window) : jobs;
}

/*
 * Start what there is room for. Retries that wait count as under way, or a remote that is down would draw in all the work
 * there is.
 */
static void start_steps(struct run *run)
{
	resume_paused(run);
	while (run->active + run->paused->len < room(run)) {
		struct flight *flight = next_flight(run);
		if (!flight)
			return;
		start(run, flight);
	}
}

/* Flush when enough waits for it, or when nothing else is left to do. */
static void start_flush(struct run *run)
{
	const struct engine_options *o = &run->engine->options;
	if (run->flushing || run->held->len == 0)
		return;
	bool idle = run->active == 0 && run->paused->len == 0 && g_queue_is_empty(&run->ready);
	if (!idle && run->held->len < o->flush_count && run->held_bytes < o->flush_bytes)
		return;
	run->flushing = run->held;
	run->held = g_ptr_array_new();
	run->held_bytes = 0;
	struct flight *flush = g_new0(struct flight, 1);
	flush->remote = run->remote;
	pool_push(run->engine->pool, flush);
}

/* How long to sleep at most: until the next tick or the next retry. */
static int sleep_ms(const struct run *run)
{
	int64_t timeout = TICK_MS, now = clock_steady_us();
	for (guint i = 0; i < run->paused->len; i++) {
		const struct flight *flight = g_ptr_array_index(run->paused, i);
		timeout = CLAMP((flight->due_us - now) / 1000 + 1, 0, timeout);
	}
	return (int)timeout;
}

/* What was judged may be what others waited for. */
static void end_waits(struct run *run)
{
	for (guint i = 0; i < run->waiting->len; i++)
		engine_ready(run, g_ptr_array_index(run->waiting, i));
	g_ptr_array_set_size(run->waiting, 0);
}

/* Take what the pool and the wire have finished. */
static void take_finished(struct run *run)
{
	struct flight *flight;
	struct reply reply = {0};
	bool any = false;
	while ((flight = pool_pop(run->engine->pool, 0))) {
		if (flight->transfer)
			engine_settle(run, flight, &(struct reply){.error = flight->error});
		else
			engine_settle_flush(run, flight);
		any = true;
	}
	while ((flight = wire_next(run->engine->wire, &reply))) {
		g_ptr_array_remove_fast(run->asking, flight);
		struct request *request = flight->step.request;
		engine_settle(run, flight, &reply);
		request_free(request);
		reply_clear(&reply);
		any = true;
	}
	if (any)
		end_waits(run);
}

static bool is_over(const struct run *run)
{
	return run->dry && run->aloft == 0 && !run->flushing;
}

bool engine_run(struct engine *engine, struct remote *remote, const struct engine_work *work, GError **error)
{
	struct run run = {.engine = engine, .remote = remote, .work = work};
	g_queue_init(&run.ready);
	g_queue_init(&run.split);
	run.asking = g_ptr_array_new();
	run.paused = g_ptr_array_new();
	run.waiting = g_ptr_array_new();
	run.held = g_ptr_array_new();
	for (;;) {
		if (cancel_requested())
			abandon(&run);
		start_steps(&run);
		start_flush(&run);
		if (is_over(&run))
			break;
		wire_turn(engine->wire, sleep_ms(&run));
		take_finished(&run);
		engine_report(engine, NULL, 0);
	}
	g_ptr_array_unref(run.asking);
	g_ptr_array_unref(run.paused);
	g_ptr_array_unref(run.waiting);
	g_ptr_array_unref(run.held);
	if (run.error)
		g_propagate_error(error, run.error);
	return !run.error;
}
