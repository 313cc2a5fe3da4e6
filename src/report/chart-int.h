/*
 * chart-int: what the kinds of charts share: the frame around the data. Lengths are those of the drawing. Private to report/chart*.c.
 */
#ifndef REPORT_CHART_INT_H
#define REPORT_CHART_INT_H

#include "report/chart.h"
#include "report/scale.h"

/* Width of every drawing, and the height of those that do not grow with their data. */
#define CHART_WIDTH 560.0
#define CHART_HEIGHT 340.0

/* Longest text of a tick, in characters. */
#define CHART_TICK_CHARS 18

/* The drawing: where data goes, and what its axes mean. */
struct frame {
	double width, height;
	double left, right, top, bottom; /* of the data's rectangle */
	struct scale x, y;
	const GPtrArray *x_names, *y_names;
};

/* Make room for ticks and labels around the data and aim the scales at what is left. */
void frame_fit(struct frame *frame, const struct chart *chart);

/* Begin the SVG with grid lines, ticks and labels; `aside` is added to the spoken name, and may be NULL. */
void frame_open(GString *out, const struct frame *frame, const struct chart *chart, const char *aside);

/* The least and greatest of all points; false if there is none to draw. */
bool chart_range(const struct chart *chart, struct chart_point *low, struct chart_point *high);

/* Append what a point is called when the mouse is on it, as an SVG title. */
void chart_tip(GString *out, const struct chart *chart, const struct chart_series *series, const struct chart_point *point);

/* Append a value of an axis: its name, or the number as it is. */
void chart_value(GString *out, const GPtrArray *names, double value);

/* The series tell revisions and names apart. */
void chart_legend(GString *out, const struct chart *chart);

/* The kinds. */
void chart_write_xy(GString *out, struct chart *chart);
void chart_write_bars(GString *out, struct chart *chart);
void chart_write_matrices(GString *out, struct chart *chart);

/* The points of a smooth line through those of a series, which are sorted by x. A new GArray of struct chart_point. */
GArray *chart_smooth(const GArray *points);

#endif
