/*
 * The engine with a body of the network, in parts: a few lines over http-server, whose faults the test sets.
 */
#include "../tap.h"
#include "base/cancel.h"
#include "base/error.h"
#include "http-server.h"
#include "kit.h"

#include <string.h>

#define PART  ((uint64_t)100)
#define TOTAL ((uint64_t)1050)

/* What the server does, and what it saw. */
struct script {
	char bytes[TOTAL];
	unsigned fail_part, fail_times; /* the part at that offset / PART fails so often */
	const char *fail_status;
	unsigned cancel_at;             /* requests after which the user interrupts; 0: never */
	unsigned flip_times;            /* the part at fail_part comes so often with a wrong byte */
	unsigned resize_times;          /* so many replies say that the file is longer */
	bool limp;                      /* the part at fail_part fails at every other request, and asks for more at the rest */
	unsigned asked[TOTAL / PART + 1];
};

static bool answer(const struct http_ask *ask, GByteArray *reply, void *user)
{
	struct script *script = user;
	g_autofree char *range = http_ask_header(ask, "Range");
	guint64 from = 0, to = 0;
	g_assert_cmpint(sscanf(range, "bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, &from, &to), ==, 2);
	unsigned part = (unsigned)(from / PART);
	script->asked[part]++;
	if (script->cancel_at && ask->number >= script->cancel_at)
		cancel_request();
	if (part == script->fail_part && script->fail_times) {
		script->fail_times--;
		http_reply(reply, script->fail_status, "", "no", 2);
		return true;
	}
	if (part == script->fail_part && script->limp) {
		bool fails = script->asked[part] % 2;
		http_reply(reply, fails ? "503 Service Unavailable" : "429 Too Many Requests", "", "", 0);
		return true;
	}
	bool resized = script->resize_times && script->resize_times--;
	g_autofree char *line =
		g_strdup_printf("Content-Range: bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%u\r\n", from, to,
				(unsigned)TOTAL + resized);
	http_reply(reply, "206 Partial Content", line, script->bytes + from, (gsize)(to - from + 1));
	if (part == script->fail_part && script->flip_times) {
		script->flip_times--;
		reply->data[reply->len - 1] ^= 1;
	}
	return true;
}

/* The body. */
struct remote_conn {
	char *url;
};

static struct remote_conn *parts_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	(void)mode;
	(void)error;
	struct remote_conn *conn = g_new0(struct remote_conn, 1);
	conn->url = g_strdup(spec->url);
	return conn;
}

static void parts_close(struct remote_conn *conn)
{
	g_free(conn->url);
	g_free(conn);
}

static void parts_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	if (part == 0) {
		*step = (struct step){.kind = STEP_PARTS, .parts = (TOTAL + PART - 1) / PART};
		return;
	}
	uint64_t offset = (part - 1) * PART;
	*step = (struct step){.kind = STEP_REQUEST, .request = request_new("GET", conn->url, NULL)};
	request_take_range(step->request, offset, MIN(PART, transfer->size - offset));
}

static struct verdict parts_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				  const struct reply *reply)
{
	(void)conn;
	if (part == 0 || (!reply->error && reply->status == 206))
		return (struct verdict){.kind = VERDICT_DONE};
	if (reply->status == 429) /* this body's way to say: one more step */
		return (struct verdict){.kind = VERDICT_NEXT};
	if (reply_is_transient(reply))
		return (struct verdict){.kind = VERDICT_RETRY, .overloaded = reply->status == 503};
	if (reply->status == 409)
		return (struct verdict){.kind = VERDICT_OVER};
	if (!transfer->error)
		transfer->error = reply_error(reply, NULL);
	return (struct verdict){.kind = reply->status == 404 ? VERDICT_ABSENT : VERDICT_BROKEN};
}

static const struct remote_ops parts_ops = {
	.scheme = "http",
	.open = parts_open,
	.close = parts_close,
	.shape = parts_shape,
	.judge = parts_judge,
};

/* Fetch once with the script; how it ended, the transfer's error in *error. */
static enum transfer_status fetch(struct script *script, struct load *load, GError **error)
{
	static const struct remote_ops *const table[] = {&parts_ops, NULL};
	struct http_server *server = http_server_new(answer, script);
	g_autofree char *url = http_server_url(server, "/x");
	autoptr(remote_spec) spec = remote_spec_new("web", url);
	struct remote *remote = remote_open(spec, REMOTE_READ, table, NULL);
	struct engine *engine = kit_engine();
	autoptr(transfer) transfer = kit_get(load, script->bytes, TOTAL);
	enum transfer_status status = kit_run(engine, remote, transfer);
	if (transfer->error)
		g_propagate_error(error, g_steal_pointer(&transfer->error));
	engine_free(engine);
	remote_free(remote);
	http_server_free(server);
	return status;
}

static void fill(struct script *script)
{
	for (size_t i = 0; i < TOTAL; i++)
		script->bytes[i] = (char)g_test_rand_int();
}

static void joins(void)
{
	struct script script = {.fail_times = 0};
	struct load load;
	fill(&script);
	g_assert_cmpint(fetch(&script, &load, NULL), ==, TRANSFER_DONE);
	g_assert_cmpmem(g_bytes_get_data(load.bytes, NULL), g_bytes_get_size(load.bytes), script.bytes, TOTAL);
	for (size_t i = 0; i < G_N_ELEMENTS(script.asked); i++)
		g_assert_cmpuint(script.asked[i], ==, 1);
	load_clear(&load);
}

static void retries_a_part(void)
{
	struct script script = {.fail_part = 3, .fail_times = 2, .fail_status = "503 Service Unavailable"};
	struct load load;
	fill(&script);
	g_assert_cmpint(fetch(&script, &load, NULL), ==, TRANSFER_DONE);
	g_assert_cmpuint(script.asked[3], ==, 3);
	g_assert_cmpuint(script.asked[4], ==, 1);
	load_clear(&load);
}

static void ends_with_a_part(void)
{
	static const struct {
		const char *status;
		enum transfer_status end;
		const char *text;
	} cases[] = {
		{"503 Service Unavailable", TRANSFER_FAILED, "gave up after 3 attempts"},
		{"400 Bad Request", TRANSFER_FAILED, "400 Bad Request"},
		{"404 Not Found", TRANSFER_ABSENT, "404 Not Found"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct script script = {.fail_part = 2, .fail_times = 100, .fail_status = cases[i].status};
		struct load load;
		g_autoptr(GError) error = NULL;
		fill(&script);
		g_assert_cmpint(fetch(&script, &load, &error), ==, cases[i].end);
		g_assert_nonnull(strstr(error->message, cases[i].text));
		g_assert_true(load.dropped);
	}
}

static void begins_anew(void)
{
	struct script script = {.fail_part = 5, .fail_times = 1, .fail_status = "409 Conflict"};
	struct load load;
	fill(&script);
	g_assert_cmpint(fetch(&script, &load, NULL), ==, TRANSFER_DONE);
	g_assert_cmpmem(g_bytes_get_data(load.bytes, NULL), g_bytes_get_size(load.bytes), script.bytes, TOTAL);
	g_assert_cmpuint(script.asked[0], ==, 2);
	load_clear(&load);

	struct script never = {.fail_part = 5, .fail_times = 100, .fail_status = "409 Conflict"};
	fill(&never);
	g_assert_cmpint(fetch(&never, &load, NULL), ==, TRANSFER_FAILED);
	g_assert_cmpuint(never.asked[5], ==, 4);
}

/* Bytes that are not the object's are fetched again from the start, and not for ever. */
static void fetches_wrong_bytes_again(void)
{
	struct script script = {.fail_part = 4, .flip_times = 2};
	struct load load;
	fill(&script);
	g_assert_cmpint(fetch(&script, &load, NULL), ==, TRANSFER_DONE);
	g_assert_cmpmem(g_bytes_get_data(load.bytes, NULL), g_bytes_get_size(load.bytes), script.bytes, TOTAL);
	g_assert_cmpuint(script.asked[4], ==, 3);
	load_clear(&load);

	struct script never = {.fail_part = 4, .flip_times = 100};
	g_autoptr(GError) error = NULL;
	fill(&never);
	g_assert_cmpint(fetch(&never, &load, &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_cmpuint(never.asked[4], ==, 4);
	g_assert_true(load.dropped);
}

/* A file of another size than the object's is found out by its first reply. */
static void minds_the_total(void)
{
	struct script script = {.resize_times = 1};
	struct load load;
	fill(&script);
	g_assert_cmpint(fetch(&script, &load, NULL), ==, TRANSFER_DONE);
	g_assert_cmpmem(g_bytes_get_data(load.bytes, NULL), g_bytes_get_size(load.bytes), script.bytes, TOTAL);
	load_clear(&load);

	struct script never = {.resize_times = 1000};
	g_autoptr(GError) error = NULL;
	fill(&never);
	g_assert_cmpint(fetch(&never, &load, &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_nonnull(strstr(error->message, "has 1051 bytes, the object 1050"));
	g_assert_null(load.bytes);
}

/* A part that heals and fails in turn would go on for ever. */
static void ends_what_only_limps(void)
{
	struct script script = {.fail_part = 6, .limp = true};
	struct load load;
	fill(&script);
	g_assert_cmpint(fetch(&script, &load, NULL), ==, TRANSFER_FAILED);
	g_assert_cmpuint(script.asked[6], >, 3); /* more than the attempts of one step */
	g_assert_cmpuint(script.asked[6], <, 60);
	g_assert_true(load.dropped);
}

static void stops_when_interrupted(void)
{
	struct script script = {.cancel_at = 4};
	struct load load;
	g_autoptr(GError) error = NULL;
	fill(&script);
	g_assert_cmpint(fetch(&script, &load, &error), ==, TRANSFER_FAILED);
	g_assert_true(error_is(error, ERROR_CANCELLED));
	g_assert_true(load.dropped);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/parts/joins", joins);
	g_test_add_func("/parts/retries-a-part", retries_a_part);
	g_test_add_func("/parts/ends-with-a-part", ends_with_a_part);
	g_test_add_func("/parts/begins-anew", begins_anew);
	g_test_add_func("/parts/fetches-wrong-bytes-again", fetches_wrong_bytes_again);
	g_test_add_func("/parts/minds-the-total", minds_the_total);
	g_test_add_func("/parts/ends-what-only-limps", ends_what_only_limps);
	g_test_add_func("/parts/stops-when-interrupted", stops_when_interrupted);
	return g_test_run();
}
