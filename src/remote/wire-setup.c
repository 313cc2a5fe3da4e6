#include "remote/wire-int.h"

#include <string.h>

/* Buffers of a request: small ones keep many requests at once cheap, large ones keep system calls few. */
#define BUFFER_SMALL ((long)64 << 10)
#define BUFFER_LARGE ((long)256 << 10)
#define LARGE_RANGE  ((uint64_t)1 << 20)

#define CONNECT_TIMEOUT 30L
#define STALL_TIMEOUT   60u

/*
 * Slower than this over the stall time counts as stalled. With a rate limit many requests wait their turn for long: then only
 * one that does not move at all, and for longer.
 */
#define STALL_BYTES_PER_SECOND 512L
#define STALL_TURNS            16

void wire_init(void)
{
	static gsize initialized;
	if (g_once_init_enter(&initialized)) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		g_once_init_leave(&initialized, 1);
	}
}

static void add_headers(struct exchange *exchange, const GPtrArray *lines)
{
	for (guint i = 0; lines && i < lines->len; i++)
		exchange->headers = curl_slist_append(exchange->headers, g_ptr_array_index(lines, i));
}

static bool has_header(const struct exchange *exchange, const char *name)
{
	for (const struct curl_slist *line = exchange->headers; line; line = line->next)
		if (g_ascii_strncasecmp(line->data, name, strlen(name)) == 0 && line->data[strlen(name)] == ':')
			return true;
	return false;
}

static void set_headers(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	g_clear_pointer(&exchange->headers, curl_slist_free_all);
	add_headers(exchange, request->headers);
	if (!exchange->foreign) {
		add_headers(exchange, request->secrets);
		add_headers(exchange, request->access ? request->access->headers : NULL);
	}
	/* libcurl's own: a pause for a "100 Continue" that few servers send, and the type of a form */
	exchange->headers = curl_slist_append(exchange->headers, "Expect:");
	if (!has_header(exchange, "Content-Type"))
		exchange->headers = curl_slist_append(exchange->headers, "Content-Type:");
	if (!has_header(exchange, "Accept"))
		exchange->headers = curl_slist_append(exchange->headers, "Accept: */*");
	curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->headers);
}

static void set_login(const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	CURL *easy = exchange->easy;
	if (exchange->foreign)
		return;
	if (request->user)
		curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
	if (request->password)
		curl_easy_setopt(easy, CURLOPT_PASSWORD, request->password);
	switch (request->auth) {
	case AUTH_NONE:
		break;
	case AUTH_BASIC:
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		break;
	case AUTH_DIGEST:
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
		break;
	case AUTH_ANY:
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_ANY);
		if (!request->user) /* as Git does */
			curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
		break;
	}
}

static void set_text(CURL *easy, CURLoption option, const char *text)
{
	if (text)
		curl_easy_setopt(easy, option, text);
}

static void set_ssh(CURL *easy, const struct access *access)
{
	long ways = CURLSSH_AUTH_PUBLICKEY | CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD;
	/* without a file libcurl would not check the host at all */
	curl_easy_setopt(easy, CURLOPT_SSH_KNOWNHOSTS, access && access->known_hosts ? access->known_hosts : "/dev/null");
	if (access && access->ssh_agent)
		ways |= CURLSSH_AUTH_AGENT;
	curl_easy_setopt(easy, CURLOPT_SSH_AUTH_TYPES, ways);
	if (access)
		set_text(easy, CURLOPT_SSH_PRIVATE_KEYFILE, access->ssh_key);
}

static void set_access(const struct exchange *exchange, unsigned stall)
{
	const struct access *access = exchange->request->access;
	CURL *easy = exchange->easy;
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, exchange->rate ? 1L : STALL_BYTES_PER_SECOND);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
			 (long)(stall ? stall : STALL_TIMEOUT) * (exchange->rate ? STALL_TURNS : 1));
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT,
			 access && access->connect_timeout ? (long)access->connect_timeout : CONNECT_TIMEOUT);
	set_ssh(easy, access);
	if (!access)
		return;
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, access->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, access->insecure ? 0L : 2L);
	set_text(easy, CURLOPT_CAINFO, access->ca_file);
	set_text(easy, CURLOPT_CAPATH, access->ca_path);
	set_text(easy, CURLOPT_PROXY, access->proxy);
	set_text(easy, CURLOPT_USERAGENT, access->user_agent);
	if (exchange->foreign)
		return;
	set_text(easy, CURLOPT_SSLCERT, access->cert);
	set_text(easy, CURLOPT_SSLKEY, access->key);
	set_text(easy, CURLOPT_KEYPASSWD, access->key_password);
}

/* The method, and the body that goes with it. */
static void set_method(const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	CURL *easy = exchange->easy;
	bool http = g_str_has_prefix(exchange->url, "http");
	if (request->send != SEND_NOTHING) {
		uint64_t length = request->send == SEND_BYTES ? g_bytes_get_size(request->bytes) : request->length;
		if (!http && request->send == SEND_RANGE) /* libcurl takes off what it resumes from */
			length += request->offset;
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)length);
		curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, length >= LARGE_RANGE ? BUFFER_LARGE : BUFFER_SMALL);
	} else if (strcmp(request->method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (http)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static struct curl_slist *list_of(const GPtrArray *lines)
{
	struct curl_slist *list = NULL;
	for (guint i = 0; lines && i < lines->len; i++)
		list = curl_slist_append(list, g_ptr_array_index(lines, i));
	return list;
}

/* What sftp needs besides: where to begin, and commands around the transfer. HTTP says so in its headers. */
static void set_sftp(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	CURL *easy = exchange->easy;
	exchange->before = list_of(request->before);
	exchange->after = list_of(request->after);
	curl_easy_setopt(easy, CURLOPT_QUOTE, exchange->before);
	curl_easy_setopt(easy, CURLOPT_POSTQUOTE, exchange->after);
	if (request->take == TAKE_NOTHING && request->send == SEND_NOTHING)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	if (request->send == SEND_RANGE && request->offset)
		curl_easy_setopt(easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)request->offset);
	if (request->take != TAKE_RANGE)
		return;
	if (request->length) {
		g_autofree char *range = g_strdup_printf("%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, request->offset,
							 request->offset + request->length - 1);
		curl_easy_setopt(easy, CURLOPT_RANGE, range);
	} else if (request->offset) {
		curl_easy_setopt(easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)request->offset);
	}
}

/*
 * HTTP/2 over TLS where it is offered, but not for uploads: one that is refused early ends there, with libcurl 7.88,
 * without the status that tells why.
 */
static long http_version(const struct request *request)
{
	bool old = request->send == SEND_RANGE || (request->access && request->access->http1);
	return old ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;
}

void wire_set_up(struct exchange *exchange, unsigned stall)
{
	const struct request *request = exchange->request;
	CURL *easy = exchange->easy;
	bool large = request->take == TAKE_RANGE && (request->length == 0 || request->length >= LARGE_RANGE);
	curl_easy_reset(easy);
	exchange->text[0] = 0;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->text);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* Ctrl-C does not wait for a name server */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,sftp");
	curl_easy_setopt(easy, CURLOPT_URL, exchange->url);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, http_version(request));
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, large ? BUFFER_LARGE : BUFFER_SMALL);
	set_access(exchange, stall);
	set_login(exchange);
	set_method(exchange);
	if (g_str_has_prefix(exchange->url, "http"))
		set_headers(exchange);
	else
		set_sftp(exchange);
	wire_set_body(exchange);
	wire_watch_sockets(exchange);
}

void exchange_free(struct exchange *exchange)
{
	curl_slist_free_all(exchange->headers);
	curl_slist_free_all(exchange->before);
	curl_slist_free_all(exchange->after);
	g_clear_error(&exchange->error);
	g_free(exchange->small);
	g_free(exchange->url);
	g_free(exchange);
}
