#include "cli/completion.h"

#include "base/error.h"
#include "base/path.h"
#include "cmd/commands.h"

struct completion_options {
	char *shell;
};

static const struct option_spec options[] = {
	{.kind = OPTION_STRING,
	 .short_name = 's',
	 .long_name = "shell",
	 .offset = offsetof(struct completion_options, shell),
	 .value = "<shell>",
	 .help = "the shell: bash, zsh or fish",
	 .completion = COMPLETE_WORDS,
	 .words = "bash zsh fish"},
	OPT_END,
};

static int run(struct context *context, GError **error)
{
	const struct completion_options *given = context->options;
	const char *shell = context->args[0] ? context->args[0] : given->shell, *login = g_getenv("SHELL");
	g_autoptr(GString) script = NULL;

	if (context->args[0] && given->shell) {
		error_set(error, ERROR_USAGE, "name the shell once");
		return -1;
	}
	if (!shell && login)
		shell = path_base(login);
	script = completion_script(context->program, shell ? shell : "bash", error);
	if (!script)
		return -1;
	view_write(context->view, script->str, script->len);
	return EXIT_DONE;
}

/* Lives in the network program because only that one has the option tables of all commands. */
const struct command cmd_completion = {
	.name = "completion",
	.group = "Help",
	.synopsis = "[-s <shell>] [<shell>]",
	.summary = "Print a completion script for a shell",
	.needs = NEEDS_NOTHING,
	.options_size = sizeof(struct completion_options),
	.options = options,
	.max_args = 1,
	.arguments = COMPLETE_WORDS,
	.words = "bash zsh fish",
	.elsewhere = true,
	.run = run,
};
