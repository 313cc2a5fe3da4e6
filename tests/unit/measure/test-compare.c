#include "../tap.h"

#include "doc/json.h"
#include "doc/yaml.h"
#include "measure/compare.h"
#include "measure/params.h"

static struct doc *read_yaml(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct doc *doc = yaml_read(text, strlen(text), "x.yaml", &error);

	g_assert_no_error(error);
	return doc;
}

static void assert_pick(const char *text, const char *keys, const char *expected)
{
	autoptr(doc) doc = read_yaml(text);
	g_autofree char *before = g_string_free(json_write(doc->root, JSON_COMPACT_PYTHON), FALSE), *after = NULL;
	g_auto(GStrv) list = g_strsplit(keys, " ", -1);
	GString *picked = json_write(params_pick(doc, doc->root, (const char *const *)list), JSON_COMPACT_PYTHON);

	g_assert_cmpstr(picked->str, ==, expected);
	g_string_free(picked, TRUE);
	after = g_string_free(json_write(doc->root, JSON_COMPACT_PYTHON), FALSE);
	g_assert_cmpstr(before, ==, after);
}

static void keys_pick_parts(void)
{
	const char *text = "a: {b: 1, c: {d: 2, e: 3}}\nl: [4, {x: 5, y: 6}]\n7: {z: 8}\n";

	assert_pick(text, "a.b", "{\"a\": {\"b\": 1}}");
	assert_pick(text, "a.c.e a.b", "{\"a\": {\"c\": {\"e\": 3}, \"b\": 1}}");
	assert_pick(text, "a.b a", "{\"a\": {\"b\": 1, \"c\": {\"d\": 2, \"e\": 3}}}");
	assert_pick(text, "a a.b", "{\"a\": {\"b\": 1, \"c\": {\"d\": 2, \"e\": 3}}}");
	assert_pick(text, "l.1.x l.0", "{\"l\": [4, {\"x\": 5}]}");
	assert_pick(text, "l.1.x l.1.y", "{\"l\": [null, {\"x\": 5, \"y\": 6}]}");
	assert_pick(text, "7.z", "{\"7\": {\"z\": 8}}");
	assert_pick(text, "none a.none a.b.none l.2 l.x l.-1 l.99999999999 a.", "{}");
	assert_pick("[1]", "0", "{}");
}

static void names_are_flat(void)
{
	autoptr(doc) doc = read_yaml("b: {c: 1, '': 2}\na: [1, 'x']\n'': {y: 3}\ne: {}\n5: null\n");
	g_autoptr(GArray) values = compare_flatten(doc, doc->root);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < values->len; i++) {
		const struct compare_value *value = &g_array_index(values, struct compare_value, i);

		g_string_append_printf(text, "%s=", value->name);
		compare_append_text(text, value->value, -1);
		g_string_append_c(text, '|');
	}
	g_assert_cmpstr(text->str, ==, ".y=3|5=None|a=[1, 'x']|b.=2|b.c=1|");
	g_string_free(text, TRUE);
}

/* Add a file with this content. */
static void add(struct measure *measure, const char *path, const char *text)
{
	struct measure_file *file = measure_add(measure, path);

	doc_free(file->doc);
	file->doc = read_yaml(text);
	file->value = file->doc->root;
}

/* The differences as "path:name before after change|…". */
static char *describe(const struct comparison *comparison)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < comparison->files->len; i++) {
		const struct compare_file *file = comparison->files->pdata[i];

		for (guint j = 0; j < file->changes->len; j++) {
			const struct compare_change *change = &g_array_index(file->changes, struct compare_change, j);
			const struct node *const values[] = {change->before, change->after, change->change};

			g_string_append_printf(text, "%s:%s", file->path, change->name);
			for (gsize k = 0; k < G_N_ELEMENTS(values); k++) {
				g_string_append_c(text, ' ');
				if (values[k])
					compare_append_text(text, values[k], 3);
				else
					g_string_append_c(text, '-');
			}
			g_string_append_c(text, '|');
		}
	}
	return g_string_free(text, FALSE);
}

static void differences(void)
{
	autoptr(measure) before = measure_new();
	autoptr(measure) after = measure_new();
	autoptr(comparison) some = NULL;
	autoptr(comparison) all = NULL;
	g_autofree char *some_text = NULL, *all_text = NULL;

	add(before, "b", "x: 1\ny: 0.12345\nz: same\n");
	add(before, "gone", "g: 1\n");
	add(after, "new", "n: [1]\n");
	add(after, "b", "x: 1.0\ny: 1\nz: same\nw: true\n");
	some = compare(before, after, false);
	all = compare(before, after, true);
	some_text = describe(some);
	all_text = describe(all);
	g_assert_cmpstr(some_text, ==, "b:w - True -|b:y 0.123 1 0.877|gone:g 1 - -|new:n - [1] -|");
	g_assert_cmpstr(all_text, ==,
			"b:w - True -|b:x 1 1.0 0.0|b:y 0.123 1 0.877|b:z same same -|gone:g 1 - -|new:n - [1] -|");
}

static void assert_text(double number, int precision, const char *expected)
{
	autoptr(doc) doc = doc_new();
	GString *text = g_string_new(NULL);

	compare_append_text(text, node_float(doc, number), precision);
	g_assert_cmpstr(text->str, ==, expected);
	g_string_free(text, TRUE);
}

static void numbers_are_rounded(void)
{
	assert_text(0.123456789, 5, "0.12346");
	assert_text(1e-7, 5, "0.0");
	assert_text(1e-7, -1, "1e-07");
	assert_text(2.5, 0, "2.0");
	assert_text(1e300, 5, "1e+300");
	assert_text(0.1, 1000, "0.1");
	assert_text(g_ascii_strtod("-inf", NULL), 5, "-inf");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/measure/params/pick", keys_pick_parts);
	g_test_add_func("/measure/compare/flatten", names_are_flat);
	g_test_add_func("/measure/compare/differences", differences);
	g_test_add_func("/measure/compare/rounding", numbers_are_rounded);
	return g_test_run();
}
