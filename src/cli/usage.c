#include "cli/usage.h"

#include "base/error.h"
#include "base/quote.h"
#include "base/nearest.h"

/* Where the explanation of an option or a command begins, as in Git's own usage texts. */
#define HELP_COLUMN 26

static void append_synopsis(GString *text, const struct command *command, const char *path)
{
	g_auto(GStrv) forms = g_strsplit(command->synopsis ? command->synopsis : "", "\n", -1);

	for (unsigned i = 0; i == 0 || forms[i]; i++) {
		const char *form = forms[0] ? forms[i] : "";

		g_string_append_printf(text, "%s git mlv %s%s%s\n", i == 0 ? "usage:" : "   or:", path,
				       *form ? " " : "", form);
		if (!forms[0])
			break;
	}
}

/* A name and, from HELP_COLUMN on, what it means; on a line of its own if the name is long. */
static void append_entry(GString *text, const char *name, const char *help)
{
	size_t length = strlen(name);

	if (length + 6 > HELP_COLUMN)
		g_string_append_printf(text, "    %s\n%*s%s\n", name, HELP_COLUMN, "", help);
	else
		g_string_append_printf(text, "    %-*s%s\n", HELP_COLUMN - 4, name, help);
}

static void append_options(GString *text, const struct option_spec *specs)
{
	g_autoptr(GString) name = g_string_new(NULL);

	for (const struct option_spec *spec = specs; spec && spec->kind != OPTION_END; spec++) {
		if (spec->hidden)
			continue;
		g_string_truncate(name, 0);
		if (spec->short_name)
			g_string_append_printf(name, "-%c%s", spec->short_name, spec->long_name ? ", " : "");
		if (spec->long_name)
			g_string_append_printf(name, "--%s", spec->long_name);
		if (spec->value)
			g_string_append_printf(name, spec->fallback ? "[=%s]" : " %s", spec->value);
		append_entry(text, name->str, spec->help);
	}
}

void usage_command(GString *text, const struct command *command, const char *path)
{
	append_synopsis(text, command, path);
	g_string_append_printf(text, "\n    %s.\n\n", command->summary);
	for (const struct command *const *sub = command->subcommands; sub && *sub; sub++)
		append_entry(text, (*sub)->name, (*sub)->summary);
	if (command->subcommands)
		g_string_append_c(text, '\n');
	append_options(text, command->options);
	if (command->options && command->options->kind != OPTION_END)
		g_string_append_c(text, '\n');
	append_options(text, option_common_specs);
}

/* The commands of one group, with its heading. */
static void append_group(GString *text, const struct command *const *commands, const char *group)
{
	g_string_append_printf(text, "\n%s\n", group);
	for (; *commands; commands++)
		if (strcmp((*commands)->group, group) == 0)
			append_entry(text, (*commands)->name, (*commands)->summary);
}

/* Whether no command before `at` has its group. */
static bool begins_group(const struct command *const *commands, const struct command *const *at)
{
	for (; commands < at; commands++)
		if (strcmp((*commands)->group, (*at)->group) == 0)
			return false;
	return true;
}

void usage_program(GString *text, const struct program *program)
{
	g_string_append(text, "usage: git mlv [-C <dir>] [-q] [-v] [--no-progress] [--version] <command> [<args>]\n");
	for (const struct command *const *command = program->commands; *command; command++)
		if (begins_group(program->commands, command))
			append_group(text, program->commands, (*command)->group);
	g_string_append(text, "\n'git mlv <command> -h' lists a command's options, 'git mlv help <command>' opens its "
			      "manual page.\n");
}

const struct command *usage_find(const struct command *const *commands, const char *name)
{
	for (; commands && *commands; commands++)
		if (strcmp((*commands)->name, name) == 0)
			return *commands;
	return NULL;
}

void usage_unknown(const struct command *const *commands, const char *parent, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *quoted = quote_path(name);
	const char *nearest;

	for (; *commands; commands++)
		g_ptr_array_add(names, (gpointer)(*commands)->name);
	g_ptr_array_add(names, NULL);
	nearest = nearest_name((const char *const *)names->pdata, name);
	error_set(error, ERROR_USAGE, "'%s%s%s' is not a command of git mlv", parent ? parent : "", parent ? " " : "",
		  quoted);
	if (nearest)
		error_hint(error, "did you mean git mlv %s%s%s?", parent ? parent : "", parent ? " " : "", nearest);
	else
		error_hint(error, "git mlv %s%s-h lists them", parent ? parent : "", parent ? " " : "");
}

const struct command *usage_resolve(const struct program *program, char **words, char **path, GError **error)
{
	const struct command *const *table = program->commands;
	g_autoptr(GString) name = g_string_new(NULL);
	const struct command *command = NULL;

	for (; *words && table; words++) {
		command = usage_find(table, *words);
		if (!command) {
			usage_unknown(table, name->len ? name->str : NULL, *words, error);
			return NULL;
		}
		g_string_append_printf(name, "%s%s", name->len ? " " : "", command->name);
		table = command->subcommands;
	}
	if (*words) {
		error_set(error, ERROR_USAGE, "'%s' has no command '%s'", name->str, *words);
		return NULL;
	}
	if (path)
		*path = g_string_free(g_steal_pointer(&name), FALSE);
	return command;
}
