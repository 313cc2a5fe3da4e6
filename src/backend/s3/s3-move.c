#include "backend/s3/s3-int.h"

#include "base/error.h"

#include <string.h>

static struct verdict go_to(struct transfer *transfer, unsigned stage)
{
	transfer->stage = stage;
	return (struct verdict){VERDICT_NEXT};
}

static void add_source(const struct remote_conn *conn, const struct transfer *transfer, struct request *request)
{
	g_autofree char *source = s3_place_source(conn->place, transfer->key);
	request_header(request, "x-amz-copy-source", source);
	s3_add_secrets(request, conn->secret_key);
	s3_add_secrets(request, conn->secret_from);
}

static void shape_copy(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct request *request = s3_request(conn, "PUT", transfer->to, NULL);
	add_source(conn, transfer, request);
	s3_add_headers(request, conn->on_write);
	s3_send_text(conn, s3_part(transfer, 0), request, "", step);
}

/* What is too large for one request is copied in parts; how large it is must be asked for. */
static bool is_too_large(const struct reply *reply)
{
	g_autofree char *code = s3_failure_code(reply);
	const char *text = reply_text(reply);
	return strcmp(code, "EntityTooLarge") == 0 ||
	       (strcmp(code, "InvalidRequest") == 0 && (strstr(text, "larger") || strstr(text, "size")));
}

static struct verdict judge_copy(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	g_autofree char *etag = s3_result_etag(reply, "CopyObjectResult");
	if (etag) {
		conn->seen = true;
		return go_to(transfer, MOVE_DELETE);
	}
	if (s3_is_success(reply))
		return s3_unproven(transfer, transfer->to);
	return is_too_large(reply) ? go_to(transfer, MOVE_ASK) : s3_failure(conn, transfer, 0, reply);
}

static struct verdict judge_ask(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct verdict verdict;
	enum s3_answer answer = s3_ask_judge(conn, transfer, reply, &verdict);
	if (answer != S3_THERE)
		return answer == S3_ABSENT ? (struct verdict){VERDICT_ABSENT} : verdict;
	if (transfer->found_size == 0) { /* nothing that could be cut in parts */
		error_set(&transfer->error, ERROR_FAILED, "the server calls '%s' too large to copy, and then empty",
			  transfer->key);
		return (struct verdict){VERDICT_BROKEN};
	}
	s3_task(transfer)->size = transfer->found_size;
	s3_upload_cut(transfer, S3_COPY_PART);
	return go_to(transfer, PUT_CREATE);
}

static void shape_part(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct s3_part *own = s3_part(transfer, part);
	g_autoptr(GString) query = g_string_new(NULL);
	g_string_printf(query, "partNumber=%u&uploadId=", part);
	sigv4_encode(query, s3_task(transfer)->upload, false);
	struct request *request = s3_request(conn, "PUT", transfer->to, query->str);
	g_autofree char *range = g_strdup_printf("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, own->offset,
						 own->offset + own->length - 1);
	request_header(request, "x-amz-copy-source-range", range);
	add_source(conn, transfer, request);
	s3_send_text(conn, own, request, "", step);
}

static struct verdict judge_part(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	if (!s3_is_success(reply))
		return s3_failure(conn, transfer, part, reply);
	char *etag = s3_result_etag(reply, "CopyPartResult");
	if (!etag)
		return s3_unproven(transfer, transfer->to);
	s3_part(transfer, part)->etag = etag;
	return (struct verdict){VERDICT_DONE};
}

/* The copy is there: the old name goes. */
static struct verdict judge_delete(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	if (s3_is_success(reply) || (!reply->error && reply->status == 404))
		return (struct verdict){VERDICT_DONE};
	return s3_failure(conn, transfer, 0, reply);
}

static void move_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	if (part)
		shape_part(conn, transfer, part, step);
	else if (transfer->stage == MOVE_COPY)
		shape_copy(conn, transfer, step);
	else if (transfer->stage == MOVE_ASK)
		s3_ask_shape(conn, transfer, transfer->key, step);
	else if (transfer->stage == MOVE_DELETE)
		s3_send(conn, s3_part(transfer, 0), s3_request(conn, "DELETE", transfer->key, NULL), SIGV4_EMPTY_HASH,
			step);
	else
		s3_upload_shape(conn, transfer, step);
}

static struct verdict move_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	if (part)
		return judge_part(conn, transfer, part, reply);
	if (transfer->stage == MOVE_COPY)
		return judge_copy(conn, transfer, reply);
	if (transfer->stage == MOVE_ASK)
		return judge_ask(conn, transfer, reply);
	return transfer->stage == MOVE_DELETE ? judge_delete(conn, transfer, reply)
					      : s3_upload_judge(conn, transfer, reply);
}

const struct s3_kind s3_move = {move_shape, move_judge};
