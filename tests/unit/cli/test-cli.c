#include "../tap.h"

#include "base/cancel.h"
#include "base/error.h"
#include "cli/cli.h"

#include <sys/wait.h>

/* What a run of the program left behind. */
struct outcome {
	int code, signal; /* of which one is 0 */
	char *out, *err;
};

struct toy_options {
	bool loud;
	char *name;
};

static const struct option_spec toy_specs[] = {
	OPT_FLAG(toy_options, 'l', "loud", loud, "shout"),
	OPT_STRING(toy_options, 0, "name", name, "<name>", "whom to greet"),
	OPT_END,
};

static int greet(struct context *context, GError **error G_GNUC_UNUSED)
{
	const struct toy_options *given = context->options;

	view_print(context->view, VIEW_PLAIN, "%s %s%s", context->argv[0], given->name ? given->name : "you",
		   given->loud ? "!" : "");
	for (char **arg = context->args; *arg; arg++)
		view_print(context->view, VIEW_PLAIN, " [%s]", *arg);
	if (context->view->verbose)
		view_print(context->view, VIEW_PLAIN, " v%u", context->view->verbose);
	return EXIT_DONE;
}

/* Fails with the error that the first argument numbers. */
static int fail(struct context *context, GError **error)
{
	error_set(error, atoi(context->args[0]), "went wrong");
	return -1;
}

static int interrupted(struct context *context G_GNUC_UNUSED, GError **error)
{
	raise(SIGTERM);
	return cancel_check(error) ? EXIT_DONE : -1;
}

static int different(struct context *context G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
	return EXIT_DIFFERENT;
}

/* Says what it was given, for the tests of what is opened. */
static int show_needs(struct context *context, GError **error G_GNUC_UNUSED)
{
	view_print(context->view, VIEW_PLAIN, "%s%s%s", context->repo ? "repo " : "", context->config ? "config " : "",
		   context->ws ? "workspace" : "");
	return EXIT_DONE;
}

static const struct command cmd_greet = {
	.name = "greet",
	.group = "Toys",
	.synopsis = "[<x>...]",
	.summary = "Say hello",
	.options_size = sizeof(struct toy_options),
	.options = toy_specs,
	.max_args = 2,
	.run = greet,
};
static const struct command cmd_fail = {
	.name = "fail", .group = "Toys", .summary = "Fail", .min_args = 1, .max_args = 1, .run = fail};
static const struct command cmd_interrupted = {
	.name = "interrupted", .group = "Toys", .summary = "Stop", .run = interrupted};
static const struct command cmd_different = {
	.name = "different", .group = "Toys", .summary = "Differ", .run = different};
static const struct command cmd_repo = {
	.name = "repo", .group = "Toys", .summary = "Need", .needs = NEEDS_REPO, .run = show_needs};
static const struct command cmd_maybe = {
	.name = "maybe", .group = "Toys", .summary = "Want", .needs = WANTS_REPO, .run = show_needs};
static const struct command cmd_tree = {
	.name = "tree", .group = "Toys", .summary = "Need", .needs = NEEDS_WORK_TREE, .run = show_needs};
static const struct command cmd_project = {.name = "project",
					   .group = "Toys",
					   .summary = "Need",
					   .needs = NEEDS_WORKSPACE | NEEDS_LOCK,
					   .run = show_needs};
static const struct command *const parent_commands[] = {
	&cmd_greet,
	&cmd_different,
	NULL,
};
static const struct command cmd_parent = {
	.name = "parent",
	.group = "Toys",
	.summary = "Hold two",
	.options_size = sizeof(struct toy_options),
	.options = toy_specs,
	.subcommands = parent_commands,
};
static const struct command *const commands[] = {
	&cmd_greet, &cmd_fail, &cmd_interrupted, &cmd_different, &cmd_repo,
	&cmd_maybe, &cmd_tree, &cmd_project,     &cmd_parent,    NULL,
};
static const struct program program = {.commands = commands, .network = true};

static char *slurp(const char *path)
{
	char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

/* Run a line of words in a child, with its output in files. */
static struct outcome run(const char *line)
{
	struct outcome outcome = {0};
	pid_t child = fork();
	int status;

	g_assert_cmpint(child, >=, 0);
	if (child == 0) {
		g_auto(GStrv) argv = g_strsplit(line, " ", -1);

		if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
			_exit(99);
		_exit(cli_main(&program, g_strv_length(argv), argv));
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	outcome.out = slurp("out");
	outcome.err = slurp("err");
	return outcome;
}

static void check(const char *line, int code, const char *out, const char *err)
{
	struct outcome outcome = run(line);

	g_assert_cmpstr(outcome.err, ==, err);
	g_assert_cmpstr(outcome.out, ==, out);
	g_assert_cmpint(outcome.code, ==, code);
	g_assert_cmpint(outcome.signal, ==, 0);
	g_free(outcome.out);
	g_free(outcome.err);
}

/* As check(), for any text on standard error that holds `part`. */
static void check_part(const char *line, int code, const char *part)
{
	struct outcome outcome = run(line);

	if (!strstr(outcome.err, part))
		g_error("'%s': '%s' is not in '%s'", line, part, outcome.err);
	g_assert_cmpint(outcome.code, ==, code);
	g_free(outcome.out);
	g_free(outcome.err);
}

static void options_and_arguments_arrive(void)
{
	check("mlv greet", 0, "greet you", "");
	check("mlv greet -l a --name=X b", 0, "greet X! [a] [b]", "");
	check("mlv -v greet -v -- -l", 0, "greet you [-l] v2", "");
	check_part("mlv greet a b c", 129, "does not take the argument 'c'");
	check_part("mlv fail", 129, "'git mlv fail' wants an argument");
}

static void subcommands_run(void)
{
	check("mlv parent greet -l a", 0, "parent you! [a]", "");
	check("mlv -v parent -v greet -v", 0, "parent you v3", "");
	check("mlv parent different", 1, "", "");
	check_part("mlv parent", 129, "which command of 'git mlv parent'?");
	check_part("mlv parent gret", 129, "did you mean git mlv parent greet?");
	check_part("mlv parent -l greet", 129, "options of 'parent' itself");
}

static void errors_become_exit_codes(void)
{
	g_autofree char *conflict = g_strdup_printf("mlv fail %d", ERROR_CONFLICT);
	g_autofree char *usage = g_strdup_printf("mlv fail %d", ERROR_USAGE);
	g_autofree char *other = g_strdup_printf("mlv fail %d", ERROR_IO);

	check(conflict, 1, "", "error: went wrong\n");
	check(usage, 129, "", "error: went wrong\nhint: git mlv fail -h shows how to call it\n");
	check(other, 128, "", "fatal: went wrong\n");
	check("mlv different", 1, "", "");
}

static void an_interrupted_program_dies_by_the_signal(void)
{
	struct outcome outcome = run("mlv interrupted");

	g_assert_cmpint(outcome.signal, ==, SIGTERM);
	g_assert_cmpstr(outcome.err, ==, "fatal: interrupted\n");
	g_free(outcome.out);
	g_free(outcome.err);
}

static void git(const char *arguments)
{
	g_autofree char *line = g_strconcat("git ", arguments, NULL);

	g_assert_true(g_spawn_command_line_sync(line, NULL, NULL, NULL, NULL));
}

static void needs_are_met_or_refused(void)
{
	check_part("mlv repo", 128, "hint: ");
	check("mlv maybe", 0, "config ", "");
	git("init -q tree");
	check("mlv -C tree repo", 0, "repo config ", "");
	check("mlv -C tree maybe", 0, "repo config ", "");
	check("mlv -C tree tree", 0, "repo config ", "");
	check_part("mlv -C tree project", 128, "git mlv init");
	g_assert_true(g_file_set_contents("tree/.mlvconfig", "", 0, NULL));
	check("mlv -C tree project", 0, "repo config workspace", "");
	git("init -q --bare bare");
	check("mlv -C bare repo", 0, "repo config ", "");
	check_part("mlv -C bare tree", 129, "is a bare repository");
}

static void a_broken_setting_is_named(void)
{
	git("init -q odd");
	git("-C odd config core.quotePath nonsense");
	check_part("mlv -C odd repo", 128, "core.quotepath");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_setenv("HOME", tap_tmpdir(), true);
	g_setenv("GIT_CONFIG_NOSYSTEM", "1", true);
	g_setenv("GIT_CEILING_DIRECTORIES", tap_tmpdir(), true);
	g_test_add_func("/cli/options_and_arguments_arrive", options_and_arguments_arrive);
	g_test_add_func("/cli/subcommands_run", subcommands_run);
	g_test_add_func("/cli/errors_become_exit_codes", errors_become_exit_codes);
	g_test_add_func("/cli/an_interrupted_program_dies_by_the_signal", an_interrupted_program_dies_by_the_signal);
	g_test_add_func("/cli/needs_are_met_or_refused", needs_are_met_or_refused);
	g_test_add_func("/cli/a_broken_setting_is_named", a_broken_setting_is_named);
	return g_test_run();
}
