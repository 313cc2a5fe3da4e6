#include "workspace/roots-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "repo/revision.h"
#include "repo/worktree.h"

#include <string.h>
#include <sys/stat.h>

/* Read these files of the work tree of `repo`. */
static bool read_files(struct rooting *rooting, struct repo *repo, const GPtrArray *files,
		       const struct rooting_text *like, GError **error)
{
	for (guint i = 0; i < files->len; i++) {
		g_autofree char *full = path_join(repo->work_tree, files->pdata[i]), *data = NULL;
		struct rooting_text text = *like;
		g_autoptr(GError) reason = NULL;
		bool ok;

		text.path = files->pdata[i];
		if (!roots_is_wanted(rooting, text.path))
			continue;
		if (file_read(full, POINTER_SIZE_LIMIT, &data, &text.length, &reason)) {
			text.text = data;
			ok = roots_take_text(rooting, &text, error);
		} else {
			ok = error_is(reason, ERROR_NOT_FOUND) ||
			     roots_add_problem(rooting, &text, g_steal_pointer(&reason), error);
		}
		if (!ok)
			return false;
	}
	return true;
}

/*
 * Read every pointer and lock file on disk in the work tree of `repo`. A rule may have come to ignore a pointer that was never
 * added to Git: it counts, but among what is ignored there may be all kinds of files, which need not be pointers.
 */
static bool take_files(struct rooting *rooting, struct repo *repo, const char *where, GError **error)
{
	const struct dialect *dialect = rooting->ws->dialect;
	g_autofree char *pointers = g_strconcat(":(top,glob)**/*", dialect->pointer_suffix, NULL);
	g_autofree char *locks = g_strconcat(":(top,glob)**/", dialect->lock_name, NULL);
	const char *const specs[] = {pointers, locks, NULL};
	const struct rooting_text seen = {.where = where, .current = true}, hidden = {.where = where, .text = ""};
	g_autoptr(GPtrArray) files = worktree_files(repo, specs, error);
	g_autoptr(GPtrArray) ignored = files ? worktree_ignored_files(repo, specs, error) : NULL;

	return ignored && read_files(rooting, repo, files, &seen, error) &&
	       read_files(rooting, repo, ignored, &hidden, error);
}

static bool take_workspace(struct rooting *rooting, GError **error)
{
	autoptr(outputs) outputs = NULL;

	if (rooting->everything)
		return take_files(rooting, rooting->ws->repo, "the workspace", error);
	outputs = outputs_load(rooting->ws, NULL, error);
	return outputs && roots_take_outputs(rooting, outputs, "the workspace", true, error);
}

/* What a visit of an index needs. */
struct index_visit {
	struct rooting *rooting;
	const char *where;
};

static bool take_index_file(const struct revision_file *file, void *user, GError **error)
{
	const struct index_visit *visit = user;

	if ((file->mode & S_IFMT) != S_IFREG || !roots_is_wanted(visit->rooting, file->path) ||
	    dialect_is_pipeline(visit->rooting->ws->dialect, file->path))
		return true;
	return roots_take_blob(visit->rooting, file->path, file->id, visit->where, true, error);
}

/*
 * Note that a worktree is not there. Its HEAD and its index were read, but not what it has on disk alone: if it is locked, it
 * is expected to come back, so that nothing may be collected; else it was deleted.
 */
static bool add_missing(struct rooting *rooting, const struct worktree *worktree, const char *place, GError **error)
{
	const struct rooting_text text = {.path = "", .text = "", .where = place, .current = worktree->locked};
	GError *reason = NULL;

	error_set(&reason, ERROR_NOT_FOUND,
		  worktree->locked
			  ? "the worktree is locked and is not there; what its pointers refer to is not known: mount its "
			    "disk, or git worktree unlock it"
			  : "the worktree is not there; pointers in it that were never added to Git are not seen");
	return roots_add_problem(rooting, &text, reason, error);
}

static bool take_worktree(struct rooting *rooting, const struct worktree *worktree, GError **error)
{
	struct repo *own = rooting->ws->repo;
	g_autofree char *place = g_strdup(worktree->path ? worktree->path : worktree->git_dir);
	g_autofree char *index = g_strdup_printf("the index of %s", place);
	struct index_visit visit = {rooting, index};
	autoptr(repo) repo = NULL;

	if (!worktree_index(own, worktree->git_dir, take_index_file, &visit, error))
		return false;
	if ((!worktree->path && strcmp(worktree->git_dir, own->common_dir) == 0) ||
	    g_strcmp0(worktree->path, own->work_tree) == 0)
		return true;
	if (worktree->missing)
		return add_missing(rooting, worktree, place, error);
	repo = repo_open_at(worktree->path, error);
	return repo && take_files(rooting, repo, place, error);
}

static bool take_worktrees(struct rooting *rooting, GError **error)
{
	g_autoptr(GPtrArray) worktrees = worktree_list(rooting->ws->repo, error);

	for (guint i = 0; worktrees && i < worktrees->len; i++) {
		if (!take_worktree(rooting, worktrees->pdata[i], error))
			return false;
	}
	return worktrees;
}

bool roots_each_worktree(struct rooting *rooting, GError **error)
{
	if (rooting->scope->workspace && rooting->ws->root && !take_workspace(rooting, error))
		return false;
	return !rooting->scope->worktrees || take_worktrees(rooting, error);
}
