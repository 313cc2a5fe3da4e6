/*
 * What symbolic links in the work trees lead to. Such a link is all that the workspace has of its bytes: they stay, even if no
 * pointer names them any more.
 */
#include "workspace/roots-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/walk.h"
#include "repo/worktree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Folders and links alone, and nothing of Git's or DVC's own. */
static enum walk_verdict links_only(const char *path, enum walk_kind kind, void *user)
{
	const char *base = path_base(path);

	(void)user;
	if (kind == WALK_DIR)
		return g_str_equal(base, ".git") || g_str_equal(base, dialect_dvc.marker) ? WALK_SKIP : WALK_KEEP;
	return kind == WALK_LINK ? WALK_KEEP : WALK_SKIP;
}

static void keep_target(struct store *store, int root, const struct walk_entry *entry, GHashTable *live)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(root, entry->path, target, sizeof(target) - 1);
	struct oid oid;

	if (length < 0)
		return;
	target[length] = '\0';
	if (store_identify(store, &entry->stamp, target, NULL, &oid) && !g_hash_table_contains(live, &oid))
		g_hash_table_add(live, g_memdup2(&oid, sizeof(oid)));
}

static bool keep_in(struct workspace *ws, struct store *store, const char *top, GHashTable *live, GError **error)
{
	auto_fd int root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autoptr(walk) walk = NULL;

	if (root < 0) {
		g_autofree char *quoted = quote_path(top);

		error_set_errno(error, errno, "open '%s'", quoted);
		return false;
	}
	walk = walk_tree(root, "", links_only, NULL, ws->settings->threads, error);
	for (size_t i = 0; walk && i < walk_count(walk); i++) {
		if (walk_get(walk, i)->kind == WALK_LINK)
			keep_target(store, root, walk_get(walk, i), live);
	}
	return walk;
}

static bool makes_links(const struct store_options *options)
{
	for (unsigned i = 0; i < options->link_count; i++) {
		if (options->links[i] == LINK_SYMLINK)
			return true;
	}
	return false;
}

bool roots_keep_links(struct workspace *ws, struct store *store, GHashTable *live, GError **error)
{
	g_autoptr(GPtrArray) worktrees = worktree_list(ws->repo, error);
	bool strict = makes_links(&ws->settings->store);

	for (guint i = 0; worktrees && i < worktrees->len; i++) {
		const struct worktree *worktree = worktrees->pdata[i];

		if (!worktree->path || worktree->missing)
			continue;
		/* A folder that cannot be read is no reason to stop where nobody asked for such links. */
		if (!keep_in(ws, store, worktree->path, live, strict ? error : NULL) && strict)
			return false;
	}
	return worktrees;
}
