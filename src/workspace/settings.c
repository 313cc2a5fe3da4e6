#include "workspace/settings-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/pool.h"
#include "store/collect.h"

#include <limits.h>

/* A transfer without a byte for so many seconds counts as dead. */
#define STALL_TIMEOUT 60

static void settings_init(struct settings *settings, const struct dialect *dialect)
{
	settings->remotes = g_ptr_array_new_with_free_func((GDestroyNotify)remote_spec_free);
	settings->store.links[0] = LINK_REFLINK;
	settings->store.links[1] = LINK_COPY;
	settings->store.link_count = 2;
	settings->store.marks = dialect == &dialect_native;
	settings->threads = pool_default_threads();
	settings->gc_grace = COLLECT_GRACE;
	settings->stall_timeout = STALL_TIMEOUT;
}

struct settings *settings_read(const struct repo *repo, const struct config *config, const struct dialect *dialect,
			       const char *root, GError **error)
{
	autoptr(settings) settings = g_new0(struct settings, 1);
	const struct settings_source source = {repo, config, root};
	bool ok;

	settings_init(settings, dialect);
	ok = dialect == &dialect_dvc ? settings_read_dvc(settings, &source, error)
				     : settings_read_native(settings, &source, error);
	if (!ok || !settings_read_numbers(settings, config, error))
		return NULL;
	for (guint i = 0; i < settings->remotes->len; i++) {
		struct remote_spec *spec = settings->remotes->pdata[i];

		spec->repo = repo;
		spec->config = config;
	}
	return g_steal_pointer(&settings);
}

void settings_free(struct settings *settings)
{
	if (!settings)
		return;
	g_free(settings->store_root);
	g_free(settings->default_remote);
	g_ptr_array_unref(settings->remotes);
	g_free(settings);
}

static const struct remote_spec *find_remote(const struct settings *settings, const char *name)
{
	for (guint i = 0; i < settings->remotes->len; i++) {
		const struct remote_spec *spec = settings->remotes->pdata[i];

		if (g_str_equal(spec->name, name))
			return spec;
	}
	return NULL;
}

struct remote_spec *settings_make_remote(struct settings *settings, const char *name)
{
	struct remote_spec *spec = (struct remote_spec *)find_remote(settings, name);

	if (!spec) {
		spec = remote_spec_new(name, "");
		g_ptr_array_add(settings->remotes, spec);
	}
	return spec;
}

const struct remote_spec *settings_remote(const struct settings *settings, const char *name, GError **error)
{
	const struct remote_spec *spec = NULL;

	if (!name)
		name = settings->default_remote;
	if (name)
		spec = find_remote(settings, name);
	else if (settings->remotes->len == 1)
		spec = settings->remotes->pdata[0];

	if (!spec) {
		if (name)
			error_set(error, ERROR_NOT_FOUND, "there is no remote '%s'", name);
		else if (settings->remotes->len > 1)
			error_set(error, ERROR_NOT_FOUND, "several remotes are set, but none is the default");
		else
			error_set(error, ERROR_NOT_FOUND, "no remote is set");
		error_hint(error, !name && settings->remotes->len > 1 ? "git mlv remote default <name>"
								      : "git mlv remote add --default <name> <url>");
		return NULL;
	}
	if (!*spec->url) {
		error_set(error, ERROR_USAGE, "remote '%s' has no url", spec->name);
		error_hint(error, "git mlv remote modify %s url <url>", spec->name);
		return NULL;
	}
	return spec;
}

bool settings_set_links(struct settings *settings, const char *text, const char *key, GError **error)
{
	g_auto(GStrv) names = g_strsplit(text, ",", -1);
	unsigned count = 0, seen = 0;

	for (char **name = names; *name; name++) {
		enum link_kind kind = link_kind_named(g_strstrip(*name));

		if (kind == LINK_KINDS || (seen & 1U << kind)) {
			error_set(error, ERROR_USAGE, "%s: '%s' is %s", key, *name,
				  kind == LINK_KINDS ? "no kind of link" : "named twice");
			error_hint(error, "name some of reflink, hardlink, symlink and copy, best first");
			return false;
		}
		seen |= 1U << kind;
		settings->store.links[count++] = kind;
	}
	if (!count) {
		error_set(error, ERROR_USAGE, "%s: no kind of link is named", key);
		return false;
	}
	settings->store.link_count = count;
	return true;
}

char *settings_locate(const char *text, const char *dir)
{
	g_autofree char *home = NULL, *joined = NULL;

	if (!*text || path_is_url(text))
		return g_strdup(text);
	if (text[0] == '~' && (text[1] == '/' || !text[1]))
		home = g_strconcat(g_get_home_dir(), text + 1, NULL);
	joined = path_join(dir ? dir : "", home ? home : text);
	return path_normal(joined);
}

bool settings_parse_duration(const char *text, int64_t *seconds)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"", 1},        {"s", 1},     {"second", 1},  {"m", 60},     {"minute", 60},  {"h", 3600},
		     {"hour", 3600}, {"d", 86400}, {"day", 86400}, {"w", 604800}, {"week", 604800}};
	g_autofree char *unit = NULL;
	char *rest;
	gint64 number;
	size_t length;

	if (!strcmp(text, "never") || !strcmp(text, "now")) {
		*seconds = text[1] == 'o' ? 0 : INT64_MAX;
		return true;
	}
	if (!g_ascii_isdigit(*text))
		return false;
	number = g_ascii_strtoll(text, &rest, 10);
	unit = g_strdup(*rest == '.' || *rest == ' ' ? rest + 1 : rest);
	if (g_str_has_suffix(unit, ".ago"))
		unit[strlen(unit) - strlen(".ago")] = '\0';
	length = strlen(unit);
	if (length > 1 && unit[length - 1] == 's')
		unit[length - 1] = '\0';
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(unit, units[i].unit))
			continue;
		if (number > INT64_MAX / units[i].seconds)
			return false;
		*seconds = number * units[i].seconds;
		return true;
	}
	return false;
}

/* A whole number of at least `low` and at most `high`. */
static bool read_number(const struct config *config, const char *key, int64_t low, int64_t high, int64_t *value,
			GError **error)
{
	int64_t number;

	if (!config_get_int(config, key, *value, &number, error))
		return false;
	if (number < low || number > high) {
		error_set(error, ERROR_USAGE,
			  "%s: %" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, key,
			  number, low, high);
		return false;
	}
	*value = number;
	return true;
}

bool settings_read_numbers(struct settings *settings, const struct config *config, GError **error)
{
	int64_t jobs = settings->jobs, threads = settings->threads;
	const char *grace = config_get(config, "mlv.gcgrace");

	if (grace && !settings_parse_duration(grace, &settings->gc_grace)) {
		error_set(error, ERROR_USAGE, "mlv.gcGrace: '%s' is no time span", grace);
		error_hint(error, "git config mlv.gcGrace 2.weeks");
		return false;
	}
	if (!read_number(config, "mlv.jobs", 0, 1024, &jobs, error) ||
	    !read_number(config, "mlv.threads", 1, 256, &threads, error) ||
	    !read_number(config, "mlv.maxrate", 0, INT64_MAX, &settings->max_rate, error) ||
	    !read_number(config, "mlv.stalltimeout", 1, 86400, &settings->stall_timeout, error))
		return false;
	settings->jobs = (unsigned)jobs;
	settings->threads = (unsigned)threads;
	return true;
}
