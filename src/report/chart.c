#include "report/chart.h"

#include "doc/number.h"
#include "report/chart-int.h"
#include "report/html.h"

#include <math.h>
#include <string.h>

/* Room for one character of a tick, and for a line with a label. */
#define TICK_CHAR 6.4
#define LABEL_ROOM 18.0

/* Room for one character of a label. */
#define LABEL_CHAR 6.8

static void free_series(void *data)
{
	struct chart_series *series = data;

	g_free(series->revision);
	g_free(series->name);
	g_array_unref(series->points);
	g_free(series);
}

struct chart *chart_new(enum chart_kind kind, const char *id, const char *title)
{
	struct chart *chart = g_new0(struct chart, 1);

	chart->kind = kind;
	chart->id = g_strdup(id);
	chart->title = g_strdup(title);
	chart->series = g_ptr_array_new_with_free_func(free_series);
	chart->notes = g_ptr_array_new_with_free_func(g_free);
	return chart;
}

struct chart_series *chart_add(struct chart *chart, const char *revision, const char *name)
{
	struct chart_series *series = g_new0(struct chart_series, 1);

	series->revision = g_strdup(revision);
	series->name = g_strdup(name);
	series->points = g_array_new(FALSE, FALSE, sizeof(struct chart_point));
	g_ptr_array_add(chart->series, series);
	return series;
}

void chart_free(struct chart *chart)
{
	if (!chart)
		return;
	g_free(chart->id);
	g_free(chart->title);
	g_free(chart->x_label);
	g_free(chart->y_label);
	g_clear_pointer(&chart->x_names, g_ptr_array_unref);
	g_clear_pointer(&chart->y_names, g_ptr_array_unref);
	g_ptr_array_unref(chart->series);
	g_ptr_array_unref(chart->notes);
	g_free(chart);
}

bool chart_range(const struct chart *chart, struct chart_point *low, struct chart_point *high)
{
	*low = (struct chart_point){INFINITY, INFINITY};
	*high = (struct chart_point){-INFINITY, -INFINITY};
	for (guint s = 0; s < chart->series->len; s++) {
		const GArray *points = ((const struct chart_series *)chart->series->pdata[s])->points;

		for (guint i = 0; i < points->len; i++) {
			const struct chart_point *point = &g_array_index(points, struct chart_point, i);

			if (isnan(point->y))
				continue;
			*low = (struct chart_point){fmin(low->x, point->x), fmin(low->y, point->y)};
			*high = (struct chart_point){fmax(high->x, point->x), fmax(high->y, point->y)};
		}
	}
	return low->x <= high->x;
}

/* The text of a tick; points into names where the axis has them. */
static char *tick_text(const struct scale *scale, const GPtrArray *names, size_t i)
{
	return names ? g_strdup(names->pdata[(guint)scale_tick(scale, i)]) : scale_tick_text(scale, i);
}

/* How many characters the longest tick takes. */
static size_t longest_tick(const struct scale *scale, const GPtrArray *names)
{
	size_t longest = 1;

	for (size_t i = 0; i < scale->ticks; i++) {
		g_autofree char *text = tick_text(scale, names, i);

		longest = MAX(longest, (size_t)g_utf8_strlen(text, -1));
	}
	return MIN(longest, CHART_TICK_CHARS);
}

/* Whether ticks below have to be slanted so as not to run into each other. */
static bool is_slanted(const struct frame *frame)
{
	double room = (frame->right - frame->left) / (double)MAX(frame->x.ticks, 1);

	return (double)longest_tick(&frame->x, frame->x_names) * TICK_CHAR + 6 > room;
}

void frame_fit(struct frame *frame, const struct chart *chart)
{
	bool labelled = chart->y_label && *chart->y_label;

	frame->top = 12;
	frame->left = (double)longest_tick(&frame->y, frame->y_names) * TICK_CHAR + 12 + (labelled ? LABEL_ROOM : 0);
	frame->right = frame->width - 18;
	frame->bottom = frame->height - 24 - (chart->x_label && *chart->x_label ? LABEL_ROOM : 0);
	if (is_slanted(frame))
		frame->bottom -= (double)longest_tick(&frame->x, frame->x_names) * TICK_CHAR * 0.6;
	frame->x.from = frame->left;
	frame->x.to = frame->right;
	frame->y.from = frame->bottom;
	frame->y.to = frame->top;
}

/* "name='value'" */
static void attribute(GString *out, const char *name, double value)
{
	g_string_append_printf(out, " %s='", name);
	html_number(out, value);
	g_string_append_c(out, '\'');
}

static void tick_label(GString *out, const char *text)
{
	bool cut = g_utf8_strlen(text, -1) > CHART_TICK_CHARS;

	g_string_append_c(out, '>');
	if (cut) {
		g_string_append(out, "<title>");
		html_text(out, text);
		g_string_append(out, "</title>");
	}
	html_text_cut(out, text, CHART_TICK_CHARS);
	g_string_append(out, "</text>\n");
}

static void write_x_axis(GString *out, const struct frame *frame)
{
	bool slanted = is_slanted(frame);

	for (size_t i = 0; i < frame->x.ticks; i++) {
		double x = scale_place(&frame->x, scale_tick(&frame->x, i));
		g_autofree char *text = tick_text(&frame->x, frame->x_names, i);

		g_string_append(out, "<line class='grid'");
		attribute(out, "x1", x);
		attribute(out, "x2", x);
		attribute(out, "y1", frame->top);
		attribute(out, "y2", frame->bottom);
		g_string_append(out, "/><text class='tick'");
		attribute(out, "x", x);
		attribute(out, "y", frame->bottom + 15);
		if (slanted) {
			g_string_append(out, " text-anchor='end' transform='rotate(-35 ");
			html_number(out, x);
			g_string_append_c(out, ' ');
			html_number(out, frame->bottom + 10);
			g_string_append(out, ")'");
		} else {
			g_string_append(out, " text-anchor='middle'");
		}
		tick_label(out, text);
	}
}

static void write_y_axis(GString *out, const struct frame *frame)
{
	for (size_t i = 0; i < frame->y.ticks; i++) {
		double y = scale_place(&frame->y, scale_tick(&frame->y, i));
		g_autofree char *text = tick_text(&frame->y, frame->y_names, i);

		g_string_append(out, "<line class='grid'");
		attribute(out, "x1", frame->left);
		attribute(out, "x2", frame->right);
		attribute(out, "y1", y);
		attribute(out, "y2", y);
		g_string_append(out, "/><text class='tick' text-anchor='end'");
		attribute(out, "x", frame->left - 7);
		attribute(out, "y", y + 4);
		tick_label(out, text);
	}
}

static void write_labels(GString *out, const struct frame *frame, const struct chart *chart)
{
	double middle = (frame->top + frame->bottom) / 2;

	g_string_append(out, "<text class='label' text-anchor='middle'");
	attribute(out, "x", (frame->left + frame->right) / 2);
	attribute(out, "y", frame->height - 6);
	g_string_append_c(out, '>');
	html_text_cut(out, chart->x_label ? chart->x_label : "", (size_t)((frame->right - frame->left) / LABEL_CHAR));
	g_string_append(out, "</text>\n<text class='label' text-anchor='middle' transform='rotate(-90 13 ");
	html_number(out, middle);
	g_string_append(out, ")' x='13'");
	attribute(out, "y", middle);
	g_string_append_c(out, '>');
	html_text_cut(out, chart->y_label ? chart->y_label : "", (size_t)((frame->bottom - frame->top) / LABEL_CHAR));
	g_string_append(out, "</text>\n");
}

void frame_open(GString *out, const struct frame *frame, const struct chart *chart, const char *aside)
{
	g_string_append(out, "<svg role='img' viewBox='0 0 ");
	html_number(out, frame->width);
	g_string_append_c(out, ' ');
	html_number(out, frame->height);
	g_string_append(out, "' aria-label='");
	html_text(out, chart->title);
	if (aside) {
		g_string_append(out, ", ");
		html_text(out, aside);
	}
	g_string_append(out, "'>\n");
	write_x_axis(out, frame);
	write_y_axis(out, frame);
	write_labels(out, frame, chart);
}

void chart_value(GString *out, const GPtrArray *names, double value)
{
	if (names)
		html_text_cut(out, names->pdata[(guint)value], 200);
	else
		number_append(out, value);
}

void chart_tip(GString *out, const struct chart *chart, const struct chart_series *series, const struct chart_point *point)
{
	g_string_append(out, "<title>");
	html_text_cut(out, series->revision, 100);
	if (series->name) {
		g_string_append(out, ", ");
		html_text_cut(out, series->name, 200);
	}
	g_string_append_c(out, '\n');
	html_text_cut(out, chart->x_label && *chart->x_label ? chart->x_label : "x", 100);
	g_string_append(out, ": ");
	chart_value(out, chart->x_names, point->x);
	g_string_append_c(out, '\n');
	html_text_cut(out, chart->y_label && *chart->y_label ? chart->y_label : "y", 100);
	g_string_append(out, ": ");
	chart_value(out, chart->y_names, point->y);
	g_string_append(out, "</title>");
}

/* Whether an earlier series has the same text to show, so that it stands in the legend once. */
static bool is_shown(const struct chart *chart, guint i, bool by_name)
{
	const struct chart_series *series = chart->series->pdata[i];

	for (guint k = 0; k < i; k++) {
		const struct chart_series *other = chart->series->pdata[k];

		if (g_strcmp0(by_name ? series->name : series->revision, by_name ? other->name : other->revision) == 0)
			return true;
	}
	return false;
}

/* One entry of the legend: a stroke and its meaning. */
static void legend_entry(GString *out, const char *class, const char *text)
{
	g_string_append_printf(out, "<li><svg class='key' viewBox='0 0 26 10'><path class='line %s' d='M1 5H25'/></svg>",
			       class);
	html_text_cut(out, text, 80);
	g_string_append(out, "</li>\n");
}

void chart_legend(GString *out, const struct chart *chart)
{
	const struct chart_series *first = chart->series->len > 0 ? chart->series->pdata[0] : NULL;
	bool revisions = false, names = false;

	for (guint i = 1; i < chart->series->len; i++) {
		revisions |= !is_shown(chart, i, false);
		names |= !is_shown(chart, i, true);
	}
	g_string_append(out, "<ul class='legend'>\n");
	for (guint i = 0; i < chart->series->len && (revisions || !names); i++) {
		const struct chart_series *series = chart->series->pdata[i];
		g_autofree char *class = g_strdup_printf("c%u", series->colour);

		if (!is_shown(chart, i, false))
			legend_entry(out, class, series->revision);
	}
	for (guint i = 0; i < chart->series->len && names; i++) {
		const struct chart_series *series = chart->series->pdata[i];
		g_autofree char *class = revisions ? g_strdup_printf("plain d%u", series->dash)
						   : g_strdup_printf("c%u d%u", series->colour, series->dash);

		if (!is_shown(chart, i, true))
			legend_entry(out, class, series->name ? series->name : first->revision);
	}
	g_string_append(out, "</ul>\n");
}

void chart_write(GString *out, struct chart *chart)
{
	bool matrix = chart->kind == CHART_MATRIX || chart->kind == CHART_MATRIX_SHARES;

	g_string_append_printf(out, "<section class='card%s'><h2>", matrix && chart->series->len > 1 ? " wide" : "");
	html_text(out, chart->title);
	g_string_append(out, "</h2>\n");
	if (matrix)
		chart_write_matrices(out, chart);
	else if (chart->kind == CHART_BAR || chart->kind == CHART_BAR_SORTED)
		chart_write_bars(out, chart);
	else
		chart_write_xy(out, chart);
	for (guint i = 0; i < chart->notes->len; i++) {
		g_string_append(out, "<p class='note'>");
		html_text(out, chart->notes->pdata[i]);
		g_string_append(out, "</p>\n");
	}
	g_string_append(out, "</section>\n");
}
