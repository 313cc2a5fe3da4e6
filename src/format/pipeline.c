#include "format/pipeline.h"

#include "base/error.h"
#include "base/path.h"
#include "doc/yaml.h"
#include "format/context-int.h"
#include "format/expand-int.h"
#include "format/interpolate-int.h"
#include "format/pipeline-schema-int.h"
#include "format/pipeline-stage-int.h"

#include <stdarg.h>
#include <string.h>

/* List an error, `key` telling whether it was listed before. */
static void list_problem(struct reading *reading, const char *key, const char *text)
{
	reading->problem_count++;
	if (!g_hash_table_add(reading->seen, g_strdup(key)))
		return;
	if (g_hash_table_size(reading->seen) <= PIPELINE_PROBLEM_LIMIT)
		g_string_append_printf(reading->problems, "%s%s", reading->problems->len ? "\n" : "", text);
}

void reading_error(struct reading *reading, GError *error)
{
	list_problem(reading, error->message, error->message);
	g_error_free(error);
}

void reading_problem(struct reading *reading, const struct doc *doc, const struct node *node, const char *format, ...)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL, *key = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	key = g_strdup_printf("%s:%zu %s", doc->name, node->place.start, text);
	node_error(&error, doc, node, reading->stage ? "%s (in stage '%s')" : "%s", text, reading->stage);
	list_problem(reading, key, error->message);
}

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
		interpolate_append_scalar(dir, wdir);
	context_load_vars(own, reading, node_get(body, "vars"), dir->str);
	return reading->problem_count == before ? g_steal_pointer(&own) : NULL;
}

static void make_stage(struct reading *reading, const struct context *context, const char *name,
		       const struct node *body)
{
	autoptr(context) own = NULL;
	const struct node *resolved;
	struct pipeline_stage *stage;

	if (node_get(body, "vars")) {
		own = stage_context(reading, context, body);
		if (!own)
			return;
		context = own;
	}
	resolved = resolve_body(reading, context, body);
	stage = resolved ? pipeline_stage_new(reading, name, resolved) : NULL;
	if (stage)
		g_ptr_array_add(reading->pipeline->stages, stage);
}

/* Make the stages of a foreach or matrix. */
static void make_group(struct reading *reading, struct context *context, const char *group, const struct node *node)
{
	struct node *axes = node_get(node, "matrix"), *data = node_get(node, "foreach");
	const struct node *body = axes ? node : node_get(node, "do");
	g_autoptr(GArray) instances = NULL;

	instances = axes ? expand_matrix(reading, context, axes) : expand_foreach(reading, context, data);
	for (guint i = 0; instances && i < instances->len; i++) {
		const struct instance *instance = &g_array_index(instances, struct instance, i);
		g_autofree char *name = g_strconcat(group, "@", instance->key, NULL);

		reading->stage = name;
		context_set_item(context, instance->item, instance->named);
		make_stage(reading, context, name, body);
	}
	context_set_item(context, NULL, NULL);
	reading->stage = NULL;
}

static void read_stages(struct reading *reading, struct context *context)
{
	const struct node *stages = node_get(reading->doc->root, "stages");

	for (size_t i = 0; stages && i < stages->count; i++) {
		const struct node *name = stages->keys[i], *stage = stages->items[i];

		if (!pipeline_schema_check_stage(reading, name, stage) || !context)
			continue;
		if (node_get(stage, "foreach") || node_get(stage, "matrix"))
			make_group(reading, context, name->text, stage);
		else
			make_stage(reading, context, name->text, stage);
	}
}

/* A section outside of `stages`, resolved; NULL if there is none, or after noting errors. */
static const struct node *read_section(struct reading *reading, const struct context *context, const char *name)
{
	struct node *section = node_get(reading->doc->root, name);

	return section ? interpolate(reading, context, section, INTERPOLATE_ANY) : NULL;
}

static void read_sections(struct reading *reading, const struct context *context)
{
	struct pipeline *pipeline = reading->pipeline;

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

/* Without its variables nothing in a file can be resolved, but the stages are still checked for what does not depend on
 * them. */
static void read_file(struct reading *reading)
{
	struct pipeline *pipeline = reading->pipeline;
	bool is_known;

	if (!pipeline_schema_check_file(reading))
		return;
	pipeline->context = context_new();
	is_known = read_vars(reading, pipeline->context);
	read_stages(reading, is_known ? pipeline->context : NULL);
	if (is_known)
		read_sections(reading, pipeline->context);
	for (guint i = 0; i < pipeline->stages->len; i++) {
		struct pipeline_stage *stage = pipeline->stages->pdata[i];

		g_hash_table_insert(pipeline->by_name, stage->name, stage);
	}
}

static struct pipeline *pipeline_new(const struct dialect *dialect, struct doc *doc)
{
	struct pipeline *pipeline = g_new0(struct pipeline, 1);

	pipeline->dialect = dialect;
	pipeline->stages = g_ptr_array_new_with_free_func((GDestroyNotify)pipeline_stage_free);
	pipeline->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	pipeline->doc = doc;
	pipeline->resolved = doc_new();
	return pipeline;
}

/* Turn the noted problems into one error; true if there are none. */
static bool report(const struct reading *reading, GError **error)
{
	guint all = g_hash_table_size(reading->seen);

	if (all == 0)
		return true;
	if (all > PIPELINE_PROBLEM_LIMIT)
		g_string_append_printf(reading->problems, "\n%s: %u more errors", reading->doc->name,
				       all - PIPELINE_PROBLEM_LIMIT);
	error_set(error, ERROR_CORRUPT, "%s", reading->problems->str);
	return false;
}

struct pipeline *pipeline_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			       pipeline_loader loader, void *user, const struct pipeline_options *options,
			       GError **error)
{
	struct doc *doc = yaml_read(text, length, name, error);
	g_autoptr(GString) problems = g_string_new(NULL);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	autoptr(pipeline) pipeline = doc ? pipeline_new(dialect, doc) : NULL;
	struct reading reading = {
		.pipeline = pipeline,
		.doc = doc,
		.out = pipeline ? pipeline->resolved : NULL,
		.loader = loader,
		.user = user,
		.memory_left = PIPELINE_MEMORY_LIMIT,
		.stages_left = PIPELINE_STAGE_LIMIT,
		.problems = problems,
		.seen = seen,
	};

	if (!pipeline)
		return NULL;
	if (options)
		reading.options = *options;
	read_file(&reading);
	return report(&reading, error) ? g_steal_pointer(&pipeline) : NULL;
}

const struct pipeline_stage *pipeline_find(const struct pipeline *pipeline, const char *name)
{
	return g_hash_table_lookup(pipeline->by_name, name);
}

void pipeline_free(struct pipeline *pipeline)
{
	g_hash_table_unref(pipeline->by_name);
	g_ptr_array_unref(pipeline->stages);
	if (pipeline->context)
		context_free(pipeline->context);
	doc_free(pipeline->resolved);
	doc_free(pipeline->doc);
	g_free(pipeline);
}
