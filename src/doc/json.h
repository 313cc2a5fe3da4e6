/*
 * json: JSON text to a tree and back, over jansson.
 */
#ifndef DOC_JSON_H
#define DOC_JSON_H

#include "doc/node.h"

/* Longest JSON document accepted, in bytes. */
#define JSON_SIZE_LIMIT ((size_t)256 << 20)

/*
 * Read one value (any kind). As in Python, integers may have any size, and NaN and Infinity are numbers. ERROR_CORRUPT with
 * position; duplicate keys, invalid UTF-8 and nesting over 200 are errors.
 */
struct doc *json_read(const char *text, size_t length, const char *name, GError **error);

/* How to write. */
enum json_style {
	JSON_COMPACT_PYTHON, /* one line, ", " and ": ", ASCII only with lower-case \u escapes: as Python's json.dumps() */
	JSON_SORTED_PYTHON,  /* the same with keys sorted by code point at every level (dvc-formats 7.5) */
	JSON_INDENTED,       /* for people: two blanks a level, UTF-8 */
};

/* The tree as JSON without a newline at the end. Numbers as Python writes them. */
GString *json_write(const struct node *root, enum json_style style);

/*
 * Append text as a JSON string with quotes; ASCII only with \u escapes if `ascii`. A byte that is not UTF-8 becomes U+DC00 + byte, as
 * Python's surrogateescape has it.
 */
void json_append_string(GString *out, const char *text, bool ascii);

#endif
