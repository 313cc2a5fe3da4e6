/*
 * node: an ordered tree of values, as YAML, JSON or TOML text describes it, with the place where each came from.
 *
 * A document (struct doc) owns all its nodes in one arena: nodes have no owner of their own and live as long as the document.
 * Trees made by a program start with doc_new(). One thread at a time.
 */
#ifndef DOC_NODE_H
#define DOC_NODE_H

#include "base/auto.h"
#include "base/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum node_kind {
	NODE_NULL,
	NODE_BOOL,
	NODE_INT,    /* fits int64_t */
	NODE_BIGINT, /* a decimal integer that does not: kept as text */
	NODE_FLOAT,
	NODE_STRING,
	NODE_DATE,   /* a YAML timestamp: kept as text */
	NODE_LIST,
	NODE_MAP,
};

/* What a list is in Python, where such values are compared: reading a tuple back from YAML gives a list. */
enum node_sequence {
	NODE_SEQUENCE_LIST,
	NODE_SEQUENCE_TUPLE,
	NODE_SEQUENCE_SET, /* in the order of the text */
};

/* Where a node stands in its source, for messages and for edits in place; all zero for a node made by a program. */
struct node_place {
	size_t start, end;    /* byte offsets of the value's text: [start, end) */
	unsigned line, column; /* of start, from 1 */
};

struct node {
	enum node_kind kind;
	bool boolean;
	int64_t integer;
	double real;
	const char *text; /* NODE_STRING, _DATE, _BIGINT: the value (UTF-8, may not hold a NUL) */
	struct node_place place;
	size_t count;     /* NODE_LIST: items; NODE_MAP: pairs */
	struct node **items; /* list items or map values */
	struct node **keys;  /* NODE_MAP: keys as nodes (kind and place kept; usually NODE_STRING); else NULL */
	size_t capacity;  /* of items and keys; private to doc/ */
	bool flow;        /* a list or map written as [..] or {..} */
	enum node_sequence sequence; /* NODE_LIST: what it was in a Python file; node_equal() does not ask */
};

/* A tree with its arena and, if it was read, a copy of its source text and the name for messages. */
struct doc {
	struct node *root;
	char *name;   /* "data.dvc"; for messages only */
	char *source; /* NUL-terminated; NULL for a tree made by a program */
	size_t source_length;
	struct doc_arena *arena; /* private to doc/ */
};

/* An empty document: root is NULL until set. */
struct doc *doc_new(void);

/* Free it with all its nodes. */
void doc_free(struct doc *doc);

AUTO_DEFINE(doc, doc_free);

/* New nodes in doc's arena. Text is copied. */
struct node *node_null(struct doc *doc);
struct node *node_bool(struct doc *doc, bool value);
struct node *node_int(struct doc *doc, int64_t value);
struct node *node_float(struct doc *doc, double value);
struct node *node_string(struct doc *doc, const char *value);
struct node *node_list(struct doc *doc);
struct node *node_map(struct doc *doc);

/* A deep copy of node in doc's arena, without places. */
struct node *node_copy(struct doc *doc, const struct node *node);

/* Put item at the end of a list. */
void node_append(struct doc *doc, struct node *list, struct node *item);

/* Append a pair to a map; the caller knows that it does not have that key. */
void doc_add_pair(struct doc *doc, struct node *map, struct node *key, struct node *value);

/* Set map[key], replacing in place or appending at the end. */
void node_set(struct doc *doc, struct node *map, const char *key, struct node *value);

/* Drop map[key] if it is there. */
void node_unset(struct node *map, const char *key);

/* map[key] for a string key; NULL if map is NULL, no map, or has no such key. */
struct node *node_get(const struct node *map, const char *key);

/* The text of map[key] if it is a string, else NULL. */
const char *node_get_string(const struct node *map, const char *key);

/* Whether the two trees hold the same values in the same order; kinds must agree (1 is not 1.0), places do not count. */
bool node_equal(const struct node *a, const struct node *b);

/* The word for a kind in messages: "a map", "a string" … */
const char *node_kind_name(enum node_kind kind);

/*
 * Set ERROR_CORRUPT "NAME:LINE:COLUMN: text" with an excerpt of that source line and a caret below it, when the document has
 * its source.
 */
void node_error(GError **error, const struct doc *doc, const struct node *node, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

/* The same with another code: for a document that is well made but says what cannot be. */
void node_error_as(GError **error, enum error_code code, const struct doc *doc, const struct node *node, const char *text);

#endif
