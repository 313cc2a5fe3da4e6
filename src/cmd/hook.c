#include "base/error.h"
#include "cli/handover.h"
#include "cmd/show.h"
#include "repo/revision.h"
#include "workspace/status.h"

#include <string.h>
#include <unistd.h>

static const struct option_spec hook_specs[] = { OPT_END };

/* The project of the work tree, NULL (without error) where there is none: then a hook has nothing to do. */
static struct workspace *hook_project(struct context *context, GError **error)
{
	g_autoptr(GError) local = NULL;
	struct workspace *ws = workspace_open(context->repo, context->config, &local);

	if (!ws && !error_is(local, ERROR_NOT_FOUND))
		g_propagate_error(error, g_steal_pointer(&local));
	return ws;
}

/* Say what tracked data the commit does not record. Never stops a commit. */
static int pre_commit(struct context *context, GError **error)
{
	const struct status_options how = { 0 };
	autoptr(outputs) outputs = outputs_load(context->ws, NULL, error);
	autoptr(status) status = outputs ? status_read(context->ws, outputs, NULL, &how, error) : NULL;

	if (!status)
		return -1;
	for (guint i = 0; i < status->outputs->len; i++) {
		const struct status_output *output = &g_array_index(status->outputs, struct status_output, i);

		if (output->state == OUTPUT_MODIFIED)
			view_warn(context->view, "'%s' changed and is not recorded: git mlv commit", output->output->path);
	}
	return EXIT_DONE;
}

/* Git moved HEAD: bring the data along, as far as it is here. */
static int follow_head(struct context *context, GError **error)
{
	static const struct show_checkout how = { .how = { .allow_missing = true } };

	/* What Git hands to the hook are no targets. */
	while (context->arg_count > 0)
		g_clear_pointer(&context->args[--context->arg_count], g_free);
	if (!workspace_lock(context->ws, "git mlv hook", false, error))
		return -1;
	return show_checkout(context, &how, error);
}

/* Whether a rebase is under way: then HEAD moves many times, and only its end counts. */
static bool is_rebasing(const struct repo *repo)
{
	g_autofree char *merge = g_build_filename(repo->git_dir, "rebase-merge", NULL);
	g_autofree char *apply = g_build_filename(repo->git_dir, "rebase-apply", NULL);

	return g_file_test(merge, G_FILE_TEST_EXISTS) || g_file_test(apply, G_FILE_TEST_EXISTS);
}

static int post_checkout(struct context *context, GError **error)
{
	bool branch = context->arg_count >= 4 && strcmp(context->args[3], "1") == 0;

	return branch && !is_rebasing(context->repo) ? follow_head(context, error) : EXIT_DONE;
}

/* Beyond so many commits all are looked at, rather than each being named. */
#define PUSH_NAMES_MAX 5000

/* A word that is the id of a commit; zeros stand for none. */
static bool is_id(const char *word)
{
	size_t length = strlen(word);

	return length >= REVISION_ID_MAX - 25 && length < REVISION_ID_MAX && strspn(word, "0") != length;
}

/* What Git is about to push, from its lines "<local ref> <local id> <remote ref> <remote id>": what goes, and what is there. */
static void read_push(GPtrArray *tips, GPtrArray *known)
{
	g_autofree char *line = NULL;
	size_t capacity = 0;

	while (getline(&line, &capacity, stdin) > 0) {
		g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", 4);
		guint count = g_strv_length(words);

		if (count > 1 && is_id(words[1]))
			g_ptr_array_add(tips, g_strdup(words[1]));
		if (count > 3 && is_id(words[3]))
			g_ptr_array_add(known, g_strdup(words[3]));
	}
}

/* Git pushes commits: their data go first, and if they can't, so can't the commits. */
static int pre_push(struct context *context, GError **error)
{
	const struct dialect *dialect = context->ws->dialect;
	g_autofree char *pointers = g_strconcat(":(top)*", dialect->pointer_suffix, NULL);
	g_autofree char *locks = g_strconcat(":(top)*", dialect->lock_name, NULL);
	const char *const paths[] = {pointers, locks, NULL};
	g_autoptr(GPtrArray) tips = g_ptr_array_new_with_free_func(g_free), commits = NULL;
	g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free), args = g_ptr_array_new();
	const char *remote = context->arg_count > 1 ? context->args[1] : NULL;

	read_push(tips, known);
	if (context->ws->settings->remotes->len == 0 || tips->len == 0)
		return EXIT_DONE;
	commits = revision_beyond(context->repo, tips, known, remote, paths, error);
	if (!commits)
		return -1;
	g_ptr_array_extend_and_steal(commits, g_steal_pointer(&tips));
	g_ptr_array_add(args, (gpointer)"push");
	if (context->view->quiet)
		g_ptr_array_add(args, (gpointer)"--quiet");
	if (commits->len > PUSH_NAMES_MAX)
		g_ptr_array_add(args, (gpointer)"--all-commits");
	for (guint i = 0; i < commits->len && commits->len <= PUSH_NAMES_MAX; i++) {
		g_ptr_array_add(args, (gpointer)"--rev");
		g_ptr_array_add(args, g_ptr_array_index(commits, i));
	}
	g_ptr_array_add(args, NULL);
	return handover_run((const char *const *)args->pdata, error);
}

static const struct {
	const char *name;
	int (*run)(struct context *context, GError **error);
} hooks[] = {
	{ "pre-commit", pre_commit },
	{ "post-checkout", post_checkout },
	{ "post-merge", follow_head },
	{ "pre-push", pre_push },
};

static int hook_run(struct context *context, GError **error)
{
	autoptr(workspace) ws = NULL;
	g_autoptr(GError) local = NULL;

	if (!context->repo->work_tree)
		return EXIT_DONE;
	ws = hook_project(context, &local);
	if (!ws) {
		if (local)
			g_propagate_error(error, g_steal_pointer(&local));
		return local || (error && *error) ? -1 : EXIT_DONE;
	}
	ws->watch = context->view->watch;
	for (gsize i = 0; i < G_N_ELEMENTS(hooks); i++) {
		int code;

		if (strcmp(hooks[i].name, context->args[0]) != 0)
			continue;
		context->ws = ws;
		code = hooks[i].run(context, error);
		context->ws = NULL;
		return code;
	}
	error_set(error, ERROR_USAGE, "there is no hook '%s'", context->args[0]);
	return -1;
}

const struct command cmd_hook = {
	.name = "hook",
	.group = "Set-up",
	.synopsis = "(pre-commit | post-checkout | post-merge | pre-push) [<argument>...]",
	.summary = "Do what a Git hook asks for; run by Git",
	.needs = NEEDS_REPO,
	.options = hook_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_WORDS,
	.words = "pre-commit post-checkout post-merge pre-push",
	.run = hook_run,
};
