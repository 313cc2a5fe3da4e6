#include "doc/yaml-int.h"
#include "doc/yaml.h"

/* Columns a level. */
#define STEP 2

/* A key with more characters than this, its tag included, is written in the "? key" form. */
#define SIMPLE_KEY_LIMIT 127

static void append_list(GString *out, const struct node *list, size_t indent);

static void append_indent(GString *out, size_t indent)
{
	for (size_t i = 0; i < indent; i++)
		g_string_append_c(out, ' ');
}

/* Characters in the last line of out. */
static size_t current_column(const GString *out)
{
	const char *line = out->str + out->len;

	while (line > out->str && line[-1] != '\n')
		line--;
	return g_utf8_strlen(line, -1);
}

static bool is_block(const struct node *node)
{
	return (node->kind == NODE_MAP || node->kind == NODE_LIST) && node->count > 0;
}

/* A scalar or an empty collection at the current column. */
static void append_leaf(GString *out, const struct node *node, size_t column, size_t indent)
{
	if (node->kind == NODE_MAP)
		g_string_append(out, "{}");
	else if (node->kind == NODE_LIST)
		g_string_append(out, "[]");
	else
		yaml_write_scalar(out, node, column, indent);
}

/* The pairs of a map; the first line has its indent already. */
static void append_map(GString *out, const struct node *map, size_t indent)
{
	for (size_t i = 0; i < map->count; i++) {
		if (i > 0)
			append_indent(out, indent);
		yaml_append_pair(out, map->keys[i], map->items[i], indent);
	}
}

/* A collection on the rest of this line and the next ones, or a leaf, behind a blank that a null has, too. */
static void append_compact(GString *out, const struct node *node, size_t indent)
{
	g_string_append_c(out, ' ');
	if (!is_block(node)) {
		append_leaf(out, node, indent + STEP, indent + STEP);
		g_string_append_c(out, '\n');
	} else if (node->kind == NODE_MAP) {
		append_map(out, node, indent + STEP);
	} else {
		append_list(out, node, indent + STEP);
	}
}

void yaml_append_item(GString *out, const struct node *item, size_t indent)
{
	g_string_append_c(out, '-');
	append_compact(out, item, indent);
}

/* The items of a list; the first line has its indent already. */
static void append_list(GString *out, const struct node *list, size_t indent)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			append_indent(out, indent);
		yaml_append_item(out, list->items[i], indent);
	}
}

void yaml_append_value(GString *out, const struct node *value, size_t column, size_t indent)
{
	size_t inner = indent + (value->kind == NODE_MAP ? STEP : 0);

	if (value->kind == NODE_NULL)
		return;
	if (!is_block(value)) {
		g_string_append_c(out, ' ');
		append_leaf(out, value, column + 1, indent + STEP);
		return;
	}
	g_string_append_c(out, '\n');
	append_indent(out, inner);
	if (value->kind == NODE_MAP)
		append_map(out, value, inner);
	else
		append_list(out, value, inner);
	g_string_truncate(out, out->len - 1);
}

/* Whether the key fits the "key: value" form. */
static bool is_simple_key(const struct node *key)
{
	static const size_t tag_lengths[] = {
		[NODE_NULL] = 6, [NODE_BOOL] = 6, [NODE_INT] = 5, [NODE_BIGINT] = 5, [NODE_FLOAT] = 7, [NODE_STRING] = 5,
		[NODE_DATE] = 11,
	};

	if (!key->text)
		return true;
	if (strchr(key->text, '\n'))
		return false;
	return g_utf8_strlen(key->text, -1) + tag_lengths[key->kind] <= SIMPLE_KEY_LIMIT;
}

static void append_key(GString *out, const struct node *key, bool flow)
{
	struct yaml_scalar_place place = {.one_line = true, .flow = flow};

	if (key->kind == NODE_NULL)
		g_string_append(out, "null");
	else
		yaml_append_scalar(out, key, place);
}

void yaml_append_pair(GString *out, const struct node *key, const struct node *value, size_t indent)
{
	if (is_simple_key(key)) {
		append_key(out, key, false);
		g_string_append_c(out, ':');
		yaml_append_value(out, value, current_column(out), indent);
		g_string_append_c(out, '\n');
		return;
	}
	g_string_append(out, "? ");
	yaml_write_scalar(out, key, indent + STEP, indent + STEP);
	g_string_append_c(out, '\n');
	append_indent(out, indent);
	g_string_append_c(out, ':');
	if (value->kind == NODE_NULL)
		g_string_append_c(out, '\n');
	else
		append_compact(out, value, indent);
}

void yaml_append_flow(GString *out, const struct node *node)
{
	struct yaml_scalar_place place = {.one_line = true, .flow = true};
	bool map = node->kind == NODE_MAP;

	if (node->kind == NODE_NULL) {
		g_string_append(out, "null");
		return;
	}
	if (!map && node->kind != NODE_LIST) {
		yaml_append_scalar(out, node, place);
		return;
	}
	g_string_append_c(out, map ? '{' : '[');
	for (size_t i = 0; i < node->count; i++) {
		if (i > 0)
			g_string_append(out, ", ");
		if (map) {
			append_key(out, node->keys[i], true);
			g_string_append(out, ": ");
		}
		yaml_append_flow(out, node->items[i]);
	}
	g_string_append_c(out, map ? '}' : ']');
}

GString *yaml_write(const struct node *root)
{
	GString *out = g_string_new(NULL);

	if (!is_block(root)) {
		if (root->kind == NODE_NULL)
			g_string_append(out, "null");
		append_leaf(out, root, 0, 0);
		g_string_append_c(out, '\n');
	} else if (root->kind == NODE_MAP) {
		append_map(out, root, 0);
	} else {
		append_list(out, root, 0);
	}
	return out;
}
