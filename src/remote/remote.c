#include "remote/remote.h"

#include "base/error.h"
#include "base/trace.h"

#include <string.h>

/* The scheme of a URL ("lfs" of "lfs::…", too) as a new string, "" for an absolute path, NULL if it is neither. */
static char *url_scheme(const char *url)
{
	if (url[0] == '/')
		return g_strdup("");
	size_t word = strspn(url, "abcdefghijklmnopqrstuvwxyz");
	if (word && g_str_has_prefix(url + word, "::"))
		return g_strndup(url, word);
	const char *colon = strstr(url, "://");
	return colon && colon != url ? g_ascii_strdown(url, colon - url) : NULL;
}

static const struct remote_ops *find_ops(const struct remote_spec *spec, const struct remote_ops *const *table,
					 GError **error)
{
	g_autofree char *scheme = url_scheme(spec->url);
	for (; scheme && *table; table++)
		if (strcmp((*table)->scheme, scheme) == 0)
			return *table;
	if (scheme)
		error_set(error, ERROR_USAGE, "no support for URLs that begin with '%s://'", scheme);
	else
		error_set(error, ERROR_USAGE, "its URL is neither an absolute path nor of the form scheme://…");
	error_hint(error, "git mlv remote modify %s url <path or URL>", spec->name);
	return NULL;
}

/* Secrets of this clone are used for the first time: note where, so that a change of the url does not lead them away.
 */
static void note_place(const struct remote_spec *spec)
{
	g_autofree char *key = g_strdup_printf(SPEC_PLACE_KEY, spec->name);
	g_autoptr(GError) error = NULL;

	if (spec->repo && !config_set(spec->repo, "local", key, spec->note_place, &error))
		trace("remote", "cannot note %s: %s", key, error->message);
}

struct remote *remote_open(const struct remote_spec *spec, enum remote_mode mode, const struct remote_ops *const *table,
			   GError **error)
{
	const struct remote_ops *ops = find_ops(spec, table, error);
	if (ops && spec->note_place)
		note_place(spec);
	struct remote_conn *conn = ops ? ops->open(spec, mode, error) : NULL;
	if (!conn) {
		g_prefix_error(error, "remote '%s': ", spec->name);
		return NULL;
	}
	struct remote *remote = g_new0(struct remote, 1);
	remote->name = g_strdup(spec->name);
	remote->ops = ops;
	remote->conn = conn;
	return remote;
}

bool remote_can(const struct remote *remote, unsigned abilities)
{
	return (remote->ops->abilities & abilities) == abilities;
}

void remote_free(struct remote *remote)
{
	if (!remote)
		return;
	remote->ops->close(remote->conn);
	g_free(remote->name);
	g_free(remote);
}
