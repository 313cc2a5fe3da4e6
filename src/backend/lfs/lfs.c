#include "backend/lfs/lfs.h"

#include "backend/lfs/lfs-int.h"
#include "base/error.h"
#include "remote/layout.h"
#include "remote/stream.h"

#include <string.h>

/* How often a transfer asks for a login, for a new address, and anew after a failure of the server, before it gives up. */
#define LOGINS_MAX   2
#define RENEWALS_MAX 2
#define FAILURES_MAX 2

enum stage {
	ASK,    /* where the object is or goes: one question for many */
	LOGIN,  /* find out who we are, then ASK */
	MOVE,   /* the bytes */
	DIRECT, /* the same from the object's own address, where the batch API wants a size that is not known */
	VERIFY, /* tell the server that the bytes are there */
	TELL,   /* no request: what the answer comes to */
};

/* --- what a transfer is about --- */

static void refuse(struct lfs_task *task, const struct transfer *transfer)
{
	const char *algo = oid_is_none(&transfer->oid) ? NULL : oid_algo_name(transfer->oid.algo);
	if (algo)
		error_set(&task->refused, ERROR_USAGE, "a Git LFS server keeps objects by their sha256, not by %s", algo);
	else
		error_set(&task->refused, ERROR_USAGE, "a Git LFS server keeps nothing but objects, not '%s'",
			  transfer->key);
	error_hint(&task->refused, "git mlv remote add <name> <url of another kind>");
}

static struct lfs_task *task_of(struct transfer *transfer)
{
	struct oid oid;
	char text[OID_TEXT_MAX];
	if (transfer->state)
		return transfer->state;
	struct lfs_task *task = g_new0(struct lfs_task, 1);
	transfer->state = task;
	bool known_kind =
		transfer->kind == TRANSFER_STAT || transfer->kind == TRANSFER_GET || transfer->kind == TRANSFER_PUT;
	if (!known_kind || !layout_parse(transfer->key, &oid) || oid.algo != OID_SHA256) {
		refuse(task, transfer);
		return task;
	}
	memcpy(task->want.oid, oid_text(&oid, text), LFS_OID_LENGTH); /* without ".dir" */
	task->size_known = transfer->size != TRANSFER_ANY_SIZE;
	task->want.size = task->size_known ? transfer->size : 0;
	return task;
}

/* Ask anew: what the server said does not hold any more. */
static void ask_again(struct transfer *transfer)
{
	struct lfs_task *task = transfer->state;
	g_clear_pointer(&task->object, lfs_object_free);
	transfer->stage = ASK;
}

/* Where to go on with the server's answer. */
static enum stage after_answer(const struct transfer *transfer)
{
	const struct lfs_task *task = transfer->state;
	const struct lfs_object *object = task->object;
	if (task->refused)
		return TELL;
	if (object->error == 422 && !task->size_known && transfer->kind != TRANSFER_PUT)
		return DIRECT;
	if (object->error || transfer->kind == TRANSFER_STAT)
		return TELL;
	if (transfer->kind == TRANSFER_PUT)
		return object->upload.href ? MOVE : TELL;
	return object->download.href ? MOVE : TELL;
}

/* --- shaping --- */

static bool job_login(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	const struct lfs_task *task = transfer->state;
	(void)part;
	return lfs_login(conn, task->login, error);
}

/* What is known without a request; also where one cannot be made. */
static bool job_tell(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	const struct lfs_task *task = transfer->state;
	const struct lfs_object *object = task->object;
	(void)conn;
	(void)part;
	if (task->refused) {
		g_propagate_error(error, g_error_copy(task->refused));
		return false;
	}
	if (object->error) {
		const struct reply reply = {.status = object->error};
		g_propagate_error(error, reply_error(&reply, object->message));
		return false;
	}
	if (transfer->kind == TRANSFER_PUT && transfer->replace && !transfer->sent) {
		error_set(error, ERROR_FAILED, "the Git LFS server has it already, and does not let it be replaced");
		return false;
	}
	if (transfer->kind == TRANSFER_GET)
		error_set(error, ERROR_FAILED, "the Git LFS server does not tell where it is");
	return transfer->kind != TRANSFER_GET;
}

static void shape_job(struct step *step, bool (*job)(struct remote_conn *, struct transfer *, unsigned, GError **))
{
	step->kind = STEP_JOB;
	step->job = job;
}

static void shape_request(struct step *step, struct request *request)
{
	step->kind = STEP_REQUEST;
	step->request = request;
}

/* What cannot be shaped is told by a job. */
static void shape_refusal(struct transfer *transfer, struct step *step)
{
	transfer->stage = TELL;
	shape_job(step, job_tell);
}

static void shape_ask(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	if (!lfs_group_lead(conn, transfer)) {
		step->kind = STEP_WAIT;
		return;
	}
	if (lfs_login_is_due(conn)) {
		transfer->stage = LOGIN;
		shape_job(step, job_login);
		return;
	}
	shape_request(step, lfs_group_request(conn, transfer));
}

/* The rest of the object, or all of it. */
static void take_rest(const struct transfer *transfer, struct request *request)
{
	request_take_range(request, stream_have(transfer->stream), 0);
}

static bool has_header(const GPtrArray *headers, const char *name)
{
	for (guint i = 0; headers && i < headers->len; i++)
		if (g_ascii_strncasecmp(g_ptr_array_index(headers, i), name, strlen(name)) == 0)
			return true;
	return false;
}

/* A file of another size is not the object, and is not sent. One that cannot be opened is for its first read to tell. */
static bool has_right_size(const struct transfer *transfer, GError **error)
{
	uint64_t size = stream_size(transfer->stream);
	char id[OID_TEXT_MAX];
	if (size == transfer->size || size == TRANSFER_ANY_SIZE)
		return true;
	error_set(error, ERROR_CORRUPT, "the local copy of object %s has a wrong size, so it was not sent",
		  oid_text(&transfer->oid, id));
	error_hint(error, "git mlv fsck");
	return false;
}

static void shape_move(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct lfs_task *task = transfer->state;
	bool put = transfer->kind == TRANSFER_PUT;
	const struct lfs_action *action = put ? &task->object->upload : &task->object->download;
	struct request *request = NULL;
	if (!put || has_right_size(transfer, &task->refused))
		request = lfs_action_request(conn, put ? "PUT" : "GET", action, &task->login, &task->refused);
	if (!request) {
		shape_refusal(transfer, step);
		return;
	}
	if (!put)
		take_rest(transfer, request);
	else
		request_send_range(request, 0, transfer->size);
	if (put && !has_header(action->headers, "content-type:"))
		request_header(request, "Content-Type", "application/octet-stream");
	shape_request(step, request);
}

static void shape_direct(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct lfs_task *task = transfer->state;
	struct request *request = lfs_direct_request(conn, task->want.oid, &task->login);
	if (transfer->kind == TRANSFER_GET)
		take_rest(transfer, request);
	else
		request_header(request, "Range", "bytes=0-0"); /* its first byte: HEAD is not served everywhere */
	shape_request(step, request);
}

static void shape_verify(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct lfs_task *task = transfer->state;
	const struct lfs_action *action = &task->object->verify;
	g_autoptr(GString) body = lfs_verify_ask(&task->want);
	struct request *request = lfs_action_request(conn, "POST", action, &task->login, &task->refused);
	if (!request) {
		shape_refusal(transfer, step);
		return;
	}
	if (!has_header(action->headers, "accept:"))
		request_header(request, "Accept", LFS_MEDIA_TYPE);
	if (!has_header(action->headers, "content-type:"))
		request_header(request, "Content-Type", LFS_MEDIA_TYPE);
	request_send_text(request, body->str, body->len);
	shape_request(step, request);
}

/* Which stage it is now: an answer may have come through another transfer, or run out. */
static enum stage present_stage(struct transfer *transfer)
{
	struct lfs_task *task = task_of(transfer);
	if (transfer->kind == TRANSFER_PUT && !task->size_known && !task->refused)
		error_set(&task->refused, ERROR_FAILED, "a Git LFS server takes nothing whose size is not known");
	if (transfer->stage == ASK && (task->refused || task->object))
		transfer->stage = after_answer(transfer);
	if (transfer->stage != MOVE)
		return transfer->stage;
	const struct lfs_object *object = task->object;
	bool expired = lfs_has_expired(transfer->kind == TRANSFER_PUT ? &object->upload : &object->download);
	if (expired && task->renewals++ < RENEWALS_MAX)
		ask_again(transfer);
	return transfer->stage;
}

static void lfs_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	(void)part;
	switch (present_stage(transfer)) {
	case ASK:
		shape_ask(conn, transfer, step);
		break;
	case LOGIN:
		shape_job(step, job_login);
		break;
	case MOVE:
		shape_move(conn, transfer, step);
		break;
	case DIRECT:
		shape_direct(conn, transfer, step);
		break;
	case VERIFY:
		shape_verify(conn, transfer, step);
		break;
	case TELL:
		shape_job(step, job_tell);
		break;
	}
}

/* --- judging --- */

/* Say what failed, in the transfer's own error. */
static void explain(struct transfer *transfer, const struct reply *reply, const char *what, const char *place)
{
	g_autofree char *message = lfs_reply_message(reply);
	g_clear_error(&transfer->error);
	transfer->error = reply_error(reply, message);
	g_prefix_error(&transfer->error, "%s '%s'%s%s: ", what, transfer->key, place ? " at " : "", place ? place : "");
}

static struct verdict retry(const struct reply *reply)
{
	bool overloaded = reply->status == 429 || reply->status == 503;
	return (struct verdict){VERDICT_RETRY, .overloaded = overloaded, .delay_ms = reply_retry_after(reply)};
}

/* For what is neither success nor special. */
static struct verdict judge_failure(const struct reply *reply)
{
	if (reply_is_transient(reply))
		return retry(reply);
	bool denied = reply->error ? error_is(reply->error, ERROR_DENIED) : reply->status == 401 || reply->status == 403;
	return (struct verdict){denied ? VERDICT_DENIED : VERDICT_BROKEN};
}

static bool is_success(const struct reply *reply)
{
	return !reply->error && reply->status >= 200 && reply->status < 300;
}

/* After a 401 to a request with our login, or without one: get another. False if that was tried often enough. */
static bool log_in(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct lfs_task *task = transfer->state;
	if (reply->error || reply->status != 401 || task->logins >= LOGINS_MAX)
		return false;
	task->logins++;
	lfs_challenge(conn, reply);
	transfer->stage = LOGIN;
	return true;
}

/* What a server may say to a question that is too long for it, or one of whose objects it does not like. */
static bool dislikes_question(const struct reply *reply)
{
	return !reply->error && (reply->status == 400 || reply->status == 413 || reply->status == 422);
}

/* Whether the reply has a content of that type. */
static bool has_type(const struct reply *reply, const char *type)
{
	const char *header = reply_header(reply, "content-type");
	size_t length = strlen(type);
	return header && g_ascii_strncasecmp(header, type, length) == 0 &&
	       (!header[length] || strchr("; \t", header[length]));
}

static bool is_json(const struct reply *reply)
{
	return has_type(reply, LFS_MEDIA_TYPE) || has_type(reply, "application/json");
}

/* Hand out an answer that is one. */
static bool take_answer(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply, GError **error)
{
	if (is_json(reply))
		return lfs_group_answer(conn, transfer, reply, error);
	error_set(error, ERROR_CORRUPT, "the Git LFS server's answer makes no sense: it is no JSON");
	return false;
}

/* A success that is none: half an answer may be whole the next time, a page for people will not. */
static struct verdict judge_nonsense(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	bool half = is_json(reply) && *reply_text(reply) == '{';
	error_hint(&transfer->error, "is %s the URL of a Git LFS server?", conn->endpoint->url);
	lfs_group_blame(transfer, transfer->error);
	return (struct verdict){half ? VERDICT_RETRY : VERDICT_BROKEN};
}

static struct verdict judge_ask(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	const struct lfs_task *task = transfer->state;
	if (log_in(conn, transfer, reply))
		return (struct verdict){VERDICT_NEXT};
	if (is_success(reply)) {
		lfs_accept(conn, task->login);
		if (take_answer(conn, transfer, reply, &transfer->error))
			return (struct verdict){VERDICT_NEXT};
		return judge_nonsense(conn, transfer, reply);
	}
	if (dislikes_question(reply) && lfs_group_split(conn, transfer))
		return (struct verdict){VERDICT_NEXT};
	g_autofree char *message = lfs_reply_message(reply);
	transfer->error = reply_error(reply, message);
	g_prefix_error(&transfer->error, "ask the Git LFS server%s%s: ", reply->error ? "" : " at ",
		       reply->error ? "" : conn->origin);
	if (!reply->error && (reply->status == 404 || reply->status == 410)) {
		/* the server's answer to the question, not about the object: nothing is known to be absent */
		g_clear_error(&transfer->error);
		error_set(&transfer->error, ERROR_FAILED,
			  "there is no Git LFS server at %s, or no such repository for this login", conn->endpoint->url);
		error_hint(&transfer->error, "git config lfs.url <url>, or git mlv remote modify <name> url lfs::<url>");
	}
	lfs_group_blame(transfer, transfer->error);
	return judge_failure(reply);
}

static struct verdict judge_login(struct transfer *transfer, const struct reply *reply)
{
	struct lfs_task *task = transfer->state;
	if (reply->error) {
		if (task->group)
			lfs_group_blame(transfer, reply->error);
		return judge_failure(reply);
	}
	task->login = 0;
	if (!task->group)
		ask_again(transfer);
	transfer->stage = ASK;
	return (struct verdict){VERDICT_NEXT};
}

static struct verdict judge_tell(struct transfer *transfer, const struct reply *reply)
{
	struct lfs_task *task = transfer->state;
	const struct lfs_object *object = task->object;
	if (!reply->error && transfer->kind == TRANSFER_STAT && !object->download.href)
		return (struct verdict){VERDICT_ABSENT};
	if (!reply->error) {
		transfer->found_size = task->size_known ? task->want.size : object->size;
		return (struct verdict){VERDICT_DONE};
	}
	if (task->refused)
		return (struct verdict){error_is(reply->error, ERROR_DENIED) ? VERDICT_DENIED : VERDICT_BROKEN};
	if ((object->error == 404 || object->error == 410) && transfer->kind != TRANSFER_PUT)
		return (struct verdict){VERDICT_ABSENT};
	explain(transfer, reply, transfer->kind == TRANSFER_PUT ? "send" : "find", NULL);
	if (!error_is(reply->error, ERROR_TRANSIENT))
		return judge_failure(reply);
	if (task->failures++ == FAILURES_MAX) /* the answers in between were none that help */
		return (struct verdict){VERDICT_BROKEN};
	ask_again(transfer);
	return retry(reply);
}

/* The server's word for where to go may have run out, or the login for it. */
static bool is_stale(const struct reply *reply)
{
	return !reply->error && (reply->status == 401 || reply->status == 403 || reply->status == 404 || reply->status == 410);
}

/* Whether a GET brought another number of bytes than the object has. */
static bool has_wrong_length(struct transfer *transfer, const struct reply *reply)
{
	const char *header = reply_header(reply, "content-length");
	guint64 length;
	if (transfer->size == TRANSFER_ANY_SIZE || reply->status != 200 || !header ||
	    reply_header(reply, "content-encoding") ||
	    !g_ascii_string_to_unsigned(header, 10, 0, G_MAXUINT64, &length, NULL) || length == transfer->size)
		return false;
	error_set(&transfer->error, ERROR_CORRUPT,
		  "fetch '%s': the server sent %" G_GUINT64_FORMAT " bytes instead of %" G_GUINT64_FORMAT, transfer->key,
		  length, transfer->size);
	return true;
}

static struct verdict judge_move(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct lfs_task *task = transfer->state;
	bool put = transfer->kind == TRANSFER_PUT;
	const struct lfs_action *action = put ? &task->object->upload : &task->object->download;
	if (!put && is_success(reply) && has_wrong_length(transfer, reply))
		return (struct verdict){VERDICT_OVER};
	if (is_success(reply)) {
		transfer->sent = put;
		transfer->stage = VERIFY;
		return (struct verdict){put && task->object->verify.href ? VERDICT_NEXT : VERDICT_DONE};
	}
	/* nothing is left to fetch; whether it is right is for the hash to say */
	if (!put && !reply->error && reply->status == 416 && stream_have(transfer->stream))
		return (struct verdict){VERDICT_DONE};
	explain(transfer, reply, put ? "send" : "fetch", NULL);
	if (lfs_is_ours(conn, action) && log_in(conn, transfer, reply))
		return (struct verdict){VERDICT_NEXT};
	if (is_stale(reply) && task->renewals++ < RENEWALS_MAX) {
		ask_again(transfer);
		return (struct verdict){VERDICT_NEXT};
	}
	if (!put && error_is(reply->error, ERROR_CORRUPT))
		return (struct verdict){VERDICT_OVER};
	/* perhaps another writer was at it, and there is nothing left to send */
	if (put && reply->status >= 500 && task->failures++ < FAILURES_MAX)
		ask_again(transfer);
	return judge_failure(reply);
}

static struct verdict judge_direct(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct lfs_task *task = transfer->state;
	bool get = transfer->kind == TRANSFER_GET;
	if (is_success(reply) && !get && has_type(reply, "text/html")) { /* what a GET brings is for the hash to judge */
		error_set(&transfer->error, ERROR_CORRUPT,
			  "find '%s': the Git LFS server answers with a page for people", transfer->key);
		return (struct verdict){VERDICT_BROKEN};
	}
	if (is_success(reply) || (!reply->error && reply->status == 416 && get)) {
		lfs_accept(conn, task->login);
		return (struct verdict){VERDICT_DONE};
	}
	if (log_in(conn, transfer, reply))
		return (struct verdict){VERDICT_NEXT};
	explain(transfer, reply, "fetch", conn->origin);
	if (reply_is_transient(reply))
		return retry(reply);
	g_prefix_error(&transfer->error, "the Git LFS server wants the size of a folder's list, which no pointer has: ");
	error_hint(&transfer->error, "keep this project's data on a remote of another kind");
	return (struct verdict){VERDICT_BROKEN};
}

static struct verdict judge_verify(struct transfer *transfer, const struct reply *reply)
{
	struct lfs_task *task = transfer->state;
	bool refused = !reply->error && (reply->status == 401 || reply->status == 403);
	if (is_success(reply))
		return (struct verdict){VERDICT_DONE};
	if (refused && task->renewals++ < RENEWALS_MAX) { /* sending took long: the server will say that it has it */
		ask_again(transfer);
		return (struct verdict){VERDICT_NEXT};
	}
	explain(transfer, reply, "the server does not confirm that it has", NULL);
	return judge_failure(reply);
}

static struct verdict judge_stage(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	switch ((enum stage)transfer->stage) {
	case ASK:
		return judge_ask(conn, transfer, reply);
	case LOGIN:
		return judge_login(transfer, reply);
	case MOVE:
		return judge_move(conn, transfer, reply);
	case DIRECT:
		return judge_direct(conn, transfer, reply);
	case VERIFY:
		return judge_verify(transfer, reply);
	case TELL:
		break;
	}
	return judge_tell(transfer, reply);
}

static struct verdict lfs_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				const struct reply *reply)
{
	(void)part;
	g_clear_error(&transfer->error); /* of an attempt before */
	struct verdict verdict = judge_stage(conn, transfer, reply);
	if (verdict.kind == VERDICT_NEXT || verdict.kind == VERDICT_DONE)
		g_clear_error(&transfer->error);
	return verdict;
}

static void lfs_forget(struct remote_conn *conn, struct transfer *transfer)
{
	struct lfs_task *task = transfer->state;
	if (!task)
		return;
	lfs_group_leave(conn, transfer);
	g_clear_pointer(&task->object, lfs_object_free);
	g_clear_error(&task->refused);
	g_free(task);
	transfer->state = NULL;
}

const struct remote_ops remote_lfs = {
	.scheme = "lfs",
	.abilities = 0,
	.open = lfs_open,
	.close = lfs_close,
	.shape = lfs_shape,
	.judge = lfs_judge,
	.forget = lfs_forget,
};
