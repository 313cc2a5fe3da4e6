#include "backend/aws/aws-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/trace.h"
#include "doc/json.h"
#include "hash/digest.h"

#include <string.h>

#define CACHE_LIMIT  ((size_t)1 << 20)
#define ANSWER_LIMIT ((size_t)256 << 10)

/* A token that expires sooner would not outlive the questions that it is for. */
#define MARGIN_US ((int64_t)60 * G_USEC_PER_SEC)

void aws_sso_hint(const struct aws_sign_on *sso, GError **error)
{
	error_hint(error, "run 'aws sso login --profile %s'", sso->profile);
}

/* Where the token lies. New string. */
static char *cache_path(const struct aws_sign_on *sso)
{
	const char *seed = sso->session ? sso->session : sso->start_url;
	char name[DIGEST_SHA1_TEXT];
	digest_sha1(seed, strlen(seed), name);
	return g_strdup_printf("%s/.aws/sso/cache/%s.json", aws_home(), name);
}

/* What `aws sso login` left, with at least a token and its end in it. */
static struct doc *read_cache(const char *path, GError **error)
{
	g_autoptr(GError) why = NULL;
	char *text;
	size_t length;
	if (!file_read(path, CACHE_LIMIT, &text, &length, &why)) {
		if (error_is(why, ERROR_NOT_FOUND))
			error_set(error, ERROR_DENIED, "nobody has signed on yet");
		else
			g_propagate_error(error, g_steal_pointer(&why));
		return NULL;
	}
	autoptr(doc) doc = json_read(text, length, path, NULL);
	explicit_bzero(text, length);
	g_free(text);
	if (doc && node_get_string(doc->root, "accessToken") && node_get_string(doc->root, "expiresAt"))
		return g_steal_pointer(&doc);
	error_set(error, ERROR_CORRUPT, "'%s' is not what 'aws sso login' leaves", path);
	return NULL;
}

/* Whether the time that a text of the map tells is past, or soon will be. */
static bool is_over(const struct node *map, const char *key)
{
	const char *text = node_get_string(map, key);
	return !text || aws_parse_time(text) - MARGIN_US <= g_get_real_time();
}

/* --- renewal --- */

static struct request *make_question(const struct aws_search *search, const struct aws_sign_on *sso,
				     const struct node *cache)
{
	static const char *const names[] = {"clientId", "clientSecret", "refreshToken"};
	g_autofree char *endpoint = aws_configured_endpoint(search->files, search->profile, "sso_oidc");
	if (!endpoint)
		endpoint = aws_public_endpoint("oidc", sso->region);
	g_autofree char *url = g_strconcat(endpoint, "/token", NULL);
	struct request *request = request_new("POST", url, NULL);
	autoptr(doc) doc = doc_new();
	doc->root = node_map(doc);
	node_set(doc, doc->root, "grantType", node_string(doc, "refresh_token"));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		node_set(doc, doc->root, names[i], node_string(doc, node_get_string(cache, names[i])));
	GString *text = json_write(doc->root, JSON_COMPACT_PYTHON);
	request_header(request, "Content-Type", "application/json");
	request_send_text(request, text->str, text->len);
	request_take_bytes(request, ANSWER_LIMIT);
	aws_free_secret(g_string_free(text, FALSE));
	return request;
}

/* Take the new token into the cache's map. */
static bool take_answer(const struct reply *reply, struct doc *cache, GError **error)
{
	autoptr(doc) answer = json_read(reply_text(reply), strlen(reply_text(reply)), "answer", NULL);
	const struct node *map = answer ? answer->root : NULL;
	const char *token = node_get_string(map, "accessToken"), *refresh = node_get_string(map, "refreshToken");
	const struct node *seconds = node_get(map, "expiresIn");
	if (reply->status >= 300 && reply_is_transient(reply)) {
		g_propagate_error(error, reply_error(reply, NULL));
		return false;
	}
	if (reply->status >= 300 || !token || !seconds || seconds->kind != NODE_INT || seconds->integer <= 0 ||
	    seconds->integer > G_MAXINT32) {
		error_set(error, ERROR_DENIED, "the sign-on has expired and was not renewed (HTTP %u)", reply->status);
		return false;
	}
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, (double)seconds->integer);
	g_autofree char *until = g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ");
	node_set(cache, cache->root, "accessToken", node_string(cache, token));
	node_set(cache, cache->root, "expiresAt", node_string(cache, until));
	if (refresh)
		node_set(cache, cache->root, "refreshToken", node_string(cache, refresh));
	return true;
}

/* Keep what was renewed: the old one may not serve to renew it again. In vain, it serves this run nevertheless. */
static void write_cache(const char *path, const struct doc *cache)
{
	g_autoptr(GError) error = NULL;
	GString *text = json_write(cache->root, JSON_COMPACT_PYTHON);
	if (!file_replace(path, text->str, text->len, 0600, &error))
		trace("aws", "not kept: %s", error->message);
	aws_free_secret(g_string_free(text, FALSE));
}

static bool can_renew(const struct aws_sign_on *sso, const struct node *cache)
{
	return sso->session && node_get_string(cache, "refreshToken") && node_get_string(cache, "clientId") &&
	       node_get_string(cache, "clientSecret") && !is_over(cache, "registrationExpiresAt");
}

/* Have a new token in the cache in place of one that has expired. */
static bool renew(const struct aws_search *search, const struct aws_sign_on *sso, struct doc *cache, const char *path,
		  GError **error)
{
	struct reply reply = {0};
	if (!can_renew(sso, cache->root)) {
		error_set(error, ERROR_DENIED, "the sign-on has expired");
		return false;
	}
	autoptr(request) request = make_question(search, sso, cache->root);
	bool ok = aws_ask(search, request, &reply, error) && take_answer(&reply, cache, error);
	reply_clear(&reply);
	if (ok)
		write_cache(path, cache);
	return ok;
}

char *aws_sso_token(const struct aws_search *search, const struct aws_sign_on *sso, GError **error)
{
	g_autofree char *path = cache_path(sso);
	g_autoptr(GError) why = NULL;
	autoptr(doc) cache = read_cache(path, &why);
	if (cache && (!is_over(cache->root, "expiresAt") || renew(search, sso, cache, path, &why)))
		return g_strdup(node_get_string(cache->root, "accessToken"));
	if (!error_is(why, ERROR_TRANSIENT))
		aws_sso_hint(sso, &why);
	g_propagate_error(error, g_steal_pointer(&why));
	return NULL;
}
