#include "doc/yaml-parse-int.h"

#include "doc/node-int.h"

#include <yaml.h>

/* libyaml compares each %TAG directive with all before it. Lines that begin with '%' but are text count, too. */
#define DIRECTIVE_LIMIT 1000

/* What libyaml takes for the name of an anchor. */
#define ANCHOR_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A place in the source that moves forward only, so that all places of a document cost one or two passes over it. */
struct cursor {
	size_t offset;         /* bytes */
	size_t index;          /* characters behind the byte order mark, as libyaml counts */
	unsigned line, column; /* from 1 */
};

struct yaml_parse {
	const struct doc *doc;
	yaml_parser_t parser;
	yaml_event_t raw;     /* what the last event points into */
	struct cursor cursor; /* where the last event starts */
};

static struct cursor cursor_start(const struct doc *doc)
{
	struct cursor cursor = {.line = 1, .column = 1};

	if (strncmp(doc->source, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		cursor.offset = strlen(BYTE_ORDER_MARK);
	return cursor;
}

/* Step over one character. */
static void cursor_step(struct cursor *cursor, const struct doc *doc)
{
	const char *at = doc->source + cursor->offset;

	cursor->offset += g_utf8_skip[(unsigned char)*at];
	cursor->index++;
	cursor->column++;
	if (*at == '\n') {
		cursor->line++;
		cursor->column = 1;
	}
}

static void cursor_to_index(struct cursor *cursor, const struct doc *doc, size_t index)
{
	while (cursor->index < index && cursor->offset < doc->source_length)
		cursor_step(cursor, doc);
}

static void cursor_to_offset(struct cursor *cursor, const struct doc *doc, size_t offset)
{
	while (cursor->offset < offset)
		cursor_step(cursor, doc);
}

/* The empty place where the cursor stands. */
static struct node_place cursor_place(const struct cursor *cursor)
{
	return (struct node_place){cursor->offset, cursor->offset, cursor->line, cursor->column};
}

/* Whether YAML allows the character in a document. */
static bool is_printable(gunichar c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	if (c < 0xa0)
		return c < 0x7f || c == 0x85;
	return c != 0xfffe && c != 0xffff;
}

/* What libyaml takes for the end of a line. */
static bool is_break(gunichar c)
{
	return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* The place of a byte, for a message. */
static struct node_place place_at(const struct doc *doc, const char *at)
{
	struct cursor cursor = cursor_start(doc);

	cursor_to_offset(&cursor, doc, at - doc->source);
	return cursor_place(&cursor);
}

/* Whether all of the source may be given to libyaml. */
static bool check_characters(const struct doc *doc, GError **error)
{
	const char *end = doc->source + doc->source_length;
	unsigned directives = 0;
	gunichar before = '\n';
	struct node_place place;
	const char *p;

	if (!g_utf8_validate_len(doc->source, doc->source_length, &p)) {
		place = place_at(doc, p);
		doc_error_at(error, doc, &place, "this byte (0x%02x) is not UTF-8", (unsigned char)*p);
		return false;
	}
	for (p = doc->source; p < end; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!is_printable(c)) {
			place = place_at(doc, p);
			doc_error_at(error, doc, &place, "the character U+%04X must be escaped", c);
			return false;
		}
		if (c == '%' && is_break(before) && ++directives > DIRECTIVE_LIMIT) {
			place = place_at(doc, p);
			doc_error_at(error, doc, &place, "more than %d lines begin with '%%'", DIRECTIVE_LIMIT);
			return false;
		}
		before = c;
	}
	return true;
}

struct yaml_parse *yaml_parse_new(const struct doc *doc, GError **error)
{
	struct yaml_parse *parse;

	if (!check_characters(doc, error))
		return NULL;
	parse = g_new0(struct yaml_parse, 1);
	parse->doc = doc;
	parse->cursor = cursor_start(doc);
	if (!yaml_parser_initialize(&parse->parser))
		g_error("no memory for a YAML parser");
	yaml_parser_set_encoding(&parse->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parse->parser, (const yaml_char_t *)doc->source + parse->cursor.offset,
				     doc->source_length - parse->cursor.offset);
	return parse;
}

void yaml_parse_free(struct yaml_parse *parse)
{
	yaml_event_delete(&parse->raw);
	yaml_parser_delete(&parse->parser);
	g_free(parse);
}

/* Behind white space, line ends and comments from `at`. */
static const char *skip_blanks(const char *at, const char *end)
{
	bool comment = false;

	while (at < end) {
		gunichar c = g_utf8_get_char(at);

		if (is_break(c))
			comment = false;
		else if (c == '#')
			comment = true;
		else if (!comment && c != ' ' && c != '\t')
			break;
		at = g_utf8_next_char(at);
	}
	return at;
}

/* The offset behind the context's indicator, or where it was looked for if it is not there ("{a, b}"). */
static size_t behind_indicator(const struct doc *doc, struct yaml_context context)
{
	const char *end = doc->source + doc->source_length;
	const char *at = skip_blanks(doc->source + context.at, end);

	if (context.indicator && at < end && *at == context.indicator)
		return at + 1 - doc->source;
	return context.at;
}

/* Behind the anchor or the tag that starts at `at`. */
static const char *skip_property(const char *at)
{
	if (*at == '&')
		return at + 1 + strspn(at + 1, ANCHOR_CHARACTERS);
	if (at[1] == '<')
		return at + strcspn(at, ">") + 1;
	while (g_ascii_isgraph(*at) && *at != ',')
		at++;
	return at;
}

/* Behind the anchor and the tag, `count` of them, that start at offset `at`, and the blanks before the value. */
static size_t behind_properties(const struct doc *doc, size_t at, int count)
{
	const char *end = doc->source + doc->source_length;
	const char *p = doc->source + at;

	for (; count > 0; count--)
		p = skip_blanks(skip_property(p), end);
	return p - doc->source;
}

/* How many of anchor and tag the node has. */
static int count_properties(const yaml_event_t *raw)
{
	switch (raw->type) {
	case YAML_SCALAR_EVENT:
		return !!raw->data.scalar.anchor + !!raw->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return !!raw->data.sequence_start.anchor + !!raw->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return !!raw->data.mapping_start.anchor + !!raw->data.mapping_start.tag;
	default:
		return 0;
	}
}

/* Whether the event is a null that no text stands for. */
static bool is_gap(const yaml_event_t *raw)
{
	return raw->type == YAML_SCALAR_EVENT && raw->data.scalar.length == 0 &&
	       raw->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static bool is_block_scalar(const yaml_event_t *raw)
{
	return raw->type == YAML_SCALAR_EVENT && (raw->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
						  raw->data.scalar.style == YAML_FOLDED_SCALAR_STYLE);
}

/* Whether the event has text of its own; the end of a collection without brackets is noticed somewhere behind it. */
static bool has_place(const yaml_event_t *raw)
{
	bool end = raw->type == YAML_SEQUENCE_END_EVENT || raw->type == YAML_MAPPING_END_EVENT;

	return !end || raw->end_mark.index > raw->start_mark.index;
}

/* The place of the event's value, or of the gap where a value would stand. */
static struct node_place place_of(struct yaml_parse *parse, struct yaml_context context)
{
	const struct doc *doc = parse->doc;
	const yaml_event_t *raw = &parse->raw;
	struct cursor *cursor = &parse->cursor, end;
	int properties = count_properties(raw);
	struct node_place place;

	if (is_gap(raw)) {
		if (properties > 0)
			cursor_to_index(cursor, doc, raw->end_mark.index);
		else
			cursor_to_offset(cursor, doc, behind_indicator(doc, context));
		return cursor_place(cursor);
	}
	cursor_to_index(cursor, doc, raw->start_mark.index);
	if (properties > 0)
		cursor_to_offset(cursor, doc, behind_properties(doc, cursor->offset, properties));
	place = cursor_place(cursor);
	end = *cursor;
	cursor_to_index(&end, doc, raw->end_mark.index);
	place.end = end.offset;
	if (is_block_scalar(raw))
		while (place.end > place.start && strchr(" \t\r\n", doc->source[place.end - 1]))
			place.end--;
	return place;
}

static bool set_tag(struct yaml_parse *parse, const yaml_char_t *tag, struct yaml_event *event, GError **error)
{
	static const struct {
		const char *name;
		enum node_kind kind;
	} tags[] = {
		{"!", NODE_STRING},
		{YAML_STR_TAG, NODE_STRING},
		{YAML_NULL_TAG, NODE_NULL},
		{YAML_BOOL_TAG, NODE_BOOL},
		{YAML_INT_TAG, NODE_INT},
		{YAML_FLOAT_TAG, NODE_FLOAT},
		{YAML_TIMESTAMP_TAG, NODE_DATE},
		{YAML_SEQ_TAG, NODE_LIST},
		{YAML_MAP_TAG, NODE_MAP},
	};
	const char *name = (const char *)tag;

	if (!name || (strcmp(name, "!") == 0 && event->kind != YAML_SCALAR))
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
		if (strcmp(name, tags[i].name) == 0) {
			event->tagged = true;
			event->tag = tags[i].kind;
			return true;
		}
	}
	doc_error_at(error, parse->doc, &event->place, "the tag '%s' is not known here", name);
	return false;
}

/* What we say where libyaml's words help only those who know its insides, or where it notices a mistake late. */
struct wording {
	const char *theirs, *ours;
	bool at_start; /* the mistake is where the text begins that libyaml was in */
};

static const struct wording *find_wording(const char *problem)
{
	static const struct wording wordings[] = {
		{"could not find expected ':'", "no ':' follows this key in its line, or within 1024 characters", true},
		{"found unexpected end of stream", "the quote that opens here is never closed", true},
		{"found unexpected document indicator", "the quote that opens here is never closed", true},
		{"did not find expected <document start>", "nothing may follow the end of the document"},
		{"did not find expected key", "a key was expected here: is it indented as the keys around it?"},
		{"did not find expected '-' indicator",
		 "a '-' was expected here: is it indented as the items around it?"},
		{"did not find expected node content", "a value was expected here"},
		{"found character that cannot start any token",
		 "no value can start with this character without quotes"},
		{"mapping values are not allowed in this context", "a ':' cannot stand here"},
		{"mapping keys are not allowed in this context", "a '?' cannot stand here"},
		{"block sequence entries are not allowed in this context", "a '-' cannot stand here"},
		{"found undefined tag handle", "no %TAG line says what this tag begins with"},
		{"found incompatible YAML document", "this version of YAML is neither 1.1 nor 1.2"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(wordings); i++)
		if (g_strcmp0(problem, wordings[i].theirs) == 0)
			return &wordings[i];
	return NULL;
}

/* Report libyaml's problem where it is, with the line where the text begins that it is a part of. */
static void syntax_error(const struct yaml_parse *parse, GError **error)
{
	const yaml_parser_t *parser = &parse->parser;
	const struct wording *wording = find_wording(parser->problem);
	const char *problem = wording ? wording->ours : parser->problem;
	struct cursor at = cursor_start(parse->doc), start = at;
	struct node_place place;

	if (parser->error == YAML_MEMORY_ERROR)
		g_error("no memory left to read '%s'", parse->doc->name);
	cursor_to_index(&at, parse->doc, parser->problem_mark.index);
	if (parser->context)
		cursor_to_index(&start, parse->doc, parser->context_mark.index);
	else
		start = at;
	place = cursor_place(wording && wording->at_start ? &start : &at);
	if (start.line < place.line)
		doc_error_at(error, parse->doc, &place, "%s (%s that begins in line %u)", problem, parser->context,
			     start.line);
	else
		doc_error_at(error, parse->doc, &place, "%s", problem);
}

static bool set_scalar(struct yaml_parse *parse, struct yaml_event *event, GError **error)
{
	event->kind = YAML_SCALAR;
	event->text = (const char *)parse->raw.data.scalar.value;
	event->length = parse->raw.data.scalar.length;
	event->anchor = (const char *)parse->raw.data.scalar.anchor;
	event->plain = parse->raw.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return set_tag(parse, parse->raw.data.scalar.tag, event, error);
}

static bool set_list(struct yaml_parse *parse, struct yaml_event *event, GError **error)
{
	event->kind = YAML_LIST_START;
	event->anchor = (const char *)parse->raw.data.sequence_start.anchor;
	event->flow = parse->raw.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	return set_tag(parse, parse->raw.data.sequence_start.tag, event, error);
}

static bool set_map(struct yaml_parse *parse, struct yaml_event *event, GError **error)
{
	event->kind = YAML_MAP_START;
	event->anchor = (const char *)parse->raw.data.mapping_start.anchor;
	event->flow = parse->raw.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	return set_tag(parse, parse->raw.data.mapping_start.tag, event, error);
}

bool yaml_parse_next(struct yaml_parse *parse, struct yaml_context context, struct yaml_event *event, GError **error)
{
	const yaml_event_t *raw = &parse->raw;

	*event = (struct yaml_event){.kind = YAML_NOTHING};
	yaml_event_delete(&parse->raw);
	if (!yaml_parser_parse(&parse->parser, &parse->raw)) {
		syntax_error(parse, error);
		return false;
	}
	if (has_place(raw))
		event->place = place_of(parse, context);
	switch (raw->type) {
	case YAML_DOCUMENT_START_EVENT:
		event->kind = YAML_DOCUMENT_START;
		return true;
	case YAML_SCALAR_EVENT:
		return set_scalar(parse, event, error);
	case YAML_ALIAS_EVENT:
		event->kind = YAML_ALIAS;
		event->anchor = (const char *)raw->data.alias.anchor;
		return true;
	case YAML_SEQUENCE_START_EVENT:
		return set_list(parse, event, error);
	case YAML_MAPPING_START_EVENT:
		return set_map(parse, event, error);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		event->kind = YAML_COLLECTION_END;
		return true;
	case YAML_STREAM_END_EVENT:
		event->kind = YAML_END;
		return true;
	default:
		return true;
	}
}
