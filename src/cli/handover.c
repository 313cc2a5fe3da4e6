#include "cli/handover.h"

#include "base/error.h"
#include "base/path.h"
#include "base/trace.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define NETWORK_PROGRAM "git-mlv-network"

/* Where this program lies, as a new string; NULL if /proc is not there. */
static char *own_path(void)
{
	return g_file_read_link("/proc/self/exe", NULL);
}

static char *find_network(void)
{
	g_autofree char *self = own_path(), *own_dir = self ? path_parent(self) : NULL;
	const char *dirs[] = {g_getenv("GIT_MLV_EXEC_PATH"), PKGLIBEXECDIR, own_dir};

	for (unsigned i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *path = dirs[i] ? path_join(dirs[i], NETWORK_PROGRAM) : NULL;

		if (path && access(path, X_OK) == 0)
			return g_steal_pointer(&path);
	}
	return NULL;
}

bool handover_to_network(char **argv, GError **error)
{
	g_autofree char *path = find_network();
	g_autofree char **arguments = g_new(char *, g_strv_length(argv) + 1);

	if (!path) {
		error_set(error, ERROR_NOT_FOUND, "cannot find the program '%s' in '%s'", NETWORK_PROGRAM,
			  PKGLIBEXECDIR);
		error_hint(error, "set GIT_MLV_EXEC_PATH to its directory, or install git-mlv again");
		return false;
	}
	memcpy(arguments, argv, sizeof(*argv) * (g_strv_length(argv) + 1));
	arguments[0] = path;
	trace("cli", "hand over to %s", path);
	execv(path, arguments);
	error_set_errno(error, errno, "run '%s'", path);
	return false;
}

/* Between fork and exec: what we ignore, a child must not. */
static void restore_signals(gpointer unused G_GNUC_UNUSED)
{
	signal(SIGPIPE, SIG_DFL);
}

static int wait_for(GPid pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 128;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int handover_run(const char *const *args, GError **error)
{
	g_autofree char *self = own_path();
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autoptr(GError) cause = NULL;
	GPid pid;

	g_ptr_array_add(argv, self ? self : (char *)"git-mlv");
	for (; *args; args++)
		g_ptr_array_add(argv, (gpointer)*args);
	g_ptr_array_add(argv, NULL);
	if (!g_spawn_async(NULL, (char **)argv->pdata, NULL,
			   G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN,
			   restore_signals, NULL, &pid, &cause)) {
		error_set(error, ERROR_FAILED, "run '%s': %s", (char *)argv->pdata[0], cause->message);
		return -1;
	}
	return wait_for(pid);
}

bool handover_to_manual(const char *page, GError **error)
{
	const char *old = g_getenv("MANPATH");
	g_autofree char *path = g_strconcat(MANDIR, ":", old ? old : "", NULL);

	/* An empty element stands for the system's own directories. */
	g_setenv("MANPATH", path, true);
	signal(SIGPIPE, SIG_DFL);
	execlp("man", "man", page, (char *)NULL);
	error_set_errno(error, errno, "run 'man %s'", page);
	error_hint(error, "the option -h prints a short help");
	return false;
}
