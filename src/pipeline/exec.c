#include "pipeline/exec.h"

#include "base/error.h"
#include "base/path.h"
#include "base/proc.h"

#include <string.h>

/* The first fish that can be kept from reading start-up files. */
#define FISH_MAJOR 3
#define FISH_MINOR 3

/* Longest answer of `fish --version`. */
#define VERSION_LIMIT 4096

static const struct exec_ops *const bodies[] = {&exec_local, &exec_slurm, NULL};

const struct exec_ops *exec_named(const char *name, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (size_t i = 0; bodies[i]; i++) {
		if (g_str_equal(bodies[i]->name, name))
			return bodies[i];
		g_string_append_printf(known, "%s%s", i ? ", " : "", bodies[i]->name);
	}
	error_set(error, ERROR_USAGE, "there is no executor '%s'", name);
	error_hint(error, "there are: %s", known->str);
	return NULL;
}

/* The length of a line of `text` without its end; *next is where the next one begins. Lines end as Python's do, in ASCII. */
static size_t line_length(const char *text, const char **next)
{
	size_t length = strcspn(text, "\n\r\v\f\x1c\x1d\x1e");
	const char *end = text + length;

	*next = *end ? end + 1 : end;
	if (end[0] == '\r' && end[1] == '\n')
		*next = end + 2;
	return length;
}

char **exec_lines(const struct node *cmd)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; cmd->kind == NODE_LIST && i < cmd->count; i++)
		g_ptr_array_add(lines, g_strdup(cmd->items[i]->text ? cmd->items[i]->text : ""));
	for (const char *at = cmd->kind == NODE_STRING ? cmd->text : ""; *at;) {
		const char *line = at;
		size_t length = line_length(at, &at);

		g_ptr_array_add(lines, g_strndup(line, length));
	}
	g_ptr_array_add(lines, NULL);
	return (char **)g_ptr_array_steal(lines, NULL);
}

/* Whether a shell would find nothing to do in it: every line is blank or a comment. */
static bool is_idle(const char *command)
{
	while (*command) {
		command += strspn(command, " \t\n\r\v\f");
		if (*command == '#')
			command += strcspn(command, "\n");
		else if (*command)
			return false;
	}
	return true;
}

char **exec_commands(const struct node *cmd)
{
	char **lines = exec_lines(cmd);
	guint kept = 0;

	for (guint i = 0; lines[i]; i++) {
		char *line = lines[i];

		if (is_idle(line))
			g_free(line);
		else
			lines[kept++] = line;
	}
	lines[kept] = NULL;
	return lines;
}

/* Whether this fish knows --no-config. */
static bool fish_is_new(const char *shell)
{
	const char *argv[] = {shell, "--version", NULL};
	struct proc_result result;
	const char *version;
	guint64 major = 0, minor = 0;
	char *end;

	if (!proc_run(argv, NULL, NULL, 0, VERSION_LIMIT, &result, NULL))
		return false;
	version = strpbrk(result.out, "0123456789");
	if (version) {
		major = g_ascii_strtoull(version, &end, 10);
		minor = *end == '.' ? g_ascii_strtoull(end + 1, NULL, 10) : 0;
	}
	proc_result_clear(&result);
	return major > FISH_MAJOR || (major == FISH_MAJOR && minor >= FISH_MINOR);
}

char **exec_shell(void)
{
	const char *shell = g_getenv("SHELL");
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
	g_autofree char *name = NULL;

	if (!shell || !*shell)
		shell = "/bin/sh";
	name = g_ascii_strdown(path_base(shell), -1);
	g_strv_builder_add(argv, shell);
	if (g_str_equal(name, "bash"))
		g_strv_builder_add_many(argv, "--noprofile", "--norc", NULL);
	else if (g_str_equal(name, "zsh"))
		g_strv_builder_add(argv, "--no-rcs");
	else if (g_str_equal(name, "fish") && fish_is_new(shell))
		g_strv_builder_add(argv, "--no-config");
	g_strv_builder_add(argv, "-c");
	return g_strv_builder_end(argv);
}

/* Whether one of the settings is of the variable that `setting` sets. */
static bool sets_same(const char *const *settings, const char *setting)
{
	size_t length = strcspn(setting, "=");

	for (; *settings; settings++) {
		if (!strncmp(*settings, setting, length) && (*settings)[length] == '=')
			return true;
	}
	return false;
}

char **exec_environment(const char *const *settings)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (char **inherited = environ; *inherited; inherited++) {
		if (!sets_same(settings, *inherited))
			g_ptr_array_add(all, g_strdup(*inherited));
	}
	for (; *settings; settings++)
		g_ptr_array_add(all, g_strdup(*settings));
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_steal(all, NULL);
}
