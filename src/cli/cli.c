#include "cli/cli.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/trace.h"
#include "cli/handover.h"
#include "cli/pager.h"
#include "cli/prepare.h"
#include "cli/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* The exit code of a process whose reader went away, as the shell reports SIGPIPE. */
#define EXIT_PIPE 141

/* Options that stand before the command, besides the common ones. */
struct global_options {
	bool version;
	char **dirs;
};

static const struct option_spec global_specs[] = {
	OPT_STRINGS(global_options, 'C', NULL, dirs, "<dir>", "run as if started in <dir>"),
	OPT_FLAG(global_options, 'V', "version", version, "print the version"),
	OPT_END,
};

/* One run of the program. */
struct session {
	const struct program *program;
	char **argv; /* of the whole program */
	struct global_options global;
	struct option_result parsed;
	struct context context;
	GString *path; /* full name of the command: "remote add" */
	bool done;     /* answered already (-h, --version): nothing to run */
	bool lost;     /* no command was given */
};

/*
 * A file opened later must never become standard output by accident: keep 0, 1 and 2 taken. What reads or writes a
 * closed stream still fails, because the stand-in is open for the other direction.
 */
static void claim_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			return;
}

/* Point at -h of the command that was called wrongly, unless the error knows better. */
static void hint_usage(const struct session *session, GError **error)
{
	if (error_is(*error, ERROR_USAGE) && !error_get_hint(*error))
		error_hint(error, "git mlv %s%s-h shows how to call it", session->path->str,
			   session->path->len ? " " : "");
}

static bool check_count(const struct session *session, GError **error)
{
	const struct command *command = session->context.command;
	unsigned count = session->context.arg_count;

	if (count < command->min_args)
		error_set(error, ERROR_USAGE, "'git mlv %s' wants %s", session->path->str,
			  count == 0 ? "an argument" : "more arguments");
	else if (count > command->max_args) {
		g_autofree char *quoted = quote_path(session->context.args[command->max_args]);

		error_set(error, ERROR_USAGE, "'git mlv %s' does not take the argument '%s'", session->path->str,
			  quoted);
	}
	return count >= command->min_args && count <= command->max_args;
}

static void show_usage(struct session *session)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (session->context.command)
		usage_command(text, session->context.command, session->path->str);
	else
		usage_program(text, session->program);
	view_write(session->context.view, text->str, text->len);
	session->done = true;
}

/* "git-mlv-remote" for "remote add": a command shares its page with its subcommands. */
static bool show_manual(const struct session *session, GError **error)
{
	g_autofree char *page = g_strconcat("git-mlv", session->path->len ? "-" : "", session->path->str, NULL);
	char *blank = strchr(page, ' ');

	if (blank)
		*blank = '\0';
	return handover_to_manual(page, error);
}

/* Answer -h and --help. */
static bool answer_help(struct session *session, GError **error)
{
	if (session->parsed.common.help)
		return show_manual(session, error);
	if (session->parsed.common.usage)
		show_usage(session);
	return true;
}

/* Take the options of one command apart; its struct becomes the context's. */
static bool parse_options(struct session *session, char **argv, GError **error)
{
	struct context *context = &session->context;
	const struct command *command = context->command;

	context->options = g_malloc0(MAX(command->options_size, 1));
	return option_parse(command->options, argv, context->options, command->subcommands || command->command_line,
			    &session->parsed, error) &&
	       answer_help(session, error);
}

/* The subcommand that is named by the first argument. Options of the command above it do not mix with one. */
static const struct command *find_subcommand(const struct session *session, GError **error)
{
	const struct command *const *table = session->context.command->subcommands;
	const struct command *found = usage_find(table, session->parsed.rest[0]);

	if (!found)
		usage_unknown(table, session->path->str, session->parsed.rest[0], error);
	else if (session->parsed.own)
		error_set(error, ERROR_USAGE, "options of '%s' itself do not go with '%s': they stand behind it",
			  session->path->str, found->name);
	return session->parsed.own ? NULL : found;
}

/* From the command's name in argv[0] on: parse, and go down to the subcommand if one is named. */
static bool parse_command(struct session *session, char **argv, GError **error)
{
	struct context *context = &session->context;

	for (;;) {
		const struct command *command = context->command, *sub;
		g_auto(GStrv) rest = NULL;

		g_string_append_printf(session->path, "%s%s", session->path->len ? " " : "", command->name);
		if (command->elsewhere && !session->program->network) {
			session->parsed.elsewhere = true;
			return true;
		}
		if (!parse_options(session, argv, error))
			return false;
		if (session->done || !command->subcommands || !session->parsed.rest[0])
			return true;
		sub = find_subcommand(session, error);
		if (!sub)
			return false;
		option_clear(command->options, context->options);
		g_clear_pointer(&context->options, g_free);
		rest = g_steal_pointer(&session->parsed.rest);
		/* The subcommand's arguments are the tail of argv, where they live longer than `rest`. */
		argv += g_strv_length(argv) - g_strv_length(rest);
		context->command = sub;
	}
}

/* Everything before the command, and which command it is. */
static bool parse_globals(struct session *session, GError **error)
{
	struct context *context = &session->context;
	char **argv;

	if (!option_parse(global_specs, session->argv, &session->global, true, &session->parsed, error))
		return false;
	if (session->global.version) {
		view_print(context->view, VIEW_PLAIN, "git-mlv %s\n", PACKAGE_VERSION);
		session->done = true;
		return true;
	}
	if (!answer_help(session, error))
		return false;
	if (session->done)
		return true;
	argv = session->argv + g_strv_length(session->argv) - g_strv_length(session->parsed.rest);
	if (!*argv) {
		session->lost = true;
		error_set(error, ERROR_USAGE, "which command?");
		return false;
	}
	context->command = usage_find(session->program->commands, *argv);
	if (!context->command)
		context->command = usage_find(session->program->hidden, *argv);
	if (!context->command) {
		usage_unknown(session->program->commands, NULL, *argv, error);
		return false;
	}
	context->argv = argv;
	return parse_command(session, argv, error);
}

/* Obey -C and --cd. */
static bool change_directory(const struct session *session, GError **error)
{
	for (char **dir = session->global.dirs; dir && *dir; dir++)
		if (**dir && chdir(*dir) != 0) {
			error_set_errno(error, errno, "change to '%s'", *dir);
			return false;
		}
	if (session->parsed.common.cd && chdir(session->parsed.common.cd) != 0) {
		error_set_errno(error, errno, "change to '%s'", session->parsed.common.cd);
		return false;
	}
	return true;
}

/* Parse and run; an exit code, or -1 with error. */
static int run(struct session *session, struct pager **pager, GError **error)
{
	struct context *context = &session->context;
	const struct option_common *common = &session->parsed.common;
	struct view *view = context->view;

	if (!parse_globals(session, error))
		return -1;
	if (session->done)
		return EXIT_DONE;
	/* The other program parses again, from where we started. */
	if (session->parsed.elsewhere && !session->program->network)
		return handover_to_network(session->argv, error) ? EXIT_DONE : -1;
	context->args = session->parsed.rest;
	context->arg_count = g_strv_length(context->args);
	if (!context->command->run) {
		error_set(error, ERROR_USAGE, "which command of 'git mlv %s'?", session->path->str);
		return -1;
	}
	if (!check_count(session, error))
		return -1;
	view_set_volume(view, common->quiet, common->verbose, !common->no_progress);
	if (!change_directory(session, error) || !prepare_open(context, common->wait_for_lock, error))
		return -1;
	if (context->command->needs & WANTS_PAGER)
		*pager = pager_new(view, context->config);
	return context->command->run(context, error);
}

/* Say what went wrong; the exit code for it. */
static int report(struct session *session, GError *error)
{
	struct view *view = session->context.view;

	if (session->lost) {
		g_autoptr(GString) text = g_string_new(NULL);

		usage_program(text, session->program);
		fputs(text->str, view->err);
		return EXIT_USAGE;
	}
	if (error_is(error, ERROR_USAGE) || error_is(error, ERROR_CONFLICT)) {
		view_error(view, error);
		return error_is(error, ERROR_USAGE) ? EXIT_USAGE : EXIT_DIFFERENT;
	}
	view_fatal(view, error);
	return EXIT_FATAL;
}

/* Close the view and the pager behind it; the exit code, which a failed write may change. */
static int finish_output(struct view *view, struct pager *pager, int code)
{
	int cause;

	if (view_close(view)) {
		pager_free(pager);
		return code;
	}
	cause = errno;
	pager_free(pager);
	if (cause == EPIPE)
		return EXIT_PIPE;
	fprintf(stderr, "fatal: write standard output: %s\n", g_strerror(cause));
	return EXIT_FATAL;
}

static void session_clear(struct session *session)
{
	if (session->context.options)
		option_clear(session->context.command->options, session->context.options);
	g_free(session->context.options);
	option_clear(global_specs, &session->global);
	option_result_clear(&session->parsed);
	g_string_free(session->path, TRUE);
}

/* End as others do that a signal ended, so that a shell loop around us stops, too. */
static int die_by_signal(int number)
{
	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}

int cli_main(const struct program *program, int argc G_GNUC_UNUSED, char **argv)
{
	struct session session = {.program = program, .argv = argv, .path = g_string_new(NULL)};
	g_autoptr(GError) error = NULL;
	struct pager *pager = NULL;
	struct view *view;
	bool cancelled;
	int code;

	claim_standard_streams();
	cancel_install();
	view = view_new(stdout, stderr, prepare_colour(NULL), false, 0, true);
	session.context.view = view;
	session.context.program = program;
	code = run(&session, &pager, &error);
	cancelled = code < 0 && error_is(error, ERROR_CANCELLED);
	if (code < 0) {
		hint_usage(&session, &error);
		code = report(&session, error);
	}
	prepare_close(&session.context);
	code = finish_output(view, pager, code);
	trace("cli", "%s: exit %d", session.path->str, code);
	session_clear(&session);
	if (cancelled && cancel_signal() > 0)
		return die_by_signal(cancel_signal());
	return code;
}
