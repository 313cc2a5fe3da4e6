/*
 * yaml-parse-int: libyaml's events with places as we need them: byte offsets of the whole text of a value, quotes and
 * block headers included, anchors and tags left out, and of values that are not there.
 *
 * Life: yaml_parse_new(), yaml_parse_next() until YAML_END or an error, yaml_parse_free(). One thread at a time.
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
	struct node_place place; /* in doc->source; all zero for the end of a collection without a closing bracket */
	const char *text;        /* a scalar's value, valid until the next event; may hold NULs */
	size_t length;
	const char *anchor;      /* of a node, or what an alias names; valid until the next event; NULL if none */
	enum node_kind tag;      /* if tagged: what the tag says it is */
	bool tagged;
	bool plain;              /* a scalar without quotes */
	bool flow;               /* a collection in brackets, or a pair that stands for a map in them: [a: 1] */
};

/* What the reader knows about where the next node stands. */
struct yaml_context {
	size_t at;      /* the text before it, in the same collection, ends here */
	char indicator; /* ':' for a pair's value, '-' for a list's item, 0 for a key or the root */
};

/* A parse in progress. */
struct yaml_parse;

/*
 * Begin with doc->source, which must outlive the parse. ERROR_CORRUPT if the text is not UTF-8, has characters that
 * YAML forbids, or more directives than any document needs.
 */
struct yaml_parse *yaml_parse_new(const struct doc *doc, GError **error);

/*
 * The next event. ERROR_CORRUPT with the place for a syntax error or an unknown tag. After YAML_END, or after a false,
 * only yaml_parse_free() may follow.
 */
bool yaml_parse_next(struct yaml_parse *parse, struct yaml_context context, struct yaml_event *event, GError **error);

/* Free it. */
void yaml_parse_free(struct yaml_parse *parse);

AUTO_DEFINE(yaml_parse, yaml_parse_free);

#endif
