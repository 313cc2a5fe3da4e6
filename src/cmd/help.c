#include "cli/handover.h"
#include "cli/usage.h"
#include "cmd/commands.h"

static int run(struct context *context, GError **error)
{
	g_autofree char *page = NULL;

	if (context->arg_count == 0) {
		g_autoptr(GString) text = g_string_new(NULL);

		usage_program(text, context->program);
		view_write(context->view, text->str, text->len);
		return EXIT_DONE;
	}
	/* Subcommands are checked, too, but stand in the page of the command above them. */
	if (!usage_resolve(context->program, context->args, NULL, error))
		return -1;
	page = g_strconcat("git-mlv-", context->args[0], NULL);
	handover_to_manual(page, error);
	return -1;
}

const struct command cmd_help = {
	.name = "help",
	.group = "Help",
	.synopsis = "[<command>]",
	.summary = "List the commands, or open the manual page of one",
	.needs = NEEDS_NOTHING,
	.max_args = 2,
	.arguments = COMPLETE_COMMAND,
	.run = run,
};
