#include "measure/revisions.h"

#include "base/error.h"
#include "repo/revision.h"

#include <string.h>

static void entry_free(gpointer data)
{
	struct revisions_entry *entry = data;

	g_free(entry->name);
	g_free(entry->id);
	g_free(entry);
}

/* A list being made. */
struct listing {
	struct repo *repo;
	GPtrArray *entries;
	GHashTable *by_id;
};

/* Add a commit under that name; one that is there already gets one more name. */
static void add(struct listing *listing, const char *name, const char *id)
{
	struct revisions_entry *entry = id ? g_hash_table_lookup(listing->by_id, id) : NULL;

	if (entry) {
		char *names = g_strconcat(entry->name, ",", name, NULL);

		g_free(entry->name);
		entry->name = names;
		return;
	}
	entry = g_new(struct revisions_entry, 1);
	entry->name = g_strdup(name);
	entry->id = g_strdup(id);
	g_ptr_array_add(listing->entries, entry);
	if (id)
		g_hash_table_insert(listing->by_id, entry->id, entry);
}

/* Add the commits of all refs below a prefix by their short names. A tag may be of something else. */
static bool add_refs(struct listing *listing, const char *prefix, GError **error)
{
	g_autoptr(GPtrArray) refs = revision_refs(listing->repo, prefix, error);

	for (guint i = 0; refs && i < refs->len; i++) {
		const char *ref = refs->pdata[i];
		g_autoptr(GError) failure = NULL;
		char id[REVISION_ID_MAX];

		if (revision_resolve(listing->repo, ref, id, &failure)) {
			add(listing, ref + strlen(prefix), id);
		} else if (!error_is(failure, ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return false;
		}
	}
	return refs != NULL;
}

static bool add_commits(struct listing *listing, GError **error)
{
	g_autoptr(GPtrArray) commits = revision_list(listing->repo, REVISION_HISTORY, error);

	for (guint i = 0; commits && i < commits->len; i++)
		add(listing, commits->pdata[i], commits->pdata[i]);
	return commits != NULL;
}

GPtrArray *revisions_list(struct repo *repo, unsigned scopes, GError **error)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_free);
	g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
	struct listing listing = {repo, entries, by_id};

	add(&listing, scopes ? "workspace" : "", NULL);
	if ((scopes & REVISIONS_COMMITS) && !add_commits(&listing, error))
		return NULL;
	if (scopes & REVISIONS_COMMITS)
		return g_steal_pointer(&entries); /* by their ids: refs name nothing new */
	if ((scopes & REVISIONS_BRANCHES) && !add_refs(&listing, "refs/heads/", error))
		return NULL;
	if ((scopes & REVISIONS_TAGS) && !add_refs(&listing, "refs/tags/", error))
		return NULL;
	return g_steal_pointer(&entries);
}
