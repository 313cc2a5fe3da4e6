#include "backend/sftp/sftp-url.h"

#include "base/error.h"
#include "base/path.h"

#include <string.h>

static bool fail(GError **error, const char *why)
{
	error_set(error, ERROR_USAGE, "%s", why);
	error_hint(error, "write the URL as ssh://user@host:port/absolute/path");
	return false;
}

static bool take_user(struct sftp_url *url, const char *text, GError **error)
{
	if (strchr(text, ':')) {
		fail(error, "its URL has a password in it");
		error_hint(error, "use a key, or the remote's option 'password' in your own settings");
		return false;
	}
	url->user = g_uri_unescape_string(text, NULL);
	return (url->user && *url->user) || fail(error, "its URL has no proper user");
}

/* "host", "host:port", "[address]:port". */
static bool take_host(struct sftp_url *url, const char *text, GError **error)
{
	const char *close = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = close ? close + 1 : text + strcspn(text, ":");
	guint64 port = 0;
	if (close)
		url->host = g_strndup(text + 1, (gsize)(close - text - 1));
	else
		url->host = g_strndup(text, (gsize)(colon - text));
	if (!*url->host || (*colon && *colon != ':'))
		return fail(error, "its URL has no proper host");
	if (*colon && colon[1] && !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
		return fail(error, "its URL has no proper port");
	url->port = (unsigned)port;
	return true;
}

static bool take_path(struct sftp_url *url, const char *text, GError **error)
{
	g_autofree char *path = g_uri_unescape_string(text, NULL);
	if (!path || !*path)
		return fail(error, "its URL has no path");
	if (strcmp(path, "/~") != 0 && !g_str_has_prefix(path, "/~/")) {
		url->path = path_normal(path);
		return true;
	}
	url->path = path_normal(path[2] ? path + 3 : "");
	if (url->path[0] == '/' || g_str_has_prefix(url->path, ".."))
		return fail(error, "the path of its URL leaves the home directory");
	return true;
}

struct sftp_url *sftp_url_parse(const char *text, GError **error)
{
	autoptr(sftp_url) url = g_new0(struct sftp_url, 1);
	const char *rest = strstr(text, "://");
	if (!rest) {
		fail(error, "its URL has no scheme");
		return NULL;
	}
	rest += strlen("://");
	const char *slash = rest + strcspn(rest, "/");
	g_autofree char *authority = g_strndup(rest, (gsize)(slash - rest));
	char *at = strrchr(authority, '@');
	if (at)
		*at = '\0';
	if ((at && !take_user(url, authority, error)) || !take_host(url, at ? at + 1 : authority, error) ||
	    !take_path(url, slash, error))
		return NULL;
	return g_steal_pointer(&url);
}

void sftp_url_free(struct sftp_url *url)
{
	if (!url)
		return;
	g_free(url->user);
	g_free(url->host);
	g_free(url->path);
	g_free(url);
}

/* libcurl takes a path in double quotes with backslashes before these and itself. */
static void append_quoted(GString *command, const char *path)
{
	g_string_append(command, " \"");
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			g_string_append_c(command, '\\');
		g_string_append_c(command, *path);
	}
	g_string_append_c(command, '"');
}

char *sftp_command(const char *name, const char *first, const char *second)
{
	GString *command = g_string_new(name);
	append_quoted(command, first);
	if (second)
		append_quoted(command, second);
	return g_string_free(command, FALSE);
}
