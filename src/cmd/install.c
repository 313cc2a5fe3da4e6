#include "repo/hook.h"

#include "base/error.h"
#include "cmd/show.h"

struct install_options {
	bool uninstall;
};

static const struct option_spec install_specs[] = {
	OPT_FLAG(install_options, 0, "uninstall", uninstall, "take our hooks out again and put back what was there before"),
	OPT_END,
};

static const char *const hooks[] = { "pre-commit", "post-checkout", "post-merge", "pre-push" };

static const char *const result_words[] = {
	[HOOK_WRITTEN] = "installed",
	[HOOK_CHAINED] = "installed; runs the hook that was there before, then ours",
	[HOOK_PRESENT] = "installed before",
	[HOOK_REMOVED] = "removed",
	[HOOK_RESTORED] = "removed; the hook that was there before is back",
	[HOOK_ABSENT] = "not ours, left alone",
};

static int install_run(struct context *context, GError **error)
{
	const struct install_options *options = context->options;
	g_autofree char *dir = hook_dir(context->repo);

	for (gsize i = 0; i < G_N_ELEMENTS(hooks); i++) {
		enum hook_result result;
		bool done = options->uninstall ? hook_uninstall(context->repo, hooks[i], &result, error)
					       : hook_install(context->repo, hooks[i], &result, error);

		if (!done)
			return -1;
		view_note(context->view, "%-14s %s", hooks[i], result_words[result]);
	}
	view_note(context->view, "hooks are in '%s'", dir);
	return EXIT_DONE;
}

const struct command cmd_install = {
	.name = "install",
	.group = "Set-up",
	.synopsis = "[--uninstall]",
	.summary = "Install Git hooks that keep data in step with Git",
	.needs = NEEDS_REPO,
	.options_size = sizeof(struct install_options),
	.options = install_specs,
	.run = install_run,
};
