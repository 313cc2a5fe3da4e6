#include "../tap.h"

#include "cli/usage.h"
#include "cmd/commands.h"

/* Call `test` for every command of a table, with its subcommands. */
static void each(const struct command *const *commands, void (*test)(const struct command *command))
{
	for (; commands && *commands; commands++) {
		test(*commands);
		each((*commands)->subcommands, test);
	}
}

static unsigned count(const struct command *const *commands)
{
	unsigned number = 0;

	while (commands && commands[number])
		number++;
	return number;
}

/* The two programs may have different bodies for a command, but it must look the same. */
static void compare(const struct command *const *here, const struct command *const *there)
{
	g_assert_cmpuint(count(here), ==, count(there));
	for (unsigned i = 0; i < count(here); i++) {
		g_assert_cmpstr(here[i]->name, ==, there[i]->name);
		g_assert_cmpstr(here[i]->group, ==, there[i]->group);
		g_assert_cmpstr(here[i]->summary, ==, there[i]->summary);
		if (here[i]->elsewhere)
			continue;
		g_assert_cmpstr(here[i]->synopsis, ==, there[i]->synopsis);
		g_assert_cmpuint(here[i]->max_args, ==, there[i]->max_args);
		g_assert_true(here[i]->options == there[i]->options);
		compare(here[i]->subcommands, there[i]->subcommands);
	}
}

static void both_programs_list_the_same(void)
{
	compare(program_local.commands, program_network.commands);
}

static void check_network(const struct command *command)
{
	g_assert_true(command->run || command->subcommands);
}

static void the_network_program_runs_all(void)
{
	each(program_network.commands, check_network);
}

static void check_text(const struct command *command)
{
	const char *last = command->summary + strlen(command->summary) - 1;

	g_assert_true(g_ascii_isupper(*command->summary));
	g_assert_true(*last != '.');
	g_assert_cmpuint(strlen(command->summary), <=, 80);
	g_assert_cmpuint(command->min_args, <=, command->max_args);
}

static void summaries_have_one_manner(void)
{
	each(program_network.commands, check_text);
	each(program_local.commands, check_text);
}

/* A name or letter must not be given twice, nor be a common one. */
static void check_unique(const struct command *command, const struct option_spec *spec)
{
	for (const struct option_spec *other = command->options; other != spec; other++) {
		g_assert_true(!spec->short_name || spec->short_name != other->short_name);
		g_assert_true(!spec->long_name || g_strcmp0(spec->long_name, other->long_name) != 0);
	}
	for (const struct option_spec *other = option_common_specs; other->kind != OPTION_END; other++) {
		g_assert_true(!spec->short_name || spec->short_name != other->short_name);
		g_assert_true(!spec->long_name || g_strcmp0(spec->long_name, other->long_name) != 0);
	}
}

static void check_options(const struct command *command)
{
	for (const struct option_spec *spec = command->options; spec && spec->kind != OPTION_END; spec++) {
		g_assert_true(spec->short_name || spec->long_name);
		g_assert_true(spec->help || spec->hidden);
		g_assert_cmpint(spec->value != NULL, ==, option_takes_value(spec));
		g_assert_cmpint(spec->words != NULL, ==, spec->completion == COMPLETE_WORDS);
		g_assert_cmpuint(spec->offset, <, command->options_size);
		if (spec->kind == OPTION_NO)
			g_assert_true(g_str_has_prefix(spec->long_name, "no-"));
		check_unique(command, spec);
	}
	g_assert_cmpint(command->words != NULL, ==, command->arguments == COMPLETE_WORDS);
}

static void option_tables_are_sound(void)
{
	each(program_network.commands, check_options);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/tables/both_programs_list_the_same", both_programs_list_the_same);
	g_test_add_func("/tables/the_network_program_runs_all", the_network_program_runs_all);
	g_test_add_func("/tables/summaries_have_one_manner", summaries_have_one_manner);
	g_test_add_func("/tables/option_tables_are_sound", option_tables_are_sound);
	return g_test_run();
}
