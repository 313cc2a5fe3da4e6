/*
 * Which secrets may go where. A clone brings the url of a remote along, and could aim at a host of its own the password
 * that the user's global settings have for a remote of the same name, or later change the url that the password was
 * given for. So where the url, or the endpoint, is a committed one, a secret is used only if
 *  - it stands in global or system settings together with an url or endpoint of the same origin; or
 *  - it stands in this clone's own settings, where the user gave it for the remote that this project had then: the
 *    origin is noted in Git's setting mlv-remote.NAME.secrets-for when the secret is first used (remote_open()); or
 *  - that setting, which the user may set, too, names the origin.
 */
#include "workspace/settings-int.h"

#include "base/trace.h"
#include "remote/urlmatch.h"

#include <string.h>

/* Options whose value a server gets to see, or that let others be who we are. */
static const char *const secrets[] = {
	"password", "token", "secret_access_key", "session_token", "sse_customer_key", NULL,
};

/* What else no committed file may say, beyond the secrets: where secrets are, and whom to trust. */
static const char *const personal[] = {
	"passphrase",
	"keyfile",
	"credentialpath",
	"configpath",
	"cert_path",
	"key_path",
	"client_secret",
	"connection_string",
	"sas_token",
	"account_key",
	"oss_key_secret",
	"gdrive_client_secret",
	"gdrive_user_credentials_file",
	"gdrive_service_account_json_file_path",
	NULL,
};

char *settings_mask_url(const char *url)
{
	const char *login = strstr(url, "://"), *host, *colon;

	if (!login)
		return g_strdup(url);
	login += strlen("://");
	colon = memchr(login, ':', strcspn(login, "/?#"));
	host = colon ? g_strrstr_len(login, (gssize)strcspn(login, "/?#"), "@") : NULL;
	if (!host || colon > host)
		return g_strdup(url);
	return g_strdup_printf("%.*s:***%s", (int)(colon - url), url, host);
}

static bool may_be_committed(const char *option, const char *value)
{
	if (strcmp(option, "ssl_verify") == 0)
		return g_ascii_strcasecmp(value, "true") == 0;
	if (strcmp(option, "use_ssl") == 0)
		return g_ascii_strcasecmp(value, "false") != 0;
	return !g_strv_contains(secrets, option) && !g_strv_contains(personal, option);
}

void settings_take_option(struct settings *settings, const char *remote, const char *option, const char *value,
			  enum spec_scope scope)
{
	struct remote_spec *spec = settings_make_remote(settings, remote);
	bool is_url = strcmp(option, "url") == 0;

	if (scope == SPEC_COMMITTED && !may_be_committed(option, value)) {
		trace("settings", "ignored in a committed file: %s of remote '%s'", option, remote);
		return;
	}
	if (scope == SPEC_EVERYWHERE && (is_url || strcmp(option, "endpointurl") == 0)) {
		char **own = is_url ? &spec->given.own_url : &spec->given.own_endpoint;

		g_free(*own);
		*own = g_strdup(value);
	}
	g_hash_table_insert(spec->given.scopes, g_strdup(option), GINT_TO_POINTER(scope));
	if (is_url) {
		g_free(spec->url);
		spec->url = g_strdup(value);
	} else {
		g_hash_table_insert(spec->options, g_strdup(option), g_strdup(value));
	}
}

/* Whether a setting of the remote is there and stands in a file of that scope. */
static bool stands_in(const struct remote_spec *spec, const char *option, enum spec_scope scope)
{
	gpointer found;

	return g_hash_table_lookup_extended(spec->given.scopes, option, NULL, &found) &&
	       GPOINTER_TO_INT(found) == (int)scope;
}

/*
 * To whom a secret goes: buckets of one provider are all the same. What names no host itself, such as "lfs::origin",
 * stands for itself. New string; NULL if nobody is asked.
 */
static char *find_place(const char *url, const char *endpoint)
{
	const char *at = endpoint ? endpoint : url;
	char *origin;

	if (!endpoint && (!url || g_path_is_absolute(url)))
		return NULL;
	if (!endpoint && (g_str_has_prefix(url, "s3://") || g_str_has_prefix(url, "gs://")))
		return g_strndup(url, strlen("s3://"));
	origin = urlmatch_origin(at);
	return origin ? origin : g_strdup(at); /* whatever that is, it is no other place */
}

/* The origin that the remote's secrets were first used for; NULL if they were not. */
static const char *first_place(const struct remote_spec *spec, const struct config *config)
{
	g_autofree char *key = g_strdup_printf(SPEC_PLACE_KEY, spec->name);

	return config_get(config, key);
}

void settings_bind_secrets(struct remote_spec *spec, const struct config *config)
{
	g_autofree char *place = find_place(spec->url, remote_spec_get(spec, "endpointurl"));
	g_autofree char *own = find_place(spec->given.own_url, spec->given.own_endpoint);
	const char *first = first_place(spec, config);
	g_autoptr(GPtrArray) withheld = g_ptr_array_new();

	spec->committed |= stands_in(spec, "url", SPEC_COMMITTED) || stands_in(spec, "endpointurl", SPEC_COMMITTED);
	if (!spec->committed || !place || g_strcmp0(place, own) == 0 || g_strcmp0(place, first) == 0)
		return;
	for (const char *const *secret = secrets; *secret; secret++) {
		bool here = stands_in(spec, *secret, SPEC_HERE);

		if (here && !first) {
			g_free(spec->note_place);
			spec->note_place = g_strdup(place);
		} else if (here || stands_in(spec, *secret, SPEC_EVERYWHERE)) {
			g_hash_table_remove(spec->options, *secret);
			g_ptr_array_add(withheld, (gpointer)*secret);
		}
	}
	if (withheld->len == 0)
		return;
	g_ptr_array_add(withheld, NULL);
	g_free(spec->withheld);
	spec->withheld = g_strjoinv(", ", (char **)withheld->pdata);
}
