#include "../tap.h"

#include "base/error.h"
#include "doc/json.h"

/* Read text and write it again. */
static char *rewrite(const char *text, enum json_style style)
{
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = json_read(text, strlen(text), "x.json", &error);

	g_assert_no_error(error);
	return g_string_free(json_write(doc->root, style), FALSE);
}

static void python_style(void)
{
	g_autofree char *text = rewrite("{\"b\":[1,2.50,true,null,{}],\"a\":{\"z\":\"\\u00e9\\\"\\/\\n\\u007f\xf0\x9f\x98\x80\"}}",
					JSON_COMPACT_PYTHON);

	g_assert_cmpstr(text, ==,
			"{\"b\": [1, 2.5, true, null, {}], \"a\": {\"z\": \"\\u00e9\\\"/\\n\\u007f\\ud83d\\ude00\"}}");
}

static void sorted_style(void)
{
	g_autofree char *text = rewrite("{\"b\":1,\"a\":{\"z\":0,\"B\":1},\"\xc3\xa9\":2,\"Z\":[]}", JSON_SORTED_PYTHON);

	g_assert_cmpstr(text, ==, "{\"Z\": [], \"a\": {\"B\": 1, \"z\": 0}, \"b\": 1, \"\\u00e9\": 2}");
}

static void indented_style(void)
{
	g_autofree char *text = rewrite("{\"a\":[1,{}],\"b\":\"\xc3\xa9\"}", JSON_INDENTED);

	g_assert_cmpstr(text, ==, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"\xc3\xa9\"\n}");
}

static void large_integers(void)
{
	const char *source = "[9223372036854775807, -9223372036854775808, 9223372036854775808, "
			     "-123456789012345678901234567890, 1234567890123456789.5, \"12345678901234567890\"]";
	g_autofree char *text = rewrite(source, JSON_COMPACT_PYTHON);

	g_assert_cmpstr(text, ==,
			"[9223372036854775807, -9223372036854775808, 9223372036854775808, "
			"-123456789012345678901234567890, 1.2345678901234568e+18, \"12345678901234567890\"]");
}

static void what_python_takes_for_numbers(void)
{
	g_autofree char *text = rewrite("{\"a\": [NaN,-Infinity , Infinity], \"NaN\": \"Infinity\"}", JSON_COMPACT_PYTHON);

	g_assert_cmpstr(text, ==, "{\"a\": [NaN, -Infinity, Infinity], \"NaN\": \"Infinity\"}");
}

static void refused(void)
{
	static const char *const texts[] = {"NaNs", "-NaN", "{NaN: 1}", "", "{", "[1,]", "{\"a\":1,\"a\":2}", "\"\xff\"", "01", "\"a\\u0000b\"",
					    "[12345678901234567890,\"\\u0000\"]", "1 2"};
	g_autofree char *deep = g_strnfill(300, '[');

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(json_read(texts[i], strlen(texts[i]), "x.json", &error));
		g_assert_true(error_is(error, ERROR_CORRUPT));
		g_assert_nonnull(strstr(error->message, "x.json"));
	}
	g_assert_null(json_read(deep, 300, "x.json", NULL));
}

static void strings(void)
{
	g_autoptr(GString) ascii = g_string_new(NULL);
	g_autoptr(GString) utf8 = g_string_new(NULL);

	json_append_string(ascii, "a\x01\xff\xc3\xa9", true);
	json_append_string(utf8, "a\x01\xff\xc3\xa9", false);
	g_assert_cmpstr(ascii->str, ==, "\"a\\u0001\\udcff\\u00e9\"");
	g_assert_cmpstr(utf8->str, ==, "\"a\\u0001\\udcff\xc3\xa9\"");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/json/python_style", python_style);
	g_test_add_func("/json/sorted_style", sorted_style);
	g_test_add_func("/json/indented_style", indented_style);
	g_test_add_func("/json/large_integers", large_integers);
	g_test_add_func("/json/python_numbers", what_python_takes_for_numbers);
	g_test_add_func("/json/refused", refused);
	g_test_add_func("/json/strings", strings);
	return g_test_run();
}
