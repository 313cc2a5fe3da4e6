#include "../tap.h"

#include "doc/number.h"

#include <math.h>

/* Python's repr() of each. */
static void as_python(void)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0.0, "0.0"},
		{-0.0, "-0.0"},
		{1.0, "1.0"},
		{0.1, "0.1"},
		{0.001, "0.001"},
		{0.0001, "0.0001"},
		{0.00001, "1e-05"},
		{123456789.123456789, "123456789.12345679"},
		{1e15, "1000000000000000.0"},
		{1e16, "1e+16"},
		{1.5e300, "1.5e+300"},
		{1e22, "1e+22"},
		{5e-324, "5e-324"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
		{0x1p-44, "5.684341886080802e-14"},
		{9007199254740993.0, "9007199254740992.0"},
		{INFINITY, "inf"},
		{-INFINITY, "-inf"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		number_append(out, cases[i].value);
		g_assert_cmpstr(out->str, ==, cases[i].text);
	}
}

static void not_a_number(void)
{
	g_autoptr(GString) out = g_string_new("x = ");

	number_append(out, NAN);
	g_assert_cmpstr(out->str, ==, "x = nan");
}

static void reads_back(void)
{
	GRand *random = g_rand_new_with_seed(7);

	for (int i = 0; i < 20000; i++) {
		guint64 bits = (guint64)g_rand_int(random) << 32 | g_rand_int(random);
		g_autoptr(GString) out = g_string_new(NULL);
		double value;

		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value))
			continue;
		number_append(out, value);
		g_assert_true(g_ascii_strtod(out->str, NULL) == value);
	}
	g_rand_free(random);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/number/as_python", as_python);
	g_test_add_func("/number/not_a_number", not_a_number);
	g_test_add_func("/number/reads_back", reads_back);
	return g_test_run();
}
