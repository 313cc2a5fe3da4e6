/*
 * toml: read TOML 1.0.
 *
 * Dates and times become NODE_DATE with their text. Integers may have any size, as in DVC.
 */
#ifndef DOC_TOML_H
#define DOC_TOML_H

#include "doc/node.h"

/* Longest TOML document accepted, in bytes, and deepest nesting of tables and values. */
#define TOML_SIZE_LIMIT ((size_t)256 << 20)
#define TOML_DEPTH_LIMIT 200

/*
 * Read one document: a map, empty for an empty text. `name` is used in messages. ERROR_CORRUPT with line, column and
 * excerpt for a syntax error, a key or table that is defined twice, an impossible date or invalid UTF-8; ERROR_UNSAFE
 * over the size limit.
 */
struct doc *toml_read(const char *text, size_t length, const char *name, GError **error);

#endif
