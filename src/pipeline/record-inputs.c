/* What a stage is about to read: the half of its lock entry that is known before it runs. */
#include "pipeline/record-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

#include <string.h>

static int by_written_dep(gconstpointer a, gconstpointer b)
{
	const struct stage_dep *const *x = a, *const *y = b;

	return strcmp((*x)->written, (*y)->written);
}

static int by_written_out(gconstpointer a, gconstpointer b)
{
	const struct stage_out *const *x = a, *const *y = b;

	return strcmp((*x)->written, (*y)->written);
}

GPtrArray *record_sorted_outs(const struct stage *stage)
{
	GPtrArray *outs = g_ptr_array_sized_new(stage->outs->len);

	for (guint i = 0; i < stage->outs->len; i++)
		g_ptr_array_add(outs, &g_array_index(stage->outs, struct stage_out, i));
	g_ptr_array_sort(outs, by_written_out);
	return outs;
}

GPtrArray *record_sorted_deps(const struct stage *stage)
{
	GPtrArray *deps = g_ptr_array_sized_new(stage->deps->len);

	for (guint i = 0; i < stage->deps->len; i++)
		g_ptr_array_add(deps, &g_array_index(stage->deps, struct stage_dep, i));
	g_ptr_array_sort(deps, by_written_dep);
	return deps;
}

void record_fill(struct entry *entry, const struct fact *fact)
{
	entry->oid = fact->oid;
	entry->has_size = true;
	entry->size = fact->size;
	entry->has_nfiles = fact->oid.dir;
	entry->nfiles = fact->oid.dir ? fact->nfiles : 0;
	entry->isexec = fact->isexec && !fact->oid.dir;
}

/* The same for a dependency outside the project. */
static bool add_external(struct record *record, const struct stage *stage, const struct stage_dep *dep,
			 GPtrArray *entries, GPtrArray *missing, GError **error)
{
	const struct external_fact *fact = externals_at(facts_externals(record->facts), stage, dep, error);
	struct entry *entry;

	if (!fact)
		return false;
	if (!fact->found) {
		g_autofree char *quoted = quote_path(dep->written);

		g_ptr_array_add(missing, g_strdup_printf("'%s' does not exist", quoted));
		return true;
	}
	entry = external_is_same(fact, dep->recorded) ? entry_copy(dep->recorded) : entry_new(dep->written);
	external_fill(entry, fact);
	g_ptr_array_add(entries, entry);
	return true;
}

/*
 * Add the entry of one dependency as it is now; one that is not there goes to `missing`. What did not change keeps all that its
 * record says.
 */
static bool add_dep(struct record *record, const struct stage *stage, const struct stage_dep *dep, GPtrArray *entries,
		    GPtrArray *missing, GError **error)
{
	const struct entry *recorded = dep->recorded;
	const struct fact *fact;
	struct entry *entry;
	bool same;

	if (!dep->path)
		return add_external(record, stage, dep, entries, missing, error);
	fact = facts_input(record->facts, dep->path, recorded, error);
	if (!fact)
		return false;
	if (!fact->kept) {
		g_autofree char *shown = workspace_show_path(record->ws, dep->path), *quoted = quote_path(shown);

		g_ptr_array_add(missing, g_strdup_printf(fact->kind == SCAN_ABSENT
								 ? "'%s' does not exist"
							 : fact->kind == SCAN_LINK
								 ? "'%s' is a symbolic link that leads to nothing"
								 : "'%s' is neither a file nor a folder",
							 quoted));
		return true;
	}
	same = recorded && oid_equal(&recorded->oid, &fact->oid);
	entry = same ? entry_copy(recorded) : entry_new(dep->written);
	record_fill(entry, fact);
	g_ptr_array_add(entries, entry);
	return true;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys that are tracked in a document, sorted: all at its top if none are named. */
static GPtrArray *sorted_keys(const struct stage_params *params, const struct node *document)
{
	GPtrArray *keys = g_ptr_array_new();

	for (char **key = params->keys; key && *key; key++)
		g_ptr_array_add(keys, *key);
	for (size_t i = 0; !params->keys && document->kind == NODE_MAP && i < document->count; i++)
		if (document->keys[i]->kind == NODE_STRING)
			g_ptr_array_add(keys, (char *)document->keys[i]->text);
	g_ptr_array_sort(keys, by_text);
	return keys;
}

/* Put the present values of one file's parameters into `values`. */
static bool add_values(struct facts *facts, const struct stage_params *params, struct doc *doc, struct node *values,
		       GPtrArray *missing, GError **error)
{
	GError *reason = NULL;
	const struct node *document = facts_params(facts, params->path, &reason);
	g_autofree char *quoted = quote_path(params->written);
	g_autoptr(GPtrArray) keys = NULL;

	if (reason) {
		g_propagate_error(error, reason);
		return false;
	}
	if (!document) {
		g_ptr_array_add(missing, g_strdup_printf("'%s' does not exist", quoted));
		return true;
	}
	keys = sorted_keys(params, document);
	for (guint i = 0; i < keys->len; i++) {
		const char *key = keys->pdata[i];
		const struct node *value =
			params->keys ? facts_value(document, key) : node_get(document, key);

		if (value)
			node_set(doc, values, key, node_copy(doc, value));
		else
			g_ptr_array_add(missing, g_strdup_printf("'%s' has no parameter %s", quoted, key));
	}
	return true;
}

struct node *record_params(struct facts *facts, const struct stage *stage, struct doc *doc, GPtrArray *missing,
			   GError **error)
{
	struct node *map = node_map(doc);

	for (guint i = 0; i < stage->params->len; i++) {
		const struct stage_params *params = &g_array_index(stage->params, struct stage_params, i);
		struct node *values = node_get(map, params->written);

		if (!values) {
			values = node_map(doc);
			node_set(doc, map, params->written, values);
		}
		if (!add_values(facts, params, doc, values, missing, error))
			return NULL;
	}
	return map;
}

/* All that is missing as one error. */
static bool check_missing(const struct stage *stage, const GPtrArray *missing, GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; i < missing->len; i++)
		g_string_append_printf(lines, "%s%s", i ? "; " : "", (const char *)missing->pdata[i]);
	if (missing->len)
		error_set(error, ERROR_NOT_FOUND, "%s, which the stage %s reads", lines->str, stage->address);
	return !missing->len;
}

static struct lockfile *inputs_of(struct record *record, const struct stage *stage, GError **error)
{
	autoptr(lockfile) lock = lockfile_new(record->ws->dialect);
	struct lockfile_stage *entry = lockfile_add(lock, stage->name);
	g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) deps = record_sorted_deps(stage), outs = record_sorted_outs(stage);

	lock->doc = doc_new();
	lock->doc->root = node_map(lock->doc);
	record_watch(record, stage);
	entry->cmd = stage->body->cmd;
	for (guint i = 0; i < deps->len; i++)
		if (!add_dep(record, stage, deps->pdata[i], entry->deps, missing, error))
			return NULL;
	if (stage->params->len) {
		entry->params = record_params(record->facts, stage, lock->doc, missing, error);
		if (!entry->params)
			return NULL;
	}
	for (guint i = 0; i < outs->len; i++)
		g_ptr_array_add(entry->outs, entry_new(((const struct stage_out *)outs->pdata[i])->written));
	return check_missing(stage, missing, error) ? g_steal_pointer(&lock) : NULL;
}

struct lockfile *record_inputs(struct record *record, const struct stage *stage, GError **error)
{
	/* A pointer with a command, as DVC had stages before it had pipeline files, has no lock to be recorded in. */
	if (stage->body)
		return inputs_of(record, stage, error);
	error_set(error, ERROR_INVALID, "'%s' has a command of its own, as before DVC 1.0: such a stage cannot be run",
		  stage->address);
	error_hint(error, "put the command into a pipeline file: git mlv stage add");
	return NULL;
}
