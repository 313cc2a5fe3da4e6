#include "backend/web/webdav-int.h"

#include <string.h>

/* Steps of a MOVE: rename; where the old name is gone, see whether an attempt whose reply was lost gave it the new. */
enum move_stage { MOVE_RENAME, MOVE_FIND };

struct request *webdav_rename(struct remote_conn *conn, struct errand *errand, const char *from, const char *to)
{
	struct request *request = http_request(conn, errand, "MOVE", from);
	g_autofree char *url = http_url(conn, to);
	const char *host = strstr(url, "://") + 3;

	errand->by_path |= conn->dav->destination_is_path;
	request_header(request, "Destination", errand->by_path ? host + strcspn(host, "/") : url);
	request_header(request, "Overwrite", "T");
	return request;
}

/* Whether a MOVE had a path for its Destination that may be wrong. */
static bool is_guess(const struct remote_conn *conn, const struct errand *errand)
{
	return errand->by_path && !conn->dav->destination_is_path;
}

/*
 * Whether a failed MOVE is to be tried at once with a path for its Destination: a proxy before the server may speak of
 * another host or scheme. But the same statuses come from a proxy whose server is down: so retries have one and the
 * other by turns, and the path is kept for other errands only once it has worked.
 */
static bool try_path(const struct remote_conn *conn, struct errand *errand, const struct reply *reply)
{
	bool refused = !reply->error && (reply->status == 400 || reply->status == 502), first = !errand->tried_path;

	if (conn->dav->destination_is_path)
		return false;
	errand->by_path = refused && !errand->by_path;
	errand->tried_path |= errand->by_path;
	return errand->by_path && first;
}

/* Whether that may have come of a missing collection, and was not taken for that before. */
static bool blames_parent(struct errand *errand, const struct reply *reply)
{
	bool busy = reply->status == 429 || reply->status == 502 || reply->status == 503 || reply->status == 504;
	bool blames = !reply->error && !busy && !errand->blamed_parent;

	errand->blamed_parent |= blames;
	return blames;
}

struct verdict webdav_judge_rename(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				   const char *to, const struct reply *reply)
{
	bool guess = is_guess(conn, errand);

	if (http_is_fine(reply) && reply->status != 207) {
		conn->dav->destination_is_path |= errand->by_path;
		return (struct verdict){VERDICT_DONE};
	}
	errand->maybe_moved |= reply->error || reply->status >= 500;
	if (!reply->error && reply->status == 409)
		return webdav_make_parent(conn, errand, transfer, to, reply);
	if (try_path(conn, errand, reply))
		return (struct verdict){VERDICT_NEXT};
	if (blames_parent(errand, reply))
		webdav_doubt_parent(conn, to);
	struct verdict verdict = http_fail(conn, transfer, reply, transfer->to ? "move" : "name", NULL);
	if (guess)
		verdict.kind = VERDICT_RETRY; /* of the URL this says nothing */
	return verdict;
}

struct verdict webdav_judge_find(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply)
{
	switch (http_see(conn, errand, transfer, reply)) {
	case HTTP_THERE:
		return (struct verdict){VERDICT_DONE};
	case HTTP_AGAIN:
		return (struct verdict){VERDICT_NEXT};
	case HTTP_DOUBTFUL:
		return (struct verdict){VERDICT_DENIED};
	case HTTP_UNKNOWN:
		return http_fail(conn, transfer, reply, "look for", NULL);
	case HTTP_ABSENT:
	case HTTP_DAMAGED:
		break;
	}
	return (struct verdict){VERDICT_ABSENT};
}

bool webdav_is_rename(const struct transfer *transfer)
{
	return transfer->kind == TRANSFER_MOVE && transfer->stage == MOVE_RENAME;
}

struct request *webdav_shape_move(struct remote_conn *conn, struct errand *errand, const struct transfer *transfer)
{
	if (transfer->stage == MOVE_FIND)
		return http_look(conn, errand, transfer->to);
	return webdav_rename(conn, errand, transfer->key, transfer->to);
}

struct verdict webdav_judge_move(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply)
{
	if (transfer->stage == MOVE_FIND)
		return webdav_judge_find(conn, errand, transfer, reply);
	if (http_is_absent(reply) && !errand->maybe_moved)
		return (struct verdict){VERDICT_ABSENT};
	if (http_is_absent(reply)) {
		transfer->stage = MOVE_FIND;
		return (struct verdict){VERDICT_NEXT};
	}
	return webdav_judge_rename(conn, errand, transfer, transfer->to, reply);
}
