#include "pipeline/exec.h"

#include "../tap.h"
#include "base/error.h"
#include "doc/yaml.h"

static void assert_list(char **list, const char *expected)
{
	g_autofree char *joined = g_strjoinv("|", list);

	g_assert_cmpstr(joined, ==, expected);
	g_strfreev(list);
}

static void assert_commands(const char *yaml, const char *commands, const char *lines)
{
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = yaml_read(yaml, strlen(yaml), "test", &error);

	g_assert_no_error(error);
	assert_list(exec_commands(doc->root), commands);
	assert_list(exec_lines(doc->root), lines);
}

static void commands(void)
{
	assert_commands("echo a", "echo a", "echo a");
	assert_commands("|\n  a\n  b\n", "a|b", "a|b");
	assert_commands("|+\n  a\n\n", "a", "a|");
	assert_commands("\"a\\r\\nb\\rc\"", "a|b|c", "a|b|c");
	assert_commands("\"  \\n# only a comment\\n a # b\"", " a # b", "  |# only a comment| a # b");
	assert_commands("[\"a\\nb\", \"\", \"# x\\n\", \"# x\\ny\"]", "a\nb|# x\ny", "a\nb||# x\n|# x\ny");
	assert_commands("''", "", "");
	assert_commands("[]", "", "");
}

static void shells(void)
{
	g_setenv("SHELL", "/bin/bash", TRUE);
	assert_list(exec_shell(), "/bin/bash|--noprofile|--norc|-c");
	g_setenv("SHELL", "/usr/local/bin/zsh", TRUE);
	assert_list(exec_shell(), "/usr/local/bin/zsh|--no-rcs|-c");
	g_setenv("SHELL", "", TRUE);
	assert_list(exec_shell(), "/bin/sh|-c");
	g_unsetenv("SHELL");
	assert_list(exec_shell(), "/bin/sh|-c");
}

/* fish knows --no-config since 3.3. */
static void fish(void)
{
	static const char old[] = "#!/bin/sh\necho fish, version 3.2.9\n", new[] = "#!/bin/sh\necho fish, version 3.10.1\n";
	g_autofree char *path = path_join(tap_tmpdir(), "fish");
	g_autofree char *plain = g_strconcat(path, "|-c", NULL), *bare = g_strconcat(path, "|--no-config|-c", NULL);

	g_setenv("SHELL", path, TRUE);
	g_assert_true(file_replace(path, old, strlen(old), 0777, NULL));
	assert_list(exec_shell(), plain);
	g_assert_true(file_replace(path, new, strlen(new), 0777, NULL));
	assert_list(exec_shell(), bare);
}

static void environment(void)
{
	static const char *const settings[] = {"MLV_ROOT=/a=b", "PATHS=", NULL};
	g_auto(GStrv) all = NULL;
	guint roots = 0;

	g_setenv("MLV_ROOT", "old", TRUE);
	g_setenv("MLV_ROOTS", "kept", TRUE);
	all = exec_environment(settings);
	g_assert_true(g_strv_contains((const char *const *)all, "MLV_ROOT=/a=b"));
	g_assert_true(g_strv_contains((const char *const *)all, "MLV_ROOTS=kept"));
	g_assert_true(g_strv_contains((const char *const *)all, "PATHS="));
	for (char **one = all; *one; one++)
		roots += g_str_has_prefix(*one, "MLV_ROOT=");
	g_assert_cmpuint(roots, ==, 1);
}

static void named(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(exec_named("local", NULL) == &exec_local);
	g_assert_null(exec_named("remote", &error));
	g_assert_true(error_is(error, ERROR_USAGE));
	g_assert_nonnull(strstr(error_get_hint(error), "local"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/exec/commands", commands);
	g_test_add_func("/exec/shells", shells);
	g_test_add_func("/exec/fish", fish);
	g_test_add_func("/exec/environment", environment);
	g_test_add_func("/exec/named", named);
	return g_test_run();
}
