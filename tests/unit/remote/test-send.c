/*
 * What a body sends counts only if all of it was found right here, whichever way the body moves it.
 */
#include "../tap.h"
#include "base/error.h"
#include "kit.h"
#include "remote/stream.h"

#include <string.h>

#define PART  ((uint64_t)1000)
#define PARTS 40u

/* How the body moves the bytes of a PUT. */
enum manner { MANNER_PARTS, MANNER_NOTHING, MANNER_HALF };

/* The body: it keeps what comes. */
struct remote_conn {
	enum manner manner;
	char there[PART * PARTS];
	unsigned begun; /* parts, atomic */
};

static struct remote_conn *send_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	(void)mode;
	(void)error;
	struct remote_conn *conn = g_new0(struct remote_conn, 1);
	conn->manner = (enum manner)atoi(strrchr(spec->url, '/') + 1);
	return conn;
}

static void send_close(struct remote_conn *conn)
{
	g_free(conn);
}

/* The first parts to begin are the last to be hashed: later ones must not wait for them. */
static bool send_part(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	uint64_t offset = (part - 1) * PART;
	struct oid own = {.algo = OID_SHA256};
	if (__atomic_fetch_add(&conn->begun, 1, __ATOMIC_RELAXED) % 2 == 0)
		g_usleep(3000);
	if (!stream_hash_part(transfer->stream, offset, PART, &own, error))
		return false;
	ssize_t got = stream_read_at(transfer->stream, offset, conn->there + offset, PART, error);
	struct oid sent = kit_oid(conn->there + offset, PART);
	g_assert_cmpint(got, ==, PART);
	g_assert_true(oid_equal(&own, &sent));
	return true;
}

static bool send_half(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	return stream_read(transfer->stream, conn->there, PART * PARTS / 2, error) > 0;
}

static bool send_nothing(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	(void)transfer;
	(void)part;
	(void)error;
	return true;
}

static void send_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	(void)transfer;
	*step = (struct step){.kind = STEP_JOB};
	if (part)
		step->job = send_part;
	else if (conn->manner == MANNER_PARTS)
		*step = (struct step){.kind = STEP_PARTS, .parts = PARTS};
	else
		step->job = conn->manner == MANNER_HALF ? send_half : send_nothing;
}

static struct verdict send_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	(void)conn;
	(void)part;
	transfer->sent = true;
	return (struct verdict){.kind = reply->error ? VERDICT_BROKEN : VERDICT_DONE};
}

static const struct remote_ops send_ops = {
	.scheme = "send",
	.open = send_open,
	.close = send_close,
	.shape = send_shape,
	.judge = send_judge,
};

/* Send these bytes as the object that has `claimed`; how it ended. */
static enum transfer_status put(enum manner manner, const char *data, const char *claimed, GError **error)
{
	static const struct remote_ops *const table[] = {&send_ops, NULL};
	g_autofree char *url = g_strdup_printf("send://x/%d", (int)manner);
	autoptr(remote_spec) spec = remote_spec_new("sink", url);
	struct remote *remote = remote_open(spec, REMOTE_WRITE, table, NULL);
	struct engine *engine = kit_engine();
	struct load load;
	autoptr(transfer) transfer = kit_put(&load, claimed, PART * PARTS);
	load_clear(&load);
	load.bytes = g_bytes_new(data, PART * PARTS);
	enum transfer_status status = kit_run(engine, remote, transfer);
	if (status == TRANSFER_DONE)
		g_assert_cmpmem(remote->conn->there, PART * PARTS, data, PART * PARTS);
	if (transfer->error)
		g_propagate_error(error, g_steal_pointer(&transfer->error));
	load_clear(&load);
	engine_free(engine);
	remote_free(remote);
	return status;
}

/* Bytes from a fixed pattern with one that differs at `at`. New buffer. */
static char *bytes(size_t at)
{
	char *data = g_malloc(PART * PARTS);
	for (size_t i = 0; i < PART * PARTS; i++)
		data[i] = (char)(i * 31 + i / 251);
	data[at] ^= 1;
	return data;
}

static void parts_prove_the_whole(void)
{
	g_autofree char *data = bytes(0);
	g_autoptr(GError) error = NULL;
	g_assert_cmpint(put(MANNER_PARTS, data, data, &error), ==, TRANSFER_DONE);
	g_assert_no_error(error);
}

static void parts_find_a_wrong_byte(void)
{
	static const size_t places[] = {0, PART * 7 + 3, PART * PARTS - 1};
	g_autofree char *right = bytes(1);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *wrong = bytes(places[i]);
		g_autoptr(GError) error = NULL;
		g_assert_cmpint(put(MANNER_PARTS, wrong, right, &error), ==, TRANSFER_FAILED);
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	}
}

static void what_nobody_read_was_not_sent(void)
{
	static const enum manner manners[] = {MANNER_NOTHING, MANNER_HALF};
	g_autofree char *data = bytes(0);
	for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_cmpint(put(manners[i], data, data, &error), ==, TRANSFER_FAILED);
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_nonnull(strstr(error->message, "nobody checked"));
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/send/parts-prove-the-whole", parts_prove_the_whole);
	g_test_add_func("/send/parts-find-a-wrong-byte", parts_find_a_wrong_byte);
	g_test_add_func("/send/what-nobody-read-was-not-sent", what_nobody_read_was_not_sent);
	return g_test_run();
}
