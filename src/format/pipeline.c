#include "format/pipeline.h"

#include "doc/yaml.h"
#include "format/context-int.h"
#include "format/expand-int.h"
#include "format/interpolate-int.h"
#include "format/pipeline-schema-int.h"
#include "format/pipeline-stage-int.h"
#include "format/scalar-text-int.h"

/* The body of a stage with its templates resolved, without `matrix` and `vars`; NULL after noting errors. */
static const struct node *resolve_body(struct reading *reading, const struct context *context, const struct node *body)
{
	struct node *resolved = node_map(reading->out);
	bool failed = false;

	for (size_t i = 0; i < body->count; i++) {
		const char *key = body->keys[i]->text;
		bool is_cmd = g_str_equal(key, "cmd");
		struct node *value;

		if (g_str_equal(key, "matrix") || g_str_equal(key, "vars"))
			continue;
		value = interpolate(reading, context, body->items[i], is_cmd ? INTERPOLATE_CMD : INTERPOLATE_SCALARS);
		if (!value) {
			failed = true;
			continue;
		}
		node_set(reading->out, resolved, key, value);
		resolved->keys[resolved->count - 1]->place = body->keys[i]->place;
	}
	resolved->place = body->place;
	return failed ? NULL : resolved;
}

/* The context of a stage that has `vars`; NULL after noting errors. */
static struct context *stage_context(struct reading *reading, const struct context *context, const struct node *body)
{
	autoptr(context) own = context_clone(context);
	struct node *wdir = node_get(body, "wdir");
	g_autoptr(GString) dir = g_string_new(NULL);
	unsigned before = reading->problem_count;

	if (wdir && !(wdir = interpolate(reading, context, wdir, INTERPOLATE_SCALARS)))
		return NULL;
	if (wdir)
		scalar_text_append(dir, wdir);
	context_load_vars(own, reading, node_get(body, "vars"), dir->str);
	return reading->problem_count == before ? g_steal_pointer(&own) : NULL;
}

/* A new stage; NULL after noting errors. */
static struct pipeline_stage *make_stage(struct reading *reading, const struct context *context, const char *name,
					 const struct node *body)
{
	autoptr(context) own = NULL;
	const struct node *resolved;

	if (node_get(body, "vars")) {
		own = stage_context(reading, context, body);
		if (!own)
			return NULL;
		context = own;
	}
	resolved = resolve_body(reading, context, body);
	return resolved ? pipeline_stage_new(reading, name, resolved) : NULL;
}

static void add_stage(struct reading *reading, struct pipeline *pipeline, const char *name, const struct node *body)
{
	struct pipeline_stage *stage;

	reading->used = pipeline->used;
	stage = make_stage(reading, pipeline->context, name, body);
	reading->used = NULL;
	if (!stage)
		return;
	g_ptr_array_add(pipeline->stages, stage);
	g_hash_table_insert(pipeline->by_name, stage->name, stage);
}

/* Add the stages of a foreach or matrix. */
static void add_group(struct reading *reading, struct pipeline *pipeline, const char *group, const struct node *node)
{
	struct context *context = pipeline->context;
	struct node *axes = node_get(node, "matrix"), *data = node_get(node, "foreach");
	const struct node *body = axes ? node : node_get(node, "do");
	g_autoptr(GArray) instances = NULL;

	instances = axes ? expand_matrix(reading, context, axes) : expand_foreach(reading, context, data);
	for (guint i = 0; instances && i < instances->len; i++) {
		const struct instance *instance = &g_array_index(instances, struct instance, i);
		g_autofree char *name = g_strconcat(group, "@", instance->key, NULL);

		reading->stage = name;
		context_set_item(context, instance->item, instance->named);
		add_stage(reading, pipeline, name, body);
	}
	context_set_item(context, NULL, NULL);
	reading->stage = NULL;
}

/* Check the stages and, if what their variables stand for is known, add them. */
static void read_stages(struct reading *reading, struct pipeline *pipeline, bool is_known)
{
	const struct node *stages = node_get(reading->doc->root, "stages");

	for (size_t i = 0; stages && i < stages->count; i++) {
		const struct node *name = stages->keys[i], *stage = stages->items[i];

		if (!pipeline_schema_check_stage(reading, name, stage) || !is_known)
			continue;
		if (node_get(stage, "foreach") || node_get(stage, "matrix"))
			add_group(reading, pipeline, name->text, stage);
		else
			add_stage(reading, pipeline, name->text, stage);
	}
}

/* A section outside of `stages`, resolved; NULL if there is none, or after noting errors. */
static const struct node *read_section(struct reading *reading, const struct context *context, const char *name)
{
	struct node *section = node_get(reading->doc->root, name);

	return section ? interpolate(reading, context, section, INTERPOLATE_ANY) : NULL;
}

static void read_sections(struct reading *reading, struct pipeline *pipeline)
{
	const struct context *context = pipeline->context;

	pipeline->metrics = read_section(reading, context, "metrics");
	pipeline->params = read_section(reading, context, "params");
	pipeline->plots = read_section(reading, context, "plots");
	pipeline->artifacts = read_section(reading, context, "artifacts");
	pipeline->datasets = read_section(reading, context, "datasets");
}

/* Load the variables of the file; false after noting errors. */
static bool read_vars(struct reading *reading, struct context *context)
{
	const struct node *vars = node_get(reading->doc->root, "vars");
	unsigned before = reading->problem_count;

	context_load_default(context, reading);
	if (vars)
		context_load_vars(context, reading, vars, "");
	return reading->problem_count == before;
}

/*
 * Without its variables nothing in a file can be resolved, but the stages are still checked for what does not depend on
 * them.
 */
static void read_file(struct reading *reading, struct pipeline *pipeline)
{
	bool is_known;

	if (!pipeline_schema_check_file(reading))
		return;
	pipeline->context = context_new();
	is_known = read_vars(reading, pipeline->context);
	read_stages(reading, pipeline, is_known);
	if (is_known)
		read_sections(reading, pipeline);
}

static void variable_free(gpointer data)
{
	struct pipeline_variable *variable = data;

	g_free(variable->file);
	g_free(variable->key);
	g_free(variable);
}

static struct pipeline *pipeline_new(const struct dialect *dialect, struct doc *doc)
{
	struct pipeline *pipeline = g_new0(struct pipeline, 1);

	pipeline->dialect = dialect;
	pipeline->stages = g_ptr_array_new_with_free_func((GDestroyNotify)pipeline_stage_free);
	pipeline->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	pipeline->used = g_ptr_array_new_with_free_func(variable_free);
	pipeline->doc = doc;
	pipeline->resolved = doc_new();
	return pipeline;
}

struct pipeline *pipeline_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			       const struct pipeline_files *files, const struct pipeline_options *options,
			       GError **error)
{
	struct doc *doc = yaml_read(text, length, name, error);
	autoptr(pipeline) pipeline = doc ? pipeline_new(dialect, doc) : NULL;
	struct reading reading;

	if (!pipeline)
		return NULL;
	reading_begin(&reading, doc, pipeline->resolved);
	reading.loader = files->load;
	reading.user = files->user;
	if (options)
		reading.options = *options;
	read_file(&reading, pipeline);
	return reading_end(&reading, error) ? g_steal_pointer(&pipeline) : NULL;
}

const struct pipeline_stage *pipeline_find(const struct pipeline *pipeline, const char *name)
{
	return g_hash_table_lookup(pipeline->by_name, name);
}

void pipeline_free(struct pipeline *pipeline)
{
	g_hash_table_unref(pipeline->by_name);
	g_ptr_array_unref(pipeline->stages);
	g_ptr_array_unref(pipeline->used);
	if (pipeline->context)
		context_free(pipeline->context);
	doc_free(pipeline->resolved);
	doc_free(pipeline->doc);
	g_free(pipeline);
}
