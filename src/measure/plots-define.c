#include "measure/plots-int.h"

#include "base/error.h"
#include "base/path.h"

#include <string.h>

static void free_definition(void *data)
{
	struct plot_definition *definition = data;

	g_array_unref(definition->x);
	g_array_unref(definition->y);
	g_free(definition->id);
	g_free(definition->full_id);
	g_free(definition->source);
	g_free(definition->template);
	g_free(definition->title);
	g_free(definition->x_label);
	g_free(definition->y_label);
	g_free(definition);
}

static guint hash_definition(gconstpointer data)
{
	const struct plot_definition *definition = data;

	return g_str_hash(definition->id);
}

static gboolean is_same_definition(gconstpointer a, gconstpointer b)
{
	const struct plot_definition *first = a, *second = b;

	return strcmp(first->id, second->id) == 0 && g_strcmp0(first->source, second->source) == 0;
}

struct plot_definitions *plot_definitions_new(void)
{
	struct plot_definitions *definitions = g_new0(struct plot_definitions, 1);

	definitions->list = g_ptr_array_new_with_free_func(free_definition);
	definitions->known = g_hash_table_new(hash_definition, is_same_definition);
	return definitions;
}

void plot_definitions_free(struct plot_definitions *definitions)
{
	if (!definitions)
		return;
	g_hash_table_unref(definitions->known);
	g_ptr_array_unref(definitions->list);
	g_free(definitions);
}

static void clear_axis(void *data)
{
	struct plot_axis *axis = data;

	g_free(axis->file);
	g_free(axis->field);
}

static void add_axis(GArray *axes, const char *file, const char *field)
{
	struct plot_axis axis = {g_strdup(file), g_strdup(field)};

	g_array_append_val(axes, axis);
}

/* A definition without properties. */
static struct plot_definition *new_definition(const char *id, const char *source, bool is_path)
{
	struct plot_definition *definition = g_new0(struct plot_definition, 1);

	definition->id = g_strdup(id);
	definition->source = g_strdup(source);
	definition->is_path = is_path;
	definition->x = g_array_new(FALSE, FALSE, sizeof(struct plot_axis));
	definition->y = g_array_new(FALSE, FALSE, sizeof(struct plot_axis));
	g_array_set_clear_func(definition->x, clear_axis);
	g_array_set_clear_func(definition->y, clear_axis);
	return definition;
}

/* A field, or a list of fields, of one file. */
static void read_fields(GArray *axes, const char *file, const struct node *fields)
{
	if (fields->kind == NODE_STRING)
		add_axis(axes, file, fields->text);
	for (size_t i = 0; fields->kind == NODE_LIST && i < fields->count; i++)
		if (fields->items[i]->kind == NODE_STRING)
			add_axis(axes, file, fields->items[i]->text);
}

/* One of x and y in any form; `own` is the file where none is named (NULL: that of y), `dir` what named files are relative to. */
static void read_axis(GArray *axes, const struct node *node, const char *own, const char *dir)
{
	if (!node)
		return;
	if (node->kind != NODE_MAP) {
		read_fields(axes, own, node);
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		g_autofree char *joined = path_join(dir, node->keys[i]->kind == NODE_STRING ? node->keys[i]->text : "");
		g_autofree char *file = path_normal(joined);

		read_fields(axes, file, node->items[i]);
	}
}

/* One axis for each file, all of this field. */
static void replace_fields(GArray *axes, const char *field)
{
	for (guint i = axes->len; i-- > 0;) {
		struct plot_axis *axis = &g_array_index(axes, struct plot_axis, i);

		if (i > 0 && g_strcmp0(axis->file, axis[-1].file) == 0) {
			g_array_remove_index(axes, i);
			continue;
		}
		g_free(axis->field);
		axis->field = g_strdup(field);
	}
}

/* Take what the pipeline file says; what the caller says goes before it. */
static void read_properties(struct plot_definition *definition, const struct node *props, const char *dir,
			    const struct plot_properties *given)
{
	const char *own = definition->is_path ? definition->id : NULL;
	const struct node *header = node_get(props, "header"), *y = node_get(props, "y");

	definition->template = g_strdup(given->template ? given->template : node_get_string(props, "template"));
	definition->title = g_strdup(given->title ? given->title : node_get_string(props, "title"));
	definition->x_label = g_strdup(given->x_label ? given->x_label : node_get_string(props, "x_label"));
	definition->y_label = g_strdup(given->y_label ? given->y_label : node_get_string(props, "y_label"));
	definition->no_header = given->no_header || (header && header->kind == NODE_BOOL && !header->boolean);
	if (given->x)
		add_axis(definition->x, NULL, given->x);
	else
		read_axis(definition->x, node_get(props, "x"), NULL, dir);
	/* Without a file of its own a plot keeps those that it names: -y then names another field of each. */
	read_axis(definition->y, y && (!given->y || !own) ? y : NULL, own, dir);
	if (given->y)
		replace_fields(definition->y, given->y);
	definition->several_y = !given->y && y && y->kind == NODE_LIST;
	if (definition->y->len == 0)
		add_axis(definition->y, own, given->y);
}

/* Where definitions go, and which of them. */
struct collector {
	struct plot_definitions *definitions;
	struct snapshot *snapshot;
	const struct plots_options *options;
	bool *hits;
	const char *source; /* of what is collected now */
};

/* Whether a target names a definition: by id, "FILE::id", or a path at or above it. */
static bool is_named(const struct collector *collector, const struct plot_definition *definition, const char *target)
{
	g_autofree char *path = workspace_path(collector->snapshot->ws, target, NULL);
	g_autofree char *full = definition->source ? g_strdup_printf("%s::%s", definition->source, definition->id) : NULL;

	return strcmp(target, definition->id) == 0 || g_strcmp0(target, full) == 0 ||
	       (definition->is_path && path && path_is_inside(definition->id, path));
}

/* Add the definition (taken) if it is new, and note whether it is wanted. */
static void add_definition(const struct collector *collector, struct plot_definition *definition)
{
	struct plot_definition *known = g_hash_table_lookup(collector->definitions->known, definition);
	char **targets = collector->options->targets;
	bool wanted = !targets || !*targets;

	for (size_t i = 0; targets && targets[i]; i++)
		if (is_named(collector, definition, targets[i]))
			wanted = collector->hits[i] = true;
	definition->is_wanted = wanted;
	if (!known) {
		g_ptr_array_add(collector->definitions->list, definition);
		g_hash_table_add(collector->definitions->known, definition);
		return;
	}
	known->is_wanted |= wanted;
	free_definition(definition);
}

/* One for each file at a path; of a folder only those that can be plotted. */
static bool add_path(const struct collector *collector, const char *path, const struct node *props, GError **error)
{
	g_autoptr(GPtrArray) files = snapshot_expand(collector->snapshot, path, error);

	for (guint i = 0; files && i < files->len; i++) {
		const char *file = files->pdata[i];
		struct plot_definition *definition;

		if (strcmp(file, path) != 0 && !points_is_name(file) && !plot_image_mime(file))
			continue;
		definition = new_definition(file, collector->source, true);
		read_properties(definition, props, "", &collector->options->properties);
		add_definition(collector, definition);
	}
	return files != NULL;
}

/* One entry of a top-level `plots:`. */
static bool add_top(const struct collector *collector, const char *dir, const char *id, const struct node *props,
		    GError **error)
{
	const struct node *y = node_get(props, "y");
	struct plot_definition *definition;

	if (!y || y->kind != NODE_MAP) {
		g_autofree char *joined = path_join(dir, id);
		g_autofree char *path = path_normal(joined);

		return add_path(collector, path, props, error);
	}
	definition = new_definition(id, collector->source, false);
	read_properties(definition, props, dir, &collector->options->properties);
	add_definition(collector, definition);
	return true;
}

/* The `plots:` of one pipeline file. */
static bool define_top(struct collector *collector, const struct outputs_pipeline *pipeline, GError **error)
{
	const struct node *plots = pipeline->pipeline->plots;
	g_autofree char *dir = path_parent(pipeline->file);

	collector->source = pipeline->file;
	for (size_t i = 0; plots && plots->kind == NODE_LIST && i < plots->count; i++) {
		const struct node *entry = plots->items[i];

		if (entry->kind == NODE_STRING && !add_top(collector, dir, entry->text, NULL, error))
			return false;
		for (size_t k = 0; entry->kind == NODE_MAP && k < entry->count; k++)
			if (entry->keys[k]->kind == NODE_STRING &&
			    !add_top(collector, dir, entry->keys[k]->text, entry->items[k], error))
				return false;
	}
	collector->source = NULL;
	return true;
}

/* The plots among the outputs of one stage. */
static bool define_stage(const struct collector *collector, const char *file, const struct pipeline_stage *stage,
			 GError **error)
{
	g_autofree char *dir = path_parent(file), *wdir = path_join(dir, stage->wdir);

	for (guint i = 0; i < stage->outs->len; i++) {
		const struct entry *entry = stage->outs->pdata[i];
		g_autofree char *joined = path_join(wdir, entry->path), *path = path_normal(joined);

		if (stage->out_info[i].kind != PIPELINE_PLOT || path_is_url(entry->path))
			continue;
		if (!add_path(collector, path, stage->out_info[i].flags, error))
			return false;
	}
	return true;
}

bool plots_define(struct plot_definitions *definitions, struct snapshot *snapshot, const struct plots_options *options,
		  bool *hits, GError **error)
{
	struct collector collector = {definitions, snapshot, options, hits, NULL};
	const GPtrArray *pipelines = snapshot->outputs->pipelines;

	for (guint p = 0; p < pipelines->len; p++)
		if (!define_top(&collector, pipelines->pdata[p], error))
			return false;
	for (guint p = 0; p < pipelines->len; p++) {
		const struct outputs_pipeline *pipeline = pipelines->pdata[p];

		for (guint s = 0; s < pipeline->pipeline->stages->len; s++)
			if (!define_stage(&collector, pipeline->file, pipeline->pipeline->stages->pdata[s], error))
				return false;
	}
	return true;
}

bool plots_define_file(struct plot_definitions *definitions, struct snapshot *snapshot, const struct plots_options *options,
		       const char *target, GError **error)
{
	const struct plots_options all = {.properties = options->properties};
	const struct collector collector = {definitions, snapshot, &all, NULL, NULL};
	g_autofree char *path = workspace_path(snapshot->ws, target, error);

	return path && add_path(&collector, path, NULL, error);
}
