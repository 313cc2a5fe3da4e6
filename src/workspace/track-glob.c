#include "workspace/track.h"

#include "base/path.h"
#include "base/walk.h"
#include "repo/revision.h"
#include "repo/worktree.h"

/* What the walk's filter reads. */
struct filter {
	const struct ignore *ignore;
	const char *base; /* what is walked, relative to the project */
	const char *pattern;
	const char *marker; /* of the project */
};

/* The folder that every match lies in: the pattern up to its first special character. New string. */
static char *fixed_part(const char *pattern)
{
	g_autofree char *start = g_strndup(pattern, strcspn(pattern, "*?[\\"));

	return path_parent(start);
}

/* As in a shell, a hidden name is matched only by a pattern that begins with a dot. */
static bool is_hidden(const char *path, const char *pattern)
{
	return *path_base(path) == '.' && *path_base(pattern) != '.';
}

static enum walk_verdict leave_out(const char *path, enum walk_kind kind, void *user)
{
	const struct filter *filter = user;
	g_autofree char *full = path_join(filter->base, path);

	if (is_hidden(full, filter->pattern) || path_is_inside(full, filter->marker))
		return WALK_SKIP;
	return ignore_match_leaf(filter->ignore, full, kind == WALK_DIR) ? WALK_SKIP : WALK_KEEP;
}

/* Note a tracked file of Git's and the folders above it. */
static bool note_tracked(const struct revision_file *file, void *user, GError **error)
{
	GHashTable *tracked = user;
	char *path = g_strdup(file->path);

	(void)error;
	while (*path && g_hash_table_add(tracked, path))
		path = path_parent(path);
	if (!*path)
		g_free(path);
	return true;
}

/* Whether the entry is data that may be tracked. */
static bool is_candidate(const struct workspace *ws, const GHashTable *tracked, const struct walk_entry *entry,
			 const char *path)
{
	g_autofree char *git_path = workspace_git_path(ws, path);

	if (entry->kind != WALK_FILE && entry->kind != WALK_DIR)
		return false;
	return !dialect_is_pointer(ws->dialect, path) && !dialect_is_pipeline(ws->dialect, path) &&
	       !g_str_equal(path_base(path), ws->dialect->lock_name) &&
	       !g_hash_table_contains((GHashTable *)tracked, git_path);
}

bool track_glob(struct workspace *ws, const char *pattern, GPtrArray *paths, GError **error)
{
	g_autofree char *base = fixed_part(pattern);
	struct ignore *ignore = workspace_ignore(ws, error);
	struct filter filter = {ignore, base, pattern, ws->dialect->marker};
	g_autoptr(GHashTable) tracked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	autoptr(walk) walk = NULL;

	if (!ignore || !worktree_index(ws->repo, ws->repo->git_dir, note_tracked, tracked, error))
		return false;
	walk = walk_tree(ws->root_fd, base, leave_out, &filter, ws->settings->threads, error);
	for (size_t i = 0; walk && i < walk_count(walk); i++) {
		const struct walk_entry *entry = walk_get(walk, i);
		g_autofree char *path = path_join(base, entry->path);

		if (ignore_glob(pattern, path) && is_candidate(ws, tracked, entry, path))
			g_ptr_array_add(paths, g_steal_pointer(&path));
	}
	return walk;
}
