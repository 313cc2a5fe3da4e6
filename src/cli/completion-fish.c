#include "cli/completion-int.h"

/* The part that does not depend on the tables. */
static const char body[] =
	"# fish completion of git mlv, made by `git mlv completion fish`\n\n"
	"# The words after `git mlv` (or `git-mlv`) that are no options; fails if the line is for something else.\n"
	"function __fish_git_mlv_words\n"
	"    set -l words (commandline -opc)\n"
	"    set -l from 2\n"
	"    if not string match -q '*git-mlv' -- $words[1]\n"
	"        set from (contains -i -- mlv $words); or return 1\n"
	"        # Only options of git may stand before it.\n"
	"        set from (math $from + 1)\n"
	"    end\n"
	"    test (count $words) -ge $from; or return 0\n"
	"    string match -v -- '-*' $words[$from..-1]\n"
	"    return 0\n"
	"end\n\n"
	"# Whether the next word is a command below $argv (\"\" for the first).\n"
	"function __fish_git_mlv_needs\n"
	"    set -l words (__fish_git_mlv_words); or return 1\n"
	"    test \"$words\" = \"$argv\"\n"
	"end\n\n"
	"# Whether the line is for the command $argv, or for any.\n"
	"function __fish_git_mlv_using\n"
	"    set -l words (__fish_git_mlv_words); or return 1\n"
	"    set -l length (count $argv)\n"
	"    test $length -eq 0; and return 0\n"
	"    test \"$words[1..$length]\" = \"$argv\"\n"
	"end\n\n"
	"function __fish_git_mlv_remotes\n"
	"    git mlv config --list 2>/dev/null | string replace -rf '^(?:mlv-)?remote\\.([^=]*)\\.url=.*' '$1' | sort "
	"-u\n"
	"end\n\n"
	"function __fish_git_mlv_stages\n"
	"    git mlv stage list --all --name-only 2>/dev/null\n"
	"end\n\n"
	"function __fish_git_mlv_revisions\n"
	"    echo HEAD\n"
	"    git for-each-ref --format='%(refname:short)' 2>/dev/null\n"
	"end\n\n";

/* Append text in single quotes, as fish reads it. */
static void append_quoted(GString *out, const char *text)
{
	g_string_append_c(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '\'');
}

/* The beginning of a rule: both for `git mlv` and for `git-mlv`, under a condition. */
static void append_rule(GString *out, const char *condition, const char *path)
{
	g_string_append_printf(out, "complete -c git -c git-mlv -n '__fish_git_mlv_%s%s%s'", condition,
			       *path ? " " : "", path);
}

static void append_command(GString *out, const char *above, const struct command *command)
{
	append_rule(out, "needs", above);
	g_string_append_printf(out, " -f -a %s -d ", command->name);
	append_quoted(out, command->summary);
	g_string_append_c(out, '\n');
}

/* What completes a value: the options -x (a value, no files), -r (a value, files too) and -a of `complete`. */
static void append_completion(GString *out, enum option_completion kind, const char *words, const char *no_files)
{
	switch (kind) {
	case COMPLETE_NONE:
	case COMPLETE_FILE:
		break;
	case COMPLETE_DIR:
		g_string_append_printf(out, " %s -a '(__fish_complete_directories)'", no_files);
		break;
	case COMPLETE_REMOTE:
		g_string_append_printf(out, " %s -a '(__fish_git_mlv_remotes)'", no_files);
		break;
	case COMPLETE_REVISION:
		g_string_append_printf(out, " %s -a '(__fish_git_mlv_revisions)'", no_files);
		break;
	case COMPLETE_COMMAND:
		g_string_append_printf(out, " %s -a '(__fish_git_mlv_commands)'", no_files);
		break;
	case COMPLETE_STAGE:
		g_string_append(out, " -F -a '(__fish_git_mlv_stages)'");
		break;
	case COMPLETE_WORDS:
		g_string_append_printf(out, " %s -a ", no_files);
		append_quoted(out, words);
	}
}

static void append_options(GString *out, const char *path, const struct option_spec *specs)
{
	for (const struct option_spec *spec = specs; spec && spec->kind != OPTION_END; spec++) {
		if (spec->hidden)
			continue;
		append_rule(out, "using", path);
		if (spec->short_name)
			g_string_append_printf(out, " -s %c", spec->short_name);
		if (spec->long_name)
			g_string_append_printf(out, " -l %s", spec->long_name);
		if (option_takes_value(spec) &&
		    (spec->completion == COMPLETE_NONE || spec->completion == COMPLETE_FILE))
			g_string_append(out, spec->completion == COMPLETE_NONE ? " -x" : " -r -F");
		else if (option_takes_value(spec))
			append_completion(out, spec->completion, spec->words, spec->fallback ? "-f" : "-x");
		g_string_append(out, " -d ");
		append_quoted(out, spec->help);
		g_string_append_c(out, '\n');
	}
}

static void visit(const char *path, const struct command *command, GString *out)
{
	for (const struct command *const *sub = command->subcommands; sub && *sub; sub++)
		append_command(out, path, *sub);
	append_options(out, path, command->options);
	if (command->arguments != COMPLETE_NONE && command->arguments != COMPLETE_FILE) {
		append_rule(out, "using", path);
		append_completion(out, command->arguments, command->words, "-f");
		g_string_append_c(out, '\n');
	} else if (command->max_args > 0) {
		/* fish's own rules for git turn files off. */
		append_rule(out, "using", path);
		g_string_append(out, " -F\n");
	}
}

void completion_fish(const struct program *program, GString *out)
{
	g_string_append(out, body);
	g_string_append(out, "function __fish_git_mlv_commands\n    printf '%s\\n'");
	for (const struct command *const *command = program->commands; *command; command++)
		g_string_append_printf(out, " %s", (*command)->name);
	g_string_append(out, "\nend\n\n");
	for (const struct command *const *command = program->commands; *command; command++)
		append_command(out, "", *command);
	completion_each(program, visit, out);
	append_options(out, "", option_common_specs);
}
