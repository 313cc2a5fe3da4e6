#include "report/chart-int.h"

#include <math.h>

/* Which share of the points has a say at each place, as in DVC's template; how many places, and how many points at most. */
#define BANDWIDTH 0.3
#define PLACES 120
#define SAMPLES 4000

/* A copy of what has a y, thinned out evenly if it is very much. */
static GArray *sample(const GArray *points)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(struct chart_point));
	guint step = points->len / SAMPLES + 1;

	for (guint i = 0; i < points->len; i += step)
		if (!isnan(g_array_index(points, struct chart_point, i).y))
			g_array_append_val(numbers, g_array_index(points, struct chart_point, i));
	return numbers;
}

/* The line of least squares through points[first, end) at x, where near points weigh more (Cleveland's loess). */
static double fit(const GArray *points, guint first, guint end, double x)
{
	double reach = fmax(fabs(x - g_array_index(points, struct chart_point, first).x),
			    fabs(g_array_index(points, struct chart_point, end - 1).x - x));
	double sum = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0, divisor;

	for (guint i = first; i < end; i++) {
		const struct chart_point *point = &g_array_index(points, struct chart_point, i);
		double dx = reach > 0 ? (point->x - x) / reach : 0;
		/* Nobody weighs nothing: the farthest may be all there is besides x. */
		double weight = pow(1 - pow(fmin(fabs(dx), 0.999), 3), 3);

		sum += weight;
		sum_x += weight * dx;
		sum_y += weight * point->y;
		sum_xx += weight * dx * dx;
		sum_xy += weight * dx * point->y;
	}
	divisor = sum * sum_xx - sum_x * sum_x;
	return divisor > 1e-9 ? (sum_xx * sum_y - sum_x * sum_xy) / divisor : sum_y / sum;
}

GArray *chart_smooth(const GArray *points)
{
	g_autoptr(GArray) numbers = sample(points);
	GArray *smooth = g_array_new(FALSE, FALSE, sizeof(struct chart_point));
	guint window = MIN(numbers->len, MAX(2, (guint)ceil(numbers->len * BANDWIDTH))), first = 0;
	double low, high;

	if (numbers->len == 0)
		return smooth;
	low = g_array_index(numbers, struct chart_point, 0).x;
	high = g_array_index(numbers, struct chart_point, numbers->len - 1).x;
	for (guint i = 0; i <= PLACES; i++) {
		struct chart_point point = {low + (high - low) * i / PLACES, 0};

		while (first + window < numbers->len && g_array_index(numbers, struct chart_point, first + window).x - point.x <
								point.x - g_array_index(numbers, struct chart_point, first).x)
			first++;
		point.y = fit(numbers, first, first + window, point.x);
		if (isfinite(point.y))
			g_array_append_val(smooth, point);
	}
	return smooth;
}
