#include "../tap.h"

#include "base/error.h"
#include "measure/points.h"

#include <string.h>

static struct points *read_text(const char *text, const char *name, bool header, GError **error)
{
	return points_read(g_strdup(text), strlen(text), name, header, error);
}

/* The points as "a,b;1,2;": names, then rows; "-" is null, nothing is absent. */
static void assert_points(const char *text, const char *name, bool header, const char *expected, const char *y)
{
	g_autoptr(GError) error = NULL;
	autoptr(points) points = read_text(text, name, header, &error);
	g_autoptr(GString) out = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < points->fields->len; i++)
		g_string_append_printf(out, "%s%s", i ? "," : "", (const char *)points->fields->pdata[i]);
	for (size_t row = 0; row < points->count; row++)
		for (guint i = 0; i < points->fields->len; i++) {
			const struct point_value *value = points_get(points, row, (int)i);

			g_string_append_c(out, i ? ',' : ';');
			point_text(out, value);
			if (value->kind == POINT_NULL)
				g_string_append_c(out, '-');
		}
	g_assert_cmpstr(out->str, ==, expected);
	g_assert_cmpstr(points->y, ==, y);
}

static void assert_refused(const char *text, const char *name, enum error_code code)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(read_text(text, name, true, &error));
	g_assert_true(error_is(error, code));
}

static void tables(void)
{
	assert_points("a,b\n1,x\n2,\n", "p.csv", true, "a,b;1,x;2,", "b");
	assert_points("a\tb\n1\tx,y\n", "p.TSV", true, "a,b;1,x,y", "b");
	assert_points("1,2\n3,4\n", "p.csv", false, "0,1;1,2;3,4", "1");
	assert_points("a,b\n1\n", "p.csv", true, "a,b;1,-", "b");
	assert_points("a,b,a\n1,2,3\n", "p.csv", true, "a,b;3,2", "b");
}

static void long_rows(void)
{
	autoptr(points) points = read_text("a\n1,2\n3\n4,5,6\n", "p.csv", true, NULL);

	g_assert_cmpuint(points->long_rows, ==, 2);
	g_assert_cmpuint(points->count, ==, 3);
	g_assert_cmpint(points_field(points, "a"), ==, 0);
	g_assert_cmpint(points_field(points, "b"), ==, -1);
}

static void documents(void)
{
	assert_points("[{\"x\": 1, \"y\": 2.5}, {\"x\": true, \"y\": null}]", "p.json", true, "x,y;1,2.5;true,-", "y");
	assert_points("train:\n- {x: 1, y: a}\n- {x: 2}\nother: {deep: [{z: 7}]}\nnames: [1, 2]\n", "p.yaml", true,
		      "x,y,z;1,a,7;2,,", "y");
	/* Not the same keys: no data, but the first list says what is plotted. */
	assert_points("{\"a\": [{\"p\": 1}, {\"q\": 2}], \"b\": [{\"p\": 3}]}", "p.json", true, "p;3", "p");
}

static void refusals(void)
{
	assert_refused("", "p.csv", ERROR_CORRUPT);
	assert_refused("a,b\n", "p.csv", ERROR_CORRUPT);
	assert_refused("{}", "p.json", ERROR_CORRUPT);
	assert_refused("[[], [1]]", "p.json", ERROR_CORRUPT);
	assert_refused("{", "p.json", ERROR_CORRUPT);
	assert_refused("a", "p.txt", ERROR_USAGE);
	assert_refused("a", "csv", ERROR_USAGE);
	assert_refused("a", ".d/csv", ERROR_USAGE);
}

/* Short rows are filled up: a small file must not become a huge table. */
static void no_amplification(void)
{
	g_autoptr(GString) text = g_string_new("a");
	g_autoptr(GError) error = NULL;

	for (unsigned i = 1; i < 60000; i++)
		g_string_append_printf(text, ",%u", i);
	for (unsigned i = 0; i < 1000; i++)
		g_string_append(text, "\n1");
	g_assert_null(read_text(text->str, "p.csv", true, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
}

static void numbers(void)
{
	static const struct {
		const char *text;
		bool is_number;
		double number;
	} cases[] = {{"1", true, 1},	 {"-2.5e3 ", true, -2500}, {"", false, 0},    {"1x", false, 0}, {"cat", false, 0},
		     {"nan", false, 0}, {"inf", false, 0},	   {"1e999", false, 0}, {"1,5", false, 0}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct point_value value = {.kind = POINT_TEXT, .text = cases[i].text};
		double number;

		g_assert_true(point_number(&value, &number) == cases[i].is_number);
		if (cases[i].is_number)
			g_assert_cmpfloat(number, ==, cases[i].number);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/points/tables", tables);
	g_test_add_func("/points/long-rows", long_rows);
	g_test_add_func("/points/documents", documents);
	g_test_add_func("/points/refusals", refusals);
	g_test_add_func("/points/no-amplification", no_amplification);
	g_test_add_func("/points/numbers", numbers);
	return g_test_run();
}
