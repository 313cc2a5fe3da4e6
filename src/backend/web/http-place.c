#include "backend/web/http-int.h"
#include "base/error.h"
#include "remote/urlmatch.h"

#include <string.h>

/* A longer chain of redirects leads nowhere. */
#define REDIRECTS 10

/* What may stand in a path as it is (RFC 3986), and the '%' of what is escaped already. */
#define PATH_CHARACTERS "!$&'()*+,;=:@/%"

/* The URL without user, password and the '/' at its end, with the scheme of the wire. NULL with the error set. */
static char *clean_url(const char *url, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url,
					  G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_HAS_PASSWORD |
						  G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY,
					  NULL);
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	if (!host || !*host || g_uri_get_query(uri) || g_uri_get_fragment(uri)) {
		error_set(error, ERROR_USAGE, host && *host ? "its URL may have no '?' or '#'" : "its URL has no host");
		return NULL;
	}
	const char *scheme = g_uri_get_scheme(uri);
	if (g_str_has_prefix(scheme, "webdav"))
		scheme = g_str_has_suffix(scheme, "s") ? "https" : "http";
	g_autofree char *path = g_uri_escape_string(g_uri_get_path(uri), PATH_CHARACTERS, FALSE);
	g_autofree char *port = g_uri_get_port(uri) > 0 ? g_strdup_printf(":%d", g_uri_get_port(uri)) : g_strdup("");
	bool ipv6 = strchr(host, ':') != NULL;
	char *clean = g_strdup_printf("%s://%s%s%s%s%s", scheme, ipv6 ? "[" : "", host, ipv6 ? "]" : "", port, path);
	while (g_str_has_suffix(clean, "/"))
		clean[strlen(clean) - 1] = 0;
	return clean;
}

struct remote_conn *http_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	struct remote_conn *conn = g_new0(struct remote_conn, 1);

	conn->name = g_strdup(spec->name);
	conn->mode = mode;
	conn->base = clean_url(spec->url, error);
	conn->access = conn->base ? access_new(spec, conn->base, error) : NULL;
	conn->credential = conn->access ? credential_new(spec, spec->url, error) : NULL;
	if (conn->credential)
		return conn;
	http_free(conn);
	return NULL;
}

void http_free(struct remote_conn *conn)
{
	g_free(conn->name);
	g_free(conn->base);
	access_free(conn->access);
	credential_free(conn->credential);
	g_free(conn);
}

char *http_url(const struct remote_conn *conn, const char *key)
{
	g_autofree char *escaped = g_uri_escape_string(key, "/", FALSE);

	return g_strconcat(conn->base, "/", escaped, NULL);
}

struct request *http_request(struct remote_conn *conn, struct errand *errand, const char *method, const char *key)
{
	g_autofree char *url = http_url(conn, key);
	struct request *request = request_new(method, url, conn->access);

	errand->login = credential_apply(conn->credential, request);
	errand->digest = request->auth == AUTH_DIGEST;
	/* what is written must not end up elsewhere */
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		request->redirects = REDIRECTS;
	return request;
}

struct errand *errand_of(struct transfer *transfer, unsigned part)
{
	if (!transfer->state)
		transfer->state = g_new0(struct errand, 1);
	struct errand *errand = transfer->state;
	return part ? &errand->parts[part - 1] : errand;
}

bool http_is_fine(const struct reply *reply)
{
	return !reply->error && reply->status >= 200 && reply->status < 300;
}

bool http_is_absent(const struct reply *reply)
{
	return !reply->error && (reply->status == 404 || reply->status == 410);
}

/* [any] Get another login than the one that was refused. */
static bool job_login(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	return credential_renew(conn->credential, errand_of(transfer, part)->login, error);
}

bool http_shape_login(struct remote_conn *conn, struct errand *errand, struct step *step)
{
	if (!errand->asking && !credential_is_due(conn->credential))
		return false;
	errand->asking = true;
	step->kind = STEP_JOB;
	step->job = job_login;
	return true;
}

/* Whether our server answered, and not one that it had sent us to, which gets no login. */
static bool is_ours(const struct remote_conn *conn, const struct reply *reply)
{
	g_autofree char *ours = urlmatch_origin(conn->base), *theirs = reply->url ? urlmatch_origin(reply->url) : NULL;

	return !theirs || strcmp(ours, theirs) == 0;
}

/* Whether it is a 401, be it cut off as one may be that comes before all of an upload was sent. */
static bool is_refused(const struct errand *errand, const struct reply *reply)
{
	return reply->status == 401 && (!reply->error || (error_is(reply->error, ERROR_TRANSIENT) && !errand->digest));
}

bool http_judge_login(struct remote_conn *conn, struct errand *errand, struct transfer *transfer,
		      const struct reply *reply, struct verdict *verdict)
{
	g_clear_error(&transfer->error);
	if (errand->asking) {
		errand->asking = false;
		verdict->kind = !reply->error                          ? VERDICT_NEXT
				: error_is(reply->error, ERROR_DENIED) ? VERDICT_DENIED
								       : VERDICT_BROKEN;
		return true;
	}
	if (!is_refused(errand, reply) || !is_ours(conn, reply)) {
		if (!reply->error && reply->status >= 200 && reply->status < 400)
			credential_accept(conn->credential, errand->login);
		return false;
	}
	credential_challenge(conn->credential, reply);
	errand->asking = true;
	verdict->kind = VERDICT_NEXT;
	return true;
}

bool http_job_unable(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)part;
	(void)transfer;
	error_set(error, ERROR_USAGE, "an http remote can neither list, move nor delete what it holds");
	error_hint(error, "git mlv remote modify %s url webdav://…, if the server knows WebDAV", conn->name);
	return false;
}

/* A URL that was moved should be set anew: what is written does not follow. */
static void hint_at_location(struct remote_conn *conn, const struct reply *reply, GError **error)
{
	if (reply->status >= 300 && reply->status < 400 && reply_header(reply, "location"))
		error_hint(error, "the server has moved: git mlv remote modify %s url <new URL>", conn->name);
}

struct verdict http_fail(struct remote_conn *conn, struct transfer *transfer, const struct reply *reply,
			 const char *what, const char *hint)
{
	GError *error = reply_error(reply, NULL);
	bool locked = !reply->error && reply->status == 423;
	struct verdict verdict = {VERDICT_BROKEN};

	if (!reply->error && (reply->status == 405 || reply->status == 501))
		error->code = ERROR_DENIED; /* a server that lets nobody write says so by refusing the method */
	g_prefix_error(&error, "%s '%s': ", what, transfer->key);
	if (!reply->error && hint)
		error_hint(&error, "%s", hint);
	if (!reply->error)
		hint_at_location(conn, reply, &error);
	if (reply_is_transient(reply) || locked) {
		verdict.kind = VERDICT_RETRY;
		verdict.overloaded = reply->status == 429 || reply->status == 503;
		verdict.delay_ms = reply_retry_after(reply);
	} else if (error_is(error, ERROR_DENIED)) {
		verdict.kind = VERDICT_DENIED;
	}
	g_clear_error(&transfer->error);
	transfer->error = error;
	return verdict;
}
