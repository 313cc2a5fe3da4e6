#include "doc/number.h"
#include "doc/yaml-int.h"
#include "doc/yaml.h"

#include <math.h>

/* A line is broken at the first chance behind this column. */
#define WIDTH 80

enum style {
	STYLE_PLAIN,
	STYLE_SINGLE,
	STYLE_DOUBLE,
};

static bool is_blank_or_end(char c)
{
	return c == '\0' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether the character may stand in plain and single-quoted text on one line and reads back as itself. */
static bool is_ordinary(gunichar c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	return c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe && c != 0xffff;
}

static bool needs_double_quotes(const char *text)
{
	for (; *text; text = g_utf8_next_char(text))
		if (*text == '\'' || !is_ordinary(g_utf8_get_char(text)))
			return true;
	return false;
}

/* Whether the first characters give plain text another meaning. */
static bool starts_with_indicator(const char *text)
{
	if (strchr(" #,[]{}&*!|>'\"%@`", *text))
		return true;
	if (strchr("-?:", *text) && is_blank_or_end(text[1]))
		return true;
	return strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0;
}

/* Whether something behind the first character does: ": ", " #", a colon at the end, in brackets also , [ ] { and }. */
static bool has_indicator_inside(const char *text, bool flow)
{
	for (const char *p = text; *p; p++) {
		if (*p == ':' && is_blank_or_end(p[1]))
			return true;
		if (*p == '#' && p > text && p[-1] == ' ')
			return true;
		if (flow && strchr(",[]{}?:", *p))
			return true;
	}
	return false;
}

static enum style style_of(const char *text, bool flow)
{
	size_t length = strlen(text);

	if (needs_double_quotes(text)) {
		/* An apostrophe alone does no harm inside plain text. */
		for (const char *p = text; *p; p = g_utf8_next_char(p))
			if (!is_ordinary(g_utf8_get_char(p)))
				return STYLE_DOUBLE;
	}
	if (length > 0 && !starts_with_indicator(text) && text[length - 1] != ' ' && !has_indicator_inside(text, flow) &&
	    yaml_plain_kind(text, length) == NODE_STRING && strcmp(text, "<<") != 0 && strcmp(text, "=") != 0)
		return STYLE_PLAIN;
	return strchr(text, '\'') ? STYLE_DOUBLE : STYLE_SINGLE;
}

static void append_line_break(GString *out, size_t indent)
{
	g_string_append_c(out, '\n');
	for (size_t i = 0; i < indent; i++)
		g_string_append_c(out, ' ');
}

/*
 * Plain or single-quoted text: a line ends at a lone blank once the column before that blank is behind the width. Blanks at
 * either end and runs of blanks stay.
 */
static void append_folded(GString *out, const char *text, struct yaml_scalar_place place)
{
	size_t column = place.column;

	for (const char *p = text; *p;) {
		const char *next = g_utf8_next_char(p);
		bool lone = *p == ' ' && p > text && p[-1] != ' ' && *next && *next != ' ';

		if (lone && column > WIDTH && !place.one_line) {
			append_line_break(out, place.indent);
			column = place.indent;
		} else {
			g_string_append_len(out, p, next - p);
			column++;
		}
		p = next;
	}
}

/* Append the escape that double quotes need for c and return its width; 0 if c stands for itself. */
static size_t append_escape(GString *out, gunichar c)
{
	static const struct {
		gunichar c;
		char letter;
	} letters[] = {
		{'\0', '0'}, {'\a', 'a'}, {'\b', 'b'}, {'\t', 't'}, {'\n', 'n'},  {'\v', 'v'},	  {'\f', 'f'},
		{'\r', 'r'}, {0x1b, 'e'}, {'"', '"'},  {'\\', '\\'}, {0x85, 'N'}, {0x2028, 'L'}, {0x2029, 'P'},
	};
	gsize before = out->len;

	for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
		if (letters[i].c == c) {
			g_string_append_printf(out, "\\%c", letters[i].letter);
			return out->len - before;
		}
	}
	if (is_ordinary(c) && c <= 0xffff)
		return 0;
	g_string_append_printf(out, c <= 0xff ? "\\x%02X" : c <= 0xffff ? "\\u%04X" : "\\U%08X", c);
	return out->len - before;
}

/*
 * Double-quoted text. A line may end, with a backslash, before a blank, behind an escape and before what follows an escape. Behind
 * an escape one column more is allowed, as in the emitter of reference.
 */
static void append_double(GString *out, const char *text, struct yaml_scalar_place place)
{
	size_t column = place.column + 1;
	bool after_escape = false;

	g_string_append_c(out, '"');
	for (const char *p = text; *p;) {
		const char *next = g_utf8_next_char(p);
		size_t escaped = append_escape(out, g_utf8_get_char(p));
		const char *rest = escaped ? next : p;
		bool chance = p > text && *next && (escaped || after_escape || *p == ' ');

		column += escaped;
		if (chance && !place.one_line && column - (escaped ? 1 : 0) > WIDTH) {
			g_string_append_c(out, '\\');
			append_line_break(out, place.indent);
			column = place.indent;
			if (*rest == ' ') {
				g_string_append_c(out, '\\');
				column++;
			}
		}
		if (!escaped) {
			g_string_append_len(out, p, next - p);
			column++;
		}
		after_escape = escaped > 0;
		p = next;
	}
	g_string_append_c(out, '"');
}

static void append_string(GString *out, const char *text, struct yaml_scalar_place place)
{
	switch (style_of(text, place.flow)) {
	case STYLE_PLAIN:
		append_folded(out, text, place);
		break;
	case STYLE_SINGLE:
		g_string_append_c(out, '\'');
		place.column++;
		append_folded(out, text, place);
		g_string_append_c(out, '\'');
		break;
	case STYLE_DOUBLE:
		append_double(out, text, place);
		break;
	}
}

static void append_float(GString *out, double value)
{
	if (isnan(value))
		g_string_append(out, ".nan");
	else if (isinf(value))
		g_string_append(out, value < 0 ? "-.inf" : ".inf");
	else
		number_append(out, value);
}

void yaml_append_scalar(GString *out, const struct node *scalar, struct yaml_scalar_place place)
{
	switch (scalar->kind) {
	case NODE_BOOL:
		g_string_append(out, scalar->boolean ? "true" : "false");
		break;
	case NODE_INT:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, scalar->integer);
		break;
	case NODE_BIGINT:
	case NODE_DATE:
		g_string_append(out, scalar->text);
		break;
	case NODE_FLOAT:
		append_float(out, scalar->real);
		break;
	case NODE_STRING:
		append_string(out, scalar->text, place);
		break;
	default:
		break;
	}
}

void yaml_write_scalar(GString *out, const struct node *scalar, size_t column, size_t indent)
{
	yaml_append_scalar(out, scalar, (struct yaml_scalar_place){.column = column, .indent = indent});
}
