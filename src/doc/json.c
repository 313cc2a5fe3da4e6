#include "doc/json.h"

#include "base/error.h"
#include "base/quote.h"
#include "doc/node-int.h"
#include "doc/number.h"

#include <jansson.h>
#include <math.h>

#define JSON_DEPTH_LIMIT 200

/* Shortest integer that may not fit int64_t, in digits. */
#define BIG_DIGITS 19

/*
 * jansson refuses integers beyond int64_t, NaN and Infinity, Python does not. Before jansson sees them they become strings with
 * this prefix, which cannot occur otherwise: a text that spells it out itself is left alone.
 */
#define MARK "\\u0000"

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

/* The end of a NaN or Infinity that begins at `at`; `at` if none does. */
static const char *special_end(const char *at, const char *end)
{
	static const char *const words[] = {"NaN", "Infinity", "-Infinity"};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(end - at) >= length && memcmp(at, words[i], length) == 0)
			return at + length;
	}
	return at;
}

/* Append what lies from `from` to `at` as it is, and the number from `at` to `stop` marked. */
static void append_marked(GString *out, const char *from, const char *at, const char *stop)
{
	g_string_append_len(out, from, at - from);
	g_string_append(out, "\"" MARK);
	g_string_append_len(out, at, stop - at);
	g_string_append_c(out, '"');
}

/* The end of a number that is to be marked; `at` if none begins there. Numbers that are jansson's business are at *plain's. */
static const char *marked_end(const char *at, const char *end, const char **plain)
{
	const char *digits = *at == '-' ? at + 1 : at;
	const char *stop = digits_end(digits, end);

	*plain = at + 1;
	if (stop == digits)
		return special_end(at, end);
	if (stop - digits >= BIG_DIGITS && (stop == end || !strchr(".eE", *stop)) && *digits != '0')
		return stop;
	/* A fraction, an exponent or something short or wrong: all of it. */
	for (*plain = stop; *plain < end && **plain && strchr("0123456789.eE+-", **plain);)
		(*plain)++;
	return at;
}

/* The text with numbers marked that jansson refuses; NULL if there is none. */
static GString *mark_numbers(const char *text, size_t length)
{
	const char *end = text + length, *copied = text, *at = text;
	GString *out = NULL;

	if (memmem(text, length, MARK, strlen(MARK)))
		return NULL;
	while (at < end) {
		const char *plain, *stop = *at == '"' ? at : marked_end(at, end, &plain);

		if (*at == '"') {
			at = string_end(at, end);
		} else if (stop == at) {
			at = plain;
		} else {
			if (!out)
				out = g_string_sized_new(length + 64);
			append_marked(out, copied, at, stop);
			copied = at = stop;
		}
	}
	if (out)
		g_string_append_len(out, copied, end - copied);
	return out;
}

static struct node *convert(struct doc *doc, json_t *value, unsigned depth, GError **error);

/* Give node the number that was marked as `text`; false if it is none. */
static bool convert_marked(struct doc *doc, struct node *node, const char *text)
{
	const char *digits = *text == '-' ? text + 1 : text;
	gint64 small;

	if (special_end(text, text + strlen(text)) == text + strlen(text)) {
		node->kind = NODE_FLOAT;
		node->real = *text == 'N' ? (double)NAN : *text == '-' ? -(double)INFINITY : (double)INFINITY;
		return true;
	}
	if (strspn(digits, "0123456789") != strlen(digits))
		return false;
	if (g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &small, NULL)) {
		node->kind = NODE_INT;
		node->integer = small;
		return true;
	}
	node->kind = NODE_BIGINT;
	node->text = doc_text(doc, text, strlen(text));
	return true;
}

static struct node *convert_string(struct doc *doc, const char *text, size_t length, GError **error)
{
	struct node *node = doc_node(doc, NODE_STRING);

	if (length > 1 && *text == '\0' && strlen(text + 1) == length - 1 && convert_marked(doc, node, text + 1))
		return node;
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
	marked = mark_numbers(text, length);
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
