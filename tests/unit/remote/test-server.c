/*
 * The servers themselves: they start, give places that differ, die and come back, and say what is missing.
 */
#include "../tap.h"
#include "base/error.h"
#include "server.h"

#include <string.h>

static void starts(gconstpointer name)
{
	const char *why;
	struct server *server = server_get(name, &why);
	if (!server) {
		g_test_skip(why);
		return;
	}
	g_assert_true(server_get(name, NULL) == server);
	autoptr(server_place) one = server_place_new(server, NULL);
	autoptr(server_place) other = server_place_new(server, NULL);
	g_assert_nonnull(strstr(one->spec->url, ":"));
	/* A Git LFS server has one store. */
	if (strcmp(name, "lfs") != 0)
		g_assert_cmpstr(one->spec->url, !=, other->spec->url);
	server_kill(server);
	server_revive(server);
	autoptr(server_place) third = server_place_new(server, NULL);
	g_assert_nonnull(third->spec);
}

static void tells_variants(void)
{
	const char *why;
	struct server *server = server_get("nginx", &why);
	if (!server) {
		g_test_skip(why);
		return;
	}
	g_assert_true(g_str_has_prefix(server_value(server, "HTTP_URL"), "http://127.0.0.1:"));
	g_assert_null(server_value(server, "NONSENSE"));
	autoptr(server_place) place = server_place_new(server, "webdavs");
	g_assert_true(g_str_has_prefix(place->spec->url, "webdavs://"));
	g_assert_true(g_str_has_prefix(remote_spec_get(place->spec, "password"), "mlv/+%:"));
	g_assert_cmpstr(remote_spec_get(place->wrong, "password"), ==, "wrong");
	g_assert_cmpstr(remote_spec_get(place->wrong, "user"), ==, remote_spec_get(place->spec, "user"));
	g_assert_cmpstr(place->readonly->url, !=, place->spec->url);
	g_assert_null(place->missing);
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"apache", "ceph", "lfs", "nginx", "sshd", "swift"};
	tap_init(argc, argv);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_strdup_printf("/server/%s/starts", names[i]);
		g_test_add_data_func(path, names[i], starts);
	}
	g_test_add_func("/server/tells-variants", tells_variants);
	return g_test_run();
}
