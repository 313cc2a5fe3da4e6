#include "backend/aws/aws-int.h"

#include "base/error.h"
#include "base/quote.h"

#include <string.h>

/* A chain of profiles that take their credentials from one another is no longer than this. */
#define CHAIN_LIMIT 16

/* A profile in a chain: the ones before it lead here. */
struct hop {
	const struct hop *before; /* NULL: the search's own profile */
	const char *profile;
	unsigned depth;
};

static enum aws_outcome find_in_hop(const struct aws_search *search, const struct hop *hop, struct aws_credentials *out,
				    GError **error);

static const char *get(const struct aws_search *search, const struct hop *hop, const char *key)
{
	return aws_files_get(search->files, hop->profile, key);
}

/* --- a role that another identity takes on --- */

static bool check_circle(const struct hop *hop, const char *profile, GError **error)
{
	bool found = hop->depth >= CHAIN_LIMIT;
	for (const struct hop *l = hop; l && !found; l = l->before)
		found = strcmp(l->profile, profile) == 0;
	if (found)
		error_set(error, ERROR_USAGE, "source_profile leads in a circle, back to profile '%s'", profile);
	return !found;
}

/* Who takes the role on, by source_profile. */
static bool find_source(const struct aws_search *search, const struct hop *hop, const char *source,
			struct aws_credentials *out, GError **error)
{
	struct hop next = {.before = hop, .profile = source, .depth = hop->depth + 1};
	enum aws_outcome outcome;
	/* A profile may well name itself: the keys beside the role are meant. */
	if (strcmp(source, hop->profile) == 0)
		outcome = aws_find_keys(search, source, out, error);
	else if (!check_circle(hop, source, error))
		return false;
	else
		outcome = find_in_hop(search, &next, out, error);
	if (outcome == AWS_NONE)
		error_set(error, ERROR_DENIED, "source_profile '%s' %s", source,
			  aws_files_has(search->files, source) ? "has no credentials" : "does not exist");
	return outcome == AWS_FOUND;
}

/* Who takes the role on, by credential_source. */
static bool find_signer(const struct aws_search *search, const struct hop *hop, struct aws_credentials *out,
			GError **error)
{
	const char *profile = get(search, hop, "source_profile");
	const char *place = get(search, hop, "credential_source");
	enum aws_outcome outcome = AWS_NONE;
	if (!profile == !place) {
		error_set(error, ERROR_USAGE, "role_arn wants %s source_profile or credential_source",
			  profile ? "one of" : "either");
		return false;
	}
	if (profile)
		return find_source(search, hop, profile, out, error);
	if (g_ascii_strcasecmp(place, "Environment") == 0)
		outcome = aws_find_environment(out, error);
	else if (g_ascii_strcasecmp(place, "EcsContainer") == 0)
		outcome = aws_find_container(out, error);
	else if (g_ascii_strcasecmp(place, "Ec2InstanceMetadata") == 0)
		outcome = aws_find_machine(out, error);
	else
		error_set(error, ERROR_USAGE,
			  "credential_source is none of Environment, EcsContainer and Ec2InstanceMetadata");
	if (outcome == AWS_NONE && error && !*error)
		error_set(error, ERROR_DENIED, "credential_source %s has no credentials", place);
	return outcome == AWS_FOUND;
}

static bool assume(const struct aws_search *search, const struct hop *hop, const char *arn, struct aws_credentials *out,
		   GError **error)
{
	struct aws_credentials signer = {0};
	struct aws_role role = {.arn = arn,
				.session_name = get(search, hop, "role_session_name"),
				.external_id = get(search, hop, "external_id"),
				.duration = get(search, hop, "duration_seconds"),
				.signer = &signer};
	if (get(search, hop, "mfa_serial")) {
		error_set(error, ERROR_DENIED, "it wants a one-time code (mfa_serial), which cannot be asked for here");
		error_hint(error, "eval \"$(aws configure export-credentials --profile %s --format env)\"",
			   hop->profile);
		return false;
	}
	bool ok = find_signer(search, hop, &signer, error);
	if (ok && !aws_sts_assume(search, &role, out, error)) {
		g_prefix_error(error, "with %s: ", signer.source);
		if (error_is(*error, ERROR_DENIED))
			error_hint(error, "check that the role trusts them, and external_id of profile '%s'",
				   hop->profile);
		ok = false;
	}
	aws_credentials_clear(&signer);
	return ok;
}

static enum aws_outcome find_role(const struct aws_search *search, const struct hop *hop, struct aws_credentials *out,
				  GError **error)
{
	const char *arn = get(search, hop, "role_arn");
	if (!arn || get(search, hop, "web_identity_token_file"))
		return AWS_NONE;
	g_autofree char *shown = aws_clean(arn);
	if (!assume(search, hop, arn, out, error)) {
		g_prefix_error(error, "role %s of profile '%s' in %s: ", shown, hop->profile,
			       aws_files_where(search->files, hop->profile, "role_arn"));
		return AWS_FAILED;
	}
	out->source = g_strdup_printf("role %s of profile '%s' in %s", shown, hop->profile,
				      aws_files_where(search->files, hop->profile, "role_arn"));
	return AWS_FOUND;
}

/* --- a role for who holds a token of another identity service --- */

/* The variable, but for a profile that another one leads to: the environment does not speak of that one. */
static const char *get_or_env(const struct aws_search *search, const struct hop *hop, const char *variable,
			      const char *key)
{
	const char *value = hop->before ? NULL : aws_env(variable);
	return value ? value : get(search, hop, key);
}

static enum aws_outcome find_web_identity(const struct aws_search *search, const struct hop *hop,
					  struct aws_credentials *out, GError **error)
{
	struct aws_role role = {
		.arn = get_or_env(search, hop, "AWS_ROLE_ARN", "role_arn"),
		.session_name = get_or_env(search, hop, "AWS_ROLE_SESSION_NAME", "role_session_name"),
		.duration = get(search, hop, "duration_seconds"),
		.token_file = get_or_env(search, hop, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file")};
	bool ok = false;
	if (!role.token_file)
		return AWS_NONE;
	g_autofree char *token_file = quote_path(role.token_file);
	if (!role.arn)
		error_set(error, ERROR_USAGE, "no role is named: AWS_ROLE_ARN and role_arn are not set");
	else
		ok = aws_sts_assume(search, &role, out, error);
	if (!ok) {
		g_prefix_error(error, "web identity with the token in '%s': ", token_file);
		return AWS_FAILED;
	}
	g_autofree char *arn = aws_clean(role.arn);
	out->source = g_strdup_printf("web identity, role %s with the token in '%s'", arn, token_file);
	return AWS_FOUND;
}

/* --- the chain --- */

static enum aws_outcome find_in_hop(const struct aws_search *search, const struct hop *hop, struct aws_credentials *out,
				    GError **error)
{
	enum aws_outcome outcome = AWS_NONE;
	/* A profile that another one leads to is asked for its keys before its role. */
	if (hop->before)
		outcome = aws_find_keys(search, hop->profile, out, error);
	if (outcome == AWS_NONE)
		outcome = find_role(search, hop, out, error);
	if (outcome == AWS_NONE)
		outcome = find_web_identity(search, hop, out, error);
	if (outcome == AWS_NONE)
		outcome = aws_find_sso(search, hop->profile, out, error);
	if (outcome == AWS_NONE && !hop->before)
		outcome = aws_find_keys(search, hop->profile, out, error);
	if (outcome == AWS_NONE)
		outcome = aws_find_process(search, hop->profile, out, error);
	return outcome;
}

enum aws_outcome aws_find_profile(const struct aws_search *search, struct aws_credentials *out, GError **error)
{
	const struct hop hop = {.profile = search->profile};
	return find_in_hop(search, &hop, out, error);
}

enum aws_outcome aws_find_keys(const struct aws_search *search, const char *profile, struct aws_credentials *out,
			       GError **error)
{
	const char *access_key = aws_files_get(search->files, profile, "aws_access_key_id");
	const char *secret_key = aws_files_get(search->files, profile, "aws_secret_access_key");
	const char *there = access_key ? "aws_access_key_id" : "aws_secret_access_key";
	if (!access_key && !secret_key)
		return AWS_NONE;
	if (!access_key || !secret_key) {
		error_set(error, ERROR_USAGE, "profile '%s' in %s has %s but no %s", profile,
			  aws_files_where(search->files, profile, there), there,
			  access_key ? "aws_secret_access_key" : "aws_access_key_id");
		return AWS_FAILED;
	}
	out->access_key = g_strdup(access_key);
	out->secret_key = g_strdup(secret_key);
	out->session_token = g_strdup(aws_files_get(search->files, profile, "aws_session_token"));
	out->source = g_strdup_printf("profile '%s' in %s", profile, aws_files_where(search->files, profile, there));
	return AWS_FOUND;
}

enum aws_outcome aws_find_environment(struct aws_credentials *out, GError **error)
{
	const char *access_key = aws_env("AWS_ACCESS_KEY_ID"), *secret_key = aws_env("AWS_SECRET_ACCESS_KEY");
	if (!access_key && !secret_key)
		return AWS_NONE;
	if (!access_key || !secret_key) {
		error_set(error, ERROR_USAGE, "%s is set but %s is not",
			  access_key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
			  access_key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
		return AWS_FAILED;
	}
	out->access_key = g_strdup(access_key);
	out->secret_key = g_strdup(secret_key);
	out->session_token = g_strdup(aws_env("AWS_SESSION_TOKEN"));
	out->source = g_strdup("the environment (AWS_ACCESS_KEY_ID)");
	return AWS_FOUND;
}
