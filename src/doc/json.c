#include "doc/json.h"

#include "base/error.h"
#include "base/quote.h"
#include "doc/node-int.h"
#include "doc/number.h"

#include <jansson.h>

#define JSON_DEPTH_LIMIT 200

/* Shortest integer that may not fit int64_t, in digits. */
#define BIG_DIGITS 19

/*
 * jansson refuses integers beyond int64_t, Python does not. Before jansson sees them they become strings with this prefix, which
 * cannot occur otherwise: a text that spells it out itself is left alone.
 */
#define BIG_PREFIX "\\u0000"

/* The end of the JSON string that opens at `at`; `end` if it is not closed. */
static const char *string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return MIN(at + 1, end);
}

/* The end of the digits that start at `at`. */
static const char *digits_end(const char *at, const char *end)
{
	while (at < end && g_ascii_isdigit(*at))
		at++;
	return at;
}

/* The text with large integers turned into marked strings; NULL if there is none. */
static GString *mark_big_integers(const char *text, size_t length)
{
	const char *end = text + length, *copied = text, *at = text;
	GString *out = NULL;

	if (memmem(text, length, BIG_PREFIX, strlen(BIG_PREFIX)))
		return NULL;
	while (at < end) {
		const char *digits = *at == '-' ? at + 1 : at;
		const char *stop = digits_end(digits, end);

		if (*at == '"') {
			at = string_end(at, end);
		} else if (stop == digits) {
			at++;
		} else if (stop - digits < BIG_DIGITS || (stop < end && strchr(".eE", *stop)) ||
			   (*digits == '0')) {
			/* A fraction, an exponent or something short or wrong: jansson's business, all of it. */
			for (at = stop; at < end && (g_ascii_isdigit(*at) || strchr(".eE+-", *at)) && *at;)
				at++;
		} else {
			if (!out)
				out = g_string_sized_new(length + 64);
			g_string_append_len(out, copied, at - copied);
			g_string_append(out, "\"" BIG_PREFIX);
			g_string_append_len(out, at, stop - at);
			g_string_append_c(out, '"');
			copied = at = stop;
		}
	}
	if (out)
		g_string_append_len(out, copied, end - copied);
	return out;
}

static struct node *convert(struct doc *doc, json_t *value, unsigned depth, GError **error);

static struct node *convert_string(struct doc *doc, const char *text, size_t length, GError **error)
{
	struct node *node = doc_node(doc, NODE_STRING);

	if (length > 0 && *text == '\0' && strlen(text + 1) == length - 1 && length > 1) {
		const char *digits = text[1] == '-' ? text + 2 : text + 1;
		gint64 small;

		if (strspn(digits, "0123456789") == strlen(digits)) {
			node->kind = NODE_BIGINT;
			if (g_ascii_string_to_signed(text + 1, 10, G_MININT64, G_MAXINT64, &small, NULL)) {
				node->kind = NODE_INT;
				node->integer = small;
				return node;
			}
			node->text = doc_text(doc, text + 1, length - 1);
			return node;
		}
	}
	if (memchr(text, '\0', length)) {
		error_set(error, ERROR_CORRUPT, "a NUL character is not allowed");
		return NULL;
	}
	node->text = doc_text(doc, text, length);
	return node;
}

static struct node *convert_list(struct doc *doc, json_t *value, unsigned depth, GError **error)
{
	struct node *list = node_list(doc);
	size_t index;
	json_t *item;

	json_array_foreach(value, index, item) {
		struct node *node = convert(doc, item, depth + 1, error);

		if (!node)
			return NULL;
		node_append(doc, list, node);
	}
	return list;
}

static struct node *convert_map(struct doc *doc, json_t *value, unsigned depth, GError **error)
{
	struct node *map = node_map(doc);
	const char *key;
	json_t *item;

	json_object_foreach(value, key, item) {
		struct node *node = convert(doc, item, depth + 1, error);

		if (!node)
			return NULL;
		doc_add_pair(doc, map, node_string(doc, key), node);
	}
	return map;
}

/* The tree of a jansson value. */
static struct node *convert(struct doc *doc, json_t *value, unsigned depth, GError **error)
{
	if (depth > JSON_DEPTH_LIMIT) {
		error_set(error, ERROR_CORRUPT, "nested more than %d deep", JSON_DEPTH_LIMIT);
		return NULL;
	}
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return convert_map(doc, value, depth, error);
	case JSON_ARRAY:
		return convert_list(doc, value, depth, error);
	case JSON_STRING:
		return convert_string(doc, json_string_value(value), json_string_length(value), error);
	case JSON_INTEGER:
		return node_int(doc, json_integer_value(value));
	case JSON_REAL:
		return node_float(doc, json_real_value(value));
	case JSON_TRUE:
	case JSON_FALSE:
		return node_bool(doc, json_is_true(value));
	default:
		return node_null(doc);
	}
}

struct doc *json_read(const char *text, size_t length, const char *name, GError **error)
{
	g_autofree char *quoted = quote_path(name);
	autoptr(doc) doc = doc_new();
	GString *marked;
	json_error_t problem;
	json_t *value;

	if (length > JSON_SIZE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s: larger than %zu MiB", quoted, JSON_SIZE_LIMIT >> 20);
		return NULL;
	}
	doc->name = g_strdup(name);
	marked = mark_big_integers(text, length);
	value = json_loadb(marked ? marked->str : text, marked ? marked->len : length,
			   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | (marked ? JSON_ALLOW_NUL : 0), &problem);
	if (marked)
		g_string_free(marked, TRUE);
	if (!value) {
		error_set(error, ERROR_CORRUPT, "%s:%d:%d: %s", quoted, problem.line, problem.column, problem.text);
		return NULL;
	}
	doc->root = convert(doc, value, 1, error);
	json_decref(value);
	if (!doc->root) {
		g_prefix_error(error, "%s: ", quoted);
		return NULL;
	}
	return g_steal_pointer(&doc);
}
