/*
 * python-int: what the parts of the Python reader share: python.c has blocks and assignments, python-scan.c finds where
 * statements end, python-literal.c reads values.
 */
#ifndef DOC_PYTHON_INT_H
#define DOC_PYTHON_INT_H

#include "doc/places-int.h"

/* A read in progress. */
struct python {
	struct doc *doc;
	const char *at, *end; /* in doc->source */
	struct places places;
};

/* Whether a name may begin with, or go on with this byte. */
bool python_is_name_start(char c);
bool python_is_name(char c);

/* Step over blanks and continued lines of a statement. */
void python_skip_blanks(struct python *python);

/*
 * Step over code to the next of the characters in `stops`, or to the end of the logical line, not counting what is in brackets,
 * strings and comments. ERROR_CORRUPT for brackets and strings that have no end.
 */
bool python_scan(struct python *python, const char *stops, GError **error);

/*
 * The value that the text from python->at to `end`, which is whole as to brackets and strings, spells out; NULL without an error
 * if it is no literal.
 */
struct node *python_read_literal(struct python *python, const char *end);

/* Set map[key] as a dict does: a new key goes to the end. `places` is a node_scalar_hash() table that belongs to the map. */
void python_set(struct doc *doc, struct node *map, GHashTable *places, struct node *key, struct node *value);

#endif
