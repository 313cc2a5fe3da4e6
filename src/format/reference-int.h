/*
 * reference: `${expression}` in a text: finding it, and what an expression may look like. Pure functions.
 */
#ifndef FORMAT_REFERENCE_INT_H
#define FORMAT_REFERENCE_INT_H

#include "doc/node.h"

struct reference {
	const char *start, *end; /* with its braces: [start, end) */
	const char *expression;
	size_t length; /* of the expression */
};

/*
 * The first reference of `text` at or after `from`; false if there is none. One that is not closed on its line is plain
 * text, and so is `\${`.
 */
bool reference_next(struct reference *found, const char *text, const char *from);

/* Whether its expression is a name followed by any number of `.name` and `[name]`. */
bool reference_is_proper(const struct reference *reference);

/* Whether a string anywhere in the node, keys included, has a reference. */
bool reference_is_in(const struct node *node);

#endif
