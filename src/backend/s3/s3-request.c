#include "backend/s3/s3-int.h"

#include "hash/digest.h"

#include <string.h>

struct s3_task *s3_task(struct transfer *transfer)
{
	struct s3_task *task = transfer->state;
	if (task)
		return task;
	task = g_new0(struct s3_task, 1);
	task->parts = g_array_new(FALSE, TRUE, sizeof(struct s3_part));
	g_array_set_size(task->parts, 1);
	transfer->state = task;
	return task;
}

static void free_parts(GArray *parts)
{
	for (guint i = 0; i < parts->len; i++)
		g_free(g_array_index(parts, struct s3_part, i).etag);
	g_array_unref(parts);
}

struct s3_part *s3_part(struct transfer *transfer, unsigned part)
{
	return &g_array_index(s3_task(transfer)->parts, struct s3_part, part);
}

void s3_forget(struct remote_conn *conn, struct transfer *transfer)
{
	(void)conn;
	struct s3_task *task = transfer->state;
	if (!task)
		return;
	free_parts(task->parts);
	g_free(task->upload);
	g_free(task->token);
	g_clear_pointer(&task->tokens, g_hash_table_unref);
	g_free(task->last);
	g_clear_pointer(&task->stale, g_ptr_array_unref);
	g_clear_pointer(&task->stale_keys, g_ptr_array_unref);
	g_clear_error(&task->failure);
	g_free(task);
	transfer->state = NULL;
}

void s3_add_headers(struct request *request, const GPtrArray *headers)
{
	for (guint i = 0; headers && i < headers->len; i++)
		g_ptr_array_add(request->headers, g_strdup(headers->pdata[i]));
}

void s3_add_secrets(struct request *request, const GPtrArray *headers)
{
	for (guint i = 0; headers && i < headers->len; i++)
		g_ptr_array_add(request->secrets, g_strdup(headers->pdata[i]));
}

struct request *s3_request(struct remote_conn *conn, const char *method, const char *key, const char *query)
{
	g_autofree char *url = s3_place_url(conn->place, key, query);
	struct request *request = request_new(method, url, conn->access);
	s3_add_headers(request, conn->on_all);
	/* what comes with an error is kept as it is, within bounds. */
	request->limit = S3_REPLY_MAX;
	return request;
}

void s3_send(struct remote_conn *conn, struct s3_part *own, struct request *request, const char *payload_hash,
	     struct step *step)
{
	own->logging_in = !own->logged_in && s3_needs_login(conn);
	own->logged_in = false;
	if (own->logging_in) {
		request_free(request);
		*step = (struct step){.kind = STEP_JOB, .job = s3_login};
		return;
	}
	own->lessons = conn->lessons;
	step->kind = STEP_REQUEST;
	step->request = request;
	pthread_mutex_lock(&conn->mutex);
	if (!conn->who.anonymous) {
		const struct sigv4 sigv4 = {
			.access_key = conn->who.access_key,
			.secret_key = conn->who.secret_key,
			.session_token = conn->who.session_token,
			.region = conn->place->region,
			.service = "s3",
			.time = g_get_real_time() / G_USEC_PER_SEC + conn->skew,
		};
		sigv4_sign(&sigv4, request, payload_hash);
	}
	pthread_mutex_unlock(&conn->mutex);
}

void s3_send_text(struct remote_conn *conn, struct s3_part *own, struct request *request, const char *text,
		  struct step *step)
{
	struct oid md5, sha256;
	char hash[OID_TEXT_MAX];
	digest_bytes(text, strlen(text), OID_MD5, &md5);
	digest_bytes(text, strlen(text), OID_SHA256, &sha256);
	g_autofree char *sum = g_base64_encode(md5.digest, oid_digest_length(OID_MD5));
	if (*text)
		request_header(request, "Content-MD5", sum);
	request_send_text(request, text, strlen(text));
	request_take_bytes(request, S3_REPLY_MAX);
	s3_send(conn, own, request, oid_text(&sha256, hash), step);
}
