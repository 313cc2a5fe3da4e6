#include "measure/params.h"

#include "base/error.h"
#include "base/path.h"

/* The file that is shown whether or not anything names it. */
#define DEFAULT_FILE "params.yaml"

/* What is wanted of one file. */
struct wanted {
	char *path;
	GPtrArray *keys; /* dotted names, borrowed, in order; none if all of the file is wanted */
	bool whole;
};

/* All files that are wanted. */
struct wishes {
	GPtrArray *list; /* of struct wanted, owned */
	GHashTable *by_path;
};

static void wanted_free(gpointer data)
{
	struct wanted *wanted = data;

	g_ptr_array_unref(wanted->keys);
	g_free(wanted->path);
	g_free(wanted);
}

static void wishes_init(struct wishes *wishes)
{
	wishes->list = g_ptr_array_new_with_free_func(wanted_free);
	wishes->by_path = g_hash_table_new(g_str_hash, g_str_equal);
}

static void wishes_clear(struct wishes *wishes)
{
	g_hash_table_unref(wishes->by_path);
	g_ptr_array_unref(wishes->list);
}

/* Want keys (NULL: all) of a file. */
static void want(struct wishes *wishes, const char *path, char **keys)
{
	struct wanted *wanted = g_hash_table_lookup(wishes->by_path, path);

	if (!wanted) {
		wanted = g_new0(struct wanted, 1);
		wanted->path = g_strdup(path);
		wanted->keys = g_ptr_array_new();
		g_ptr_array_add(wishes->list, wanted);
		g_hash_table_insert(wishes->by_path, wanted->path, wanted);
	}
	wanted->whole |= !keys || !*keys;
	for (; keys && *keys; keys++)
		g_ptr_array_add(wanted->keys, *keys);
}

/* Want something of a path of a pipeline file. */
static void want_entry(struct wishes *wishes, const struct outputs_pipeline *from, const char *wdir, const char *entry,
		       char **keys)
{
	g_autofree char *path = measure_path(from->file, wdir, entry);

	if (path)
		want(wishes, path, keys);
}

/* What stages depend on. */
static void want_deps(struct wishes *wishes, const struct outputs_pipeline *from)
{
	for (guint i = 0; i < from->pipeline->stages->len; i++) {
		const struct pipeline_stage *stage = from->pipeline->stages->pdata[i];

		for (guint j = 0; j < stage->params->len; j++) {
			const struct pipeline_params *params = stage->params->pdata[j];

			want_entry(wishes, from, stage->wdir, params->file, params->keys);
		}
	}
}

/* The files of a `params` section. */
static void want_section(struct wishes *wishes, const struct outputs_pipeline *from)
{
	const struct node *list = from->pipeline->params;

	for (size_t i = 0; list && i < list->count; i++)
		if (list->items[i]->kind == NODE_STRING)
			want_entry(wishes, from, NULL, list->items[i]->text, NULL);
}

/* Read one file, unless it is optional and not there; then keep what is wanted. */
static bool read_file(struct measure *measure, struct snapshot *snapshot, const char *path,
		      const struct wanted *wanted, GError **error)
{
	struct measure_file *file = measure_read(measure, snapshot, path, error);

	if (!file)
		return false;
	if (file->doc && !wanted->whole)
		file->value = params_pick(file->doc, file->doc->root, (const char *const *)wanted->keys->pdata);
	return true;
}

/* Read all files that a path stands for. */
static bool read_wanted(struct measure *measure, struct snapshot *snapshot, struct wanted *wanted, GError **error)
{
	g_autoptr(GPtrArray) files = snapshot_expand(snapshot, wanted->path, error);

	g_ptr_array_add(wanted->keys, NULL);
	for (guint i = 0; files && i < files->len; i++)
		if (!measure_find(measure, files->pdata[i]) &&
		    !read_file(measure, snapshot, files->pdata[i], wanted, error))
			return false;
	return files != NULL;
}

/* Whether there is such a file. */
static bool is_there(struct snapshot *snapshot, const char *path)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) failure = NULL;

	return snapshot_read(snapshot, path, MEASURE_SIZE_LIMIT, &text, NULL, &failure) ||
	       !error_is(failure, ERROR_NOT_FOUND);
}

/* Values that stages took from files of variables; files that are shown already are not repeated. */
static void add_variables(struct measure *measure, const struct outputs_pipeline *from)
{
	const GPtrArray *used = from->pipeline->used;
	g_autoptr(GHashTable) added = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < used->len; i++) {
		const struct pipeline_variable *variable = used->pdata[i];
		g_autofree char *path = measure_path(from->file, NULL, variable->file);
		struct measure_file *file = path ? g_hash_table_lookup(added, path) : NULL;

		if (!path || (!file && measure_find(measure, path)))
			continue;
		if (!file) {
			file = measure_add(measure, path);
			g_hash_table_insert(added, g_strdup(path), file);
		}
		doc_add_pair(file->doc, file->doc->root, node_string(file->doc, variable->key),
			     node_copy(file->doc, variable->value));
	}
}

/* What a project's pipeline files want. */
static void want_all(struct wishes *wishes, struct snapshot *snapshot, bool deps_only)
{
	const GPtrArray *pipelines = snapshot->outputs->pipelines;

	for (guint i = 0; i < pipelines->len; i++)
		want_deps(wishes, pipelines->pdata[i]);
	for (guint i = 0; i < pipelines->len && !deps_only; i++)
		want_section(wishes, pipelines->pdata[i]);
	if (!deps_only && is_there(snapshot, DEFAULT_FILE))
		want(wishes, DEFAULT_FILE, NULL);
}

static bool read_wishes(struct measure *measure, struct snapshot *snapshot, const struct wishes *wishes, GError **error)
{
	for (guint i = 0; i < wishes->list->len; i++)
		if (!read_wanted(measure, snapshot, wishes->list->pdata[i], error))
			return false;
	return true;
}

struct measure *params_read(struct workspace *ws, const char *revision, const struct params_options *options,
			    GError **error)
{
	autoptr(measure) measure = measure_new();
	autoptr(snapshot) snapshot = measure_open(measure, ws, revision, error);
	const char *const *target = options->targets;
	struct wishes wishes;
	bool ok;

	if (!snapshot)
		return measure->error ? g_steal_pointer(&measure) : NULL;
	wishes_init(&wishes);
	for (; target && *target; target++)
		want(&wishes, *target, NULL);
	if (!options->targets)
		want_all(&wishes, snapshot, options->deps_only);
	ok = read_wishes(measure, snapshot, &wishes, error);
	wishes_clear(&wishes);
	for (guint i = 0; ok && !options->targets && i < snapshot->outputs->pipelines->len; i++)
		add_variables(measure, snapshot->outputs->pipelines->pdata[i]);
	return ok ? g_steal_pointer(&measure) : NULL;
}
