#include "../tap.h"
#include "fixture.h"

#include "format/ignore.h"

#include <string.h>

static struct ignore *set_of(const char *text)
{
	struct ignore *ignore = ignore_new();

	ignore_add(ignore, "", ".mlvignore", text, strlen(text));
	return ignore;
}

/* Whether these rules ignore the path; a '/' at its end makes it a directory. */
static bool ignores(const char *rules, const char *path)
{
	autoptr(ignore) ignore = set_of(rules);
	bool is_dir = g_str_has_suffix(path, "/");
	g_autofree char *bare = g_strndup(path, strlen(path) - is_dir);

	return ignore_match(ignore, bare, is_dir, NULL);
}

struct sample {
	const char *rules, *path;
	bool ignored;
};

static void check_samples(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ignores(samples[i].rules, samples[i].path) != samples[i].ignored)
			g_error("rules '%s' on '%s'", samples[i].rules, samples[i].path);
}

static void test_syntax(void)
{
	static const struct sample samples[] = {
		{"", "a", false},          {"\n  \n# a\n", "# a", false},
		{"a", "a", true},          {"a", "b/c/a", true},
		{"a", "a/b/c", true},      {"a", "ab", false},
		{"a\r\nb\r", "a", true},   {"a\r\nb\r", "b", true},
		{"a\rb", "b", true},       {"  a \t", "a", true},
		{"a\\ ", "a ", true},      {"a\\ ", "a", false},
		{"a\\\\ ", "a\\", true},   {"\xEF\xBB\xBF*", "a", true},
		{"\\#a", "#a", true},      {"\\!a", "!a", true},
		{"a\\", "a", false},       {"a\\", "a\\", false},
		{"/", "a", false},         {"//", "a/b", false},
		{"!", "a", false},         {"/a", "a", true},
		{"/a", "b/a", false},      {"a/b", "a/b", true},
		{"a/b", "c/a/b", false},   {"a/", "a", false},
		{"a/", "a/", true},        {"a/", "b/a/", true},
		{"a/", "b/a/c", true},     {"/a/", "b/a/", false},
		{"*.o", "d/x.o", true},    {"*.o", ".o", true},
		{"*.o", "x.oo", false},    {"/*.o", "d/x.o", false},
		{"?", "\xC3\xA9", true},   {"?", "\xE9", true},
		{"??", "\xC3\xA9", false}, {"*", "any/thing", true},
	};

	check_samples(samples, G_N_ELEMENTS(samples));
}

static void test_double_star(void)
{
	static const struct sample samples[] = {
		{"**", "a/b", true},          {"***", "a", true},          {"**/a", "a", true},
		{"**/a", "b/c/a", true},      {"**/a/b", "x/a/b", true},   {"**/a/b", "xa/b", false},
		{"a/**/z", "a/z", true},      {"a/**/z", "a/b/c/z", true}, {"a/**/z", "az", false},
		{"a/**/**/z", "a/b/z", true}, {"a/**", "a", false},        {"a/**", "a/", true},
		{"a/**", "a/b/c", true},      {"a/**", "b/a/c", false},    {"**/a/**", "b/a/c", true},
		{"**/", "a", false},          {"**/", "a/", true},         {"**/", "a/b", true},
		{"**/**", "a", true},         {"a**b", "axxb", true},      {"/a**b", "ax/xb", false},
	};

	check_samples(samples, G_N_ELEMENTS(samples));
}

static void test_negation(void)
{
	static const struct sample samples[] = {
		{"*.o\n!keep.o", "keep.o", false}, {"!keep.o\n*.o", "keep.o", true}, {"d/*\n!d/stay", "d/stay", false},
		{"d/*\n!d/stay", "d/go", true},    {"d\n!d/stay", "d/stay", true},   {"d/**\n!d/stay", "d/stay", true},
		{"*\n!d", "d/x", false}, /* here and below: DVC's way, not Git's */
		{"*\n!d", "d/e/x", false},         {"*\n!d/", "d/x", true},          {"*\n!d/", "d/e/", false},
		{"*.o\n!d", "d/x.o", false},       {".git\n!.git", ".git/", false},
	};

	check_samples(samples, G_N_ELEMENTS(samples));
}

static void test_classes(void)
{
	static const struct sample samples[] = {
		{"[ab]", "a", true},
		{"[!ab]", "a", false},
		{"[^ab]", "c", true},
		{"[a-c]x", "bx", true},
		{"[a-]", "-", true},
		{"[]a]", "]", true},
		{"[!]a]", "]", false},
		{"[\\]]", "]", true},
		{"[[:digit:]]", "7", true},
		{"[![:digit:]x]", "x", false},
		{"[[:blank:][:upper:]]", "Q", true},
		{"[[:nonsense:]]", "n", false},
		{"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", true},
		{"[c-a]", "b", false},
		{"a[b", "a[b", true},
		{"*[b][", "b[", true},
		{"[", "[", true},
		{"[]", "[]", true},
		{"*[ab][c", "aab[c", true},
	};

	check_samples(samples, G_N_ELEMENTS(samples));
}

static void test_built_in(void)
{
	g_assert_true(ignores("", ".git"));
	g_assert_true(ignores("", "sub/.git/"));
	g_assert_true(ignores("", ".hg/"));
	g_assert_false(ignores("", ".hg"));
	g_assert_true(ignores("", "sub/.dvc/config"));
	g_assert_false(ignores("", ".dvc"));
}

static void test_nested(void)
{
	autoptr(ignore) ignore = ignore_new();
	const struct ignore_rule *rule = NULL;

	/* the parent's file comes last: depth decides, not the order */
	ignore_add(ignore, "lib/sub", "lib/sub/.mlvignore", "!*.log\n/top\n", 12);
	ignore_add(ignore, "lib", "lib/.mlvignore", "*.log\n", 6);
	ignore_add(ignore, "", ".mlvignore", "\n*.tmp\n", 7);
	g_assert_true(ignore_match(ignore, "lib/a.log", false, &rule));
	g_assert_cmpstr(rule->source, ==, "lib/.mlvignore");
	g_assert_cmpuint(rule->line, ==, 1);
	g_assert_false(ignore_match(ignore, "lib/sub/a.log", false, &rule));
	g_assert_true(rule->negated);
	g_assert_cmpstr(rule->pattern, ==, "!*.log");
	g_assert_true(ignore_match(ignore, "lib/sub/a.tmp", false, &rule));
	g_assert_cmpuint(rule->line, ==, 2);
	g_assert_true(ignore_match(ignore, "lib/sub/top", false, NULL));
	g_assert_false(ignore_match(ignore, "lib/sub/x/top", false, NULL));
	g_assert_false(ignore_match(ignore, "library/a.log", false, &rule));
	g_assert_null(rule);
	g_assert_false(ignore_match(ignore, "a.log", false, NULL));
	g_assert_false(ignore_match(ignore, "lib", true, NULL));
	g_assert_true(ignore_match(ignore, "x/.git", false, &rule));
	g_assert_cmpstr(rule->source, ==, "");
}

static void test_leaf(void)
{
	autoptr(ignore) ignore = set_of("*\n!data\n*.o\n");
	autoptr(ignore) plain = set_of("build/\n");

	g_assert_false(ignore_match_leaf(ignore, "data", true));
	g_assert_false(ignore_match_leaf(ignore, "data/x", false));
	g_assert_true(ignore_match_leaf(ignore, "data/x.o", false));
	g_assert_true(ignore_match_leaf(ignore, "other", false));
	g_assert_false(ignore_match_leaf(ignore, "", true));
	g_assert_false(ignore_match(ignore, "", true, NULL));
	g_assert_true(ignore_match_leaf(plain, "a/build", true));
	g_assert_false(ignore_match_leaf(plain, "build/x", false)); /* a walk does not come here */
}

static void test_glob(void)
{
	g_assert_true(ignore_glob("grid@a-0.1-*", "grid@a-0.1-d0-8"));
	g_assert_true(ignore_glob("*.txt", "a.txt"));
	g_assert_false(ignore_glob("*.txt", "d/a.txt"));
	g_assert_true(ignore_glob("**/*.txt", "d/a.txt"));
	g_assert_true(ignore_glob("d/**", "d/e/f"));
	g_assert_false(ignore_glob("d/**", "d"));
	g_assert_true(ignore_glob("**/d/**", "d/d"));
	g_assert_false(ignore_glob("a/b", "a"));
	g_assert_false(ignore_glob("a", "a/b"));
	g_assert_true(ignore_glob("", ""));
	g_assert_false(ignore_glob("", "a"));
}

/* Patterns that make a naive matcher try every way to share out the stars. */
static void test_hostile(void)
{
	g_autoptr(GString) stars = g_string_new(NULL), name = g_string_new(NULL);
	g_autoptr(GString) spans = g_string_new(NULL), path = g_string_new("a"), line = g_string_new(NULL);

	for (int i = 0; i < 200; i++) {
		g_string_append(stars, "*a");
		g_string_append(name, "aa");
		g_string_append(spans, "**/a/");
		g_string_append(path, "/a/a");
	}
	g_string_append(stars, "*b");
	g_string_append(spans, "b");
	g_assert_false(ignores(stars->str, name->str));
	g_assert_false(ignores(spans->str, path->str));
	for (int i = 0; i < IGNORE_LINE_LIMIT + 1; i++)
		g_string_append_c(line, '*');
	g_assert_false(ignores(line->str, "a"));
	g_assert_true(ignores(line->str + 1, "a"));
}

/* Random rules in many directories, judged by Git itself. */

enum { RULE_FILES = 250, PATHS_EACH = 40 };

static void append_random_rule(GString *text, GRand *rand)
{
	static const char *const parts[] = {"a", "b", "c", "ab", "*", "?", "[ab]", "[!a]", "[a-b]", "\\b", "a*", "*c"};
	bool negated = g_rand_int_range(rand, 0, 5) == 0;
	int count = g_rand_int_range(rand, 1, 4);

	/* where Git and DVC differ is left out: directories that '!' takes back, and two stars at the end */
	g_string_append(text, negated ? "!" : "");
	g_string_append(text, g_rand_int_range(rand, 0, 3) ? "" : "/");
	for (int i = 0; i < count; i++) {
		bool last = i == count - 1;

		if (g_rand_int_range(rand, 0, 6) == 0 && !last)
			g_string_append(text, "**");
		else
			g_string_append(text, parts[g_rand_int_range(rand, 0, G_N_ELEMENTS(parts))]);
		g_string_append(text, !last ? "/" : negated ? ".x" : g_rand_int_range(rand, 0, 4) ? "" : "/");
	}
	g_string_append_c(text, '\n');
}

static char *random_path(int dir, GRand *rand)
{
	static const char *const names[] = {"a", "b", "c", "ab", "aa", "bc", "abc"};
	GString *path = g_string_new(NULL);
	int depth = g_rand_int_range(rand, 0, 4);

	g_string_printf(path, "s%d", dir);
	for (int i = 0; i <= depth; i++)
		g_string_append_printf(path, "/%s", names[g_rand_int_range(rand, 0, G_N_ELEMENTS(names))]);
	if (g_rand_boolean(rand))
		g_string_append(path, ".x");
	return g_string_free(path, FALSE);
}

static void make_rule_files(struct ignore *ignore, GString *paths)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20240101);

	for (int i = 0; i < RULE_FILES; i++) {
		g_autofree char *dir = g_strdup_printf("s%d", i), *file = g_strdup_printf("s%d/.gitignore", i);
		g_autoptr(GString) text = g_string_new(NULL);
		int rules = g_rand_int_range(rand, 1, 7);

		while (rules--)
			append_random_rule(text, rand);
		g_assert_cmpint(g_mkdir(dir, 0777), ==, 0);
		g_assert_true(g_file_set_contents(file, text->str, -1, NULL));
		ignore_add(ignore, dir, file, text->str, text->len);
		for (int k = 0; k < PATHS_EACH; k++) {
			g_autofree char *path = random_path(i, rand);

			g_string_append_len(paths, path, (gssize)strlen(path) + 1);
		}
	}
}

static void test_as_git(void)
{
	autoptr(ignore) ignore = ignore_new();
	g_autoptr(GString) paths = g_string_new(NULL);
	g_autofree char *answers = NULL;
	gsize length = 0;
	int ignored = 0, taken_back = 0;

	if (fixture_shell("git init -q .") != 0) {
		g_test_skip("there is no git");
		return;
	}
	make_rule_files(ignore, paths);
	g_assert_true(g_file_set_contents("paths", paths->str, (gssize)paths->len, NULL));
	g_assert_cmpint(fixture_shell("git check-ignore --no-index -v -n -z --stdin <paths >answers"), ==, 0);
	g_assert_true(g_file_get_contents("answers", &answers, &length, NULL));
	for (const char *at = answers; at < answers + length;) {
		const char *source = at, *line = source + strlen(source) + 1, *pattern = line + strlen(line) + 1;
		const char *path = pattern + strlen(pattern) + 1;
		bool expected = *pattern && *pattern != '!';
		const struct ignore_rule *rule;

		at = path + strlen(path) + 1;
		if (ignore_match(ignore, path, false, &rule) != expected ||
		    (expected && rule->line != g_ascii_strtoull(line, NULL, 10)))
			g_error("git says %s:%s:'%s' on '%s', we say line %u", source, line, pattern, path,
				rule ? rule->line : 0);
		ignored += expected;
		taken_back += *pattern == '!';
	}
	/* the samples say something */
	g_assert_cmpint(ignored, >, RULE_FILES * PATHS_EACH / 5);
	g_assert_cmpint(taken_back, >, RULE_FILES * PATHS_EACH / 50);
}

/* DVC's own answers */

static struct ignore *load_project(const char *project)
{
	static const char *const dirs[] = {"", "lib", "lib/sub"};
	struct ignore *ignore = ignore_new();

	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *source = g_strconcat(dirs[i], *dirs[i] ? "/" : "", ".dvcignore", NULL);
		size_t length;
		g_autofree char *text = fixture_read(project, source, &length);

		ignore_add(ignore, dirs[i], source, text, length);
	}
	return ignore;
}

/* The line of `dvc check-ignore -d -n` for a path. */
static char *describe(const struct ignore *ignore, const char *project, const char *path)
{
	const struct ignore_rule *rule = NULL;
	g_autofree char *full = g_build_filename(project, path, NULL);

	ignore_match(ignore, path, g_file_test(full, G_FILE_TEST_IS_DIR), &rule);
	return rule ? g_strdup_printf("%s:%u:%s\t%s", rule->source, rule->line, rule->pattern, path)
		    : g_strdup_printf("::\t%s", path);
}

static void check_details(const struct ignore *ignore, const char *project, const char *answer)
{
	g_autofree char *text = fixture_answer("11-dvcignore", answer);
	g_auto(GStrv) lines = NULL;

	g_assert_nonnull(text);
	lines = g_strsplit(g_strchomp(text), "\n", -1);
	for (char **line = lines; *line; line++) {
		g_autofree char *ours = describe(ignore, project, strchr(*line, '\t') + 1);

		g_assert_cmpstr(ours, ==, *line);
	}
}

static void test_fixture(void)
{
	g_autofree char *project = fixture_unpack("11-dvcignore", NULL);
	autoptr(ignore) ignore = NULL;

	if (!project)
		return;
	ignore = load_project(project);
	check_details(ignore, project, "check-all-details.txt");
	check_details(ignore, project, "check-details.txt");
	check_details(ignore, project, "check-dir.txt");
}

static void test_fixture_states(void)
{
	static const char *const states[] = {"all-but", "bracket", "crlf", "dstar", "open-class",
					     "slash",   "slashes", "star", "stars"};

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		g_autofree char *state = g_strconcat("pattern-", states[i], NULL);
		g_autofree char *answer = g_strdup_printf("states/%s/check.txt", state);
		g_autofree char *project = fixture_unpack("11-dvcignore", state);
		autoptr(ignore) ignore = NULL;

		if (!project)
			return;
		ignore = load_project(project);
		check_details(ignore, project, answer);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/ignore/syntax", test_syntax);
	g_test_add_func("/ignore/double-star", test_double_star);
	g_test_add_func("/ignore/negation", test_negation);
	g_test_add_func("/ignore/classes", test_classes);
	g_test_add_func("/ignore/built-in", test_built_in);
	g_test_add_func("/ignore/nested", test_nested);
	g_test_add_func("/ignore/leaf", test_leaf);
	g_test_add_func("/ignore/glob", test_glob);
	g_test_add_func("/ignore/hostile", test_hostile);
	g_test_add_func("/ignore/as-git", test_as_git);
	g_test_add_func("/ignore/fixture", test_fixture);
	g_test_add_func("/ignore/fixture-states", test_fixture_states);
	return g_test_run();
}
