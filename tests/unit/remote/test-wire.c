#include "../tap.h"
#include "base/clock.h"
#include "base/error.h"
#include "http-server.h"
#include "kit.h"
#include "remote/stream.h"
#include "remote/wire.h"

#include <string.h>

/* What the server has, and what it does wrong. */
struct script {
	const char *text;
	const char *headers;  /* of every reply */
	const char *location; /* a redirect */
	const char *status;   /* of every reply; NULL: 200 or 206 */
	bool no_ranges;
	gsize cut_at;         /* send so many bytes of a body and close; 0: all */
	unsigned cut_times;
	char *secret;         /* the X-Secret header of the last request */
	char *authorization;
	GByteArray *received;
};

static bool answer(const struct http_ask *ask, GByteArray *reply, void *user)
{
	struct script *script = user;
	const char *headers = script->headers ? script->headers : "";
	guint64 from = 0, to;
	g_autofree char *range = http_ask_header(ask, "Range");
	g_free(script->secret);
	g_free(script->authorization);
	script->secret = http_ask_header(ask, "X-Secret");
	script->authorization = http_ask_header(ask, "Authorization");
	if (ask->body->len) {
		g_clear_pointer(&script->received, g_byte_array_unref);
		script->received = g_byte_array_ref(ask->body);
	}
	if (script->location) {
		g_autofree char *line = g_strdup_printf("Location: %s\r\n", script->location);
		http_reply(reply, "302 Found", line, "moved", 5);
		return true;
	}
	gsize length = strlen(script->text);
	to = length - 1;
	bool part = range && !script->no_ranges && sscanf(range, "bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, &from, &to) >= 1;
	if (!part) {
		from = 0;
		to = length - 1;
	}
	g_autofree char *lines = g_strdup_printf("%sContent-Range: bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/*\r\n",
						 headers, from, to);
	http_reply(reply, script->status ? script->status : part ? "206 Partial Content" : "200 OK",
		   part ? lines : headers, script->text + from, (gsize)(to - from + 1));
	if (script->cut_at && script->cut_times) {
		script->cut_times--;
		g_byte_array_set_size(reply, reply->len - (guint)(to - from + 1 - script->cut_at));
		return false;
	}
	return true;
}

static void script_clear(struct script *script)
{
	g_free(script->secret);
	g_free(script->authorization);
	g_clear_pointer(&script->received, g_byte_array_unref);
}

static struct wire *open_wire(struct rate *rate)
{
	g_autoptr(GError) error = NULL;
	struct wire *wire = wire_new(&(struct wire_options){.connections = 4, .stall = 5, .rate = rate}, &error);
	g_assert_no_error(error);
	return wire;
}

/* Perform one request over a wire. */
static void perform(struct wire *wire, const struct request *request, struct stream *stream, struct reply *reply)
{
	int tag;
	wire_start(wire, request, stream, &tag);
	for (;;) {
		void *done = wire_next(wire, reply);
		if (done) {
			g_assert_true(done == &tag);
			return;
		}
		wire_turn(wire, 1000);
	}
}

static struct request *get(const struct http_server *server, const char *path)
{
	g_autofree char *url = http_server_url(server, path);
	struct request *request = request_new("GET", url, NULL);
	request_take_bytes(request, 1000);
	return request;
}

static void asks(void)
{
	struct script script = {.text = "hello", .headers = "X-One: 1\r\nETag: \"e\"\r\n"};
	autoptr(http_server) server = http_server_new(answer, &script);
	autoptr(wire) wire = open_wire(NULL);
	autoptr(request) request = get(server, "/a");
	struct reply reply = {0};
	for (int i = 0; i < 3; i++) {
		perform(wire, request, NULL, &reply);
		g_assert_no_error(reply.error);
		g_assert_cmpuint(reply.status, ==, 200);
		g_assert_cmpstr(reply_text(&reply), ==, "hello");
		g_assert_cmpstr(reply_header(&reply, "x-one"), ==, "1");
		reply_clear(&reply);
	}
	g_autoptr(GError) error = NULL;
	g_assert_true(wire_ask(request, 5000, &reply, &error));
	g_assert_cmpstr(reply_text(&reply), ==, "hello");
	reply_clear(&reply);
	script_clear(&script);
}

static void bounds_replies(void)
{
	struct script script = {.text = "this is longer than it may be"};
	autoptr(http_server) server = http_server_new(answer, &script);
	autoptr(wire) wire = open_wire(NULL);
	autoptr(request) request = get(server, "/a");
	struct reply reply = {0};
	request->limit = 10;
	perform(wire, request, NULL, &reply);
	g_assert_true(error_is(reply.error, ERROR_UNSAFE));
	reply_clear(&reply);
	script.status = "403 Forbidden"; /* the body of an error is kept whatever was asked for */
	request->take = TAKE_NOTHING;
	perform(wire, request, NULL, &reply);
	g_assert_no_error(reply.error);
	g_assert_cmpuint(reply.status, ==, 403);
	g_assert_cmpstr(reply_text(&reply), ==, script.text);
	reply_clear(&reply);
	script_clear(&script);
}

static void sends_text(void)
{
	struct script script = {.text = "ok"};
	autoptr(http_server) server = http_server_new(answer, &script);
	autoptr(wire) wire = open_wire(NULL);
	g_autofree char *url = http_server_url(server, "/post");
	autoptr(request) request = request_new("POST", url, NULL);
	request_send_text(request, "a question", 10);
	struct reply reply = {0};
	perform(wire, request, NULL, &reply);
	g_assert_cmpuint(reply.status, ==, 200);
	g_assert_cmpmem(script.received->data, script.received->len, "a question", 10);
	reply_clear(&reply);
	script_clear(&script);
}

/* A redirect to the same place keeps secrets; one to another port, which is another origin, does not. */
static void keeps_secrets_at_home(void)
{
	struct script there = {.text = "there"}, here = {.text = "here"};
	autoptr(http_server) other = http_server_new(answer, &there);
	autoptr(http_server) server = http_server_new(answer, &here);
	autoptr(wire) wire = open_wire(NULL);
	struct reply reply = {0};
	autoptr(request) request = get(server, "/a");
	request->redirects = 3;
	request->user = g_strdup("me");
	request->password = g_strdup("pass");
	request->auth = AUTH_BASIC;
	request_secret(request, "X-Secret", "hush");
	perform(wire, request, NULL, &reply);
	g_assert_cmpstr(here.secret, ==, "hush");
	g_assert_nonnull(here.authorization);
	reply_clear(&reply);

	g_autofree char *location = http_server_url(other, "/b");
	here.location = location;
	perform(wire, request, NULL, &reply);
	g_assert_no_error(reply.error);
	g_assert_cmpstr(reply_text(&reply), ==, "there");
	g_assert_null(there.secret);
	g_assert_null(there.authorization);
	reply_clear(&reply);

	here.location = "/loop";
	perform(wire, request, NULL, &reply);
	g_assert_cmpuint(reply.status, ==, 302); /* after three hops the redirect is the reply */
	g_assert_cmpstr(here.secret, ==, "hush");
	reply_clear(&reply);

	here.location = "file:///etc/passwd";
	perform(wire, request, NULL, &reply);
	g_assert_cmpuint(reply.status, ==, 302);
	reply_clear(&reply);
	script_clear(&here);
	script_clear(&there);
}

static void goes_on_after_a_cut(void)
{
	struct script script = {.text = "0123456789", .headers = "ETag: \"1\"\r\n", .cut_at = 4, .cut_times = 1};
	autoptr(http_server) server = http_server_new(answer, &script);
	autoptr(wire) wire = open_wire(NULL);
	struct stream_shared shared = {0};
	struct load load;
	autoptr(transfer) transfer = kit_get(&load, script.text, 10);
	struct stream *stream = stream_new(transfer, &shared);
	struct reply reply = {0};
	autoptr(request) first = get(server, "/a");
	request_take_range(first, 0, 0);
	perform(wire, first, stream, &reply);
	g_assert_true(error_is(reply.error, ERROR_TRANSIENT));
	g_assert_cmpuint(reply.status, ==, 200);
	g_assert_cmpuint(stream_have(stream), ==, 4);
	g_assert_cmpstr(stream_validator(stream), ==, "\"1\"");
	reply_clear(&reply);
	autoptr(request) second = get(server, "/a");
	request_take_range(second, 4, 0);
	perform(wire, second, stream, &reply);
	g_assert_no_error(reply.error);
	g_assert_cmpuint(reply.status, ==, 206);
	g_autoptr(GError) error = NULL;
	g_assert_true(stream_verify(stream, &error));
	g_assert_true(stream_close(stream, true, &error));
	g_assert_cmpuint(shared.moved, ==, 10);
	g_assert_cmpuint(transfer->found_size, ==, 10);
	stream_free(stream);
	load_clear(&load);
	reply_clear(&reply);
	script_clear(&script);
}

/* A server that sends all where the rest was asked for. */
static void starts_over_without_ranges(void)
{
	struct script script = {.text = "0123456789", .no_ranges = true, .cut_at = 4, .cut_times = 1};
	autoptr(http_server) server = http_server_new(answer, &script);
	autoptr(wire) wire = open_wire(NULL);
	struct stream_shared shared = {0};
	struct load load;
	autoptr(transfer) transfer = kit_get(&load, script.text, 10);
	struct stream *stream = stream_new(transfer, &shared);
	struct reply reply = {0};
	for (uint64_t from = 0; from <= 4; from += 4) {
		autoptr(request) request = get(server, "/a");
		request_take_range(request, from, 0);
		reply_clear(&reply);
		perform(wire, request, stream, &reply);
	}
	g_assert_no_error(reply.error);
	g_autoptr(GError) error = NULL;
	g_assert_true(stream_verify(stream, &error));
	reply_clear(&reply);
	autoptr(request) part = get(server, "/a");
	request_take_range(part, 4, 2);
	perform(wire, part, stream, &reply);
	g_assert_true(error_is(reply.error, ERROR_FAILED));
	g_assert_cmpuint(reply.status, ==, 200);
	stream_free(stream);
	reply_clear(&reply);
	script_clear(&script);
}

/* Parts in any order make the whole; another version in between drops what was there. */
static void joins_parts(void)
{
	struct script script = {.text = "0123456789", .headers = "ETag: \"1\"\r\n"};
	autoptr(http_server) server = http_server_new(answer, &script);
	autoptr(wire) wire = open_wire(NULL);
	struct stream_shared shared = {0};
	struct load load;
	autoptr(transfer) transfer = kit_get(&load, script.text, 10);
	struct stream *stream = stream_new(transfer, &shared);
	static const uint64_t parts[][2] = {{6, 4}, {0, 3}, {3, 3}};
	struct reply reply = {0};
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		autoptr(request) request = get(server, "/a");
		request_take_range(request, parts[i][0], parts[i][1]);
		perform(wire, request, stream, &reply);
		g_assert_no_error(reply.error);
		g_assert_cmpuint(reply.status, ==, 206);
		g_assert_true(stream_has(stream, parts[i][0], parts[i][1]));
		reply_clear(&reply);
	}
	g_autoptr(GError) error = NULL;
	g_assert_true(stream_verify(stream, &error));
	g_assert_true(stream_restart(stream, &error));
	for (int version = 1; version <= 2; version++) {
		g_autofree char *tag = g_strdup_printf("ETag: \"%d\"\r\n", version);
		script.headers = tag;
		autoptr(request) request = get(server, "/a");
		request_take_range(request, (uint64_t)(version - 1) * 3, 3);
		perform(wire, request, stream, &reply);
		g_assert_true(version == 1 ? !reply.error : error_is(reply.error, ERROR_CORRUPT));
		reply_clear(&reply);
	}
	g_assert_cmpuint(stream_have(stream), ==, 0);
	stream_free(stream);
	script_clear(&script);
}

/* An upload whose bytes are wrong breaks off before its end: the server has no whole body to keep. */
static void withholds_wrong_bytes(void)
{
	struct script script = {.text = "ok"};
	autoptr(http_server) server = http_server_new(answer, &script);
	autoptr(wire) wire = open_wire(NULL);
	struct stream_shared shared = {0};
	struct load load;
	autoptr(transfer) transfer = kit_put(&load, "right bytes", 11);
	g_autofree char *url = http_server_url(server, "/put");
	autoptr(request) request = request_new("PUT", url, NULL);
	request_send_range(request, 0, 11);
	struct reply reply = {0};
	struct stream *stream = stream_new(transfer, &shared);
	perform(wire, request, stream, &reply);
	g_assert_no_error(reply.error);
	g_assert_cmpmem(script.received->data, script.received->len, "right bytes", 11);
	reply_clear(&reply);
	stream_free(stream);
	load_clear(&load);

	load.bytes = g_bytes_new("wrong bytes", 11);
	stream = stream_new(transfer, &shared);
	perform(wire, request, stream, &reply);
	g_assert_true(error_is(reply.error, ERROR_CORRUPT));
	g_assert_cmpuint(http_server_count(server), ==, 1);
	stream_free(stream);
	load_clear(&load);
	reply_clear(&reply);
	script_clear(&script);
}

static void tells_what_heals(void)
{
	struct script script = {.text = "busy", .status = "503 Service Unavailable", .headers = "Retry-After: 7\r\n"};
	struct http_server *server = http_server_new(answer, &script);
	struct wire *wire = open_wire(NULL);
	autoptr(request) request = get(server, "/a");
	struct reply reply = {0};
	perform(wire, request, NULL, &reply);
	g_assert_true(reply_is_transient(&reply));
	g_assert_cmpuint(reply_retry_after(&reply), ==, 7000);
	g_autoptr(GError) error = reply_error(&reply, "SlowDown");
	g_assert_true(error_is(error, ERROR_TRANSIENT));
	g_assert_cmpstr(error->message, ==, "HTTP 503 Service Unavailable: SlowDown");
	reply_clear(&reply);
	wire_free(wire);
	http_server_free(server);
	wire = open_wire(NULL);
	perform(wire, request, NULL, &reply); /* nobody listens any more */
	g_assert_true(error_is(reply.error, ERROR_TRANSIENT));
	reply_clear(&reply);
	wire_free(wire);
	script_clear(&script);
}

static void holds_the_rate(void)
{
	g_autofree char *text = g_strnfill(300000, 'x');
	struct script script = {.text = text};
	autoptr(http_server) server = http_server_new(answer, &script);
	struct rate *rate = rate_new(200000);
	struct wire *wire = open_wire(rate);
	struct stream_shared shared = {.rate = rate};
	struct load load;
	autoptr(transfer) transfer = kit_get(&load, text, 300000);
	struct stream *stream = stream_new(transfer, &shared);
	autoptr(request) request = get(server, "/a");
	request_take_range(request, 0, 0);
	struct reply reply = {0};
	int64_t start = clock_steady_us();
	perform(wire, request, stream, &reply);
	g_assert_no_error(reply.error);
	g_assert_cmpint(clock_steady_us() - start, >=, 500000); /* 300 kB less a burst of 100 and the last piece */
	reply_clear(&reply);
	stream_free(stream);
	wire_free(wire);
	rate_free(rate);
	script_clear(&script);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/wire/asks", asks);
	g_test_add_func("/wire/bounds-replies", bounds_replies);
	g_test_add_func("/wire/sends-text", sends_text);
	g_test_add_func("/wire/keeps-secrets-at-home", keeps_secrets_at_home);
	g_test_add_func("/wire/goes-on-after-a-cut", goes_on_after_a_cut);
	g_test_add_func("/wire/starts-over-without-ranges", starts_over_without_ranges);
	g_test_add_func("/wire/joins-parts", joins_parts);
	g_test_add_func("/wire/withholds-wrong-bytes", withholds_wrong_bytes);
	g_test_add_func("/wire/tells-what-heals", tells_what_heals);
	g_test_add_func("/wire/holds-the-rate", holds_the_rate);
	return g_test_run();
}
