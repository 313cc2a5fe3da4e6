#include "backend/aws/aws-int.h"

#include "backend/s3/sigv4.h"
#include "base/error.h"
#include "hash/digest.h"
#include "hash/oid.h"

#include <string.h>
#include <time.h>

#define ANSWER_LIMIT ((size_t)256 << 10)

/* Where the token service is, and the region that a question to it is signed for. New strings. */
static bool find_place(const struct aws_search *search, char **url, char **region, GError **error)
{
	const char *set = aws_search_region(search, search->profile);
	if (set && !aws_check_region(set, error))
		return false;
	g_autofree char *endpoint = aws_configured_endpoint(search->files, search->profile, "sts");
	if (!endpoint)
		/* Without a region there still is the one service for all. */
		endpoint = set ? aws_public_endpoint("sts", set) : g_strdup("https://sts.amazonaws.com");
	*region = g_strdup(set ? set : "us-east-1");
	*url = g_strconcat(endpoint, "/", NULL);
	return true;
}

static void add_field(GString *form, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(form, "%s%s=", form->len ? "&" : "", name);
	sigv4_encode(form, value, false);
}

/* --- the answer --- */

/* What is taken out of an answer in XML: the text of the elements of these names, the first of each. */
struct answer {
	char *access_key, *secret_key, *session_token, *expiration, *code, *message;
	char **into; /* of the element that is open; NULL: none of them */
};

static void answer_clear(struct answer *answer)
{
	g_free(answer->access_key);
	aws_free_secret(answer->secret_key);
	aws_free_secret(answer->session_token);
	g_free(answer->expiration);
	g_free(answer->code);
	g_free(answer->message);
}

static void open_element(GMarkupParseContext *context, const char *name, const char **names, const char **values,
			 gpointer user, GError **error)
{
	struct answer *answer = user;
	const struct {
		const char *name;
		char **into;
	} wanted[] = {
		{"AccessKeyId", &answer->access_key},
		{"SecretAccessKey", &answer->secret_key},
		{"SessionToken", &answer->session_token},
		{"Expiration", &answer->expiration},
		{"Code", &answer->code},
		{"Message", &answer->message},
	};
	(void)context, (void)names, (void)values, (void)error;
	answer->into = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		if (strcmp(name, wanted[i].name) == 0 && !*wanted[i].into)
			answer->into = wanted[i].into;
}

static void close_element(GMarkupParseContext *context, const char *name, gpointer user, GError **error)
{
	struct answer *answer = user;
	(void)context, (void)name, (void)error;
	answer->into = NULL;
}

static void take_text(GMarkupParseContext *context, const char *text, gsize length, gpointer user, GError **error)
{
	struct answer *answer = user;
	(void)context, (void)error;
	if (answer->into && !*answer->into)
		*answer->into = g_strstrip(g_strndup(text, length));
}

static bool parse_answer(const struct reply *reply, struct answer *answer)
{
	static const GMarkupParser parser = {
		.start_element = open_element, .end_element = close_element, .text = take_text};
	g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, answer, NULL);
	const char *text = reply_text(reply);
	return g_markup_parse_context_parse(context, text, (gssize)strlen(text), NULL) &&
	       g_markup_parse_context_end_parse(context, NULL);
}

/* A refusal, in the service's words. */
static void refuse(const struct reply *reply, const struct answer *answer, GError **error)
{
	g_autofree char *code = answer->code ? aws_clean(answer->code) : g_strdup("no reason given");
	g_autofree char *message = answer->message ? aws_clean(answer->message) : NULL;
	g_autofree char *detail = message ? g_strdup_printf("%s (%s)", code, message) : g_strdup(code);
	g_autoptr(GError) why = reply_error(reply, detail);
	/* The token service refuses with 400, too. */
	enum error_code kind = reply_is_transient(reply) ? ERROR_TRANSIENT : ERROR_DENIED;
	error_set(error, kind, "%s", why->message);
}

static bool take_answer(const struct reply *reply, struct aws_credentials *out, GError **error)
{
	struct answer answer = {0};
	bool whole = parse_answer(reply, &answer);
	bool ok = false;
	if (reply->status >= 300) {
		refuse(reply, &answer, error);
	} else if (!whole || !answer.access_key || !answer.secret_key || !answer.session_token) {
		error_set(error, ERROR_CORRUPT, "the token service's answer has no credentials in it");
	} else {
		out->access_key = g_steal_pointer(&answer.access_key);
		out->secret_key = g_steal_pointer(&answer.secret_key);
		out->session_token = g_steal_pointer(&answer.session_token);
		out->expires_us = answer.expiration ? aws_parse_time(answer.expiration) : 0;
		ok = true;
	}
	answer_clear(&answer);
	return ok;
}

/* --- the question --- */

static void sign(struct request *request, const char *region, const struct aws_credentials *signer, const GString *form)
{
	const struct sigv4 with = {.access_key = signer->access_key,
				   .secret_key = signer->secret_key,
				   .session_token = signer->session_token,
				   .region = region,
				   .service = "sts",
				   .time = time(NULL)};
	struct oid hash;
	char text[OID_TEXT_MAX];
	digest_bytes(form->str, form->len, OID_SHA256, &hash);
	sigv4_sign(&with, request, oid_text(&hash, text));
}

/* The question as a form; NULL with the error set. It holds a secret if there is a token file. */
static GString *make_form(const struct aws_role *role, GError **error)
{
	char *token = role->token_file ? aws_read_token(role->token_file, error) : NULL;
	g_autofree char *unnamed = g_strdup_printf("git-mlv-%" G_GINT64_FORMAT, (gint64)time(NULL));
	if (role->token_file && !token)
		return NULL;
	GString *form = g_string_new(NULL);
	add_field(form, "Action", token ? "AssumeRoleWithWebIdentity" : "AssumeRole");
	add_field(form, "Version", "2011-06-15");
	add_field(form, "RoleArn", role->arn);
	add_field(form, "RoleSessionName", role->session_name ? role->session_name : unnamed);
	add_field(form, "ExternalId", role->external_id);
	add_field(form, "DurationSeconds", role->duration);
	add_field(form, "WebIdentityToken", token);
	aws_free_secret(token);
	return form;
}

bool aws_sts_assume(const struct aws_search *search, const struct aws_role *role, struct aws_credentials *out,
		    GError **error)
{
	g_autofree char *url = NULL, *region = NULL;
	struct reply reply = {0};
	if (!find_place(search, &url, &region, error))
		return false;
	GString *form = make_form(role, error);
	if (!form)
		return false;
	autoptr(request) request = request_new("POST", url, NULL);
	request_header(request, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
	request_send_text(request, form->str, form->len);
	request_take_bytes(request, ANSWER_LIMIT);
	if (role->signer)
		sign(request, region, role->signer, form);
	aws_free_secret(g_string_free(form, FALSE));
	bool ok = aws_ask(search, request, &reply, error) && take_answer(&reply, out, error);
	reply_clear(&reply);
	if (!ok)
		g_prefix_error(error, "ask AWS's token service: ");
	return ok;
}
