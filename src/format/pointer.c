#include "format/pointer.h"

#include "base/error.h"
#include "base/path.h"
#include "doc/edit.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "format/entry-int.h"
#include "hash/digest.h"

static const struct schema_key pointer_keys[] = {
	{"desc", KIND(NODE_STRING)},
	{"md5", KIND(NODE_STRING) | KIND(NODE_NULL) | KIND(NODE_INT) | KIND(NODE_BIGINT)},
	{"cmd", KIND(NODE_STRING) | KIND(NODE_LIST) | KIND(NODE_NULL)},
	{"wdir", KIND(NODE_STRING) | KIND(NODE_NULL)},
	{"frozen", KIND(NODE_BOOL)},
	{"locked", KIND(NODE_BOOL)},
	{"deps", KIND(NODE_LIST) | KIND(NODE_NULL)},
	{"outs", KIND(NODE_LIST) | KIND(NODE_NULL)},
	{"always_changed", KIND(NODE_BOOL)},
	{"meta", KIND_ANY},
};

/* Keys that the top-level md5 leaves out at every depth. */
static const char *const unhashed_keys[] = {"desc",  "type",   "labels",  "meta",   "locked", "frozen", "metric",
					    "persist", "isexec", "size", "nfiles", NULL};

static struct pointer *pointer_empty(const struct dialect *dialect)
{
	struct pointer *pointer = g_new0(struct pointer, 1);

	pointer->dialect = dialect;
	pointer->deps = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	pointer->outs = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	return pointer;
}

struct pointer *pointer_new(const struct dialect *dialect, const char *path)
{
	struct pointer *pointer = pointer_empty(dialect);

	pointer->wdir = g_strdup(".");
	g_ptr_array_add(pointer->outs, entry_new(path));
	return pointer;
}

void pointer_free(struct pointer *pointer)
{
	g_ptr_array_free(pointer->deps, TRUE);
	g_ptr_array_free(pointer->outs, TRUE);
	g_free(pointer->wdir);
	g_free(pointer->cmd);
	if (pointer->doc)
		doc_free(pointer->doc);
	g_free(pointer);
}

/* `cmd` as one text: the lines of a list below each other. False if an item of the list is no string. */
static bool read_cmd(struct pointer *pointer, const struct node *root, GError **error)
{
	const struct node *cmd = node_get(root, "cmd");
	g_autoptr(GString) text = NULL;

	if (!cmd || cmd->kind != NODE_LIST) {
		pointer->cmd = schema_get_text(root, "cmd");
		return true;
	}
	text = g_string_new(NULL);
	for (size_t i = 0; i < cmd->count; i++) {
		if (cmd->items[i]->kind != NODE_STRING) {
			node_error(error, pointer->doc, cmd->items[i], "a command must be a string");
			return false;
		}
		g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "", cmd->items[i]->text);
	}
	pointer->cmd = g_string_free(g_steal_pointer(&text), FALSE);
	return true;
}

struct pointer *pointer_read(const char *text, size_t length, const char *name, const struct dialect *dialect,
			     GError **error)
{
	autoptr(pointer) pointer = pointer_empty(dialect);
	const struct node *root;

	if (length > POINTER_SIZE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s: larger than %zu MiB", name, POINTER_SIZE_LIMIT >> 20);
		return NULL;
	}
	pointer->doc = yaml_read(text, length, name, error);
	if (!pointer->doc)
		return NULL;
	root = pointer->doc->root;
	if (!schema_check(pointer->doc, root, dialect, "this file", pointer_keys, G_N_ELEMENTS(pointer_keys), error) ||
	    !read_cmd(pointer, root, error) ||
	    !entry_read_list(pointer->deps, pointer->doc, node_get(root, "deps"), dialect, error) ||
	    !entry_read_list(pointer->outs, pointer->doc, node_get(root, "outs"), dialect, error))
		return NULL;
	pointer->wdir = schema_get_text(root, "wdir");
	if (!pointer->wdir)
		pointer->wdir = g_strdup(".");
	pointer->frozen = schema_get_bool(root, "frozen") || schema_get_bool(root, "locked");
	return g_steal_pointer(&pointer);
}

bool pointer_is_import(const struct pointer *pointer)
{
	return !pointer->cmd && pointer->deps->len == 1 && pointer->outs->len == 1;
}

bool pointer_is_repo_import(const struct pointer *pointer)
{
	return pointer_is_import(pointer) && ((struct entry *)g_ptr_array_index(pointer->deps, 0))->repo;
}

static void drop_keys(struct node *node, const char *const *keys)
{
	for (; node->kind == NODE_MAP && *keys; keys++)
		node_unset(node, *keys);
}

static void drop_unhashed(struct node *node)
{
	drop_keys(node, unhashed_keys);
	for (size_t i = 0; i < node->count; i++)
		drop_unhashed(node->items[i]);
}

/* The checksum of an import or of a stage, over what says where its data come from and what they are. */
static struct node *compute_md5(struct doc *doc, const struct node *root)
{
	autoptr(doc) scratch = doc_new();
	struct node *map = node_copy(scratch, root);
	const char *wdir = node_get_string(map, "wdir");
	g_autoptr(GString) json = NULL;
	char text[OID_TEXT_MAX];
	struct oid oid;

	node_unset(map, "md5");
	if (wdir && strcmp(wdir, ".") == 0)
		node_unset(map, "wdir");
	drop_unhashed(map);
	json = json_write(map, JSON_SORTED_PYTHON);
	digest_bytes(json->str, json->len, OID_MD5, &oid);
	return node_string(doc, oid_text(&oid, text));
}

bool pointer_is_sealed(const struct pointer *pointer)
{
	const char *sealed = pointer->doc ? node_get_string(pointer->doc->root, "md5") : NULL;
	autoptr(doc) scratch = doc_new();

	return sealed && g_ascii_strcasecmp(sealed, compute_md5(scratch, pointer->doc->root)->text) == 0;
}

/* Whether an import's source was ever looked at: --no-exec leaves the dependency without any mark of its content. */
static bool has_source_state(const struct pointer *pointer)
{
	const struct entry *dep = g_ptr_array_index(pointer->deps, 0);

	return !oid_is_none(&dep->oid) || dep->etag || dep->files || node_get_string(dep->repo, "rev_lock");
}

/* Whether the file has a checksum of its own that must follow its content. */
static bool wants_md5(const struct pointer *pointer)
{
	const struct node *had = pointer->doc ? node_get(pointer->doc->root, "md5") : NULL;

	return (had && had->kind == NODE_STRING) || (pointer_is_import(pointer) && has_source_state(pointer));
}

static void set_entries(struct doc *doc, struct node *root, const char *key, const GPtrArray *entries,
			const struct dialect *dialect)
{
	if (entries->len > 0)
		node_set(doc, root, key, entry_write_list(doc, entries, dialect, ENTRY_POINTER));
	else if (node_get(root, key) && node_get(root, key)->count > 0)
		node_unset(root, key);
}

/* The whole tree of a pointer that was not read. */
static struct node *fresh_tree(struct doc *doc, const struct pointer *pointer)
{
	struct node *root = node_map(doc);

	/* The checksum comes first; its place is taken here and its value set at the end. */
	if (wants_md5(pointer))
		node_set(doc, root, "md5", node_null(doc));
	if (pointer->cmd)
		node_set(doc, root, "cmd", node_string(doc, pointer->cmd));
	if (strcmp(pointer->wdir, ".") != 0)
		node_set(doc, root, "wdir", node_string(doc, pointer->wdir));
	if (pointer->frozen)
		node_set(doc, root, "frozen", node_bool(doc, true));
	set_entries(doc, root, "deps", pointer->deps, pointer->dialect);
	set_entries(doc, root, "outs", pointer->outs, pointer->dialect);
	if (wants_md5(pointer))
		node_set(doc, root, "md5", compute_md5(doc, root));
	return root;
}

/* The tree that was read, with what the pointer says now. */
static struct node *changed_tree(struct doc *doc, const struct pointer *pointer)
{
	struct node *root = node_copy(doc, pointer->doc->root);
	g_autofree char *wdir = path_normal(pointer->wdir);

	/* DVC writes the shortest form, and nothing for the file's own folder. */
	if (!*wdir)
		node_unset(root, "wdir");
	else if (g_strcmp0(node_get_string(root, "wdir"), wdir) != 0)
		node_set(doc, root, "wdir", node_string(doc, wdir));
	if (pointer->frozen != (schema_get_bool(root, "frozen") || schema_get_bool(root, "locked"))) {
		node_unset(root, "locked");
		node_unset(root, "frozen");
		if (pointer->frozen)
			node_set(doc, root, "frozen", node_bool(doc, true));
	}
	set_entries(doc, root, "deps", pointer->deps, pointer->dialect);
	set_entries(doc, root, "outs", pointer->outs, pointer->dialect);
	return root;
}

static bool is_unchanged(const struct pointer *pointer)
{
	const struct node *root = pointer->doc->root;
	const char *wdir = node_get_string(root, "wdir");

	return strcmp(wdir && *wdir ? wdir : ".", pointer->wdir) == 0 &&
	       pointer->frozen == (schema_get_bool(root, "frozen") || schema_get_bool(root, "locked")) &&
	       entry_list_unchanged(pointer->deps, node_get(root, "deps"), pointer->dialect) &&
	       entry_list_unchanged(pointer->outs, node_get(root, "outs"), pointer->dialect);
}

/* Write collections on lines of their own, also those that were in brackets. */
static void spread(struct node *node)
{
	node->flow = false;
	for (size_t i = 0; i < node->count; i++)
		spread(node->items[i]);
}

char *pointer_write_anew(const struct pointer *pointer, size_t *length)
{
	static const char *const order[] = {"desc", "md5",  "cmd",  "wdir",	    "frozen", "locked",
					    "deps", "outs", "always_changed", "meta", NULL};
	autoptr(doc) doc = doc_new();
	struct node *tree = pointer->doc ? changed_tree(doc, pointer) : fresh_tree(doc, pointer);
	GString *text;

	if (pointer->doc && wants_md5(pointer))
		node_set(doc, tree, "md5", compute_md5(doc, tree));
	doc->root = node_map(doc);
	for (const char *const *key = order; *key; key++) {
		if (node_get(tree, *key))
			node_set(doc, doc->root, *key, node_get(tree, *key));
	}
	spread(doc->root);
	text = yaml_write(doc->root);
	*length = text->len;
	return g_string_free(text, FALSE);
}

char *pointer_write(const struct pointer *pointer, size_t *length)
{
	autoptr(doc) doc = doc_new();
	GString *fresh;

	if (pointer->doc && is_unchanged(pointer)) {
		*length = pointer->doc->source_length;
		return g_memdup2(pointer->doc->source, *length + 1);
	}
	if (pointer->doc) {
		autoptr(edit) edit = edit_new(pointer->doc);
		char *text;

		doc->root = changed_tree(doc, pointer);
		if (wants_md5(pointer))
			node_set(doc, doc->root, "md5", compute_md5(doc, doc->root));
		edit_merge(edit, pointer->doc->root, doc->root);
		if (pointer->dialect == &dialect_dvc)
			edit_requote(edit);
		text = edit_apply(edit, length, NULL);
		if (text)
			return text;
		/* A layout that cannot be edited in place, such as one with aliases, is written anew. */
	} else {
		doc->root = fresh_tree(doc, pointer);
	}
	fresh = yaml_write(doc->root);
	*length = fresh->len;
	return g_string_free(fresh, FALSE);
}
