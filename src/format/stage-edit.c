#include "format/stage-edit.h"

#include "base/error.h"
#include "doc/edit.h"

#include <string.h>

/* Where keys of parameters are looked for that name no file. */
#define DEFAULT_PARAMS "params.yaml"

bool stage_edit_is_generated(const char *name)
{
	return strchr(name, '@');
}

bool stage_edit_check_name(const char *name, GError **error)
{
	const char *bad = strpbrk(name, "!\"#$%&'()*+,./:;<=>?@[\\]^`{|}~");

	if (*name && !bad && !strpbrk(name, "\r\n") && g_utf8_validate(name, -1, NULL))
		return true;
	if (bad)
		error_set(error, ERROR_USAGE, "'%s' cannot be the name of a stage: it holds '%c'", name, *bad);
	else
		error_set(error, ERROR_USAGE, "'%s' cannot be the name of a stage", name);
	error_hint(error, "letters, digits, '-' and '_' make a name");
	return false;
}

/* Note a path; false if it is there already. */
static bool note_path(GHashTable *seen, const char *path, GError **error)
{
	if (g_hash_table_add(seen, (gpointer)path))
		return true;
	error_set(error, ERROR_USAGE, "'%s' is given twice", path);
	return false;
}

bool stage_edit_check(const struct stage_edit_spec *spec, GError **error)
{
	g_autoptr(GHashTable) deps = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) outs = g_hash_table_new(g_str_hash, g_str_equal);

	for (const char *const *dep = spec->deps; dep && *dep; dep++) {
		if (!note_path(deps, *dep, error))
			return false;
	}
	for (guint i = 0; i < spec->outs->len; i++) {
		const struct stage_edit_out *out = &g_array_index(spec->outs, struct stage_edit_out, i);

		if (!note_path(outs, out->path, error))
			return false;
		if (g_hash_table_contains(deps, out->path)) {
			error_set(error, ERROR_USAGE, "'%s' is both a dependency and an output of stage '%s'", out->path,
				  spec->name);
			return false;
		}
	}
	return true;
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Strings as a sorted list of nodes, each once. */
static struct node *sorted_list(struct doc *doc, GPtrArray *strings)
{
	struct node *list = node_list(doc);

	g_ptr_array_sort(strings, compare_strings);
	for (guint i = 0; i < strings->len; i++) {
		if (i == 0 || strcmp(strings->pdata[i], strings->pdata[i - 1]) != 0)
			node_append(doc, list, node_string(doc, strings->pdata[i]));
	}
	return list;
}

static struct node *deps_list(struct doc *doc, const char *const *deps)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();

	for (; *deps; deps++)
		g_ptr_array_add(paths, (gpointer)*deps);
	return sorted_list(doc, paths);
}

/* Take "file:key,key" apart and add it to the keys of its file. */
static void add_params(GHashTable *files, const char *text)
{
	const char *colon = strrchr(text, ':');
	g_autofree char *file = colon && colon > text ? g_strndup(text, (gsize)(colon - text)) : g_strdup(DEFAULT_PARAMS);
	g_auto(GStrv) keys = g_strsplit(colon ? colon + 1 : text, ",", -1);
	GPtrArray *list = g_hash_table_lookup(files, file);

	if (!list) {
		list = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(files, g_steal_pointer(&file), list);
	}
	for (char **key = keys; *key; key++) {
		if (**key)
			g_ptr_array_add(list, g_strdup(*key));
	}
}

/* Keys of the default file first and bare, then other files by name, each with its keys; a file without keys is tracked whole. */
static struct node *params_list(struct doc *doc, const char *const *params)
{
	g_autoptr(GHashTable) files =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	struct node *list;
	GHashTableIter iter;
	gpointer name;
	GPtrArray *keys;

	for (; *params; params++)
		add_params(files, *params);
	keys = g_hash_table_lookup(files, DEFAULT_PARAMS);
	list = keys ? sorted_list(doc, keys) : node_list(doc);
	g_hash_table_iter_init(&iter, files);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		g_ptr_array_add(names, name);
	g_ptr_array_sort(names, compare_strings);
	for (guint i = 0; i < names->len; i++) {
		struct node *entry = node_map(doc);

		keys = g_hash_table_lookup(files, names->pdata[i]);
		if (keys->len > 0 && strcmp(names->pdata[i], DEFAULT_PARAMS) == 0)
			continue;
		node_set(doc, entry, names->pdata[i], keys->len > 0 ? sorted_list(doc, keys) : node_null(doc));
		node_append(doc, list, entry);
	}
	return list;
}

static int compare_outs(gconstpointer a, gconstpointer b)
{
	const struct stage_edit_out *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static struct node *out_node(struct doc *doc, const struct stage_edit_out *out)
{
	struct node *entry = node_map(doc), *flags = node_map(doc);

	if (out->no_cache)
		node_set(doc, flags, "cache", node_bool(doc, false));
	if (out->persist)
		node_set(doc, flags, "persist", node_bool(doc, true));
	if (flags->count == 0)
		return node_string(doc, out->path);
	node_set(doc, entry, out->path, flags);
	return entry;
}

/* Add the outputs of one kind by path; nothing if there are none. */
static void set_outs(struct doc *doc, struct node *body, const char *key, const GArray *outs,
		     enum pipeline_out_kind kind)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	struct node *nodes = node_list(doc);

	for (guint i = 0; i < outs->len; i++) {
		struct stage_edit_out *out = &g_array_index(outs, struct stage_edit_out, i);

		if (out->kind == kind)
			g_ptr_array_add(list, out);
	}
	g_ptr_array_sort(list, compare_outs);
	for (guint i = 0; i < list->len; i++)
		node_append(doc, nodes, out_node(doc, list->pdata[i]));
	if (nodes->count > 0)
		node_set(doc, body, key, nodes);
}

struct node *stage_edit_body(struct doc *doc, const struct stage_edit_spec *spec)
{
	struct node *body = node_map(doc);

	if (spec->desc)
		node_set(doc, body, "desc", node_string(doc, spec->desc));
	node_set(doc, body, "cmd", node_string(doc, spec->cmd));
	if (spec->wdir)
		node_set(doc, body, "wdir", node_string(doc, spec->wdir));
	if (spec->deps && *spec->deps)
		node_set(doc, body, "deps", deps_list(doc, spec->deps));
	if (spec->params && *spec->params)
		node_set(doc, body, "params", params_list(doc, spec->params));
	set_outs(doc, body, "outs", spec->outs, PIPELINE_OUT);
	set_outs(doc, body, "metrics", spec->outs, PIPELINE_METRIC);
	set_outs(doc, body, "plots", spec->outs, PIPELINE_PLOT);
	if (spec->always_changed)
		node_set(doc, body, "always_changed", node_bool(doc, true));
	return body;
}

/* Whether text of a template stands anywhere in the node. */
static bool has_template(const struct node *node)
{
	if (node->kind == NODE_STRING)
		return strstr(node->text, "${");
	for (size_t i = 0; i < node->count; i++) {
		if (has_template(node->items[i]) || (node->keys && has_template(node->keys[i])))
			return true;
	}
	return false;
}

static bool is_loop(const struct node *stage)
{
	return node_get(stage, "foreach") || node_get(stage, "matrix");
}

/* The section `stages`; NULL if there is none, with the error set if it is no map. */
static const struct node *find_stages(const struct doc *doc, GError **error)
{
	const struct node *stages = node_get(doc->root, "stages");

	if (!stages || stages->kind == NODE_NULL || stages->kind == NODE_MAP)
		return stages && stages->kind == NODE_MAP ? stages : NULL;
	node_error(error, doc, stages, "'stages' must be a map, not %s", node_kind_name(stages->kind));
	return NULL;
}

/* The body of a stage whose text stands in the file. */
static const struct node *find_stage(const struct doc *doc, const char *name, GError **error)
{
	g_autoptr(GError) reason = NULL;
	const struct node *stages = find_stages(doc, &reason), *stage = stages ? node_get(stages, name) : NULL;

	if (reason) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	if (stage && !is_loop(stage))
		return stage;
	if (stage || stage_edit_is_generated(name)) {
		error_set(error, ERROR_USAGE, "the stage '%s' is made by a loop in %s", name, doc->name);
		error_hint(error, "edit %s", doc->name);
	} else {
		error_set(error, ERROR_NOT_FOUND, "%s has no stage '%s'", doc->name, name);
	}
	return NULL;
}

/* The new text; who cannot have it in place is told to edit by hand. */
static char *apply(struct edit *edit, const struct doc *doc, size_t *length, GError **error)
{
	char *text = edit_apply(edit, length, error);

	if (!text)
		error_hint(error, "edit %s by hand", doc->name);
	return text;
}

char *stage_edit_put(const struct doc *doc, const char *name, const struct node *body, size_t *length, GError **error)
{
	g_autoptr(GError) reason = NULL;
	const struct node *stages = find_stages(doc, &reason), *old = stages ? node_get(stages, name) : NULL;
	autoptr(doc) scratch = doc_new();
	autoptr(edit) edit = NULL;

	if (reason) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	if (old && (is_loop(old) || has_template(old))) {
		error_set(error, ERROR_USAGE, "the stage '%s' of %s is a template and cannot be replaced", name, doc->name);
		error_hint(error, "edit %s", doc->name);
		return NULL;
	}
	edit = edit_new(doc);
	if (old && old->kind == NODE_MAP) {
		edit_merge(edit, old, body);
	} else if (stages) {
		edit_set(edit, stages, name, body);
	} else {
		struct node *section = node_map(scratch);

		node_set(scratch, section, name, node_copy(scratch, body));
		edit_set(edit, doc->root, "stages", section);
	}
	return apply(edit, doc, length, error);
}

char *stage_edit_freeze(const struct doc *doc, const char *name, bool frozen, size_t *length, GError **error)
{
	const struct node *stage = find_stage(doc, name, error);
	autoptr(doc) scratch = doc_new();
	autoptr(edit) edit = NULL;

	if (!stage)
		return NULL;
	if (stage->kind != NODE_MAP) {
		node_error(error, doc, stage, "must be a map, not %s", node_kind_name(stage->kind));
		return NULL;
	}
	edit = edit_new(doc);
	if (frozen)
		edit_set(edit, stage, "frozen", node_bool(scratch, true));
	else
		edit_unset(edit, stage, "frozen");
	return apply(edit, doc, length, error);
}

char *stage_edit_remove(const struct doc *doc, const char *name, size_t *length, GError **error)
{
	g_autoptr(GError) reason = NULL;
	const struct node *stages = find_stages(doc, &reason);
	autoptr(edit) edit = NULL;

	if (reason) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	if (!node_get(stages, name)) {
		error_set(error, ERROR_NOT_FOUND, "%s has no stage '%s'", doc->name, name);
		return NULL;
	}
	edit = edit_new(doc);
	if (stages->count > 1)
		edit_unset(edit, stages, name);
	else
		edit_unset(edit, doc->root, "stages");
	return apply(edit, doc, length, error);
}
