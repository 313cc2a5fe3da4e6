#include "cli/pager.h"

#include "base/proc.h"
#include "base/trace.h"
#include "view/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The longest pager command that is believed. */
#define COMMAND_LIMIT 65536

struct pager {
	struct view *view;
	const struct config *config;
	GPid pid;             /* 0 if it does not run */
	int old_out, old_err; /* what standard output and error were; -1 if left alone */
};

/* What Git would run for its own commands, after core.pager and the environment; NULL if it cannot say. New string. */
static char *git_pager(void)
{
	static const char *const argv[] = {
		"git",
		"var",
		"GIT_PAGER",
		NULL,
	};
	struct proc_result result = {0};
	char *command = NULL;

	if (proc_run(argv, NULL, NULL, 0, COMMAND_LIMIT, &result, NULL) && result.status == 0)
		command = g_strchomp(g_steal_pointer(&result.out));
	proc_result_clear(&result);
	return command;
}

/* The pager's command, NULL for none. pager.mlv is false, true, or a command, as pager.<cmd> in git-config(1). New
 * string. */
static char *find_command(const struct config *config)
{
	const char *own = config ? config_get(config, "pager.mlv") : NULL;
	g_autofree char *command = NULL;
	bool wanted = true;

	if (own && config_get_bool(config, "pager.mlv", true, &wanted, NULL))
		own = NULL;
	if (!wanted)
		return NULL;
	command = own && !g_getenv("GIT_PAGER") ? g_strdup(own) : git_pager();
	if (!command || !*command || strcmp(command, "cat") == 0)
		return NULL;
	return g_steal_pointer(&command);
}

/* Between fork and exec: the pager shall end as others do, by signals that we ignore. */
static void restore_signals(gpointer unused G_GNUC_UNUSED)
{
	signal(SIGPIPE, SIG_DFL);
}

/* The environment of the pager: options for less and lv that Git gives, where the user has none. */
static char **pager_environment(void)
{
	char **environment = g_get_environ();

	environment = g_environ_setenv(environment, "LESS", "FRX", false);
	environment = g_environ_setenv(environment, "LV", "-c", false);
	return g_environ_setenv(environment, "GIT_PAGER_IN_USE", "true", true);
}

/* Put `fd` in the place of `target` and keep what was there; -1 if that fails. */
static int redirect(int fd, int target)
{
	int old = fcntl(target, F_DUPFD_CLOEXEC, 3);

	if (old >= 0)
		dup2(fd, target);
	return old;
}

/* Git's pagers are shell commands ("less -S"), so a shell runs them. */
static void start(void *user)
{
	struct pager *pager = user;
	g_autofree char *command = find_command(pager->config);
	const char *argv[] = {
		"/bin/sh",
		"-c",
		command,
		NULL,
	};
	g_auto(GStrv) environment = NULL;
	int input = -1;

	if (!command)
		return;
	environment = pager_environment();
	trace("cli", "pager %s", command);
	if (!g_spawn_async_with_pipes(NULL, (char **)argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, restore_signals,
				      NULL, &pager->pid, &input, NULL, NULL, NULL)) {
		pager->pid = 0;
		return;
	}
	fflush(pager->view->out);
	pager->old_out = redirect(input, STDOUT_FILENO);
	if (pager->view->err_terminal) {
		progress_stop(pager->view->watch);
		pager->old_err = redirect(input, STDERR_FILENO);
	}
	close(input);
}

struct pager *pager_new(struct view *view, const struct config *config)
{
	struct pager *pager;

	if (!view->out_terminal)
		return NULL;
	pager = g_new0(struct pager, 1);
	pager->view = view;
	pager->config = config;
	pager->old_out = pager->old_err = -1;
	view->first_output = start;
	view->first_output_user = pager;
	return pager;
}

static void put_back(int old, int target)
{
	if (old < 0)
		return;
	dup2(old, target);
	close(old);
}

void pager_free(struct pager *pager)
{
	if (!pager)
		return;
	put_back(pager->old_out, STDOUT_FILENO);
	put_back(pager->old_err, STDERR_FILENO);
	while (pager->pid && waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	g_free(pager);
}
