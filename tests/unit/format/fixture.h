/*
 * fixture: projects that DVC wrote, and its answers about them. They are no part of the source tree: MLV_FIXTURES names
 * their folder, else ../shared/fixtures beside the source tree is used; a test that needs an absent one is skipped.
 */
#ifndef TESTS_FORMAT_FIXTURE_H
#define TESTS_FORMAT_FIXTURE_H

#include <glib.h>
#include <glib/gstdio.h>

/* Run a shell command in the current directory; its exit code. */
static inline int fixture_shell(const char *command)
{
	const char *argv[] = {"sh", "-c", command, NULL};
	int status = 0;

	g_assert_true(
		g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
	return g_spawn_check_wait_status(status, NULL) ? 0 : 1;
}

/* The folder that holds the fixtures; it may not exist. */
static inline char *fixture_home(void)
{
	const char *named = g_getenv("MLV_FIXTURES"), *top = g_getenv("top_srcdir");

	return named ? g_strdup(named) : g_build_filename(top ? top : ".", "..", "shared", "fixtures", NULL);
}

/*
 * Unpack fixture `name` below the current directory and apply `state` to it (NULL for none). The path of its project,
 * or NULL after marking the test as skipped.
 */
static inline char *fixture_unpack(const char *name, const char *state)
{
	g_autofree char *home = fixture_home();
	g_autofree char *archive = g_strdup_printf("%s/%s.tar.gz", home, name);
	g_autofree char *quoted = g_shell_quote(archive), *command = NULL;

	if (!g_file_test(archive, G_FILE_TEST_EXISTS)) {
		g_test_skip("the fixtures are not here");
		return NULL;
	}
	command = g_strdup_printf("rm -rf %s && tar xzf %s", name, quoted);
	g_assert_cmpint(fixture_shell(command), ==, 0);
	if (state) {
		g_autofree char *script = g_strdup_printf("%s/%s.expected/states/%s/apply.sh", home, name, state);
		g_autofree char *quoted_script = g_shell_quote(script);
		g_autofree char *apply = g_strdup_printf("cd %s/project && sh %s", name, quoted_script);

		g_assert_cmpint(fixture_shell(apply), ==, 0);
	}
	return g_build_filename(name, "project", NULL);
}

/* What DVC answered: the file `file` (may lie in states/…) of fixture `name`. NULL if there is no such answer. */
static inline char *fixture_answer(const char *name, const char *file)
{
	g_autofree char *home = fixture_home();
	g_autofree char *path = g_strdup_printf("%s/%s.expected/%s", home, name, file);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

/* The bytes of a file of the unpacked project; fails the test if it cannot be read. */
static inline char *fixture_read(const char *project, const char *file, size_t *length)
{
	g_autofree char *path = g_build_filename(project, file, NULL);
	char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, length, NULL));
	return text;
}

#endif
