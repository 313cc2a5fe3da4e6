#include "report/scale.h"

#include <math.h>

/* The round number - 1, 2 or 5 times a power of ten - next to a rough step. */
static double round_step(double rough)
{
	double power = pow(10, floor(log10(rough)));
	double factor = rough / power;

	return (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10) * power;
}

/* What can be told apart around a number. */
static double resolution(double low, double high)
{
	return MAX(MAX(fabs(low), fabs(high)) * 1e-12, 1e-290);
}

struct scale scale_nice(double low, double high, size_t wanted)
{
	struct scale scale = {.from = 0, .to = 1};
	double span = high - low;

	if (span < resolution(low, high)) {
		double room = MAX(fabs(low) * 0.1, resolution(low, high) * 10);

		room = low == 0 ? 1 : room;
		low -= room;
		high += room;
		span = high - low;
	}
	scale.step = round_step(span / (double)MAX(wanted, 1));
	/* A hair's breadth is none: 0.3 / 0.1 is a little less than 3. */
	scale.low = floor(low / scale.step + 1e-9) * scale.step;
	scale.high = ceil(high / scale.step - 1e-9) * scale.step;
	scale.first = scale.low;
	scale.ticks = (size_t)round((scale.high - scale.low) / scale.step) + 1;
	return scale;
}

struct scale scale_names(size_t count, size_t wanted)
{
	size_t step = wanted ? (count + wanted - 1) / wanted : count;

	step = MAX(step, 1);
	return (struct scale){
		.low = -0.5,
		.high = (double)count - 0.5,
		.to = 1,
		.step = (double)step,
		.ticks = (count + step - 1) / step,
	};
}

double scale_place(const struct scale *scale, double value)
{
	return scale->from + (value - scale->low) / (scale->high - scale->low) * (scale->to - scale->from);
}

double scale_tick(const struct scale *scale, size_t i)
{
	double value = scale->first + (double)i * scale->step;

	return fabs(value) < scale->step * 1e-6 ? 0 : value;
}

char *scale_tick_text(const struct scale *scale, size_t i)
{
	double largest = MAX(fabs(scale->low), fabs(scale->high));
	int power = (int)floor(log10(scale->step) + 1e-9);
	int decimals = MAX(0, -power);
	int digits = CLAMP((int)floor(log10(largest)) - power + 1, 1, 17);
	char format[16], buffer[G_ASCII_DTOSTR_BUF_SIZE];

	if (largest < 1e7 && scale->step >= 1e-5)
		g_snprintf(format, sizeof(format), "%%.%df", decimals);
	else
		g_snprintf(format, sizeof(format), "%%.%dg", digits);
	return g_strdup(g_ascii_formatd(buffer, sizeof(buffer), format, scale_tick(scale, i)));
}
