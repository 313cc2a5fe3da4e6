/*
 * yaml-parse-int: libfyaml's events with places as we need them: byte offsets of the whole text of a value, quotes and block
 * headers included, and of values that are not there.
 *
 * libfyaml 0.7.12 rejects an empty item in a list that is not indented below its key ("k:\n-\n- x"), which DVC writes for
 * nulls. yaml_parser_repair() spells such an item out and lets the caller read again.
 */
#ifndef DOC_YAML_PARSE_INT_H
#define DOC_YAML_PARSE_INT_H

#include "base/auto.h"
#include "doc/node.h"

#include <glib.h>

enum yaml_event_kind {
	YAML_NOTHING, /* nothing that the reader needs */
	YAML_DOCUMENT_START,
	YAML_SCALAR,
	YAML_ALIAS,
	YAML_LIST_START,
	YAML_MAP_START,
	YAML_COLLECTION_END,
	YAML_END,
};

struct yaml_event {
	enum yaml_event_kind kind;
	struct node_place place; /* in doc->source */
	const char *text;        /* a scalar's value, valid until the next event; not NUL-terminated */
	size_t length;
	const char *anchor;      /* of a node, or what an alias names; valid until the next event; NULL if none */
	enum node_kind tag;      /* if tagged: what the tag says it is */
	bool tagged;
	bool plain;              /* a scalar without quotes */
	bool flow;               /* a collection in brackets */
};

/* What the reader knows about where the next node stands. */
struct yaml_context {
	size_t at;      /* the text before it, in the same collection, ends here */
	char indicator; /* ':' for a pair's value, '-' for a list's item, 0 for a key or the root */
};

struct yaml_parser;

/*
 * A parser for doc->source, which must outlive it. ERROR_CORRUPT if the text is not UTF-8 or has characters that YAML forbids.
 */
struct yaml_parser *yaml_parser_new(struct doc *doc, GError **error);

/* The next event; after YAML_END, or after a false, only yaml_parser_repair() and yaml_parser_free() may follow. */
bool yaml_parser_next(struct yaml_parser *parser, struct yaml_context context, struct yaml_event *event,
		      GError **error);

/* After a syntax error: whether it was repaired, so that reading may start again from the first event. */
bool yaml_parser_repair(struct yaml_parser *parser);

/*
 * Append the value of what stands between double quotes; false for an escape that is none. (libfyaml 0.7.12 gets it wrong where a
 * line ends in an escaped backslash and a continuation.)
 */
bool yaml_unquote(GString *out, const char *text, size_t length);

/* Free it. */
void yaml_parser_free(struct yaml_parser *parser);

AUTO_DEFINE(yaml_parser, yaml_parser_free);

#endif
