#include "../tap.h"

#include "doc/yaml.h"

/* A scalar as the value of a top-level key. */
static char *written(const char *value)
{
	autoptr(doc) doc = doc_new();
	GString *out = g_string_new(NULL);

	yaml_write_scalar(out, node_string(doc, value), 3, 2);
	return g_string_free(out, FALSE);
}

/* Measured with DVC 3.64 (ruamel.yaml 0.17.21). */
static void quotes(void)
{
	static const char *const cases[][2] = {
		{"abc", "abc"},		   {"", "''"},			{" x", "' x'"},
		{"x ", "'x '"},		   {"yes", "yes"},		{"true", "'true'"},
		{"null", "'null'"},	   {"~", "'~'"},		{"123", "'123'"},
		{"1_0", "'1_0'"},	   {"0o17", "'0o17'"},		{"1e5", "'1e5'"},
		{".inf", "'.inf'"},	   {"2020-01-01", "'2020-01-01'"}, {"1:30", "1:30"},
		{"12345678e90123456789012345678901", "'12345678e90123456789012345678901'"},
		{"92345678901234567890123456789012", "'92345678901234567890123456789012'"},
		{"9234567890123456789012345678901f", "9234567890123456789012345678901f"},
		{"a: b", "'a: b'"},	   {"a:b", "a:b"},		{"a:", "'a:'"},
		{"a #b", "'a #b'"},	   {"a#b", "a#b"},		{"#a", "'#a'"},
		{"- x", "'- x'"},	   {"-x", "-x"},		{"-", "'-'"},
		{"?x", "?x"},		   {"? x", "'? x'"},		{"*x", "'*x'"},
		{"&x", "'&x'"},		   {"!x", "'!x'"},		{"@x", "'@x'"},
		{"`x", "'`x'"},		   {"%x", "'%x'"},		{",x", "',x'"},
		{"x,y", "x,y"},		   {"{x", "'{x'"},		{"a|b", "a|b"},
		{"it's", "it's"},	   {"'x'", "\"'x'\""},		{"\"x\"", "'\"x\"'"},
		{"it's: x", "\"it's: x\""}, {"a\\b", "a\\b"},		{"${x}", "${x}"},
		{"<<", "'<<'"},		   {"=", "'='"},		{"---", "'---'"},
		{"... x", "'... x'"},	   {"a\tb", "\"a\\tb\""},	{"a\n", "\"a\\n\""},
		{"\x01\x7f\x1b", "\"\\x01\\x7F\\e\""}, {"h\xc3\xa9", "h\xc3\xa9"}, {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"\xf0\x9f\x98\x80\n", "\"\\U0001F600\\n\""},		{"\xef\xbb\xbfx", "\"\\uFEFFx\""},
		{"a\xe2\x80\xa8" "b", "\"a\\Lb\""},	{"a\xc2\xa0" "b", "a\xc2\xa0" "b"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = written(cases[i][0]);

		g_assert_cmpstr(text, ==, cases[i][1]);
	}
}

/* `count` words with a blank between. */
static GString *words(const char *word, int count)
{
	GString *text = g_string_new(word);

	while (--count > 0)
		g_string_append_printf(text, " %s", word);
	return text;
}

static void folding(void)
{
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) plain = words("word", 40);
	g_autoptr(GString) wide = words("word", 30);
	struct node *map = node_map(doc);
	g_autoptr(GString) out = NULL;
	g_auto(GStrv) lines = NULL;

	node_set(doc, map, "k73", node_string(doc, plain->str));
	g_string_insert(wide, 74, " ");
	node_set(doc, map, "two", node_string(doc, wide->str));
	out = yaml_write(map);
	lines = g_strsplit(out->str, "\n", -1);
	g_assert_cmpuint(strlen(lines[0]), ==, 84);
	g_assert_cmpuint(strlen(lines[1]), ==, 81);
	g_assert_cmpuint(strlen(lines[2]), ==, 41);
	/* Two blanks are never broken. */
	g_assert_nonnull(strstr(lines[3], "word  word"));
	autoptr(doc) again = yaml_read(out->str, out->len, "again", NULL);
	g_assert_true(node_equal(map, again->root));
}

static void double_quotes_fold_with_backslash(void)
{
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) text = words("wordy", 14);
	g_autoptr(GString) out = g_string_new(NULL);

	g_string_prepend(text, "true 'q' : true ");
	yaml_write_scalar(out, node_string(doc, text->str), 6, 6);
	g_assert_cmpstr(out->str, ==,
			"\"true 'q' : true wordy wordy wordy wordy wordy wordy wordy wordy wordy wordy\\\n"
			"      \\ wordy wordy wordy wordy\"");
}

/* Read and written again, a text in DVC's layout stays as it is. */
static void layout(void)
{
	static const char text[] = "schema: '2.0'\n"
				   "stages:\n"
				   "  prep:\n"
				   "    cmd:\n"
				   "    - echo one\n"
				   "    - \"echo 'two: 2' > list.txt\"\n"
				   "    deps:\n"
				   "    - path: data\n"
				   "      md5: 3c09ecd63636522d1ce95e0b38f67b8c.dir\n"
				   "      size: 12\n"
				   "    params:\n"
				   "      p.yaml:\n"
				   "        '': empty key\n"
				   "        'key: colon': 1\n"
				   "        big: 123456789012345678901234567890\n"
				   "        date: 2020-01-02\n"
				   "        floats:\n"
				   "        - 0.1\n"
				   "        - 1e-05\n"
				   "        - .inf\n"
				   "        - .nan\n"
				   "        list:\n"
				   "        - - 1\n"
				   "          - - 2\n"
				   "            - \n"
				   "        - four: 5\n"
				   "          k: []\n"
				   "        - {}\n"
				   "        n:\n"
				   "        t: true\n"
				   "        ? \"a\\nb\"\n"
				   "        : a: 1\n"
				   "          b:\n"
				   "          - 2\n"
				   "        ? \"c\\n\"\n"
				   "        :\n";
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = yaml_read(text, strlen(text), "dvc.lock", &error);
	g_autoptr(GString) out = NULL;

	g_assert_no_error(error);
	out = yaml_write(doc->root);
	g_assert_cmpstr(out->str, ==, text);
}

static void long_keys(void)
{
	autoptr(doc) doc = doc_new();
	g_autofree char *fits = g_strnfill(122, 'a'), *long_key = g_strnfill(123, 'a');
	struct node *map = node_map(doc);
	g_autofree char *wanted = g_strdup_printf("%s: 1\n? %s\n: 2\n", fits, long_key);
	g_autoptr(GString) out = NULL;

	node_set(doc, map, fits, node_int(doc, 1));
	node_set(doc, map, long_key, node_int(doc, 2));
	out = yaml_write(map);
	g_assert_cmpstr(out->str, ==, wanted);
}

static void empty_roots(void)
{
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) map = yaml_write(node_map(doc));
	g_autoptr(GString) list = yaml_write(node_list(doc));

	g_assert_cmpstr(map->str, ==, "{}\n");
	g_assert_cmpstr(list->str, ==, "[]\n");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/yaml-write/quotes", quotes);
	g_test_add_func("/yaml-write/folding", folding);
	g_test_add_func("/yaml-write/double_quotes_fold_with_backslash", double_quotes_fold_with_backslash);
	g_test_add_func("/yaml-write/layout", layout);
	g_test_add_func("/yaml-write/long_keys", long_keys);
	g_test_add_func("/yaml-write/empty_roots", empty_roots);
	return g_test_run();
}
