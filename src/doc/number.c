#include "doc/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Significant decimal digits that always suffice for a double. */
#define DIGITS_MAX 17

/* Exponents outside [LOW, HIGH) are written in the "1e+16" form. */
#define FIXED_LOW (-4)
#define FIXED_HIGH 16

/* A positive finite number as 0.d1d2d3… in scientific form: d1.d2d3… * 10^exponent. */
struct decimal {
	char digits[DIGITS_MAX + 2];
	int count;
	int exponent;
};

/* Round value to `count` digits. */
static void decimal_round(struct decimal *decimal, double value, int count)
{
	char format[8], text[64];

	g_snprintf(format, sizeof format, "%%.%de", count - 1);
	g_ascii_formatd(text, sizeof text, format, value);
	decimal->count = 0;
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			decimal->digits[decimal->count++] = *p;
	decimal->digits[decimal->count] = '\0';
	decimal->exponent = atoi(strchr(text, 'e') + 1);
}

/* Add one to the last digit. */
static void decimal_step_up(struct decimal *decimal)
{
	int i = decimal->count - 1;

	while (i >= 0 && decimal->digits[i] == '9')
		decimal->digits[i--] = '0';
	if (i >= 0) {
		decimal->digits[i]++;
		return;
	}
	decimal->digits[0] = '1';
	decimal->exponent++;
}

static bool decimal_is(const struct decimal *decimal, double value)
{
	char text[64];

	g_snprintf(text, sizeof text, "%c.%se%d", decimal->digits[0], decimal->digits + 1, decimal->exponent);
	return g_ascii_strtod(text, NULL) == value;
}

/*
 * The shortest digits that read back as value. Above a power of two the doubles stand twice as far apart as below, so the
 * nearest decimal of some length may fail below it while the next one up reads back.
 */
static void decimal_shortest(struct decimal *decimal, double value)
{
	for (int count = 1; count < DIGITS_MAX; count++) {
		decimal_round(decimal, value, count);
		if (decimal_is(decimal, value))
			return;
		decimal_step_up(decimal);
		if (decimal_is(decimal, value))
			return;
	}
	decimal_round(decimal, value, DIGITS_MAX);
}

static void append_zeros(GString *out, int count)
{
	while (count-- > 0)
		g_string_append_c(out, '0');
}

static void append_fixed(GString *out, const struct decimal *decimal)
{
	int whole = decimal->exponent + 1; /* digits before the point */

	if (whole <= 0) {
		g_string_append(out, "0.");
		append_zeros(out, -whole);
		g_string_append(out, decimal->digits);
	} else if (whole >= decimal->count) {
		g_string_append(out, decimal->digits);
		append_zeros(out, whole - decimal->count);
		g_string_append(out, ".0");
	} else {
		g_string_append_len(out, decimal->digits, whole);
		g_string_append_c(out, '.');
		g_string_append(out, decimal->digits + whole);
	}
}

static void append_exponent(GString *out, const struct decimal *decimal)
{
	g_string_append_c(out, decimal->digits[0]);
	if (decimal->count > 1)
		g_string_append_printf(out, ".%s", decimal->digits + 1);
	g_string_append_printf(out, "e%c%02d", decimal->exponent < 0 ? '-' : '+', abs(decimal->exponent));
}

void number_append(GString *out, double value)
{
	struct decimal decimal;

	if (isnan(value)) {
		g_string_append(out, "nan");
		return;
	}
	if (signbit(value))
		g_string_append_c(out, '-');
	value = fabs(value);
	if (isinf(value)) {
		g_string_append(out, "inf");
		return;
	}
	decimal_shortest(&decimal, value);
	if (decimal.exponent >= FIXED_LOW && decimal.exponent < FIXED_HIGH)
		append_fixed(out, &decimal);
	else
		append_exponent(out, &decimal);
}

size_t number_digits(const char *text, const char *set)
{
	size_t length = 0;

	while (text[length] && strchr(set, text[length])) {
		length++;
		if (text[length] == '_' && text[length + 1] && strchr(set, text[length + 1]))
			length++;
	}
	return length;
}
