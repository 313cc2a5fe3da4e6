#include "backend/aws/aws-credentials.h"

#include "backend/aws/aws-int.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/trace.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Credentials are renewed so long before they expire, but no more often than this. */
#define RENEW_US ((int64_t)300 * G_USEC_PER_SEC)
#define QUIET_US ((int64_t)30 * G_USEC_PER_SEC)

struct aws_chain {
	const struct remote_spec *spec;
	char *profile;
	bool profile_option; /* the remote's options name it: the environment's keys are not asked */
	bool profile_wanted; /* somebody names it: it must be there */
	char *region, *endpoint;
	struct aws_files *files; /* as they were at the start; a search reads them anew */

	atomic_uint searches; /* that have ended */
	pthread_mutex_t lock;
	struct aws_credentials held; /* source NULL: none */
	int64_t found_us;
	GError *failure; /* of the last search, if it failed */
};

/* --- one search --- */

/* The remote's own options. */
/* If secrets were left out because they were given for another place, say so. */
static bool hint_withheld(const struct remote_spec *spec, GError **error)
{
	if (spec->withheld)
		error_hint(error,
			   "what your settings have (%s) was given for another place (mlv-remote.%s.secrets-for in Git's "
			   "settings); if it is for this one, too, change that",
			   spec->withheld, spec->name);
	return spec->withheld;
}

static enum aws_outcome find_options(const struct remote_spec *spec, struct aws_credentials *out, GError **error)
{
	const char *access_key = remote_spec_get(spec, "access_key_id");
	const char *secret_key = remote_spec_get(spec, "secret_access_key");
	const char *anonymous = remote_spec_get(spec, "allow_anonymous_login");
	if (anonymous && g_ascii_strcasecmp(anonymous, "true") == 0) {
		out->anonymous = true;
		out->source = g_strdup("the remote's option allow_anonymous_login");
		return AWS_FOUND;
	}
	if (!access_key && !secret_key)
		return AWS_NONE;
	if (!access_key || !secret_key) {
		error_set(error, ERROR_USAGE, "the remote has the option %s but not %s",
			  access_key ? "access_key_id" : "secret_access_key",
			  access_key ? "secret_access_key" : "access_key_id");
		hint_withheld(spec, error);
		return AWS_FAILED;
	}
	out->access_key = g_strdup(access_key);
	out->secret_key = g_strdup(secret_key);
	out->session_token = g_strdup(remote_spec_get(spec, "session_token"));
	out->source = g_strdup("the remote's option access_key_id");
	return AWS_FOUND;
}

static enum aws_outcome find_profile(const struct aws_chain *chain, const struct aws_search *search,
				     struct aws_credentials *out, GError **error)
{
	if (aws_files_has(search->files, chain->profile) || !chain->profile_wanted)
		return aws_find_profile(search, out, error);
	g_autofree char *names = aws_files_names(search->files);
	g_autofree char *shown = quote_path(chain->profile);
	error_set(error, ERROR_DENIED, "there is no profile '%s' in %s", shown, names);
	error_hint(error, "%s",
		   chain->profile_option ? "the remote's option 'profile' names it" : "AWS_PROFILE names it");
	return AWS_FAILED;
}

static enum aws_outcome find(const struct aws_chain *chain, const struct aws_search *search,
			     struct aws_credentials *out, GError **error)
{
	enum aws_outcome outcome = find_options(chain->spec, out, error);
	if (outcome == AWS_NONE && !chain->profile_option)
		outcome = aws_find_environment(out, error);
	if (outcome == AWS_NONE)
		outcome = find_profile(chain, search, out, error);
	if (outcome == AWS_NONE)
		outcome = aws_find_container(out, error);
	if (outcome == AWS_NONE)
		outcome = aws_find_machine(out, error);
	return outcome;
}

static void fail_none(const struct aws_chain *chain, const struct aws_search *search, GError **error)
{
	g_autofree char *names = aws_files_names(search->files);
	error_set(error, ERROR_DENIED,
		  "no AWS credentials: none in the remote's options, %s, profile '%s' of %s, a web identity "
		  "(AWS_WEB_IDENTITY_TOKEN_FILE), a container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, _FULL_URI) or "
		  "EC2's metadata",
		  chain->profile_option ? "(not the environment, because the option 'profile' is set)"
					: "the environment (AWS_ACCESS_KEY_ID)",
		  chain->profile, names);
	if (hint_withheld(chain->spec, error))
		return;
	error_hint(error,
		   "'aws configure' sets them up; for a public bucket, 'git mlv remote modify %s "
		   "allow_anonymous_login true'",
		   chain->spec->name);
}

/* Whether a text may go into a header; keys come from variables and files that people edit. */
static bool is_plain(const char *text)
{
	for (const char *c = text ? text : ""; *c; c++)
		if (!g_ascii_isgraph(*c))
			return false;
	return true;
}

static bool check_found(const struct aws_credentials *found, GError **error)
{
	if (!is_plain(found->access_key) || !is_plain(found->secret_key) || !is_plain(found->session_token)) {
		error_set(error, ERROR_DENIED, "the credentials of %s have blanks or other odd characters in them",
			  found->source);
		return false;
	}
	if (found->expires_us && found->expires_us <= g_get_real_time()) {
		error_set(error, ERROR_DENIED, "the credentials of %s have expired already", found->source);
		error_hint(error, "log in again; or this machine's clock is wrong");
		return false;
	}
	return true;
}

/* Go through the sources. */
static bool search_all(const struct aws_chain *chain, struct aws_credentials *found, GError **error)
{
	autoptr(aws_files) files = aws_files_read(chain->spec, error);
	const struct aws_search search = {.spec = chain->spec, .files = files, .profile = chain->profile};
	if (!files)
		return false;
	enum aws_outcome outcome = find(chain, &search, found, error);
	if (outcome == AWS_NONE)
		fail_none(chain, &search, error);
	if (outcome == AWS_FOUND && check_found(found, error)) {
		trace("aws", "credentials: %s", found->source);
		return true;
	}
	aws_credentials_clear(found);
	return false;
}

/* --- what is in hand --- */

static bool is_due(const struct aws_chain *chain)
{
	int64_t now = g_get_real_time(), left = chain->held.expires_us - now;
	if (!chain->held.source)
		return true;
	if (!chain->held.expires_us || left > RENEW_US)
		return false;
	/* Some sources give what has little time left; asking again at once gives the same. */
	return left <= 0 || now - chain->found_us > QUIET_US || now < chain->found_us;
}

static void copy(const struct aws_credentials *from, struct aws_credentials *to)
{
	*to = (struct aws_credentials){.anonymous = from->anonymous,
				       .access_key = g_strdup(from->access_key),
				       .secret_key = g_strdup(from->secret_key),
				       .session_token = g_strdup(from->session_token),
				       .expires_us = from->expires_us,
				       .source = g_strdup(from->source)};
}

/* Search, and take what was found in hand. Under the lock. */
static void refresh(struct aws_chain *chain, bool renew)
{
	struct aws_credentials found = {0};
	g_clear_error(&chain->failure);
	bool ok = search_all(chain, &found, &chain->failure);
	atomic_fetch_add(&chain->searches, 1);
	if (ok) {
		aws_credentials_clear(&chain->held);
		chain->held = found;
		chain->found_us = g_get_real_time();
		return;
	}
	if (renew || !chain->held.source || chain->held.expires_us <= g_get_real_time() ||
	    error_is(chain->failure, ERROR_CANCELLED)) {
		aws_credentials_clear(&chain->held);
		return;
	}
	/* They still hold for some minutes; by then the source may answer again. */
	trace("aws", "not renewed: %s", chain->failure->message);
	g_clear_error(&chain->failure);
	chain->found_us = g_get_real_time();
}

bool aws_chain_get(struct aws_chain *chain, bool renew, struct aws_credentials *out, GError **error)
{
	unsigned before = atomic_load(&chain->searches);
	*out = (struct aws_credentials){0};
	pthread_mutex_lock(&chain->lock);
	/* Whoever waited for somebody else's search has what it found, be it nothing. */
	bool waited = atomic_load(&chain->searches) != before;
	if (!waited && (renew || is_due(chain)))
		refresh(chain, renew);
	bool ok = chain->held.source;
	if (ok)
		copy(&chain->held, out);
	else
		g_propagate_error(error, g_error_copy(chain->failure));
	pthread_mutex_unlock(&chain->lock);
	return ok;
}

/* --- the chain --- */

static void choose_profile(struct aws_chain *chain)
{
	const char *option = remote_spec_get(chain->spec, "profile");
	const char *profile = option && *option ? option : aws_env("AWS_PROFILE");
	if (!profile)
		profile = aws_env("AWS_DEFAULT_PROFILE");
	chain->profile_option = option && *option;
	chain->profile_wanted = profile;
	chain->profile = g_strdup(profile ? profile : "default");
}

static bool choose_region(struct aws_chain *chain, GError **error)
{
	const char *region = remote_spec_get(chain->spec, "region");
	if (!region || !*region)
		region = aws_env("AWS_REGION");
	if (!region)
		region = aws_env("AWS_DEFAULT_REGION");
	if (!region)
		region = aws_files_get(chain->files, chain->profile, "region");
	chain->region = g_strdup(region);
	return !region || aws_check_region(region, error);
}

struct aws_chain *aws_chain_new(const struct remote_spec *spec, GError **error)
{
	autoptr(aws_chain) chain = g_new0(struct aws_chain, 1);
	chain->spec = spec;
	pthread_mutex_init(&chain->lock, NULL);
	choose_profile(chain);
	chain->files = aws_files_read(spec, error);
	if (!chain->files || !choose_region(chain, error))
		return NULL;
	chain->endpoint = aws_configured_endpoint(chain->files, chain->profile, "s3");
	return g_steal_pointer(&chain);
}

char *aws_chain_region(const struct aws_chain *chain)
{
	return g_strdup(chain->region);
}

char *aws_chain_endpoint(const struct aws_chain *chain)
{
	return g_strdup(chain->endpoint);
}

char *aws_chain_s3_setting(const struct aws_chain *chain, const char *key)
{
	return g_strdup(aws_files_get_nested(chain->files, chain->profile, "s3", key));
}

void aws_chain_free(struct aws_chain *chain)
{
	if (!chain)
		return;
	aws_credentials_clear(&chain->held);
	g_clear_error(&chain->failure);
	aws_files_free(chain->files);
	pthread_mutex_destroy(&chain->lock);
	g_free(chain->profile);
	g_free(chain->region);
	g_free(chain->endpoint);
	g_free(chain);
}
