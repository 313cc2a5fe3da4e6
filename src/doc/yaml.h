/*
 * yaml: read YAML 1.2 as DVC reads it, write it as DVC writes it (reference: ruamel.yaml's round-trip emitter with the
 * settings measured in DVC 3.64: map indent 2, list dash under its parent key, width 80).
 */
#ifndef DOC_YAML_H
#define DOC_YAML_H

#include "doc/node.h"

/* Longest YAML document accepted, in bytes, and deepest nesting. */
#define YAML_SIZE_LIMIT ((size_t)256 << 20)
#define YAML_DEPTH_LIMIT 200

/*
 * Read one document. Scalars are typed by YAML 1.2 rules plus timestamps; an empty document gives an empty map. `name` is
 * used in messages. ERROR_CORRUPT with line, column and excerpt for a syntax error, a duplicate key, an alias that
 * expands to too much, invalid UTF-8, or more than one document; ERROR_UNSAFE over the limits.
 */
struct doc *yaml_read(const char *text, size_t length, const char *name, GError **error);

/* The tree as text in DVC's layout, with a newline at the end; never fails. A new GString. */
GString *yaml_write(const struct node *root);

/* Append one scalar as the emitter would at column `column` with continuation indent `indent` (both from 0). */
void yaml_write_scalar(GString *out, const struct node *scalar, size_t column, size_t indent);

#endif
