/*
 * yaml-int: which type a plain scalar has, shared by the reader and by the writer's choice of quotes.
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

#endif
