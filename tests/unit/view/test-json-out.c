#include "../tap.h"

#include "doc/yaml.h"
#include "view/json-out.h"

#include <math.h>

/* Everything that can be written, nested. */
static void write_sample(struct view *view)
{
	static const char yaml[] = "{1: [x, null], a: {}, b: 123456789012345678901, 2020-01-01: .inf}";
	autoptr(doc) tree = yaml_read(yaml, strlen(yaml), "x.yaml", NULL);
	struct json_out *json = json_out_new(view);

	json_out_object(json, NULL);
	json_out_array(json, "committed");
	json_out_string(json, NULL, "a\"\n");
	json_out_string(json, NULL, "ä\xFF");
	json_out_end(json);
	json_out_object(json, "empty");
	json_out_end(json);
	json_out_array(json, "none");
	json_out_end(json);
	json_out_int(json, "int", INT64_MIN);
	json_out_uint(json, "uint", UINT64_MAX);
	json_out_double(json, "double", 0.1);
	json_out_double(json, "nan", NAN);
	json_out_double(json, "inf", -INFINITY);
	json_out_bool(json, "yes", true);
	json_out_null(json, "null");
	json_out_node(json, "tree", tree->root);
	json_out_string(json, "no text", NULL);
	json_out_end(json);
	json_out_finish(json);
}

static char *sample(bool terminal)
{
	FILE *out = tmpfile();
	struct view *view = view_new(out, stderr, VIEW_COLOUR_NEVER, false, 0, false);
	char *text;

	view->out_terminal = terminal;
	write_sample(view);
	g_assert_true(view_close(view));
	text = g_malloc0(ftell(out) + 1);
	rewind(out);
	g_assert_cmpint(fread(text, 1, 4096, out), >, 0);
	fclose(out);
	return text;
}

static void one_line_for_programs(void)
{
	g_autofree char *text = sample(false);

	g_assert_cmpstr(text, ==,
			"{\"committed\": [\"a\\\"\\n\", \"\\u00e4\\udcff\"], \"empty\": {}, \"none\": [], "
			"\"int\": -9223372036854775808, \"uint\": 18446744073709551615, \"double\": 0.1, \"nan\": NaN, "
			"\"inf\": -Infinity, \"yes\": true, \"null\": null, "
			"\"tree\": {\"1\": [\"x\", null], \"a\": {}, \"b\": 123456789012345678901, "
			"\"2020-01-01\": Infinity}, \"no text\": null}\n");
}

static void indented_for_people(void)
{
	g_autofree char *text = sample(true);

	g_assert_true(g_str_has_prefix(text, "{\n  \"committed\": [\n    \"a\\\"\\n\",\n    \"\\u00e4\\udcff\"\n  ],\n"
					     "  \"empty\": {},\n  \"none\": [],\n  \"int\": "));
	g_assert_true(g_str_has_suffix(text, ",\n  \"no text\": null\n}\n"));
}

static void long_documents_are_whole(void)
{
	FILE *out = tmpfile();
	struct view *view = view_new(out, stderr, VIEW_COLOUR_NEVER, false, 0, false);
	struct json_out *json = json_out_new(view);
	int first, last = 0, before = 0;

	json_out_array(json, NULL);
	for (int i = 0; i < 100000; i++)
		json_out_int(json, NULL, 7);
	json_out_end(json);
	json_out_finish(json);
	g_assert_true(view_close(view));
	g_assert_cmpint(ftell(out), ==, 100000 + 99999 * 2 + 3);
	rewind(out);
	first = getc(out);
	for (int c; (c = getc(out)) != EOF; last = c)
		before = last;
	g_assert_cmpint(first, ==, '[');
	g_assert_cmpint(before, ==, ']');
	g_assert_cmpint(last, ==, '\n');
	fclose(out);
}

static void a_bare_value_is_a_document(void)
{
	FILE *out = tmpfile();
	struct view *view = view_new(out, stderr, VIEW_COLOUR_NEVER, false, 0, false);
	struct json_out *json = json_out_new(view);
	char text[8] = "";

	json_out_bool(json, NULL, false);
	json_out_finish(json);
	g_assert_true(view_close(view));
	rewind(out);
	g_assert_nonnull(fgets(text, sizeof(text), out));
	g_assert_cmpstr(text, ==, "false\n");
	fclose(out);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/json-out/one_line_for_programs", one_line_for_programs);
	g_test_add_func("/json-out/indented_for_people", indented_for_people);
	g_test_add_func("/json-out/long_documents_are_whole", long_documents_are_whole);
	g_test_add_func("/json-out/a_bare_value_is_a_document", a_bare_value_is_a_document);
	return g_test_run();
}
