#include "backend/web/webdav.h"

#include "backend/web/webdav-int.h"
#include "remote/stream.h"

#include <string.h>

/* Steps of a PUT: look, send to a temporary name, give it its own; where that is gone, see whether it has it. */
enum put_stage { PUT_LOOK, PUT_SEND, PUT_NAME, PUT_FIND };

static struct remote_conn *open_server(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	struct remote_conn *conn = http_open(spec, mode, error);

	if (!conn)
		return NULL;
	struct dav *dav = g_new0(struct dav, 1);
	dav->made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	dav->batch = g_uuid_string_random();
	dav->litter = g_ptr_array_new_with_free_func(g_free);
	conn->dav = dav;
	return conn;
}

static void close_server(struct remote_conn *conn)
{
	struct dav *dav = conn->dav;

	webdav_tidy(conn);
	g_hash_table_unref(dav->made);
	g_free(dav->batch);
	g_ptr_array_unref(dav->litter);
	g_free(dav);
	http_free(conn);
}

static void ask(struct step *step, struct request *request)
{
	step->kind = STEP_REQUEST;
	step->request = request;
}

static struct request *send_request(struct remote_conn *conn, struct errand *errand, struct transfer *transfer)
{
	struct dav *dav = conn->dav;

	if (!dav->no_move && !errand->temp)
		errand->temp = g_strdup_printf(DAV_TEMP "%s-%u", dav->batch, ++dav->serial);
	struct request *request = http_request(conn, errand, "PUT", dav->no_move ? transfer->key : errand->temp);
	request_header(request, "Content-Type", "application/octet-stream");
	request_send_range(request, 0, stream_size(transfer->stream));
	return request;
}

static void shape_put(struct remote_conn *conn, struct errand *errand, struct transfer *transfer, struct step *step)
{
	if (transfer->stage == PUT_LOOK && (transfer->replace || transfer->absent))
		transfer->stage = PUT_SEND;
	switch ((enum put_stage)transfer->stage) {
	case PUT_LOOK:
	case PUT_FIND:
		ask(step, http_look(conn, errand, transfer->key));
		break;
	case PUT_SEND:
		ask(step, send_request(conn, errand, transfer));
		break;
	case PUT_NAME:
		ask(step, webdav_rename(conn, errand, errand->temp, transfer->key));
		break;
	}
}

static void shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct errand *errand = errand_of(transfer, part);

	if (http_shape_login(conn, errand, step))
		return;
	if (webdav_is_rename(transfer) || (transfer->kind == TRANSFER_PUT && transfer->stage == PUT_NAME))
		webdav_need_parent(conn, errand, transfer->to ? transfer->to : transfer->key);
	if (webdav_shape_make(conn, errand, step))
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
		ask(step, http_request(conn, errand, "DELETE", transfer->key));
		break;
	case TRANSFER_MOVE:
		ask(step, webdav_shape_move(conn, errand, transfer));
		break;
	case TRANSFER_LIST:
		webdav_shape_list(conn, transfer, part, step);
		break;
	}
}

/* What was sent has no name and gets none. */
static void drop_temp(struct remote_conn *conn, struct errand *errand)
{
	if (errand->temp)
		g_ptr_array_add(conn->dav->litter, g_steal_pointer(&errand->temp));
}

static struct verdict judge_send(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply)
{
	bool to_temp = errand->temp && !conn->dav->no_move;

	if (http_is_fine(reply)) {
		transfer->sent = true;
		if (!to_temp)
			return (struct verdict){VERDICT_DONE};
		transfer->stage = PUT_NAME;
		return (struct verdict){VERDICT_NEXT};
	}
	if (!reply->error && (reply->status == 409 || reply->status == 404))
		return webdav_make_parent(conn, errand, transfer, to_temp ? errand->temp : transfer->key, reply);
	bool refused = !reply->error && (reply->status == 405 || reply->status == 501);
	return http_fail(conn, transfer, reply, "send", refused ? "is this URL one of WebDAV?" : NULL);
}

static struct verdict judge_name(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply)
{
	/* An earlier attempt may have done it, whose reply was lost. What is to be replaced proves nothing. */
	if (http_is_absent(reply)) {
		transfer->stage = PUT_FIND;
		return (struct verdict){transfer->replace ? VERDICT_OVER : VERDICT_NEXT};
	}
	if (!reply->error && (reply->status == 405 || reply->status == 501)) {
		conn->dav->no_move = true;
		drop_temp(conn, errand);
		transfer->stage = PUT_SEND;
		return (struct verdict){VERDICT_NEXT};
	}
	struct verdict verdict = webdav_judge_rename(conn, errand, transfer, transfer->key, reply);
	if (verdict.kind == VERDICT_DONE)
		g_clear_pointer(&errand->temp, g_free);
	return verdict;
}

/* What was sent has lost its temporary name: either it has its own, or all begins anew. */
static struct verdict judge_find(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				 const struct reply *reply)
{
	struct verdict verdict = webdav_judge_find(conn, errand, transfer, reply);

	if (verdict.kind == VERDICT_DONE)
		g_clear_pointer(&errand->temp, g_free);
	else if (verdict.kind == VERDICT_ABSENT)
		verdict.kind = VERDICT_OVER;
	return verdict;
}

static struct verdict judge_put(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
				const struct reply *reply)
{
	switch ((enum put_stage)transfer->stage) {
	case PUT_LOOK:
		return http_judge_look(conn, errand, transfer, reply, PUT_SEND);
	case PUT_SEND:
		return judge_send(conn, errand, transfer, reply);
	case PUT_NAME:
		return judge_name(conn, errand, transfer, reply);
	case PUT_FIND:
		break;
	}
	return judge_find(conn, errand, transfer, reply);
}

static struct verdict judge_delete(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	if (http_is_fine(reply) && reply->status != 207)
		return (struct verdict){VERDICT_DONE};
	if (http_is_absent(reply))
		return (struct verdict){VERDICT_ABSENT};
	return http_fail(conn, transfer, reply, "delete", NULL);
}

static struct verdict judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
			    const struct reply *reply)
{
	struct errand *errand = errand_of(transfer, part);
	struct verdict verdict = {VERDICT_BROKEN};

	if (http_judge_login(conn, errand, transfer, reply, &verdict))
		return verdict;
	if (errand->make)
		return webdav_judge_make(conn, errand, transfer, reply);
	switch (transfer->kind) {
	case TRANSFER_STAT:
		return http_judge_stat(conn, errand, transfer, reply);
	case TRANSFER_GET:
		return http_judge_get(conn, transfer, reply);
	case TRANSFER_PUT:
		return judge_put(conn, errand, transfer, reply);
	case TRANSFER_DELETE:
		return judge_delete(conn, transfer, reply);
	case TRANSFER_MOVE:
		return webdav_judge_move(conn, errand, transfer, reply);
	case TRANSFER_LIST:
		break;
	}
	return webdav_judge_list(conn, transfer, part, reply);
}

static void clear_errand(struct errand *errand)
{
	for (unsigned i = 0; i < errand->part_count; i++)
		clear_errand(&errand->parts[i]);
	g_free(errand->parts);
	g_free(errand->temp);
	g_free(errand->make);
	g_free(errand->want);
	g_free(errand->at);
	g_clear_pointer(&errand->queue, g_ptr_array_unref);
}

static void forget(struct remote_conn *conn, struct transfer *transfer)
{
	struct errand *errand = transfer->state;

	if (!errand)
		return;
	drop_temp(conn, errand);
	clear_errand(errand);
	g_clear_pointer(&transfer->state, g_free);
}

#define WEBDAV_ABILITIES (REMOTE_CAN_LIST | REMOTE_CAN_DELETE)

const struct remote_ops remote_webdav = {
	.scheme = "webdav",
	.abilities = WEBDAV_ABILITIES,
	.open = open_server,
	.close = close_server,
	.shape = shape,
	.judge = judge,
	.forget = forget,
};

const struct remote_ops remote_webdavs = {
	.scheme = "webdavs",
	.abilities = WEBDAV_ABILITIES,
	.open = open_server,
	.close = close_server,
	.shape = shape,
	.judge = judge,
	.forget = forget,
};
