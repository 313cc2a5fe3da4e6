#include "remote/spec.h"

struct remote_spec *remote_spec_new(const char *name, const char *url)
{
	struct remote_spec *spec = g_new0(struct remote_spec, 1);
	spec->name = g_strdup(name);
	spec->url = g_strdup(url);
	spec->options = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	spec->given.scopes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return spec;
}

const char *remote_spec_get(const struct remote_spec *spec, const char *name)
{
	return g_hash_table_lookup(spec->options, name);
}

void remote_spec_free(struct remote_spec *spec)
{
	if (!spec)
		return;
	g_free(spec->name);
	g_free(spec->url);
	g_hash_table_unref(spec->options);
	g_free(spec->withheld);
	g_free(spec->note_place);
	g_hash_table_unref(spec->given.scopes);
	g_free(spec->given.own_url);
	g_free(spec->given.own_endpoint);
	g_free(spec);
}
