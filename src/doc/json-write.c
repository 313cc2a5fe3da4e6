#include "doc/json.h"
#include "doc/number.h"

#include <math.h>

/* Blanks a level of JSON_INDENTED. */
#define INDENT 2

/* Python's surrogateescape: a byte that is no UTF-8 becomes this plus the byte. */
#define ESCAPED_BYTE 0xdc00

static void append_escape(GString *out, unsigned unit)
{
	g_string_append_printf(out, "\\u%04x", unit);
}

static void append_character(GString *out, gunichar c, bool ascii)
{
	static const char short_from[] = "\"\\\n\r\t\b\f", short_to[] = "\"\\nrtbf";
	const char *escape = c > 0 && c < 0x80 ? strchr(short_from, (char)c) : NULL;

	if (escape) {
		g_string_append_c(out, '\\');
		g_string_append_c(out, short_to[escape - short_from]);
	} else if (c < 0x20 || (ascii && c >= 0x7f && c <= 0xffff)) {
		append_escape(out, c);
	} else if (ascii && c > 0xffff) {
		append_escape(out, 0xd800 + ((c - 0x10000) >> 10));
		append_escape(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
	} else {
		g_string_append_unichar(out, c);
	}
}

/* How many characters at the beginning of the text stand for themselves. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= 0x20 && text[length] < 0x7f && text[length] != '"' && text[length] != '\\')
		length++;
	return length;
}

void json_append_string(GString *out, const char *text, bool ascii)
{
	g_string_append_c(out, '"');
	while (*text) {
		size_t plain = plain_length(text);
		gunichar c;

		if (plain) {
			g_string_append_len(out, text, (gssize)plain);
			text += plain;
			continue;
		}
		c = g_utf8_get_char_validated(text, -1);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			append_escape(out, ESCAPED_BYTE + (unsigned char)*text++);
			continue;
		}
		append_character(out, c, ascii);
		text = g_utf8_next_char(text);
	}
	g_string_append_c(out, '"');
}

static void append_float(GString *out, double value)
{
	if (isnan(value))
		g_string_append(out, "NaN");
	else if (isinf(value))
		g_string_append(out, value < 0 ? "-Infinity" : "Infinity");
	else
		number_append(out, value);
}

static void append_scalar(GString *out, const struct node *node, bool ascii)
{
	switch (node->kind) {
	case NODE_BOOL:
		g_string_append(out, node->boolean ? "true" : "false");
		break;
	case NODE_INT:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, node->integer);
		break;
	case NODE_BIGINT:
		g_string_append(out, node->text);
		break;
	case NODE_FLOAT:
		append_float(out, node->real);
		break;
	case NODE_STRING:
	case NODE_DATE:
		json_append_string(out, node->text, ascii);
		break;
	default:
		g_string_append(out, "null");
		break;
	}
}

/* The text that stands for a key: JSON knows strings only, so other kinds are spelled out as Python does. */
static char *key_text(const struct node *key)
{
	GString *text;

	if (key->kind == NODE_STRING || key->kind == NODE_DATE)
		return g_strdup(key->text);
	text = g_string_new(NULL);
	append_scalar(text, key, false);
	return g_string_free(text, FALSE);
}

struct pair {
	char *key;
	const struct node *value;
};

static int compare_pairs(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

static void append_break(GString *out, enum json_style style, unsigned depth)
{
	if (style == JSON_INDENTED)
		g_string_append_printf(out, "\n%*s", (int)(depth * INDENT), "");
}

static void append_separator(GString *out, enum json_style style, size_t index, unsigned depth)
{
	if (index > 0)
		g_string_append(out, style == JSON_INDENTED ? "," : ", ");
	append_break(out, style, depth);
}

static void append_node(GString *out, const struct node *node, enum json_style style, unsigned depth);

static void append_list(GString *out, const struct node *list, enum json_style style, unsigned depth)
{
	g_string_append_c(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		append_separator(out, style, i, depth + 1);
		append_node(out, list->items[i], style, depth + 1);
	}
	append_break(out, style, depth);
	g_string_append_c(out, ']');
}

static void append_map(GString *out, const struct node *map, enum json_style style, unsigned depth)
{
	g_autofree struct pair *pairs = g_new(struct pair, map->count);

	for (size_t i = 0; i < map->count; i++)
		pairs[i] = (struct pair){key_text(map->keys[i]), map->items[i]};
	if (style == JSON_SORTED_PYTHON)
		qsort(pairs, map->count, sizeof *pairs, compare_pairs);
	g_string_append_c(out, '{');
	for (size_t i = 0; i < map->count; i++) {
		append_separator(out, style, i, depth + 1);
		json_append_string(out, pairs[i].key, style != JSON_INDENTED);
		g_string_append(out, ": ");
		append_node(out, pairs[i].value, style, depth + 1);
		g_free(pairs[i].key);
	}
	append_break(out, style, depth);
	g_string_append_c(out, '}');
}

static void append_node(GString *out, const struct node *node, enum json_style style, unsigned depth)
{
	if (node->kind == NODE_LIST && node->count > 0)
		append_list(out, node, style, depth);
	else if (node->kind == NODE_LIST)
		g_string_append(out, "[]");
	else if (node->kind == NODE_MAP && node->count > 0)
		append_map(out, node, style, depth);
	else if (node->kind == NODE_MAP)
		g_string_append(out, "{}");
	else
		append_scalar(out, node, style != JSON_INDENTED);
}

GString *json_write(const struct node *root, enum json_style style)
{
	GString *out = g_string_new(NULL);

	append_node(out, root, style, 0);
	return out;
}
