#include "../tap.h"
#include "backend/aws/aws-ini.h"
#include "base/error.h"

#include <string.h>

static struct aws_ini *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct aws_ini *ini = aws_ini_read(text, strlen(text), "~/.aws/config", &error);
	g_assert_no_error(error);
	return ini;
}

static void sections_and_settings(void)
{
	autoptr(aws_ini) ini =
		parse("\xEF\xBB\xBF# mine\r\n[default]\r\nRegion = eu-west-1\r\n\r\n"
		      "[ profile   my team ] ; theirs\nregion=us-east-1\n; no = thing\n[profile \"a b\"]\n"
		      "region : x\n  [profile 'c']\nempty =\nregion = y");
	g_assert_cmpstr(aws_ini_get(ini, "default", "region"), ==, "eu-west-1");
	g_assert_cmpstr(aws_ini_get(ini, "profile my team", "region"), ==, "us-east-1");
	g_assert_cmpstr(aws_ini_get(ini, "profile my team", "no"), ==, NULL);
	/* An indented line below a setting goes on with it, whatever it looks like. */
	g_assert_cmpstr(aws_ini_get(ini, "profile a b", "region"), ==, "y");
	g_assert_cmpstr(aws_ini_get(ini, "profile a b", "empty"), ==, NULL);
	g_assert_false(aws_ini_has(ini, "profile c"));
	g_assert_false(aws_ini_has(ini, "profile"));
	g_assert_cmpstr(aws_ini_get(ini, "nobody", "region"), ==, NULL);
}

static void comments_behind_values(void)
{
	autoptr(aws_ini) ini = parse("[a]\nx = 1 # one\ny = 2\t;two\nz = a#b;c\nnone = # nothing\nspaced =   a  b  \n");
	g_assert_cmpstr(aws_ini_get(ini, "a", "x"), ==, "1");
	g_assert_cmpstr(aws_ini_get(ini, "a", "y"), ==, "2");
	g_assert_cmpstr(aws_ini_get(ini, "a", "z"), ==, "a#b;c");
	g_assert_cmpstr(aws_ini_get(ini, "a", "none"), ==, NULL);
	g_assert_cmpstr(aws_ini_get(ini, "a", "spaced"), ==, "a  b");
}

static void blocks_and_long_values(void)
{
	autoptr(aws_ini) ini = parse("[a]\ns3 =\n  addressing_style = path\n\n\t# why\n  Endpoint_URL = http://h\n"
				     "command = one\n   two\nlast = 1\n");
	g_assert_cmpstr(aws_ini_get_nested(ini, "a", "s3", "addressing_style"), ==, "path");
	g_assert_cmpstr(aws_ini_get_nested(ini, "a", "s3", "endpoint_url"), ==, "http://h");
	g_assert_cmpstr(aws_ini_get_nested(ini, "a", "s3", "last"), ==, NULL);
	g_assert_cmpstr(aws_ini_get(ini, "a", "addressing_style"), ==, NULL);
	g_assert_cmpstr(aws_ini_get(ini, "a", "command"), ==, "one\ntwo");
	g_assert_cmpstr(aws_ini_get(ini, "a", "last"), ==, "1");
}

static void what_comes_again_holds(void)
{
	autoptr(aws_ini) ini = parse("[a]\nx = 1\ny = 1\n[b]\nx = 2\n[a]\nx = 3\n");
	static const char *const known[] = {"x", NULL}, *const all[] = {"x", "y", NULL};
	g_assert_cmpstr(aws_ini_get(ini, "a", "x"), ==, "3");
	g_assert_cmpstr(aws_ini_get(ini, "a", "y"), ==, "1");
	g_assert_cmpstr(aws_ini_find_other(ini, known), ==, "y");
	g_assert_cmpstr(aws_ini_find_other(ini, all), ==, NULL);
}

static void errors_name_the_line_but_not_its_text(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"hush = 1\n", "~/.aws/config:1: a setting outside of any section"},
		{"[a]\n\nhush\n", "~/.aws/config:3: neither a section nor a setting"},
		{"[a]\n= hush\n", "~/.aws/config:2: a setting without a name"},
		{"[a\nx = hush\n", "~/.aws/config:1: ']' is missing"},
		{"[a]\ns3 =\n  hush\n", "~/.aws/config:3: neither a section nor a setting"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(aws_ini_read(cases[i].text, strlen(cases[i].text), "~/.aws/config", &error));
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

static void bytes_of_any_kind(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) endless = g_string_new("[a]\nx = 1\n");
	g_assert_null(aws_ini_read("[a]\nx=\0", 7, "f", &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_clear_error(&error);
	for (int i = 0; i < 100000; i++)
		g_string_append(endless, " more\n");
	g_assert_null(aws_ini_read(endless->str, endless->len, "f", &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	autoptr(aws_ini) empty = parse("");
	g_assert_false(aws_ini_has(empty, ""));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/aws-ini/sections", sections_and_settings);
	g_test_add_func("/aws-ini/comments", comments_behind_values);
	g_test_add_func("/aws-ini/blocks", blocks_and_long_values);
	g_test_add_func("/aws-ini/again", what_comes_again_holds);
	g_test_add_func("/aws-ini/errors", errors_name_the_line_but_not_its_text);
	g_test_add_func("/aws-ini/bytes", bytes_of_any_kind);
	return g_test_run();
}
