#include "pipeline/exec.h"
#include "pipeline/exec-guard.h"
#include "pipeline/tracer.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a signal that came just before poll() may go unnoticed, and how often to look where there are no pidfds. */
#define POLL_MS 250
#define LOOK_MS 5

/*
 * A shell that has just started catches SIGINT for itself and may lose it between fork and exec (bash 5.2 and dash 0.5.12 do):
 * a command this young when it was stopped is told once more after as long. One that runs longer may be tidying up: it is not.
 */
#define YOUNG_US G_USEC_PER_SEC

/* Descriptors that are left for files, pools and the like. */
#define OWN_DESCRIPTORS 64

struct local {
	unsigned jobs;
	char **shell;
	char *state_dir;
	struct guard *guard; /* NULL until the first job */
	GPtrArray *running;  /* of struct run, owned */
	GArray *ended;       /* of struct exec_result that nobody has fetched */
	int signal;          /* the last that stop() sent, 0: none */
	int64_t stopped;     /* when, by the steady clock */
};

/* A job under way. */
struct run {
	struct exec_job *job;
	guint at;  /* which of its commands runs */
	pid_t pid; /* of its shell, which leads its process group */
	int pidfd; /* -1: the kernel has none */
	int64_t started; /* when its command was, by the steady clock */
	bool told_again; /* that it is to stop */
	int log;
	char **environment;
};

static void run_free(void *data)
{
	struct run *run = data;

	fd_auto(&run->log);
	fd_auto(&run->pidfd);
	g_strfreev(run->environment);
	g_free(run);
}

/* How many jobs there are descriptors for: each needs two, and others are open. */
static unsigned jobs_by_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return G_MAXINT;
	return limit.rlim_cur < OWN_DESCRIPTORS + 2 ? 1 : (unsigned)MIN((limit.rlim_cur - OWN_DESCRIPTORS) / 2, G_MAXINT);
}

static void *local_open(const struct exec_options *options, GError **error G_GNUC_UNUSED)
{
	struct local *local = g_new0(struct local, 1);

	local->jobs = MIN(MIN(options->jobs, GUARD_GROUPS), jobs_by_descriptors());
	local->shell = exec_shell();
	local->state_dir = g_strdup(options->state_dir);
	local->running = g_ptr_array_new_with_free_func(run_free);
	local->ended = g_array_new(FALSE, FALSE, sizeof(struct exec_result));
	return local;
}

static unsigned local_room(void *exec)
{
	const struct local *local = exec;

	return local->jobs - MIN(local->jobs, local->running->len);
}

/* The job of `run` is over. */
static void end(struct local *local, struct run *run, int status, const char *reason)
{
	struct exec_result result = {.job = run->job, .status = status, .reason = g_strdup(reason)};

	g_array_append_val(local->ended, result);
	g_ptr_array_remove_fast(local->running, run);
}

/* What happens in the child before it becomes the shell. */
static void plan_child(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, const struct run *run)
{
	sigset_t defaults;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setsigdefault(attributes, &defaults);
	/*
	 * A process group of its own, to be ended as one. In our session it would be stopped, silently and for ever, when it asks the
	 * terminal for something; in its own it has no terminal, and is told so.
	 */
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_init(actions);
	posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(actions, run->log, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(actions, run->log, STDERR_FILENO);
	posix_spawn_file_actions_addchdir_np(actions, run->job->dir);
}

static void fail_spawn(const struct local *local, const struct run *run, int errnum, GError **error)
{
	g_autofree char *dir = quote_path(run->job->dir), *shell = quote_path(local->shell[0]);
	struct stat st;

	/* ENOENT may mean the one or the other. */
	if (stat(run->job->dir, &st) < 0 || !S_ISDIR(st.st_mode))
		error_set_errno(error, errnum, "run a command in directory '%s'", dir);
	else
		error_set_errno(error, errnum, "run '%s'", shell);
}

/* What to run for the command that is next: the shell with it, behind the tracer if there is one. NULL at its end. */
static GPtrArray *command_line(const struct local *local, const struct run *run)
{
	g_auto(GStrv) prefix = run->job->trace ? tracer_prefix(run->job->trace) : NULL;
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	for (char **word = prefix; word && *word; word++)
		g_ptr_array_add(argv, g_strdup(*word));
	for (char **word = local->shell; *word; word++)
		g_ptr_array_add(argv, g_strdup(*word));
	g_ptr_array_add(argv, g_strdup(run->job->commands[run->at]));
	g_ptr_array_add(argv, NULL);
	return argv;
}

/* Say in the log what is about to run. */
static bool announce(const struct run *run, GError **error)
{
	g_autofree char *said = g_strconcat("> ", run->job->commands[run->at], "\n", NULL);

	if (file_write_all(run->log, said, strlen(said), error))
		return true;
	g_prefix_error(error, "write '%s': ", run->job->log);
	return false;
}

/*
 * Open the log and announce the first command. What the file may hold is written over and then cut off; what is cut to nothing
 * first ext4 sends to the disk when it is closed.
 */
static bool begin_log(struct run *run, GError **error)
{
	run->log = open(run->job->log, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (run->log < 0) {
		error_set_errno(error, errno, "create '%s'", run->job->log);
		return false;
	}
	if (*run->job->commands && !announce(run, error))
		return false;
	/* Several processes write to it. */
	if (!ftruncate(run->log, lseek(run->log, 0, SEEK_CUR)) && !fcntl(run->log, F_SETFL, O_APPEND))
		return true;
	error_set_errno(error, errno, "write '%s'", run->job->log);
	return false;
}

/* Start the command that is next. */
static bool spawn(struct local *local, struct run *run, GError **error)
{
	g_autoptr(GPtrArray) argv = command_line(local, run);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int errnum;

	if (run->at && !announce(run, error))
		return false;
	plan_child(&actions, &attributes, run);
	errnum = posix_spawnp(&run->pid, argv->pdata[0], &actions, &attributes, (char *const *)argv->pdata,
			      run->environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (errnum) {
		fail_spawn(local, run, errnum, error);
		return false;
	}
	run->started = clock_steady_us();
	guard_watch(local->guard, run->pid, true);
	run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	return true;
}

/* Start the next command; the job ends if there is none, or if it cannot be started. */
static void go_on(struct local *local, struct run *run)
{
	g_autoptr(GError) error = NULL;

	if (!run->job->commands[run->at])
		end(local, run, 0, NULL);
	else if (local->signal)
		end(local, run, 128 + local->signal, "cancelled");
	else if (!spawn(local, run, &error))
		end(local, run, -1, error->message);
}

static void begin(struct local *local, struct exec_job *job)
{
	struct run *run = g_new0(struct run, 1);
	g_autoptr(GError) error = NULL;

	run->job = job;
	run->pidfd = -1;
	run->environment = exec_environment(job->environment);
	g_ptr_array_add(local->running, run);
	if (begin_log(run, &error))
		go_on(local, run);
	else
		end(local, run, -1, error->message);
}

static bool local_start(void *exec, struct exec_job *const *jobs, guint count, GError **error)
{
	struct local *local = exec;

	if (!local->guard)
		local->guard = guard_new(local->state_dir, error);
	if (!local->guard)
		return false;
	/* What cannot be started is a job that ended, so that there is one way to learn of failures. */
	for (guint i = 0; i < count; i++)
		begin(local, jobs[i]);
	return true;
}

/* Whether the command of `run` has ended: then the job goes on or ends, too. */
static bool settle(struct local *local, struct run *run)
{
	siginfo_t info = {.si_pid = 0};
	int status;

	/* Until the shell is reaped its number is taken: the guard must forget it before. */
	if (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid)
		return false;
	guard_watch(local->guard, run->pid, false);
	if (waitpid(run->pid, &status, 0) < 0)
		status = 0;
	fd_auto(&run->pidfd);
	run->pidfd = -1;
	status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	run->at++;
	if (status)
		end(local, run, status, local->signal ? "cancelled" : NULL);
	else
		go_on(local, run);
	return true;
}

/* Sleep until a shell ends, at most timeout_ms. */
static void sleep_for(const struct local *local, int timeout_ms)
{
	g_autofree struct pollfd *fds = g_new0(struct pollfd, local->running->len);

	for (guint i = 0; i < local->running->len; i++) {
		const struct run *run = g_ptr_array_index(local->running, i);

		fds[i] = (struct pollfd){.fd = run->pidfd, .events = POLLIN};
		if (run->pidfd < 0)
			timeout_ms = MIN(timeout_ms, LOOK_MS);
	}
	poll(fds, local->running->len, timeout_ms);
}

static void tell(const struct run *run, int number)
{
	kill(-run->pid, number);
	/* One that is stopped would never hear of it. */
	kill(-run->pid, SIGCONT);
}

/* Tell once more those whose shells may have lost the signal. */
static void tell_young(const struct local *local)
{
	if (!local->signal || clock_steady_us() - local->stopped < YOUNG_US)
		return;
	for (guint i = 0; i < local->running->len; i++) {
		struct run *run = g_ptr_array_index(local->running, i);

		if (!run->told_again && local->stopped - run->started < YOUNG_US)
			tell(run, local->signal);
		run->told_again = true;
	}
}

static bool local_wait(void *exec, int timeout_ms, struct exec_result *result, GError **error)
{
	struct local *local = exec;
	int64_t deadline = clock_steady_us() + (int64_t)timeout_ms * 1000;

	for (;;) {
		int64_t left;

		/* Backwards: what ends is replaced by the last. */
		for (guint i = local->running->len; i-- > 0;)
			settle(local, g_ptr_array_index(local->running, i));
		if (local->ended->len) {
			*result = g_array_index(local->ended, struct exec_result, 0);
			g_array_remove_index(local->ended, 0);
			return true;
		}
		if (!local->signal && !cancel_check(error))
			return false;
		tell_young(local);
		left = (deadline - clock_steady_us()) / 1000;
		if (left <= 0 || !local->running->len)
			return false;
		sleep_for(local, (int)MIN(left, POLL_MS));
	}
}

static void local_stop(void *exec, int number)
{
	struct local *local = exec;

	local->signal = number;
	local->stopped = clock_steady_us();
	for (guint i = 0; i < local->running->len; i++)
		tell(g_ptr_array_index(local->running, i), number);
}

static void local_close(void *exec)
{
	struct local *local = exec;

	if (!local)
		return;
	guard_free(local->guard);
	for (guint i = 0; i < local->ended->len; i++)
		g_free(g_array_index(local->ended, struct exec_result, i).reason);
	g_array_unref(local->ended);
	g_ptr_array_unref(local->running);
	g_strfreev(local->shell);
	g_free(local->state_dir);
	g_free(local);
}

const struct exec_ops exec_local = {
	.name = "local",
	.open = local_open,
	.room = local_room,
	.start = local_start,
	.wait = local_wait,
	.stop = local_stop,
	.close = local_close,
};
