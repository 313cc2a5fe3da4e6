/*
 * places-int: which line and column a byte of a text is on, for readers that go through it once.
 *
 * Asking for places in rising order costs one pass over the text; going back starts anew. One thread at a time.
 */
#ifndef DOC_PLACES_INT_H
#define DOC_PLACES_INT_H

#include "doc/node.h"

/* Begin with a document that has its source: {.doc = doc}. */
struct places {
	const struct doc *doc;
	size_t known;          /* the last offset that was asked for */
	unsigned line, column; /* of it, from 0 */
};

/* The place of the bytes from `start` to `end`, both inside the source. */
struct node_place places_find(struct places *places, const char *start, const char *end);

/* node_error() for the text at `start`. Always false. */
bool places_fail(struct places *places, const char *start, GError **error, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

/* Whether the source is UTF-8 without a NUL; ERROR_CORRUPT with the place. */
bool places_check_text(struct places *places, GError **error);

#endif
