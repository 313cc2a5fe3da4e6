#include "repo/plumbing-int.h"
#include "repo/repo-int.h"

#include "base/error.h"

#include <string.h>

GPtrArray *plumbing_argv(const struct repo *repo, const char *const *args)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	if (repo) {
		for (const char *const *word = repo->backend->git; *word; word++)
			g_ptr_array_add(argv, g_strdup(*word));
		g_ptr_array_add(argv, g_strconcat("--git-dir=", repo->git_dir, NULL));
		if (repo->work_tree)
			g_ptr_array_add(argv, g_strconcat("--work-tree=", repo->work_tree, NULL));
	} else {
		g_ptr_array_add(argv, g_strdup("git"));
	}
	for (; *args; args++)
		g_ptr_array_add(argv, g_strdup(*args));
	g_ptr_array_add(argv, NULL);
	return argv;
}

const char *plumbing_dir(const struct repo *repo)
{
	if (!repo)
		return NULL;
	return repo->work_tree ? repo->work_tree : repo->git_dir;
}

bool plumbing_run(const struct repo *repo, const char *const *args, const char *input, gsize input_length,
		  struct proc_result *result, GError **error)
{
	g_autoptr(GPtrArray) argv = plumbing_argv(repo, args);

	return proc_run((const char *const *)argv->pdata, plumbing_dir(repo), input, input_length, PLUMBING_LIMIT,
			result, error);
}

char *plumbing_output(const struct repo *repo, const char *const *args, gsize *length, GError **error)
{
	struct proc_result result = {0};
	char *out = NULL;

	if (plumbing_run(repo, args, NULL, 0, &result, error)) {
		if (result.status == 0) {
			out = g_steal_pointer(&result.out);
			if (length)
				*length = result.out_length;
		} else {
			plumbing_fail(&result, error);
		}
	}
	proc_result_clear(&result);
	return out;
}

/* The line that says what went wrong: the last "fatal: ", the first "error: ", or else the first line that is not
 * empty. */
static const char *telling_line(char **lines)
{
	const char *fatal = NULL, *failure = NULL, *first = NULL;

	for (char **line = lines; *line; line++) {
		if (g_str_has_prefix(*line, "fatal: "))
			fatal = *line + strlen("fatal: ");
		else if (g_str_has_prefix(*line, "error: ") && !failure)
			failure = *line + strlen("error: ");
		else if (**line && !first)
			first = *line;
	}
	if (fatal)
		return fatal;
	return failure ? failure : first;
}

/* Git indents by a tab the command that it proposes, as for safe.directory. */
static const char *proposed_command(char **lines)
{
	for (char **line = lines; *line; line++)
		if (**line == '\t')
			return *line + 1;
	return NULL;
}

void plumbing_fail(const struct proc_result *result, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(result->err, "\n", -1);
	const char *line = telling_line(lines), *command = proposed_command(lines);
	enum error_code code = ERROR_FAILED;

	if (strstr(result->err, ".lock'"))
		code = ERROR_BUSY;
	else if (strstr(result->err, "safe.directory"))
		code = ERROR_DENIED;
	if (line)
		error_set(error, code, "git: %s", line);
	else
		error_set(error, code, "git ended with exit code %d and no word why", result->status);
	if (command)
		error_hint(error, "%s", command);
}
