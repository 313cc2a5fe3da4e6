/*
 * repr: values as Python's str() and repr() write them, for what DVC prints as text: True, None, 1e-07, [1, {'a': None}].
 */
#ifndef DOC_REPR_H
#define DOC_REPR_H

#include "doc/node.h"

/* Append the value as repr() does: strings have quotes, tuples and sets their brackets. Dates are written as they stand. */
void repr_append(GString *out, const struct node *node);

/* The same, but a string at the top stands without quotes: str(). */
void repr_append_plain(GString *out, const struct node *node);

#endif
