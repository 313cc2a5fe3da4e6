/*
 * toml-int: what the parts of the TOML reader share: toml.c has lines, tables and keys, toml-value.c numbers, dates, arrays and
 * inline tables, toml-string.c strings.
 */
#ifndef DOC_TOML_INT_H
#define DOC_TOML_INT_H

#include "doc/places-int.h"

/* How a table came to be, which says what may still be added to it. */
enum toml_origin {
	TOML_IMPLIED, /* by the header of a table inside it: may get a header of its own */
	TOML_HEADER,  /* by its header */
	TOML_DOTTED,  /* by a dotted key: may get more of these */
	TOML_INLINE,  /* in braces: complete */
};

/* A read in progress. */
struct toml {
	struct doc *doc;
	const char *at, *end; /* in doc->source */
	struct places places;
	GHashTable *pairs;  /* set of struct toml_pair: every key of every table */
	GHashTable *tables; /* table node to struct toml_table */
};

struct toml_table {
	enum toml_origin origin;
	unsigned depth; /* 1 for the root */
};

/* places_fail() at toml->at. */
#define toml_fail(toml, error, ...) places_fail(&(toml)->places, (toml)->at, error, __VA_ARGS__)

/* Step over blanks; over blanks, comments and line ends. false for a control character in a comment. */
void toml_skip_blanks(struct toml *toml);
bool toml_skip_lines(struct toml *toml, GError **error);

/* Step over this character if it comes next. */
bool toml_skip(struct toml *toml, char c);

/* A new table at depth `depth`; NULL with *error set if that is too deep. */
struct node *toml_new_table(struct toml *toml, enum toml_origin origin, unsigned depth, GError **error);

/* Read "key = value" into the table. */
bool toml_read_pair(struct toml *toml, struct node *table, GError **error);

/* Read the value that begins at toml->at, `depth` collections deep. NULL with *error set. */
struct node *toml_read_value(struct toml *toml, unsigned depth, GError **error);

/* Read the string that begins at toml->at. With `key`, strings of several lines are refused. NULL with *error set. */
struct node *toml_read_string(struct toml *toml, bool key, GError **error);

#endif
