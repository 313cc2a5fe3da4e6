#include "backend/web/http-int.h"
#include "base/error.h"
#include "remote/stream.h"
#include "remote/urlmatch.h"

#include <string.h>

/* The most that is taken of a body of which only the first byte was asked for. */
#define FIRST_BYTE_LIMIT 1

struct request *http_look(struct remote_conn *conn, struct errand *errand, const char *key)
{
	struct request *request = http_request(conn, errand, conn->no_head ? "GET" : "HEAD", key);

	errand->by_byte = conn->no_head;
	if (errand->by_byte) {
		request_header(request, "Range", "bytes=0-0");
		request_take_bytes(request, FIRST_BYTE_LIMIT);
	}
	return request;
}

/* A number in a header; `fallback` if it is none. */
static uint64_t parse_size(const char *text, uint64_t fallback)
{
	guint64 size;

	return text && g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &size, NULL) ? size : fallback;
}

/* The size of the whole: behind the '/' of Content-Range (RFC 9110 14.4) if there is one, else the length. */
static uint64_t whole_size(const struct reply *reply)
{
	const char *range = reply_header(reply, "content-range"), *slash = range ? strrchr(range, '/') : NULL;

	if (slash)
		return parse_size(slash + 1, TRANSFER_ANY_SIZE);
	if (reply->status == 206)
		return TRANSFER_ANY_SIZE; /* the length is the part's */
	return parse_size(reply_header(reply, "content-length"), TRANSFER_ANY_SIZE);
}

/* Whether a page for people came, as of a login or for what is not found, where an object was asked for. */
static bool is_page(const struct reply *reply)
{
	const char *type = reply_header(reply, "content-type");

	return type && g_ascii_strncasecmp(type, "text/html", strlen("text/html")) == 0;
}

/* Whether another host answered than the one that was asked; the same one may send us on to https. */
static bool is_elsewhere(const struct remote_conn *conn, const struct reply *reply)
{
	g_autofree char *ours = urlmatch_origin(conn->base), *theirs = reply->url ? urlmatch_origin(reply->url) : NULL;

	return theirs && strcmp(strstr(ours, "://"), strstr(theirs, "://")) != 0;
}

/* Say why an answer of success is none. */
static enum http_found doubt(struct transfer *transfer, const struct reply *reply, bool page)
{
	g_autofree char *there = reply->url ? urlmatch_origin(reply->url) : NULL;

	g_clear_error(&transfer->error);
	if (page)
		error_set(&transfer->error, ERROR_DENIED,
			  "look for '%s': %s answers with a page (text/html), as if for a login, not with an object",
			  transfer->key, there ? there : "the server");
	else
		error_set(&transfer->error, ERROR_DENIED,
			  "look for '%s': we were sent on to %s, which may answer so whatever is asked",
			  transfer->key, there);
	error_hint(&transfer->error, "is the URL right, and must one log in first? see what it shows in a browser");
	return HTTP_DOUBTFUL;
}

static enum http_found doubt_size(struct remote_conn *conn, struct transfer *transfer)
{
	g_clear_error(&transfer->error);
	error_set(&transfer->error, ERROR_FAILED,
		  "look for '%s': the server does not tell sizes, so what is there cannot be told", transfer->key);
	error_hint(&transfer->error, "git mlv remote modify %s url webdav://…, if the server knows WebDAV", conn->name);
	return HTTP_DOUBTFUL;
}

/* What an answer of success proves. */
static enum http_found weigh(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
			     const struct reply *reply)
{
	bool empty = errand->by_byte && reply->status == 416, any = transfer->size == TRANSFER_ANY_SIZE;
	uint64_t size = empty ? 0 : whole_size(reply);
	bool page = !empty && is_page(reply);

	/* an object may be a page, and lie elsewhere: what has the very size is it */
	bool right = !any && size == transfer->size && !(page && size == 0);
	if (!right && (page || is_elsewhere(conn, reply)))
		return doubt(transfer, reply, page);
	if (size == TRANSFER_ANY_SIZE && !errand->by_byte) {
		conn->no_head = true;
		return HTTP_AGAIN;
	}
	if (size == TRANSFER_ANY_SIZE)
		return doubt_size(conn, transfer);
	transfer->found_size = size;
	g_free(transfer->mark);
	transfer->mark = g_strdup(reply_header(reply, "etag"));
	return any || right ? HTTP_THERE : HTTP_DAMAGED;
}

enum http_found http_see(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
			 const struct reply *reply)
{
	bool there = http_is_fine(reply);

	if (!reply->error && !errand->by_byte && (reply->status == 405 || reply->status == 501)) {
		conn->no_head = true;
		return HTTP_AGAIN;
	}
	if (http_is_absent(reply))
		return HTTP_ABSENT;
	/* a server that sends the whole is stopped after a byte; an empty file has no first byte */
	there |= errand->by_byte && (reply->status == 200 || (!reply->error && reply->status == 416));
	return there ? weigh(conn, errand, transfer, reply) : HTTP_UNKNOWN;
}

struct verdict http_judge_stat(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
			       const struct reply *reply)
{
	enum http_found found = http_see(conn, errand, transfer, reply);

	if (found == HTTP_AGAIN)
		return (struct verdict){VERDICT_NEXT};
	if (found == HTTP_UNKNOWN)
		return http_fail(conn, transfer, reply, "look for", NULL);
	if (found == HTTP_DOUBTFUL)
		return (struct verdict){VERDICT_DENIED};
	transfer->damaged = found == HTTP_DAMAGED;
	return (struct verdict){found == HTTP_THERE ? VERDICT_DONE : VERDICT_ABSENT};
}

struct verdict http_judge_look(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
			       const struct reply *reply, unsigned send)
{
	enum http_found found = http_see(conn, errand, transfer, reply);

	if (found == HTTP_THERE)
		return (struct verdict){VERDICT_DONE};
	if (found == HTTP_UNKNOWN && (reply->error || reply_is_transient(reply)))
		return http_fail(conn, transfer, reply, "look for", NULL);
	if (found == HTTP_DOUBTFUL)
		return (struct verdict){VERDICT_DENIED};
	if (found != HTTP_AGAIN)
		transfer->stage = send;
	return (struct verdict){VERDICT_NEXT};
}

/* [any] All is here already: nothing to ask for. */
static bool job_nothing(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	(void)transfer;
	(void)part;
	(void)error;
	return true;
}

void http_shape_get(struct remote_conn *conn, struct errand *errand, struct transfer *transfer, struct step *step)
{
	uint64_t have = stream_have(transfer->stream);
	const char *validator = stream_validator(transfer->stream);

	if (have > 0 && have == transfer->size) {
		step->kind = STEP_JOB;
		step->job = job_nothing;
		return;
	}
	step->kind = STEP_REQUEST;
	step->request = http_request(conn, errand, "GET", transfer->key);
	request_take_range(step->request, have, 0);
	/* Another version is sent whole. Without a validator the hash will tell. */
	if (have > 0 && validator)
		request_header(step->request, "If-Range", validator);
}

struct verdict http_judge_get(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	if (!reply->error && (reply->status == 0 || reply->status == 200 || reply->status == 206))
		return (struct verdict){VERDICT_DONE};
	if (http_is_absent(reply))
		return (struct verdict){VERDICT_ABSENT};
	/* What is here is longer than what is there: one of them is not the object. */
	if (!reply->error && reply->status == 416 && stream_have(transfer->stream) > 0 &&
	    stream_restart(transfer->stream, NULL))
		return (struct verdict){VERDICT_RETRY};
	return http_fail(conn, transfer, reply, "fetch", NULL);
}
