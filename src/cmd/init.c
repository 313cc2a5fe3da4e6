#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "cmd/show.h"
#include "repo/worktree.h"

#include <string.h>

struct init_options {
	bool subdir, force;
};

static const struct option_spec init_specs[] = {
	OPT_FLAG(init_options, 0, "subdir", subdir, "make this folder of a larger repository a project of its own"),
	OPT_FLAG(init_options, 'f', "force", force, "write the project's files anew if they exist"),
	OPT_END,
};

static const char config_text[] = "# Settings of this git-mlv project, shared through Git: git mlv config, git-mlv-config(1).\n"
				  "[mlv]\n";
static const char ignore_text[] = "# Files and folders that git mlv leaves out of what it tracks, in the syntax of .gitignore.\n"
				  "# See git-mlv-formats(5).\n";

/* Refuse where a project is already, or where one above would be cut in two without --subdir. */
static bool check_place(struct context *context, const char *here, GError **error)
{
	const struct init_options *options = context->options;
	const struct dialect *dialect = NULL;
	g_autofree char *found = workspace_find_root(here, context->repo->work_tree, &dialect);
	bool top = *context->repo->prefix == '\0';

	if (found && strcmp(found, here) == 0 && !(options->force && dialect == &dialect_native)) {
		error_set(error, ERROR_USAGE, "this is a project already (%s)", dialect->marker);
		error_hint(error, dialect == &dialect_native ? "git mlv init --force writes its files anew"
							     : "git mlv works in this DVC project as it is");
		return false;
	}
	if (!top && !options->subdir) {
		error_set(error, ERROR_USAGE, "this is not the top of the Git repository");
		error_hint(error, "git -C %s mlv init, or git mlv init --subdir for a project of this folder alone",
			   context->repo->work_tree);
		return false;
	}
	return true;
}

static int init_run(struct context *context, GError **error)
{
	const struct repo *repo = context->repo;
	const struct init_options *options = context->options;
	g_autofree char *here = path_join(repo->work_tree, repo->prefix);
	g_autofree char *marker = path_join(here, dialect_native.marker), *ignore = path_join(here, dialect_native.ignore_name);
	g_autofree char *marker_git = path_join(repo->prefix, dialect_native.marker);
	g_autofree char *ignore_git = path_join(repo->prefix, dialect_native.ignore_name);
	const char *staged[] = { marker_git, ignore_git, NULL };

	if (!check_place(context, here, error))
		return -1;
	if ((options->force || !g_file_test(ignore, G_FILE_TEST_EXISTS)) &&
	    !file_replace(ignore, ignore_text, strlen(ignore_text), 0666, error))
		return -1;
	/* The marker comes last: with it the folder is a project. */
	if (!file_replace(marker, config_text, strlen(config_text), 0666, error))
		return -1;
	if (!worktree_stage(context->repo, staged, error))
		return -1;
	view_note(context->view, "made a git-mlv project in '%s'", here);
	view_note(context->view, "next: git mlv add <data>, git mlv remote add -d <name> <url>, git commit");
	return EXIT_DONE;
}

const struct command cmd_init = {
	.name = "init",
	.group = "Set-up",
	.synopsis = "[--subdir] [-f]",
	.summary = "Make a Git repository, or a folder of it, a project",
	.needs = NEEDS_REPO | NEEDS_WORK_TREE,
	.options_size = sizeof(struct init_options),
	.options = init_specs,
	.run = init_run,
};
