#include "backend/aws/aws-int.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "doc/json.h"
#include "remote/wire.h"

#include <string.h>

/* How long a service may take for one answer, and how often and after what pauses it is asked. */
#define ANSWER_MS      30000u
#define ATTEMPTS       3
#define FIRST_PAUSE_MS 300

/* The longest words of somebody else that a message repeats. */
#define WORDS_LIMIT 200

/* The largest file with a token. */
#define TOKEN_LIMIT ((size_t)64 << 10)

void aws_free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

void aws_credentials_clear(struct aws_credentials *credentials)
{
	g_free(credentials->access_key);
	aws_free_secret(credentials->secret_key);
	aws_free_secret(credentials->session_token);
	g_free(credentials->source);
	*credentials = (struct aws_credentials){0};
}

char *aws_clean(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, WORDS_LIMIT));
	for (char *c = valid; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	return g_steal_pointer(&valid);
}

char *aws_read_token(const char *path, GError **error)
{
	char *text;
	if (!file_read(path, TOKEN_LIMIT, &text, NULL, error))
		return NULL;
	g_strchomp(text);
	for (const char *c = text; *c; c++) {
		if (!g_ascii_iscntrl(*c))
			continue;
		/* It becomes a header, and a new line in it another one. */
		error_set(error, ERROR_CORRUPT, "'%s' is not a token: it has several lines", path);
		aws_free_secret(text);
		return NULL;
	}
	return text;
}

/* --- asking --- */

/* Wait; false on Ctrl-C. */
static bool pause_ms(unsigned ms, GError **error)
{
	for (unsigned waited = 0; waited < ms; waited += 50) {
		if (!cancel_check(error))
			return false;
		g_usleep(50 * 1000);
	}
	return cancel_check(error);
}

static struct access *make_access(const struct aws_search *search, const char *url, GError **error)
{
	autoptr(remote_spec) bare = remote_spec_new(search->spec->name, url);
	bare->config = search->spec->config;
	struct access *access = access_new(bare, url, error);
	const char *bundle = aws_env("AWS_CA_BUNDLE");
	if (!access)
		return NULL;
	/* Headers that Git's settings have for every server may be secrets, and AWS needs none of them. */
	g_clear_pointer(&access->headers, g_ptr_array_unref);
	if (bundle) {
		g_free(access->ca_file);
		access->ca_file = g_strdup(bundle);
	}
	return access;
}

/* Ask, and again after a pause while it may heal and there are attempts left. */
static bool ask_patiently(const struct request *request, struct reply *reply, GError **error)
{
	for (unsigned attempt = 1;; attempt++) {
		g_autoptr(GError) why = NULL;
		bool ok = wire_ask(request, ANSWER_MS, reply, &why);
		bool again = ok ? reply_is_transient(reply) : error_is(why, ERROR_TRANSIENT);
		if (!again || attempt == ATTEMPTS) {
			if (!ok)
				g_propagate_error(error, g_steal_pointer(&why));
			return ok;
		}
		reply_clear(reply);
		if (!pause_ms(FIRST_PAUSE_MS << (attempt - 1), error))
			return false;
	}
}

bool aws_ask(const struct aws_search *search, struct request *request, struct reply *reply, GError **error)
{
	autoptr(access) access = make_access(search, request->url, error);
	g_autoptr(GError) why = NULL;
	if (!access)
		return false;
	request->access = access;
	bool ok = ask_patiently(request, reply, &why);
	request->access = NULL;
	if (ok)
		return true;
	if (error_is(why, ERROR_TRANSIENT))
		error_hint(&why, "check the network, the region of profile '%s' and AWS_ENDPOINT_URL", search->profile);
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* --- regions and endpoints --- */

bool aws_check_region(const char *region, GError **error)
{
	size_t length = strlen(region);
	bool ok = length > 0 && length < 64;
	for (const char *c = region; *c && ok; c++)
		ok = g_ascii_isalnum(*c) || strchr("._-", *c);
	if (ok)
		return true;
	g_autofree char *shown = aws_clean(region);
	error_set(error, ERROR_USAGE, "'%s' is not the name of a region", shown);
	return false;
}

const char *aws_search_region(const struct aws_search *search, const char *profile)
{
	const char *region = aws_files_get(search->files, profile, "region");
	if (!region)
		region = aws_env("AWS_REGION");
	if (!region)
		region = aws_env("AWS_DEFAULT_REGION");
	return region ? region : remote_spec_get(search->spec, "region");
}

char *aws_configured_endpoint(const struct aws_files *files, const char *profile, const char *service)
{
	const char *ignored = aws_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	if (!ignored)
		ignored = aws_files_get(files, profile, "ignore_configured_endpoint_urls");
	if (ignored && g_ascii_strcasecmp(ignored, "true") == 0)
		return NULL;
	g_autofree char *upper = g_ascii_strup(service, -1);
	g_autofree char *variable = g_strconcat("AWS_ENDPOINT_URL_", upper, NULL);
	const char *url = aws_env(variable);
	if (!url)
		url = aws_env("AWS_ENDPOINT_URL");
	if (!url)
		url = aws_files_endpoint(files, profile, service);
	if (!url)
		url = aws_files_get(files, profile, "endpoint_url");
	if (!url)
		return NULL;
	size_t length = strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	return g_strndup(url, length);
}

char *aws_public_endpoint(const char *host, const char *region)
{
	static const struct {
		const char *prefix, *domain;
	} others[] = {
		{"cn-", "amazonaws.com.cn"},    {"us-iso-", "c2s.ic.gov"},      {"us-isob-", "sc2s.sgov.gov"},
		{"us-isof-", "csp.hci.ic.gov"}, {"eu-isoe-", "cloud.adc-e.uk"}, {"eusc-", "amazonaws.eu"},
	};
	const char *domain = "amazonaws.com";
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (g_str_has_prefix(region, others[i].prefix))
			domain = others[i].domain;
	return g_strdup_printf("https://%s.%s.%s", host, region, domain);
}

/* --- what comes back --- */

int64_t aws_parse_time(const char *text)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *plain = g_str_has_suffix(text, "UTC") ? g_strndup(text, strlen(text) - 3) : g_strdup(text);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(plain, utc);
	return time ? g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time) : 0;
}

static char *take_text(const struct node *map, const char *name)
{
	const char *text = node_get_string(map, name);
	return text && *text ? g_strdup(text) : NULL;
}

/* When they expire: a text, or milliseconds since the epoch as SSO has it. */
static int64_t take_time(const struct node *map, const char *name)
{
	const struct node *node = node_get(map, name);
	if (!node)
		return 0;
	if (node->kind == NODE_INT)
		return node->integer > 0 && node->integer < INT64_MAX / 1000 ? node->integer * 1000 : 0;
	return node->kind == NODE_STRING ? aws_parse_time(node->text) : 0;
}

bool aws_parse_credentials(const char *json, const struct aws_fields *fields, struct aws_credentials *out,
			   GError **error)
{
	autoptr(doc) doc = json_read(json, strlen(json), "credentials", NULL);
	const struct node *map = doc ? doc->root : NULL;
	/* SSO has them one level down. */
	const struct node *inner = node_get(map, "roleCredentials");
	map = inner ? inner : map;
	bool has_time = node_get(map, fields->expiration) && node_get(map, fields->expiration)->kind != NODE_NULL;
	out->access_key = take_text(map, fields->access_key);
	out->secret_key = take_text(map, fields->secret_key);
	out->session_token = take_text(map, fields->token);
	out->expires_us = take_time(map, fields->expiration);
	if (out->access_key && out->secret_key && (!has_time || out->expires_us))
		return true;
	error_set(error, ERROR_CORRUPT, "the answer is not what credentials look like (JSON with %s, %s, %s)",
		  fields->access_key, fields->secret_key, fields->expiration);
	aws_credentials_clear(out);
	return false;
}
