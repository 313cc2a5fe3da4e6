/*
 * number: floating-point numbers as Python's repr() writes them: the shortest text that reads back as the same double.
 */
#ifndef DOC_NUMBER_H
#define DOC_NUMBER_H

#include <glib.h>

/* Append value: "0.001", "1e-05", "1e+20", "1.0"; "inf", "-inf", "nan" for the rest. */
void number_append(GString *out, double value);

#endif
