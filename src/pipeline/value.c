#include "pipeline/value.h"

#include "doc/json.h"
#include "doc/number.h"

#include <string.h>

/* A value is cut short behind so many bytes. */
#define TEXT_LIMIT 120

static bool is_number(const struct node *node)
{
	return node->kind == NODE_BOOL || node->kind == NODE_INT || node->kind == NODE_BIGINT ||
	       node->kind == NODE_FLOAT;
}

static double as_double(const struct node *node)
{
	switch (node->kind) {
	case NODE_BOOL:
		return node->boolean;
	case NODE_INT:
		return (double)node->integer;
	case NODE_BIGINT:
		return g_ascii_strtod(node->text, NULL);
	default:
		return node->real;
	}
}

/* Numbers of any two kinds; whole ones are not compared as doubles, which would make neighbours equal. */
static bool number_equal(const struct node *a, const struct node *b)
{
	double x, y;

	if (a->kind == b->kind)
		return node_equal(a, b);
	if (a->kind != NODE_FLOAT && b->kind != NODE_FLOAT) {
		if (a->kind == NODE_BIGINT || b->kind == NODE_BIGINT)
			return false;
		return (a->kind == NODE_BOOL ? a->boolean : a->integer) ==
		       (b->kind == NODE_BOOL ? b->boolean : b->integer);
	}
	x = as_double(a);
	y = as_double(b);
	return x <= y && x >= y;
}

static const struct node *find_key(const struct node *map, const struct node *key, size_t likely)
{
	if (likely < map->count && value_equal(map->keys[likely], key))
		return map->items[likely];
	for (size_t i = 0; i < map->count; i++) {
		if (value_equal(map->keys[i], key))
			return map->items[i];
	}
	return NULL;
}

static bool map_equal(const struct node *a, const struct node *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct node *other = find_key(b, a->keys[i], i);

		if (!other || !value_equal(a->items[i], other))
			return false;
	}
	return true;
}

bool value_equal(const struct node *a, const struct node *b)
{
	if (is_number(a) && is_number(b))
		return number_equal(a, b);
	if (a->kind != b->kind || a->count != b->count)
		return false;
	if (a->kind == NODE_MAP)
		return map_equal(a, b);
	if (a->kind != NODE_LIST)
		return node_equal(a, b);
	for (size_t i = 0; i < a->count; i++) {
		if (!value_equal(a->items[i], b->items[i]))
			return false;
	}
	return true;
}

const struct node *value_member(const struct node *map, const char *key)
{
	const struct node *value = node_get(map, key);
	gint64 number;
	char *end;

	if (value || !map || map->kind != NODE_MAP || !*key)
		return value;
	number = g_ascii_strtoll(key, &end, 10);
	for (size_t i = 0; !*end && i < map->count; i++) {
		if (map->keys[i]->kind == NODE_INT && map->keys[i]->integer == number)
			return map->items[i];
	}
	return NULL;
}

char *value_key(const struct node *key)
{
	return key->kind == NODE_STRING ? g_strdup(key->text) : value_text(key);
}

static void append(GString *out, const struct node *value);

static void append_items(GString *out, const struct node *value)
{
	bool map = value->kind == NODE_MAP;

	g_string_append_c(out, map ? '{' : '[');
	for (size_t i = 0; i < value->count && out->len <= TEXT_LIMIT; i++) {
		if (i)
			g_string_append(out, ", ");
		if (map) {
			append(out, value->keys[i]);
			g_string_append(out, ": ");
		}
		append(out, value->items[i]);
	}
	g_string_append_c(out, map ? '}' : ']');
}

static void append(GString *out, const struct node *value)
{
	switch (value->kind) {
	case NODE_NULL:
		g_string_append(out, "null");
		break;
	case NODE_BOOL:
		g_string_append(out, value->boolean ? "true" : "false");
		break;
	case NODE_INT:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, value->integer);
		break;
	case NODE_FLOAT:
		number_append(out, value->real);
		break;
	case NODE_STRING:
		json_append_string(out, value->text, false);
		break;
	case NODE_BIGINT:
	case NODE_DATE:
		g_string_append(out, value->text);
		break;
	default:
		append_items(out, value);
	}
}

char *value_text(const struct node *value)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *end;

	append(out, value);
	if (out->len > TEXT_LIMIT) {
		/* Not in the middle of a character. */
		end = g_utf8_find_prev_char(out->str, out->str + TEXT_LIMIT + 1);
		g_string_truncate(out, end ? (gsize)(end - out->str) : 0);
		g_string_append(out, "…");
	}
	return g_string_free(g_steal_pointer(&out), false);
}
