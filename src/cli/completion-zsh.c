#include "cli/completion-int.h"

/* The part that does not depend on the tables: helpers, and the way from `git mlv` to a command's own function. */
static const char body[] =
	"__git-mlv-remotes () {\n"
	"  local -a names\n"
	"  names=(${(f)\"$(git mlv config --list 2>/dev/null | sed -n "
	"'s/^\\(mlv-\\)\\{0,1\\}remote\\.\\([^=]*\\)\\.url=.*/\\2/p' | sort -u)\"})\n"
	"  _describe -t remotes 'remote' names\n"
	"}\n\n"
	"__git-mlv-stages () {\n"
	"  local -a names\n"
	"  names=(${(f)\"$(git mlv stage list --all --name-only 2>/dev/null)\"})\n"
	"  _alternative 'stages:stage:compadd -a names' 'files:file:_files'\n"
	"}\n\n"
	"__git-mlv-revisions () {\n"
	"  local -a names\n"
	"  names=(HEAD ${(f)\"$(git for-each-ref --format='%(refname:short)' 2>/dev/null)\"})\n"
	"  _describe -t revisions 'revision' names\n"
	"}\n\n"
	"# Complete a command below $1 (\"\" for all), then hand on to the function of the one that was given.\n"
	"__git-mlv-dispatch () {\n"
	"  local curcontext=$curcontext state line ret=1 above=$1\n"
	"  typeset -A opt_args\n"
	"  _arguments -C -S \\\n"
	"    '-C+[run as if started in <dir>]:directory:_files -/' \\\n"
	"    '--version[print the version]' \\\n"
	"    '(- *)-h[show this text]' \\\n"
	"    '(-): :->command' '(-)*:: :->arguments' && ret=0\n"
	"  case $state in\n"
	"  (command) __git-mlv-commands \"$above\" && ret=0 ;;\n"
	"  (arguments) _call_function ret \"_git-mlv${above:+-$above}-$words[1]\" || { _files && ret=0 } ;;\n"
	"  esac\n"
	"  return ret\n"
	"}\n\n"
	"_git-mlv () {\n"
	"  __git-mlv-dispatch ''\n"
	"}\n\n"
	"_git-mlv \"$@\"\n";

/* Append text for the inside of a specification: what would end a part of it is escaped. */
static void append_part(GString *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
}

static void append_action(GString *out, enum option_completion kind, const char *words)
{
	switch (kind) {
	case COMPLETE_NONE:
		g_string_append_c(out, ' ');
		break;
	case COMPLETE_FILE:
		g_string_append(out, "_files");
		break;
	case COMPLETE_DIR:
		g_string_append(out, "_files -/");
		break;
	case COMPLETE_REMOTE:
		g_string_append(out, "__git-mlv-remotes");
		break;
	case COMPLETE_REVISION:
		g_string_append(out, "__git-mlv-revisions");
		break;
	case COMPLETE_COMMAND:
		g_string_append(out, "__git-mlv-commands ''");
		break;
	case COMPLETE_STAGE:
		g_string_append(out, "__git-mlv-stages");
		break;
	case COMPLETE_WORDS:
		g_string_append_printf(out, "(%s)", words);
	}
}

/* One name of an option as an argument for _arguments: '(-f --force)--force[help]:what:action'. */
static void append_spec(GString *out, const struct option_spec *spec, const char *name, const char *rivals)
{
	g_autoptr(GString) text = g_string_new(NULL);
	bool repeats = spec->kind == OPTION_COUNT || spec->kind == OPTION_STRINGS, is_long = name[1] == '-';

	if (repeats)
		g_string_append_c(text, '*');
	else
		g_string_append_printf(text, "(%s)", rivals);
	g_string_append(text, name);
	if (option_takes_value(spec))
		g_string_append(text, !is_long ? "+" : spec->fallback ? "=-" : "=");
	g_string_append_c(text, '[');
	append_part(text, spec->help);
	g_string_append_c(text, ']');
	if (option_takes_value(spec)) {
		g_string_append(text, spec->fallback ? "::" : ":");
		append_part(text, spec->value);
		g_string_append_c(text, ':');
		append_action(text, spec->completion, spec->words);
	}
	g_string_append(out, " \\\n    ");
	completion_quote(out, text->str);
}

static void append_options(GString *out, const struct option_spec *specs)
{
	for (const struct option_spec *spec = specs; spec && spec->kind != OPTION_END; spec++) {
		char short_name[] = {'-', spec->short_name, '\0'};
		g_autofree char *long_name = spec->long_name ? g_strconcat("--", spec->long_name, NULL) : NULL;
		g_autofree char *rivals =
			g_strconcat(spec->short_name ? short_name : "", spec->short_name && long_name ? " " : "",
				    long_name ? long_name : "", NULL);

		if (spec->hidden)
			continue;
		if (spec->short_name)
			append_spec(out, spec, short_name, rivals);
		if (long_name)
			append_spec(out, spec, long_name, rivals);
	}
}

/* The function of one command: "_git-mlv-remote-add". */
static void visit(const char *path, const struct command *command, GString *out)
{
	g_autofree char *name = g_strdelimit(g_strdup(path), " ", '-');
	g_autoptr(GString) action = g_string_new("*:argument:");

	g_string_append_printf(out, "_git-mlv-%s () {\n", name);
	if (command->subcommands) {
		g_string_append_printf(out, "  __git-mlv-dispatch '%s'\n}\n\n", name);
		return;
	}
	append_action(action, command->arguments == COMPLETE_NONE ? COMPLETE_FILE : command->arguments, command->words);
	g_string_append(out, "  _arguments -s -S");
	append_options(out, command->options);
	append_options(out, option_common_specs);
	if (command->max_args > 0) {
		g_string_append(out, " \\\n    ");
		completion_quote(out, action->str);
	}
	g_string_append(out, "\n}\n\n");
}

static void append_names(GString *out, const char *above, const struct command *const *commands)
{
	g_autofree char *name = g_strdelimit(g_strdup(above), " ", '-');

	g_string_append_printf(out, "  ('%s') names=(", name);
	for (; *commands; commands++) {
		g_autofree char *text = g_strconcat((*commands)->name, ":", (*commands)->summary, NULL);

		g_string_append(out, "\n    ");
		completion_quote(out, text);
	}
	g_string_append(out, "\n  ) ;;\n");
}

static void visit_names(const char *path, const struct command *command, GString *out)
{
	if (command->subcommands)
		append_names(out, path, command->subcommands);
}

void completion_zsh(const struct program *program, GString *out)
{
	g_string_append(out, "#compdef git-mlv\n#description version data, models and the pipelines that make them\n"
			     "# zsh completion of git mlv, made by `git mlv completion zsh`\n\n"
			     "# Offer the commands below $1.\n"
			     "__git-mlv-commands () {\n  local -a names\n  case $1 in\n");
	append_names(out, "", program->commands);
	completion_each(program, visit_names, out);
	g_string_append(out, "  esac\n  _describe -t commands 'command of git mlv' names\n}\n\n");
	completion_each(program, visit, out);
	g_string_append(out, body);
}
