#include "../tap.h"

#include "report/chart-int.h"
#include "report/html.h"
#include "report/page.h"
#include "report/plot-page.h"

#include <math.h>
#include <string.h>

static void assert_text(const char *text, const char *expected)
{
	g_autoptr(GString) out = g_string_new(NULL);

	html_text(out, text);
	g_assert_cmpstr(out->str, ==, expected);
}

static void escapes(void)
{
	assert_text("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
	assert_text("caf\xC3\xA9 \t\n", "caf\xC3\xA9 \t\n");
	assert_text("\x01\x1B[2J\x7F\xC2\x85", "\xEF\xBF\xBD\xEF\xBF\xBD[2J\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_text("\xFF<\xC3", "\xEF\xBF\xBD&lt;\xEF\xBF\xBD");
	/* The mark that writes what follows from right to left. */
	assert_text("\xE2\x80\xAEtxt.exe", "\xEF\xBF\xBDtxt.exe");
}

static void cuts(void)
{
	g_autoptr(GString) out = g_string_new(NULL);

	html_text_cut(out, "abcd", 4);
	html_text_cut(out, "abcde", 4);
	html_text_cut(out, "<<<<", 2);
	g_assert_cmpstr(out->str, ==, "abcdabc\xE2\x80\xA6&lt;\xE2\x80\xA6");
}

static void numbers(void)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {{0, "0"}, {1, "1"}, {-0.001, "0"}, {1.5, "1.5"}, {100, "100"}, {2.345678, "2.35"}, {-10, "-10"}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		html_number(out, cases[i].value);
		g_assert_cmpstr(out->str, ==, cases[i].text);
	}
}

static void add_point(struct chart_series *series, double x, double y)
{
	const struct chart_point point = {x, y};

	g_array_append_val(series->points, point);
}

/* How often a text is in another. */
static guint count(const char *text, const char *what)
{
	guint found = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		found++;
	return found;
}

static char *draw(struct chart *chart)
{
	GString *out = g_string_new(NULL);

	chart_write(out, chart);
	g_assert_null(strstr(out->str, "nan"));
	g_assert_null(strstr(out->str, "inf"));
	return g_string_free(out, FALSE);
}

static void a_line(void)
{
	autoptr(chart) chart = chart_new(CHART_LINE, "id", "A <title>");
	struct chart_series *series = chart_add(chart, "v1", NULL);
	g_autofree char *text = NULL;

	add_point(series, 3, 1);
	add_point(series, 1, 0);
	add_point(series, 2, NAN);
	text = draw(chart);
	g_assert_nonnull(strstr(text, "<h2>A &lt;title&gt;</h2>"));
	g_assert_cmpuint(count(text, "<circle"), ==, 2);
	/* Sorted by x, and broken by what is no number. */
	g_assert_true(strstr(text, "d='M") < strstr(text, "<circle"));
	g_assert_null(strstr(text, "L"));
}

/* Between rows 0, 1 and 2 there is no 0.5. */
static void whole_numbers_have_whole_ticks(void)
{
	autoptr(chart) chart = chart_new(CHART_LINE, "id", "");
	struct chart_series *series = chart_add(chart, "v1", NULL);
	g_autofree char *text = NULL;

	for (unsigned i = 0; i < 3; i++)
		add_point(series, i, 7);
	text = draw(chart);
	g_assert_nonnull(strstr(text, ">2</text>"));
	g_assert_null(strstr(text, ">0.5</text>"));
}

static void nothing_to_draw(void)
{
	static const enum chart_kind kinds[] = {CHART_LINE, CHART_SMOOTH, CHART_SCATTER, CHART_BAR, CHART_MATRIX};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		autoptr(chart) chart = chart_new(kinds[i], "id", "");
		g_autofree char *text = NULL;

		chart->x_names = g_ptr_array_new_with_free_func(g_free);
		chart->y_names = g_ptr_array_new_with_free_func(g_free);
		chart_add(chart, "v1", "a");
		text = draw(chart);
		g_assert_nonnull(strstr(text, "class='note'"));
		g_assert_null(strstr(text, "<svg role"));
	}
}

/* A line keeps its first, highest, lowest and last point in each column, and no more. */
static void very_many_points(void)
{
	autoptr(chart) chart = chart_new(CHART_LINE, "id", "");
	struct chart_series *series = chart_add(chart, "v1", NULL);
	g_autofree char *text = NULL;

	for (unsigned i = 0; i < 200000; i++)
		add_point(series, i, i == 123456 ? 1000 : i % 7);
	text = draw(chart);
	g_assert_cmpuint(count(text, "L"), <, 4 * (guint)CHART_WIDTH);
	/* The one high point touches the top. */
	g_assert_nonnull(strstr(text, " 12L"));
}

/* A matrix counts, and its shares add up in each row. */
static void a_matrix(void)
{
	autoptr(chart) chart = chart_new(CHART_MATRIX_SHARES, "id", "");
	struct chart_series *series = chart_add(chart, "v1", NULL);
	g_autofree char *text = NULL;

	chart->x_label = g_strdup("actual");
	chart->y_label = g_strdup("predicted");
	chart->x_names = g_ptr_array_new_with_free_func(g_free);
	chart->y_names = g_ptr_array_new_with_free_func(g_free);
	for (unsigned i = 0; i < 2; i++) {
		g_ptr_array_add(chart->x_names, g_strdup(i ? "dog" : "cat"));
		g_ptr_array_add(chart->y_names, g_strdup(i ? "dog" : "cat"));
	}
	add_point(series, 0, 0);
	add_point(series, 1, 0);
	add_point(series, 1, 0);
	add_point(series, 1, 0);
	text = draw(chart);
	g_assert_cmpuint(count(text, "class='cell'"), ==, 4);
	g_assert_nonnull(strstr(text, ">0.25</text>"));
	g_assert_nonnull(strstr(text, ">0.75</text>"));
	g_assert_nonnull(strstr(text, "actual: dog\npredicted: cat\n0.75</title>"));
}

static void bars_of_one_name_add_up(void)
{
	autoptr(chart) chart = chart_new(CHART_BAR_SORTED, "id", "");
	struct chart_series *series = chart_add(chart, "v1", NULL);
	g_autofree char *text = NULL;

	chart->y_names = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(chart->y_names, g_strdup("small"));
	g_ptr_array_add(chart->y_names, g_strdup("large"));
	add_point(series, 1, 0);
	add_point(series, 1, 1);
	add_point(series, 2.5, 1);
	text = draw(chart);
	g_assert_cmpuint(count(text, "class='bar'"), ==, 2);
	g_assert_nonnull(strstr(text, "x: 3.5\ny: large"));
	g_assert_true(strstr(text, ">large</text>") < strstr(text, ">small</text>"));
}

static void a_straight_line_stays_straight(void)
{
	g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(struct chart_point)), smooth = NULL;

	for (unsigned i = 0; i < 50; i++) {
		const struct chart_point point = {i, 2.0 * i + 1};

		g_array_append_val(points, point);
	}
	smooth = chart_smooth(points);
	g_assert_cmpuint(smooth->len, >, 50);
	for (guint i = 0; i < smooth->len; i++) {
		const struct chart_point *point = &g_array_index(smooth, struct chart_point, i);

		g_assert_cmpfloat_with_epsilon(point->y, 2 * point->x + 1, 1e-6);
	}
}

static void templates(void)
{
	bool known;

	g_assert_cmpint(plot_chart_kind("confusion_normalized", &known), ==, CHART_MATRIX_SHARES);
	g_assert_true(known);
	g_assert_cmpint(plot_chart_kind("my own", &known), ==, CHART_LINE);
	g_assert_false(known);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/html/escapes", escapes);
	g_test_add_func("/html/cuts", cuts);
	g_test_add_func("/html/numbers", numbers);
	g_test_add_func("/chart/a-line", a_line);
	g_test_add_func("/chart/whole-numbers-have-whole-ticks", whole_numbers_have_whole_ticks);
	g_test_add_func("/chart/nothing-to-draw", nothing_to_draw);
	g_test_add_func("/chart/very-many-points", very_many_points);
	g_test_add_func("/chart/a-matrix", a_matrix);
	g_test_add_func("/chart/bars-of-one-name-add-up", bars_of_one_name_add_up);
	g_test_add_func("/chart/a-straight-line-stays-straight", a_straight_line_stays_straight);
	g_test_add_func("/chart/templates", templates);
	return g_test_run();
}
