#include "backend/web/multistatus.h"
#include "backend/web/webdav-int.h"
#include "base/cancel.h"
#include "base/trace.h"
#include "remote/wire.h"

#include <string.h>
#include <time.h>

/* Who ends must not wait long. */
#define TIMEOUT_MS 5000
#define DELETE_MAX 100

/* A temporary file that nobody has touched for so long is nobody's. */
#define STALE_SECONDS (3 * 24 * 3600)

static bool delete_key(struct remote_conn *conn, const char *key)
{
	struct errand errand = {0};
	struct reply reply = {0};
	autoptr(request) request = http_request(conn, &errand, "DELETE", key);
	bool told = wire_ask(request, TIMEOUT_MS, &reply, NULL);

	trace("webdav", "left over: %s, %u", key, reply.status);
	reply_clear(&reply);
	return told;
}

/* The time by the server's own clock, with which its files were stamped. */
static int64_t server_time(const struct reply *reply)
{
	const char *date = reply_header(reply, "date");
	struct tm tm = {0};
	const char *end = date ? strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;

	return end && !*end ? (int64_t)timegm(&tm) : (int64_t)time(NULL);
}

/* Add what lies in the folder for temporary files and is old. */
static void find_stale(struct remote_conn *conn)
{
	g_autofree char *collection = g_strndup(DAV_TEMP, strlen(DAV_TEMP) - 1), *url = http_url(conn, DAV_TEMP);
	const char *path = strstr(url, "://") + 3;
	struct errand errand = {0};
	struct reply reply = {0};
	autoptr(request) request = webdav_propfind(conn, &errand, collection);
	g_autoptr(GPtrArray) members = NULL;

	if (wire_ask(request, TIMEOUT_MS, &reply, NULL) && reply.status == 207)
		members = multistatus_read(reply_text(&reply), reply.body ? reply.body->len : 0,
					   path + strcspn(path, "/"), NULL);
	for (guint i = 0; members && i < members->len; i++) {
		const struct multistatus_member *member = members->pdata[i];

		if (!member->is_collection && member->modified &&
		    member->modified < server_time(&reply) - STALE_SECONDS)
			g_ptr_array_add(conn->dav->litter, g_strconcat(DAV_TEMP, member->name, NULL));
	}
	reply_clear(&reply);
}

void webdav_tidy(struct remote_conn *conn)
{
	const GPtrArray *litter = conn->dav->litter;

	if (conn->mode == REMOTE_COLLECT)
		find_stale(conn);
	for (guint i = 0; i < litter->len && i < DELETE_MAX && !cancel_requested(); i++)
		if (!delete_key(conn, litter->pdata[i]))
			return;
}
