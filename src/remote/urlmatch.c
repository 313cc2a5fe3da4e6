#include "remote/urlmatch.h"

#include <string.h>

/* How well a setting matches; compared member by member, larger is better. */
struct match {
	size_t host, path;
	bool user;
};

static int default_port(const char *scheme)
{
	static const struct {
		const char *scheme;
		int port;
	} ports[] = {{"http", 80}, {"https", 443}, {"webdav", 80}, {"webdavs", 443}, {"ssh", 22}, {"sftp", 22}};

	for (size_t i = 0; i < G_N_ELEMENTS(ports); i++)
		if (strcmp(ports[i].scheme, scheme) == 0)
			return ports[i].port;
	return -1;
}

static int port_of(const GUri *uri)
{
	int port = g_uri_get_port((GUri *)uri);

	return port > 0 ? port : default_port(g_uri_get_scheme((GUri *)uri));
}

static GUri *parse(const char *url)
{
	GUri *uri =
		g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY, NULL);

	if (uri && (!g_uri_get_host(uri) || !*g_uri_get_host(uri)))
		g_clear_pointer(&uri, g_uri_unref);
	return uri;
}

/* Whether the labels of a host fit a pattern, in which a label may be "*". */
static bool host_matches(const char *host, const char *pattern)
{
	g_auto(GStrv) labels = g_strsplit(host, ".", -1);
	g_auto(GStrv) wanted = g_strsplit(pattern, ".", -1);
	guint count = g_strv_length(labels);

	if (count != g_strv_length(wanted))
		return false;
	for (guint i = 0; i < count; i++)
		if (strcmp(wanted[i], "*") != 0 && g_ascii_strcasecmp(wanted[i], labels[i]) != 0)
			return false;
	return true;
}

/* Whether a path is, or leads to, another; a slash at the end of the first makes no difference. */
static bool path_matches(const char *path, const char *pattern, size_t *length)
{
	*length = strlen(pattern);
	while (*length > 0 && pattern[*length - 1] == '/')
		--*length;
	return strncmp(path, pattern, *length) == 0 && (!path[*length] || path[*length] == '/');
}

/* Whether a setting's url fits ours, and how well. */
static bool matches(GUri *url, const char *text, struct match *match)
{
	g_autoptr(GUri) pattern = parse(text);
	const char *user = pattern ? g_uri_get_user(pattern) : NULL;

	if (!pattern || strcmp(g_uri_get_scheme(url), g_uri_get_scheme(pattern)) != 0 ||
	    port_of(url) != port_of(pattern))
		return false;
	if (user && g_strcmp0(user, g_uri_get_user(url)) != 0)
		return false;
	match->user = user != NULL;
	match->host = strlen(g_uri_get_host(pattern));
	return host_matches(g_uri_get_host(url), g_uri_get_host(pattern)) &&
	       path_matches(g_uri_get_path(url), g_uri_get_path(pattern), &match->path);
}

static bool is_worse(const struct match *a, const struct match *b)
{
	if (a->host != b->host)
		return a->host < b->host;
	if (a->path != b->path)
		return a->path < b->path;
	return a->user < b->user;
}

void urlmatch_each(const struct config *config, const char *section, const char *url, urlmatch_visit visit, void *user)
{
	g_autoptr(GHashTable) best = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_autoptr(GUri) ours = parse(url);
	g_autofree char *prefix = g_strconcat(section, ".", NULL);
	size_t skip = strlen(prefix);

	for (size_t i = 0; ours && i < config_count(config); i++) {
		const struct config_value *value = config_at(config, i);
		const char *name = g_str_has_prefix(value->key, prefix) ? strrchr(value->key, '.') + 1 : NULL;
		bool specific = name && name > value->key + skip;
		struct match match = {0}, *before;

		if (!name)
			continue;
		if (specific) {
			g_autofree char *middle = g_strndup(value->key + skip, (gsize)(name - 1 - value->key) - skip);

			if (!matches(ours, middle, &match))
				continue;
		}
		before = g_hash_table_lookup(best, name);
		if (before && is_worse(&match, before))
			continue;
		g_hash_table_replace(best, (gpointer)name, g_memdup2(&match, sizeof(match)));
		visit(name, value->value, specific, user);
	}
}

/* The scheme as it is on the wire. */
static const char *wire_scheme(const char *scheme)
{
	if (strcmp(scheme, "webdav") == 0)
		return "http";
	return strcmp(scheme, "webdavs") == 0 ? "https" : scheme;
}

char *urlmatch_origin(const char *url)
{
	g_autoptr(GUri) uri = parse(url);

	if (!uri)
		return NULL;
	const char *scheme = wire_scheme(g_uri_get_scheme(uri));
	g_autofree char *host = g_ascii_strdown(g_uri_get_host(uri), -1);
	bool is_ipv6 = strchr(host, ':') != NULL;
	GString *origin = g_string_new(NULL);

	g_string_printf(origin, "%s://%s%s%s", scheme, is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "");
	if (port_of(uri) != default_port(scheme))
		g_string_append_printf(origin, ":%d", port_of(uri));
	return g_string_free(origin, FALSE);
}
