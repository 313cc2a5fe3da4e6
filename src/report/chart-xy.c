#include "report/chart-int.h"
#include "report/html.h"

#include <math.h>

/* Up to how many points in all each one is marked, and each one can be pointed at. */
#define MARK_LIMIT 150
#define TIP_LIMIT 1500

/* From how many points on those that would fall together are drawn once. */
#define THIN_LIMIT 3000

/* Size of a spot that counts as one place. */
#define SPOT 1.5

/* A point in the drawing. */
struct place {
	double x, y;
};

/* What one chart is drawn with. */
struct drawing {
	GString *out;
	const struct chart *chart;
	struct frame frame;
	struct place jitter; /* how far points may be moved in all */
	size_t points;       /* of all series */
};

static struct place place_of(const struct drawing *drawing, const struct chart_point *point)
{
	return (struct place){scale_place(&drawing->frame.x, point->x), scale_place(&drawing->frame.y, point->y)};
}

static void append_place(GString *out, char verb, struct place place)
{
	g_string_append_c(out, verb);
	html_number(out, place.x);
	g_string_append_c(out, ' ');
	html_number(out, place.y);
}

/* The points of a line that fall into one column of the drawing: only the first, the extremes and the last can be seen. */
struct column {
	double x;
	struct place first, low, high, last;
	size_t count;
};

static void flush_column(GString *out, struct column *column, bool *drawing)
{
	if (column->count > 0)
		append_place(out, *drawing ? 'L' : 'M', column->first);
	if (column->count > 2) {
		append_place(out, 'L', column->low);
		append_place(out, 'L', column->high);
	}
	if (column->count > 1)
		append_place(out, 'L', column->last);
	*drawing |= column->count > 0;
	column->count = 0;
}

static void add_to_column(struct column *column, struct place place)
{
	if (column->count == 0)
		column->first = column->low = column->high = place;
	if (place.y > column->low.y)
		column->low = place;
	if (place.y < column->high.y)
		column->high = place;
	column->last = place;
	column->x = floor(place.x);
	column->count++;
}

/* The path through points sorted by x; what is no number breaks it. */
static void write_path(const struct drawing *drawing, const GArray *points, const char *class)
{
	GString *out = drawing->out;
	bool thin = points->len > THIN_LIMIT, drawn = false;
	struct column column = {.count = 0};

	g_string_append_printf(out, "<path class='%s' d='", class);
	for (guint i = 0; i < points->len; i++) {
		const struct chart_point *point = &g_array_index(points, struct chart_point, i);
		struct place place;

		if (isnan(point->y)) {
			flush_column(out, &column, &drawn);
			drawn = false;
			continue;
		}
		place = place_of(drawing, point);
		if (!thin || floor(place.x) != column.x)
			flush_column(out, &column, &drawn);
		add_to_column(&column, place);
	}
	flush_column(out, &column, &drawn);
	g_string_append(out, "'/>\n");
}

/* A little step aside that is the same each time for the same point of the same series. */
static double jitter(guint i, unsigned salt)
{
	guint32 mixed = (i + 1) * 2654435761u ^ (salt + 1) * 2246822519u;

	mixed ^= mixed >> 15;
	mixed *= 2246822519u;
	mixed ^= mixed >> 13;
	return (double)mixed / (double)G_MAXUINT32 - 0.5;
}

/* Whether the spot was drawn before; from very many points on only. */
static bool is_seen(const struct drawing *drawing, GHashTable *spots, struct place place)
{
	guint spot = (guint)(place.x / SPOT) * 10000 + (guint)(place.y / SPOT);

	return drawing->points > THIN_LIMIT && !g_hash_table_add(spots, GUINT_TO_POINTER(spot));
}

/* Dots at the points: always seen in a scatter, else if they are few, or when the mouse is on them. */
static void write_dots(const struct drawing *drawing, const struct chart_series *series)
{
	bool scatter = drawing->chart->kind == CHART_SCATTER || drawing->chart->kind == CHART_JITTER;
	g_autoptr(GHashTable) spots = g_hash_table_new(g_direct_hash, g_direct_equal);
	const char *class = scatter ? "dot" : drawing->points <= MARK_LIMIT ? "mark" : "spot";
	GString *out = drawing->out;

	for (guint i = 0; i < series->points->len; i++) {
		const struct chart_point *point = &g_array_index(series->points, struct chart_point, i);
		struct place place = place_of(drawing, point);

		if (isnan(point->y))
			continue;
		if (drawing->chart->kind == CHART_JITTER) {
			place.x += jitter(i, series->colour) * drawing->jitter.x;
			place.y += jitter(i, series->colour + 7) * drawing->jitter.y;
		}
		if (is_seen(drawing, spots, place))
			continue;
		g_string_append_printf(out, "<circle class='%s' r='3' cx='", class);
		html_number(out, place.x);
		g_string_append(out, "' cy='");
		html_number(out, place.y);
		g_string_append(out, drawing->points <= TIP_LIMIT ? "'>" : "'/>\n");
		if (drawing->points <= TIP_LIMIT) {
			chart_tip(out, drawing->chart, series, point);
			g_string_append(out, "</circle>\n");
		}
	}
}

static gint by_x(gconstpointer a, gconstpointer b)
{
	const struct chart_point *first = a, *second = b;

	return (first->x > second->x) - (first->x < second->x);
}

static void write_series(const struct drawing *drawing, struct chart_series *series)
{
	bool scatter = drawing->chart->kind == CHART_SCATTER || drawing->chart->kind == CHART_JITTER;
	bool smooth = drawing->chart->kind == CHART_SMOOTH;
	g_autofree char *class = g_strdup_printf("line d%u", series->dash);

	g_string_append_printf(drawing->out, "<g class='c%u'>\n", series->colour);
	if (!scatter) {
		g_array_sort(series->points, by_x);
		write_path(drawing, series->points, smooth ? "line faint" : class);
	}
	if (smooth) {
		g_autoptr(GArray) middle = chart_smooth(series->points);

		write_path(drawing, middle, class);
	}
	if (scatter || drawing->points <= TIP_LIMIT)
		write_dots(drawing, series);
	g_string_append(drawing->out, "</g>\n");
}

/* Whether every x is a whole number, so that ticks between them would say nothing. */
static bool is_whole(const struct chart *chart)
{
	for (guint s = 0; s < chart->series->len; s++) {
		const GArray *points = ((const struct chart_series *)chart->series->pdata[s])->points;

		for (guint i = 0; i < points->len; i++) {
			double x = g_array_index(points, struct chart_point, i).x;

			if (x != floor(x))
				return false;
		}
	}
	return true;
}

/* The scale of one axis. Clouds have some room around them, or dots would lie on the ticks. */
static struct scale scale_of(const struct chart *chart, const GPtrArray *names, double low, double high, size_t wanted)
{
	double room = chart->kind == CHART_JITTER ? (high - low) * 0.06 : chart->kind == CHART_SCATTER ? (high - low) * 0.02 : 0;

	return names ? scale_names(names->len, wanted * 2) : scale_nice(low - room, high + room, wanted);
}

/* Points stay nearer to their own name or place than to the next. */
static double jitter_room(const struct scale *scale, const GPtrArray *names)
{
	double step = fabs(scale->to - scale->from) / (scale->high - scale->low);

	return names ? step * 0.6 : fabs(scale->to - scale->from) * 0.04;
}

void chart_write_xy(GString *out, struct chart *chart)
{
	struct drawing drawing = {.out = out, .chart = chart};
	struct chart_point low, high;
	size_t x_ticks = 7;

	if (!chart_range(chart, &low, &high)) {
		g_string_append(out, "<p class='note'>There is no number to draw.</p>\n");
		return;
	}
	if (is_whole(chart) && high.x - low.x < (double)x_ticks)
		x_ticks = high.x > low.x ? (size_t)(high.x - low.x) : 2;
	for (guint i = 0; i < chart->series->len; i++)
		drawing.points += ((const struct chart_series *)chart->series->pdata[i])->points->len;
	drawing.frame = (struct frame){
		.width = CHART_WIDTH,
		.height = CHART_HEIGHT,
		.x_names = chart->x_names,
		.y_names = chart->y_names,
		.x = scale_of(chart, chart->x_names, low.x, high.x, x_ticks),
		.y = scale_of(chart, chart->y_names, low.y, high.y, 6),
	};
	frame_fit(&drawing.frame, chart);
	drawing.jitter = (struct place){jitter_room(&drawing.frame.x, chart->x_names), jitter_room(&drawing.frame.y, chart->y_names)};
	chart_legend(out, chart);
	frame_open(out, &drawing.frame, chart, NULL);
	for (guint i = 0; i < chart->series->len; i++)
		write_series(&drawing, chart->series->pdata[i]);
	g_string_append(out, "</svg>\n");
}
