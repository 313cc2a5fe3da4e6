#include "base/error.h"
#include "kit.h"
#include "repo/exclude.h"
#include "repo/worktree.h"

#include <sys/stat.h>

/* Add path; what .gitignore was touched. New string. */
static char *add(struct repo *repo, const char *path)
{
	g_autoptr(GError) error = NULL;
	char *touched = NULL;

	g_assert_true(exclude_add(repo, path, &touched, &error));
	g_assert_no_error(error);
	return touched;
}

static bool is_ignored(struct repo *repo, const char *path)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) ignored = NULL;

	g_ptr_array_add(paths, (gpointer)path);
	ignored = worktree_ignored(repo, paths, &error);
	g_assert_no_error(error);
	return g_hash_table_contains(ignored, path);
}

/* Names with every character that means something to Git: the line is as DVC writes it, ignores the name and no other,
 * and goes again. */
static void escapes(void)
{
	static const struct {
		const char *name, *line, *other;
	} cases[] = {
		{"plain.bin", "/plain.bin\n", "plainxbin"},
		{"s p[1].bin", "/s p\\[1\\].bin\n", "s p1.bin"},
		{"*", "/\\*\n", "x"},
		{"a?", "/a\\?\n", "ab"},
		{"!a", "/\\!a\n", "a"},
		{"#a", "/\\#a\n", "a"},
		{"a\\b", "/a\\\\b\n", "ab"},
		{"end ", "/end\\ \n", "end"},
		{"end  ", "/end \\ \n", "end "},
		{" start", "/ start\n", "start"},
		{"tab\t", "/tab\t\n", "tab"},
		{"\xff\xc3\xa4", "/\xff\xc3\xa4\n", "\xc3\xa4"},
		{"new\nline", "/new[[:cntrl:]]line\n", "newxline"},
		{"cr\r", "/cr[[:cntrl:]]\n", "cr"},
		{"c\rr", "/c\rr\n", "cr"},
	};
	g_autofree char *top = kit_repo(NULL), *file = path_join(top, ".gitignore");
	autoptr(repo) repo = kit_open(top);

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *touched = add(repo, cases[i].name), *again = NULL, *text = kit_read(file),
				*removed = NULL;
		g_autoptr(GError) error = NULL;

		g_assert_cmpstr(touched, ==, ".gitignore");
		g_assert_cmpstr(text, ==, cases[i].line);
		g_assert_true(is_ignored(repo, cases[i].name));
		g_assert_false(is_ignored(repo, cases[i].other));
		again = add(repo, cases[i].name);
		g_assert_null(again);
		g_assert_true(exclude_remove(repo, cases[i].name, &removed, &error));
		g_assert_cmpstr(removed, ==, ".gitignore");
		g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
	}
}

static void adds_in_the_own_directory(void)
{
	g_autofree char *top = kit_repo(NULL), *sub = path_join(top, "dir"), *touched = NULL, *made = NULL,
			*text = NULL;
	autoptr(repo) repo = kit_open(sub);

	touched = add(repo, "dir/data");
	g_assert_cmpstr(touched, ==, "dir/.gitignore");
	made = add(repo, "new/deep/data");
	g_assert_cmpstr(made, ==, "new/deep/.gitignore");
	g_assert_cmpint(chdir(top), ==, 0);
	text = kit_read("dir/.gitignore");
	g_assert_cmpstr(text, ==, "/data\n");
	g_assert_true(is_ignored(repo, "dir/data/x"));
	g_assert_false(is_ignored(repo, "data"));
}

/* What is there stays, byte for byte: no newline at the end, CR LF, a tracked path with its line, the mode. */
static void keeps_what_is_there(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{"", "/data\n"},
		{"*.o", "*.o\n/data\n"},
		{"*.o\n", "*.o\n/data\n"},
		{"*.o\r\n", "*.o\r\n/data\r\n"},
		{"*.o\r\n# x", "*.o\r\n# x\r\n/data\r\n"},
		{"/data\n!/data\n", "/data\n!/data\n/data\n"},
		{"/data\r\n", "/data\r\n"},
		{"d*\n", "d*\n"},
	};
	g_autofree char *top = kit_repo(NULL);
	autoptr(repo) repo = kit_open(top);
	struct stat st;

	kit_write("data", "");
	kit_git(top, "add", "-f", "data");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *touched = NULL, *text = NULL;

		kit_write(".gitignore", cases[i].before);
		g_assert_cmpint(chmod(".gitignore", 0600), ==, 0);
		touched = add(repo, "data");
		text = kit_read(".gitignore");
		g_assert_cmpstr(text, ==, cases[i].after);
		g_assert_cmpint(touched != NULL, ==, strcmp(cases[i].before, cases[i].after) != 0);
		g_assert_cmpint(stat(".gitignore", &st), ==, 0);
		g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
	}
}

static void adds_many(void)
{
	static const char *const names[] = {"a", "dir/b", "c", "a", "known.o", "dir/d"};
	g_autofree char *top = kit_repo(NULL), *upper = NULL, *lower = NULL;
	g_autoptr(GPtrArray) paths = g_ptr_array_new(), touched = NULL, none = NULL;
	g_autoptr(GError) error = NULL;
	autoptr(repo) repo = kit_open(top);

	kit_write(".gitignore", "*.o\n");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		g_ptr_array_add(paths, (gpointer)names[i]);
	g_assert_true(exclude_add_all(repo, paths, &touched, &error));
	g_assert_true(exclude_add_all(repo, paths, &none, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(touched->len, ==, 2);
	g_assert_cmpuint(none->len, ==, 0);
	upper = kit_read(".gitignore");
	lower = kit_read("dir/.gitignore");
	g_assert_cmpstr(upper, ==, "*.o\n/a\n/c\n");
	g_assert_cmpstr(lower, ==, "/b\n/d\n");
}

static void removes(void)
{
	static const struct {
		const char *before, *name, *after; /* NULL: the file is gone */
	} cases[] = {
		{"/a\n", "a", NULL},
		{"x\n/a\ny", "a", "x\ny"},
		{"x\n/a", "a", "x\n"},
		{"x\r\n/a\r\ny\r\n", "a", "x\r\ny\r\n"},
		{"/a  \n/ab\n", "a", "/ab\n"},
		{"/a\n/a\n\n", "a", "\n"},
		{"a\n!/a\n#/a\n", "a", "a\n!/a\n#/a\n"},
		{"/s p\\[1\\]\n/s p[1]\n/s*\n", "s p[1]", "/s*\n"},
		{"/end\\ \n/end\n", "end ", "/end\n"},
		{"/a/\n", "a", "/a/\n"},
	};
	g_autofree char *top = kit_repo(NULL);
	autoptr(repo) repo = kit_open(top);

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = path_join("dir", cases[i].name), *touched = NULL, *text = NULL;
		g_autoptr(GError) error = NULL;

		kit_write("dir/.gitignore", cases[i].before);
		g_assert_true(exclude_remove(repo, path, &touched, &error));
		g_assert_no_error(error);
		g_assert_cmpint(touched != NULL, ==, g_strcmp0(cases[i].before, cases[i].after) != 0);
		g_assert_cmpint(g_file_test("dir/.gitignore", G_FILE_TEST_EXISTS), ==, cases[i].after != NULL);
		if (cases[i].after) {
			text = kit_read("dir/.gitignore");
			g_assert_cmpstr(text, ==, cases[i].after);
		}
	}
	g_assert_true(exclude_remove(repo, "no/such", NULL, NULL));
}

/* A clone may bring a .gitignore that is a link to a file of the user's. */
static void refuses_links(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *precious = path_join(parent, "precious");
	g_autofree char *link = path_join(top, ".gitignore"), *dir_link = path_join(top, "away"), *text = NULL;
	static const char *const paths[] = {"data", "away/data"};
	autoptr(repo) repo = kit_open(top);

	kit_write(precious, "/data\n");
	g_assert_cmpint(symlink("../precious", link), ==, 0);
	g_assert_cmpint(symlink("..", dir_link), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(exclude_add(repo, paths[i], NULL, &error));
		g_assert_nonnull(error);
		g_clear_error(&error);
	}
	{
		g_autoptr(GError) error = NULL;

		g_assert_false(exclude_remove(repo, "data", NULL, &error));
		g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
		g_assert_nonnull(error_get_hint(error));
	}
	text = kit_read(precious);
	g_assert_cmpstr(text, ==, "/data\n");
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add_func("/exclude/escapes", escapes);
	g_test_add_func("/exclude/adds-in-the-own-directory", adds_in_the_own_directory);
	g_test_add_func("/exclude/keeps-what-is-there", keeps_what_is_there);
	g_test_add_func("/exclude/adds-many", adds_many);
	g_test_add_func("/exclude/removes", removes);
	g_test_add_func("/exclude/refuses-links", refuses_links);
	return g_test_run();
}
