#include "base/path.h"
#include "report/page.h"
#include "report/plot-page.h"
#include "report/scale.h"

#include <math.h>
#include <string.h>

/* Most names on one axis: what is more is not for people. */
#define NAME_LIMIT 2000u

enum chart_kind plot_chart_kind(const char *template, bool *known)
{
	static const struct {
		const char *name;
		enum chart_kind kind;
	} kinds[] = {
		{"linear", CHART_LINE},
		{"simple", CHART_LINE},
		{"smooth", CHART_SMOOTH},
		{"scatter", CHART_SCATTER},
		{"scatter_jitter", CHART_JITTER},
		{"confusion", CHART_MATRIX},
		{"confusion_normalized", CHART_MATRIX_SHARES},
		{"bar_horizontal", CHART_BAR},
		{"bar_horizontal_sorted", CHART_BAR_SORTED},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].name, template) == 0) {
			if (known)
				*known = true;
			return kinds[i].kind;
		}
	if (known)
		*known = false;
	return CHART_LINE;
}

/* One axis on its way from values to numbers. */
struct axis {
	bool named;        /* values are names, numbered in the order in which they come */
	GPtrArray *names;
	GHashTable *numbers; /* of names, plus 1 */
	size_t left_out;     /* values that the axis cannot show */
};

/* A plot on its way to a chart. */
struct conversion {
	const struct plot *plot;
	struct chart *chart;
	struct axis x, y;
	bool turned; /* bars whose lengths are y: the axes change places */
};

/* A finite number that an axis takes. */
static bool is_drawable(const struct point_value *value, double *number)
{
	return point_number(value, number) && fabs(*number) <= SCALE_LIMIT;
}

/* Whether any x (or y) of the plot is there but no number; *any tells whether one is a number. */
static bool has_words(const struct plot *plot, bool of_x, bool *any)
{
	bool words = false;
	double number;

	*any = false;
	for (guint s = 0; s < plot->series->len; s++) {
		const struct plot_series *series = plot->series->pdata[s];

		for (size_t row = 0; row < series->points->count && !(words && *any); row++) {
			struct point_value value = of_x ? plot_series_x(series, row) : *points_get(series->points, row, series->y);

			if (is_drawable(&value, &number))
				*any = true;
			else if (value.kind == POINT_TEXT && *value.text && !point_is_not_finite(&value))
				words = true;
		}
	}
	return words;
}

static void axis_open(struct axis *axis, bool named)
{
	axis->named = named;
	axis->left_out = 0;
	axis->names = g_ptr_array_new_with_free_func(g_free);
	axis->numbers = g_hash_table_new(g_str_hash, g_str_equal);
}

/* The number of a name, which is added if it is new; NAN if there are too many. */
static double name_place(struct axis *axis, const char *name)
{
	gpointer number = g_hash_table_lookup(axis->numbers, name);

	if (number)
		return GPOINTER_TO_UINT(number) - 1;
	if (axis->names->len >= NAME_LIMIT)
		return NAN;
	g_ptr_array_add(axis->names, g_strdup(name));
	number = GUINT_TO_POINTER(axis->names->len);
	g_hash_table_insert(axis->numbers, axis->names->pdata[axis->names->len - 1], number);
	return axis->names->len - 1;
}

/* The number of a value on the axis; NAN if it cannot be shown. */
static double axis_place(struct axis *axis, const struct point_value *value)
{
	double place;

	if (axis->named) {
		g_autoptr(GString) text = g_string_new(NULL);

		point_text(text, value);
		place = name_place(axis, text->str);
	} else if (!is_drawable(value, &place)) {
		place = NAN;
	}
	axis->left_out += isnan(place) != 0;
	return place;
}

/* Numbers by size and before words, words by their bytes. */
static gint by_name(gconstpointer a, gconstpointer b)
{
	const struct point_value first = {.kind = POINT_TEXT, .text = *(const char *const *)a};
	const struct point_value second = {.kind = POINT_TEXT, .text = *(const char *const *)b};
	double x, y;
	bool x_number = point_number(&first, &x), y_number = point_number(&second, &y);

	if (x_number != y_number)
		return x_number ? -1 : 1;
	return x_number && x != y ? (x > y) - (x < y) : strcmp(first.text, second.text);
}

/* Give both axes of a matrix the same names in the same order, so that what agrees stands on the diagonal. */
static void share_names(struct conversion *conversion)
{
	struct axis *x = &conversion->x;
	g_autoptr(GPtrArray) names = NULL;

	for (guint s = 0; s < conversion->plot->series->len; s++) {
		const struct plot_series *series = conversion->plot->series->pdata[s];

		for (size_t row = 0; row < series->points->count; row++) {
			struct point_value value = plot_series_x(series, row);

			axis_place(x, &value);
			axis_place(x, points_get(series->points, row, series->y));
		}
	}
	names = g_steal_pointer(&x->names);
	g_hash_table_unref(x->numbers);
	g_ptr_array_sort(names, by_name);
	axis_open(x, true);
	for (guint i = 0; i < names->len; i++) {
		name_place(x, names->pdata[i]);
		name_place(&conversion->y, names->pdata[i]);
	}
}

/* The points of one series. Only a line is broken by a y that is none; elsewhere there simply is no point. */
static void convert_series(struct conversion *conversion, const struct plot_series *from, struct chart_series *to)
{
	bool breaks = conversion->chart->kind == CHART_LINE || conversion->chart->kind == CHART_SMOOTH;

	for (size_t row = 0; row < from->points->count; row++) {
		struct point_value x = plot_series_x(from, row), y = *points_get(from->points, row, from->y);
		struct chart_point point;

		point.x = axis_place(&conversion->x, conversion->turned ? &y : &x);
		if (isnan(point.x))
			continue;
		point.y = axis_place(&conversion->y, conversion->turned ? &x : &y);
		if (!isnan(point.y) || breaks)
			g_array_append_val(to->points, point);
	}
}

/* The number of a series among those of one revision, by what tells them apart. */
static guint number_of(GPtrArray *names, const char *name)
{
	for (guint i = 0; i < names->len; i++)
		if (strcmp(names->pdata[i], name) == 0)
			return i;
	g_ptr_array_add(names, g_strdup(name));
	return names->len - 1;
}

static guint revision_number(const struct plots *plots, const char *revision)
{
	guint number = 0;

	while (strcmp(plots->revisions[number], revision) != 0)
		number++;
	return number;
}

/* Colours tell revisions apart and dashes the series, or colours the series if there is one revision. */
static void convert_all(struct conversion *conversion, const struct plots *plots)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const GPtrArray *all = conversion->plot->series;
	bool one_revision = !plots->revisions[1];

	for (guint i = 0; i < all->len; i++) {
		const struct plot_series *from = all->pdata[i];
		g_autofree char *name = plot_series_name(conversion->plot, from);
		bool named = plot_series_column(conversion->plot) != NULL;
		struct chart_series *to = chart_add(conversion->chart, from->revision, named ? name : NULL);
		guint number = number_of(names, name), colour = one_revision ? number : revision_number(plots, from->revision);

		to->colour = colour % PAGE_COLOURS;
		to->dash = (one_revision ? colour / PAGE_COLOURS : number) % PAGE_DASHES;
		convert_series(conversion, from, to);
	}
}

/* Decide which axes have names, from the kind of chart and the values. */
static void open_axes(struct conversion *conversion)
{
	enum chart_kind kind = conversion->chart->kind;
	bool bars = kind == CHART_BAR || kind == CHART_BAR_SORTED;
	bool scatter = kind == CHART_SCATTER || kind == CHART_JITTER;
	bool matrix = kind == CHART_MATRIX || kind == CHART_MATRIX_SHARES;
	bool x_numbers, y_numbers, x_words = has_words(conversion->plot, true, &x_numbers);
	bool y_words = has_words(conversion->plot, false, &y_numbers);

	conversion->turned = bars && x_words && !y_words;
	axis_open(&conversion->x, matrix || (!bars && x_words));
	/* On a line y is a number: a word among many is left out and told. */
	axis_open(&conversion->y, matrix || bars || (y_words && (scatter || !y_numbers)));
	if (matrix)
		share_names(conversion);
}

static void close_axis(struct conversion *conversion, struct axis *axis, const char *label, GPtrArray **names)
{
	if (axis->left_out > 0)
		g_ptr_array_add(conversion->chart->notes,
				g_strdup_printf("%s: %zu value%s left out, %s.", label, axis->left_out,
						axis->left_out == 1 ? "" : "s",
						axis->named ? "more names than an axis takes" : "not a number to draw"));
	*names = axis->named ? g_steal_pointer(&axis->names) : NULL;
	g_clear_pointer(&axis->names, g_ptr_array_unref);
	g_hash_table_unref(axis->numbers);
}

struct chart *plot_chart(const struct plots *plots, const struct plot *plot)
{
	g_autofree char *template = g_strdup(path_base(plot->template));
	struct conversion conversion = {.plot = plot};
	bool known;

	if (g_str_has_suffix(template, ".json"))
		template[strlen(template) - strlen(".json")] = '\0';
	conversion.chart = chart_new(plot_chart_kind(template, &known), plot->id, plot->title);
	if (!known)
		g_ptr_array_add(conversion.chart->notes,
				g_strdup_printf("Template '%s' is not one that this page can draw: drawn as lines.", plot->template));
	open_axes(&conversion);
	conversion.chart->x_label = g_strdup(conversion.turned ? plot->y_label : plot->x_label);
	conversion.chart->y_label = g_strdup(conversion.turned ? plot->x_label : plot->y_label);
	convert_all(&conversion, plots);
	close_axis(&conversion, &conversion.x, conversion.chart->x_label, &conversion.chart->x_names);
	close_axis(&conversion, &conversion.y, conversion.chart->y_label, &conversion.chart->y_names);
	return conversion.chart;
}
