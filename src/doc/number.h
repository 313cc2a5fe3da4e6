/*
 * number: numbers as text. Floating-point numbers are written as Python's repr() does: the shortest text that reads back as the
 * same double.
 */
#ifndef DOC_NUMBER_H
#define DOC_NUMBER_H

#include <glib.h>

/* Append value: "0.001", "1e-05", "1e+20", "1.0"; "inf", "-inf", "nan" for the rest. */
void number_append(GString *out, double value);

/*
 * How many bytes at `text` are digits out of `set` with single underscores between them, as TOML and Python write long
 * numbers; 0 if it does not begin with a digit.
 */
size_t number_digits(const char *text, const char *set);

#endif
