/*
 * Parts of one transfer begin in order, a few at once, each a flight of its own that retries by itself. The first that
 * ends in anything but success dooms the whole: no other begins, those under way are dropped, and when the last is back
 * the verdict falls on the whole. Meanwhile workers hash what has come of a download, in order.
 */
#include "base/error.h"
#include "remote/engine-int.h"

/* Parts of one transfer under way: more do not make it faster, and keep others waiting. */
#define PARTS_AT_ONCE 8

void engine_split(struct run *run, struct flight *whole, unsigned parts)
{
	if (parts == 0) {
		g_autoptr(GError) error = NULL;
		error_set(&error, ERROR_FAILED, "'%s' has no parts", whole->transfer->key);
		engine_fail(run, whole, error);
		return;
	}
	whole->parts.total = parts;
	whole->parts.begun = whole->parts.open = 0;
	whole->parts.doomed = whole->parts.catching = false;
	if (whole->transfer->kind == TRANSFER_GET)
		stream_split(whole->transfer->stream);
	g_queue_push_tail(&run->split, whole);
}

struct flight *engine_next_part(struct run *run)
{
	for (GList *link = run->split.head; link; link = link->next) {
		struct flight *whole = link->data;
		if (whole->parts.open >= PARTS_AT_ONCE)
			continue;
		struct flight *part = g_new0(struct flight, 1);
		part->transfer = whole->transfer;
		part->remote = whole->remote;
		part->whole = whole;
		part->part = ++whole->parts.begun;
		part->resumed = true;
		whole->parts.open++;
		if (whole->parts.begun == whole->parts.total)
			g_queue_delete_link(&run->split, link);
		return part;
	}
	return NULL;
}

static void free_part(struct flight *part)
{
	part->whole->parts.open--;
	g_clear_error(&part->error);
	g_free(part);
}

/* Take the transfer's parts out of a list in which they wait. */
static void drop_from(GPtrArray *list, const struct flight *whole, struct run *run, bool asking)
{
	for (guint i = list->len; i-- > 0;) {
		struct flight *part = g_ptr_array_index(list, i);
		if (part->whole != whole)
			continue;
		g_ptr_array_remove_index_fast(list, i);
		if (asking) {
			wire_drop(run->engine->wire, part);
			request_free(part->step.request);
			run->active--;
		}
		free_part(part);
	}
}

/* Take all waiting parts off, and with the wire those under way. */
static void drop_parts(struct run *run, struct flight *whole)
{
	g_queue_remove(&run->split, whole);
	drop_from(run->asking, whole, run, true);
	drop_from(run->paused, whole, run, false);
	for (GList *link = run->ready.head, *next; link; link = next) {
		struct flight *part = link->data;
		next = link->next;
		if (part->whole != whole)
			continue;
		g_queue_delete_link(&run->ready, link);
		free_part(part);
	}
}

void engine_doom(struct run *run, struct flight *whole, struct verdict verdict, const GError *error)
{
	if (whole->parts.doomed)
		return;
	whole->parts.doomed = true;
	whole->parts.verdict = verdict;
	whole->parts.error = error ? g_error_copy(error) : NULL;
	drop_parts(run, whole);
}

/* Have a worker hash what has come so far, unless one does. */
static void catch_up(struct run *run, struct flight *whole)
{
	if (whole->transfer->kind != TRANSFER_GET || whole->parts.catching || whole->parts.doomed)
		return;
	struct flight *flight = g_new0(struct flight, 1);
	flight->transfer = whole->transfer;
	flight->remote = whole->remote;
	flight->whole = whole;
	flight->catching = whole->parts.catching = true;
	whole->parts.open++;
	run->active++;
	pool_push(run->engine->pool, flight);
}

/* The last part is back: go on with the whole. */
static void join(struct run *run, struct flight *whole)
{
	const struct remote *remote = whole->remote;
	if (whole->transfer->kind == TRANSFER_GET)
		stream_join(whole->transfer->stream);
	g_autoptr(GError) error = g_steal_pointer(&whole->parts.error);
	if (whole->parts.doomed)
		engine_follow(run, whole, whole->parts.verdict, error);
	else
		engine_follow(run, whole, remote->ops->judge(remote->conn, whole->transfer, 0, &(struct reply){0}), NULL);
}

static void join_if_last(struct run *run, struct flight *whole)
{
	if (whole->parts.open == 0 && (whole->parts.doomed || whole->parts.begun == whole->parts.total))
		join(run, whole);
}

void engine_end_part(struct run *run, struct flight *part, struct verdict verdict, const GError *error)
{
	struct flight *whole = part->whole;
	if (verdict.kind == VERDICT_DONE)
		catch_up(run, whole);
	else
		engine_doom(run, whole, verdict, error);
	free_part(part);
	join_if_last(run, whole);
}

void engine_end_catch_up(struct run *run, struct flight *flight)
{
	struct flight *whole = flight->whole;
	whole->parts.catching = false;
	if (flight->error)
		engine_doom(run, whole, (struct verdict){.kind = VERDICT_BROKEN}, flight->error);
	free_part(flight);
	join_if_last(run, whole);
}
