#include "backend/s3/sigv4.h"

#include "hash/digest.h"

#include <string.h>
#include <time.h>

#define ALGORITHM "AWS4-HMAC-SHA256"

/* Bytes of an HMAC-SHA256. */
#define MAC_LENGTH 32

/* "20130524T000000Z" with its NUL; its first DAY_LENGTH characters are the day. */
#define STAMP_MAX  17
#define DAY_LENGTH 8

void sigv4_encode(GString *out, const char *text, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (g_ascii_isalnum(*p) || strchr("-._~", *p) || (keep_slash && *p == '/')) {
			g_string_append_c(out, (char)*p);
			continue;
		}
		g_string_append_c(out, '%');
		g_string_append_c(out, digits[*p >> 4]);
		g_string_append_c(out, digits[*p & 15]);
	}
}

static void format_stamp(int64_t seconds, char out[STAMP_MAX])
{
	time_t time = (time_t)seconds;
	struct tm tm;
	if (!gmtime_r(&time, &tm) || !strftime(out, STAMP_MAX, "%Y%m%dT%H%M%SZ", &tm))
		memcpy(out, "19700101T000000Z", STAMP_MAX);
}

/* Append bytes in lower-case hex. */
static void append_hex(GString *out, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		g_string_append_printf(out, "%02x", bytes[i]);
}

static void append_sha256(GString *out, const GString *text)
{
	struct oid oid;
	digest_bytes(text->str, text->len, OID_SHA256, &oid);
	append_hex(out, oid.digest, MAC_LENGTH);
}

/* The parts of a URL, borrowed from it; each ends where the next begins or the text ends. */
struct url_parts {
	const char *scheme, *host, *path, *query;
	size_t host_length, path_length;
};

static struct url_parts split_url(const char *url)
{
	struct url_parts parts = {.scheme = url};
	const char *begin = strstr(url, "://");
	parts.host = begin ? begin + 3 : url;
	parts.host_length = strcspn(parts.host, "/?#");
	parts.path = parts.host + parts.host_length;
	parts.path_length = strcspn(parts.path, "?#");
	parts.query = parts.path[parts.path_length] == '?' ? parts.path + parts.path_length + 1 : "";
	return parts;
}

/* The Host header that goes with the URL: without a port that the scheme implies. New string. */
static char *host_header(const struct url_parts *parts)
{
	char *host = g_ascii_strdown(parts->host, (gssize)parts->host_length);
	const char *port = g_str_has_prefix(parts->scheme, "https://") ? ":443" : ":80";
	if (g_str_has_suffix(host, port))
		host[strlen(host) - strlen(port)] = '\0';
	return host;
}

static gint compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The query's "name=value"s in order. A name without '=' gets one; '=' sorts before all that a name may have but '-',
 * '.' and '%', so names are compared by themselves. */
static gint compare_params(gconstpointer a, gconstpointer b)
{
	const char *left = *(const char *const *)a, *right = *(const char *const *)b;
	size_t left_name = strcspn(left, "="), right_name = strcspn(right, "=");
	int order = memcmp(left, right, MIN(left_name, right_name));
	if (order == 0 && left_name != right_name)
		return left_name < right_name ? -1 : 1;
	return order ? order : strcmp(left, right);
}

static void append_query(GString *out, const char *query)
{
	g_auto(GStrv) params = g_strsplit(query, "&", -1);
	guint count = g_strv_length(params);
	qsort(params, count, sizeof(*params), compare_params);
	for (guint i = 0; i < count; i++)
		g_string_append_printf(out, "%s%s%s", i ? "&" : "", params[i], strchr(params[i], '=') ? "" : "=");
}

/* "Name:  a  b " becomes "name:a b". New string. */
static char *canonical_header(const char *header)
{
	size_t name = strcspn(header, ":");
	GString *out = g_string_new_len(header, (gssize)name);
	g_string_ascii_down(out);
	g_string_append_c(out, ':');
	const char *value = header[name] ? header + name + 1 : "";
	for (value += strspn(value, " \t"); *value; value++) {
		bool blank = *value == ' ' || *value == '\t';
		if (!blank)
			g_string_append_c(out, *value);
		else if (value[1] && value[1] != ' ' && value[1] != '\t')
			g_string_append_c(out, ' ');
	}
	return g_string_free(out, FALSE);
}

/* All headers in the form that is signed, sorted. */
static GPtrArray *canonical_headers(const struct request *request, const char *host)
{
	GPtrArray *headers = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(headers, g_strdup_printf("host:%s", host));
	for (guint i = 0; i < request->headers->len; i++)
		g_ptr_array_add(headers, canonical_header(request->headers->pdata[i]));
	for (guint i = 0; i < request->secrets->len; i++)
		g_ptr_array_add(headers, canonical_header(request->secrets->pdata[i]));
	g_ptr_array_sort(headers, compare_strings);
	return headers;
}

/* "host;range;x-amz-date". New string. */
static char *signed_names(const GPtrArray *headers)
{
	GString *names = g_string_new(NULL);
	for (guint i = 0; i < headers->len; i++) {
		const char *header = headers->pdata[i];
		if (i)
			g_string_append_c(names, ';');
		g_string_append_len(names, header, (gssize)strcspn(header, ":"));
	}
	return g_string_free(names, FALSE);
}

/* The text whose hash stands for the request. */
static GString *canonical_request(const struct request *request, const GPtrArray *headers, const char *names,
				  const char *payload_hash)
{
	struct url_parts parts = split_url(request->url);
	GString *text = g_string_new(request->method);
	g_string_append_c(text, '\n');
	if (parts.path_length)
		g_string_append_len(text, parts.path, (gssize)parts.path_length);
	else
		g_string_append_c(text, '/');
	g_string_append_c(text, '\n');
	append_query(text, parts.query);
	for (guint i = 0; i < headers->len; i++)
		g_string_append_printf(text, "\n%s", (const char *)headers->pdata[i]);
	g_string_append_printf(text, "\n\n%s\n%s", names, payload_hash);
	return text;
}

static void mac_text(const void *key, size_t length, const char *text, uint8_t out[MAC_LENGTH])
{
	digest_hmac_sha256(key, length, text, strlen(text), out);
}

/* The key for one day, region and service. */
static void derive_key(const struct sigv4 *sigv4, const char *day, uint8_t key[MAC_LENGTH])
{
	g_autofree char *secret = g_strconcat("AWS4", sigv4->secret_key, NULL);
	mac_text(secret, strlen(secret), day, key);
	mac_text(key, MAC_LENGTH, sigv4->region, key);
	mac_text(key, MAC_LENGTH, sigv4->service, key);
	mac_text(key, MAC_LENGTH, "aws4_request", key);
	explicit_bzero(secret, strlen(secret));
}

void sigv4_sign(const struct sigv4 *sigv4, struct request *request, const char *payload_hash)
{
	char stamp[STAMP_MAX], day[DAY_LENGTH + 1] = "";
	format_stamp(sigv4->time, stamp);
	memcpy(day, stamp, DAY_LENGTH);
	request_header(request, "x-amz-date", stamp);
	if (strcmp(sigv4->service, "s3") == 0)
		request_header(request, "x-amz-content-sha256", payload_hash);
	if (sigv4->session_token)
		request_secret(request, "x-amz-security-token", sigv4->session_token);

	struct url_parts parts = split_url(request->url);
	g_autofree char *host = host_header(&parts);
	g_autoptr(GPtrArray) headers = canonical_headers(request, host);
	g_autofree char *names = signed_names(headers);
	g_autofree char *scope = g_strdup_printf("%s/%s/%s/aws4_request", day, sigv4->region, sigv4->service);
	g_autoptr(GString) canonical = canonical_request(request, headers, names, payload_hash);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_printf(text, ALGORITHM "\n%s\n%s\n", stamp, scope);
	append_sha256(text, canonical);

	uint8_t key[MAC_LENGTH], signature[MAC_LENGTH];
	derive_key(sigv4, day, key);
	digest_hmac_sha256(key, sizeof(key), text->str, text->len, signature);
	explicit_bzero(key, sizeof(key));
	g_string_printf(text, ALGORITHM " Credential=%s/%s,SignedHeaders=%s,Signature=", sigv4->access_key, scope,
			names);
	append_hex(text, signature, sizeof(signature));
	request_secret(request, "Authorization", text->str);
}
