#include "backend/aws/aws-int.h"

#include "backend/s3/sigv4.h"
#include "base/error.h"
#include "doc/json.h"

#include <string.h>

#define ANSWER_LIMIT ((size_t)256 << 10)

static const char *find_setting(const struct aws_search *search, const struct aws_sign_on *sso, const char *key)
{
	if (!sso->session)
		return aws_files_get(search->files, sso->profile, key);
	g_autofree char *section = g_strconcat("sso-session ", sso->session, NULL);
	return aws_files_get_section(search->files, section, key);
}

/* Whether the profile asks for sign-on; *sso is complete, or the error is set. */
static bool read_settings(const struct aws_search *search, const char *profile, struct aws_sign_on *sso, GError **error)
{
	*sso = (struct aws_sign_on){.profile = profile,
				    .session = aws_files_get(search->files, profile, "sso_session")};
	sso->account = aws_files_get(search->files, profile, "sso_account_id");
	sso->role = aws_files_get(search->files, profile, "sso_role_name");
	sso->start_url = find_setting(search, sso, "sso_start_url");
	sso->region = find_setting(search, sso, "sso_region");
	if (!sso->session && !sso->start_url)
		return false;
	const struct {
		const char *value, *name;
	} needed[] = {{sso->account, "sso_account_id"},
		      {sso->role, "sso_role_name"},
		      {sso->start_url, "sso_start_url"},
		      {sso->region, "sso_region"}};
	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!needed[i].value) {
			error_set(error, ERROR_USAGE, "'%s' is not set", needed[i].name);
			return true;
		}
	aws_check_region(sso->region, error);
	return true;
}

/* The question; the token goes in a header that leads nowhere else. */
static struct request *make_request(const struct aws_search *search, const struct aws_sign_on *sso, const char *token)
{
	g_autofree char *endpoint = aws_configured_endpoint(search->files, search->profile, "sso");
	g_autoptr(GString) url = g_string_new(NULL);
	if (!endpoint)
		endpoint = aws_public_endpoint("portal.sso", sso->region);
	g_string_append_printf(url, "%s/federation/credentials?role_name=", endpoint);
	sigv4_encode(url, sso->role, false);
	g_string_append(url, "&account_id=");
	sigv4_encode(url, sso->account, false);
	struct request *request = request_new("GET", url->str, NULL);
	request_secret(request, "x-amz-sso_bearer_token", token);
	request_take_bytes(request, ANSWER_LIMIT);
	return request;
}

static bool take_answer(const struct aws_sign_on *sso, const struct reply *reply, struct aws_credentials *out,
			GError **error)
{
	static const struct aws_fields fields = {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"};
	if (reply->status < 300)
		return aws_parse_credentials(reply_text(reply), &fields, out, error);
	autoptr(doc) doc = json_read(reply_text(reply), strlen(reply_text(reply)), "answer", NULL);
	const char *message = node_get_string(doc ? doc->root : NULL, "message");
	g_autofree char *detail = message ? aws_clean(message) : NULL;
	g_propagate_error(error, reply_error(reply, detail));
	if (reply->status == 401)
		aws_sso_hint(sso, error);
	else if (!reply_is_transient(reply))
		error_hint(error, "check sso_account_id and sso_role_name of profile '%s'", sso->profile);
	return false;
}

static bool exchange(const struct aws_search *search, const struct aws_sign_on *sso, struct aws_credentials *out,
		     GError **error)
{
	struct reply reply = {0};
	char *token = aws_sso_token(search, sso, error);
	if (!token)
		return false;
	autoptr(request) request = make_request(search, sso, token);
	aws_free_secret(token);
	bool ok = aws_ask(search, request, &reply, error) && take_answer(sso, &reply, out, error);
	reply_clear(&reply);
	return ok;
}

enum aws_outcome aws_find_sso(const struct aws_search *search, const char *profile, struct aws_credentials *out,
			      GError **error)
{
	struct aws_sign_on sso;
	g_autoptr(GError) why = NULL;
	if (!read_settings(search, profile, &sso, &why))
		return AWS_NONE;
	if (why || !exchange(search, &sso, out, &why)) {
		g_propagate_prefixed_error(
			error, g_steal_pointer(&why), "single sign-on of profile '%s' in %s: ", profile,
			aws_files_where(search->files, profile, sso.session ? "sso_session" : "sso_start_url"));
		return AWS_FAILED;
	}
	out->source = g_strdup_printf("single sign-on of profile '%s' (role %s)", profile, sso.role);
	return AWS_FOUND;
}
