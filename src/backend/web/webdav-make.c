#include "backend/web/webdav-int.h"
#include "base/path.h"

#include <string.h>

/* More collections than one errand has to make if all goes well: its own twice, and those above it. */
#define MADE_MAX 64

/* How often an errand may be told that its collection is missing. */
#define COMPLAINTS_MAX 3

static bool is_made(const struct remote_conn *conn, const char *collection)
{
	return g_hash_table_contains(conn->dav->made, collection);
}

static void begin(struct errand *errand, const char *collection)
{
	g_free(errand->make);
	g_free(errand->want);
	errand->make = g_strdup(collection);
	errand->want = g_strdup(collection);
}

void webdav_need_parent(struct remote_conn *conn, struct errand *errand, const char *key)
{
	g_autofree char *parent = path_parent(key);

	if (!errand->make && !is_made(conn, parent))
		begin(errand, parent);
}

void webdav_doubt_parent(struct remote_conn *conn, const char *key)
{
	g_autofree char *parent = path_parent(key);

	g_hash_table_remove(conn->dav->made, parent);
}

struct verdict webdav_make_parent(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				  const char *key, const struct reply *reply)
{
	g_autofree char *parent = path_parent(key);

	if (++errand->complaints > COMPLAINTS_MAX)
		return http_fail(conn, transfer, reply, "store", NULL);
	/* Another errand may have made it meanwhile. If that does not help, it has gone again. */
	if (!g_hash_table_remove(conn->dav->made, parent))
		begin(errand, parent);
	return (struct verdict){VERDICT_NEXT};
}

bool webdav_shape_make(struct remote_conn *conn, struct errand *errand, struct step *step)
{
	if (!errand->make)
		return false;
	g_autofree char *key = *errand->make ? g_strconcat(errand->make, "/", NULL) : g_strdup("");
	step->kind = STEP_REQUEST;
	step->request = http_request(conn, errand, "MKCOL", key);
	return true;
}

/* One more is there: on to the next below, or back to the errand. */
static void descend(struct remote_conn *conn, struct errand *errand)
{
	g_hash_table_add(conn->dav->made, g_strdup(errand->make));
	if (strcmp(errand->make, errand->want) == 0) {
		g_clear_pointer(&errand->make, g_free);
		g_clear_pointer(&errand->want, g_free);
		return;
	}
	const char *rest = path_below(errand->want, errand->make);
	size_t length = (size_t)(rest - errand->want) + strcspn(rest, "/");
	g_free(errand->make);
	errand->make = g_strndup(errand->want, length);
}

struct verdict webdav_judge_make(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply)
{
	/* 405: something is there already (RFC 4918 9.3.1); some servers redirect to what is there */
	bool there = http_is_fine(reply) || (!reply->error && (reply->status == 405 || reply->status == 301));
	bool orphan = !reply->error && (reply->status == 409 || reply->status == 404);

	/* From Apache, 403 also if another has made it in the same moment: then asking again gives 405. */
	bool raced = !reply->error && reply->status == 403 && !errand->doubted;

	errand->doubted = raced;
	if (++errand->made > MADE_MAX)
		return http_fail(conn, transfer, reply, "make the folders of", NULL);
	if (there)
		descend(conn, errand);
	if (there || raced)
		return (struct verdict){VERDICT_NEXT};
	if (orphan && *errand->make) {
		char *parent = path_parent(errand->make);

		g_free(errand->make);
		errand->make = parent;
		return (struct verdict){VERDICT_NEXT};
	}
	return http_fail(conn, transfer, reply, "make the folders of",
			 orphan ? "the folder that the remote's URL is to be made in does not exist on the server"
				: NULL);
}
