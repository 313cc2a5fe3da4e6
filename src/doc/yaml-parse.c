#include "doc/yaml-parse-int.h"

#include "base/error.h"
#include "doc/node-int.h"

#include <libfyaml.h>

/* Repairs stop when they have made libfyaml read this many bytes again. */
#define REPAIR_WORK_LIMIT ((size_t)64 << 20)

/* What a repair puts behind the dash of an empty item. */
#define SPELLED_NULL " ~"

struct yaml_parser {
	const struct doc *doc;
	size_t base;         /* bytes of a byte order mark before the text */
	GString *text;       /* what libfyaml reads: the source behind the mark, with repairs */
	GArray *repairs;     /* size_t: where in `text` each repair stands, in order */
	size_t confirmed;    /* repairs that were seen as nulls in this pass */
	size_t work;
	unsigned error_line; /* of the last syntax error, from 1; 0 if there was none */
	struct fy_parser *fy;
	struct fy_diag *diag;
	struct fy_event *event;
	GString *unquoted;   /* the value of the last scalar in double quotes */
};

/* Whether YAML allows the character in a document. */
static bool is_printable(gunichar c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	if (c < 0xa0)
		return c < 0x7f || c == 0x85;
	return c != 0xfffe && c != 0xffff;
}

/* The place of a byte offset. */
static struct node_place place_of(const struct doc *doc, size_t offset)
{
	struct node_place place = {.start = offset, .end = offset, .line = 1, .column = 1};
	const char *limit = doc->source + offset;

	for (const char *p = doc->source; p < limit; p++) {
		if (*p == '\n') {
			place.line++;
			place.column = 1;
		} else if (((unsigned char)*p & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

/* Whether all of the source may stand in a YAML document. */
static bool check_characters(const struct doc *doc, GError **error)
{
	const char *end = doc->source + doc->source_length;
	const char *p;

	if (!g_utf8_validate_len(doc->source, doc->source_length, &p)) {
		struct node_place place = place_of(doc, p - doc->source);

		doc_error_at(error, doc, &place, "this byte (0x%02x) is not UTF-8", (unsigned char)*p);
		return false;
	}
	for (p = doc->source; p < end; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!is_printable(c)) {
			struct node_place place = place_of(doc, p - doc->source);

			doc_error_at(error, doc, &place, "the character U+%04X must be escaped", c);
			return false;
		}
	}
	return true;
}

/* libfyaml keeps its errors for fy_diag_errors_iterate(); what it would print is dropped here. */
static void drop_output(struct fy_diag *diag, void *user, const char *text, size_t length)
{
	(void)diag;
	(void)user;
	(void)text;
	(void)length;
}

static void close_pass(struct yaml_parser *parser)
{
	if (parser->event)
		fy_parser_event_free(parser->fy, parser->event);
	parser->event = NULL;
	g_clear_pointer(&parser->fy, fy_parser_destroy);
	g_clear_pointer(&parser->diag, fy_diag_destroy);
}

/* Start libfyaml on the text as it is now. */
static void open_pass(struct yaml_parser *parser)
{
	struct fy_parse_cfg config = {
		.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_DEPTH_LIMIT | FYPCF_DISABLE_RECYCLING |
			 FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
	};
	struct fy_diag_cfg diag_config;

	close_pass(parser);
	fy_diag_cfg_default(&diag_config);
	diag_config.fp = NULL;
	diag_config.output_fn = drop_output;
	diag_config.colorize = false;
	parser->diag = fy_diag_create(&diag_config);
	if (parser->diag)
		fy_diag_set_collect_errors(parser->diag, true);
	config.diag = parser->diag;
	parser->fy = fy_parser_create(&config);
	if (!parser->diag || !parser->fy || fy_parser_set_string(parser->fy, parser->text->str, parser->text->len) != 0)
		g_error("libfyaml cannot start a parser");
	parser->confirmed = 0;
	parser->error_line = 0;
}

struct yaml_parser *yaml_parser_new(struct doc *doc, GError **error)
{
	struct yaml_parser *parser;

	if (!check_characters(doc, error))
		return NULL;
	parser = g_new0(struct yaml_parser, 1);
	parser->doc = doc;
	if (doc->source_length >= 3 && memcmp(doc->source, "\xef\xbb\xbf", 3) == 0)
		parser->base = 3;
	parser->text = g_string_new_len(doc->source + parser->base, doc->source_length - parser->base);
	parser->repairs = g_array_new(FALSE, FALSE, sizeof(size_t));
	parser->unquoted = g_string_new(NULL);
	open_pass(parser);
	return parser;
}

void yaml_parser_free(struct yaml_parser *parser)
{
	close_pass(parser);
	g_string_free(parser->text, TRUE);
	g_array_free(parser->repairs, TRUE);
	g_string_free(parser->unquoted, TRUE);
	g_free(parser);
}

/* The offset in doc->source of an offset in the repaired text; what a repair put in stands where it was put. */
static size_t source_offset(const struct yaml_parser *parser, size_t offset)
{
	size_t low = 0, high = parser->repairs->len;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (g_array_index(parser->repairs, size_t, middle) < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0) {
		size_t repair = g_array_index(parser->repairs, size_t, low - 1);
		size_t inside = MIN(offset - repair, strlen(SPELLED_NULL));

		offset -= (low - 1) * strlen(SPELLED_NULL) + inside;
	}
	return parser->base + offset;
}

/* Behind white space, line ends and comments from `at`. */
static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end) {
		if (*at == '#')
			while (at < end && *at != '\n' && *at != '\r')
				at++;
		else if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
			at++;
		else
			break;
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

/* Where a block scalar's '|' or '>' stands, behind an anchor and a tag. */
static size_t block_header(const struct doc *doc, struct yaml_context context, size_t content)
{
	const char *end = doc->source + content;
	const char *at = doc->source + behind_indicator(doc, context);

	while (at < end) {
		at = skip_blanks(at, end);
		if (at == end || *at == '|' || *at == '>')
			break;
		while (at < end && *at != ' ' && *at != '\t' && *at != '\n' && *at != '\r')
			at++;
	}
	return at - doc->source;
}

/* Widen a scalar's place from its content to its quotes or to its block header. */
static void widen_scalar(const struct doc *doc, struct yaml_context context, enum fy_scalar_style style,
			 struct node_place *place)
{
	switch (style) {
	case FYSS_SINGLE_QUOTED:
	case FYSS_DOUBLE_QUOTED:
		place->start--;
		place->end++;
		place->column--;
		return;
	case FYSS_LITERAL:
	case FYSS_FOLDED:
		place->start = block_header(doc, context, place->start);
		while (place->end > place->start && strchr(" \t\r\n", doc->source[place->end - 1]))
			place->end--;
		return;
	default:
		return;
	}
}

/* Give the event the place of its token, or of the gap where a value would stand. */
static void set_place(struct yaml_parser *parser, struct yaml_context context, struct yaml_event *event)
{
	const struct doc *doc = parser->doc;
	const struct fy_mark *start = fy_event_start_mark(parser->event);
	const struct fy_mark *end = fy_event_end_mark(parser->event);
	struct fy_token *token = fy_event_get_token(parser->event);

	if (!start || !end || (parser->event->type == FYET_SCALAR && !token)) {
		event->place.start = event->place.end = behind_indicator(doc, context);
		event->place.line = 0;
		return;
	}
	event->place.start = source_offset(parser, start->input_pos);
	event->place.end = source_offset(parser, end->input_pos);
	event->place.line = start->line + 1;
	event->place.column = start->column + 1;
	if (parser->event->type == FYET_SCALAR)
		widen_scalar(doc, context, fy_token_scalar_style(token), &event->place);
	if (parser->event->type == FYET_ALIAS) {
		/* The mark stands behind the asterisk. */
		event->place.start--;
		event->place.column--;
	}
}

/* Count a repair that came out as the null which it was meant to be. */
static void confirm_repair(struct yaml_parser *parser)
{
	const struct fy_mark *start = fy_event_start_mark(parser->event);

	if (parser->confirmed < parser->repairs->len && start &&
	    start->input_pos == g_array_index(parser->repairs, size_t, parser->confirmed) + 1)
		parser->confirmed++;
}

static bool set_tag(struct yaml_parser *parser, struct yaml_event *event, GError **error)
{
	static const struct {
		const char *name;
		enum node_kind kind;
	} tags[] = {
		{"!", NODE_STRING},
		{"tag:yaml.org,2002:str", NODE_STRING},
		{"tag:yaml.org,2002:null", NODE_NULL},
		{"tag:yaml.org,2002:bool", NODE_BOOL},
		{"tag:yaml.org,2002:int", NODE_INT},
		{"tag:yaml.org,2002:float", NODE_FLOAT},
		{"tag:yaml.org,2002:timestamp", NODE_DATE},
		{"tag:yaml.org,2002:seq", NODE_LIST},
		{"tag:yaml.org,2002:map", NODE_MAP},
	};
	struct fy_token *token = fy_event_get_tag_token(parser->event);
	const char *name = token ? fy_token_get_text0(token) : NULL;

	if (!name)
		return true;
	if (strcmp(name, "!") == 0 && event->kind != YAML_SCALAR)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
		if (strcmp(name, tags[i].name) == 0) {
			event->tagged = true;
			event->tag = tags[i].kind;
			return true;
		}
	}
	doc_error_at(error, parser->doc, &event->place, "the tag '%s' is not known here", name);
	return false;
}

/* The value of a scalar, and whether it is plain. */
static bool set_scalar(struct yaml_parser *parser, struct yaml_event *event, GError **error)
{
	struct fy_token *token = fy_event_get_token(parser->event);
	enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;

	confirm_repair(parser);
	event->plain = style == FYSS_PLAIN;
	event->text = "";
	if (style == FYSS_DOUBLE_QUOTED) {
		const char *inside = parser->doc->source + event->place.start + 1;

		g_string_truncate(parser->unquoted, 0);
		if (!yaml_unquote(parser->unquoted, inside, event->place.end - event->place.start - 2)) {
			doc_error_at(error, parser->doc, &event->place, "an escape in this text is none of YAML's");
			return false;
		}
		event->text = parser->unquoted->str;
		event->length = parser->unquoted->len;
	} else if (token) {
		event->text = fy_token_get_text(token, &event->length);
		if (!event->text) {
			doc_error_at(error, parser->doc, &event->place, "this text cannot be read");
			return false;
		}
	}
	return true;
}

static enum yaml_event_kind kind_of(enum fy_event_type type)
{
	switch (type) {
	case FYET_DOCUMENT_START:
		return YAML_DOCUMENT_START;
	case FYET_SCALAR:
		return YAML_SCALAR;
	case FYET_ALIAS:
		return YAML_ALIAS;
	case FYET_SEQUENCE_START:
		return YAML_LIST_START;
	case FYET_MAPPING_START:
		return YAML_MAP_START;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		return YAML_COLLECTION_END;
	default:
		return YAML_NOTHING;
	}
}

/* Report libfyaml's first message, with its line and column. */
static void syntax_error(struct yaml_parser *parser, GError **error)
{
	void *iterator = NULL;
	const struct fy_diag_error *problem = fy_diag_errors_iterate(parser->diag, &iterator);
	struct node_place place = {0};
	const char *line = parser->doc->source;

	if (!problem) {
		error_set(error, ERROR_CORRUPT, "%s: not valid YAML", parser->doc->name);
		return;
	}
	parser->error_line = MAX(problem->line, 0);
	place.line = MAX(problem->line, 1);
	place.column = MAX(problem->column, 1);
	for (unsigned i = 1; i < place.line && strchr(line, '\n'); i++)
		line = strchr(line, '\n') + 1;
	for (unsigned i = 1; i < place.column && *line && *line != '\n'; i++)
		line = g_utf8_next_char(line);
	place.start = line - parser->doc->source;
	doc_error_at(error, parser->doc, &place, "%s", problem->msg);
}

bool yaml_parser_next(struct yaml_parser *parser, struct yaml_context context, struct yaml_event *event,
		      GError **error)
{
	struct fy_token *anchor;

	memset(event, 0, sizeof *event);
	if (parser->event)
		fy_parser_event_free(parser->fy, parser->event);
	parser->event = fy_parser_parse(parser->fy);
	if (!parser->event) {
		if (fy_parser_get_stream_error(parser->fy) || parser->confirmed < parser->repairs->len) {
			syntax_error(parser, error);
			return false;
		}
		event->kind = YAML_END;
		return true;
	}
	event->kind = kind_of(parser->event->type);
	set_place(parser, context, event);
	if (event->kind == YAML_SCALAR && !set_scalar(parser, event, error))
		return false;
	if (event->kind == YAML_LIST_START || event->kind == YAML_MAP_START)
		event->flow = fy_event_get_node_style(parser->event) == FYNS_FLOW;
	anchor = event->kind == YAML_ALIAS ? fy_event_get_token(parser->event) : fy_event_get_anchor_token(parser->event);
	if (anchor)
		event->anchor = fy_token_get_text0(anchor);
	return set_tag(parser, event, error);
}

/* The end of the content of the line [from, to): without a comment and the blanks before it. */
static size_t content_end(const char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (text[i] == '#' && (i == from || text[i - 1] == ' ' || text[i - 1] == '\t'))
			to = i;
	while (to > from && strchr(" \t\r", text[to - 1]))
		to--;
	return to;
}

/* Behind the dash that ends the last line with content before line number `line` of the text; 0 if it ends otherwise. */
static size_t dash_before(const GString *text, unsigned line)
{
	size_t end = 0;

	for (unsigned i = 1; i < line && end < text->len; i++) {
		const char *newline = strchr(text->str + end, '\n');

		end = newline ? (size_t)(newline + 1 - text->str) : text->len;
	}
	while (end > 0) {
		size_t to = end - (text->str[end - 1] == '\n');
		size_t from = to, stop;

		while (from > 0 && text->str[from - 1] != '\n')
			from--;
		stop = content_end(text->str, from, to);
		if (stop > from) {
			bool lone = text->str[stop - 1] == '-' && (stop - 1 == from || text->str[stop - 2] == ' ');

			return lone ? stop : 0;
		}
		end = from;
	}
	return 0;
}

bool yaml_parser_repair(struct yaml_parser *parser)
{
	size_t at, last = 0;

	if (parser->error_line == 0)
		return false;
	at = dash_before(parser->text, parser->error_line);
	if (parser->repairs->len > 0)
		last = g_array_index(parser->repairs, size_t, parser->repairs->len - 1);
	parser->work += parser->text->len;
	if (at <= last || parser->work > REPAIR_WORK_LIMIT)
		return false;
	g_string_insert(parser->text, at, SPELLED_NULL);
	g_array_append_val(parser->repairs, at);
	open_pass(parser);
	return true;
}
