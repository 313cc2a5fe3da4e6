#include "base/error.h"
#include "base/path.h"
#include "cmd/commands.h"

#include <sys/stat.h>

/*
 * The top of the work tree that holds `dir`, without asking git, which would take longer than all else here: the
 * nearest folder with a .git of any kind. Where the environment names another repository, git is asked. New string;
 * NULL with error.
 */
static char *find_top(const char *dir, GError **error)
{
	g_autofree char *at = g_strdup(dir);

	if (g_getenv("GIT_DIR") || g_getenv("GIT_WORK_TREE")) {
		autoptr(repo) repo = repo_open(error);

		return repo ? g_strdup(repo->work_tree ? repo->work_tree : "/") : NULL;
	}
	for (;;) {
		g_autofree char *git = path_join(at, ".git"), *parent = path_parent(at);
		struct stat st;

		if (lstat(git, &st) == 0 || strcmp(parent, at) == 0)
			return g_steal_pointer(&at);
		g_free(at);
		at = g_steal_pointer(&parent);
	}
}

static int run(struct context *context, GError **error)
{
	g_autofree char *here = g_get_current_dir(), *top = find_top(here, error), *root = NULL, *way = NULL;
	const struct dialect *dialect;

	if (!top)
		return -1;
	root = workspace_find_root(here, top, &dialect);
	if (!root) {
		error_set(error, ERROR_NOT_FOUND, "no project here, nor in a folder above");
		error_hint(error, "git mlv init makes one");
		return -1;
	}
	way = path_relative(root, here);
	view_path(context->view, VIEW_PLAIN, way, '\n');
	return EXIT_DONE;
}

const struct command cmd_root = {
	.name = "root",
	.group = "Help",
	.summary = "Print the way from here to the top of the project",
	.needs = NEEDS_NOTHING,
	.run = run,
};
