#include "../tap.h"

#include "doc/toml.h"

#define READ toml_read
#define NAME "x.toml"
#include "reader.h"

static void tables(void)
{
	assert_json("", "{}");
	assert_json("\xEF\xBB\xBF# comment\r\n\ta = 1 # one\r\n", "{\"a\": 1}");
	assert_json("[a.b]\nc = 1\n[a]\nd = 2\n[ a . 'e f' ]\n", "{\"a\": {\"b\": {\"c\": 1}, \"d\": 2, \"e f\": {}}}");
	assert_json("[[p]]\nn = 1\n[p.q]\nx = 1\n[[p]]\n[[p.r]]\n[[p.r]]\ny = 2",
		    "{\"p\": [{\"n\": 1, \"q\": {\"x\": 1}}, {\"r\": [{}, {\"y\": 2}]}]}");
	assert_json("a.b.c = 1\na.d = 2\n\"\".x = 3\n3.14 = 4\n",
		    "{\"a\": {\"b\": {\"c\": 1}, \"d\": 2}, \"\": {\"x\": 3}, \"3\": {\"14\": 4}}");
	assert_json("[fruit]\napple.color = 1\n[fruit.apple.texture]\nsmooth = true\n",
		    "{\"fruit\": {\"apple\": {\"color\": 1, \"texture\": {\"smooth\": true}}}}");
}

static void values(void)
{
	assert_json("a = [1, [2.5,], # x\n {b.c = 1, d = {}},\n]\n", "{\"a\": [1, [2.5], {\"b\": {\"c\": 1}, \"d\": {}}]}");
	assert_json("a = [+1_000, -17, 0, 0xDEAD_beef, 0o755, 0b1101, 9223372036854775808]",
		    "{\"a\": [1000, -17, 0, 3735928559, 493, 13, 9223372036854775808]}");
	assert_json("a = [1e06, -2E-2, 6.626e-34, 1_0.0_1, 0.0, 1e1_0]",
		    "{\"a\": [1000000.0, -0.02, 6.626e-34, 10.01, 0.0, 10000000000.0]}");
	assert_json("a = [inf, +inf, -inf, nan, -nan, true, false]",
		    "{\"a\": [Infinity, Infinity, -Infinity, NaN, NaN, true, false]}");
}

static void strings(void)
{
	assert_json("a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00E9\\U0001F600\"",
		    "{\"a\": \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\ud83d\\ude00\"}");
	assert_json("a = 'C:\\x\"'\nb = \"\"\nc = ''", "{\"a\": \"C:\\\\x\\\"\", \"b\": \"\", \"c\": \"\"}");
	assert_json("a = \"\"\"\r\none \\  \r\n  \r\n  two\r\n\"three\"\"\"\"\"", "{\"a\": \"one two\\n\\\"three\\\"\\\"\"}");
	assert_json("a = '''\n\\d''\nx'''''", "{\"a\": \"\\\\d''\\nx''\"}");
	assert_json("a = \"\"\"\"\"\"\n\"k\\u0041\" = 1", "{\"a\": \"\", \"kA\": 1}");
}

static void dates(void)
{
	static const char *const texts[] = {"1979-05-27T07:32:00Z", "1979-05-27 00:32:00.999999-07:00", "1979-05-27t07:32:00",
					    "1979-05-27", "07:32:00", "00:32:00.5", "2024-02-29"};
	static const char *const wrong[] = {"2023-02-29", "1979-13-01", "1979-05-27T24:00:00", "07:32", "1979-5-27",
					    "1979-05-27 07:32:00 Z", "1979-05-27T07:32:00+25:00", "07:32:00."};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *text = g_strdup_printf("a = %s # x", texts[i]);
		autoptr(doc) doc = read_text(text);
		const struct node *date = node_get(doc->root, "a");

		g_assert_cmpint(date->kind, ==, NODE_DATE);
		g_assert_cmpstr(date->text, ==, texts[i]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *text = g_strdup_printf("a = %s", wrong[i]);

		assert_error(text, "1:");
	}
}

static void places(void)
{
	autoptr(doc) doc = read_text("x = \"\xC3\xA9\"\n[t]\nk = [ 1,\n  22 ]\n");
	const struct node *list = node_get(node_get(doc->root, "t"), "k");
	const struct node *item = list->items[1];

	g_assert_cmpuint(item->place.line, ==, 4);
	g_assert_cmpuint(item->place.column, ==, 3);
	g_assert_cmpuint(item->place.end - item->place.start, ==, 2);
	g_assert_cmpuint(list->place.line, ==, 3);
	g_assert_cmpuint(list->place.column, ==, 5);
	g_assert_cmpuint(list->place.end, ==, item->place.end + 2);
}

static void refused(void)
{
	static const struct {
		const char *text, *place;
	} cases[] = {
		{"a = 1\na = 2", "2:1: 'a' is there already"},
		{"[a]\n[a]", "2:2: 'a' is there already"},
		{"a.b = 1\n[a]", "2:2: 'a' is there already"},
		{"[a.b.c]\n[a]\nb.d = 1", "3:1: 'b' is there already"},
		{"a = {b = 1}\n[a.c]", "2:2: 'a' is there already"},
		{"a = {b = 1}\na.c = 2", "2:1: 'a' is there already"},
		{"a = {b = 1, b = 2}", "1:13: 'b' is there already"},
		{"a = [{}]\n[[a]]", "2:3: 'a' is there already"},
		{"[[a]]\n[a]", "2:2: 'a' is there already"},
		{"[a]\n[[a]]", "2:3: 'a' is there already"},
		{"a = 1\n[a.b]", "2:2: 'a' is there already"},
		{"[fruit]\napple.x = 1\n[fruit.apple]", "3:8: 'apple' is there already"},
		{"a = ", "1:5: a value is expected here"},
		{"a = x", "1:5: this is no value"},
		{"a = 01", "1:5: this is no value"},
		{"a = 1__0", "1:5: this is no value"},
		{"a = 1.", "1:5: this is no value"},
		{"a = .5", "1:5: this is no value"},
		{"a = 0xg", "1:5: this is no value"},
		{"a = -0x1", "1:5: this is no value"},
		{"a = 1 b = 2", "1:7: the end of the line is expected here"},
		{"= 1", "1:1: a key is expected here"},
		{"a 1", "1:3: a '=' is expected here"},
		{"[a", "1:3: a ']' is expected here"},
		{"[[a] ]", "1:5: a ']' is expected here"},
		{"\xC3\xA9 = 1", "1:1: a key is expected here"},
		{"a = [1 2]", "1:8: a ',' or the end of the array is expected here"},
		{"a = [1", "1:7: a ',' or the end of the array is expected here"},
		{"a = {b = 1,}", "1:12: a key is expected here"},
		{"a = {b = 1\n}", "1:11: a ',' or a '}' is expected here, on the same line"},
		{"a = \"x", "1:5: this string has no end"},
		{"a = 'x\n'", "1:5: this string has no end on its line"},
		{"a = '''x''", "1:5: this string has no end"},
		{"a = \"\\q\"", "1:6: this escape is none of"},
		{"a = \"\\u12\"", "1:10: a hexadecimal digit"},
		{"a = \"\\ud800\"", "1:6: there is no such character"},
		{"a = \"\\u0000\"", "1:6: a NUL character"},
		{"a = \"\x01\"", "1:6: a control character"},
		{"# \x01", "1:3: a control character"},
		{"a = 1\rb = 2", "1:6: the end of the line"},
		{"\"\"\"a\"\"\" = 1", "1:3: a '=' is expected here"},
		{"b = 1\na = \"\xFF\"", "2:6: this is not UTF-8"},
	};
	g_autoptr(GError) error = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_error(cases[i].text, cases[i].place);
	g_assert_null(toml_read("a = '\0'", 7, "x.toml", &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
}

static void depth_is_limited(void)
{
	GString *text = g_string_new("a = ");

	for (int i = 0; i < TOML_DEPTH_LIMIT; i++)
		g_string_append_c(text, '[');
	assert_error(text->str, "1:204: nested more than 200 deep");
	g_string_assign(text, "[a");
	for (int i = 0; i < TOML_DEPTH_LIMIT; i++)
		g_string_append(text, ".a");
	g_string_append_c(text, ']');
	assert_error(text->str, "1:402: nested more than 200 deep");
	g_string_truncate(text, 0);
	for (int i = 0; i < TOML_DEPTH_LIMIT; i++) {
		g_string_append(text, "[[a");
		for (int j = 0; j < i; j++)
			g_string_append(text, ".a");
		g_string_append(text, "]]\n");
	}
	assert_error(text->str, "100:");
	g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/doc/toml/tables", tables);
	g_test_add_func("/doc/toml/values", values);
	g_test_add_func("/doc/toml/strings", strings);
	g_test_add_func("/doc/toml/dates", dates);
	g_test_add_func("/doc/toml/places", places);
	g_test_add_func("/doc/toml/refused", refused);
	g_test_add_func("/doc/toml/depth", depth_is_limited);
	return g_test_run();
}
