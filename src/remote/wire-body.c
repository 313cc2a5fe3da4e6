#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "remote/wire-int.h"

#include <stdio.h>
#include <string.h>

/* What is kept of the body of a reply that is no success. */
#define ERROR_BODY_LIMIT ((size_t)64 << 10)

/* libcurl 7.88 writes bodies below this together with the head, if they lie in memory. */
#define SMALL_BODY ((uint64_t)64 << 10)

/* Headers of one reply, all together. */
#define HEADERS_LIMIT 1000

static unsigned status_of(const struct exchange *exchange)
{
	long status = 0;
	curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
	return (unsigned)status;
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
	struct exchange *exchange = user;
	size_t length = size * count;
	if (length == 2) /* the empty line at the end */
		wire_acknowledge(exchange);
	const char *colon = memchr(data, ':', length);
	struct reply *reply = &exchange->reply;
	bool first = length > 5 && memcmp(data, "HTTP/", 5) == 0;
	if (first || !reply->headers) { /* a new reply: after 100 Continue, or authentication */
		g_clear_pointer(&reply->headers, g_hash_table_unref);
		reply->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	}
	if (!colon || g_hash_table_size(reply->headers) >= HEADERS_LIMIT)
		return length;
	g_autofree char *name = g_ascii_strdown(data, colon - data);
	char *value = g_strndup(colon + 1, length - (size_t)(colon + 1 - data));
	g_hash_table_insert(reply->headers, g_steal_pointer(&name), g_strstrip(value));
	return length;
}

/* Where in the object the body begins: as Content-Range says (RFC 9110 14.4), or at its start. */
static bool find_position(struct exchange *exchange, unsigned status)
{
	const struct request *request = exchange->request;
	const char *range = reply_header(&exchange->reply, "content-range");
	guint64 first;
	if (status == 0) { /* sftp starts where it was told to */
		exchange->position = request->offset;
		return true;
	}
	if (status != 206) {
		exchange->position = 0;
		if (request->offset == 0)
			return true;
		if (request->length == 0)
			return stream_restart(exchange->stream, &exchange->error);
		error_set(&exchange->error, ERROR_FAILED, "the server sent the whole where a part was asked for");
		return false;
	}
	uint64_t expected = stream_expected(exchange->stream);
	const char *slash = range ? strchr(range, '/') : NULL;
	guint64 total;
	if (slash && expected != TRANSFER_ANY_SIZE && sscanf(slash, "/%" G_GUINT64_FORMAT, &total) == 1 && total != expected) {
		error_set(&exchange->error, ERROR_CORRUPT,
			  "the remote's file has %" G_GUINT64_FORMAT " bytes, the object %" G_GUINT64_FORMAT, total, expected);
		return false;
	}
	if (range && sscanf(range, "bytes %" G_GUINT64_FORMAT "-", &first) == 1 && first == request->offset) {
		exchange->position = first;
		return true;
	}
	error_set(&exchange->error, ERROR_TRANSIENT, "the server sent another part than the one asked for");
	return false;
}

/* The first bytes of a body are there: decide where they go. */
static bool begin_body(struct exchange *exchange)
{
	unsigned status = status_of(exchange);
	exchange->begun = true;
	exchange->reply.status = status;
	exchange->ranged = exchange->request->take == TAKE_RANGE && status < 300;
	if (!exchange->ranged)
		return true;
	if (!find_position(exchange, status))
		return false;
	const char *tag = reply_header(&exchange->reply, "etag");
	bool strong = tag && !g_str_has_prefix(tag, "W/");
	if (status && !stream_set_validator(exchange->stream, strong ? tag : NULL)) {
		if (exchange->position == 0)
			return true; /* it is the new version from its start on */
		error_set(&exchange->error, ERROR_CORRUPT, "the remote's file changed while it was fetched");
		return false;
	}
	return true;
}

/* Keep the body in memory. One of an error is cut off at its limit, one that was asked for must fit. */
static bool keep(struct exchange *exchange, const void *data, size_t length)
{
	const struct request *request = exchange->request;
	bool fine = exchange->reply.status < 300;
	size_t limit = fine ? request->limit : ERROR_BODY_LIMIT;
	if (fine && request->take != TAKE_BYTES)
		return true;
	GByteArray **body = &exchange->reply.body;
	if (!*body)
		*body = g_byte_array_new();
	size_t room = limit - MIN(limit, (*body)->len);
	if (length > room && fine) {
		error_set(&exchange->error, ERROR_UNSAFE, "the reply is longer than %" G_GSIZE_FORMAT " bytes", limit);
		return false;
	}
	g_byte_array_append(*body, data, (guint)MIN(length, room));
	return true;
}

/* Whether the rate limit holds the exchange now. */
static bool must_pause(struct exchange *exchange)
{
	if (!exchange->rate || rate_delay(exchange->rate, clock_steady_us()) <= 0)
		return false;
	exchange->paused = true;
	g_queue_push_tail(exchange->held, exchange);
	return true;
}

static void pay(const struct exchange *exchange, size_t length)
{
	if (exchange->rate)
		rate_take(exchange->rate, length, clock_steady_us());
}

static size_t on_write(char *data, size_t size, size_t count, void *user)
{
	struct exchange *exchange = user;
	const struct request *request = exchange->request;
	size_t length = size * count;
	if (!exchange->begun && !begin_body(exchange))
		return CURL_WRITEFUNC_ERROR;
	if (!exchange->ranged)
		return keep(exchange, data, length) ? length : CURL_WRITEFUNC_ERROR;
	if (must_pause(exchange))
		return CURL_WRITEFUNC_PAUSE;
	if (request->length && exchange->position + length > request->offset + request->length) {
		error_set(&exchange->error, ERROR_TRANSIENT, "the server sent more than was asked for");
		return CURL_WRITEFUNC_ERROR;
	}
	pay(exchange, length);
	if (!stream_write_at(exchange->stream, exchange->position, data, length, &exchange->error))
		return CURL_WRITEFUNC_ERROR;
	exchange->position += length;
	return length;
}

bool wire_sends_whole(const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	return request->send == SEND_RANGE && request->offset == 0 &&
	       request->length == stream_size(exchange->stream);
}

static bool is_small(const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	return wire_sends_whole(exchange) && request->length > 0 && request->length < SMALL_BODY &&
	       !exchange->rate && g_str_has_prefix(exchange->url, "http");
}

bool wire_load_small(struct exchange *exchange, GError **error)
{
	uint64_t length = exchange->request->length;
	CURL *easy = exchange->easy;
	if (!is_small(exchange))
		return true;
	if (!exchange->small)
		exchange->small = g_malloc(length);
	for (size_t have = 0; have < length;) {
		ssize_t got = stream_send(exchange->stream, exchange->small + have, length - have, error);
		if (got == 0)
			error_set(error, ERROR_CORRUPT, "the local file became shorter while it was sent");
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 0L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->small);
	return true;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *user)
{
	struct exchange *exchange = user;
	const struct request *request = exchange->request;
	uint64_t end = request->offset + request->length;
	size_t length = (size_t)MIN(size * count, end - exchange->position);
	ssize_t got;
	if (length == 0)
		return 0;
	if (exchange->error) /* libcurl asks again when it has authentication in mind */
		return CURL_READFUNC_ABORT;
	if (must_pause(exchange))
		return CURL_READFUNC_PAUSE;
	got = wire_sends_whole(exchange)
		      ? stream_send(exchange->stream, buffer, length, &exchange->error)
		      : stream_read_at(exchange->stream, exchange->position, buffer, length, &exchange->error);
	if (got == 0)
		error_set(&exchange->error, ERROR_CORRUPT, "the local file became shorter while it was sent");
	if (got <= 0)
		return CURL_READFUNC_ABORT;
	pay(exchange, (size_t)got);
	exchange->position += (uint64_t)got;
	return (size_t)got;
}

/*
 * libcurl sends the body again, because of authentication or a connection that had gone: from 0, which is where the range
 * begins; or sftp resumes, from an offset in the object, which is the same place.
 */
static int on_seek(void *user, curl_off_t offset, int origin)
{
	struct exchange *exchange = user;
	if (origin != SEEK_SET || (offset != 0 && (uint64_t)offset != exchange->request->offset))
		return CURL_SEEKFUNC_CANTSEEK;
	exchange->position = exchange->request->offset;
	bool fine = !wire_sends_whole(exchange) || stream_restart(exchange->stream, &exchange->error);
	return fine ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

/* The same for a body in memory. */
static size_t on_read_bytes(char *buffer, size_t size, size_t count, void *user)
{
	struct exchange *exchange = user;
	gsize total;
	const char *data = g_bytes_get_data(exchange->request->bytes, &total);
	size_t length = MIN(size * count, total - (size_t)exchange->position);
	memcpy(buffer, data + exchange->position, length);
	exchange->position += length;
	return length;
}

static int on_seek_bytes(void *user, curl_off_t offset, int origin)
{
	struct exchange *exchange = user;
	if (origin != SEEK_SET || offset < 0 || (gsize)offset > g_bytes_get_size(exchange->request->bytes))
		return CURL_SEEKFUNC_CANTSEEK;
	exchange->position = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static int on_progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
	(void)user;
	(void)down_total;
	(void)down;
	(void)up_total;
	(void)up;
	return cancel_requested() ? 1 : 0;
}

void wire_set_body(struct exchange *exchange)
{
	CURL *easy = exchange->easy;
	bool bytes = exchange->request->send == SEND_BYTES;
	exchange->position = exchange->request->send == SEND_RANGE ? exchange->request->offset : 0;
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, bytes ? on_read_bytes : on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, bytes ? on_seek_bytes : on_seek);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
}

void wire_forget_reply(struct exchange *exchange)
{
	reply_clear(&exchange->reply);
	exchange->begun = exchange->ranged = false;
}
