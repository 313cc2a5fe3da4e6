#include "format/expand-int.h"

#include "format/interpolate-int.h"
#include "format/scalar-text-int.h"

#include <string.h>

/* A result being made. */
struct expansion {
	struct reading *reading;
	const struct node *at; /* for messages */
	GArray *instances;
	GHashTable *indices; /* key to its place in instances, plus 1 */
};

static bool is_composite(const struct node *node)
{
	return node->kind == NODE_LIST || node->kind == NODE_MAP;
}

static struct expansion expansion_new(struct reading *reading, const struct node *at)
{
	return (struct expansion){
		reading,
		at,
		g_array_new(FALSE, FALSE, sizeof(struct instance)),
		g_hash_table_new(g_str_hash, g_str_equal),
	};
}

/* What was made; NULL if that was `failed`. */
static GArray *expansion_end(struct expansion *expansion, bool failed)
{
	g_hash_table_unref(expansion->indices);
	if (!failed)
		return expansion->instances;
	g_array_unref(expansion->instances);
	return NULL;
}

/* Add a stage; false after noting that there are too many. */
static bool add(struct expansion *expansion, const char *key, const struct node *item, bool named)
{
	struct reading *reading = expansion->reading;
	size_t index = GPOINTER_TO_SIZE(g_hash_table_lookup(expansion->indices, key));
	struct node *name;

	if (reading->stages_left == 0) {
		reading_problem(reading, reading->doc, expansion->at, "this file makes more than %d stages",
				READING_STAGE_LIMIT);
		return false;
	}
	reading->stages_left--;
	if (index) {
		g_array_index(expansion->instances, struct instance, index - 1).item = item;
		return true;
	}
	name = node_string(reading->out, key);
	g_array_append_vals(expansion->instances, &(struct instance){name->text, item, named ? name : NULL}, 1);
	g_hash_table_insert(expansion->indices, (gpointer)name->text, GSIZE_TO_POINTER(expansion->instances->len));
	return true;
}

static bool add_list(struct expansion *expansion, const struct node *list)
{
	g_autoptr(GString) key = g_string_new(NULL);
	bool by_index = false;

	for (size_t i = 0; i < list->count; i++)
		by_index = by_index || is_composite(list->items[i]);
	for (size_t i = 0; i < list->count; i++) {
		if (by_index)
			g_string_printf(key, "%zu", i);
		else
			scalar_text_append(g_string_truncate(key, 0), list->items[i]);
		if (!add(expansion, key->str, list->items[i], false))
			return false;
	}
	return true;
}

/* `written` says that the map stands in the file itself: only then keys that are no strings count. */
static bool add_map(struct expansion *expansion, const struct node *map, bool written)
{
	g_autoptr(GString) key = g_string_new(NULL);

	for (size_t i = 0; i < map->count; i++) {
		if (is_composite(map->keys[i]) || (!written && map->keys[i]->kind != NODE_STRING))
			continue;
		scalar_text_append(g_string_truncate(key, 0), map->keys[i]);
		if (!add(expansion, key->str, map->items[i], true))
			return false;
	}
	return true;
}

GArray *expand_foreach(struct reading *reading, const struct context *context, struct node *data)
{
	const struct node *values = interpolate(reading, context, data, INTERPOLATE_ANY);
	struct expansion expansion;
	bool done = false;

	if (!values)
		return NULL;
	expansion = expansion_new(reading, data);
	if (values->kind == NODE_LIST)
		done = add_list(&expansion, values);
	else if (values->kind == NODE_MAP)
		done = add_map(&expansion, values, data->kind == NODE_MAP);
	else
		reading_problem(reading, reading->doc, data, "foreach needs a list or a map, not %s",
				node_kind_name(values->kind));
	return expansion_end(&expansion, !done);
}

/* The values of one axis as a list: those of a list, or the keys of a map; NULL after noting that it is neither. */
static const struct node *axis_values(struct reading *reading, const struct node *axis, const char *name)
{
	struct node *keys;

	if (axis->kind == NODE_LIST)
		return axis;
	if (axis->kind != NODE_MAP) {
		reading_problem(reading, reading->doc, axis, "the axis '%s' of a matrix needs a list, not %s", name,
				node_kind_name(axis->kind));
		return NULL;
	}
	keys = node_list(reading->out);
	for (size_t i = 0; i < axis->count; i++)
		if (axis->keys[i]->kind == NODE_STRING)
			node_append(reading->out, keys, axis->keys[i]);
	return keys;
}

/* The axes with a list each; NULL after noting what is wrong. */
static struct node *matrix_lists(struct reading *reading, const struct context *context, struct node *axes)
{
	const struct node *resolved = interpolate(reading, context, axes, INTERPOLATE_ANY);
	struct node *lists;

	if (!resolved)
		return NULL;
	lists = node_map(reading->out);
	for (size_t i = 0; i < resolved->count; i++) {
		const char *name = resolved->keys[i]->text;
		const struct node *values = axis_values(reading, resolved->items[i], name);

		if (!values)
			return NULL;
		node_set(reading->out, lists, name, (struct node *)values);
	}
	return lists;
}

/* Add the stage of one combination, given as an index into each axis. */
static bool add_combination(struct expansion *expansion, const struct node *axes, const size_t *indices)
{
	struct doc *out = expansion->reading->out;
	struct node *item = node_map(out);
	g_autoptr(GString) key = g_string_new(NULL);

	for (size_t i = 0; i < axes->count; i++) {
		const char *name = axes->keys[i]->text;
		struct node *value = axes->items[i]->items[indices[i]];

		node_set(out, item, name, value);
		if (i > 0)
			g_string_append_c(key, '-');
		if (is_composite(value))
			g_string_append_printf(key, "%s%zu", name, indices[i]);
		else
			scalar_text_append(key, value);
	}
	return add(expansion, key->str, item, true);
}

/* Step to the next combination, the last axis fastest; false after the last one. */
static bool next_combination(const struct node *axes, size_t *indices)
{
	for (size_t i = axes->count; i > 0; i--) {
		if (++indices[i - 1] < axes->items[i - 1]->count)
			return true;
		indices[i - 1] = 0;
	}
	return false;
}

GArray *expand_matrix(struct reading *reading, const struct context *context, struct node *axes)
{
	const struct node *lists = matrix_lists(reading, context, axes);
	g_autofree size_t *indices = NULL;
	struct expansion expansion;
	bool more = true, failed = false;

	if (!lists)
		return NULL;
	expansion = expansion_new(reading, axes);
	indices = g_new0(size_t, lists->count + 1);
	for (size_t i = 0; i < lists->count; i++)
		more = more && lists->items[i]->count > 0;
	while (more && !failed) {
		failed = !add_combination(&expansion, lists, indices);
		more = next_combination(lists, indices);
	}
	return expansion_end(&expansion, failed);
}
