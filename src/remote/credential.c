#include "remote/credential.h"

#include "base/error.h"
#include "remote/credential-ask.h"
#include "remote/urlmatch.h"

#include <pthread.h>
#include <string.h>

/* How often a login may run out: a server that takes it for one path and not for another must not have us ask for ever.
 */
#define RENEWALS_MAX 8

/* Where the present login comes from. */
enum source { SOURCE_NONE, SOURCE_SETTINGS, SOURCE_GIT };

struct credential {
	char *remote, *origin; /* for messages */
	char *dir;             /* where git credential runs; NULL: here */
	char *withheld;        /* as in the spec */
	char *header;          /* that carries the password, instead of Authorization */
	char *token;
	bool scheme_is_set; /* by the option `auth` */

	pthread_mutex_t asking; /* held while git asks, so that others wait for the answer */
	pthread_mutex_t mutex;  /* guards all below, for moments: requests must go on while git asks */
	struct credential_query query;
	enum source source;
	enum request_auth scheme;
	unsigned login;    /* number of the present one */
	bool due;          /* ask before anything is sent */
	bool accepted;     /* it has worked */
	bool to_approve;   /* git is to be told so */
	bool switched;     /* a login was tried in the other scheme already */
	unsigned renewals; /* logins that had worked and then were refused */
	GError *failed;    /* nothing more can be done */
};

/* The parts of an URL that git credential wants; a '%' of it may hide anything, so they are looked at decoded. */
static bool take_url(struct credential *credential, const struct remote_spec *spec, const char *url, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL);
	struct credential_query *query = &credential->query;
	const char *path = uri ? g_uri_get_path(uri) : NULL;

	credential->origin = urlmatch_origin(url);
	if (!uri || !credential->origin) {
		error_set(error, ERROR_USAGE, "its URL has no host, or cannot be read");
		return false;
	}
	query->protocol = g_strndup(credential->origin, strcspn(credential->origin, ":"));
	query->host = g_strdup(strstr(credential->origin, "://") + 3);
	query->path = g_strdup(path + strspn(path, "/"));
	query->user = g_strdup(g_uri_get_user(uri));
	if (g_uri_get_password(uri) && !spec->committed)
		query->password = g_strdup(g_uri_get_password(uri));
	const char *const parts[] = {query->host, query->path, query->user, query->password};
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		for (const char *at = parts[i]; at && *at; at++) {
			if (!g_ascii_iscntrl(*at))
				continue;
			error_set(error, ERROR_UNSAFE, "its URL has a control character in it");
			return false;
		}
	}
	return true;
}

/* Option `auth`: how the password is shown. */
static bool take_scheme(struct credential *credential, const struct remote_spec *spec, GError **error)
{
	const char *auth = remote_spec_get(spec, "auth"), *header = remote_spec_get(spec, "custom_auth_header");

	credential->scheme = AUTH_BASIC;
	credential->scheme_is_set = auth != NULL;
	if (auth && g_ascii_strcasecmp(auth, "digest") == 0)
		credential->scheme = AUTH_DIGEST;
	else if (auth && g_ascii_strcasecmp(auth, "basic") != 0 && g_ascii_strcasecmp(auth, "custom") != 0) {
		error_set(error, ERROR_USAGE, "auth: '%s' is none of basic, digest and custom", auth);
		error_hint(error, "git mlv remote modify %s auth basic", spec->name);
		return false;
	}
	if (auth && g_ascii_strcasecmp(auth, "custom") != 0)
		return true;
	if (auth && !header) {
		error_set(error, ERROR_USAGE, "auth is custom, but custom_auth_header does not name the header");
		error_hint(error, "git mlv remote modify %s custom_auth_header <name>", spec->name);
		return false;
	}
	if (header && (!*header || strpbrk(header, ":\r\n \t"))) {
		error_set(error, ERROR_USAGE, "custom_auth_header: '%s' is not the name of a header", header);
		return false;
	}
	credential->header = g_strdup(header);
	return true;
}

/* Option `name` instead of what the URL has. A line break in it would make a header of its own. */
static bool take_secret(const struct remote_spec *spec, const char *name, char **secret, GError **error)
{
	const char *value = remote_spec_get(spec, name);

	if (!value)
		return true;
	if (strpbrk(value, "\r\n")) {
		error_set(error, ERROR_USAGE, "%s has a line break in it", name);
		return false;
	}
	credential_wipe(*secret);
	*secret = g_strdup(value);
	return true;
}

static bool is_true(const char *text)
{
	return text && (g_ascii_strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

struct credential *credential_new(const struct remote_spec *spec, const char *url, GError **error)
{
	autoptr(credential) credential = g_new0(struct credential, 1);

	pthread_mutex_init(&credential->asking, NULL);
	pthread_mutex_init(&credential->mutex, NULL);
	credential->remote = g_strdup(spec->name);
	credential->withheld = g_strdup(spec->withheld);
	if (spec->repo)
		credential->dir = g_strdup(spec->repo->work_tree ? spec->repo->work_tree : spec->repo->git_dir);
	if (!take_url(credential, spec, url, error) || !take_scheme(credential, spec, error) ||
	    !take_secret(spec, "user", &credential->query.user, error) ||
	    !take_secret(spec, "password", &credential->query.password, error) ||
	    !take_secret(spec, "token", &credential->token, error))
		return NULL;
	if (credential->query.password || credential->token)
		credential->source = SOURCE_SETTINGS;
	credential->due = credential->source == SOURCE_NONE && is_true(remote_spec_get(spec, "ask_password"));
	return g_steal_pointer(&credential);
}

unsigned credential_apply(struct credential *credential, struct request *request)
{
	unsigned login;

	pthread_mutex_lock(&credential->mutex);
	login = credential->login;
	if (credential->token && credential->source == SOURCE_SETTINGS) {
		g_autofree char *value = g_strconcat("Bearer ", credential->token, NULL);

		request_secret(request, "Authorization", value);
	} else if (credential->source != SOURCE_NONE && credential->header) {
		request_secret(request, credential->header, credential->query.password);
	} else if (credential->source != SOURCE_NONE) {
		request->user = g_strdup(credential->query.user ? credential->query.user : "");
		request->password = g_strdup(credential->query.password);
		request->auth = credential->scheme;
	} else {
		request->auth = AUTH_ANY; /* ~/.netrc may know */
	}
	pthread_mutex_unlock(&credential->mutex);
	return login;
}

bool credential_is_due(struct credential *credential)
{
	bool due;

	pthread_mutex_lock(&credential->mutex);
	due = credential->due;
	pthread_mutex_unlock(&credential->mutex);
	return due;
}

void credential_challenge(struct credential *credential, const struct reply *reply)
{
	const char *wanted = reply_header(reply, "www-authenticate");
	enum request_auth scheme;

	if (!wanted || credential->scheme_is_set)
		return;
	scheme = g_ascii_strncasecmp(wanted, "Digest", strlen("Digest")) == 0 ? AUTH_DIGEST : AUTH_BASIC;
	pthread_mutex_lock(&credential->mutex);
	bool shown = credential->source != SOURCE_NONE;
	/* The same login shown in another way is another try; a server that wants now this, now that, gets no third. */
	if (scheme != credential->scheme && !credential->accepted && !(shown && credential->switched)) {
		credential->scheme = scheme;
		credential->login += shown;
		credential->switched = shown;
	}
	pthread_mutex_unlock(&credential->mutex);
}

/* Nothing more can be done: why, and what to look at. With the mutex held. */
static void fail(struct credential *credential, const char *why)
{
	GError **error = &credential->failed;

	error_set(error, ERROR_DENIED, "%s: %s", credential->origin, why);
	if (credential->source == SOURCE_SETTINGS)
		error_hint(error, "git mlv remote modify --local %s %s <secret>", credential->remote,
			   credential->token ? "token" : "password");
	else if (credential->withheld)
		error_hint(error,
			   "what your settings have (%s) was not given for this host; if it is right here: "
			   "git config " SPEC_PLACE_KEY " %s",
			   credential->withheld, credential->remote, credential->origin);
	else
		error_hint(error, "git help credentials; or: git mlv remote modify --local %s password <password>",
			   credential->remote);
}

static struct credential_query copy_query(const struct credential_query *query)
{
	return (struct credential_query){
		.protocol = g_strdup(query->protocol),
		.host = g_strdup(query->host),
		.path = g_strdup(query->path),
		.user = g_strdup(query->user),
		.password = g_strdup(query->password),
	};
}

/* What to do with number `refused`, if that is still the present one: whether to ask for another, and about what. */
static bool begin_renewal(struct credential *credential, unsigned refused, struct credential_query *query)
{
	bool current, expired;

	pthread_mutex_lock(&credential->mutex);
	current = !credential->failed && credential->login == refused;
	expired = credential->accepted && credential->renewals < RENEWALS_MAX;
	if (current && credential->source == SOURCE_SETTINGS)
		fail(credential, credential->token ? "the token of the remote's settings was refused"
						   : "the password of the remote's settings was refused");
	if (current && credential->source == SOURCE_GIT) {
		*query = copy_query(&credential->query);
		/* One that has worked before has run out; after a wrong one no other is asked for, as in Git. */
		if (!expired)
			fail(credential, "user or password was refused");
		credential->renewals++;
		credential->to_approve = false;
		g_clear_pointer(&credential->query.password, credential_wipe);
		credential->source = SOURCE_NONE;
	}
	pthread_mutex_unlock(&credential->mutex);
	if (query->password)
		credential_ask_tell(credential->dir, "reject", query);
	credential_query_clear(query);

	pthread_mutex_lock(&credential->mutex);
	current &= !credential->failed;
	if (current)
		*query = copy_query(&credential->query);
	pthread_mutex_unlock(&credential->mutex);
	return current;
}

/* Take the answer, or note that there is none. */
static bool end_renewal(struct credential *credential, struct credential_query *query, GError *why)
{
	pthread_mutex_lock(&credential->mutex);
	credential->due = false;
	if (why) {
		g_autofree char *text = g_strconcat("no user and password: ", why->message, NULL);

		fail(credential, text);
	} else {
		credential_query_clear(&credential->query);
		credential->query = *query;
		*query = (struct credential_query){0};
		credential->source = SOURCE_GIT;
		credential->accepted = false;
		credential->login++;
	}
	pthread_mutex_unlock(&credential->mutex);
	return !why;
}

bool credential_renew(struct credential *credential, unsigned refused, GError **error)
{
	struct credential_query query = {0};
	g_autoptr(GError) why = NULL;
	bool renewed = true;

	pthread_mutex_lock(&credential->asking);
	if (begin_renewal(credential, refused, &query)) {
		renewed = credential_ask_fill(credential->dir, &query, &why);
		if (!error_is(why, ERROR_CANCELLED))
			renewed = end_renewal(credential, &query, why);
	}
	credential_query_clear(&query);
	pthread_mutex_unlock(&credential->asking);
	if (error_is(why, ERROR_CANCELLED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	pthread_mutex_lock(&credential->mutex);
	if (credential->failed) {
		g_propagate_error(error, g_error_copy(credential->failed));
		renewed = false;
	}
	pthread_mutex_unlock(&credential->mutex);
	return renewed;
}

void credential_accept(struct credential *credential, unsigned login)
{
	pthread_mutex_lock(&credential->mutex);
	if (credential->login == login && !credential->accepted && credential->source != SOURCE_NONE) {
		credential->accepted = true;
		credential->to_approve = credential->source == SOURCE_GIT;
	}
	pthread_mutex_unlock(&credential->mutex);
}

void credential_free(struct credential *credential)
{
	if (!credential)
		return;
	if (credential->to_approve)
		credential_ask_tell(credential->dir, "approve", &credential->query);
	g_free(credential->remote);
	g_free(credential->origin);
	g_free(credential->dir);
	g_free(credential->withheld);
	g_free(credential->header);
	credential_wipe(credential->token);
	credential_query_clear(&credential->query);
	g_clear_error(&credential->failed);
	pthread_mutex_destroy(&credential->asking);
	pthread_mutex_destroy(&credential->mutex);
	g_free(credential);
}
