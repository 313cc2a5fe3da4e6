/*
 * Uploads in parts: found again after an interruption, or begun; completed; aborted. Which bytes make a part is the
 * business of those who send (s3-put.c) or copy (s3-move.c) them.
 */
#include "backend/s3/s3-int.h"

#include "base/error.h"

#include <string.h>

/* An upload that was begun longer ago than this is nobody's any more. */
#define ABANDONED_AFTER ((gint64)7 * 24 * 3600)

static struct verdict go_to(struct transfer *transfer, unsigned stage)
{
	transfer->stage = stage;
	return (struct verdict){VERDICT_NEXT};
}

void s3_upload_cut(struct transfer *transfer, uint64_t part_size)
{
	const struct s3_task *task = s3_task(transfer);
	uint64_t least = (task->size + S3_PARTS_MAX - 1) / S3_PARTS_MAX, mebi = (uint64_t)1 << 20;
	part_size = MAX(part_size, (least + mebi - 1) / mebi * mebi);
	g_array_set_size(task->parts, 1);
	for (uint64_t offset = 0; offset < task->size; offset += part_size) {
		struct s3_part part = {.offset = offset, .length = MIN(part_size, task->size - offset)};
		g_array_append_val(task->parts, part);
	}
}

/* A query about the upload. New string. */
static char *upload_query(const struct s3_task *task)
{
	GString *query = g_string_new("uploadId=");
	sigv4_encode(query, task->upload, false);
	return g_string_free(query, FALSE);
}

/* --- finding one --- */

void s3_uploads_shape(struct remote_conn *conn, struct transfer *transfer, const char *key, struct step *step)
{
	g_autoptr(GString) query = g_string_new("encoding-type=url&prefix=");
	sigv4_encode(query, conn->place->prefix, false);
	sigv4_encode(query, key, false);
	g_string_append(query, "&uploads");
	struct request *request = s3_request(conn, "GET", NULL, query->str);
	request_take_bytes(request, S3_REPLY_MAX);
	s3_send(conn, s3_part(transfer, 0), request, SIGV4_EMPTY_HASH, step);
}

bool s3_upload_is_abandoned(const struct remote_conn *conn, const char *initiated)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(initiated, utc);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC + conn->skew;
	return when && g_date_time_to_unix(when) < now - ABANDONED_AFTER;
}

/* The youngest upload of this very key goes on; the old ones are given up. */
static void choose_upload(const struct remote_conn *conn, struct transfer *transfer, const struct s3_xml *list)
{
	struct s3_task *task = transfer->state;
	g_autofree char *wanted = g_strconcat(conn->place->prefix, transfer->key, NULL);
	const char *youngest = "";
	for (guint i = 0; i < list->records->len; i++) {
		const struct s3_record *record = list->records->pdata[i];
		const char *key = record->values[S3_KEY], *id = record->values[S3_UPLOAD_ID];
		const char *initiated = record->values[S3_INITIATED] ? record->values[S3_INITIATED] : "";
		g_autofree char *name = key ? s3_xml_decode(list, key) : NULL;
		if (strcmp(record->name, "Upload") != 0 || g_strcmp0(name, wanted) != 0 || !id || !*id)
			continue;
		if (s3_upload_is_abandoned(conn, initiated)) {
			g_ptr_array_add(task->stale, g_strdup(id));
		} else if (!task->upload || strcmp(initiated, youngest) > 0) {
			g_free(task->upload);
			task->upload = g_strdup(id);
			youngest = initiated;
		}
	}
}

/* After the stale ones are gone: ask for the parts of the one that was found, or begin one. */
static struct verdict leave_find(struct transfer *transfer)
{
	const struct s3_task *task = transfer->state;
	if (task->stale->len)
		return go_to(transfer, PUT_SWEEP);
	return go_to(transfer, task->upload ? PUT_RESUME : PUT_CREATE);
}

static struct verdict judge_find(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct s3_task *task = transfer->state;
	if (!task->stale)
		task->stale = g_ptr_array_new_with_free_func(g_free);
	if (!s3_is_success(reply)) {
		struct verdict verdict = s3_failure(conn, transfer, 0, reply);
		if (verdict.kind == VERDICT_NEXT || verdict.kind == VERDICT_RETRY || reply->error)
			return verdict;
		/* not everyone may list uploads, and not every server can */
		g_clear_error(&transfer->error);
		return go_to(transfer, PUT_CREATE);
	}
	autoptr(s3_xml) list = s3_xml_parse(reply_text(reply), reply->body ? reply->body->len : 0, NULL);
	if (list)
		choose_upload(conn, transfer, list);
	return leave_find(transfer);
}

void s3_abort_shape(struct remote_conn *conn, struct transfer *transfer, const char *key, const char *upload,
		    struct step *step)
{
	g_autoptr(GString) query = g_string_new("uploadId=");
	sigv4_encode(query, upload, false);
	struct request *request = s3_request(conn, "DELETE", key, query->str);
	s3_send(conn, s3_part(transfer, 0), request, SIGV4_EMPTY_HASH, step);
}

/* Whatever came of it: this is a courtesy. */
static struct verdict judge_sweep(struct transfer *transfer)
{
	struct s3_task *task = transfer->state;
	g_ptr_array_set_size(task->stale, (gint)task->stale->len - 1);
	return leave_find(transfer);
}

/* --- its parts --- */

static void shape_resume(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	const struct s3_task *task = transfer->state;
	g_autofree char *upload = upload_query(task);
	g_autofree char *query =
		task->marker ? g_strdup_printf("part-number-marker=%" G_GUINT64_FORMAT "&%s", task->marker, upload)
			     : g_strdup(upload);
	struct request *request = s3_request(conn, "GET", transfer->key, query);
	request_take_bytes(request, S3_REPLY_MAX);
	s3_send(conn, s3_part(transfer, 0), request, SIGV4_EMPTY_HASH, step);
}

/* Note the parts that are there; false if one is not as we would have sent it. */
static bool take_parts(struct transfer *transfer, const struct s3_xml *list)
{
	struct s3_task *task = transfer->state;
	for (guint i = 0; i < list->records->len; i++) {
		const struct s3_record *record = list->records->pdata[i];
		uint64_t number, size;
		if (strcmp(record->name, "Part") != 0)
			continue;
		if (!record->values[S3_ETAG] || !s3_record_number(record, S3_PART_NUMBER, &number) ||
		    !s3_record_number(record, S3_SIZE, &size) || number < 1 || number >= task->parts->len)
			return false;
		struct s3_part *part = s3_part(transfer, (unsigned)number);
		if (part->length != size)
			return false;
		g_free(part->etag);
		part->etag = g_strdup(record->values[S3_ETAG]);
	}
	return true;
}

/* Another way of cutting, another client, or no such upload any more: leave it alone and begin one of our own. */
static struct verdict begin_own(struct transfer *transfer)
{
	struct s3_task *task = transfer->state;
	for (guint i = 1; i < task->parts->len; i++)
		g_clear_pointer(&s3_part(transfer, i)->etag, g_free);
	g_clear_pointer(&task->upload, g_free);
	return go_to(transfer, PUT_CREATE);
}

static struct verdict judge_resume(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct s3_task *task = transfer->state;
	if (!s3_is_success(reply)) {
		struct verdict verdict = s3_failure(conn, transfer, 0, reply);
		if (verdict.kind == VERDICT_NEXT || verdict.kind == VERDICT_RETRY || reply->error)
			return verdict;
		g_clear_error(&transfer->error);
		return begin_own(transfer);
	}
	autoptr(s3_xml) list = s3_xml_parse(reply_text(reply), reply->body ? reply->body->len : 0, NULL);
	if (!list || !s3_xml_is(list, "ListPartsResult") || !take_parts(transfer, list))
		return begin_own(transfer);
	uint64_t next;
	bool more = g_ascii_strcasecmp(s3_xml_get(list, S3_TRUNCATED), "true") == 0;
	if (more && s3_record_number(&list->root, S3_NEXT_PART, &next) && next > task->marker) {
		task->marker = next;
		return (struct verdict){VERDICT_NEXT};
	}
	return go_to(transfer, PUT_PARTS);
}

/* --- beginning, completing and aborting one --- */

static void shape_create(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct request *request = s3_request(conn, "POST", s3_upload_key(transfer), "uploads");
	s3_add_headers(request, conn->on_write);
	s3_add_secrets(request, conn->secret_key);
	s3_send_text(conn, s3_part(transfer, 0), request, "", step);
}

static struct verdict judge_create(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	if (!s3_is_success(reply))
		return s3_put_failure(conn, transfer, 0, reply);
	autoptr(s3_xml) xml = s3_xml_parse(reply_text(reply), reply->body ? reply->body->len : 0, NULL);
	const char *id = xml ? s3_xml_get(xml, S3_UPLOAD_ID) : "";
	if (!*id) {
		error_set(&transfer->error, ERROR_TRANSIENT, "the server does not name the upload of '%s'",
			  transfer->key);
		return (struct verdict){VERDICT_RETRY};
	}
	s3_task(transfer)->upload = g_strdup(id);
	return go_to(transfer, PUT_PARTS);
}

static void shape_complete(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	const struct s3_task *task = transfer->state;
	g_autofree char *query = upload_query(task);
	g_autoptr(GString) body =
		g_string_new("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (guint i = 1; i < task->parts->len; i++) {
		g_string_append_printf(body, "<Part><PartNumber>%u</PartNumber><ETag>", i);
		s3_xml_escape(body, s3_part(transfer, i)->etag);
		g_string_append(body, "</ETag></Part>");
	}
	g_string_append(body, "</CompleteMultipartUpload>");
	struct request *request = s3_request(conn, "POST", s3_upload_key(transfer), query);
	s3_add_secrets(request, conn->secret_key);
	s3_send_text(conn, s3_part(transfer, 0), request, body->str, step);
}

static struct verdict judge_complete(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	static const char *const hopeless[] = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML",
					       NULL};
	g_autofree char *code = s3_failure_code(reply);
	g_autofree char *etag = s3_result_etag(reply, "CompleteMultipartUploadResult");
	if (etag) {
		transfer->sent = transfer->kind == TRANSFER_PUT;
		conn->seen = true;
		return transfer->kind == TRANSFER_MOVE ? go_to(transfer, MOVE_DELETE) : (struct verdict){VERDICT_DONE};
	}
	if (s3_is_success(reply))
		return s3_unproven(transfer, s3_upload_key(transfer));
	/* completed before, by an attempt whose reply was lost or by another writer; or aborted */
	if (strcmp(code, "NoSuchUpload") == 0)
		return transfer->kind == TRANSFER_PUT ? go_to(transfer, PUT_CHECK) : (struct verdict){VERDICT_OVER};
	struct verdict verdict = s3_put_failure(conn, transfer, 0, reply);
	if (!g_strv_contains((const char *const *)hopeless, code))
		return verdict;
	s3_task(transfer)->failure = g_steal_pointer(&transfer->error);
	return go_to(transfer, PUT_ABORT);
}

/* The upload is gone, or will be swept: an error in what an earlier run left is worth a fresh start. */
static struct verdict judge_abort(struct transfer *transfer)
{
	struct s3_task *task = transfer->state;
	bool corrupt = error_is(task->failure, ERROR_CORRUPT);
	transfer->error = g_steal_pointer(&task->failure);
	return (struct verdict){corrupt ? VERDICT_BROKEN : VERDICT_OVER};
}

/* All parts are back. Of a local copy that is not the object none may stay; if it cannot be read now, a later run goes
 * on. */
static struct verdict judge_parts(struct transfer *transfer)
{
	struct s3_task *task = transfer->state;
	if (!task->failure)
		return go_to(transfer, PUT_COMPLETE);
	if (error_is(task->failure, ERROR_CORRUPT))
		return go_to(transfer, PUT_ABORT);
	transfer->error = g_steal_pointer(&task->failure);
	return (struct verdict){VERDICT_BROKEN};
}

const char *s3_upload_key(const struct transfer *transfer)
{
	return transfer->kind == TRANSFER_MOVE ? transfer->to : transfer->key;
}

void s3_upload_shape(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct s3_task *task = s3_task(transfer);
	switch (transfer->stage) {
	case PUT_FIND:
		s3_upload_cut(transfer, S3_PART);
		s3_uploads_shape(conn, transfer, transfer->key, step);
		break;
	case PUT_SWEEP:
		s3_abort_shape(conn, transfer, transfer->key, task->stale->pdata[task->stale->len - 1], step);
		break;
	case PUT_RESUME:
		shape_resume(conn, transfer, step);
		break;
	case PUT_CREATE:
		shape_create(conn, transfer, step);
		break;
	case PUT_PARTS:
		*step = (struct step){.kind = STEP_PARTS, .parts = task->parts->len - 1};
		break;
	case PUT_COMPLETE:
		shape_complete(conn, transfer, step);
		break;
	default:
		s3_abort_shape(conn, transfer, s3_upload_key(transfer), task->upload, step);
		break;
	}
}

struct verdict s3_upload_judge(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	switch (transfer->stage) {
	case PUT_FIND:
		return judge_find(conn, transfer, reply);
	case PUT_SWEEP:
		return judge_sweep(transfer);
	case PUT_RESUME:
		return judge_resume(conn, transfer, reply);
	case PUT_CREATE:
		return judge_create(conn, transfer, reply);
	case PUT_PARTS:
		return judge_parts(transfer);
	case PUT_COMPLETE:
		return judge_complete(conn, transfer, reply);
	default:
		return judge_abort(transfer);
	}
}
