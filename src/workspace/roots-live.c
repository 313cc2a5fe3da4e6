#include "workspace/roots.h"

#include "base/error.h"
#include "store/manifest.h"


/* Add an id to the live set; false if it was there. */
static bool live_add(struct roots *roots, const struct oid *oid)
{
	return g_hash_table_add(roots->live, g_memdup2(oid, sizeof *oid));
}

/* A folder's files live with it. */
static void live_add_folder(struct roots *roots, struct store *store, const struct oid *oid)
{
	g_autoptr(GError) absent = NULL;
	autoptr(manifest) manifest = manifest_load(store, oid, &absent);

	if (!manifest) {
		g_ptr_array_add(roots->unknown, g_memdup2(oid, sizeof *oid));
		return;
	}
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);

		if (!oid_is_none(&entry->oid))
			live_add(roots, &entry->oid);
	}
}

/* What live_visit() fills. */
struct live {
	struct roots *roots;
	struct store *store;
};

static void live_output(struct live *live, const struct oid *oid)
{
	if (!oid_is_none(oid) && live_add(live->roots, oid) && oid->dir)
		live_add_folder(live->roots, live->store, oid);
}

static bool live_visit(const struct output *output, const char *where, void *user, GError **error)
{
	struct live *live = user;

	(void)where;
	(void)error;
	live_output(live, &output->oid);
	for (size_t i = 0; output->entry && i < output->entry->file_count; i++)
		live_output(live, &output->entry->files[i].oid);
	return true;
}

/* Whatever looks like a hash in a text that no reader understands is kept alive, as a file and as a folder. */
static void live_guess(struct live *live, const char *text)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	while (*text) {
		size_t length = strspn(text, digits);
		g_autofree char *word = g_strndup(text, length);
		static const enum oid_algo algos[] = {OID_MD5, OID_MD5_2X, OID_SHA256};

		for (gsize i = 0; i < G_N_ELEMENTS(algos); i++) {
			struct oid oid;

			if (length != 2 * oid_digest_length(algos[i]) || !oid_parse(&oid, algos[i], word, NULL))
				continue;
			live_output(live, &oid);
			oid.dir = 1;
			live_output(live, &oid);
		}
		text += length + strcspn(text + length, digits);
	}
}

struct roots *roots_collect(struct workspace *ws, const struct roots_scope *scope, GError **error)
{
	autoptr(roots) roots = g_new0(struct roots, 1);
	struct live live = {.roots = roots};

	roots->live = g_hash_table_new_full(oid_hash, oid_equal_key, g_free, NULL);
	roots->problems = g_ptr_array_new_with_free_func((GDestroyNotify)roots_problem_free);
	roots->unknown = g_ptr_array_new_with_free_func(g_free);
	live.store = workspace_store(ws, error);
	if (!live.store || !roots_each(ws, scope, live_visit, &live, roots->problems, error))
		return NULL;
	for (guint i = 0; i < roots->problems->len; i++) {
		const struct roots_problem *problem = roots->problems->pdata[i];

		if (problem->current) {
			error_set(error, ERROR_CORRUPT, "%s: %s", problem->where, problem->text);
			error_hint(error, "mend or remove it; nothing is collected before");
			return NULL;
		}
		if (problem->source)
			live_guess(&live, problem->source);
	}
	return g_steal_pointer(&roots);
}

void roots_free(struct roots *roots)
{
	g_clear_pointer(&roots->live, g_hash_table_unref);
	g_clear_pointer(&roots->problems, g_ptr_array_unref);
	g_clear_pointer(&roots->unknown, g_ptr_array_unref);
	g_free(roots);
}
