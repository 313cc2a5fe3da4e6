/*
 * Asking over ssh where a Git LFS server is: which program is run, and with what words.
 */
#include "../tap.h"
#include "backend/lfs/lfs-int.h"
#include "base/error.h"

#include <string.h>
#include <sys/stat.h>

static struct lfs_endpoint *endpoint_of(const char *url)
{
	g_autoptr(GError) error = NULL;
	struct lfs_endpoint *endpoint = lfs_endpoint_find(url, &(struct lfs_settings){NULL, NULL}, false, &error);
	g_assert_no_error(error);
	return endpoint;
}

/* The command line, its words separated by '|'. */
static void check_argv(const char *url, const char *program, const char *expected)
{
	autoptr(lfs_endpoint) endpoint = endpoint_of(url);
	g_auto(GStrv) argv = lfs_ssh_argv(endpoint, program, "upload");
	g_autofree char *words = g_strjoinv("|", argv);
	g_assert_cmpstr(words, ==, expected);
}

static void makes_command_lines(void)
{
	check_argv("lfs::git@h:o/r.git", "ssh", "ssh|git@h|git-lfs-authenticate o/r.git upload");
	check_argv("lfs::ssh://h:22/o/r", "ssh", "ssh|-p|22|h|git-lfs-authenticate /o/r upload");
	check_argv("lfs::ssh://h:22/o/r", "/opt/plink.exe", "/opt/plink.exe|-P|22|h|git-lfs-authenticate /o/r upload");
	check_argv("lfs::ssh://h:22/o/r", "!ssh -v -i 'a b'",
		   "sh|-c|ssh -v -i 'a b' \"$@\"|ssh -v -i 'a b'|-p|22|h|git-lfs-authenticate /o/r upload");
	check_argv("lfs::h:o/$(touch x)'y", "ssh", "ssh|h|git-lfs-authenticate 'o/$(touch x)'\\''y' upload");
}

static void chooses_the_program_as_git(void)
{
	static const char settings[] = "[core]\nsshCommand = mine -v\n";
	g_autofree char *path = g_build_filename(tap_tmpdir(), "config", NULL);
	g_assert_true(g_file_set_contents(path, settings, -1, NULL));
	autoptr(config) config = config_read_file(path, NULL);
	g_unsetenv("GIT_SSH_COMMAND");
	g_unsetenv("GIT_SSH");
	g_autofree char *plain = lfs_ssh_program(NULL);
	g_assert_cmpstr(plain, ==, "ssh");
	g_setenv("GIT_SSH", "/bin/other", TRUE);
	g_autofree char *other = lfs_ssh_program(NULL), *mine = lfs_ssh_program(config);
	g_assert_cmpstr(other, ==, "/bin/other");
	g_assert_cmpstr(mine, ==, "!mine -v");
	g_setenv("GIT_SSH_COMMAND", "now -x", TRUE);
	g_autofree char *now = lfs_ssh_program(config);
	g_assert_cmpstr(now, ==, "!now -x");
}

/* Ask a host that is this shell script. */
static bool ask(const char *script, struct lfs_action *action, GError **error)
{
	g_autofree char *path = g_build_filename(tap_tmpdir(), "host", NULL);
	g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", script);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(chmod(path, 0755), ==, 0);
	autoptr(lfs_endpoint) endpoint = endpoint_of("lfs::git@h:r");
	return lfs_ssh_ask(endpoint, path, false, action, error);
}

static void reads_what_the_host_tells(void)
{
	struct lfs_action action = {0};
	g_autoptr(GError) error = NULL;
	g_assert_true(ask("echo '{\"href\":\"https://h/lfs\",\"header\":{\"Authorization\":\"RemoteAuth t\"}}'", &action,
			  &error));
	g_assert_no_error(error);
	g_assert_cmpstr(action.href, ==, "https://h/lfs");
	g_assert_true(action.authorizes);
	lfs_action_clear(&action);
}

static void repeats_what_the_host_says(void)
{
	struct lfs_action action = {0};
	g_autoptr(GError) error = NULL;
	g_assert_false(ask("printf 'banner\\nno \\033[31msuch repository\\n' >&2; exit 3", &action, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_true(g_str_has_suffix(error->message, ": no  [31msuch repository"));
	g_assert_nonnull(error_get_hint(error));
	g_clear_error(&error);
	g_assert_false(ask("echo token hunter2", &action, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_null(strstr(error->message, "hunter2"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/lfs-ssh/makes-command-lines", makes_command_lines);
	g_test_add_func("/lfs-ssh/chooses-the-program-as-git", chooses_the_program_as_git);
	g_test_add_func("/lfs-ssh/reads-what-the-host-tells", reads_what_the_host_tells);
	g_test_add_func("/lfs-ssh/repeats-what-the-host-says", repeats_what_the_host_says);
	return g_test_run();
}
