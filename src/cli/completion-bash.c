#include "cli/completion-int.h"

/*
 * The part that does not depend on the tables. Git's completion and ours are registered with -o nospace, so every
 * finished word gets its blank here; where nothing is offered, the shell completes files.
 */
static const char body[] =
	"# What an unfinished word could become: the lines of $1 that begin with $2. A word that wants a value ends in "
	"'='.\n"
	"__git_mlv_offer ()\n"
	"{\n"
	"\tlocal word IFS=$'\\n'\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tfor word in $1; do\n"
	"\t\tcase $word in\n"
	"\t\t\"$2\"*=) COMPREPLY+=(\"$word\") ;;\n"
	"\t\t\"$2\"*) COMPREPLY+=(\"$word \") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"}\n"
	"\n"
	"__git_mlv_remotes ()\n"
	"{\n"
	"\tgit mlv config --list 2>/dev/null | sed -n 's/^\\(mlv-\\)\\{0,1\\}remote\\.\\([^=]*\\)\\.url=.*/\\2/p' | "
	"sort -u\n"
	"}\n"
	"\n"
	"__git_mlv_stages ()\n"
	"{\n"
	"\tgit mlv stage list --all --name-only 2>/dev/null\n"
	"}\n"
	"\n"
	"# Offer values of the kind $1 (its words follow in $2) for the unfinished value $3.\n"
	"__git_mlv_values ()\n"
	"{\n"
	"\tcase $1 in\n"
	"\twords) __git_mlv_offer \"${2// /$'\\n'}\" \"$3\" ;;\n"
	"\tcommand) __git_mlv_offer \"$(__git_mlv_commands '')\" \"$3\" ;;\n"
	"\tstage) __git_mlv_offer \"$(__git_mlv_stages)\" \"$3\" ;;\n"
	"\tremote) __git_mlv_offer \"$(__git_mlv_remotes)\" \"$3\" ;;\n"
	"\trevision) __git_mlv_offer \"HEAD$(git for-each-ref --format='%0a%(refname:short)' 2>/dev/null)\" \"$3\" ;;\n"
	"\tdir) mapfile -t COMPREPLY < <(compgen -d -S / -- \"$3\") ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"_git_mlv ()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' word kind i=0 arguments=0 "
	"ended=''\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\twhile ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} != mlv && ${COMP_WORDS[i]} != *git-mlv ]]; do ((i++)); "
	"done\n"
	"\tfor ((i++; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $word == -- ]]; then\n"
	"\t\t\tended=yes\n"
	"\t\telif [[ $word == -* && ! $ended ]]; then\n"
	"\t\t\tif [[ ${COMP_WORDS[i+1]} == = ]]; then\n"
	"\t\t\t\t((i += 2))\n"
	"\t\t\telif [[ $(__git_mlv_option_value \"$command\" \"$word\") ]]; then\n"
	"\t\t\t\t((i++))\n"
	"\t\t\tfi\n"
	"\t\telif ((arguments == 0)) && __git_mlv_commands \"$command\" | grep -qxF -e \"$word\"; then\n"
	"\t\t\tcommand=\"${command:+$command }$word\"\n"
	"\t\telse\n"
	"\t\t\t((arguments++))\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t# bash takes '--name=value' apart at the '='.\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur='' word=$prev\n"
	"\telif [[ $prev == = ]]; then\n"
	"\t\tword=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\telse\n"
	"\t\tword=$prev\n"
	"\tfi\n"
	"\tif [[ $word == -* && ! $ended ]]; then\n"
	"\t\tkind=$(__git_mlv_option_value \"$command\" \"$word\")\n"
	"\tfi\n"
	"\tif [[ $kind ]]; then\n"
	"\t\t__git_mlv_values \"${kind%% *}\" \"${kind#* }\" \"$cur\"\n"
	"\telif [[ $cur == -* && ! $ended ]]; then\n"
	"\t\t__git_mlv_offer \"$(__git_mlv_options \"$command\" | grep -e '^--')\" \"$cur\"\n"
	"\telif ((arguments == 0)) && [[ $(__git_mlv_commands \"$command\") ]]; then\n"
	"\t\t__git_mlv_offer \"$(__git_mlv_commands \"$command\")\" \"$cur\"\n"
	"\telse\n"
	"\t\tkind=$(__git_mlv_arguments \"$command\")\n"
	"\t\t__git_mlv_values \"${kind%% *}\" \"${kind#* }\" \"$cur\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"complete -o bashdefault -o default -o nospace -F _git_mlv git-mlv\n";

/* What the script calls a kind of completion; `words` follow for a fixed list. */
static void append_kind(GString *out, enum option_completion kind, const char *words)
{
	static const char *const names[] = {
		[COMPLETE_NONE] = "none",     [COMPLETE_FILE] = "file",         [COMPLETE_DIR] = "dir",
		[COMPLETE_REMOTE] = "remote", [COMPLETE_REVISION] = "revision", [COMPLETE_COMMAND] = "command",
		[COMPLETE_WORDS] = "words",   [COMPLETE_STAGE] = "stage",
	};
	g_autofree char *text =
		g_strconcat(names[kind], kind == COMPLETE_WORDS ? " " : "", kind == COMPLETE_WORDS ? words : "", NULL);

	completion_quote(out, text);
}

static void append_names(GString *out, const char *path, const struct command *const *commands)
{
	g_string_append(out, "\t");
	completion_quote(out, path);
	g_string_append(out, ") printf '%s\\n'");
	for (; *commands; commands++)
		g_string_append_printf(out, " %s", (*commands)->name);
	g_string_append(out, " ;;\n");
}

static void visit_names(const char *path, const struct command *command, GString *out)
{
	if (command->subcommands)
		append_names(out, path, command->subcommands);
}

static void append_options(GString *out, const struct option_spec *specs)
{
	for (const struct option_spec *spec = specs; spec && spec->kind != OPTION_END; spec++) {
		if (spec->hidden)
			continue;
		if (spec->short_name)
			g_string_append_printf(out, " -%c", spec->short_name);
		if (spec->long_name)
			g_string_append_printf(out, " --%s%s", spec->long_name, option_takes_value(spec) ? "=" : "");
	}
}

static void visit_options(const char *path, const struct command *command, GString *out)
{
	if (!command->options || command->options->kind == OPTION_END)
		return;
	g_string_append(out, "\t");
	completion_quote(out, path);
	g_string_append(out, ") printf '%s\\n'");
	append_options(out, command->options);
	g_string_append(out, " ;;\n");
}

static void append_values(GString *out, const char *path, const struct option_spec *specs)
{
	for (const struct option_spec *spec = specs; spec && spec->kind != OPTION_END; spec++) {
		if (!option_takes_value(spec))
			continue;
		g_string_append_c(out, '\t');
		if (spec->long_name)
			g_string_append_printf(out, "'%s --%s'", path, spec->long_name);
		if (spec->short_name)
			g_string_append_printf(out, "%s'%s -%c'", spec->long_name ? "|" : "", path, spec->short_name);
		g_string_append(out, ") echo ");
		append_kind(out, spec->completion, spec->words);
		g_string_append(out, " ;;\n");
	}
}

static void visit_values(const char *path, const struct command *command, GString *out)
{
	append_values(out, path, command->options);
}

static void visit_arguments(const char *path, const struct command *command, GString *out)
{
	if (command->arguments == COMPLETE_NONE)
		return;
	g_string_append(out, "\t");
	completion_quote(out, path);
	g_string_append(out, ") echo ");
	append_kind(out, command->arguments, command->words);
	g_string_append(out, " ;;\n");
}

void completion_bash(const struct program *program, GString *out)
{
	g_string_append(out, "# bash completion of git mlv, made by `git mlv completion bash`\n\n"
			     "# The names of the commands below $1 (\"\" for all, \"remote\"), one a line.\n"
			     "__git_mlv_commands ()\n{\n\tcase $1 in\n");
	append_names(out, "", program->commands);
	completion_each(program, visit_names, out);
	g_string_append(out, "\tesac\n}\n\n# The options of the command $1, one a line.\n"
			     "__git_mlv_options ()\n{\n\tcase $1 in\n");
	completion_each(program, visit_options, out);
	g_string_append(out, "\tesac\n\tprintf '%s\\n'");
	append_options(out, option_common_specs);
	g_string_append(out, "\n}\n\n# What completes the value of option $2 of command $1; nothing if it takes none.\n"
			     "__git_mlv_option_value ()\n{\n\tcase \"$1 $2\" in\n");
	completion_each(program, visit_values, out);
	/* A leading blank stands for "no command yet"; the common options hold behind every command. */
	g_string_append(out, "\t' -C') echo 'dir' ;;\n\t*' --cd') echo 'dir' ;;\n\tesac\n}\n\n"
			     "# What completes the arguments of command $1; nothing for files.\n"
			     "__git_mlv_arguments ()\n{\n\tcase $1 in\n");
	completion_each(program, visit_arguments, out);
	g_string_append(out, "\tesac\n}\n\n");
	g_string_append(out, body);
}
