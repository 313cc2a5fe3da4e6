#include "workspace/roots-int.h"

#include "base/error.h"
#include "base/hex.h"
#include "store/manifest.h"

/* What a collection of live objects fills. */
struct gathering {
	struct store *store;
	struct roots *roots;
};

/* Add one object; true if it was not there yet. */
static bool add_live(struct roots *roots, const struct oid *oid)
{
	if (g_hash_table_contains(roots->live, oid))
		return false;
	g_hash_table_add(roots->live, g_memdup2(oid, sizeof(*oid)));
	return true;
}

/* Add an object and, for a folder, all that its manifest names. With `guess` it may well not exist. */
static bool add_object(struct gathering *gathering, const struct oid *oid, bool guess, GError **error)
{
	g_autoptr(GError) reason = NULL;
	autoptr(manifest) manifest = NULL;

	if (!add_live(gathering->roots, oid) || !oid->dir)
		return true;
	manifest = manifest_load(gathering->store, oid, &reason);
	for (size_t i = 0; manifest && i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);

		if (!oid_is_none(&entry->oid))
			add_live(gathering->roots, &entry->oid);
	}
	if (manifest || guess)
		return true;
	if (!error_is(reason, ERROR_NOT_FOUND) && !error_is(reason, ERROR_CORRUPT)) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	g_ptr_array_add(gathering->roots->unknown, g_memdup2(oid, sizeof(*oid)));
	return true;
}

static bool take_output(const struct output *output, const char *where, void *user, GError **error)
{
	struct gathering *gathering = user;
	const struct entry *entry = output->entry;

	(void)where;
	for (size_t i = 0; entry && i < entry->file_count; i++)
		add_live(gathering->roots, &entry->files[i].oid);
	return add_object(gathering, &output->oid, false, error);
}

/* Keep what a word of so many hexadecimal digits may name. */
static bool keep_word(struct gathering *gathering, const char *word, size_t length, bool dir, GError **error)
{
	static const enum oid_algo algos[] = {OID_MD5, OID_MD5_2X, OID_SHA256};

	for (size_t i = 0; i < G_N_ELEMENTS(algos); i++) {
		struct oid oid = {.algo = algos[i], .dir = dir};

		if (2 * oid_digest_length(algos[i]) != length)
			continue;
		if (hex_decode(oid.digest, word, length / 2) && !add_object(gathering, &oid, true, error))
			return false;
	}
	return true;
}

/* Keep everything that looks like a hash in a text that cannot be read. */
static bool keep_words(struct gathering *gathering, const char *text, GError **error)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	while (*text) {
		size_t length = strspn(text, digits);

		if (length && !keep_word(gathering, text, length, g_str_has_prefix(text + length, ".dir"), error))
			return false;
		text += length ? length : 1;
	}
	return true;
}

/* What cannot be read now stops a collection; what could not be read in history is kept as far as it can be guessed. */
static bool judge_problems(struct gathering *gathering, GError **error)
{
	const GPtrArray *problems = gathering->roots->problems;

	for (guint i = 0; i < problems->len; i++) {
		const struct roots_problem *problem = problems->pdata[i];

		if (problem->current || !problem->source) {
			error_set(error, ERROR_CORRUPT, "in %s: %s", problem->where, problem->text);
			error_hint(error, "nothing is collected as long as this cannot be read");
			return false;
		}
		if (!keep_words(gathering, problem->source, error))
			return false;
	}
	return true;
}

void roots_free(struct roots *roots)
{
	if (!roots)
		return;
	g_hash_table_unref(roots->live);
	g_ptr_array_unref(roots->problems);
	g_ptr_array_unref(roots->unknown);
	g_free(roots);
}

struct roots *roots_collect(struct workspace *ws, const struct roots_scope *scope, GError **error)
{
	autoptr(roots) roots = g_new0(struct roots, 1);
	struct gathering gathering = {.roots = roots, .store = workspace_store(ws, error)};

	roots->live = g_hash_table_new_full(oid_hash, oid_equal_key, g_free, NULL);
	roots->problems = g_ptr_array_new_with_free_func((GDestroyNotify)roots_problem_free);
	roots->unknown = g_ptr_array_new_with_free_func(g_free);
	if (!gathering.store || !roots_each_shared(ws, scope, take_output, &gathering, roots->problems, error) ||
	    !judge_problems(&gathering, error) || !roots_keep_links(ws, gathering.store, roots->live, error))
		return NULL;
	return g_steal_pointer(&roots);
}
