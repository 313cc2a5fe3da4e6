#include "format/run-entry.h"

#include "base/error.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "format/lockfile-int.h"
#include "hash/digest.h"

/* Drop what does not count, at every depth. */
static void drop_sizes(struct node *node)
{
	if (node->kind == NODE_MAP) {
		node_unset(node, "size");
		node_unset(node, "nfiles");
	}
	for (size_t i = 0; i < node->count; i++)
		drop_sizes(node->items[i]);
}

/* The paths of the outputs in place of the outputs. */
static void keep_paths(struct doc *doc, struct node *map)
{
	const struct node *outs = node_get(map, "outs");
	struct node *paths = node_list(doc);

	for (size_t i = 0; outs && i < outs->count; i++) {
		const struct node *path = node_get(outs->items[i], "path");

		if (path)
			node_append(doc, paths, node_copy(doc, path));
	}
	node_set(doc, map, "outs", paths);
}

void run_entry_key(const struct lockfile_stage *entry, const struct dialect *dialect, bool whole,
		   char text[RUN_ENTRY_HEX + 1])
{
	autoptr(doc) doc = doc_new();
	struct node *map = lockfile_stage_tree(doc, entry, dialect);
	g_autoptr(GString) json = NULL;
	char digits[OID_TEXT_MAX];
	struct oid oid;

	if (!whole)
		keep_paths(doc, map);
	drop_sizes(map);
	json = json_write(map, JSON_SORTED_PYTHON);
	digest_bytes(json->str, json->len, OID_SHA256, &oid);
	g_strlcpy(text, oid_text(&oid, digits), RUN_ENTRY_HEX + 1);
}

char *run_entry_inputs(const struct lockfile_stage *entry, const struct dialect *dialect)
{
	autoptr(doc) doc = doc_new();
	struct node *map = lockfile_stage_tree(doc, entry, dialect);

	keep_paths(doc, map);
	return g_string_free(json_write(map, JSON_SORTED_PYTHON), FALSE);
}

char *run_entry_write(const struct lockfile_stage *entry, const struct dialect *dialect, size_t *length)
{
	autoptr(doc) doc = doc_new();
	GString *text = yaml_write(lockfile_stage_tree(doc, entry, dialect));

	*length = text->len;
	return g_string_free(text, FALSE);
}

struct lockfile *run_entry_read(const char *text, size_t length, const char *place, const char *stage,
				const struct dialect *dialect, GError **error)
{
	autoptr(lockfile) lockfile = lockfile_new(dialect);
	const struct lockfile_stage *entry;

	lockfile->doc = yaml_read(text, length, place, error);
	if (!lockfile->doc || !lockfile_read_stage(lockfile, stage, lockfile->doc->root, error))
		return NULL;
	entry = lockfile_find(lockfile, stage);
	if (!entry->outs->len) {
		error_set(error, ERROR_CORRUPT, "%s: no outputs", place);
		return NULL;
	}
	for (guint i = 0; i < entry->outs->len; i++) {
		const struct entry *out = g_ptr_array_index(entry->outs, i);

		if (oid_is_none(&out->oid)) {
			node_error(error, lockfile->doc, out->node, "an output without a hash");
			return NULL;
		}
	}
	return g_steal_pointer(&lockfile);
}
