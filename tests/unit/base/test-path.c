#include "base/error.h"
#include "base/path.h"

#include "../tap.h"

#include <string.h>

struct two_to_one {
	const char *a, *b, *result;
};

static void joins(void)
{
	static const struct two_to_one cases[] = {
		{"a", "b", "a/b"}, {"", "b", "b"},     {"a", "", "a"}, {"a", "/b", "/b"},
		{"/", "b", "/b"},  {"a/", "b", "a/b"}, {"", "", ""},   {"a/b", "c/d", "a/b/c/d"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *joined = path_join(cases[i].a, cases[i].b);

		g_assert_cmpstr(joined, ==, cases[i].result);
	}
}

static void makes_normal(void)
{
	static const char *const cases[][2] = {
		{"", ""},
		{".", ""},
		{"./a//b/", "a/b"},
		{"a/./b/../c", "a/c"},
		{"a/..", ""},
		{"a/b/../..", ""},
		{"..", ".."},
		{"../../a", "../../a"},
		{"a/../../b", "../b"},
		{"../a/..", ".."},
		{"a/../..", ".."},
		{"/", "/"},
		{"/..", "/"},
		{"/../a/", "/a"},
		{"//a//b", "/a/b"},
		{"/a/..", "/"},
		{"/a/../../b", "/b"},
		{"...", "..."},
		{"a/..b/.c", "a/..b/.c"},
		{".../..", ""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *normal = path_normal(cases[i][0]);

		g_assert_cmpstr(normal, ==, cases[i][1]);
	}
}

static void takes_apart(void)
{
	static const struct two_to_one cases[] = {
		/* path, parent, base */
		{"a/b/c", "a/b", "c"}, {"a", "", "a"}, {"/x", "/", "x"}, {"/", "/", ""}, {"", "", ""}, {"a/", "a", ""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *parent = path_parent(cases[i].a);

		g_assert_cmpstr(parent, ==, cases[i].b);
		g_assert_cmpstr(path_base(cases[i].a), ==, cases[i].result);
	}
}

static void knows_what_is_inside(void)
{
	static const struct two_to_one cases[] = {
		/* path, dir, what path_below() says */
		{"a/b", "a", "b"},  {"a", "a", ""},     {"ab", "a", NULL},     {"a-b", "a", NULL},
		{"a", "a/b", NULL}, {"a/b", "", "a/b"}, {"", "", ""},          {"/a/b", "/", "a/b"},
		{"/", "/", ""},     {"a", "/", NULL},   {"a/b/c", "a/b", "c"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_assert_cmpstr(path_below(cases[i].a, cases[i].b), ==, cases[i].result);
		g_assert_cmpint(path_is_inside(cases[i].a, cases[i].b), ==, cases[i].result != NULL);
	}
}

static void finds_the_way(void)
{
	static const struct two_to_one cases[] = {
		/* to, from, way */
		{"/a/x", "/a/b", "../x"},      {"/a", "/a", "."},      {"/a", "/a/b", ".."}, {"/a/b", "/a", "b"},
		{"/x/y", "/a/b", "../../x/y"}, {"/", "/a/b", "../.."}, {"/a", "/", "a"},     {"/", "/", "."},
		{"/ab", "/a", "../ab"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *way = path_relative(cases[i].a, cases[i].b);
		g_autofree char *there = path_join(cases[i].b, way);
		g_autofree char *normal = path_normal(there);

		g_assert_cmpstr(way, ==, cases[i].result);
		g_assert_cmpstr(normal, ==, cases[i].a);
	}
}

static void accepts_odd_but_harmless(void)
{
	static const char *const cases[] = {
		"a",           "a/b/c",    "...",    "..a",        "a..",          ".gitignore",
		"x.git",       ".gitx",    "git",    "git~2",      "git~10",       ".gi/t",
		"a b/\"q\"\n", "\xff\xfe", ".mlv/x", ".dvcignore", "\xe2\x80\x8c", "a\xe2\x80\x8dgit",
		"-rf",         "a:.git",   "\\",     "\xe2",       ".\xe2\x80",    ".git-data",
		"my.git/x",
	};
	g_autofree char *longest = g_strnfill(PATH_LIMIT, 'a');

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_true(path_check(cases[i], &error));
		g_assert_no_error(error);
	}
	g_assert_true(path_check(longest, NULL));
}

static void refuses_unsafe(void)
{
	static const char *const cases[] = {
		"",
		"/",
		"/a",
		"a/",
		"a//b",
		".",
		"..",
		"./a",
		"a/.",
		"a/../b",
		"../a",
		"a/..",
		/* what some file system takes for .git */
		".git",
		".git/config",
		"a/.git",
		"a/.git/hooks/x",
		".GIT",
		".gIt/x",
		".git ",
		".git.",
		".git. . /x",
		"git~1",
		"GIT~1/x",
		"git~1. ",
		".git::$INDEX_ALLOCATION",
		".git:x/y",
		".git ::$DATA",
		"git~1:s",
		"a\\.git",
		".git\\config",
		"a\\git~1\\b",
		"\\.git",
		/* what HFS+ does not see */
		".g\xe2\x80\x8cit",
		"\xe2\x80\x8f.git",
		".git\xe2\x80\xaa",
		".gi\xe2\x80\xaet/x",
		".g\xe2\x81\xaait",
		".\xe2\x81\xafgit",
		"\xef\xbb\xbf.git",
		".GI\xef\xbb\xbf\xe2\x80\x8dT",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		if (path_check(cases[i], &error))
			g_test_message("accepted: %s", cases[i]);
		g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	}
}

static void refusal_is_short_and_quoted(void)
{
	g_autofree char *endless = g_strnfill(1 << 20, 'a');
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) odd = NULL;

	g_assert_false(path_check(endless, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_assert_cmpuint(strlen(error->message), <, PATH_LIMIT + 100);
	g_assert_false(path_check("../\n", &odd));
	g_assert_nonnull(strstr(odd->message, "\"../\\n\""));
	g_assert_null(strchr(odd->message, '\n'));
}

static void judges_utf8(void)
{
	g_assert_true(path_is_utf8(""));
	g_assert_true(path_is_utf8("\xc3\xa4/\xf0\x9f\x98\x80"));
	g_assert_false(path_is_utf8("\xff"));
	g_assert_false(path_is_utf8("\xc0\xaf"));
	g_assert_false(path_is_utf8("\xed\xa0\x80"));
	g_assert_false(path_is_utf8("a\xe2\x82"));
}

/* Whatever the bytes are: normal paths stay as they are, and nothing crashes. */
static void survives_any_bytes(void)
{
	static const char alphabet[] = "/.\\ ~1:giTG\xe2\x80\x8c\xef\xbb\xbf\xff";

	for (int i = 0; i < 20000; i++) {
		char text[24] = {0};
		g_autofree char *normal = NULL;
		g_autofree char *again = NULL;
		g_autofree char *parent = NULL;
		int length = g_test_rand_int_range(0, sizeof(text));

		for (int k = 0; k < length; k++)
			text[k] = alphabet[g_test_rand_int_range(0, sizeof(alphabet) - 1)];
		normal = path_normal(text);
		again = path_normal(normal);
		parent = path_parent(text);
		g_assert_cmpstr(normal, ==, again);
		g_assert_true(path_is_inside(text, text));
		if (path_check(text, NULL))
			g_assert_cmpstr(normal, ==, text);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/path/joins", joins);
	g_test_add_func("/path/makes-normal", makes_normal);
	g_test_add_func("/path/takes-apart", takes_apart);
	g_test_add_func("/path/knows-what-is-inside", knows_what_is_inside);
	g_test_add_func("/path/finds-the-way", finds_the_way);
	g_test_add_func("/path/check/accepts-odd-but-harmless", accepts_odd_but_harmless);
	g_test_add_func("/path/check/refuses-unsafe", refuses_unsafe);
	g_test_add_func("/path/check/refusal-is-short-and-quoted", refusal_is_short_and_quoted);
	g_test_add_func("/path/judges-utf8", judges_utf8);
	g_test_add_func("/path/survives-any-bytes", survives_any_bytes);
	return g_test_run();
}
