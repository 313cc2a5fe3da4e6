#include "format/lockfile.h"

#include "base/error.h"
#include "doc/edit.h"
#include "doc/yaml.h"
#include "format/entry-int.h"
#include "format/reading-int.h"
#include "format/lockfile-int.h"

/* The only layout that is read and written. */
#define SCHEMA_VERSION "2.0"

static const struct schema_key top_keys[] = {
	{"schema", KIND(NODE_STRING)},
	{"stages", KIND(NODE_MAP) | KIND(NODE_NULL)},
	{"datasets", KIND(NODE_LIST) | KIND(NODE_NULL)},
};

static const struct schema_key stage_keys[] = {
	{"cmd", KIND(NODE_STRING) | KIND(NODE_LIST)},
	{"deps", KIND(NODE_LIST) | KIND(NODE_NULL)},
	{"params", KIND(NODE_MAP) | KIND(NODE_NULL)},
	{"outs", KIND(NODE_LIST) | KIND(NODE_NULL)},
};

static void stage_free(gpointer data)
{
	struct lockfile_stage *stage = data;

	g_free(stage->name);
	g_ptr_array_unref(stage->deps);
	g_ptr_array_unref(stage->outs);
	g_free(stage);
}

struct lockfile *lockfile_new(const struct dialect *dialect)
{
	struct lockfile *lockfile = g_new0(struct lockfile, 1);

	lockfile->dialect = dialect;
	lockfile->stages = g_ptr_array_new_with_free_func(stage_free);
	lockfile->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	return lockfile;
}

void lockfile_free(struct lockfile *lockfile)
{
	g_hash_table_destroy(lockfile->by_name);
	g_ptr_array_free(lockfile->stages, TRUE);
	if (lockfile->doc)
		doc_free(lockfile->doc);
	g_free(lockfile);
}

struct lockfile_stage *lockfile_add(struct lockfile *lockfile, const char *name)
{
	struct lockfile_stage *stage = g_new0(struct lockfile_stage, 1);

	stage->name = g_strdup(name);
	stage->deps = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	stage->outs = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	g_ptr_array_add(lockfile->stages, stage);
	g_hash_table_insert(lockfile->by_name, stage->name, stage);
	return stage;
}

bool lockfile_remove(struct lockfile *lockfile, const char *name)
{
	struct lockfile_stage *stage = g_hash_table_lookup(lockfile->by_name, name);

	if (!stage)
		return false;
	g_hash_table_remove(lockfile->by_name, name);
	return g_ptr_array_remove(lockfile->stages, stage);
}

static bool read_params(struct lockfile_stage *stage, const struct doc *doc, const struct node *node, GError **error)
{
	const struct node *params = node_get(node, "params");

	if (!params || params->kind == NODE_NULL)
		return true;
	for (size_t i = 0; i < params->count; i++) {
		if (params->keys[i]->kind != NODE_STRING || params->items[i]->kind != NODE_MAP) {
			node_error(error, doc, params->keys[i], "the parameters of a file must be a map");
			return false;
		}
	}
	stage->params = params;
	return true;
}

bool lockfile_read_stage(struct lockfile *lockfile, const char *name, const struct node *node, GError **error)
{
	const struct dialect *dialect = lockfile->dialect;
	const struct doc *doc = lockfile->doc;
	struct lockfile_stage *stage;

	if (!schema_check(doc, node, dialect, "a stage", stage_keys, G_N_ELEMENTS(stage_keys), error))
		return false;
	stage = lockfile_add(lockfile, name);
	stage->node = node;
	stage->cmd = node_get(node, "cmd");
	if (!stage->cmd) {
		node_error(error, doc, node, "the stage '%s' has no cmd", name);
		return false;
	}
	return read_params(stage, doc, node, error) &&
	       entry_read_list(stage->deps, doc, node_get(node, "deps"), dialect, error) &&
	       entry_read_list(stage->outs, doc, node_get(node, "outs"), dialect, error);
}

static bool check_version(const struct doc *doc, const char *name, GError **error)
{
	const struct node *schema = node_get(doc->root, "schema");

	if (doc->root->kind == NODE_MAP && !schema) {
		error_set(error, ERROR_CORRUPT, "%s: this lock file has no 'schema': its layout is older than " SCHEMA_VERSION,
			  name);
		return false;
	}
	if (schema && schema->kind == NODE_STRING && strcmp(schema->text, SCHEMA_VERSION) != 0) {
		node_error(error, doc, schema, "the schema must be '" SCHEMA_VERSION "'");
		return false;
	}
	return true;
}

/* Read all stages; what is wrong with several is told together. */
static bool read_stages(struct lockfile *lockfile, const struct node *stages, GError **error)
{
	struct reading problems;

	reading_begin(&problems, lockfile->doc, NULL);
	for (size_t i = 0; stages && i < stages->count; i++) {
		const struct node *key = stages->keys[i];
		GError *reason = NULL;

		if (key->kind != NODE_STRING)
			reading_problem(&problems, lockfile->doc, key, "a stage's name must be a string");
		else if (!lockfile_read_stage(lockfile, key->text, stages->items[i], &reason))
			reading_error(&problems, reason);
	}
	return reading_end(&problems, error);
}

struct lockfile *lockfile_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			       GError **error)
{
	autoptr(lockfile) lockfile = lockfile_new(dialect);
	const struct node *root;

	lockfile->doc = yaml_read(text, length, name, error);
	if (!lockfile->doc)
		return NULL;
	root = lockfile->doc->root;
	if (root->kind == NODE_MAP && root->count == 0)
		return g_steal_pointer(&lockfile);
	if (!check_version(lockfile->doc, name, error) ||
	    !schema_check(lockfile->doc, root, dialect, "this file", top_keys, G_N_ELEMENTS(top_keys), error))
		return NULL;
	return read_stages(lockfile, node_get(root, "stages"), error) ? g_steal_pointer(&lockfile) : NULL;
}

struct lockfile_stage *lockfile_find(const struct lockfile *lockfile, const char *name)
{
	return g_hash_table_lookup(lockfile->by_name, name);
}

static bool same_node(const struct node *a, const struct node *b)
{
	return a == b || (a && b && node_equal(a, b));
}

static bool stage_unchanged(const struct lockfile_stage *stage, const struct dialect *dialect)
{
	const struct node *params = node_get(stage->node, "params");

	if (!stage->node)
		return false;
	if (params && params->kind == NODE_NULL)
		params = NULL;
	return same_node(stage->cmd, node_get(stage->node, "cmd")) && same_node(stage->params, params) &&
	       entry_list_unchanged(stage->deps, node_get(stage->node, "deps"), dialect) &&
	       entry_list_unchanged(stage->outs, node_get(stage->node, "outs"), dialect);
}

struct node *lockfile_stage_tree(struct doc *doc, const struct lockfile_stage *stage, const struct dialect *dialect)
{
	struct node *map = node_map(doc);

	if (stage->cmd)
		node_set(doc, map, "cmd", node_copy(doc, stage->cmd));
	if (stage->deps->len > 0)
		node_set(doc, map, "deps", entry_write_list(doc, stage->deps, dialect, ENTRY_LOCK));
	if (stage->params && stage->params->count > 0)
		node_set(doc, map, "params", node_copy(doc, stage->params));
	if (stage->outs->len > 0)
		node_set(doc, map, "outs", entry_write_list(doc, stage->outs, dialect, ENTRY_LOCK));
	return map;
}

/* Whether two trees hold the same values, in whatever order the keys of maps stand. */
static bool same_values(const struct node *a, const struct node *b)
{
	bool same = a->kind == b->kind && a->count == b->count;

	if (!same || (a->kind != NODE_MAP && a->kind != NODE_LIST))
		return same && node_equal(a, b);
	for (size_t i = 0; same && i < a->count; i++) {
		const struct node *other = b->items[i];

		if (a->kind == NODE_MAP && !node_equal(a->keys[i], b->keys[i]))
			other = a->keys[i]->kind == NODE_STRING ? node_get(b, a->keys[i]->text) : NULL;
		same = other && same_values(a->items[i], other);
	}
	return same;
}

void lockfile_set(struct lockfile *lockfile, const struct lockfile_stage *from)
{
	struct lockfile_stage *stage = lockfile_find(lockfile, from->name);
	autoptr(doc) scratch = doc_new();

	if (stage && stage->node &&
	    same_values(stage->node, lockfile_stage_tree(scratch, from, lockfile->dialect)))
		return;
	if (!stage)
		stage = lockfile_add(lockfile, from->name);
	stage->cmd = from->cmd;
	stage->params = from->params;
	g_ptr_array_unref(stage->deps);
	g_ptr_array_unref(stage->outs);
	stage->deps = g_ptr_array_ref(from->deps);
	stage->outs = g_ptr_array_ref(from->outs);
}

/* Lay the stages that changed over the map `stages` of the document; false if none did. */
static bool edit_stages(struct edit *edit, struct doc *doc, const struct lockfile *lockfile, const struct node *stages)
{
	bool changed = false;

	for (guint i = 0; i < lockfile->stages->len; i++) {
		const struct lockfile_stage *stage = g_ptr_array_index(lockfile->stages, i);

		if (stage_unchanged(stage, lockfile->dialect))
			continue;
		edit_set(edit, stages, stage->name, lockfile_stage_tree(doc, stage, lockfile->dialect));
		changed = true;
	}
	for (size_t i = 0; i < stages->count; i++) {
		if (lockfile_find(lockfile, stages->keys[i]->text))
			continue;
		edit_unset(edit, stages, stages->keys[i]->text);
		changed = true;
	}
	return changed;
}

/* The whole tree, in the document's order of top-level keys where there is one. */
static struct node *whole_tree(struct doc *doc, const struct lockfile *lockfile)
{
	struct node *root = lockfile->doc ? node_copy(doc, lockfile->doc->root) : node_map(doc);
	struct node *stages = node_map(doc);

	for (guint i = 0; i < lockfile->stages->len; i++) {
		const struct lockfile_stage *stage = g_ptr_array_index(lockfile->stages, i);

		node_set(doc, stages, stage->name, lockfile_stage_tree(doc, stage, lockfile->dialect));
	}
	node_set(doc, root, "schema", node_string(doc, SCHEMA_VERSION));
	node_set(doc, root, "stages", stages);
	return root;
}

/* The old text with the changed stages replaced; NULL if that cannot be done in place. */
static char *write_in_place(const struct lockfile *lockfile, size_t *length)
{
	const struct node *stages = node_get(lockfile->doc->root, "stages");
	autoptr(doc) doc = doc_new();
	autoptr(edit) edit = NULL;

	if (!stages || stages->kind != NODE_MAP || stages->count == 0)
		return NULL;
	edit = edit_new(lockfile->doc);
	if (!edit_stages(edit, doc, lockfile, stages)) {
		*length = lockfile->doc->source_length;
		return g_memdup2(lockfile->doc->source, *length + 1);
	}
	return edit_apply(edit, length, NULL);
}

char *lockfile_write(const struct lockfile *lockfile, size_t *length)
{
	autoptr(doc) doc = NULL;
	GString *text;
	char *edited = lockfile->doc ? write_in_place(lockfile, length) : NULL;

	if (edited)
		return edited;
	doc = doc_new();
	text = yaml_write(whole_tree(doc, lockfile));
	*length = text->len;
	return g_string_free(text, FALSE);
}
