#include "../tap.h"
#include "backend/sftp/sftp-url.h"
#include "base/error.h"

#include <string.h>

static void check(const char *text, const char *user, const char *host, unsigned port, const char *path)
{
	g_autoptr(GError) error = NULL;
	autoptr(sftp_url) url = sftp_url_parse(text, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(url->user, ==, user);
	g_assert_cmpstr(url->host, ==, host);
	g_assert_cmpuint(url->port, ==, port);
	g_assert_cmpstr(url->path, ==, path);
}

static void takes_urls_apart(void)
{
	check("ssh://host/path", NULL, "host", 0, "/path");
	check("ssh://me@host:2222/a/b", "me", "host", 2222, "/a/b");
	check("sftp://me@[::1]:22/a", "me", "::1", 22, "/a");
	check("sftp://[fe80::1]/a", NULL, "fe80::1", 0, "/a");
	check("ssh://host:/a", NULL, "host", 0, "/a");
	check("ssh://a@b@host/a", "a@b", "host", 0, "/a");
	check("ssh://host/", NULL, "host", 0, "/");
	check("ssh://host//a/./b/../c/", NULL, "host", 0, "/a/c");
	check("ssh://host/a%20b%2525/c d", NULL, "host", 0, "/a b%25/c d");
	check("ssh://host/a?b#c@d:e", NULL, "host", 0, "/a?b#c@d:e");
	check("ssh://host/~", NULL, "host", 0, "");
	check("ssh://host/~/", NULL, "host", 0, "");
	check("ssh://host/~/a//b", NULL, "host", 0, "a/b");
	check("ssh://host/~user/a", NULL, "host", 0, "/~user/a");
}

static void refuses_others(void)
{
	static const char *const urls[] = {"ssh://",        "ssh://host",         "ssh:///path",
					   "ssh://@host/a", "ssh://h:0/a",        "ssh://h:65536/a",
					   "ssh://h:x/a",   "ssh://[::1/a",       "ssh://[::1]x/a",
					   "ssh://h/%00",   "ssh://h/~/../other", "ssh://h/~//a/../..",
					   "/path",         "ssh://h/%zz",        "ssh://:22/a"};
	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(sftp_url_parse(urls[i], &error));
		g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	}
}

static void does_not_repeat_passwords(void)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(sftp_url_parse("ssh://me:hunter2@host/a", &error));
	g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	g_assert_null(strstr(error->message, "hunter2"));
	g_assert_null(strstr(error_get_hint(error), "hunter2"));
}

static void quotes_commands(void)
{
	g_autofree char *one = sftp_command("rm", "/a b", NULL);
	g_autofree char *two = sftp_command("rename", "it's", "\"back\\slash\"");
	g_assert_cmpstr(one, ==, "rm \"/a b\"");
	g_assert_cmpstr(two, ==, "rename \"it's\" \"\\\"back\\\\slash\\\"\"");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/sftp-url/takes-urls-apart", takes_urls_apart);
	g_test_add_func("/sftp-url/refuses-others", refuses_others);
	g_test_add_func("/sftp-url/does-not-repeat-passwords", does_not_repeat_passwords);
	g_test_add_func("/sftp-url/quotes-commands", quotes_commands);
	return g_test_run();
}
