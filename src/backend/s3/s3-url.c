#include "backend/s3/s3-url.h"

#include "backend/s3/sigv4.h"
#include "base/error.h"

#include <string.h>

#define GS_ENDPOINT "https://storage.googleapis.com"

/* What names of hosts are made of, in small letters. */
#define HOST_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-."

/* Longest names that S3 has or had. */
#define BUCKET_MAX 255

/* The url itself is not told: people write secrets into it. */
static bool usage(const struct remote_spec *spec, GError **error, const char *why)
{
	error_set(error, ERROR_USAGE, "its url %s", why);
	error_hint(error, "git mlv remote modify %s url s3://<bucket>/<prefix>", spec->name);
	return false;
}

/* Names that fit in a host's name: everywhere else the bucket goes into the path. */
static bool is_host_label(const char *bucket)
{
	size_t length = strlen(bucket);
	return length >= 3 && length <= 63 && strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == length &&
	       bucket[0] != '-' && bucket[length - 1] != '-';
}

/* No empty, "." or ".." parts: such URLs are changed on their way. */
static bool is_plain_path(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");
		if (length == 0 || (length <= 2 && strspn(path, ".") == length))
			return false;
		if (!path[length])
			return true;
		path += length + 1;
	}
}

static bool read_url(struct s3_place *place, const struct remote_spec *spec, GError **error)
{
	const char *bucket = strstr(spec->url, "://") + 3;
	place->scheme = g_ascii_strdown(spec->url, bucket - 3 - spec->url);
	size_t length = strcspn(bucket, "/");
	if (length == 0 || length > BUCKET_MAX || strcspn(bucket, "?#@%\\ ") < length)
		return usage(spec, error, "does not name a bucket");
	place->bucket = g_strndup(bucket, length);
	const char *rest = bucket + length + strspn(bucket + length, "/");
	g_autofree char *prefix = g_strdup(rest);
	for (size_t end = strlen(prefix); end && prefix[end - 1] == '/'; end--)
		prefix[end - 1] = '\0';
	if (*prefix && !is_plain_path(prefix))
		return usage(spec, error, "has a path with empty, '.' or '..' parts");
	place->prefix = *prefix ? g_strconcat(prefix, "/", NULL) : g_strdup("");
	return true;
}

static bool read_flag(const struct remote_spec *spec, const char *name, bool *flag, GError **error)
{
	const char *text = remote_spec_get(spec, name);
	if (!text || !g_ascii_strcasecmp(text, "auto"))
		return true;
	*flag = !g_ascii_strcasecmp(text, "true");
	if (*flag || !g_ascii_strcasecmp(text, "false"))
		return true;
	error_set(error, ERROR_USAGE, "%s: '%s' is neither true nor false", name, text);
	error_hint(error, "git mlv remote modify %s %s true", spec->name, name);
	return false;
}

static bool read_endpoint(struct s3_place *place, const struct remote_spec *spec, const char *endpoint, GError **error)
{
	bool http = g_str_has_prefix(endpoint, "http://"), https = g_str_has_prefix(endpoint, "https://");
	const char *host = endpoint + (https ? strlen("https://") : strlen("http://"));
	if ((!http && !https) || strcspn(host, "/?#@ ") == 0 || strpbrk(host, "?#@ ")) {
		error_set(error, ERROR_USAGE, "endpointurl: this is not of the form https://host[:port]");
		error_hint(error, "git mlv remote modify %s endpointurl https://<host>", spec->name);
		return false;
	}
	place->endpoint = g_strdup(endpoint);
	for (size_t end = strlen(endpoint); place->endpoint[end - 1] == '/'; end--)
		place->endpoint[end - 1] = '\0';
	return true;
}

struct s3_place *s3_place_new(const struct remote_spec *spec, const char *endpoint, const char *region, GError **error)
{
	autoptr(s3_place) place = g_new0(struct s3_place, 1);
	bool is_gs = g_str_has_prefix(spec->url, "gs://");
	if (!endpoint && is_gs)
		endpoint = GS_ENDPOINT;
	if (!region)
		region = is_gs ? "auto" : "us-east-1";
	place->region = g_strdup(region);
	place->tls = true;
	if (!read_url(place, spec, error) || (endpoint && !read_endpoint(place, spec, endpoint, error)))
		return NULL;
	place->in_path = endpoint || !is_host_label(place->bucket);
	if (!read_flag(spec, "use_ssl", &place->tls, error) || !read_flag(spec, "path_style", &place->in_path, error))
		return NULL;
	if (!place->in_path && !is_host_label(place->bucket)) {
		usage(spec, error, "names a bucket that does not fit in the name of a host");
		error_hint(error, "git mlv remote modify %s path_style true", spec->name);
		return NULL;
	}
	return g_steal_pointer(&place);
}

void s3_place_free(struct s3_place *place)
{
	if (!place)
		return;
	g_free(place->scheme);
	g_free(place->bucket);
	g_free(place->prefix);
	g_free(place->endpoint);
	g_free(place->region);
	g_free(place);
}

/* The endpoint as it is now. New string. */
static char *endpoint_url(const struct s3_place *place)
{
	if (place->endpoint)
		return g_strdup(place->endpoint);
	return g_strdup_printf("%s://s3.%s.amazonaws.com%s", place->tls ? "https" : "http", place->region,
			       g_str_has_prefix(place->region, "cn-") ? ".cn" : "");
}

char *s3_place_url(const struct s3_place *place, const char *key, const char *query)
{
	g_autofree char *endpoint = endpoint_url(place);
	const char *host = strstr(endpoint, "://") + 3;
	GString *url = g_string_new_len(endpoint, host - endpoint);
	if (!place->in_path)
		g_string_append_printf(url, "%s.", place->bucket);
	g_string_append_printf(url, "%s/", host);
	if (place->in_path)
		sigv4_encode(url, place->bucket, false);
	if (key) {
		if (place->in_path)
			g_string_append_c(url, '/');
		sigv4_encode(url, place->prefix, true);
		sigv4_encode(url, key, true);
	}
	if (query)
		g_string_append_printf(url, "?%s", query);
	return g_string_free(url, FALSE);
}

char *s3_place_source(const struct s3_place *place, const char *key)
{
	GString *source = g_string_new("/");
	sigv4_encode(source, place->bucket, false);
	g_string_append_c(source, '/');
	sigv4_encode(source, place->prefix, true);
	sigv4_encode(source, key, true);
	return g_string_free(source, FALSE);
}

char *s3_place_host(const struct s3_place *place)
{
	g_autofree char *endpoint = endpoint_url(place);
	const char *host = strstr(endpoint, "://") + 3;
	if (*host == '[')
		return g_strndup(host + 1, strcspn(host + 1, "]"));
	return g_ascii_strdown(host, (gssize)strcspn(host, ":/"));
}

/* A region as AWS calls them, such as "us-gov-west-1"; also behind "fips-", as some old hosts have it. */
static bool is_aws_region(const char *text)
{
	size_t length = strlen(text), first = strcspn(text, "-"), last = length;
	while (last > 0 && g_ascii_isdigit(text[last - 1]))
		last--;
	return first >= 2 && first <= 4 && last < length && last > first + 1 && text[last - 1] == '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz-") == last;
}

/* Whether the last of these labels, which "amazonaws.com" follows, are those of S3; a bucket may come before them. */
static bool ends_as_s3(char **labels, guint count)
{
	const char *last = labels[count - 1];
	const char *service = count > 1 ? labels[count - 2] : "";
	if (strcmp(last, "s3") == 0 || strcmp(last, "s3-accelerate") == 0)
		return true;
	if (g_str_has_prefix(last, "s3-") && is_aws_region(last + strlen("s3-")))
		return true;
	if (strcmp(last, "dualstack") == 0)
		return strcmp(service, "s3-accelerate") == 0;
	if (!is_aws_region(last))
		return false;
	if (strcmp(service, "dualstack") == 0)
		service = count > 2 ? labels[count - 3] : "";
	return strcmp(service, "s3") == 0 || strcmp(service, "s3-fips") == 0;
}

bool s3_host_is_aws(const char *host)
{
	static const char *const domains[] = {".amazonaws.com", ".amazonaws.com.cn"};
	for (size_t i = 0; i < G_N_ELEMENTS(domains); i++) {
		if (!g_str_has_suffix(host, domains[i]))
			continue;
		g_autofree char *rest = g_strndup(host, strlen(host) - strlen(domains[i]));
		g_auto(GStrv) labels = g_strsplit(rest, ".", -1);
		guint count = g_strv_length(labels);
		return count > 0 && strspn(rest, HOST_CHARS) == strlen(rest) && ends_as_s3(labels, count);
	}
	return false;
}

bool s3_host_is_local(const char *host)
{
	return strcmp(host, "localhost") == 0 || g_str_has_suffix(host, ".localhost") || strcmp(host, "::1") == 0 ||
	       (g_str_has_prefix(host, "127.") && g_hostname_is_ip_address(host));
}

char *s3_place_name(const struct s3_place *place, const char *key)
{
	return g_strconcat(place->scheme, "://", place->bucket, "/", place->prefix, key, NULL);
}
