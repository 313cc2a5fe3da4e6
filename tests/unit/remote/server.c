#include "server.h"

#include "base/file.h"
#include "base/path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT_RUN 77

struct server {
	char *name, *dir;
	GHashTable *values; /* NULL: it cannot run here */
	char *why;
};

/* All servers of the program. */
struct servers {
	GPtrArray *all;
	pid_t owner;
};

static struct servers *servers(void)
{
	static struct servers state;
	return &state;
}

/* Run tests/services/service; its standard output, or NULL with the reason if the service cannot run here. */
static char *ask(const struct server *server, const char *verb, const char *argument, char **why)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *program = g_build_filename(top ? top : ".", "tests/services/service", NULL);
	const char *argv[] = {"bash", program, server->name, verb, server->dir, argument, NULL};
	g_autofree char *owner = g_strdup_printf("%ld", (long)getpid());
	g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "SERVICE_OWNER", owner, TRUE);
	g_autofree char *out = NULL;
	g_autofree char *err = NULL;
	g_autoptr(GError) error = NULL;
	int status;
	g_spawn_sync(NULL, (char **)argv, env, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error);
	g_assert_no_error(error);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_RUN && why) {
		*why = g_strstrip(g_steal_pointer(&err));
		return NULL;
	}
	if (status != 0)
		g_error("service %s %s: status %d: %s", server->name, verb, status, err);
	return g_steal_pointer(&out);
}

/* Shell assignments, one a line, as a table. */
static GHashTable *parse(const char *assignments)
{
	GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(assignments, "\n", -1);
	for (char **line = lines; *line; line++) {
		char *equals = strchr(*line, '=');
		g_autoptr(GError) error = NULL;
		if (!equals)
			continue;
		char *value = g_shell_unquote(equals + 1, &error);
		g_assert_no_error(error);
		g_hash_table_insert(values, g_strndup(*line, (gsize)(equals - *line)), value);
	}
	return values;
}

static void server_free(gpointer data)
{
	struct server *server = data;
	g_autofree char *parent = g_path_get_dirname(server->dir);
	g_autoptr(GError) error = NULL;
	if (server->values) {
		g_free(ask(server, "down", NULL, NULL));
		g_hash_table_unref(server->values);
	}
	if (chdir(parent) < 0 || !file_remove_tree(AT_FDCWD, path_base(server->dir), &error))
		g_printerr("cannot remove %s: %s\n", server->dir, error ? error->message : "no way there");
	g_free(server->name);
	g_free(server->dir);
	g_free(server->why);
	g_free(server);
}

/* At the end of the program, but not of a child that a test forked. */
static void end_all(void)
{
	if (getpid() == servers()->owner)
		g_ptr_array_unref(servers()->all);
}

static struct server *server_start(const char *name)
{
	g_autoptr(GError) error = NULL;
	struct server *server = g_new0(struct server, 1);
	server->name = g_strdup(name);
	server->dir = g_dir_make_tmp("mlv-server-XXXXXX", &error);
	g_assert_no_error(error);
	/* It may have a user of its own. */
	g_assert_cmpint(chmod(server->dir, 0711), ==, 0);
	g_autofree char *out = ask(server, "up", NULL, &server->why);
	server->values = out ? parse(out) : NULL;
	return server;
}

struct server *server_get(const char *name, const char **why)
{
	struct servers *state = servers();
	struct server *server = NULL;
	if (!state->all) {
		state->all = g_ptr_array_new_with_free_func(server_free);
		state->owner = getpid();
		atexit(end_all);
	}
	for (guint i = 0; i < state->all->len && !server; i++) {
		struct server *known = g_ptr_array_index(state->all, i);
		if (strcmp(known->name, name) == 0)
			server = known;
	}
	if (!server) {
		server = server_start(name);
		g_ptr_array_add(state->all, server);
	}
	if (why)
		*why = server->why;
	return server->values ? server : NULL;
}

const char *server_value(const struct server *server, const char *key)
{
	return g_hash_table_lookup(server->values, key);
}

/* Set the options that the service gave with this prefix. */
static bool take_options(struct remote_spec *spec, GHashTable *values, const char *prefix)
{
	GHashTableIter iter;
	gpointer key, value;
	bool any = false;
	g_autofree char *start = g_strconcat(prefix, "OPTION_", NULL);
	g_hash_table_iter_init(&iter, values);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		if (!g_str_has_prefix(key, start))
			continue;
		g_hash_table_insert(spec->options, g_strdup((char *)key + strlen(start)), g_strdup(value));
		any = true;
	}
	return any;
}

/* A way to the place that differs from the usual one in what the service gave with this prefix; NULL without any. */
static struct remote_spec *variant(GHashTable *values, const char *prefix)
{
	g_autofree char *key = g_strconcat(prefix, "URL", NULL);
	const char *url = g_hash_table_lookup(values, key);
	autoptr(remote_spec) spec =
		remote_spec_new("origin", url ? url : (const char *)g_hash_table_lookup(values, "URL"));
	take_options(spec, values, "");
	return take_options(spec, values, prefix) || url ? g_steal_pointer(&spec) : NULL;
}

struct server_place *server_place_new(struct server *server, const char *kind)
{
	g_autofree char *out = ask(server, "place", kind, NULL);
	struct server_place *place = g_new0(struct server_place, 1);
	place->values = parse(out);
	place->spec = variant(place->values, "");
	place->readonly = variant(place->values, "READONLY_");
	place->wrong = variant(place->values, "WRONG_");
	place->missing = variant(place->values, "MISSING_");
	return place;
}

void server_place_free(struct server_place *place)
{
	if (!place)
		return;
	remote_spec_free(place->spec);
	remote_spec_free(place->readonly);
	remote_spec_free(place->wrong);
	remote_spec_free(place->missing);
	g_hash_table_unref(place->values);
	g_free(place);
}

void server_kill(struct server *server)
{
	g_free(ask(server, "kill", NULL, NULL));
}

void server_revive(struct server *server)
{
	g_free(ask(server, "up", NULL, NULL));
}
