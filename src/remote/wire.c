#include "remote/wire.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/trace.h"
#include "remote/wire-int.h"

#include <string.h>

/* Idle handles and connections that are kept for the next request. */
#define IDLE_MAX 64

struct wire {
	CURLM *multi;
	struct wire_options options;
	GPtrArray *idle;       /* of CURL *, owned */
	GHashTable *sockets;   /* see wire-int.h */
	GHashTable *under_way; /* tag to struct exchange, owned */
	GQueue held;           /* of struct exchange: those of under_way that the rate limit holds */
	GQueue finished;       /* of struct exchange, owned */
};

struct wire *wire_new(const struct wire_options *options, GError **error)
{
	wire_init();
	CURLM *multi = curl_multi_init();
	if (!multi) {
		error_set(error, ERROR_FAILED, "libcurl cannot be set up");
		return NULL;
	}
	struct wire *wire = g_new0(struct wire, 1);
	wire->multi = multi;
	wire->options = *options;
	wire->idle = g_ptr_array_new_with_free_func(curl_easy_cleanup);
	wire->sockets = g_hash_table_new(NULL, NULL);
	wire->under_way = g_hash_table_new(NULL, NULL);
	g_queue_init(&wire->held);
	g_queue_init(&wire->finished);
	curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->connections);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)options->connections);
	return wire;
}

/* libcurl lets go of the exchange. */
static void detach(struct wire *wire, struct exchange *exchange)
{
	if (exchange->paused)
		g_queue_remove(&wire->held, exchange);
	exchange->paused = false;
	curl_multi_remove_handle(wire->multi, exchange->easy);
}

/* Give the handle back and free the rest. */
static void retire(struct wire *wire, struct exchange *exchange)
{
	if (wire->idle->len < IDLE_MAX)
		g_ptr_array_add(wire->idle, exchange->easy);
	else
		curl_easy_cleanup(exchange->easy);
	exchange_free(exchange);
}

void wire_free(struct wire *wire)
{
	GHashTableIter iter;
	void *tag;
	struct exchange *exchange;
	if (!wire)
		return;
	g_hash_table_iter_init(&iter, wire->under_way);
	while (g_hash_table_iter_next(&iter, &tag, (void **)&exchange)) {
		detach(wire, exchange);
		reply_clear(&exchange->reply);
		retire(wire, exchange);
	}
	while ((exchange = g_queue_pop_head(&wire->finished))) {
		reply_clear(&exchange->reply);
		retire(wire, exchange);
	}
	g_hash_table_unref(wire->under_way);
	g_ptr_array_unref(wire->idle);
	curl_multi_cleanup(wire->multi); /* closes sockets */
	g_hash_table_unref(wire->sockets);
	g_free(wire);
}

static CURL *take_handle(struct wire *wire)
{
	if (wire->idle->len)
		return g_ptr_array_steal_index_fast(wire->idle, wire->idle->len - 1);
	CURL *easy = curl_easy_init();
	if (!easy)
		g_error("libcurl: out of memory");
	return easy;
}

static struct exchange *exchange_new(const struct request *request, CURL *easy)
{
	struct exchange *exchange = g_new0(struct exchange, 1);
	exchange->request = request;
	exchange->easy = easy;
	exchange->url = g_strdup(request->url);
	return exchange;
}

static void finish(struct wire *wire, struct exchange *exchange)
{
	g_hash_table_remove(wire->under_way, exchange->tag);
	g_queue_push_tail(&wire->finished, exchange);
}

/* The local end goes back to where the request begins. What cannot start is finished, with its error. */
static void start_hop(struct wire *wire, struct exchange *exchange)
{
	bool whole = wire_sends_whole(exchange);
	wire_set_up(exchange, wire->options.stall);
	bool fine = !whole || stream_restart(exchange->stream, &exchange->reply.error);
	if (fine && whole && exchange->request->length == 0)
		fine = stream_verify(exchange->stream, &exchange->reply.error);
	fine = fine && wire_load_small(exchange, &exchange->reply.error);
	if (!fine) {
		finish(wire, exchange);
		return;
	}
	curl_multi_add_handle(wire->multi, exchange->easy);
}

void wire_start(struct wire *wire, const struct request *request, struct stream *stream, void *tag)
{
	struct exchange *exchange = exchange_new(request, take_handle(wire));
	exchange->stream = stream;
	exchange->tag = tag;
	exchange->rate = wire->options.rate;
	exchange->held = &wire->held;
	exchange->sockets = wire->sockets;
	g_hash_table_insert(wire->under_way, tag, exchange);
	start_hop(wire, exchange);
}

void wire_drop(struct wire *wire, void *tag)
{
	struct exchange *exchange = g_hash_table_lookup(wire->under_way, tag);
	if (exchange) {
		g_hash_table_remove(wire->under_way, tag);
		detach(wire, exchange);
		reply_clear(&exchange->reply);
		retire(wire, exchange);
		return;
	}
	for (GList *link = wire->finished.head; link; link = link->next) {
		exchange = link->data;
		if (exchange->tag != tag)
			continue;
		g_queue_delete_link(&wire->finished, link);
		reply_clear(&exchange->reply);
		retire(wire, exchange);
		return;
	}
}

/* A part of an URL as libcurl understands it; NULL if it has none. New string. */
static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return NULL;
	char *copy = g_strdup(text);
	curl_free(text);
	return copy;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	g_autofree char *left = url_part(a, part), *right = url_part(b, part);
	return left && right && g_ascii_strcasecmp(left, right) == 0;
}

static bool is_scheme(CURLU *url, const char *scheme)
{
	g_autofree char *text = url_part(url, CURLUPART_SCHEME);
	return text && g_ascii_strcasecmp(text, scheme) == 0;
}

/* Take the exchange to `location`. False if that is not to be followed: then the redirect itself is the reply. */
static bool move_on(struct exchange *exchange, CURLU *from, CURLU *to, const char *location)
{
	if (curl_url_set(from, CURLUPART_URL, exchange->url, 0) != CURLUE_OK ||
	    curl_url_set(to, CURLUPART_URL, exchange->url, 0) != CURLUE_OK ||
	    curl_url_set(to, CURLUPART_URL, location, 0) != CURLUE_OK)
		return false;
	if (!is_scheme(to, "https") && !(is_scheme(to, "http") && is_scheme(from, "http")))
		return false;
	if (!same_part(from, to, CURLUPART_SCHEME) || !same_part(from, to, CURLUPART_HOST) ||
	    !same_part(from, to, CURLUPART_PORT))
		exchange->foreign = true;
	g_free(exchange->url);
	exchange->url = url_part(to, CURLUPART_URL);
	return true;
}

static bool is_redirect(const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	unsigned status = exchange->reply.status;
	bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
	return status == 301 || status == 302 || status == 307 || status == 308 || (status == 303 && reads);
}

/* Whether the reply is a redirect that is followed: then the exchange is ready for its next hop. */
static bool follow(struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	const char *location = reply_header(reply, "location");
	if (reply->error || !is_redirect(exchange) || !location || exchange->hops >= exchange->request->redirects)
		return false;
	CURLU *from = curl_url(), *to = curl_url();
	bool moved = move_on(exchange, from, to, location);
	curl_url_cleanup(from);
	curl_url_cleanup(to);
	exchange->hops++;
	if (moved)
		wire_forget_reply(exchange);
	return moved;
}

/* Trace without the query, which may hold a signature. */
static void trace_exchange(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	if (!trace_on())
		return;
	const char *at = strstr(exchange->url, "://");
	size_t user = at ? strcspn(at + 3, "@/?#") : 0;
	bool login = at && at[3 + user] == '@';
	const char *shown = login ? at + 3 + user + 1 : exchange->url;
	trace("wire", "%s %.*s: %u%s%s", exchange->request->method, (int)strcspn(shown, "?#"), shown, reply->status,
	      reply->error ? " " : "", reply->error ? reply->error->message : "");
}

/* Take what libcurl has finished. */
static void collect(struct wire *wire)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(wire->multi, &left))) {
		struct exchange *exchange;
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&exchange);
		wire_judge(exchange, code);
		trace_exchange(exchange);
		detach(wire, exchange);
		if (follow(exchange))
			start_hop(wire, exchange);
		else
			finish(wire, exchange);
	}
}

/* Let go on what the rate limit holds, as far as it may, in turn; how long to wait for more, in ms, at most `timeout`. */
static int resume_held(struct wire *wire, int timeout)
{
	for (guint left = g_queue_get_length(&wire->held); left; left--) {
		int64_t delay = rate_delay(wire->options.rate, clock_steady_us());
		if (delay > 0)
			return (int)MIN(timeout, delay / 1000 + 1);
		struct exchange *exchange = g_queue_pop_head(&wire->held);
		exchange->paused = false;
		curl_easy_pause(exchange->easy, CURLPAUSE_CONT);
	}
	return timeout;
}

void wire_turn(struct wire *wire, int timeout_ms)
{
	int running;
	timeout_ms = resume_held(wire, timeout_ms);
	curl_multi_perform(wire->multi, &running);
	collect(wire);
	if (!g_queue_is_empty(&wire->finished))
		return;
	curl_multi_poll(wire->multi, NULL, 0, timeout_ms, NULL);
	curl_multi_perform(wire->multi, &running);
	collect(wire);
}

void *wire_next(struct wire *wire, struct reply *reply)
{
	struct exchange *exchange = g_queue_pop_head(&wire->finished);
	if (!exchange)
		return NULL;
	void *tag = exchange->tag;
	*reply = exchange->reply;
	retire(wire, exchange);
	return tag;
}

void wire_wake(struct wire *wire)
{
	curl_multi_wakeup(wire->multi);
}

bool wire_ask(const struct request *request, unsigned timeout_ms, struct reply *reply, GError **error)
{
	wire_init();
	CURL *easy = curl_easy_init();
	if (!easy)
		g_error("libcurl: out of memory");
	struct exchange *exchange = exchange_new(request, easy);
	do {
		wire_set_up(exchange, 0);
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
		wire_judge(exchange, curl_easy_perform(easy));
		trace_exchange(exchange);
	} while (follow(exchange));
	*reply = exchange->reply;
	curl_easy_cleanup(easy);
	exchange_free(exchange);
	if (!reply->error)
		return true;
	g_propagate_error(error, g_steal_pointer(&reply->error));
	reply_clear(reply);
	return false;
}
