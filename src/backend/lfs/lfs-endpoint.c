#include "backend/lfs/lfs-endpoint.h"

#include "base/error.h"

#include <string.h>

#define LENGTH(literal) (sizeof(literal) - 1)

static const char *setting(const struct config *config, const char *key)
{
	return config ? config_get(config, key) : NULL;
}

/* A URL with the longest prefix exchanged that url.<base>.insteadOf names. New string. */
static char *rewrite(const struct config *git, const char *url)
{
	const struct config_value *best = NULL;
	for (size_t i = 0; git && i < config_count(git); i++) {
		const struct config_value *value = config_at(git, i);
		if (g_str_has_prefix(value->key, "url.") && g_str_has_suffix(value->key, ".insteadof") &&
		    g_str_has_prefix(url, value->value) && (!best || strlen(value->value) > strlen(best->value)))
			best = value;
	}
	if (!best)
		return g_strdup(url);
	int length = (int)(strlen(best->key) - LENGTH("url.") - LENGTH(".insteadof"));
	return g_strdup_printf("%.*s%s", length, best->key + LENGTH("url."), url + strlen(best->value));
}

/* Whether the text is of the form [user@]host:path, which means ssh. */
static bool is_scp_form(const char *text)
{
	const char *colon = strchr(text, ':');
	return colon && colon != text && !memchr(text, '/', (size_t)(colon - text));
}

static bool fail_url(const char *why, GError **error)
{
	/* The URL may hold a password: it is not repeated. */
	error_set(error, ERROR_USAGE, "the URL of the Git LFS server %s", why);
	error_hint(error, "git mlv remote modify <name> url lfs::https://<host>/<repository>.git/info/lfs");
	return false;
}

/* Where a server with this address of a Git repository has its endpoint, unless something else says so. New string. */
static char *endpoint_of(const char *scheme, const char *host, const char *path)
{
	size_t length = strlen(path);
	while (length && path[length - 1] == '/')
		length--;
	bool suffixed = length > LENGTH(".git") && strncmp(path + length - LENGTH(".git"), ".git", LENGTH(".git")) == 0;
	return g_strdup_printf("%s://%s%s%.*s%s/info/lfs", scheme, host, *path == '/' ? "" : "/", (int)length, path,
			       suffixed ? "" : ".git");
}

/* Note where ssh is to ask; `user_host` is [user@]host. Words that a program could take for options are refused. */
static bool set_ssh(struct lfs_endpoint *endpoint, const char *user_host, const char *port, const char *path,
		    GError **error)
{
	const char *at = strrchr(user_host, '@'), *host = at ? at + 1 : user_host;
	if (*user_host == '-' || *host == '-' || !*host || *path == '-' || !*path)
		return fail_url("has no proper host or path", error);
	if (port && (!*port || port[strspn(port, "0123456789")] || strlen(port) > 5))
		return fail_url("has a port that is no number", error);
	endpoint->ssh_host = g_strdup(user_host);
	endpoint->ssh_port = g_strdup(port);
	endpoint->ssh_path = g_strdup(path);
	g_autofree char *bracketed = strchr(host, ':') ? g_strdup_printf("[%s]", host) : g_strdup(host);
	endpoint->url = endpoint_of("https", bracketed, path);
	endpoint->login_url = g_strdup(endpoint->url);
	return true;
}

/* ssh://[user@]host[:port]/path; brackets of an IPv6 host are for the URL alone. */
static bool parse_ssh(struct lfs_endpoint *endpoint, const char *rest, GError **error)
{
	const char *slash = strchr(rest, '/');
	if (!slash)
		return fail_url("names no repository", error);
	g_autofree char *place = g_strndup(rest, (gsize)(slash - rest));
	char *at = strrchr(place, '@'), *host = at ? at + 1 : place;
	char *bracket = *host == '[' ? strchr(host, ']') : NULL;
	char *colon = strchr(bracket ? bracket : host, ':');
	if (colon)
		*colon = '\0';
	if (bracket) {
		*bracket = '\0';
		memmove(host, host + 1, strlen(host));
	}
	/* As Git: "/~user/x" starts in a home folder. */
	g_autofree char *path = g_uri_unescape_string(slash[1] == '~' ? slash + 1 : slash, NULL);
	if (!path)
		return fail_url("has a broken %-escape", error);
	return set_ssh(endpoint, place, colon ? colon + 1 : NULL, path, error);
}

/* http(s)://[user[:password]@]host[:port]/path; `is_repository` says that it is not the endpoint itself. */
static bool parse_http(struct lfs_endpoint *endpoint, const char *scheme, const char *rest, bool is_repository,
		       GError **error)
{
	size_t length = strcspn(rest, "/?#");
	g_autofree char *place = g_strndup(rest, length);
	const char *at = strrchr(place, '@'), *host = at ? at + 1 : place, *path = rest + length;
	if (strchr(rest, '?') || strchr(rest, '#') || !*host)
		return fail_url("must be of the form https://host/path", error);
	if (is_repository) {
		endpoint->url = endpoint_of(scheme, host, path);
		endpoint->login_url = endpoint_of(scheme, place, path);
		return true;
	}
	int end = (int)strlen(path);
	while (end && path[end - 1] == '/')
		end--;
	endpoint->url = g_strdup_printf("%s://%s%.*s", scheme, host, end, path);
	endpoint->login_url = g_strdup_printf("%s://%s%.*s", scheme, place, end, path);
	return true;
}

static bool parse(struct lfs_endpoint *endpoint, const char *url, bool is_repository, GError **error)
{
	const char *separator = strstr(url, "://");
	if (!separator && is_scp_form(url)) {
		const char *colon = strchr(url, ':');
		g_autofree char *host = g_strndup(url, (gsize)(colon - url));
		return set_ssh(endpoint, host, NULL, colon + 1, error);
	}
	if (!separator)
		return fail_url("is a path: a folder has no server", error);
	g_autofree char *scheme = g_ascii_strdown(url, separator - url);
	const char *rest = separator + LENGTH("://");
	if (g_str_equal(scheme, "http") || g_str_equal(scheme, "https"))
		return parse_http(endpoint, scheme, rest, is_repository, error);
	if (g_str_equal(scheme, "ssh") || g_str_equal(scheme, "git+ssh") || g_str_equal(scheme, "ssh+git"))
		return parse_ssh(endpoint, rest, error);
	if (g_str_equal(scheme, "git")) /* without logins there: what it also serves is behind https */
		return parse_http(endpoint, "https", rest, true, error);
	if (g_str_equal(scheme, "file"))
		return fail_url("is a folder, which has no server", error);
	return fail_url("must begin with https://, http:// or ssh://", error);
}

/* The value of a key, from Git's settings or else the clone's, with where it came from. */
static const char *find_setting(const struct lfs_settings *settings, struct lfs_endpoint *endpoint, const char *key)
{
	const char *value = setting(settings->git, key);
	if (value)
		return value;
	value = setting(settings->lfsconfig, key);
	endpoint->committed = value != NULL;
	return value;
}

static const char *find_remote_setting(const struct lfs_settings *settings, struct lfs_endpoint *endpoint,
				       const char *name, const char *key)
{
	g_autofree char *full = g_strdup_printf("remote.%s.%s", name, key);
	return find_setting(settings, endpoint, full);
}

/* The Git remote that `lfs::` means: what git-lfs is told to use, "origin", or the only one. New string. */
static char *default_remote(const struct config *git)
{
	const char *chosen = setting(git, "remote.lfsdefault");
	if (chosen)
		return g_strdup(chosen);
	g_autofree char *only = NULL;
	for (size_t i = 0; git && i < config_count(git); i++) {
		const char *key = config_at(git, i)->key;
		if (!g_str_has_prefix(key, "remote.") || !g_str_has_suffix(key, ".url"))
			continue;
		gsize length = strlen(key) - LENGTH("remote.") - LENGTH(".url");
		g_autofree char *name = g_strndup(key + LENGTH("remote."), length);
		if (only && strcmp(only, name) != 0)
			return g_strdup("origin");
		g_free(only);
		only = g_steal_pointer(&name);
	}
	return only ? g_steal_pointer(&only) : g_strdup("origin");
}

/* The endpoint of a Git remote, in git-lfs' order. */
static bool find_of_remote(struct lfs_endpoint *endpoint, const char *name, const struct lfs_settings *settings,
			   bool upload, GError **error)
{
	const char *url = upload ? find_setting(settings, endpoint, "lfs.pushurl") : NULL;
	if (!url)
		url = find_setting(settings, endpoint, "lfs.url");
	if (!url && upload)
		url = find_remote_setting(settings, endpoint, name, "lfspushurl");
	if (!url)
		url = find_remote_setting(settings, endpoint, name, "lfsurl");
	bool is_repository = !url;
	g_autofree char *key = g_strdup_printf("remote.%s.url", name);
	g_autofree char *push_key = g_strdup_printf("remote.%s.pushurl", name);
	if (!url && upload)
		url = setting(settings->git, push_key);
	if (!url)
		url = setting(settings->git, key);
	if (!url) {
		error_set(error, ERROR_NOT_FOUND, "there is no Git remote '%s' that could tell its Git LFS server", name);
		error_hint(error, "git remote add %s <url>, or git config lfs.url <url of the Git LFS server>", name);
		return false;
	}
	g_autofree char *rewritten = rewrite(settings->git, url);
	return parse(endpoint, rewritten, is_repository, error);
}

struct lfs_endpoint *lfs_endpoint_find(const char *url, const struct lfs_settings *settings, bool upload,
				       GError **error)
{
	autoptr(lfs_endpoint) endpoint = g_new0(struct lfs_endpoint, 1);
	const char *place = g_str_has_prefix(url, LFS_PREFIX) ? url + LENGTH(LFS_PREFIX) : url;
	bool fine;
	if (strstr(place, "://") || is_scp_form(place)) {
		g_autofree char *rewritten = rewrite(settings->git, place);
		fine = parse(endpoint, rewritten, false, error);
	} else {
		g_autofree char *name = *place ? g_strdup(place) : default_remote(settings->git);
		fine = find_of_remote(endpoint, name, settings, upload, error);
	}
	return fine ? g_steal_pointer(&endpoint) : NULL;
}

void lfs_endpoint_free(struct lfs_endpoint *endpoint)
{
	if (!endpoint)
		return;
	g_free(endpoint->url);
	g_free(endpoint->login_url);
	g_free(endpoint->ssh_host);
	g_free(endpoint->ssh_port);
	g_free(endpoint->ssh_path);
	g_free(endpoint);
}
