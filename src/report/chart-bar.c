#include "report/chart-int.h"
#include "report/html.h"

#include <math.h>

/* Most groups of bars that are drawn, and how tall one bar and the room between groups are. */
#define GROUP_LIMIT 200u
#define BAR_HEIGHT 13.0
#define GROUP_ROOM 9.0

/* The lengths of all bars: those of one name in one series add up. */
struct bars {
	double *lengths; /* NAN where there is none: groups one after the other, each with one for each series */
	guint *order;    /* of groups, from the top */
	guint groups, series;
};

static double *length_of(const struct bars *bars, guint group, guint series)
{
	return &bars->lengths[(size_t)group * bars->series + series];
}

static void sum_up(const struct bars *bars, const struct chart *chart)
{
	for (guint i = 0; i < bars->groups * bars->series; i++)
		bars->lengths[i] = NAN;
	for (guint s = 0; s < bars->series; s++) {
		const GArray *points = ((const struct chart_series *)chart->series->pdata[s])->points;

		for (guint i = 0; i < points->len; i++) {
			const struct chart_point *point = &g_array_index(points, struct chart_point, i);
			double *length = length_of(bars, (guint)point->y, s);

			*length = CLAMP((isnan(*length) ? 0 : *length) + point->x, -SCALE_LIMIT, SCALE_LIMIT);
		}
	}
}

/* The longest bar of a group. */
static double longest(const struct bars *bars, guint group)
{
	double most = -INFINITY;

	for (guint s = 0; s < bars->series; s++)
		most = fmax(most, *length_of(bars, group, s));
	return most;
}

/* Groups with longer bars first; equal ones keep their order. */
static gint by_length(gconstpointer a, gconstpointer b, gpointer user)
{
	guint first = *(const guint *)a, second = *(const guint *)b;
	double x = longest(user, first), y = longest(user, second);

	return x != y ? (x < y) - (x > y) : (first > second) - (first < second);
}

/* One scale from zero to the longest bar that is drawn. */
static struct scale scale_of(const struct bars *bars, guint drawn)
{
	double low = 0, high = 0;

	for (guint i = 0; i < drawn; i++)
		for (guint s = 0; s < bars->series; s++) {
			low = fmin(low, *length_of(bars, bars->order[i], s));
			high = fmax(high, *length_of(bars, bars->order[i], s));
		}
	return scale_nice(low, high, 7);
}

static void write_bar(GString *out, const struct frame *frame, double top, double length)
{
	double zero = scale_place(&frame->x, 0), end = scale_place(&frame->x, length);

	g_string_append(out, "<rect class='bar' rx='1.5' x='");
	html_number(out, fmin(zero, end));
	g_string_append(out, "' y='");
	html_number(out, top);
	g_string_append(out, "' width='");
	html_number(out, fmax(fabs(end - zero), 0.5));
	g_string_append(out, "' height='");
	html_number(out, BAR_HEIGHT - 2);
	g_string_append(out, "'>");
}

static void write_group(GString *out, const struct chart *chart, const struct frame *frame, const struct bars *bars, guint place)
{
	double middle = scale_place(&frame->y, place), top = middle - BAR_HEIGHT * bars->series / 2;
	guint group = bars->order[place];

	for (guint s = 0; s < bars->series; s++) {
		const struct chart_series *series = chart->series->pdata[s];
		const struct chart_point point = {*length_of(bars, group, s), group};

		if (isnan(point.x))
			continue;
		g_string_append_printf(out, "<g class='c%u'>", series->colour);
		write_bar(out, frame, top + BAR_HEIGHT * s + 1, point.x);
		chart_tip(out, chart, series, &point);
		g_string_append(out, "</rect></g>\n");
	}
}

static void write_groups(GString *out, struct chart *chart, const struct bars *bars)
{
	guint drawn = MIN(bars->groups, GROUP_LIMIT);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	struct frame frame = {
		.width = CHART_WIDTH,
		.height = 70 + drawn * (BAR_HEIGHT * bars->series + GROUP_ROOM),
		.y_names = names,
		.x = scale_of(bars, drawn),
		.y = scale_names(drawn, drawn),
	};

	for (guint i = 0; i < drawn; i++)
		g_ptr_array_add(names, chart->y_names->pdata[bars->order[i]]);
	frame_fit(&frame, chart);
	frame.y.from = frame.top;
	frame.y.to = frame.bottom;
	chart_legend(out, chart);
	frame_open(out, &frame, chart, NULL);
	for (guint i = 0; i < drawn; i++)
		write_group(out, chart, &frame, bars, i);
	g_string_append(out, "</svg>\n");
	if (drawn < bars->groups)
		g_ptr_array_add(chart->notes, g_strdup_printf("%u more bars are left out.", bars->groups - drawn));
}

void chart_write_bars(GString *out, struct chart *chart)
{
	struct bars bars = {.groups = chart->y_names->len, .series = chart->series->len};
	g_autofree double *lengths = g_new(double, (size_t)bars.groups * bars.series);
	g_autofree guint *order = g_new(guint, bars.groups);

	if (bars.groups == 0) {
		g_string_append(out, "<p class='note'>There is no number to draw.</p>\n");
		return;
	}
	bars.lengths = lengths;
	bars.order = order;
	sum_up(&bars, chart);
	for (guint i = 0; i < bars.groups; i++)
		order[i] = i;
	if (chart->kind == CHART_BAR_SORTED)
		g_qsort_with_data(order, (gint)bars.groups, sizeof(*order), by_length, &bars);
	write_groups(out, chart, &bars);
}
