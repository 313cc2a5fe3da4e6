#include "../tap.h"

#include "base/error.h"
#include "cli/cli.h"
#include "cli/completion.h"
#include "base/nearest.h"
#include "cli/usage.h"

struct add_options {
	bool force;
	char *name;
};

static const struct option_spec add_specs[] = {
	OPT_FLAG(add_options, 'f', "force", force, "don't [ask]: do"),
	OPT_STRING(add_options, 0, "a-rather-long-name", name, "<name>", "explained below"),
	{.kind = OPTION_FLAG,
	 .long_name = "secret",
	 .offset = offsetof(struct add_options, force),
	 .help = "no",
	 .hidden = true},
	OPT_END,
};
static const struct command add = {
	.name = "add",
	.group = "Data",
	.synopsis = "[-f] <name>\n--all",
	.summary = "Add one",
	.options = add_specs,
	.max_args = 1,
};
static const struct command list = {.name = "list", .group = "Data", .summary = "List them"};
static const struct command *const remote_commands[] = {
	&add,
	&list,
	NULL,
};
static const struct command remote = {
	.name = "remote",
	.group = "Sharing",
	.synopsis = "<command>",
	.summary = "Manage remotes",
	.subcommands = remote_commands,
};
static const struct command status = {.name = "status", .group = "Data", .summary = "Show what changed"};
static const struct command *const commands[] = {
	&list,
	&remote,
	&status,
	NULL,
};
static const struct program program = {.commands = commands};

static void usage_comes_from_the_table(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	usage_command(text, &add, "remote add");
	g_assert_true(g_str_has_prefix(text->str, "usage: git mlv remote add [-f] <name>\n"
						  "   or: git mlv remote add --all\n\n    Add one.\n\n"
						  "    -f, --force           don't [ask]: do\n"
						  "    --a-rather-long-name <name>\n"
						  "                          explained below\n\n"
						  "    -h                    show this text\n"));
	g_assert_null(strstr(text->str, "secret"));
}

static void usage_lists_subcommands(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	usage_command(text, &remote, "remote");
	g_assert_nonnull(
		strstr(text->str, "\n    add                   Add one\n    list                  List them\n"));
}

static void commands_are_listed_by_group(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	usage_program(text, &program);
	g_assert_nonnull(strstr(text->str, "\nData\n    list                  List them\n"
					   "    status                Show what changed\n\nSharing\n    remote "));
}

static void commands_are_found_by_words(void)
{
	char *words[] = {
		(char *)"remote",
		(char *)"add",
		NULL,
	};
	g_autofree char *path = NULL;

	g_assert_true(usage_resolve(&program, words, &path, NULL) == &add);
	g_assert_cmpstr(path, ==, "remote add");
}

/* The words must name nothing, with this message and hint. */
static void check_unknown(const char *first, const char *second, const char *message, const char *hint)
{
	char *words[] = {
		(char *)first,
		(char *)second,
		NULL,
	};
	g_autoptr(GError) error = NULL;

	g_assert_null(usage_resolve(&program, words, NULL, &error));
	g_assert_true(error_is(error, ERROR_USAGE));
	g_assert_cmpstr(error->message, ==, message);
	g_assert_cmpstr(error_get_hint(error), ==, hint);
}

static void unknown_commands_get_a_hint(void)
{
	check_unknown("statsu", NULL, "'statsu' is not a command of git mlv", "did you mean git mlv status?");
	check_unknown("zebra", NULL, "'zebra' is not a command of git mlv", "git mlv -h lists them");
	check_unknown("remote", "lst", "'remote lst' is not a command of git mlv",
		      "did you mean git mlv remote list?");
	check_unknown("remote", "zebra", "'remote zebra' is not a command of git mlv",
		      "git mlv remote -h lists them");
	check_unknown("list", "x", "'list' has no command 'x'", NULL);
}

static void nearest_names(void)
{
	static const char *const names[] = {
		"status", "stage", "add", "checkout", NULL,
	};
	g_autofree char *huge = g_strnfill(100000, 'a');

	g_assert_cmpstr(nearest_name(names, "sttaus"), ==, "status");
	g_assert_cmpstr(nearest_name(names, "chekout"), ==, "checkout");
	g_assert_cmpstr(nearest_name(names, "check"), ==, "checkout");
	g_assert_cmpstr(nearest_name(names, "ad"), ==, "add");
	g_assert_null(nearest_name(names, "x"));
	g_assert_null(nearest_name(names, "foo"));
	g_assert_null(nearest_name(names, ""));
	g_assert_null(nearest_name(names, huge));
}

static void scripts_hold_all_names(void)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};

	for (unsigned i = 0; i < G_N_ELEMENTS(shells); i++) {
		g_autoptr(GString) script = completion_script(&program, shells[i], NULL);

		g_assert_nonnull(script);
		g_assert_nonnull(strstr(script->str, "status"));
		g_assert_nonnull(strstr(script->str, "a-rather-long-name"));
		g_assert_nonnull(strstr(script->str, "wait-for-lock"));
		g_assert_null(strstr(script->str, "secret"));
	}
}

static void unknown_shells_are_refused(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(completion_script(&program, "csh", &error));
	g_assert_true(error_is(error, ERROR_USAGE));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/usage/usage_comes_from_the_table", usage_comes_from_the_table);
	g_test_add_func("/usage/usage_lists_subcommands", usage_lists_subcommands);
	g_test_add_func("/usage/commands_are_listed_by_group", commands_are_listed_by_group);
	g_test_add_func("/usage/commands_are_found_by_words", commands_are_found_by_words);
	g_test_add_func("/usage/unknown_commands_get_a_hint", unknown_commands_get_a_hint);
	g_test_add_func("/usage/nearest_names", nearest_names);
	g_test_add_func("/usage/scripts_hold_all_names", scripts_hold_all_names);
	g_test_add_func("/usage/unknown_shells_are_refused", unknown_shells_are_refused);
	return g_test_run();
}
