#include "base/error.h"
#include "cmd/show.h"
#include "format/ignore.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct check_options {
	bool details, non_matching, from_stdin, all;
};

static const struct option_spec check_specs[] = {
	OPT_FLAG(check_options, 'd', "details", details, "print the rule that decides: file:line:pattern"),
	OPT_FLAG(check_options, 'n', "non-matching", non_matching, "with -d: also paths that no rule matches"),
	OPT_FLAG(check_options, 0, "stdin", from_stdin, "read paths from standard input, one a line"),
	OPT_FLAG(check_options, 'a', "all", all, "accepted for DVC's sake"),
	OPT_END,
};

/* Print what the rules say of one path; *ignored tells if it is left out. */
static bool check_path(struct context *context, const struct ignore *ignore, const char *argument, bool *ignored,
		       GError **error)
{
	const struct check_options *options = context->options;
	g_autofree char *path = workspace_path(context->ws, argument, error);
	const struct ignore_rule *rule = NULL;
	struct stat st;
	gsize length = strlen(argument);
	bool is_dir;

	if (!path)
		return false;
	is_dir = (length > 0 && argument[length - 1] == '/') ||
		 (fstatat(context->ws->root_fd, *path ? path : ".", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode));
	*ignored = ignore_match(ignore, path, is_dir, &rule);
	if (!options->details) {
		if (*ignored)
			view_path(context->view, VIEW_PLAIN, argument, '\n');
		return true;
	}
	if (!rule && !options->non_matching)
		return true;
	if (rule)
		view_print(context->view, VIEW_PLAIN, "%s:%u:%s\t", rule->source, rule->line, rule->pattern);
	else
		view_print(context->view, VIEW_PLAIN, "::\t");
	view_path(context->view, VIEW_PLAIN, argument, '\n');
	*ignored = rule != NULL;
	return true;
}

static bool check_stdin(struct context *context, const struct ignore *ignore, bool *any, GError **error)
{
	g_autofree char *line = NULL;
	size_t capacity = 0;
	ssize_t length;

	while ((length = getline(&line, &capacity, stdin)) > 0) {
		bool ignored = false;

		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (!check_path(context, ignore, line, &ignored, error))
			return false;
		*any |= ignored;
	}
	return true;
}

static int check_run(struct context *context, GError **error)
{
	const struct check_options *options = context->options;
	struct ignore *ignore = workspace_ignore(context->ws, error);
	bool any = false;

	if (!ignore)
		return -1;
	if (options->non_matching && !options->details) {
		error_set(error, ERROR_USAGE, "--non-matching is only of use with --details");
		return -1;
	}
	if (options->from_stdin != (context->arg_count == 0)) {
		error_set(error, ERROR_USAGE, options->from_stdin ? "--stdin takes no paths" : "no path to check");
		return -1;
	}
	if (options->from_stdin && !check_stdin(context, ignore, &any, error))
		return -1;
	for (char **argument = context->args; *argument; argument++) {
		bool ignored = false;

		if (!check_path(context, ignore, *argument, &ignored, error))
			return -1;
		any |= ignored;
	}
	return any ? EXIT_DONE : EXIT_DIFFERENT;
}

const struct command cmd_check_ignore = {
	.name = "check-ignore",
	.group = "Set-up",
	.synopsis = "[-d [-n]] [--stdin | [--] <path>...]",
	.summary = "Tell which paths the ignore rules leave out, and why",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE,
	.options_size = sizeof(struct check_options),
	.options = check_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = check_run,
};
