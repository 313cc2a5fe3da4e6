/*
 * kit: real repositories for the tests of repo/, made by git in the test's directory, apart from the settings of
 * whoever runs it.
 */
#ifndef TESTS_UNIT_REPO_KIT_H
#define TESTS_UNIT_REPO_KIT_H

#include "../tap.h"
#include "base/path.h"
#include "base/proc.h"
#include "repo/repo.h"

#include <stdarg.h>
#include <string.h>

/* Write a file, with the directories above it. */
static inline void kit_write(const char *path, const char *text)
{
	g_autofree char *parent = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;

	file_make_dirs(parent, &error);
	g_assert_no_error(error);
	g_file_set_contents(path, text, -1, &error);
	g_assert_no_error(error);
}

/* The text of a file. New string. */
static inline char *kit_read(const char *path)
{
	g_autoptr(GError) error = NULL;
	char *text = NULL;

	file_read(path, 1 << 20, &text, NULL, &error);
	g_assert_no_error(error);
	return text;
}

/* tap_init(), and an environment in which git does the same everywhere. */
static inline void kit_init(int argc, char **argv)
{
	static const char *const unset[] = {"GIT_DIR",
					    "GIT_WORK_TREE",
					    "GIT_INDEX_FILE",
					    "GIT_CONFIG_GLOBAL",
					    "GIT_CONFIG_COUNT",
					    "XDG_CONFIG_HOME",
					    "GIT_PREFIX",
					    "GIT_MLV_PLUMBING",
					    "GIT_CONFIG_PARAMETERS",
					    "GIT_OBJECT_DIRECTORY",
					    NULL};

	tap_init(argc, argv);
	for (int i = 0; unset[i]; i++)
		g_unsetenv(unset[i]);
	g_setenv("HOME", tap_tmpdir(), TRUE);
	g_setenv("GIT_CONFIG_NOSYSTEM", "1", TRUE);
	g_setenv("GIT_CEILING_DIRECTORIES", tap_tmpdir(), TRUE);
	kit_write(".gitconfig", "[init]\n\tdefaultBranch = main\n[user]\n\tname = A\n\temail = a@example.org\n"
				"[protocol \"file\"]\n\tallow = always\n[advice]\n\tdetachedHead = false\n");
}

/* Run argv in dir; its standard output without the last newline. The test fails if it does. */
static inline char *kit_run(const char *dir, const char *const *argv)
{
	struct proc_result result;
	g_autoptr(GError) error = NULL;
	char *out;

	proc_run(argv, dir, NULL, 0, 1 << 24, &result, &error);
	g_assert_no_error(error);
	if (result.status != 0)
		g_error("%s %s in %s: exit %d: %s", argv[0], argv[1], dir, result.status, result.err);
	out = g_strdup(result.out);
	proc_result_clear(&result);
	if (g_str_has_suffix(out, "\n"))
		out[strlen(out) - 1] = '\0';
	return out;
}

/* kit_run() of git with the words (at most 20) up to NULL. New string. */
static inline char *kit_ask(const char *dir, ...)
{
	const char *argv[22] = {"git"};
	va_list words;

	va_start(words, dir);
	for (size_t i = 1; i < G_N_ELEMENTS(argv) - 1 && (argv[i] = va_arg(words, const char *)); i++)
		;
	va_end(words);
	return kit_run(dir, argv);
}

#define kit_git(...) g_free(kit_ask(__VA_ARGS__, NULL))

/* A fresh empty directory, below the test's, with the working directory at the test's top again. Its absolute path; new
 * string. */
static inline char *kit_dir(void)
{
	g_autofree char *pattern = path_join(tap_tmpdir(), "XXXXXX"), *made = NULL;

	g_assert_cmpint(chdir(tap_tmpdir()), ==, 0);
	made = g_strdup(g_mkdtemp(pattern));
	g_assert_nonnull(made);
	return realpath(made, NULL);
}

/*
 * A new repository with two commits on main: "a.mlv", "dir/b.mlv" and "dir-x", then a.mlv changed; made with an
 * option of git init or NULL. Its path; new string.
 */
static inline char *kit_repo(const char *init_option)
{
	g_autofree char *dir = kit_dir();
	char *here = path_join(dir, "r");
	g_autofree char *a = path_join(here, "a.mlv"), *b = path_join(here, "dir/b.mlv"), *x = path_join(here, "dir-x");

	kit_git(dir, "init", "-q", here, init_option);
	kit_write(a, "one\n");
	kit_write(b, "bee\n");
	kit_write(x, "");
	kit_git(here, "add", ".");
	kit_git(here, "commit", "-q", "-m", "first");
	kit_write(a, "two\n");
	kit_git(here, "commit", "-q", "-a", "-m", "second");
	return here;
}

/* Go to dir and open the repository there. */
static inline struct repo *kit_open(const char *dir)
{
	g_autoptr(GError) error = NULL;
	struct repo *repo;

	g_assert_cmpint(chdir(dir), ==, 0);
	repo = repo_open(&error);
	g_assert_no_error(error);
	return repo;
}

/* The strings joined by '|'. New string. */
static inline char *kit_join(GPtrArray *strings)
{
	GString *joined = g_string_new(NULL);

	for (guint i = 0; i < strings->len; i++)
		g_string_append_printf(joined, "%s%s", i ? "|" : "", (const char *)strings->pdata[i]);
	return g_string_free(joined, FALSE);
}

/* A test of objects is run with each of their readers. */
#define KIT_ADD_READERS(path, function)                                                                                \
	do {                                                                                                           \
		g_test_add_data_func(path "/git", "1", function);                                                      \
		g_test_add_data_func(path "/libgit2", "0", function);                                                  \
	} while (0)

/* What a test starts with that was added so. */
static inline void kit_use_reader(gconstpointer data)
{
	g_setenv("GIT_MLV_PLUMBING", data, TRUE);
}

#endif
