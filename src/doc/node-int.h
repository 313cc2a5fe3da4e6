/*
 * node-int: what the readers and writers of doc/ share: the arena of a document, and messages with a place.
 */
#ifndef DOC_NODE_INT_H
#define DOC_NODE_INT_H

#include "doc/node.h"

#include <stdarg.h>

/* Zeroed memory that lives as long as the document. */
void *doc_alloc(struct doc *doc, size_t size);

/* A copy of `length` bytes with a NUL behind them, in the document's arena. */
char *doc_text(struct doc *doc, const char *text, size_t length);

/* A new node of that kind, all else zero. */
struct node *doc_node(struct doc *doc, enum node_kind kind);

/* Make the document remember its name and a copy of its source. */
void doc_set_source(struct doc *doc, const char *name, const char *text, size_t length);

/* Set ERROR_CORRUPT as node_error() does, for a place that need not be a node's. */
void doc_error_at(GError **error, const struct doc *doc, const struct node_place *place, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

/* Whether two scalars are the same value of the same kind. */
bool node_scalar_equal(const struct node *a, const struct node *b);

/* For hash tables whose keys are scalars. */
guint node_scalar_hash(gconstpointer node);
gboolean node_scalar_same(gconstpointer a, gconstpointer b);

#endif
