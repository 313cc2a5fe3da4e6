#include "format/interpolate-int.h"

#include "format/cmd-args-int.h"
#include "format/reference-int.h"
#include "format/scalar-text-int.h"

#include <string.h>

/* What a node counts for against READING_MEMORY_LIMIT. */
#define NODE_COST sizeof(struct node)

/* Whether a string anywhere in the node has a `${`, quoted or not. */
static bool has_mark(const struct node *node)
{
	if (node->kind == NODE_STRING)
		return strstr(node->text, "${");
	for (size_t i = 0; i < node->count; i++)
		if (has_mark(node->items[i]) || (node->keys && has_mark(node->keys[i])))
			return true;
	return false;
}

/* Remember that a stage uses a value, if it comes from a file. Maps do not count, as in DVC; lists cannot be used. */
static void note_use(struct reading *reading, const struct context *context, const struct reference *reference,
		     const struct node *value)
{
	bool composite = value->kind == NODE_MAP || value->kind == NODE_LIST;
	g_autofree char *name = NULL;
	const char *file =
		composite ? NULL : context_source(context, reference->expression, reference->length, &name);

	if (file)
		reading_use(reading, file, name, value);
}

/* The value that a reference in this string names; NULL after noting why not. */
static const struct node *find_value(struct reading *reading, const struct context *context, const struct node *string,
				     const struct reference *reference)
{
	const struct node *value = NULL;

	if (!reference_is_proper(reference)) {
		reading_problem(reading, reading->doc, string, "'%.*s' cannot name a variable: write ${name.name[0]}",
				(int)(reference->end - reference->start), reference->start);
		return NULL;
	}
	value = context_find(context, reference->expression, reference->length);
	if (!value)
		reading_problem(reading, reading->doc, string, "'%.*s' is not defined", (int)reference->length,
				reference->expression);
	else if (reading->used)
		note_use(reading, context, reference, value);
	return value;
}

/* Count memory that a new node needs; false after noting that it is too much. */
static bool charge(struct reading *reading, const struct node *at, size_t bytes)
{
	bytes += NODE_COST;
	if (bytes > reading->memory_left) {
		reading_problem(reading, reading->doc, at, "the templates of this file make more than %zu MiB",
				READING_MEMORY_LIMIT >> 20);
		return false;
	}
	reading->memory_left -= bytes;
	return true;
}

/* The string that is nothing but one reference: the value itself. */
static struct node *resolve_whole(struct reading *reading, const struct context *context, struct node *string,
				  const struct reference *reference, enum interpolate_mode mode)
{
	const struct node *value = find_value(reading, context, string, reference);
	struct node *result;

	if (!value)
		return NULL;
	if (value->kind != NODE_LIST && value->kind != NODE_MAP) {
		if (!charge(reading, string, value->text ? strlen(value->text) : 0))
			return NULL;
		result = node_copy(reading->out, value);
		result->place = string->place;
		return result;
	}
	if (mode == INTERPOLATE_ANY)
		return (struct node *)value;
	reading_problem(reading, reading->doc, string, "'%.*s' is %s, which cannot stand here", (int)reference->length,
			reference->expression, node_kind_name(value->kind));
	return NULL;
}

static bool append_value(struct reading *reading, const struct context *context, const struct node *string,
			 const struct reference *reference, enum interpolate_mode mode, GString *out)
{
	const struct node *value = find_value(reading, context, string, reference);
	g_autoptr(GError) error = NULL;

	if (!value)
		return false;
	if (value->kind == NODE_MAP && mode == INTERPOLATE_CMD) {
		if (cmd_args_append(out, value, &reading->options, &error))
			return true;
		reading_problem(reading, reading->doc, string, "'%.*s': %s", (int)reference->length,
				reference->expression, error->message);
		return false;
	}
	if (value->kind == NODE_LIST || value->kind == NODE_MAP) {
		reading_problem(reading, reading->doc, string, "'%.*s' is %s, which cannot be part of a text",
				(int)reference->length, reference->expression, node_kind_name(value->kind));
		return false;
	}
	scalar_text_append(out, value);
	return true;
}

static struct node *resolve_string(struct reading *reading, const struct context *context, struct node *string,
				   enum interpolate_mode mode)
{
	g_autoptr(GString) text = NULL;
	struct reference reference;
	const char *at = string->text;
	struct node *result;

	if (!strstr(at, "${"))
		return string;
	if (reference_next(&reference, at, at) && reference.start == at && !*reference.end)
		return resolve_whole(reading, context, string, &reference, mode);
	text = g_string_new(NULL);
	while (text->len <= reading->memory_left && reference_next(&reference, string->text, at)) {
		g_string_append_len(text, at, reference.start - at);
		if (!append_value(reading, context, string, &reference, mode, text))
			return NULL;
		at = reference.end;
	}
	g_string_append(text, at);
	if (!charge(reading, string, text->len))
		return NULL;
	g_string_replace(text, "\\${", "${", 0);
	result = node_string(reading->out, text->str);
	result->place = string->place;
	return result;
}

static struct node *resolve_list(struct reading *reading, const struct context *context, struct node *list,
				 enum interpolate_mode mode)
{
	struct node *result = node_list(reading->out);
	bool failed = !charge(reading, list, list->count * NODE_COST);

	for (size_t i = 0; i < list->count; i++) {
		struct node *item = interpolate(reading, context, list->items[i], mode);

		if (item)
			node_append(reading->out, result, item);
		else
			failed = true;
	}
	result->place = list->place;
	return failed ? NULL : result;
}

/* The text of a resolved key; NULL after noting that it is no scalar. New string. */
static char *key_text(struct reading *reading, const struct node *original, const struct node *key)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (key->kind == NODE_LIST || key->kind == NODE_MAP) {
		reading_problem(reading, reading->doc, original, "%s cannot be a key", node_kind_name(key->kind));
		return NULL;
	}
	scalar_text_append(text, key);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static struct node *resolve_map(struct reading *reading, const struct context *context, struct node *map,
				enum interpolate_mode mode)
{
	struct node *result = node_map(reading->out);
	bool failed = !charge(reading, map, map->count * NODE_COST);

	for (size_t i = 0; i < map->count; i++) {
		struct node *key = interpolate(reading, context, map->keys[i], mode);
		struct node *value = interpolate(reading, context, map->items[i], mode);
		g_autofree char *text = key ? key_text(reading, map->keys[i], key) : NULL;
		size_t before = result->count;

		if (!text || !value) {
			failed = true;
			continue;
		}
		node_set(reading->out, result, text, value);
		if (result->count > before)
			result->keys[before]->place = map->keys[i]->place;
	}
	result->place = map->place;
	return failed ? NULL : result;
}

struct node *interpolate(struct reading *reading, const struct context *context, struct node *node,
			 enum interpolate_mode mode)
{
	switch (node->kind) {
	case NODE_STRING:
		return resolve_string(reading, context, node, mode);
	case NODE_LIST:
		return has_mark(node) ? resolve_list(reading, context, node, mode) : node;
	case NODE_MAP:
		return has_mark(node) ? resolve_map(reading, context, node, mode) : node;
	default:
		return node;
	}
}
