#include "../tap.h"

#include "report/scale.h"

#include <math.h>
#include <string.h>

/* The ticks of a scale as "0 0.5 1". */
static char *ticks_of(const struct scale *scale)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (size_t i = 0; i < scale->ticks; i++) {
		g_autofree char *tick = scale_tick_text(scale, i);

		g_string_append_printf(text, "%s%s", i ? " " : "", tick);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void assert_ticks(double low, double high, const char *expected)
{
	struct scale scale = scale_nice(low, high, 5);
	g_autofree char *ticks = ticks_of(&scale);

	g_assert_cmpstr(ticks, ==, expected);
	g_assert_cmpfloat(scale.low, <=, low);
	g_assert_cmpfloat(scale.high, >=, high);
}

static void round_ticks(void)
{
	assert_ticks(0, 1, "0.0 0.2 0.4 0.6 0.8 1.0");
	assert_ticks(0.1, 0.3, "0.10 0.15 0.20 0.25 0.30");
	assert_ticks(1, 40, "0 10 20 30 40");
	assert_ticks(-3, 7, "-4 -2 0 2 4 6 8");
	assert_ticks(-0.2, -0.1, "-0.20 -0.18 -0.16 -0.14 -0.12 -0.10");
	assert_ticks(0, 5e8, "0 1e+08 2e+08 3e+08 4e+08 5e+08");
	assert_ticks(0, 5e-8, "0 1e-08 2e-08 3e-08 4e-08 5e-08");
	assert_ticks(1e9, 1e9 + 10, "1000000000 1000000002 1000000004 1000000006 1000000008 1000000010");
}

static void one_number(void)
{
	assert_ticks(0, 0, "-1.0 -0.5 0.0 0.5 1.0");
	assert_ticks(5, 5, "4.4 4.6 4.8 5.0 5.2 5.4 5.6");
}

/* Whatever the range: few ticks, all of them finite and different, and the ends in place. */
static void extremes(void)
{
	static const double numbers[] = {-SCALE_LIMIT, -1e100, -1e16, -1, -1e-300, -5e-324, 0, 5e-324, 1e-300, 0.1, 1, 1e16, 1e16 + 2,
					 1e100, SCALE_LIMIT};

	for (size_t a = 0; a < G_N_ELEMENTS(numbers); a++)
		for (size_t b = a; b < G_N_ELEMENTS(numbers); b++) {
			struct scale scale = scale_nice(numbers[a], numbers[b], 6);

			g_assert_cmpuint(scale.ticks, >=, 2);
			g_assert_cmpuint(scale.ticks, <=, 20);
			g_assert_cmpfloat(scale_tick(&scale, 0), <, scale_tick(&scale, 1));
			g_assert_true(isfinite(scale_tick(&scale, scale.ticks - 1)));
			scale.from = 100;
			scale.to = 500;
			g_assert_cmpfloat(scale_place(&scale, numbers[a]), >=, 99.99);
			g_assert_cmpfloat(scale_place(&scale, numbers[b]), <=, 500.01);
		}
}

static void names(void)
{
	struct scale scale = scale_names(4, 10);

	g_assert_cmpuint(scale.ticks, ==, 4);
	g_assert_cmpfloat(scale_tick(&scale, 3), ==, 3);
	g_assert_cmpfloat(scale_place(&scale, 0), ==, 0.125);
	scale = scale_names(100, 10);
	g_assert_cmpuint(scale.ticks, ==, 10);
	g_assert_cmpfloat(scale_tick(&scale, 9), ==, 90);
	scale = scale_names(101, 10);
	g_assert_cmpfloat(scale_tick(&scale, scale.ticks - 1), <, 101);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/scale/round-ticks", round_ticks);
	g_test_add_func("/scale/one-number", one_number);
	g_test_add_func("/scale/extremes", extremes);
	g_test_add_func("/scale/names", names);
	return g_test_run();
}
