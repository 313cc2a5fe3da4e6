#include "backend/s3/s3-int.h"

#include "base/error.h"
#include "base/hex.h"
#include "remote/stream.h"

#include <string.h>

/* --- what is sent with an object's bytes --- */

/* The sha256 that the object's name says that its bytes have. New string; NULL if it says another hash. */
static char *known_sha256(const struct transfer *transfer)
{
	if (transfer->oid.algo != OID_SHA256)
		return NULL;
	struct oid plain = transfer->oid;
	char text[OID_TEXT_MAX];
	plain.dir = 0;
	return g_strdup(oid_text(&plain, text));
}

/* Whether only hashing the bytes gives the server something to check them by. */
static bool must_hash(struct remote_conn *conn, const struct transfer *transfer)
{
	g_autofree char *url = s3_place_url(conn->place, NULL, NULL);
	bool named = transfer->oid.algo == OID_SHA256 || transfer->oid.algo == OID_MD5;
	return !named && g_str_has_prefix(url, "http://");
}

/* Have the server check what arrives by the object's own hash. The hash to sign. New string. */
static char *add_checksums(struct remote_conn *conn, const struct transfer *transfer, struct s3_part *own,
			   struct request *request)
{
	own->checksum = false;
	if (transfer->oid.algo == OID_MD5) {
		g_autofree char *sum = g_base64_encode(transfer->oid.digest, oid_digest_length(OID_MD5));
		request_header(request, "Content-MD5", sum);
	}
	if (transfer->oid.algo == OID_SHA256 && !conn->no_checksum) {
		g_autofree char *sum = g_base64_encode(transfer->oid.digest, oid_digest_length(OID_SHA256));
		request_header(request, "x-amz-checksum-sha256", sum);
		own->checksum = true;
	}
	if (own->hash[0])
		return g_strdup(own->hash);
	char *hash = known_sha256(transfer);
	return hash ? hash : g_strdup(SIGV4_UNSIGNED);
}

/* --- one request --- */

static bool job_hash(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	struct s3_part *own = s3_part(transfer, part);
	struct oid oid = {.algo = OID_SHA256};
	if (!stream_hash_part(transfer->stream, own->offset, own->length, &oid, error))
		return false;
	hex_encode(own->hash, oid.digest, sizeof(oid.digest));
	return true;
}

static void shape_send(struct remote_conn *conn, struct transfer *transfer, struct step *step)
{
	struct s3_part *own = s3_part(transfer, 0);
	own->length = s3_task(transfer)->size;
	if (must_hash(conn, transfer) && !own->hash[0]) {
		*step = (struct step){.kind = STEP_JOB, .job = job_hash};
		return;
	}
	struct request *request = s3_request(conn, "PUT", transfer->key, NULL);
	request_send_range(request, 0, own->length);
	s3_add_headers(request, conn->on_write);
	s3_add_secrets(request, conn->secret_key);
	g_autofree char *hash = add_checksums(conn, transfer, own, request);
	s3_send(conn, own, request, hash, step);
}

/* The server got other bytes than we have: ours are checked before the last of them leaves, so it was the way. */
static bool was_garbled(const struct reply *reply)
{
	static const char *const codes[] = {"BadDigest",
					    "InvalidDigest",
					    "XAmzContentSHA256Mismatch",
					    "XAmzContentChecksumMismatch",
					    "IncompleteBody",
					    NULL};
	g_autofree char *code = s3_failure_code(reply);
	return !reply->error && reply->status == 400 && g_strv_contains(codes, code);
}

static struct verdict judge_garbled(struct transfer *transfer)
{
	g_clear_error(&transfer->error); /* of another part */
	error_set(&transfer->error, ERROR_TRANSIENT, "'%s' was garbled on its way to the server", transfer->key);
	return (struct verdict){VERDICT_RETRY};
}

static struct verdict judge_send(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	if (!reply->error && reply->status == 0) /* the job */
		return (struct verdict){VERDICT_NEXT};
	if (was_garbled(reply))
		return judge_garbled(transfer);
	if (!s3_is_success(reply))
		return s3_put_failure(conn, transfer, 0, reply);
	transfer->sent = true;
	if (!reply_header(reply, "etag")) { /* Swift to the slower one of two writers; or it is no S3: HEAD tells */
		transfer->stage = PUT_CHECK;
		return (struct verdict){VERDICT_NEXT};
	}
	conn->seen = true;
	return (struct verdict){VERDICT_DONE};
}

struct verdict s3_put_failure(struct remote_conn *conn, struct transfer *transfer, unsigned part,
			      const struct reply *reply)
{
	struct verdict verdict = s3_failure(conn, transfer, part, reply);
	if (verdict.kind == VERDICT_ABSENT) /* what we send cannot be absent: it is the upload, or the place */
		verdict.kind = VERDICT_BROKEN;
	return verdict;
}

/* --- many parts --- */

/* Whether the tag of a part is the MD5 of its bytes. With keys of a customer's or of KMS it is not, which proves
 * nothing. */
static bool is_proven(const char *etag, const struct oid *md5)
{
	char text[OID_TEXT_MAX];
	g_autofree char *quoted = g_strdup_printf("\"%s\"", oid_text(md5, text));
	return strcmp(etag, text) == 0 || strcmp(etag, quoted) == 0;
}

/* A part that an earlier run has sent is read for the hash of the whole anyway: send it again unless it is the same. */
static bool job_check(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	struct s3_part *own = s3_part(transfer, part);
	struct oid oid = {.algo = OID_MD5};
	if (!stream_hash_part(transfer->stream, own->offset, own->length, &oid, error))
		return false;
	if (!is_proven(own->etag, &oid))
		g_clear_pointer(&own->etag, g_free);
	return true;
}

static void shape_part(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct s3_task *task = s3_task(transfer);
	struct s3_part *own = s3_part(transfer, part);
	if (task->failure) {
		*step = (struct step){.kind = STEP_JOB, .job = s3_nothing};
		return;
	}
	if (own->etag || !own->hash[0]) {
		*step = (struct step){.kind = STEP_JOB, .job = own->etag ? job_check : job_hash};
		return;
	}
	g_autoptr(GString) query = g_string_new(NULL);
	g_string_printf(query, "partNumber=%u&uploadId=", part);
	sigv4_encode(query, task->upload, false);
	struct request *request = s3_request(conn, "PUT", transfer->key, query->str);
	request_send_range(request, own->offset, own->length);
	s3_add_secrets(request, conn->secret_key);
	s3_send(conn, own, request, own->hash, step);
}

/*
 * The local end is not what it should be: the parts that are left come to nothing, and when all are back, the upload is
 * ended. What the other parts say of it is of less interest.
 */
static struct verdict note_failure(struct s3_task *task, const GError *error)
{
	if (!task->failure || error_is(error, ERROR_CORRUPT)) {
		g_clear_error(&task->failure);
		task->failure = g_error_copy(error);
	}
	return (struct verdict){VERDICT_DONE};
}

static struct verdict judge_part(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	struct s3_task *task = s3_task(transfer);
	struct s3_part *own = s3_part(transfer, part);
	bool job = own->etag || !own->hash[0];
	g_autofree char *code = s3_failure_code(reply);
	if (reply->error && (job || error_is(reply->error, ERROR_CORRUPT)))
		return note_failure(task, reply->error);
	if (task->failure)
		return (struct verdict){VERDICT_DONE};
	if (!reply->error && reply->status == 0)
		return (struct verdict){own->etag ? VERDICT_DONE : VERDICT_NEXT};
	if (was_garbled(reply))
		return judge_garbled(transfer);
	if (strcmp(code, "NoSuchUpload") == 0) /* somebody has completed or aborted it */
		return (struct verdict){VERDICT_OVER};
	if (!s3_is_success(reply))
		return s3_put_failure(conn, transfer, part, reply);
	const char *etag = reply_header(reply, "etag");
	if (!etag)
		return s3_unproven(transfer, transfer->key);
	own->etag = g_strdup(etag);
	return (struct verdict){VERDICT_DONE};
}

/* --- from the question to the end --- */

/* It is not there, or not as it should be: send it. */
static struct verdict begin_sending(struct transfer *transfer)
{
	struct s3_task *task = s3_task(transfer);
	task->size = transfer->size == TRANSFER_ANY_SIZE ? stream_size(transfer->stream) : transfer->size;
	transfer->stage = task->size > S3_SINGLE && task->size != TRANSFER_ANY_SIZE ? PUT_FIND : PUT_SEND;
	return (struct verdict){VERDICT_NEXT};
}

/* Whether it is known without reading that the local end is not the object. */
static bool has_wrong_size(const struct transfer *transfer)
{
	uint64_t size = transfer->size == TRANSFER_ANY_SIZE ? TRANSFER_ANY_SIZE : stream_size(transfer->stream);
	return size != TRANSFER_ANY_SIZE && size != transfer->size;
}

static bool job_refuse(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)conn;
	(void)part;
	char id[OID_TEXT_MAX];
	bool named = !oid_is_none(&transfer->oid);
	error_set(error, ERROR_CORRUPT, "the local copy of '%s' has a wrong size, so it was not sent",
		  named ? oid_text(&transfer->oid, id) : transfer->key);
	error_hint(error, "git mlv fsck");
	return false;
}

static struct verdict judge_ask(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply)
{
	struct verdict verdict;
	enum s3_answer answer = s3_ask_judge(conn, transfer, reply, &verdict);
	bool sound =
		answer == S3_THERE && (transfer->size == TRANSFER_ANY_SIZE || transfer->size == transfer->found_size);
	if (sound)
		return (struct verdict){VERDICT_DONE};
	/* who may write but not read is told so here */
	g_autofree char *code = s3_failure_code(reply);
	if (answer == S3_UNCLEAR && !(verdict.kind == VERDICT_DENIED && strcmp(code, "AccessDenied") == 0))
		return verdict;
	g_clear_error(&transfer->error);
	transfer->sent = false;
	if (transfer->stage == PUT_CHECK) { /* neither the upload nor the object is there */
		(void)s3_unproven(transfer, transfer->key);
		return (struct verdict){VERDICT_OVER};
	}
	return begin_sending(transfer);
}

static void put_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	if (part) {
		shape_part(conn, transfer, part, step);
		return;
	}
	if (transfer->stage == PUT_ASK && (transfer->replace || transfer->absent))
		begin_sending(transfer);
	if (transfer->stage == PUT_ASK || transfer->stage == PUT_CHECK)
		s3_ask_shape(conn, transfer, transfer->key, step);
	else if ((transfer->stage == PUT_SEND || transfer->stage == PUT_FIND) && has_wrong_size(transfer))
		*step = (struct step){.kind = STEP_JOB, .job = job_refuse};
	else if (transfer->stage == PUT_SEND)
		shape_send(conn, transfer, step);
	else
		s3_upload_shape(conn, transfer, step);
}

static struct verdict put_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				const struct reply *reply)
{
	if (part)
		return judge_part(conn, transfer, part, reply);
	if (transfer->stage == PUT_ASK || transfer->stage == PUT_CHECK)
		return judge_ask(conn, transfer, reply);
	return transfer->stage == PUT_SEND ? judge_send(conn, transfer, reply) : s3_upload_judge(conn, transfer, reply);
}

const struct s3_kind s3_put = {put_shape, put_judge};
