#include "remote/engine.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/pool.h"
#include "base/trace.h"
#include "remote/stream.h"

#include <curl/curl.h>

#define DEFAULT_ATTEMPTS    5
#define DEFAULT_BACKOFF_MS  500
#define DEFAULT_FLUSH_COUNT 10000
#define DEFAULT_FLUSH_BYTES ((uint64_t)4 << 30)

/* The longest pause before a retry. */
#define BACKOFF_CAP_MS 30000

/* How long the loop sleeps at most: Ctrl-C must be noticed, and progress must move. */
#define TICK_MS 100

/* Transfers handed to the pool for each of its threads, so that none idles while the loop turns. */
#define DEPTH 4

/* Failures in a row, of a kind that will not be the object's own fault, after which the rest is not tried. */
#define GIVE_UP_AFTER 16

struct engine {
	struct engine_options options;
	CURLM *multi; /* what the loop waits on; the pool wakes it */
	struct pool *pool;
	struct stream_shared shared;
	uint64_t reported; /* of shared.moved, to the watch */
};

/* A transfer with what the engine needs to know about it; with transfer NULL, a flush. */
struct flight {
	struct transfer *transfer;
	struct remote *remote;
	struct step step;
	GError *error; /* of the step */
	unsigned attempt, corrupt;
	int64_t due_us; /* when it is to be retried */
	bool done_when_flushed;
	bool denied; /* the verdict was DENIED */
};

/* One engine_run(). Every flight is in exactly one of: the pool, `ready`, `paused`, `held`, `flushing`. */
struct run {
	struct engine *engine;
	struct remote *remote;
	const struct engine_work *work;
	GQueue ready;        /* flights whose next step can start */
	GPtrArray *paused;   /* flights that wait for their retry */
	GPtrArray *held;     /* flights that wait for a flush */
	GPtrArray *flushing; /* flights that the running flush is for; NULL if none runs */
	uint64_t held_bytes;
	unsigned active; /* steps in the pool, flushes not counted */
	bool dry;        /* no more work is to be asked for */
	unsigned succeeded, failed_in_row;
	GError *error; /* why the run stops early */
};

/* [any] A worker's part: one step, or one flush. */
static void perform(void *job, void *shared)
{
	struct flight *flight = job;
	(void)shared;
	const struct remote *remote = flight->remote;
	if (!flight->transfer)
		remote->ops->flush(remote->conn, &flight->error);
	else if (!flight->step.job(remote->conn, flight->transfer, 0, &flight->error) && !flight->error)
		error_set(&flight->error, ERROR_FAILED, "%s: failed without saying why", flight->transfer->key);
}

/* [any] The pool finished something. */
static void wake(void *user)
{
	curl_multi_wakeup(user);
}

struct engine *engine_new(const struct engine_options *options, GError **error)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		error_set(error, ERROR_FAILED, "libcurl cannot be set up");
		return NULL;
	}
	CURLM *multi = curl_multi_init();
	if (!multi) {
		curl_global_cleanup();
		error_set(error, ERROR_FAILED, "libcurl cannot be set up");
		return NULL;
	}
	struct engine *engine = g_new0(struct engine, 1);
	engine->options = *options;
	struct engine_options *o = &engine->options;
	o->jobs = CLAMP(o->jobs ? o->jobs : MAX(pool_default_threads(), 4), 1, 64);
	o->attempts = o->attempts ? o->attempts : DEFAULT_ATTEMPTS;
	o->backoff_ms = o->backoff_ms ? o->backoff_ms : DEFAULT_BACKOFF_MS;
	o->flush_count = o->flush_count ? o->flush_count : DEFAULT_FLUSH_COUNT;
	o->flush_bytes = o->flush_bytes ? o->flush_bytes : DEFAULT_FLUSH_BYTES;
	engine->multi = multi;
	engine->shared.rate = o->max_rate ? rate_new(o->max_rate) : NULL;
	engine->pool = pool_new(o->jobs, perform, NULL);
	pool_set_wake(engine->pool, wake, multi);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	pool_free(engine->pool);
	rate_free(engine->shared.rate);
	curl_multi_cleanup(engine->multi);
	curl_global_cleanup();
	g_free(engine);
}

static void report(struct engine *engine, const char *label, uint64_t items)
{
	uint64_t moved = __atomic_load_n(&engine->shared.moved, __ATOMIC_RELAXED);
	if (moved != engine->reported || items)
		watch_advance(engine->options.watch, label, items, moved - engine->reported);
	engine->reported = moved;
}

/* Whether the same would have happened to any other object: the place is at fault. */
static bool blames_place(const GError *error)
{
	return error_is(error, ERROR_IO) || error_is(error, ERROR_DENIED) || error_is(error, ERROR_TRANSIENT);
}

/* Ask for no more work if nothing goes through any longer. */
static void watch_for_hopelessness(struct run *run, const struct flight *flight)
{
	const struct transfer *transfer = flight->transfer;
	if (transfer->status != TRANSFER_FAILED) {
		run->succeeded++;
		run->failed_in_row = 0;
		return;
	}
	if (!blames_place(transfer->error) || run->error)
		return;
	run->failed_in_row++;
	if (run->failed_in_row < GIVE_UP_AFTER && !(flight->denied && !run->succeeded))
		return;
	run->dry = true;
	run->error = g_error_copy(transfer->error);
	if (run->failed_in_row > 1)
		g_prefix_error(&run->error, "gave up after %u failures in a row: ", run->failed_in_row);
}

/* The flight is over: let go of all that it held and give the transfer back. */
static void land(struct run *run, struct flight *flight, enum transfer_status status)
{
	struct transfer *transfer = flight->transfer;
	const struct remote *remote = run->remote;
	g_clear_pointer(&transfer->stream, stream_free);
	if (remote->ops->forget)
		remote->ops->forget(remote->conn, transfer);
	transfer->status = status;
	if (transfer->error)
		g_prefix_error(&transfer->error, "remote '%s': ", remote->name);
	watch_for_hopelessness(run, flight);
	report(run->engine, transfer->label, 1);
	g_clear_error(&flight->error);
	g_free(flight);
	run->work->done(transfer, run->work->user);
}

static void land_failed(struct run *run, struct flight *flight, const GError *error)
{
	if (!flight->transfer->error)
		flight->transfer->error = g_error_copy(error);
	land(run, flight, TRANSFER_FAILED);
}

/* Fail what does not run, because the user interrupted. */
static void abandon(struct run *run)
{
	struct flight *flight;
	g_clear_error(&run->error);
	cancel_check(&run->error);
	run->dry = true;
	while ((flight = g_queue_pop_head(&run->ready)))
		land_failed(run, flight, run->error);
	while (run->paused->len)
		land_failed(run, g_ptr_array_steal_index_fast(run->paused, run->paused->len - 1), run->error);
	while (run->held->len)
		land_failed(run, g_ptr_array_steal_index_fast(run->held, run->held->len - 1), run->error);
}

/* Shape the flight's next step and hand it to the pool. */
static void start(struct run *run, struct flight *flight)
{
	const struct remote *remote = run->remote;
	g_clear_error(&flight->error);
	remote->ops->shape(remote->conn, flight->transfer, 0, &flight->step);
	run->active++;
	pool_push(run->engine->pool, flight);
}

/* Wait before the next attempt: at least what the remote asks for, and never in step with others. */
static void pause_flight(struct run *run, struct flight *flight, unsigned at_least_ms)
{
	const struct engine_options *o = &run->engine->options;
	uint64_t span = MIN((uint64_t)o->backoff_ms << MIN(flight->attempt, 16), BACKOFF_CAP_MS);
	uint64_t delay = MAX(at_least_ms, span / 2 + (uint64_t)(g_random_double() * (double)(span / 2)));
	flight->attempt++;
	flight->due_us = clock_steady_us() + (int64_t)delay * 1000;
	trace("remote", "retry %u of %s in %" G_GUINT64_FORMAT " ms: %s", flight->attempt, flight->transfer->key, delay,
	      flight->error ? flight->error->message : "as the remote asks");
	g_ptr_array_add(run->paused, flight);
}

/* Begin the whole transfer anew: what came was not what was asked for. */
static void start_over(struct run *run, struct flight *flight)
{
	const struct remote *remote = run->remote;
	if (remote->ops->forget)
		remote->ops->forget(remote->conn, flight->transfer);
	flight->transfer->stage = 0;
	flight->corrupt++;
	g_queue_push_tail(&run->ready, flight);
}

/* All steps went well: check what came and keep it. */
static void complete(struct run *run, struct flight *flight)
{
	struct transfer *transfer = flight->transfer;
	g_autoptr(GError) error = NULL;
	if (!transfer->stream) {
		land(run, flight, TRANSFER_DONE);
		return;
	}
	bool right = transfer->kind != TRANSFER_GET || stream_verify(transfer->stream, &error);
	if (!right && error_is(error, ERROR_CORRUPT) && flight->corrupt == 0)
		start_over(run, flight);
	else if (!stream_close(transfer->stream, right, right ? &error : NULL) || !right)
		land_failed(run, flight, error);
	else
		land(run, flight, TRANSFER_DONE);
}

/* The step went well but counts only after a flush. The local end is not needed any more: thousands may wait here. */
static void hold(struct run *run, struct flight *flight, bool done)
{
	struct transfer *transfer = flight->transfer;
	g_autoptr(GError) error = NULL;
	flight->done_when_flushed = done;
	if (transfer->stream && !stream_close(transfer->stream, true, &error)) {
		land_failed(run, flight, error);
		return;
	}
	g_clear_pointer(&transfer->stream, stream_free);
	g_ptr_array_add(run->held, flight);
	if (!done && transfer->size != TRANSFER_ANY_SIZE)
		run->held_bytes += transfer->size;
}

static void absent(struct run *run, struct flight *flight)
{
	struct transfer *transfer = flight->transfer;
	bool is_error =
		transfer->kind == TRANSFER_GET || transfer->kind == TRANSFER_PUT || transfer->kind == TRANSFER_MOVE;
	if (is_error && !transfer->error)
		error_set(&transfer->error, ERROR_NOT_FOUND, "it has no '%s'", transfer->key);
	land(run, flight, TRANSFER_ABSENT);
}

static void broken(struct run *run, struct flight *flight)
{
	g_autoptr(GError) error = g_steal_pointer(&flight->error);
	if (!error)
		error_set(&error, flight->denied ? ERROR_DENIED : ERROR_FAILED, "%s '%s'",
			  flight->denied ? "may not touch" : "cannot handle", flight->transfer->key);
	if (flight->attempt)
		g_prefix_error(&error, "gave up after %u attempts: ", flight->attempt + 1);
	land_failed(run, flight, error);
}

/* A step came back from the pool: have the body judge it and do what it says. */
static void settle(struct run *run, struct flight *flight)
{
	struct transfer *transfer = flight->transfer;
	const struct remote *remote = run->remote;
	run->active--;
	if (cancel_requested() && error_is(flight->error, ERROR_CANCELLED)) {
		land_failed(run, flight, flight->error);
		return;
	}
	struct reply reply = {.error = flight->error};
	struct verdict verdict = remote->ops->judge(remote->conn, transfer, 0, &reply);
	bool right = verdict.kind == VERDICT_DONE || verdict.kind == VERDICT_NEXT;
	flight->denied = verdict.kind == VERDICT_DENIED;
	if (right)
		flight->attempt = 0;
	if (right && verdict.after_flush)
		hold(run, flight, verdict.kind == VERDICT_DONE);
	else if (verdict.kind == VERDICT_DONE)
		complete(run, flight);
	else if (verdict.kind == VERDICT_NEXT)
		g_queue_push_tail(&run->ready, flight);
	else if (verdict.kind == VERDICT_RETRY && flight->attempt + 1 < run->engine->options.attempts)
		pause_flight(run, flight, verdict.delay_ms);
	else if (verdict.kind == VERDICT_ABSENT)
		absent(run, flight);
	else
		broken(run, flight);
}

/* Put due retries back among the ready. */
static void resume_paused(struct run *run)
{
	int64_t now = clock_steady_us();
	for (guint i = run->paused->len; i-- > 0;) {
		struct flight *flight = g_ptr_array_index(run->paused, i);
		if (flight->due_us <= now)
			g_queue_push_tail(&run->ready, g_ptr_array_steal_index_fast(run->paused, i));
	}
}

static struct flight *next_flight(struct run *run)
{
	struct flight *flight = g_queue_pop_head(&run->ready);
	if (flight || run->dry)
		return flight;
	struct transfer *transfer = run->work->next(run->work->user);
	if (!transfer) {
		run->dry = true;
		return NULL;
	}
	flight = g_new0(struct flight, 1);
	flight->transfer = transfer;
	flight->remote = run->remote;
	if (transfer->end)
		transfer->stream = stream_new(transfer, &run->engine->shared);
	return flight;
}

/* Fill the pool. Retries that wait count as under way, or a remote that is down would draw in all the work there is. */
static void start_steps(struct run *run)
{
	unsigned room = run->engine->options.jobs * DEPTH;
	resume_paused(run);
	while (run->active + run->paused->len < room) {
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

/* The flush came back: what waited for it goes on, or fails with it. */
static void settle_flush(struct run *run, struct flight *flush)
{
	g_autoptr(GPtrArray) flushed = g_steal_pointer(&run->flushing);
	for (guint i = 0; i < flushed->len; i++) {
		struct flight *flight = g_ptr_array_index(flushed, i);
		if (flush->error)
			land_failed(run, flight, flush->error);
		else if (flight->done_when_flushed)
			land(run, flight, TRANSFER_DONE);
		else
			g_queue_push_tail(&run->ready, flight);
	}
	g_clear_error(&flush->error);
	g_free(flush);
}

/* Sleep until the pool wakes us, a retry is due or a tick has passed. */
static void wait_for_news(struct run *run)
{
	int64_t timeout = TICK_MS, now = clock_steady_us();
	for (guint i = 0; i < run->paused->len; i++) {
		const struct flight *flight = g_ptr_array_index(run->paused, i);
		timeout = CLAMP((flight->due_us - now) / 1000 + 1, 0, timeout);
	}
	curl_multi_poll(run->engine->multi, NULL, 0, (int)timeout, NULL);
}

static bool is_over(const struct run *run)
{
	return run->active == 0 && !run->flushing && run->held->len == 0 && run->paused->len == 0 &&
	       g_queue_is_empty((GQueue *)&run->ready) && run->dry;
}

bool engine_run(struct engine *engine, struct remote *remote, const struct engine_work *work, GError **error)
{
	struct run run = {.engine = engine, .remote = remote, .work = work};
	g_queue_init(&run.ready);
	run.paused = g_ptr_array_new();
	run.held = g_ptr_array_new();
	for (;;) {
		if (cancel_requested())
			abandon(&run);
		start_steps(&run);
		start_flush(&run);
		if (is_over(&run))
			break;
		wait_for_news(&run);
		struct flight *flight;
		while ((flight = pool_pop(engine->pool, 0))) {
			if (flight->transfer)
				settle(&run, flight);
			else
				settle_flush(&run, flight);
		}
		report(engine, NULL, 0);
	}
	g_ptr_array_unref(run.paused);
	g_ptr_array_unref(run.held);
	if (run.error)
		g_propagate_error(error, run.error);
	return !run.error;
}
