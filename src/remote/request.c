#include "remote/request.h"

#include "base/error.h"

#include <string.h>
#include <time.h>

/* The longest pause that a server may ask for. */
#define RETRY_AFTER_MAX_MS (600u * 1000)

struct request *request_new(const char *method, const char *url, const struct access *access)
{
	struct request *request = g_new0(struct request, 1);
	request->method = g_strdup(method);
	request->url = g_strdup(url);
	request->headers = g_ptr_array_new_with_free_func(g_free);
	request->secrets = g_ptr_array_new_with_free_func(g_free);
	request->access = access;
	return request;
}

void request_header(struct request *request, const char *name, const char *value)
{
	g_ptr_array_add(request->headers, g_strdup_printf("%s: %s", name, value));
}

void request_secret(struct request *request, const char *name, const char *value)
{
	g_ptr_array_add(request->secrets, g_strdup_printf("%s: %s", name, value));
}

void request_send_text(struct request *request, const char *text, size_t length)
{
	request->send = SEND_BYTES;
	request->bytes = g_bytes_new(text, length);
}

void request_send_range(struct request *request, uint64_t offset, uint64_t length)
{
	request->send = SEND_RANGE;
	request->offset = offset;
	request->length = length;
}

void request_take_bytes(struct request *request, size_t limit)
{
	request->take = TAKE_BYTES;
	request->limit = limit;
}

void request_take_range(struct request *request, uint64_t offset, uint64_t length)
{
	request->take = TAKE_RANGE;
	request->offset = offset;
	request->length = length;
	if (offset == 0 && length == 0)
		return;
	g_autofree char *last = length ? g_strdup_printf("%" G_GUINT64_FORMAT, offset + length - 1) : g_strdup("");
	g_autofree char *range = g_strdup_printf("bytes=%" G_GUINT64_FORMAT "-%s", offset, last);
	request_header(request, "Range", range);
}

void request_free(struct request *request)
{
	if (!request)
		return;
	g_free(request->method);
	g_free(request->url);
	g_ptr_array_unref(request->headers);
	g_ptr_array_unref(request->secrets);
	g_free(request->user);
	g_free(request->password);
	g_clear_pointer(&request->bytes, g_bytes_unref);
	g_clear_pointer(&request->before, g_ptr_array_unref);
	g_clear_pointer(&request->after, g_ptr_array_unref);
	g_free(request);
}

const char *reply_header(const struct reply *reply, const char *name)
{
	return reply->headers ? g_hash_table_lookup(reply->headers, name) : NULL;
}

const char *reply_text(const struct reply *reply)
{
	return reply->body ? (const char *)reply->body->data : "";
}

/* Seconds until a date as HTTP writes them ("Sun, 06 Nov 1994 08:49:37 GMT"); 0 if it is none or past. */
static guint64 seconds_until(const char *date)
{
	struct tm tm = {0};
	const char *end = strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	time_t then = end && !*end ? timegm(&tm) : 0, now = time(NULL);
	return then > now ? (guint64)(then - now) : 0;
}

unsigned reply_retry_after(const struct reply *reply)
{
	const char *value = reply_header(reply, "retry-after");
	guint64 seconds;
	if (!value)
		return 0;
	if (!g_ascii_string_to_unsigned(value, 10, 0, RETRY_AFTER_MAX_MS / 1000, &seconds, NULL))
		seconds = strspn(value, "0123456789") == strlen(value) ? RETRY_AFTER_MAX_MS / 1000 : seconds_until(value);
	return (unsigned)MIN(seconds * 1000, RETRY_AFTER_MAX_MS);
}

bool reply_is_transient(const struct reply *reply)
{
	if (reply->error)
		return error_is(reply->error, ERROR_TRANSIENT);
	switch (reply->status) {
	case 408:
	case 425:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return true;
	default:
		return false;
	}
}

/* The words that people know a status by; "" for others. */
static const char *status_text(unsigned status)
{
	static const struct {
		unsigned status;
		const char *text;
	} texts[] = {
		{301, " Moved Permanently"},
		{302, " Found"},
		{307, " Temporary Redirect"},
		{308, " Permanent Redirect"},
		{400, " Bad Request"},
		{401, " Unauthorized"},
		{403, " Forbidden"},
		{404, " Not Found"},
		{405, " Method Not Allowed"},
		{407, " Proxy Authentication Required"},
		{408, " Request Timeout"},
		{409, " Conflict"},
		{410, " Gone"},
		{412, " Precondition Failed"},
		{413, " Content Too Large"},
		{416, " Range Not Satisfiable"},
		{423, " Locked"},
		{429, " Too Many Requests"},
		{500, " Internal Server Error"},
		{501, " Not Implemented"},
		{502, " Bad Gateway"},
		{503, " Service Unavailable"},
		{504, " Gateway Timeout"},
		{507, " Insufficient Storage"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "";
}

static enum error_code status_code(const struct reply *reply)
{
	if (reply->status == 401 || reply->status == 403 || reply->status == 407)
		return ERROR_DENIED;
	if (reply->status == 404 || reply->status == 410)
		return ERROR_NOT_FOUND;
	return reply_is_transient(reply) ? ERROR_TRANSIENT : ERROR_FAILED;
}

GError *reply_error(const struct reply *reply, const char *detail)
{
	GError *error = NULL;
	if (reply->error)
		return g_error_copy(reply->error);
	error_set(&error, status_code(reply), "HTTP %u%s%s%s", reply->status, status_text(reply->status),
		  detail ? ": " : "", detail ? detail : "");
	return error;
}

void reply_clear(struct reply *reply)
{
	g_clear_error(&reply->error);
	g_clear_pointer(&reply->headers, g_hash_table_unref);
	g_clear_pointer(&reply->body, g_byte_array_unref);
	g_clear_pointer(&reply->url, g_free);
	*reply = (struct reply){0};
}
