#include "backend/s3/s3-int.h"

#include "base/error.h"
#include "remote/stream.h"

#include <stdio.h>
#include <string.h>

/* --- is it there, and how large is it? --- */

void s3_ask_shape(struct remote_conn *conn, struct transfer *transfer, const char *key, struct step *step)
{
	bool explain = s3_task(transfer)->explain;
	struct request *request = s3_request(conn, explain ? "GET" : "HEAD", key, NULL);
	if (explain)
		request_header(request, "Range", "bytes=0-0");
	s3_add_secrets(request, conn->secret_key);
	s3_send(conn, s3_part(transfer, 0), request, SIGV4_EMPTY_HASH, step);
}

/* The size of the object that a reply to HEAD, or to GET of its first byte, speaks of. */
static bool read_size(const struct reply *reply, uint64_t *size)
{
	const char *range = reply_header(reply, "content-range"), *length = reply_header(reply, "content-length");
	const char *total = range ? strrchr(range, '/') : NULL;
	guint64 value;
	if (range && (!total || !g_ascii_string_to_unsigned(total + 1, 10, 0, G_MAXINT64, &value, NULL)))
		return false;
	if (!range && (!length || !g_ascii_string_to_unsigned(length, 10, 0, G_MAXINT64, &value, NULL)))
		return false;
	*size = value;
	return true;
}

/* HEAD has no body that would tell what is wrong: ask with GET. */
static enum s3_answer explain(struct transfer *transfer, struct verdict *verdict)
{
	s3_task(transfer)->explain = true;
	*verdict = (struct verdict){VERDICT_NEXT};
	return S3_UNCLEAR;
}

enum s3_answer s3_ask_judge(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
			    struct verdict *verdict)
{
	bool explained = s3_task(transfer)->explain;
	g_autofree char *code = s3_failure_code(reply);
	bool found = !reply->error && (reply->status == 200 || reply->status == 206);
	if (found && !reply_header(reply, "etag")) {
		*verdict = s3_no_s3(conn, transfer);
		return S3_UNCLEAR;
	}
	if (found && read_size(reply, &transfer->found_size)) {
		g_free(transfer->mark);
		transfer->mark = g_strdup(reply_header(reply, "etag"));
		conn->seen = true;
		return S3_THERE;
	}
	if (!reply->error && explained && reply->status == 416) { /* it has no first byte */
		transfer->found_size = 0;
		conn->seen = true;
		return S3_THERE;
	}
	/* a bucket that is not there is no answer, but only GET would tell; a PUT will be told itself */
	bool plain = conn->seen || transfer->kind == TRANSFER_PUT || explained;
	if (!reply->error && reply->status == 404 && plain && strcmp(code, "NoSuchBucket") != 0) {
		conn->seen = conn->seen || explained;
		return S3_ABSENT;
	}
	if (!reply->error && !explained && !reply_is_transient(reply))
		return explain(transfer, verdict);
	*verdict = s3_failure(conn, transfer, 0, reply);
	return S3_UNCLEAR;
}

static void stat_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	(void)part;
	s3_ask_shape(conn, transfer, transfer->key, step);
}

static struct verdict stat_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	(void)part;
	struct verdict verdict;
	enum s3_answer answer = s3_ask_judge(conn, transfer, reply, &verdict);
	if (answer == S3_UNCLEAR)
		return verdict;
	transfer->damaged =
		answer == S3_THERE && transfer->size != TRANSFER_ANY_SIZE && transfer->size != transfer->found_size;
	return (struct verdict){answer == S3_THERE && !transfer->damaged ? VERDICT_DONE : VERDICT_ABSENT};
}

const struct s3_kind s3_stat = {stat_shape, stat_judge};

/* --- GET --- */

bool s3_nothing(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	(void)transfer;
	(void)part;
	(void)error;
	return true;
}

/* Add what is missing of the object, S3_PART bytes or more at a time; how many parts that makes. */
static unsigned list_missing(struct transfer *transfer)
{
	GArray *parts = s3_task(transfer)->parts;
	uint64_t size = MAX(S3_PART, transfer->size / S3_PARTS_MAX + 1);
	g_array_set_size(parts, 1);
	for (uint64_t offset = 0; offset < transfer->size; offset += size) {
		struct s3_part part = {.offset = offset, .length = MIN(size, transfer->size - offset)};
		if (!stream_has(transfer->stream, part.offset, part.length))
			g_array_append_val(parts, part);
	}
	return parts->len - 1;
}

static void ask_for_range(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct s3_part *own = s3_part(transfer, part);
	struct request *request = s3_request(conn, "GET", transfer->key, NULL);
	const char *validator = stream_validator(transfer->stream);
	request_take_range(request, own->offset, own->length);
	if (validator && (own->offset || own->length))
		request_header(request, "If-Match", validator);
	s3_add_secrets(request, conn->secret_key);
	s3_send(conn, own, request, SIGV4_EMPTY_HASH, step);
}

static void get_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	if (part) {
		ask_for_range(conn, transfer, part, step);
		return;
	}
	uint64_t have = stream_have(transfer->stream);
	bool split = transfer->end->seekable && transfer->size != TRANSFER_ANY_SIZE && transfer->size >= S3_SPLIT;
	if (have && have == transfer->size) {
		/* but what an earlier run left is still to be checked */
		*step = (struct step){.kind = STEP_JOB, .job = s3_nothing};
	} else if (split) {
		*step = (struct step){.kind = STEP_PARTS, .parts = list_missing(transfer)};
	} else {
		s3_part(transfer, 0)->offset = have;
		ask_for_range(conn, transfer, 0, step);
	}
}

/* What was asked for is within the size that the object must have, and it is not there. */
static struct verdict damaged(struct transfer *transfer)
{
	char id[OID_TEXT_MAX];
	bool named = !oid_is_none(&transfer->oid);
	g_clear_error(&transfer->error); /* of another part */
	error_set(&transfer->error, ERROR_CORRUPT, "object %s is damaged on the remote: wrong size",
		  named ? oid_text(&transfer->oid, id) : transfer->key);
	error_hint(&transfer->error, "git mlv fsck --cloud --repair, in a clone that has the object");
	return (struct verdict){VERDICT_BROKEN};
}

static struct verdict get_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				const struct reply *reply)
{
	bool local = !reply->error && reply->status == 0; /* the job, or the end of all parts */
	if (local || (!reply->error && (reply->status == 200 || reply->status == 206))) {
		conn->seen = true;
		return (struct verdict){VERDICT_DONE};
	}
	bool beyond = !reply->error && reply->status == 416;
	if (beyond && transfer->size != TRANSFER_ANY_SIZE)
		return damaged(transfer);
	/* what we have is of another version than what is there now */
	if ((beyond && s3_part(transfer, part)->offset) || (!reply->error && reply->status == 412))
		return (struct verdict){VERDICT_OVER};
	return s3_failure(conn, transfer, part, reply);
}

const struct s3_kind s3_get = {get_shape, get_judge};
