#include "repo/plumbing-int.h"
#include "repo/repo-int.h"
#include "repo/worktree.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <string.h>

/* The longest path in a gitdir file. */
#define GITDIR_LIMIT ((size_t)1 << 16)

static void worktree_free(void *data)
{
	struct worktree *worktree = data;

	g_free(worktree->path);
	g_free(worktree->git_dir);
	g_free(worktree);
}

/* A worktree is there if the ".git" at its top is. */
static bool is_missing(const char *path)
{
	g_autofree char *dot_git = path ? path_join(path, ".git") : NULL;

	return !dot_git || !g_file_test(dot_git, G_FILE_TEST_EXISTS);
}

static bool is_locked(const char *git_dir)
{
	g_autofree char *file = path_join(git_dir, "locked");

	return g_file_test(file, G_FILE_TEST_EXISTS);
}

/* Add a worktree; takes both strings. */
static struct worktree *add_worktree(GPtrArray *list, char *path, char *git_dir)
{
	struct worktree *worktree = g_new0(struct worktree, 1);

	worktree->path = path;
	worktree->git_dir = git_dir;
	worktree->missing = is_missing(path);
	g_ptr_array_add(list, worktree);
	return worktree;
}

/*
 * The top of the main worktree, seen from another one or from inside of the git directory: *path is NULL if it is bare
 * or the git directory lies elsewhere without saying so. Run in the common directory, git reports it as the work tree
 * itself unless core.worktree names another.
 */
static bool find_main(struct repo *repo, char **path, GError **error)
{
	static const char *const words[] = {"rev-parse", "--is-bare-repository", "--show-cdup", NULL};
	struct repo_backend backend = {.git = repo_git_apart}; /* GIT_WORK_TREE is about another worktree */
	struct repo main_repo = {.git_dir = repo->common_dir, .backend = &backend};
	g_autofree char *out = plumbing_output(&main_repo, words, NULL, error);
	char *top;

	*path = NULL;
	if (!out)
		return false;
	top = strchr(out, '\n');
	if (!top || !g_str_has_prefix(out, "false"))
		return true;
	g_strchomp(++top);
	if (*top == '/')
		*path = g_strdup(top);
	else if (strcmp(path_base(repo->common_dir), ".git") == 0)
		*path = path_parent(repo->common_dir);
	return true;
}

static bool add_main(struct repo *repo, GPtrArray *list, GError **error)
{
	char *path = NULL;

	if (repo->work_tree && strcmp(repo->git_dir, repo->common_dir) == 0)
		path = g_strdup(repo->work_tree);
	else if (!find_main(repo, &path, error))
		return false;
	add_worktree(list, path, g_strdup(repo->common_dir))->missing = path && is_missing(path);
	return true;
}

/* The top of the linked worktree with this git directory, which its file gitdir names by its ".git"; NULL if not. */
static char *linked_top(const char *git_dir)
{
	g_autofree char *file = path_join(git_dir, "gitdir"), *text = NULL, *joined = NULL, *dot_git = NULL;

	if (!file_read(file, GITDIR_LIMIT, &text, NULL, NULL))
		return NULL;
	if (g_str_has_suffix(text, "\n"))
		text[strlen(text) - 1] = '\0';
	joined = path_join(git_dir, text); /* relative since Git 2.48, if so configured */
	dot_git = path_normal(joined);
	return path_parent(dot_git);
}

static int compare_worktrees(gconstpointer a, gconstpointer b)
{
	const struct worktree *const *one = a, *const *other = b;

	return strcmp((*one)->git_dir, (*other)->git_dir);
}

GPtrArray *worktree_list(struct repo *repo, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(worktree_free);
	g_autofree char *parent = path_join(repo->common_dir, "worktrees");
	g_autoptr(GDir) dir = g_dir_open(parent, 0, NULL);
	const char *name;

	if (!add_main(repo, list, error))
		return NULL;
	while (dir && (name = g_dir_read_name(dir))) {
		char *git_dir = path_join(parent, name);

		add_worktree(list, linked_top(git_dir), git_dir)->locked = is_locked(git_dir);
	}
	g_ptr_array_sort(list, compare_worktrees); /* the common directory is above, so before, the others */
	return g_steal_pointer(&list);
}
