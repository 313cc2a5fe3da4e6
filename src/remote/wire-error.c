#include "base/cancel.h"
#include "base/error.h"
#include "remote/wire-int.h"

#include <string.h>

/* What a code of libcurl means for who must decide whether to try again. */
static enum error_code code_of(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_PARTIAL_FILE:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_FAIL_REWIND:
	case CURLE_AGAIN:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_SSH:
	case CURLE_CHUNK_FAILED:
	case CURLE_NO_CONNECTION_AVAILABLE:
		return ERROR_TRANSIENT;
	case CURLE_REMOTE_ACCESS_DENIED:
	case CURLE_LOGIN_DENIED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_AUTH_ERROR:
	case CURLE_SSL_CLIENTCERT:
		return ERROR_DENIED;
	case CURLE_REMOTE_FILE_NOT_FOUND:
		return ERROR_NOT_FOUND;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_NOT_BUILT_IN:
		return ERROR_USAGE;
	case CURLE_REMOTE_DISK_FULL:
		return ERROR_IO;
	default:
		return ERROR_FAILED;
	}
}

/* "scheme://host:port" of an URL without user and password; the whole hint needs no more. New string. */
static char *origin_text(const char *url)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	size_t length = strcspn(host, "/?#");
	const char *at = g_strrstr_len(host, (gssize)length, "@");
	if (at) {
		length -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	return g_strdup_printf("%.*s%.*s", (int)(strstr(url, "://") ? strcspn(url, ":") + 3 : 0), url, (int)length,
			       host);
}

static void hint(const struct exchange *exchange, CURLcode code, GError **error)
{
	g_autofree char *origin = origin_text(exchange->url);
	bool ssh = g_str_has_prefix(exchange->url, "sftp:");
	if (code == CURLE_PEER_FAILED_VERIFICATION && !ssh)
		error_hint(error, "git config --global http.%s/.sslCAInfo <file>, if its certificate is to be trusted",
			   origin);
	else if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT)
		error_hint(error, "check the remote's URL and that the server runs: git mlv remote list");
}

static void take_error(struct exchange *exchange, CURLcode code)
{
	struct reply *reply = &exchange->reply;
	g_autofree char *origin = origin_text(exchange->url);
	const char *text = exchange->text[0] ? exchange->text : curl_easy_strerror(code);
	if (exchange->error)
		reply->error = g_steal_pointer(&exchange->error);
	else if (!cancel_check(&reply->error))
		return;
	else {
		error_set(&reply->error, code_of(code), "%s: %s", origin, text);
		hint(exchange, code, &reply->error);
	}
}

/* Whether a range that came whole, for all that libcurl knows, is as long as it should be. */
static bool is_complete(const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	return !exchange->ranged || request->length == 0 ||
	       exchange->position == request->offset + request->length;
}

void wire_judge(struct exchange *exchange, CURLcode code)
{
	struct reply *reply = &exchange->reply;
	long status = 0;
	curl_off_t size = -1;
	curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(exchange->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
	bool http = g_str_has_prefix(exchange->url, "http");
	reply->status = http ? (unsigned)status : 0;
	reply->size = size > 0 ? (uint64_t)size : 0;
	reply->url = g_strdup(exchange->url);
	if (reply->body) { /* text for who reads it so */
		g_byte_array_append(reply->body, (const guint8 *)"", 1);
		reply->body->len--;
	}
	if (code != CURLE_OK)
		take_error(exchange, code);
	else if (http && status == 0)
		error_set(&reply->error, ERROR_TRANSIENT, "the server gave no reply");
	else if (!is_complete(exchange))
		error_set(&reply->error, ERROR_TRANSIENT, "the server ended early");
}
