#include "backend/s3/s3-int.h"

#include "base/error.h"

#include <string.h>
#include <time.h>

/* How often one step is done again because of something learned. */
#define REDO_MAX 5

/* Clocks that differ by less are not why a request is refused: S3 allows 15 minutes. */
#define SKEW_MIN ((int64_t)240)

/* The longest message of a server that is repeated. */
#define MESSAGE_MAX 300

/* A failed reply, read. */
struct failure {
	const struct reply *reply;
	struct s3_xml *xml;  /* NULL: it has none */
	const char *code;    /* "" without one */
	const char *message; /* the same */
};

static bool is_one_of(const char *code, const char *const *codes)
{
	return g_strv_contains(codes, code);
}

static struct s3_xml *parse_reply(const struct reply *reply)
{
	return reply->body && reply->body->len ? s3_xml_parse((const char *)reply->body->data, reply->body->len, NULL)
					       : NULL;
}

char *s3_failure_code(const struct reply *reply)
{
	autoptr(s3_xml) xml = parse_reply(reply);
	return g_strdup(xml && s3_xml_is(xml, "Error") ? s3_xml_get(xml, S3_CODE) : "");
}

bool s3_is_success(const struct reply *reply)
{
	if (reply->error || reply->status < 200 || reply->status >= 300)
		return false;
	autoptr(s3_xml) xml = parse_reply(reply);
	return !xml || !s3_xml_is(xml, "Error");
}

char *s3_result_etag(const struct reply *reply, const char *root)
{
	autoptr(s3_xml) xml = s3_is_success(reply) ? parse_reply(reply) : NULL;
	const char *etag = xml && s3_xml_is(xml, root) ? s3_xml_get(xml, S3_ETAG) : "";
	return *etag ? g_strdup(etag) : NULL;
}

struct verdict s3_unproven(struct transfer *transfer, const char *key)
{
	g_clear_error(&transfer->error); /* of another part */
	error_set(&transfer->error, ERROR_TRANSIENT, "the server does not confirm that it has '%s'", key);
	return (struct verdict){VERDICT_RETRY};
}

struct verdict s3_no_s3(struct remote_conn *conn, struct transfer *transfer)
{
	g_autofree char *host = s3_place_host(conn->place);
	g_clear_error(&transfer->error);
	error_set(&transfer->error, ERROR_FAILED, "'%s' does not answer as S3 does: its reply about '%s' has no ETag",
		  host, transfer->key);
	error_hint(&transfer->error,
		   "log in to this network if it asks for that; else: git mlv remote modify %s endpointurl <URL>",
		   conn->spec->name);
	return (struct verdict){VERDICT_DENIED};
}

/* --- what can be learned, so that the same request goes well next time --- */

static bool is_region(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < 40 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool learn_region(struct remote_conn *conn, const struct failure *failure)
{
	const char *region = reply_header(failure->reply, "x-amz-bucket-region");
	if (!region && failure->xml)
		region = s3_xml_get(failure->xml, S3_REGION);
	if (!region || !is_region(region) || strcmp(region, conn->place->region) == 0)
		return false;
	g_free(conn->place->region);
	conn->place->region = g_strdup(region);
	return true;
}

static bool learn_time(struct remote_conn *conn, const struct failure *failure)
{
	const char *date = reply_header(failure->reply, "date");
	struct tm tm = {0};
	const char *end = date ? strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;
	if (!end || *end)
		return false;
	int64_t skew = (int64_t)timegm(&tm) - g_get_real_time() / G_USEC_PER_SEC;
	if (ABS(skew - conn->skew) < SKEW_MIN)
		return false;
	conn->skew = skew;
	return true;
}

static bool learn_credentials(struct remote_conn *conn, struct s3_part *own, const struct failure *failure)
{
	static const char *const expired[] = {"ExpiredToken",         "ExpiredTokenException", "InvalidToken",
					      "TokenRefreshRequired", "RequestExpired",        NULL};
	if (own->renewed || !is_one_of(failure->code, expired))
		return false;
	own->renewed = true;
	pthread_mutex_lock(&conn->mutex);
	conn->refuse = true;
	pthread_mutex_unlock(&conn->mutex);
	return true;
}

/* Whether some text speaks of checksums, but not of one that does not match. */
static bool learn_checksum(struct remote_conn *conn, const struct s3_part *own, const struct failure *failure)
{
	if (!own->checksum || conn->no_checksum || strcmp(failure->code, "BadDigest") == 0)
		return false;
	g_autofree char *text = g_strconcat(failure->code, " ", failure->message, NULL);
	g_autofree char *lower = g_ascii_strdown(text, -1);
	if (failure->reply->status != 501 && !strstr(lower, "checksum"))
		return false;
	conn->no_checksum = true;
	return true;
}

/* Whether the same request is worth another try now. */
static bool learn(struct remote_conn *conn, struct s3_part *own, const struct failure *failure)
{
	unsigned status = failure->reply->status;
	bool about_us = status == 301 || status == 307 || status == 308 || status == 400 || status == 401 ||
			status == 403 || status == 501;
	if (!about_us || own->redone >= REDO_MAX)
		return false;
	if (own->lessons == conn->lessons) {
		if (!learn_region(conn, failure) && !learn_credentials(conn, own, failure) &&
		    !learn_checksum(conn, own, failure) && !learn_time(conn, failure))
			return false;
		conn->lessons++;
	}
	own->redone++;
	return true;
}

/* --- what cannot --- */

char *s3_plain_words(const char *code, const char *message)
{
	code = code ? code : "";
	message = message ? message : "";
	if (!*code && !*message)
		return NULL;
	g_autofree char *words = g_strconcat(code, *code && *message ? ": " : "", message, NULL);
	for (char *p = words; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return g_utf8_make_valid(words, (gssize)strnlen(words, MESSAGE_MAX));
}

/* Where the credentials come from. New string. */
static char *credentials_source(struct remote_conn *conn)
{
	pthread_mutex_lock(&conn->mutex);
	char *source = conn->who.anonymous ? NULL : g_strdup(conn->who.source);
	pthread_mutex_unlock(&conn->mutex);
	return source;
}

/* What has to be allowed for a transfer. */
static const char *permission(enum transfer_kind kind)
{
	switch (kind) {
	case TRANSFER_PUT:
		return "s3:PutObject";
	case TRANSFER_DELETE:
		return "s3:DeleteObject";
	case TRANSFER_MOVE:
		return "s3:GetObject, s3:PutObject and s3:DeleteObject";
	case TRANSFER_LIST:
		return "s3:ListBucket";
	case TRANSFER_STAT:
	case TRANSFER_GET:
		break;
	}
	return "s3:GetObject and s3:ListBucket";
}

/* What helps when credentials from `source` are refused with this code. */
static void hint_at_credentials(const struct remote_conn *conn, enum transfer_kind kind, const char *code,
				const char *source, GError **error)
{
	if (strcmp(code, "SignatureDoesNotMatch") == 0)
		error_hint(error, "check the secret key in %s, and that the region is right", source);
	else if (strcmp(code, "InvalidAccessKeyId") == 0)
		error_hint(error, "check the access key in %s, and that the endpoint is right", source);
	else if (strcmp(code, "RequestTimeTooSkewed") == 0)
		error_hint(error, "check the clock of this machine and of the server");
	else if (strstr(code, "Token"))
		error_hint(error, "renew the credentials in %s, as with: aws sso login", source);
	else
		error_hint(error, "these credentials need %s for bucket '%s'; or use others, as with AWS_PROFILE",
			   permission(kind), conn->place->bucket);
}

static struct verdict denied(struct remote_conn *conn, struct transfer *transfer, const struct failure *failure)
{
	g_autofree char *words = s3_plain_words(failure->code, failure->message), *source = credentials_source(conn);
	g_autofree char *name = s3_place_name(conn->place, transfer->key);
	g_autofree char *detail =
		g_strdup_printf("%s%s(%s%s)", words ? words : "", words ? " " : "",
				source ? "with credentials from " : "asked without credentials", source ? source : "");
	g_clear_error(&transfer->error);
	error_set(&transfer->error, ERROR_DENIED, "'%s': HTTP %u: %s", name, failure->reply->status, detail);
	if (source)
		hint_at_credentials(conn, transfer->kind, failure->code, source, &transfer->error);
	else
		error_hint(&transfer->error, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
	return (struct verdict){VERDICT_DENIED};
}

static struct verdict no_bucket(struct remote_conn *conn, struct transfer *transfer)
{
	g_clear_error(&transfer->error);
	g_autofree char *host = s3_place_host(conn->place);
	error_set(&transfer->error, ERROR_NOT_FOUND, "there is no bucket '%s' at '%s'", conn->place->bucket, host);
	error_hint(&transfer->error, "git mlv remote modify %s url s3://<bucket>/<prefix>", conn->spec->name);
	return (struct verdict){VERDICT_DENIED};
}

/* Anything else: described, with a name. */
static struct verdict give_up(struct remote_conn *conn, struct transfer *transfer, const struct failure *failure,
			      enum verdict_kind kind)
{
	g_autofree char *words = s3_plain_words(failure->code, failure->message),
			*name = s3_place_name(conn->place, transfer->key);
	const char *location = reply_header(failure->reply, "location");
	bool redirect = failure->reply->status >= 300 && failure->reply->status < 400;
	GError *error = reply_error(failure->reply, words);
	g_prefix_error(&error, "'%s': ", name);
	if (redirect && location)
		error_hint(&error,
			   "the server says that the bucket is elsewhere: git mlv remote modify %s endpointurl "
			   "<URL>, or set its region",
			   conn->spec->name);
	else if (strcmp(failure->code, "QuotaExceeded") == 0 || failure->reply->status == 507)
		error_hint(&error, "git mlv gc --cloud, or ask for more room");
	g_clear_error(&transfer->error);
	transfer->error = error;
	return (struct verdict){kind};
}

static struct verdict judge_network(const GError *error)
{
	if (error_is(error, ERROR_TRANSIENT))
		return (struct verdict){VERDICT_RETRY};
	return (struct verdict){error_is(error, ERROR_DENIED) ? VERDICT_DENIED : VERDICT_BROKEN};
}

static bool is_overload(const struct failure *failure)
{
	static const char *const codes[] = {"SlowDown",
					    "ServiceUnavailable",
					    "Busy",
					    "Throttling",
					    "RequestLimitExceeded",
					    "BandwidthLimitExceeded",
					    "TooManyRequests",
					    NULL};
	return failure->reply->status == 503 || failure->reply->status == 429 || is_one_of(failure->code, codes);
}

static bool may_heal(const struct failure *failure)
{
	static const char *const codes[] = {"InternalError",  "OperationAborted", "ConditionalRequestConflict",
					    "RequestTimeout", "IncompleteBody",   NULL};
	return reply_is_transient(failure->reply) || is_one_of(failure->code, codes);
}

static bool is_denial(const struct failure *failure)
{
	static const char *const codes[] = {
		"AccessDenied", "SignatureDoesNotMatch",        "InvalidAccessKeyId",   "InvalidToken",
		"ExpiredToken", "AuthorizationHeaderMalformed", "RequestTimeTooSkewed", NULL};
	return failure->reply->status == 401 || is_one_of(failure->code, codes) ||
	       (failure->reply->status == 403 && strcmp(failure->code, "QuotaExceeded") != 0);
}

static struct verdict judge(struct remote_conn *conn, struct transfer *transfer, struct s3_part *own,
			    const struct failure *failure)
{
	if (learn(conn, own, failure))
		return (struct verdict){VERDICT_NEXT};
	bool overload = is_overload(failure);
	if (overload || may_heal(failure)) {
		struct verdict verdict = give_up(conn, transfer, failure, VERDICT_RETRY);
		verdict.overloaded = overload;
		verdict.delay_ms = reply_retry_after(failure->reply);
		return verdict;
	}
	if (strcmp(failure->code, "NoSuchBucket") == 0)
		return no_bucket(conn, transfer);
	if (is_denial(failure))
		return denied(conn, transfer, failure);
	bool silent = transfer->kind == TRANSFER_STAT || transfer->kind == TRANSFER_DELETE;
	if (failure->reply->status == 404 && silent)
		return (struct verdict){VERDICT_ABSENT};
	/* a listing that is nowhere is not an empty one */
	bool absent = failure->reply->status == 404 && transfer->kind != TRANSFER_LIST;
	return give_up(conn, transfer, failure, absent ? VERDICT_ABSENT : VERDICT_BROKEN);
}

struct verdict s3_failure(struct remote_conn *conn, struct transfer *transfer, unsigned part, const struct reply *reply)
{
	if (reply->error)
		return judge_network(reply->error);
	autoptr(s3_xml) xml = parse_reply(reply);
	struct failure failure = {reply, xml, "", ""};
	if (xml && s3_xml_is(xml, "Error")) {
		failure.code = s3_xml_get(xml, S3_CODE);
		failure.message = s3_xml_get(xml, S3_MESSAGE);
	}
	return judge(conn, transfer, s3_part(transfer, part), &failure);
}
