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
	if (!reply_header(reply, "etag"))
		return s3_no_s3(conn, transfer);
	transfer->sent = conn->seen = true;
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

/* Whether a part that the server has may be trusted for its size, because its tag is not a hash of its bytes. */
static bool has_opaque_tag(const struct remote_conn *conn, const char *etag)
{
	size_t length = strlen(etag);
	bool quoted = length > 2 && etag[0] == '"';
	return conn->secret_key || remote_spec_get(conn->spec, "sse") || length != (quoted ? 34u : 32u);
}

/* A part that an earlier run has sent is read for the hash of the whole anyway: see that it is the same. */
static bool job_check(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	struct s3_part *own = s3_part(transfer, part);
	struct oid oid = {.algo = OID_MD5};
	char text[OID_TEXT_MAX];
	if (!stream_hash_part(transfer->stream, own->offset, own->length, &oid, error))
		return false;
	if (!has_opaque_tag(conn, own->etag) && !strstr(own->etag, oid_text(&oid, text)))
		g_clear_pointer(&own->etag, g_free);
	return true;
}

static void shape_part(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct s3_task *task = s3_task(transfer);
	struct s3_part *own = s3_part(transfer, part);
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

static struct verdict judge_part(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	struct s3_part *own = s3_part(transfer, part);
	g_autofree char *code = s3_failure_code(reply);
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
		return s3_no_s3(conn, transfer);
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
	if (transfer->stage == PUT_CHECK) /* neither the upload nor the object is there */
		return (struct verdict){VERDICT_OVER};
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
