#include "measure/compare.h"

#include "doc/arithmetic.h"
#include "doc/repr.h"

#include <math.h>
#include <string.h>

/* Room for the decimal digits of any double, a fraction of more places than a double has and a NUL. */
#define NUMBER_TEXT 512

/* More places than that change nothing. */
#define PLACES_LIMIT 100

/* What compare_flatten() works on. */
struct flattening {
	struct doc *doc;
	GArray *values;
	GString *name;
};

/* Note a value that is no map under the name that was reached. */
static void take(struct flattening *flattening, const struct node *node)
{
	struct compare_value value = {node_string(flattening->doc, flattening->name->str)->text, node};

	if (node->kind == NODE_LIST && node->sequence == NODE_SEQUENCE_LIST) {
		GString *text = g_string_new(NULL);

		repr_append(text, node);
		value.value = node_string(flattening->doc, text->str);
		g_string_free(text, TRUE);
	}
	g_array_append_val(flattening->values, value);
}

/* Go through a map. Only at the top is there no name before the dot; an empty name is one, too. */
static void flatten(struct flattening *flattening, const struct node *map, bool top)
{
	size_t length = flattening->name->len;

	for (size_t i = 0; i < map->count; i++) {
		if (!top)
			g_string_append_c(flattening->name, '.');
		repr_append_plain(flattening->name, map->keys[i]);
		if (map->items[i]->kind == NODE_MAP)
			flatten(flattening, map->items[i], false);
		else
			take(flattening, map->items[i]);
		g_string_truncate(flattening->name, length);
	}
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	const struct compare_value *left = a, *right = b;

	return strcmp(left->name, right->name);
}

GArray *compare_flatten(struct doc *doc, const struct node *tree)
{
	struct flattening flattening = {
		.doc = doc,
		.values = g_array_new(FALSE, FALSE, sizeof(struct compare_value)),
		.name = g_string_new(NULL),
	};

	if (tree->kind == NODE_MAP)
		flatten(&flattening, tree, true);
	else
		take(&flattening, tree);
	g_string_free(flattening.name, TRUE);
	g_array_sort(flattening.values, by_name);
	return flattening.values;
}

/* Note a difference, or with `all` that there is none. */
static void note(struct comparison *comparison, GArray *changes, struct compare_change change, bool all)
{
	const struct node nothing = {.kind = NODE_NULL};
	const struct node *before = change.before ? change.before : &nothing;
	const struct node *after = change.after ? change.after : &nothing;

	if (!all && arithmetic_equal(before, after))
		return;
	if (arithmetic_is_number(before) && arithmetic_is_number(after))
		change.change = arithmetic_subtract(comparison->doc, after, before);
	g_array_append_val(changes, change);
}

/* The differences of two sorted lists of values. */
static GArray *merge(struct comparison *comparison, const GArray *before, const GArray *after, bool all)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct compare_change));
	guint i = 0, j = 0;

	while (i < before->len || j < after->len) {
		const struct compare_value *old =
			i < before->len ? &g_array_index(before, struct compare_value, i) : NULL;
		const struct compare_value *new =
			j < after->len ? &g_array_index(after, struct compare_value, j) : NULL;
		int order = !old ? 1 : !new ? -1 : strcmp(old->name, new->name);
		struct compare_change change = {.name = order <= 0 ? old->name : new->name};

		if (order <= 0) {
			change.before = old->value;
			i++;
		}
		if (order >= 0) {
			change.after = new->value;
			j++;
		}
		note(comparison, changes, change, all);
	}
	return changes;
}

/* The values of one side's file; a file that is not there has none. */
static GArray *side(struct comparison *comparison, const struct measure *measure, const char *path)
{
	const struct measure_file *file = measure_find(measure, path);

	if (!file || !file->value)
		return g_array_new(FALSE, FALSE, sizeof(struct compare_value));
	return compare_flatten(comparison->doc, file->value);
}

static void compare_path(struct comparison *comparison, const struct measure *before, const struct measure *after,
			 const char *path, bool all)
{
	g_autoptr(GArray) old = side(comparison, before, path), new = side(comparison, after, path);
	GArray *changes = merge(comparison, old, new, all);
	struct compare_file *file;

	if (changes->len == 0) {
		g_array_unref(changes);
		return;
	}
	file = g_new(struct compare_file, 1);
	file->path = path;
	file->changes = changes;
	g_ptr_array_add(comparison->files, file);
}

static void file_free(gpointer data)
{
	struct compare_file *file = data;

	g_array_unref(file->changes);
	g_free(file);
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	const struct compare_file *const *left = a, *const *right = b;

	return strcmp((*left)->path, (*right)->path);
}

struct comparison *compare(const struct measure *before, const struct measure *after, bool all)
{
	struct comparison *comparison = g_new0(struct comparison, 1);

	comparison->doc = doc_new();
	comparison->files = g_ptr_array_new_with_free_func(file_free);
	for (guint i = 0; i < before->files->len; i++) {
		const struct measure_file *file = before->files->pdata[i];

		compare_path(comparison, before, after, file->path, all);
	}
	for (guint i = 0; i < after->files->len; i++) {
		const struct measure_file *file = after->files->pdata[i];

		if (!measure_find(before, file->path))
			compare_path(comparison, before, after, file->path, all);
	}
	g_ptr_array_sort(comparison->files, by_path);
	return comparison;
}

void comparison_free(struct comparison *comparison)
{
	if (!comparison)
		return;
	g_ptr_array_unref(comparison->files);
	doc_free(comparison->doc);
	g_free(comparison);
}

void compare_append_text(GString *out, const struct node *value, int precision)
{
	char text[NUMBER_TEXT];
	struct node rounded;

	if (value->kind != NODE_FLOAT || precision < 0 || !isfinite(value->real)) {
		repr_append_plain(out, value);
		return;
	}
	g_snprintf(text, sizeof text, "%.*f", MIN(precision, PLACES_LIMIT), value->real);
	rounded = *value;
	rounded.real = g_ascii_strtod(text, NULL);
	repr_append_plain(out, &rounded);
}
