#include "../tap.h"
#include "backend/sftp/ssh-config.h"
#include "base/error.h"

#include <sys/stat.h>

static void reads_settings(void)
{
	autoptr(ssh_config) config = ssh_config_parse("user bob\nhostname box.example\nport 2222\n"
						      "identityfile ~/.ssh/my key\nidentityfile /keys/%r@%h%%\n"
						      "identityfile /keys/%Z\nidentityagent none\nhostkeyalias box\n"
						      "userknownhostsfile /a /b\nglobalknownhostsfile /c\n",
						      "alias");
	g_autofree char *key = g_strconcat(g_get_home_dir(), "/.ssh/my key", NULL);
	g_assert_cmpstr(config->host, ==, "box.example");
	g_assert_cmpstr(config->alias, ==, "box");
	g_assert_cmpstr(config->user, ==, "bob");
	g_assert_cmpuint(config->port, ==, 2222);
	g_assert_false(config->agent);
	g_assert_false(config->proxied);
	g_assert_cmpuint(config->identities->len, ==, 2);
	g_assert_cmpstr(g_ptr_array_index(config->identities, 0), ==, key);
	g_assert_cmpstr(g_ptr_array_index(config->identities, 1), ==, "/keys/bob@box.example%");
	g_assert_cmpuint(config->known_hosts->len, ==, 3);
	g_assert_cmpstr(g_ptr_array_index(config->known_hosts, 2), ==, "/c");
}

static void has_defaults(void)
{
	autoptr(ssh_config) config =
		ssh_config_parse("port 0\nport x\nuserknownhostsfile none\n\nproxyjump none\n", "box");
	g_assert_cmpstr(config->host, ==, "box");
	g_assert_cmpstr(config->alias, ==, "box");
	g_assert_cmpstr(config->user, ==, g_get_user_name());
	g_assert_cmpuint(config->port, ==, 22);
	g_assert_true(config->agent);
	g_assert_false(config->proxied);
	g_assert_cmpuint(config->known_hosts->len, ==, 0);
}

static void notices_proxies(void)
{
	autoptr(ssh_config) jump = ssh_config_parse("proxyjump gate\n", "box");
	autoptr(ssh_config) command = ssh_config_parse("proxycommand nc %h %p\n", "box");
	g_assert_true(jump->proxied);
	g_assert_true(command->proxied);
}

/* A host and a user come from an URL that may be a stranger's. */
static void refuses_what_is_no_name(void)
{
	static const char *const names[] = {
		"-oProxyCommand=touch x", "", "a b", "a;b", "$(touch x)", "`x`", "a\nb", "a'b"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) of_host = NULL, of_user = NULL;
		g_assert_null(ssh_config_ask(names[i], NULL, 0, &of_host));
		g_assert_error(of_host, MLV_ERROR, ERROR_USAGE);
		g_assert_null(ssh_config_ask("box", names[i], 0, &of_user));
		g_assert_error(of_user, MLV_ERROR, ERROR_USAGE);
	}
	g_assert_false(g_file_test("x", G_FILE_TEST_EXISTS));
}

/* $HOME is not the account's home here. */
static void asks_ssh(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *program = g_find_program_in_path("ssh");
	if (!program) {
		g_test_skip("ssh is not installed");
		return;
	}
	g_assert_cmpint(mkdir(".ssh", 0700), ==, 0);
	g_assert_true(
		g_file_set_contents(".ssh/config", "Host box\nHostName box.example\nPort 2222\nUser bob\n", -1, NULL));
	autoptr(ssh_config) set = ssh_config_ask("box", NULL, 0, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(set->host, ==, "box.example");
	g_assert_cmpstr(set->user, ==, "bob");
	g_assert_cmpuint(set->port, ==, 2222);
	g_autofree char *known = g_strconcat(tap_tmpdir(), "/.ssh/known_hosts", NULL);
	g_assert_true(g_ptr_array_find_with_equal_func(set->known_hosts, known, g_str_equal, NULL));
	autoptr(ssh_config) said = ssh_config_ask("box", "eve", 44, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(said->user, ==, "eve");
	g_assert_cmpuint(said->port, ==, 44);
}

static void does_without_ssh(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_strdup(g_getenv("PATH"));
	g_assert_true(g_setenv("PATH", "/nowhere", TRUE));
	autoptr(ssh_config) config = ssh_config_ask("box", "bob", 0, &error);
	g_assert_true(g_setenv("PATH", path, TRUE));
	g_assert_no_error(error);
	g_assert_cmpstr(config->host, ==, "box");
	g_assert_cmpstr(config->user, ==, "bob");
	g_assert_cmpuint(config->port, ==, 22);
	g_autofree char *known = g_strconcat(tap_tmpdir(), "/.ssh/known_hosts", NULL);
	g_assert_cmpstr(g_ptr_array_index(config->known_hosts, 0), ==, known);
	g_assert_cmpuint(config->identities->len, >, 0);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_assert_true(g_setenv("HOME", tap_tmpdir(), TRUE));
	g_test_add_func("/ssh-config/reads-settings", reads_settings);
	g_test_add_func("/ssh-config/has-defaults", has_defaults);
	g_test_add_func("/ssh-config/notices-proxies", notices_proxies);
	g_test_add_func("/ssh-config/refuses-what-is-no-name", refuses_what_is_no_name);
	g_test_add_func("/ssh-config/asks-ssh", asks_ssh);
	g_test_add_func("/ssh-config/does-without-ssh", does_without_ssh);
	return g_test_run();
}
