#include "sync/marker.h"

#include "base/error.h"
#include "base/proc.h"
#include "base/trace.h"
#include "sync/errand.h"

#include <string.h>
#include <unistd.h>

#define MARKERS ".mlv/collecting/"
#define DONE    ".done"

/* Seconds after which a collector counts as dead; also how far the clocks of two hosts may be apart. */
#define STALE_AFTER ((int64_t)24 * 3600)

/* How long done markers stay: longer than any push. */
#define KEEP_DONE (7 * STALE_AFTER)

/* "20261121T110306Z" */
#define TIME_FORMAT "%Y%m%dT%H%M%SZ"
#define TIME_LENGTH 16

/* More is not what we wrote. */
#define TEXT_LIMIT 1024

static int64_t now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static void marker_free(gpointer data)
{
	struct marker *marker = data;
	g_free(marker->key);
	g_free(marker);
}

/* The marker of that key, NULL if it is none. */
static struct marker *parse(const char *key)
{
	const char *name = g_str_has_prefix(key, MARKERS) ? key + strlen(MARKERS) : "";
	if (strlen(name) <= TIME_LENGTH || name[TIME_LENGTH] != '-')
		return NULL;
	g_autofree char *text = g_strndup(name, TIME_LENGTH);
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);
	if (!time)
		return NULL;
	struct marker *marker = g_new(struct marker, 1);
	*marker = (struct marker){g_strdup(key), g_date_time_to_unix(time), g_str_has_suffix(name, DONE)};
	return marker;
}

GPtrArray *marker_list(struct sync_session *session, GError **error)
{
	autoptr(transfer) transfer = transfer_new(TRANSFER_LIST, MARKERS);
	if (!errand_run(session, transfer, error))
		return NULL;
	GPtrArray *markers = g_ptr_array_new_with_free_func(marker_free);
	for (guint i = 0; transfer->items && i < transfer->items->len; i++) {
		const struct transfer_item *item = g_ptr_array_index(transfer->items, i);
		struct marker *marker = parse(item->key);
		if (marker)
			g_ptr_array_add(markers, marker);
	}
	return markers;
}

bool marker_is_stale(struct sync_session *session, const struct marker *marker)
{
	if (now() - marker->time > STALE_AFTER)
		return true;
	const struct oid none = {0};
	g_autoptr(GBytes) bytes = errand_get(session, marker->key, &none, TEXT_LIMIT, NULL);
	if (!bytes)
		return false;
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	g_autofree char *text = g_strndup(data, length);
	g_auto(GStrv) words = g_strsplit(g_strchomp(text), " ", 3);
	if (g_strv_length(words) != 2 || strcmp(words[0], g_get_host_name()) != 0)
		return false;
	gint64 pid = g_ascii_strtoll(words[1], NULL, 10);
	return pid > 0 && pid <= G_MAXINT32 && !proc_is_running(pid);
}

/* A key for this moment. New string. */
static char *new_key(const char *suffix)
{
	g_autoptr(GDateTime) time = g_date_time_new_now_utc();
	g_autofree char *text = g_date_time_format(time, TIME_FORMAT);
	return g_strdup_printf(MARKERS "%s-%08x%s", text, g_random_int(), suffix);
}

char *marker_put(struct sync_session *session, GError **error)
{
	g_autofree char *key = new_key("");
	g_autofree char *text = g_strdup_printf("%s %ld\n", g_get_host_name(), (long)getpid());
	return errand_put(session, key, text, error) ? g_steal_pointer(&key) : NULL;
}

bool marker_finish(struct sync_session *session, const char *key, GError **error)
{
	autoptr(transfer) transfer = transfer_new(TRANSFER_MOVE, key);
	transfer->to = new_key(DONE);
	if (!errand_run(session, transfer, error))
		return false;
	if (transfer->status == TRANSFER_DONE)
		return true;
	g_propagate_error(error, g_steal_pointer(&transfer->error));
	return false;
}

bool marker_remove(struct sync_session *session, const char *key, GError **error)
{
	autoptr(transfer) transfer = transfer_new(TRANSFER_DELETE, key);
	return errand_run(session, transfer, error);
}

void marker_expire(struct sync_session *session, const GPtrArray *markers)
{
	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = g_ptr_array_index(markers, i);
		g_autoptr(GError) error = NULL;
		if (marker->done && now() - marker->time > KEEP_DONE && !marker_remove(session, marker->key, &error))
			trace("sync", "old marker: %s", error->message);
	}
}

bool marker_look(struct sync_session *session, bool *seen, GError **error)
{
	*seen = false;
	if (!remote_can(session->remote, REMOTE_CAN_LIST | REMOTE_CAN_DELETE))
		return true;
	g_autoptr(GError) why = NULL;
	g_autoptr(GPtrArray) markers = marker_list(session, &why);
	if (error_is(why, ERROR_CANCELLED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	*seen = !markers && !error_is(why, ERROR_DENIED);
	for (guint i = 0; markers && i < markers->len; i++) {
		const struct marker *marker = g_ptr_array_index(markers, i);
		*seen = *seen || !marker->done || marker->time > session->began - STALE_AFTER;
	}
	return true;
}
