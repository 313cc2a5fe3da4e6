/*
 * yaml-int: which type a plain scalar has, shared by the reader and by the writer's choice of quotes; the writer's parts that
 * edits in place use.
 */
#ifndef DOC_YAML_INT_H
#define DOC_YAML_INT_H

#include "doc/node.h"

/* What a plain scalar is by YAML 1.2's rules plus timestamps: a scalar kind, NODE_STRING if nothing else fits. */
enum node_kind yaml_plain_kind(const char *text, size_t length);

/*
 * Give node the kind and value of a plain scalar. Text that looks like a number without being one ("0x_") stays a string.
 * `text` need not end in a NUL.
 */
void yaml_type_plain(struct doc *doc, struct node *node, const char *text, size_t length);

/* As yaml_type_plain(), but for the type that a tag demands; false if the text is none. */
bool yaml_type_tagged(struct doc *doc, struct node *node, enum node_kind kind, const char *text, size_t length);

/* Where a scalar is written. */
struct yaml_scalar_place {
	size_t column; /* of its first character, from 0 */
	size_t indent; /* of the lines that it continues on */
	bool one_line; /* must not be folded: a key, or inside brackets */
	bool flow;     /* inside brackets */
};

/* Append a scalar in the style that the emitter would choose; nothing for a null. */
void yaml_append_scalar(GString *out, const struct node *scalar, struct yaml_scalar_place place);

/* Append the pair as block text whose lines start at column `indent`, the first without its indent, with a newline at the end. */
void yaml_append_pair(GString *out, const struct node *key, const struct node *value, size_t indent);

/* Append "- item" as yaml_append_pair() does. */
void yaml_append_item(GString *out, const struct node *item, size_t indent);

/*
 * Append what follows a pair's colon: " scalar", or a collection on lines of its own that belong to a map at column `indent`.
 * `column` is where the text before ends. No newline at the end.
 */
void yaml_append_value(GString *out, const struct node *value, size_t column, size_t indent);

/* Append any node in one line of flow style; "null" for a null. */
void yaml_append_flow(GString *out, const struct node *node);

#endif
