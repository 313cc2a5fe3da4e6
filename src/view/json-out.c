#include "view/json-out.h"

#include "doc/json.h"
#include "doc/number.h"

#include <math.h>

/* Text is handed on in pieces of about this size. */
#define FLUSH_AT 65536

struct json_out {
	struct view *view;
	GString *text;
	GString *open; /* the closing bracket of each open container, outermost first */
	bool first;    /* nothing in the innermost container yet */
};

struct json_out *json_out_new(struct view *view)
{
	struct json_out *json = g_new0(struct json_out, 1);

	json->view = view;
	json->text = g_string_sized_new(4096);
	json->open = g_string_new(NULL);
	json->first = true;
	return json;
}

static void flush(struct json_out *json)
{
	view_write(json->view, json->text->str, json->text->len);
	g_string_truncate(json->text, 0);
}

/* On a terminal, every member stands on a line of its own. */
static void break_line(struct json_out *json)
{
	if (json->view->out_terminal)
		g_string_append_printf(json->text, "\n%*s", (int)json->open->len * 2, "");
}

/* What stands before a value: the comma after the last one and its key. */
static void lead(struct json_out *json, const char *key)
{
	if (json->text->len >= FLUSH_AT)
		flush(json);
	if (!json->first)
		g_string_append(json->text, json->view->out_terminal ? "," : ", ");
	if (json->open->len > 0)
		break_line(json);
	json->first = false;
	if (key) {
		json_append_string(json->text, key, true);
		g_string_append(json->text, ": ");
	}
}

static void open_container(struct json_out *json, const char *key, char opening, char closing)
{
	lead(json, key);
	g_string_append_c(json->text, opening);
	g_string_append_c(json->open, closing);
	json->first = true;
}

void json_out_object(struct json_out *json, const char *key)
{
	open_container(json, key, '{', '}');
}

void json_out_array(struct json_out *json, const char *key)
{
	open_container(json, key, '[', ']');
}

void json_out_end(struct json_out *json)
{
	char closing;

	g_assert(json->open->len > 0);
	closing = json->open->str[json->open->len - 1];
	g_string_truncate(json->open, json->open->len - 1);
	if (!json->first)
		break_line(json);
	g_string_append_c(json->text, closing);
	json->first = false;
}

void json_out_string(struct json_out *json, const char *key, const char *value)
{
	lead(json, key);
	if (value)
		json_append_string(json->text, value, true);
	else
		g_string_append(json->text, "null");
}

void json_out_int(struct json_out *json, const char *key, int64_t value)
{
	lead(json, key);
	g_string_append_printf(json->text, "%" G_GINT64_FORMAT, value);
}

void json_out_uint(struct json_out *json, const char *key, uint64_t value)
{
	lead(json, key);
	g_string_append_printf(json->text, "%" G_GUINT64_FORMAT, value);
}

void json_out_double(struct json_out *json, const char *key, double value)
{
	lead(json, key);
	if (isnan(value))
		g_string_append(json->text, "NaN");
	else if (isinf(value))
		g_string_append(json->text, value > 0 ? "Infinity" : "-Infinity");
	else
		number_append(json->text, value);
}

void json_out_bool(struct json_out *json, const char *key, bool value)
{
	lead(json, key);
	g_string_append(json->text, value ? "true" : "false");
}

void json_out_null(struct json_out *json, const char *key)
{
	lead(json, key);
	g_string_append(json->text, "null");
}

/* A map's key as JSON names it: what is no string has the text of its value. New string. */
static char *key_text(const struct node *key)
{
	if (key->kind == NODE_STRING || key->kind == NODE_DATE)
		return g_strdup(key->text);
	return g_string_free(json_write(key, JSON_COMPACT_PYTHON), FALSE);
}

void json_out_node(struct json_out *json, const char *key, const struct node *node)
{
	if (node->kind != NODE_LIST && node->kind != NODE_MAP) {
		GString *text = json_write(node, JSON_COMPACT_PYTHON);

		lead(json, key);
		g_string_append_len(json->text, text->str, (gssize)text->len);
		g_string_free(text, TRUE);
		return;
	}
	if (node->kind == NODE_MAP)
		json_out_object(json, key);
	else
		json_out_array(json, key);
	for (size_t i = 0; i < node->count; i++) {
		g_autofree char *name = node->kind == NODE_MAP ? key_text(node->keys[i]) : NULL;

		json_out_node(json, name, node->items[i]);
	}
	json_out_end(json);
}

void json_out_finish(struct json_out *json)
{
	g_assert(json->open->len == 0);
	g_string_append_c(json->text, '\n');
	flush(json);
	g_string_free(json->text, TRUE);
	g_string_free(json->open, TRUE);
	g_free(json);
}
