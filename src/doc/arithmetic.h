/*
 * arithmetic: comparing and subtracting values as Python does: 1, 1.0 and True are equal, integers have any size.
 */
#ifndef DOC_ARITHMETIC_H
#define DOC_ARITHMETIC_H

#include "doc/node.h"

/* Whether a value is a number to Python, which true and false are, too. */
bool arithmetic_is_number(const struct node *node);

/* Whether Python's == holds: NaN equals nothing, and a tuple no list. Maps may be in another order. */
bool arithmetic_equal(const struct node *a, const struct node *b);

/* a - b of two numbers, in doc's arena. */
struct node *arithmetic_subtract(struct doc *doc, const struct node *a, const struct node *b);

#endif
