#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/trace.h"
#include "remote/engine-int.h"

/* The longest pause before a retry, unless the remote asks for more. */
#define BACKOFF_CAP_MS 30000

/* Failures in a row, of a kind that will not be the object's own fault, after which the rest is not tried. */
#define GIVE_UP_AFTER 16

/*
 * How often an object that came with a wrong hash is fetched again. A link that flips bits will now and then hit the same
 * small object twice; a large one is not fetched many times for what is likely wrong at its source.
 */
#define CORRUPT_MAX_SMALL 3
#define CORRUPT_MAX_LARGE 1
#define CORRUPT_LARGE     ((uint64_t)64 << 20)

/* How often one transfer may begin anew because its body says so. */
#define OVER_MAX 3

void engine_report(struct engine *engine, const char *label, uint64_t items)
{
	uint64_t moved = __atomic_load_n(&engine->shared.moved, __ATOMIC_RELAXED);
	if (moved != engine->reported || items)
		watch_advance(engine->options.watch, label, items, moved - engine->reported);
	engine->reported = moved;
}

void engine_ready(struct run *run, struct flight *flight)
{
	g_queue_push_tail(&run->ready, flight);
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
	if (!(blames_place(transfer->error) || flight->denied) || run->error)
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
	engine_report(run->engine, transfer->label, 1);
	g_clear_error(&flight->error);
	g_clear_error(&flight->parts.error);
	g_free(flight);
	run->aloft--;
	run->work->done(transfer, run->work->user);
}

void engine_fail(struct run *run, struct flight *flight, const GError *error)
{
	if (!flight->transfer->error)
		flight->transfer->error = g_error_copy(error);
	land(run, flight, TRANSFER_FAILED);
}

/* Wait before the next attempt: at least what the remote asks for, and never in step with others. */
static void pause_flight(struct run *run, struct flight *flight, unsigned at_least_ms, const GError *error)
{
	const struct engine_options *o = &run->engine->options;
	uint64_t span = MIN((uint64_t)o->backoff_ms << MIN(flight->attempt, 16), BACKOFF_CAP_MS);
	uint64_t delay = MAX(at_least_ms, span / 2 + (uint64_t)(g_random_double() * (double)(span / 2)));
	flight->attempt++;
	flight->retries++;
	flight->due_us = clock_steady_us() + (int64_t)delay * 1000;
	const char *reason = error ? error->message : "as the remote asks";
	trace("remote", "retry %u of %s in %" G_GUINT64_FORMAT " ms: %s", flight->attempt, flight->transfer->key, delay,
	      reason);
	watch_retry(o->watch, flight->transfer->label, reason);
	g_ptr_array_add(run->paused, flight);
}

/* Begin the whole transfer anew, from its first step. */
static void start_over(struct run *run, struct flight *flight)
{
	const struct remote *remote = run->remote;
	if (remote->ops->forget)
		remote->ops->forget(remote->conn, flight->transfer);
	flight->transfer->stage = 0;
	if (flight->transfer->stream && flight->transfer->kind == TRANSFER_GET)
		(void)stream_restart(flight->transfer->stream, NULL);
	engine_ready(run, flight);
}

/* Whether an object that came wrong is to be fetched once more. Bytes that are wrong are not kept for a later run either. */
static bool may_fetch_again(struct flight *flight)
{
	struct stream *stream = flight->transfer->stream;
	uint64_t size = MAX(stream_have(stream), flight->transfer->size == TRANSFER_ANY_SIZE ? 0 : flight->transfer->size);
	(void)stream_restart(stream, NULL);
	return flight->corrupt++ < (size < CORRUPT_LARGE ? CORRUPT_MAX_SMALL : CORRUPT_MAX_LARGE);
}

/* A body says that it has sent the object: then all of its bytes were found right here. */
static bool check_sent(const struct transfer *transfer, GError **error)
{
	if (transfer->kind != TRANSFER_PUT || !transfer->sent || stream_is_proven(transfer->stream))
		return true;
	error_set(error, ERROR_CORRUPT, "'%s' was sent with bytes that nobody checked: the local copy has another size",
		  transfer->key);
	error_hint(error, "git mlv fsck");
	return false;
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
	bool right = transfer->kind == TRANSFER_GET ? stream_verify(transfer->stream, &error)
						    : check_sent(transfer, &error);
	bool corrupt = !right && transfer->kind == TRANSFER_GET && error_is(error, ERROR_CORRUPT);
	if (corrupt && may_fetch_again(flight))
		start_over(run, flight);
	else if (!stream_close(transfer->stream, right, right ? &error : NULL) || !right)
		engine_fail(run, flight, error);
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
		engine_fail(run, flight, error);
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

static void broken(struct run *run, struct flight *flight, const GError *cause)
{
	g_autoptr(GError) error = cause ? g_error_copy(cause) : NULL;
	if (!error)
		error_set(&error, flight->denied ? ERROR_DENIED : ERROR_FAILED, "%s '%s'",
			  flight->denied ? "may not touch" : "cannot handle", flight->transfer->key);
	if (flight->attempt)
		g_prefix_error(&error, "gave up after %u attempts: ", flight->attempt + 1);
	engine_fail(run, flight, error);
}

/* Whether the step could not go on because the bytes that came are not those of the object. */
static bool came_wrong(const struct flight *flight, const GError *error)
{
	return flight->transfer->kind == TRANSFER_GET && error_is(error, ERROR_CORRUPT);
}

static void step_forward(struct flight *flight)
{
	flight->attempt = 0;
	flight->steps++;
}

void engine_follow(struct run *run, struct flight *flight, struct verdict verdict, const GError *error)
{
	bool right = verdict.kind == VERDICT_DONE || verdict.kind == VERDICT_NEXT;
	flight->denied = verdict.kind == VERDICT_DENIED;
	if (right)
		step_forward(flight);
	if (right && verdict.after_flush)
		hold(run, flight, verdict.kind == VERDICT_DONE);
	else if (verdict.kind == VERDICT_DONE)
		complete(run, flight);
	else if (verdict.kind == VERDICT_NEXT)
		engine_ready(run, flight);
	else if (verdict.kind == VERDICT_OVER && (came_wrong(flight, error) ? may_fetch_again(flight) : flight->over++ < OVER_MAX))
		start_over(run, flight);
	else if (verdict.kind == VERDICT_ABSENT)
		absent(run, flight);
	else
		broken(run, flight, error);
}

/* A part goes on, or ends. */
static void follow_part(struct run *run, struct flight *part, struct verdict verdict, const GError *error)
{
	if (part->whole->parts.doomed && verdict.kind != VERDICT_DONE)
		verdict.kind = VERDICT_BROKEN;
	if (verdict.kind == VERDICT_NEXT) {
		step_forward(part);
		engine_ready(run, part);
		return;
	}
	part->whole->attempt = part->attempt;
	engine_end_part(run, part, verdict, error);
}

/*
 * Whether a step that may heal is tried again: a few times by itself, and not for ever if it heals and fails again and again,
 * as when a body goes back a step each time. Of a listing with many pages a fifth may fail.
 */
static bool may_retry(const struct run *run, const struct flight *flight)
{
	unsigned attempts = run->engine->options.attempts;
	return flight->attempt + 1 < attempts && flight->retries < 4 * attempts + flight->steps / 4;
}

/* What a reply says about how much at once the remote bears. */
static void mind_load(struct run *run, const struct flight *flight, struct verdict verdict)
{
	bool asked = flight->step.kind == STEP_REQUEST;
	if (verdict.kind == VERDICT_RETRY && verdict.overloaded)
		window_halve(&run->engine->window, clock_steady_us());
	else if (asked && (verdict.kind == VERDICT_DONE || verdict.kind == VERDICT_NEXT))
		window_grow(&run->engine->window);
}

/* What an earlier run left was looked at: begin. */
static void settle_resume(struct run *run, struct flight *flight)
{
	flight->resuming = false;
	flight->resumed = true;
	if (flight->error)
		engine_fail(run, flight, flight->error);
	else
		engine_ready(run, flight);
}

void engine_settle(struct run *run, struct flight *flight, const struct reply *reply)
{
	const struct remote *remote = run->remote;
	const GError *error = reply->error;
	run->active--;
	if (flight->resuming) {
		settle_resume(run, flight);
		return;
	}
	if (flight->catching) {
		engine_end_catch_up(run, flight);
		return;
	}
	struct verdict verdict = {.kind = VERDICT_BROKEN};
	bool cancelled = cancel_requested() && error_is(error, ERROR_CANCELLED);
	if (came_wrong(flight, error))
		verdict.kind = VERDICT_OVER;
	else if (!cancelled)
		verdict = remote->ops->judge(remote->conn, flight->transfer, flight->part, reply);
	mind_load(run, flight, verdict);
	bool again = verdict.kind == VERDICT_RETRY && may_retry(run, flight);
	if (again && !(flight->whole && flight->whole->parts.doomed))
		pause_flight(run, flight, verdict.delay_ms, error);
	else if (flight->whole)
		follow_part(run, flight, verdict, error);
	else
		engine_follow(run, flight, verdict, error);
}

void engine_settle_flush(struct run *run, struct flight *flush)
{
	g_autoptr(GPtrArray) flushed = g_steal_pointer(&run->flushing);
	for (guint i = 0; i < flushed->len; i++) {
		struct flight *flight = g_ptr_array_index(flushed, i);
		if (flush->error)
			engine_fail(run, flight, flush->error);
		else if (flight->done_when_flushed)
			land(run, flight, TRANSFER_DONE);
		else
			engine_ready(run, flight);
	}
	g_clear_error(&flush->error);
	g_free(flush);
}
