#include "backend/web/http.h"

#include "backend/web/http-int.h"
#include "base/error.h"
#include "remote/stream.h"

#include <string.h>

/* Steps of a PUT. */
enum put_stage { PUT_LOOK, PUT_SEND, PUT_CHECK };

static struct remote_conn *open_server(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	const char *method = remote_spec_get(spec, "method");
	bool post = method && g_ascii_strcasecmp(method, "POST") == 0;

	if (method && !post && g_ascii_strcasecmp(method, "PUT") != 0) {
		error_set(error, ERROR_USAGE, "method: '%s' is neither PUT nor POST", method);
		error_hint(error, "git mlv remote modify %s method PUT", spec->name);
		return NULL;
	}
	struct remote_conn *conn = http_open(spec, mode, error);
	if (conn)
		conn->write = post ? "POST" : "PUT";
	return conn;
}

static void ask(struct step *step, struct request *request)
{
	step->kind = STEP_REQUEST;
	step->request = request;
}

static void shape_put(struct remote_conn *conn, struct errand *errand, struct transfer *transfer, struct step *step)
{
	if (transfer->stage == PUT_LOOK && (transfer->replace || transfer->absent))
		transfer->stage = PUT_SEND;
	if (transfer->stage != PUT_SEND) {
		ask(step, http_look(conn, errand, transfer->key));
		return;
	}
	struct request *request = http_request(conn, errand, conn->write, transfer->key);
	request_header(request, "Content-Type", "application/octet-stream");
	request_send_range(request, 0, stream_size(transfer->stream));
	ask(step, request);
}

static void shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	(void)part;
	struct errand *errand = errand_of(transfer, 0);
	if (http_shape_login(conn, errand, step))
		return;
	switch (transfer->kind) {
	case TRANSFER_STAT:
		ask(step, http_look(conn, errand, transfer->key));
		break;
	case TRANSFER_GET:
		http_shape_get(conn, errand, transfer, step);
		break;
	case TRANSFER_PUT:
		shape_put(conn, errand, transfer, step);
		break;
	case TRANSFER_DELETE:
	case TRANSFER_MOVE:
	case TRANSFER_LIST:
		step->kind = STEP_JOB;
		step->job = http_job_unable;
		break;
	}
}

static struct verdict judge_send(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	bool refused = reply->status == 405 || reply->status == 501 || reply->status == 409;

	if (!http_is_fine(reply)) {
		g_autofree char *hint =
			refused ? g_strdup_printf("the server takes no %s here: try a webdav:// URL, or "
						  "git mlv remote modify %s method %s",
						  conn->write, conn->name,
						  strcmp(conn->write, "PUT") == 0 ? "POST" : "PUT")
				: NULL;
		return http_fail(conn, transfer, reply, "send", hint);
	}
	transfer->sent = true;
	if (conn->checked)
		return (struct verdict){VERDICT_DONE};
	transfer->stage = PUT_CHECK;
	return (struct verdict){VERDICT_NEXT};
}

/* Afterwards: whether it is there. One that we may not look at must be taken on trust. */
static struct verdict judge_check(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
				  const struct reply *reply)
{
	switch (http_see(conn, errand, transfer, reply)) {
	case HTTP_AGAIN:
		return (struct verdict){VERDICT_NEXT};
	case HTTP_ABSENT:
	case HTTP_DAMAGED:
		error_set(&transfer->error, ERROR_FAILED,
			  "send '%s': the server accepted it, but does not have it afterwards", transfer->key);
		error_hint(&transfer->error, "is this the right URL, and %s the right method? git mlv remote modify %s",
			   conn->write, conn->name);
		return (struct verdict){VERDICT_BROKEN};
	case HTTP_DOUBTFUL:
		return (struct verdict){VERDICT_DENIED};
	case HTTP_UNKNOWN:
		if (reply->error || reply_is_transient(reply))
			return http_fail(conn, transfer, reply, "look for", NULL);
		break;
	case HTTP_THERE:
		break;
	}
	conn->checked = true;
	return (struct verdict){VERDICT_DONE};
}

static struct verdict judge_put(struct remote_conn *conn, const struct errand *errand, struct transfer *transfer,
				const struct reply *reply)
{
	switch ((enum put_stage)transfer->stage) {
	case PUT_LOOK:
		return http_judge_look(conn, errand, transfer, reply, PUT_SEND);
	case PUT_SEND:
		return judge_send(conn, transfer, reply);
	case PUT_CHECK:
		break;
	}
	return judge_check(conn, errand, transfer, reply);
}

static struct verdict judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
			    const struct reply *reply)
{
	(void)part;
	struct verdict verdict = {VERDICT_BROKEN};
	struct errand *errand = errand_of(transfer, 0);
	if (http_judge_login(conn, errand, transfer, reply, &verdict))
		return verdict;
	switch (transfer->kind) {
	case TRANSFER_STAT:
		return http_judge_stat(conn, errand, transfer, reply);
	case TRANSFER_GET:
		return http_judge_get(conn, transfer, reply);
	case TRANSFER_PUT:
		return judge_put(conn, errand, transfer, reply);
	case TRANSFER_DELETE:
	case TRANSFER_MOVE:
	case TRANSFER_LIST:
		break;
	}
	return verdict;
}

static void forget(struct remote_conn *conn, struct transfer *transfer)
{
	(void)conn;
	g_clear_pointer(&transfer->state, g_free);
}

const struct remote_ops remote_http = {
	.scheme = "http",
	.open = open_server,
	.close = http_free,
	.shape = shape,
	.judge = judge,
	.forget = forget,
};

const struct remote_ops remote_https = {
	.scheme = "https",
	.open = open_server,
	.close = http_free,
	.shape = shape,
	.judge = judge,
	.forget = forget,
};
