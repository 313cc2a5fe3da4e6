#include "pipeline/slurm-script.h"

/* Append the text as one word of a shell. */
static void add_word(GString *out, const char *text)
{
	g_string_append_c(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			g_string_append(out, "'\\''");
		else
			g_string_append_c(out, *text);
	}
	g_string_append_c(out, '\'');
}

/* Append dir/N.suffix as one word. */
static void add_file(GString *out, const struct slurm_place *place, const char *suffix)
{
	g_autofree char *path = g_strdup_printf("%s/%u%s", place->dir, place->number, suffix);

	add_word(out, path);
}

/*
 * end STATUS: leave it where we look, in one step, and end. Slurm wakes all processes of a job before it terminates them, one by
 * one: a shell whose command is hit first may go on and end well before its own turn comes. What is so cut off has not ended well.
 */
static void add_end(GString *out, const struct slurm_place *place)
{
	g_string_append(out, "woken= terminated=\ntrap 'woken=1' CONT\ntrap 'terminated=143' TERM\n"
			     "end() {\n\t[ -z \"$woken\" ] || sleep 1\n\tset -- \"${terminated:-$1}\"\n"
			     "\tprintf '%s\\n' \"$1\" >");
	add_file(out, place, SLURM_ENDED ".new");
	g_string_append(out, " && mv -f ");
	add_file(out, place, SLURM_ENDED ".new");
	g_string_append_c(out, ' ');
	add_file(out, place, SLURM_ENDED);
	g_string_append(out, "\n\texit \"$1\"\n}\n");
}

static void add_command(GString *out, const char *const *shell, const char *command)
{
	g_string_append(out, "printf '> %s\\n' ");
	add_word(out, command);
	g_string_append_c(out, '\n');
	for (; *shell; shell++) {
		add_word(out, *shell);
		g_string_append_c(out, ' ');
	}
	add_word(out, command);
	g_string_append(out, " || end $?\n");
}

char *slurm_look(const char *root, char *const *paths)
{
	GString *out = g_string_new("(cd ");

	add_word(out, root);
	g_string_append(out, " && LC_ALL=C find -L");
	for (char *const *path = paths; *path; path++) {
		g_string_append(out, " ./");
		add_word(out, *path);
	}
	/* Folders change their stamps for files that come and go at once. Nothing at all is no reason to look at everything. */
	if (*paths)
		g_string_append(out, " -type d -printf 'd %p\\0' -o -printf '%y %i %s %T@ %C@ %p\\0'");
	else
		g_string_append(out, " /dev/null");
	g_string_append(out, " 2>/dev/null | LC_ALL=C sort -z | sha256sum)");
	return g_string_free(out, FALSE);
}

/* Have a digest of these paths in dir/N.suffix. */
static void add_look(GString *out, const struct slurm_place *place, char *const *paths, const char *suffix)
{
	g_autofree char *look = slurm_look(place->notes->root, paths);

	g_string_append_printf(out, "%s >", look);
	add_file(out, place, suffix);
	g_string_append(out, " || end 1\n");
}

/* Note what the commands are going to read. Of parameters only values count, so their files are copied. */
static void add_inputs(GString *out, const struct slurm_place *place)
{
	const struct slurm_notes *notes = place->notes;

	add_look(out, place, notes->inputs, SLURM_READ);
	add_look(out, place, notes->params, SLURM_PARAMS);
	for (guint i = 0; notes->params[i]; i++) {
		g_autofree char *suffix = g_strdup_printf(SLURM_PARAMS_COPY "%u", i);
		g_autofree char *path = g_strdup_printf("%s/%s", notes->root, notes->params[i]);

		g_string_append(out, "cat ");
		add_word(out, path);
		g_string_append(out, " >");
		add_file(out, place, suffix);
		g_string_append(out, " || end 1\n");
	}
}

char *slurm_script(const struct exec_job *job, const struct slurm_place *place)
{
	GString *out = g_string_new("#!/bin/sh\n");

	add_end(out, place);
	/* Who finds the folder gone was given up. `true`, because a shell ends where a built-in like `:` cannot open a file. */
	g_string_append(out, "echo \"$SLURM_JOB_ID\" >");
	add_file(out, place, SLURM_STARTED);
	g_string_append(out, " || exit 1\ntrue >");
	add_word(out, job->log);
	g_string_append(out, " || end 1\nexec >>");
	add_word(out, job->log);
	g_string_append(out, " 2>&1 </dev/null\ncd ");
	add_word(out, job->dir);
	g_string_append(out, " || end 1\n");
	for (const char *const *setting = job->environment; *setting; setting++) {
		g_string_append(out, "export ");
		add_word(out, *setting);
		g_string_append_c(out, '\n');
	}
	if (place->notes)
		add_inputs(out, place);
	for (const char *const *command = job->commands; *command; command++)
		add_command(out, place->shell, *command);
	if (place->notes) {
		add_look(out, place, place->notes->inputs, SLURM_READ_AFTER);
		add_look(out, place, place->notes->params, SLURM_PARAMS_AFTER);
		add_look(out, place, place->notes->outputs, SLURM_WROTE);
	}
	g_string_append(out, "end 0\n");
	return g_string_free(out, FALSE);
}

char *slurm_starter(const char *dir, guint first, bool array)
{
	GString *out = g_string_new("#!/bin/sh\nexec /bin/sh ");

	add_word(out, dir);
	if (array)
		g_string_append_printf(out, "/$((%u + SLURM_ARRAY_TASK_ID))" SLURM_SCRIPT "\n", first);
	else
		g_string_append_printf(out, "/%u" SLURM_SCRIPT "\n", first);
	return g_string_free(out, FALSE);
}
