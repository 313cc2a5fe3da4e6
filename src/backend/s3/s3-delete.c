#include "backend/s3/s3-int.h"

#include "base/error.h"

#include <string.h>

enum delete_stage { DELETE_CHOOSE, DELETE_ASK, DELETE_ONE, DELETE_MANY };

static guint count_keys(const struct transfer *transfer)
{
	return 1 + (transfer->more ? transfer->more->len : 0);
}

static const char *nth_key(const struct transfer *transfer, guint i)
{
	return i == 0 ? transfer->key : transfer->more->pdata[i - 1];
}

/* How to begin: a single key is asked for first, because deleting does not tell whether it was there. */
static enum delete_stage choose(const struct remote_conn *conn, const struct transfer *transfer)
{
	if (!transfer->more || transfer->more->len == 0)
		return DELETE_ASK;
	for (guint i = 0; i < count_keys(transfer); i++)
		if (!s3_xml_can_hold(nth_key(transfer, i)))
			return DELETE_ONE;
	return conn->no_batch ? DELETE_ONE : DELETE_MANY;
}

static void shape_many(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	g_autoptr(GString) body =
		g_string_new("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
	for (guint i = 0; i < count_keys(transfer); i++) {
		g_string_append(body, "<Object><Key>");
		s3_xml_escape(body, conn->place->prefix);
		s3_xml_escape(body, nth_key(transfer, i));
		g_string_append(body, "</Key></Object>");
	}
	g_string_append(body, "</Delete>");
	struct request *request = s3_request(conn, "POST", NULL, "delete");
	s3_send_text(conn, s3_part(transfer, 0), request, body->str, step);
}

static void delete_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct s3_part *own = s3_part(transfer, part);
	if (transfer->stage == DELETE_CHOOSE)
		transfer->stage = choose(conn, transfer);
	if (transfer->stage == DELETE_ASK) {
		s3_ask_shape(conn, transfer, transfer->key, step);
	} else if (transfer->stage == DELETE_MANY) {
		shape_many(conn, transfer, step);
	} else {
		const char *key = nth_key(transfer, s3_task(transfer)->key);
		s3_send(conn, own, s3_request(conn, "DELETE", key, NULL), SIGV4_EMPTY_HASH, step);
	}
}

static struct verdict judge_ask(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct verdict verdict;
	switch (s3_ask_judge(conn, transfer, reply, &verdict)) {
	case S3_UNCLEAR:
		return verdict;
	case S3_ABSENT:
		return (struct verdict){VERDICT_ABSENT};
	case S3_THERE:
		break;
	}
	transfer->stage = DELETE_ONE;
	return (struct verdict){VERDICT_NEXT};
}

static struct verdict judge_one(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	g_autofree char *code = s3_failure_code(reply);
	bool gone = !reply->error && reply->status == 404 && strcmp(code, "NoSuchBucket") != 0;
	if (!gone && !s3_is_success(reply))
		return s3_failure(conn, transfer, 0, reply);
	if (++s3_task(transfer)->key < count_keys(transfer))
		return (struct verdict){VERDICT_NEXT};
	return (struct verdict){VERDICT_DONE};
}

/* Some of the keys were not deleted: say which. */
static struct verdict judge_records(struct remote_conn *conn, struct transfer *transfer, const struct s3_xml *result)
{
	static const char *const passing[] = {"InternalError", "SlowDown", "ServiceUnavailable", "OperationAborted",
					      NULL};
	const struct s3_record *first = NULL;
	guint failed = 0, may_heal = 0;
	for (guint i = 0; i < result->records->len; i++) {
		const struct s3_record *record = result->records->pdata[i];
		const char *code = record->values[S3_CODE] ? record->values[S3_CODE] : "";
		if (strcmp(record->name, "Error") != 0 || strcmp(code, "NoSuchKey") == 0)
			continue;
		first = first ? first : record;
		may_heal += g_strv_contains(passing, code);
		failed++;
	}
	if (!failed)
		return (struct verdict){VERDICT_DONE};
	const char *key = first->values[S3_KEY] ? first->values[S3_KEY] : "", *code = first->values[S3_CODE];
	bool denied = g_strcmp0(code, "AccessDenied") == 0;
	g_autofree char *words = s3_plain_words(code, first->values[S3_MESSAGE]);
	g_autofree char *others = failed > 1 ? g_strdup_printf(" (and %u more)", failed - 1) : g_strdup("");
	g_autofree char *name = g_utf8_make_valid(key, -1);
	error_set(&transfer->error, denied ? ERROR_DENIED : ERROR_FAILED, "delete '%s' from bucket '%s': %s%s", name,
		  conn->place->bucket, words ? words : "refused", others);
	return (struct verdict){may_heal == failed ? VERDICT_RETRY : VERDICT_BROKEN};
}

static struct verdict judge_many(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	bool unknown = !reply->error && (reply->status == 405 || reply->status == 501);
	if (unknown) {
		conn->no_batch = true;
		transfer->stage = DELETE_ONE;
		return (struct verdict){VERDICT_NEXT};
	}
	if (!s3_is_success(reply))
		return s3_failure(conn, transfer, 0, reply);
	autoptr(s3_xml) result = s3_xml_parse(reply_text(reply), reply->body ? reply->body->len : 0, NULL);
	if (!result || !s3_xml_is(result, "DeleteResult")) {
		error_set(&transfer->error, ERROR_TRANSIENT, "the server does not tell what it deleted");
		return (struct verdict){VERDICT_RETRY};
	}
	return judge_records(conn, transfer, result);
}

static struct verdict delete_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				   const struct reply *reply)
{
	(void)part;
	if (transfer->stage == DELETE_ASK)
		return judge_ask(conn, transfer, reply);
	return transfer->stage == DELETE_MANY ? judge_many(conn, transfer, reply) : judge_one(conn, transfer, reply);
}

const struct s3_kind s3_delete = {delete_shape, delete_judge};
