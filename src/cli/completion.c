#include "cli/completion.h"

#include "base/error.h"
#include "cli/completion-int.h"

static void visit_all(const struct command *const *commands, const char *above, completion_visit visit, GString *out)
{
	for (; commands && *commands; commands++) {
		g_autofree char *path = g_strconcat(above, *above ? " " : "", (*commands)->name, NULL);

		visit(path, *commands, out);
		visit_all((*commands)->subcommands, path, visit, out);
	}
}

void completion_each(const struct program *program, completion_visit visit, GString *out)
{
	visit_all(program->commands, "", visit, out);
}

void completion_quote(GString *out, const char *text)
{
	g_string_append_c(out, '\'');
	for (; *text; text++)
		if (*text == '\'')
			g_string_append(out, "'\\''");
		else
			g_string_append_c(out, *text);
	g_string_append_c(out, '\'');
}

GString *completion_script(const struct program *program, const char *shell, GError **error)
{
	static const struct {
		const char *shell;
		void (*write)(const struct program *program, GString *out);
	} writers[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

	for (unsigned i = 0; i < G_N_ELEMENTS(writers); i++)
		if (strcmp(shell, writers[i].shell) == 0) {
			GString *out = g_string_new(NULL);

			writers[i].write(program, out);
			return out;
		}
	error_set(error, ERROR_USAGE, "no completion for '%s': bash, zsh and fish are known", shell);
	return NULL;
}
