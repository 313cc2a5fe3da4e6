/*
 * The conformance suite over web servers: WebDAV and plain PUT, each with and without TLS and HTTP/2, basic and digest
 * authorisation.
 */
#include "../remote/conformance.h"
#include "../tap.h"
#include "backend/web/http.h"
#include "backend/web/webdav.h"

static const struct body bodies[] = {
	{.name = "nginx-webdav", .ops = &remote_webdav, .server = "nginx", .hides_dots = true},
	{.name = "nginx-webdavs", .ops = &remote_webdavs, .server = "nginx", .hides_dots = true, .kind = "webdavs"},
	{.name = "nginx-open", .ops = &remote_webdav, .server = "nginx", .hides_dots = true, .kind = "open"},
	{.name = "nginx-http", .ops = &remote_http, .server = "nginx", .hides_dots = true, .kind = "http"},
	{.name = "nginx-https", .ops = &remote_https, .server = "nginx", .hides_dots = true, .kind = "https"},
	{.name = "apache-webdav", .ops = &remote_webdav, .server = "apache"},
	{.name = "apache-webdavs", .ops = &remote_webdavs, .server = "apache", .kind = "webdavs"},
	{.name = "apache-digest", .ops = &remote_webdav, .server = "apache", .kind = "digest"},
};

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	conformance_add(bodies, G_N_ELEMENTS(bodies));
	return g_test_run();
}
