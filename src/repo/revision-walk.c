#include "repo/object-int.h"
#include "repo/repo-int.h"
#include "repo/revision.h"
#include "repo/tree-int.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/path.h"
#include "base/quote.h"

struct tree_walk {
	struct repo *repo;
	revision_enter enter;
	revision_visit visit;
	void *user;
	const char *commit;
	GString *path;    /* of the directory being walked, then of an entry in it */
	GHashTable *seen; /* "ID PATH" of the directories that were walked; NULL to walk all */
};

static bool walk_tree_object(struct tree_walk *walk, const char *id, GError **error);

static bool too_long(const struct tree_walk *walk, GError **error)
{
	g_autofree char *shown = quote_path(walk->path->str);

	error_set(error, ERROR_UNSAFE, "a path in a commit is too long: '%s'", shown);
	return false;
}

/* Visit or enter the entry that walk->path names. */
static bool walk_entry(struct tree_walk *walk, const struct tree_entry *entry, GError **error)
{
	char id[REVISION_ID_MAX];
	struct revision_file file = {.path = walk->path->str, .id = id, .mode = entry->mode, .commit = walk->commit};

	if (walk->path->len > PATH_LIMIT)
		return too_long(walk, error);
	hex_encode(id, entry->id, walk->repo->backend->id_size);
	if (!TREE_IS_DIR(entry->mode))
		return walk->visit(&file, walk->user, error);
	if (walk->enter && !walk->enter(walk->path->str, walk->user))
		return true;
	return walk_tree_object(walk, id, error);
}

/* Whether the directory was walked before with this content; notes it if not. */
static bool was_seen(struct tree_walk *walk, const char *id)
{
	return walk->seen && !g_hash_table_add(walk->seen, g_strconcat(id, " ", walk->path->str, NULL));
}

/* Walk the tree `id`, which lies at walk->path. The depth is bounded by PATH_LIMIT. */
static bool walk_tree_object(struct tree_walk *walk, const char *id, GError **error)
{
	unsigned id_size = walk->repo->backend->id_size;
	gsize depth = walk->path->len;
	g_autofree char *data = NULL;
	struct tree_entry entry;
	enum tree_step step;
	const char *next;
	size_t length;

	if (was_seen(walk, id))
		return true;
	if (!cancel_check(error) || !tree_read(walk->repo, id, &data, &length, error))
		return false;
	next = data;
	while ((step = tree_next(&next, data + length, id_size, &entry)) == TREE_ENTRY) {
		if (depth > 0)
			g_string_append_c(walk->path, '/');
		g_string_append(walk->path, entry.name);
		if (!walk_entry(walk, &entry, error))
			return false;
		g_string_truncate(walk->path, depth);
	}
	if (step == TREE_BAD)
		error_set(error, ERROR_CORRUPT, "tree '%s' is malformed", id);
	return step == TREE_END;
}

bool revision_walk(struct repo *repo, const char *id, const char *path, revision_enter enter, revision_visit visit,
		   void *user, GError **error)
{
	struct tree_walk walk = {.repo = repo, .enter = enter, .visit = visit, .user = user, .commit = id};
	char tree[REVISION_ID_MAX];
	unsigned mode;
	bool done;

	if (!revision_tree(repo, id, tree, error) || !tree_find(repo, tree, path, &mode, error))
		return false;
	if (!TREE_IS_DIR(mode))
		return true;
	walk.path = g_string_new(path);
	done = walk_tree_object(&walk, tree, error);
	g_string_free(walk.path, TRUE);
	return done;
}

bool revision_walk_many(struct repo *repo, GPtrArray *ids, revision_enter enter, revision_visit visit, void *user,
			GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct tree_walk walk = {.repo = repo, .enter = enter, .visit = visit, .user = user, .seen = seen};
	char tree[REVISION_ID_MAX];
	bool done = true;

	walk.path = g_string_new(NULL);
	for (guint i = 0; done && i < ids->len; i++) {
		g_string_truncate(walk.path, 0);
		walk.commit = ids->pdata[i];
		done = revision_tree(repo, ids->pdata[i], tree, error) && walk_tree_object(&walk, tree, error);
	}
	g_string_free(walk.path, TRUE);
	return done;
}
