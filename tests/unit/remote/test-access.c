#include "../tap.h"
#include "base/error.h"
#include "remote/access.h"
#include "remote/urlmatch.h"

#include <string.h>

/* Settings as a file says them. */
static struct config *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_assert_true(g_file_set_contents("settings", text, -1, NULL));
	struct config *config = config_read_file("settings", &error);
	g_assert_no_error(error);
	return config;
}

static struct access *get_access(const char *settings, const char *url, bool committed)
{
	g_autoptr(GError) error = NULL;
	autoptr(config) config = read_text(settings);
	autoptr(remote_spec) spec = remote_spec_new("r", url);
	spec->config = config;
	spec->committed = committed;
	struct access *access = access_new(spec, url, &error);
	g_assert_no_error(error);
	return access;
}

static void settings_without_an_url_hold_everywhere(void)
{
	autoptr(access) access = get_access("[http]\nsslVerify = false\nproxy = http://p:1\nuserAgent = me\n"
					    "version = HTTP/1.1\nsslCAInfo = ~/ca\n",
					    "https://h/x", false);
	g_autofree char *ca = g_strconcat(g_get_home_dir(), "/ca", NULL);
	g_assert_true(access->insecure);
	g_assert_true(access->http1);
	g_assert_cmpstr(access->proxy, ==, "http://p:1");
	g_assert_cmpstr(access->user_agent, ==, "me");
	g_assert_cmpstr(access->ca_file, ==, ca);
}

static void defaults_check_the_server(void)
{
	autoptr(access) access = get_access("", "https://h/x", false);
	g_assert_false(access->insecure);
	g_assert_null(access->ca_file);
	g_assert_null(access->headers);
	g_assert_cmpuint(access->connect_timeout, ==, 60);
	g_assert_true(g_str_has_prefix(access->user_agent, "git-mlv/"));
	g_assert_true(g_str_has_suffix(access->known_hosts, "known_hosts"));
	g_assert_true(access->ssh_agent);
}

/* Each pattern alone, against https://user@data.example.com:443/a/b. */
static void urls_match_as_git_matches_them(void)
{
	static const struct {
		const char *pattern;
		bool matches;
	} cases[] = {
		{"https://data.example.com", true},
		{"https://data.example.com/", true},
		{"https://data.example.com:443/a", true},
		{"HTTPS://DATA.example.com/a/b/", true},
		{"https://*.example.com", true},
		{"https://user@data.example.com", true},
		{"https://data.example.com/a/bc", false},
		{"https://data.example.com/ab", false},
		{"https://other@data.example.com", false},
		{"https://*.com", false},
		{"http://data.example.com", false},
		{"https://data.example.com:444", false},
		{"https://data.example.com.evil.org", false},
		{"data.example.com", false},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("[http \"%s\"]\nproxy = hit\n", cases[i].pattern);
		autoptr(access) access = get_access(text, "https://user@data.example.com/a/b", false);
		g_test_message("%s", cases[i].pattern);
		g_assert_cmpstr(access->proxy, ==, cases[i].matches ? "hit" : NULL);
	}
}

static void the_better_match_wins_wherever_it_stands(void)
{
	autoptr(access) access = get_access("[http \"https://h/a\"]\nproxy = path\n[http \"https://h\"]\nproxy = host\n"
					    "[http]\nproxy = all\n",
					    "https://h/a/b", false);
	autoptr(access) user =
		get_access("[http \"https://u@h\"]\nproxy = user\n[http \"https://h/a\"]\nproxy = path\n",
			   "https://u@h/a/b", false);
	g_assert_cmpstr(access->proxy, ==, "path");
	g_assert_cmpstr(user->proxy, ==, "path");
}

static void headers_add_up_until_an_empty_one(void)
{
	static const char settings[] = "[http]\nextraHeader = A: 1\nextraHeader =\nextraHeader = B: 2\n"
				       "[http \"https://h\"]\nextraHeader = C: 3\n";
	autoptr(access) access = get_access(settings, "https://h/", false);
	autoptr(access) other = get_access(settings, "https://other/", false);
	g_assert_cmpuint(access->headers->len, ==, 2);
	g_assert_cmpstr(access->headers->pdata[0], ==, "B: 2");
	g_assert_cmpstr(access->headers->pdata[1], ==, "C: 3");
	g_assert_cmpuint(other->headers->len, ==, 1);
}

/* A header for all hosts may be a token: a host that a clone names does not get it. */
static void a_committed_url_gets_no_general_header(void)
{
	static const char settings[] = "[http]\nextraHeader = A: 1\n[http \"https://h\"]\nextraHeader = C: 3\n";
	autoptr(access) given = get_access(settings, "https://h/", true);
	autoptr(access) other = get_access(settings, "https://evil/", true);
	g_assert_cmpuint(given->headers->len, ==, 1);
	g_assert_cmpstr(given->headers->pdata[0], ==, "C: 3");
	g_assert_null(other->headers);
}

static void options_override_settings(void)
{
	g_autoptr(GError) error = NULL;
	autoptr(config) config = read_text("[http]\nsslVerify = false\nsslCert = git-cert\n");
	autoptr(remote_spec) spec = remote_spec_new("r", "https://h/");
	spec->config = config;
	static const char *const options[][2] = {
		{"ssl_verify", "true"},     {"cert_path", "/c"}, {"key_path", "/k"},      {"keyfile", "/id"},
		{"connect_timeout", "7.5"}, {"passphrase", "s"}, {"allow_agent", "false"}};
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		g_hash_table_insert(spec->options, g_strdup(options[i][0]), g_strdup(options[i][1]));
	autoptr(access) access = access_new(spec, spec->url, &error);
	g_assert_no_error(error);
	g_assert_false(access->insecure);
	g_assert_cmpstr(access->cert, ==, "/c");
	g_assert_cmpstr(access->key, ==, "/k");
	g_assert_cmpstr(access->ssh_key, ==, "/id");
	g_assert_cmpstr(access->key_password, ==, "s");
	g_assert_cmpuint(access->connect_timeout, ==, 7);
	g_assert_false(access->ssh_agent);
	g_hash_table_insert(spec->options, g_strdup("ssl_verify"), g_strdup(tap_tmpdir()));
	autoptr(access) directory = access_new(spec, spec->url, &error);
	g_assert_cmpstr(directory->ca_path, ==, tap_tmpdir());
	g_hash_table_insert(spec->options, g_strdup("ssl_verify"), g_strdup("/ca.pem"));
	autoptr(access) file = access_new(spec, spec->url, &error);
	g_assert_cmpstr(file->ca_file, ==, "/ca.pem");
	g_assert_false(file->insecure);
}

static void nonsense_is_refused(void)
{
	static const char *const settings[] = {"[http]\nsslVerify = perhaps\n", "[http]\nversion = 9\n",
					       "[http]\nextraHeader = \"A: 1\\nB: 2\"\n"};
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		g_autoptr(GError) error = NULL;
		autoptr(config) config = read_text(settings[i]);
		autoptr(remote_spec) spec = remote_spec_new("r", "https://h/");
		spec->config = config;
		g_assert_null(access_new(spec, spec->url, &error));
		g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	}
	static const char *const values[] = {"", "x", "-1", "0", "nan", "1e99"};
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autoptr(GError) error = NULL;
		autoptr(remote_spec) spec = remote_spec_new("r", "https://h/");
		g_hash_table_insert(spec->options, g_strdup("connect_timeout"), g_strdup(values[i]));
		g_assert_null(access_new(spec, spec->url, &error));
		g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	}
}

static void the_environment_overrides_settings(void)
{
	g_setenv("GIT_SSL_NO_VERIFY", "1", TRUE);
	g_setenv("GIT_SSL_CAINFO", "/env", TRUE);
	autoptr(access) access = get_access("[http]\nsslVerify = true\nsslCAInfo = /set\n", "https://h/", false);
	g_unsetenv("GIT_SSL_NO_VERIFY");
	g_unsetenv("GIT_SSL_CAINFO");
	g_assert_true(access->insecure);
	g_assert_cmpstr(access->ca_file, ==, "/env");
}

static void origins_are_canonical(void)
{
	static const char *const cases[][2] = {
		{"https://H:443/a", "https://h"},
		{"http://u:p@h/", "http://h"},
		{"webdavs://h/x", "https://h"},
		{"webdav://h:8080", "http://h:8080"},
		{"https://[::1]:8443/", "https://[::1]:8443"},
		{"HTTP://h:80", "http://h"},
		{"webdav://h:443", "http://h:443"},
		{"/path", NULL},
		{"file:///path", NULL},
		{"https://", NULL},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *origin = urlmatch_origin(cases[i][0]);
		g_assert_cmpstr(origin, ==, cases[i][1]);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	static const char *const overriding[] = {"GIT_SSL_NO_VERIFY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
						 "GIT_SSL_CERT",      "GIT_SSL_KEY",    "GIT_HTTP_USER_AGENT"};
	for (size_t i = 0; i < G_N_ELEMENTS(overriding); i++)
		g_unsetenv(overriding[i]);
	g_test_add_func("/access/settings-without-an-url-hold-everywhere", settings_without_an_url_hold_everywhere);
	g_test_add_func("/access/defaults-check-the-server", defaults_check_the_server);
	g_test_add_func("/access/urls-match-as-git-matches-them", urls_match_as_git_matches_them);
	g_test_add_func("/access/the-better-match-wins-wherever-it-stands", the_better_match_wins_wherever_it_stands);
	g_test_add_func("/access/headers-add-up-until-an-empty-one", headers_add_up_until_an_empty_one);
	g_test_add_func("/access/a-committed-url-gets-no-general-header", a_committed_url_gets_no_general_header);
	g_test_add_func("/access/options-override-settings", options_override_settings);
	g_test_add_func("/access/nonsense-is-refused", nonsense_is_refused);
	g_test_add_func("/access/the-environment-overrides-settings", the_environment_overrides_settings);
	g_test_add_func("/access/origins-are-canonical", origins_are_canonical);
	return g_test_run();
}
