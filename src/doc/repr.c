#include "doc/repr.h"

#include "doc/number.h"

#include <string.h>

/* Whether Python shows a character as it is. */
static bool is_printable(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_PRIVATE_USE:
	case G_UNICODE_UNASSIGNED:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return false;
	case G_UNICODE_SPACE_SEPARATOR:
		return c == ' ';
	default:
		return true;
	}
}

static void append_escape(GString *out, gunichar c)
{
	if (c < 0x100)
		g_string_append_printf(out, "\\x%02x", c);
	else if (c < 0x10000)
		g_string_append_printf(out, "\\u%04x", c);
	else
		g_string_append_printf(out, "\\U%08x", c);
}

/* Double quotes only where they save escapes. */
static void append_string(GString *out, const char *text)
{
	char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';

	g_string_append_c(out, quote);
	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		static const char controls[] = "\n\r\t", names[] = "nrt";
		gunichar c = g_utf8_get_char(at);
		const char *control = c < 0x80 ? strchr(controls, (int)c) : NULL;

		if (control)
			g_string_append_printf(out, "\\%c", names[control - controls]);
		else if (c == (gunichar)quote || c == '\\')
			g_string_append_printf(out, "\\%c", (int)c);
		else if (is_printable(c))
			g_string_append_unichar(out, c);
		else
			append_escape(out, c);
	}
	g_string_append_c(out, quote);
}

static void append_list(GString *out, const struct node *list)
{
	static const char *const opening[] = {"[", "(", "{"}, *const closing[] = {"]", ")", "}"};

	if (list->sequence == NODE_SEQUENCE_SET && list->count == 0) {
		g_string_append(out, "set()");
		return;
	}
	g_string_append(out, opening[list->sequence]);
	for (size_t i = 0; i < list->count; i++) {
		g_string_append(out, i > 0 ? ", " : "");
		repr_append(out, list->items[i]);
	}
	if (list->sequence == NODE_SEQUENCE_TUPLE && list->count == 1)
		g_string_append_c(out, ',');
	g_string_append(out, closing[list->sequence]);
}

static void append_map(GString *out, const struct node *map)
{
	g_string_append_c(out, '{');
	for (size_t i = 0; i < map->count; i++) {
		g_string_append(out, i > 0 ? ", " : "");
		repr_append(out, map->keys[i]);
		g_string_append(out, ": ");
		repr_append(out, map->items[i]);
	}
	g_string_append_c(out, '}');
}

void repr_append(GString *out, const struct node *node)
{
	switch (node->kind) {
	case NODE_NULL:
		g_string_append(out, "None");
		break;
	case NODE_BOOL:
		g_string_append(out, node->boolean ? "True" : "False");
		break;
	case NODE_INT:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, node->integer);
		break;
	case NODE_FLOAT:
		number_append(out, node->real);
		break;
	case NODE_STRING:
		append_string(out, node->text);
		break;
	case NODE_BIGINT:
	case NODE_DATE:
		g_string_append(out, node->text);
		break;
	case NODE_LIST:
		append_list(out, node);
		break;
	case NODE_MAP:
		append_map(out, node);
		break;
	}
}

void repr_append_plain(GString *out, const struct node *node)
{
	if (node->kind == NODE_STRING)
		g_string_append(out, node->text);
	else
		repr_append(out, node);
}
