#include "measure/points.h"

#include "base/error.h"
#include "base/path.h"
#include "doc/node.h"
#include "doc/number.h"
#include "format/param-file.h"
#include "measure/points-int.h"

#include <math.h>
#include <string.h>

static bool has_suffix(const char *name, const char *const *suffixes)
{
	const char *dot = strrchr(path_base(name), '.');
	g_autofree char *suffix = dot ? g_ascii_strdown(dot, -1) : NULL;

	return suffix && g_strv_contains(suffixes, suffix);
}

static bool is_table(const char *name)
{
	return has_suffix(name, (const char *const[]){".csv", ".tsv", NULL});
}

bool points_is_name(const char *name)
{
	return is_table(name) || has_suffix(name, (const char *const[]){".json", ".yaml", ".yml", ".toml", NULL});
}

int points_add_field(struct points *points, GHashTable *names, const char *name)
{
	gpointer known;
	char *copy;

	if (g_hash_table_lookup_extended(names, name, NULL, &known))
		return GPOINTER_TO_INT(known);
	copy = g_strdup(name);
	g_ptr_array_add(points->fields, copy);
	g_hash_table_insert(names, copy, GINT_TO_POINTER((int)points->fields->len - 1));
	return (int)points->fields->len - 1;
}

/* What is collected from a document. */
struct collection {
	struct points *points;
	GHashTable *names; /* of fields, to their numbers */
	GPtrArray *lists;  /* of const struct node: those that are data */
};

/* Whether every item is a map. */
static bool is_list_of_maps(const struct node *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->kind != NODE_MAP)
			return false;
	return list->count > 0;
}

/* Whether no item has a key that the first one lacks. */
static bool has_same_keys(const struct node *list)
{
	const struct node *first = list->items[0];
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t k = 0; k < first->count; k++) {
		if (first->keys[k]->kind != NODE_STRING)
			return false;
		g_hash_table_add(known, (gpointer)first->keys[k]->text);
	}
	for (size_t i = 1; i < list->count; i++)
		for (size_t k = 0; k < list->items[i]->count; k++)
			if (list->items[i]->keys[k]->kind != NODE_STRING ||
			    !g_hash_table_contains(known, list->items[i]->keys[k]->text))
				return false;
	return true;
}

/* Note a list that is data, with its fields. The first list of maps tells what is plotted, data or not, as in DVC. */
static void collect_list(struct collection *collection, const struct node *list)
{
	struct points *points = collection->points;
	const struct node *first;

	if (!is_list_of_maps(list))
		return;
	first = list->items[0];
	if (!points->y && first->count > 0 && first->keys[first->count - 1]->kind == NODE_STRING)
		points->y = g_strdup(first->keys[first->count - 1]->text);
	if (!has_same_keys(list))
		return;
	for (size_t k = 0; k < first->count; k++)
		points_add_field(points, collection->names, first->keys[k]->text);
	points->count = MAX(points->count, list->count);
	g_ptr_array_add(collection->lists, (gpointer)list);
}

/* Look for lists in nested maps; the depth is what the reader of the document allows. */
static void collect(struct collection *collection, const struct node *node)
{
	if (node->kind == NODE_LIST)
		collect_list(collection, node);
	for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++)
		collect(collection, node->items[i]);
}

/* A scalar as a value; lists and maps inside a row are left out. */
static struct point_value value_of(const struct node *node)
{
	switch (node->kind) {
	case NODE_NULL:
		return (struct point_value){.kind = POINT_NULL};
	case NODE_BOOL:
		return (struct point_value){.kind = POINT_BOOL, .boolean = node->boolean};
	case NODE_INT:
		return (struct point_value){.kind = POINT_INT, .integer = node->integer};
	case NODE_FLOAT:
		return (struct point_value){.kind = POINT_FLOAT, .real = node->real};
	case NODE_STRING:
	case NODE_DATE:
	case NODE_BIGINT:
		return (struct point_value){.kind = POINT_TEXT, .text = node->text};
	default:
		return (struct point_value){.kind = POINT_ABSENT};
	}
}

static void fill(const struct collection *collection)
{
	const struct points *points = collection->points;

	for (guint l = 0; l < collection->lists->len; l++) {
		const struct node *list = collection->lists->pdata[l];

		for (size_t row = 0; row < list->count; row++)
			for (size_t k = 0; k < list->items[row]->count; k++) {
				const char *key = list->items[row]->keys[k]->text;
				size_t field = GPOINTER_TO_UINT(g_hash_table_lookup(collection->names, key));

				points->values[row * points->fields->len + field] = value_of(list->items[row]->items[k]);
			}
	}
}

static bool read_document(struct points *points, char *data, size_t length, const char *name, GError **error)
{
	g_autofree char *text = data;
	struct doc *doc = param_file_read(text, length, name, error);
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) lists = g_ptr_array_new();
	struct collection collection = {points, names, lists};

	if (!doc)
		return false;
	points->owned = doc;
	points->free_owned = (GDestroyNotify)doc_free;
	collect(&collection, doc->root);
	if (points->fields->len > 0 && points->count > POINTS_VALUE_LIMIT / points->fields->len) {
		error_set(error, ERROR_UNSAFE, "%s: more than %zu values", name, POINTS_VALUE_LIMIT);
		return false;
	}
	points->values = g_new0(struct point_value, points->count * points->fields->len);
	fill(&collection);
	return true;
}

struct points *points_read(char *data, size_t length, const char *name, bool header, GError **error)
{
	autoptr(points) points = g_new0(struct points, 1);
	bool done;

	points->fields = g_ptr_array_new_with_free_func(g_free);
	if (!points_is_name(name)) {
		error_set(error, ERROR_USAGE, "'%s' is no plot: .csv, .tsv, .json, .yaml and .toml are read", name);
		g_free(data);
		return NULL;
	}
	done = is_table(name) ? points_read_csv(points, data, length, name, header, error)
			      : read_document(points, data, length, name, error);
	if (done && points->count == 0) {
		error_set(error, ERROR_CORRUPT, "'%s' holds no data points", name);
		done = false;
	}
	return done ? g_steal_pointer(&points) : NULL;
}

int points_field(const struct points *points, const char *name)
{
	for (guint i = 0; i < points->fields->len; i++)
		if (strcmp(points->fields->pdata[i], name) == 0)
			return (int)i;
	return -1;
}

const struct point_value *points_get(const struct points *points, size_t row, int field)
{
	return &points->values[row * points->fields->len + (size_t)field];
}

void points_free(struct points *points)
{
	if (!points)
		return;
	g_ptr_array_unref(points->fields);
	g_free(points->values);
	g_free(points->y);
	if (points->free_owned)
		points->free_owned(points->owned);
	g_free(points);
}

/* The value as a number, whatever it is; false if it is none. */
static bool read_number(const struct point_value *value, double *number)
{
	char *end = NULL;

	if (value->kind == POINT_INT)
		*number = (double)value->integer;
	else if (value->kind == POINT_FLOAT)
		*number = value->real;
	else if (value->kind == POINT_TEXT && *value->text)
		*number = g_ascii_strtod(value->text, &end);
	else
		return false;
	if (end && end == value->text)
		return false;
	while (end && g_ascii_isspace(*end))
		end++;
	return !end || !*end;
}

bool point_number(const struct point_value *value, double *number)
{
	return read_number(value, number) && isfinite(*number);
}

bool point_is_not_finite(const struct point_value *value)
{
	double number;

	return read_number(value, &number) && !isfinite(number);
}

void point_text(GString *out, const struct point_value *value)
{
	if (value->kind == POINT_TEXT)
		g_string_append(out, value->text);
	else if (value->kind == POINT_INT)
		g_string_append_printf(out, "%" G_GINT64_FORMAT, value->integer);
	else if (value->kind == POINT_FLOAT)
		number_append(out, value->real);
	else if (value->kind == POINT_BOOL)
		g_string_append(out, value->boolean ? "true" : "false");
}
