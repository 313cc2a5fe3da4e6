#include "base/proc.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ERR_LIMIT ((gsize)64 << 10)
#define READ_SIZE ((gsize)64 << 10)

/* How long a signal that came just before poll() may go unnoticed. */
#define POLL_MS 250


/* What a child gets as its descriptors 0, 1 and 2: ours to close afterwards; -1: /dev/null for 0, ours for 1 and 2. */
struct child_ends {
	int in, out, err;
	bool apart; /* in a process group of its own */
};

/* Close *fd if it is open and mark it closed. */
static void close_end(int *fd)
{
	fd_auto(fd);
	*fd = -1;
}

/* A pipe whose ends lie above 2, so that none is trampled on when the child arranges its own three. */
static bool make_pipe(int ends[2], GError **error)
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) < 0) {
		error_set_errno(error, errno, "make a pipe");
		return false;
	}
	for (int i = 0; i < 2; i++) {
		ends[i] = low[i];
		if (low[i] > STDERR_FILENO)
			continue;
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(low[i]);
	}
	if (ends[0] >= 0 && ends[1] >= 0)
		return true;
	error_set_errno(error, errno, "make a pipe");
	close_end(&ends[0]);
	close_end(&ends[1]);
	return false;
}

static void fail_start(const char *program, const char *dir, int errnum, GError **error)
{
	g_autofree char *shown = quote_path(program);
	g_autofree char *shown_dir = dir ? quote_path(dir) : NULL;
	struct stat st;

	/* ENOENT may mean the one or the other. */
	if (dir && (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode)))
		error_set_errno(error, errnum, "run '%s' in directory '%s'", shown, shown_dir);
	else
		error_set_errno(error, errnum, "run '%s'", shown);
}

/* Lay out what happens in the child before it becomes the program. */
static void plan_child(posix_spawn_file_actions_t *actions, const char *dir, const struct child_ends *ends)
{
	/* A child without input must not read the user's terminal. */
	if (ends->in >= 0)
		posix_spawn_file_actions_adddup2(actions, ends->in, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (ends->out >= 0)
		posix_spawn_file_actions_adddup2(actions, ends->out, STDOUT_FILENO);
	if (ends->err >= 0)
		posix_spawn_file_actions_adddup2(actions, ends->err, STDERR_FILENO);
	if (dir)
		posix_spawn_file_actions_addchdir_np(actions, dir);
}

/* Start argv[0] in `dir` with these ends. posix_spawn() copies no page tables, so it is fast from a large process too.
 */
static bool spawn(const char *const *argv, const char *dir, const struct child_ends *ends, pid_t *pid, GError **error)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int errnum;

	/* Signals that we catch become default by themselves; one that we ignore would stay ignored. */
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | (ends->apart ? POSIX_SPAWN_SETPGROUP : 0));
	posix_spawn_file_actions_init(&actions);
	plan_child(&actions, dir, ends);
	errnum = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (errnum)
		fail_start(argv[0], dir, errnum, error);
	return errnum == 0;
}

/* Wait for the child to end; its exit code, 128 + signal if it was killed. */
static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Our side of a running proc_run(). A descriptor is -1 once it is done with. */
struct pump {
	int to, from, from_err;
	const char *input;
	gsize input_left;
	GString *out, *err;
	gsize limit;
	bool apart; /* goes on to its end whatever the user wants */
	int errnum; /* what went wrong, EFBIG for too much output */
};

static void feed(struct pump *pump)
{
	ssize_t n = pump->input_left ? write(pump->to, pump->input, pump->input_left) : 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		pump->input += n;
		pump->input_left -= (gsize)n;
	}
	/* EPIPE: a child may stop reading when it knows enough. */
	if (n < 0 && errno != EPIPE)
		pump->errnum = errno;
	if (n < 0 || pump->input_left == 0)
		close_end(&pump->to);
}

/* Read once from *fd; bytes beyond `limit` are dropped. Whether there were such. */
static bool drain(struct pump *pump, int *fd, GString *text, gsize limit)
{
	char buffer[READ_SIZE];
	ssize_t n = read(*fd, buffer, sizeof(buffer));
	gsize room = limit - text->len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0)
		pump->errnum = errno;
	if (n <= 0) {
		close_end(fd);
		return false;
	}
	g_string_append_len(text, buffer, (gssize)MIN((gsize)n, room));
	return (gsize)n > room;
}

/* Move bytes both ways until the child has closed its ends. Whether all went well; the child is still to be reaped. */
static bool pump_run(struct pump *pump, GError **error)
{
	while (pump->errnum == 0 && (pump->to >= 0 || pump->from >= 0 || pump->from_err >= 0)) {
		/* poll() passes over descriptors that are -1. */
		struct pollfd fds[] = {
			{.fd = pump->to, .events = POLLOUT},
			{.fd = pump->from, .events = POLLIN},
			{.fd = pump->from_err, .events = POLLIN},
		};

		if (!pump->apart && !cancel_check(error))
			return false;
		if (poll(fds, G_N_ELEMENTS(fds), POLL_MS) < 0 && errno != EINTR)
			pump->errnum = errno;
		if (pump->errnum)
			break;
		if (fds[0].revents)
			feed(pump);
		if (fds[1].revents && drain(pump, &pump->from, pump->out, pump->limit))
			pump->errnum = EFBIG;
		if (fds[2].revents)
			drain(pump, &pump->from_err, pump->err, ERR_LIMIT);
	}
	if (pump->errnum == EFBIG)
		error_set(error, ERROR_UNSAFE, "it printed more than %" G_GSIZE_FORMAT " bytes", pump->limit);
	else if (pump->errnum)
		error_set_errno(error, pump->errnum, "talk to it");
	return pump->errnum == 0;
}

/* Make the pipes of proc_run(): our ends into pump, the child's into ends. */
static bool open_pipes(struct pump *pump, struct child_ends *ends, GError **error)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
	bool ok = (!pump->input_left || make_pipe(in, error)) && make_pipe(out, error) && make_pipe(err, error);

	*ends = (struct child_ends){.in = in[0], .out = out[1], .err = err[1], .apart = pump->apart};
	pump->to = in[1];
	pump->from = out[0];
	pump->from_err = err[0];
	/* Only writing can block after poll() said yes: it promises room for some bytes, not for all. */
	if (ok && pump->to >= 0 && fcntl(pump->to, F_SETFL, O_NONBLOCK) < 0) {
		error_set_errno(error, errno, "make a pipe");
		return false;
	}
	return ok;
}

static void close_ends(struct child_ends *ends)
{
	close_end(&ends->in);
	close_end(&ends->out);
	close_end(&ends->err);
}

static void pump_close(struct pump *pump)
{
	close_end(&pump->to);
	close_end(&pump->from);
	close_end(&pump->from_err);
}

/* Run it with this pump, whose output it fills. */
static bool run(const char *const *argv, const char *dir, struct pump *pump, struct proc_result *result, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) err = g_string_new(NULL);
	struct child_ends ends;
	pid_t pid;
	bool ok;

	*result = (struct proc_result){0};
	pump->out = out;
	pump->err = err;
	ok = open_pipes(pump, &ends, error) && spawn(argv, dir, &ends, &pid, error);
	close_ends(&ends);
	if (!ok) {
		pump_close(pump);
		return false;
	}
	ok = pump_run(pump, error);
	pump_close(pump);
	if (!ok) {
		g_autofree char *shown = quote_path(argv[0]);

		g_prefix_error(error, "run '%s': ", shown);
		/* SIGTERM lets Git remove its lock files; the closed pipes end what does not listen to it. */
		kill(pid, SIGTERM);
	}
	result->status = reap(pid);
	if (!ok)
		return false;
	result->out_length = out->len;
	result->out = g_string_free(g_steal_pointer(&out), FALSE);
	result->err = g_string_free(g_steal_pointer(&err), FALSE);
	return true;
}

bool proc_run(const char *const *argv, const char *dir, const char *input, gsize input_length, gsize limit,
	      struct proc_result *result, GError **error)
{
	struct pump pump = {.input = input, .input_left = input ? input_length : 0, .limit = limit};

	return run(argv, dir, &pump, result, error);
}

bool proc_run_apart(const char *const *argv, const char *input, gsize input_length, gsize limit,
		    struct proc_result *result, GError **error)
{
	struct pump pump = {.input = input, .input_left = input ? input_length : 0, .limit = limit, .apart = true};

	return run(argv, NULL, &pump, result, error);
}

void proc_result_clear(struct proc_result *result)
{
	g_free(result->out);
	g_free(result->err);
	*result = (struct proc_result){0};
}

struct proc *proc_start(const char *const *argv, const char *dir, GError **error)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	struct child_ends ends;
	struct proc *proc;
	pid_t pid;
	bool ok = make_pipe(in, error) && make_pipe(out, error);

	ends = (struct child_ends){.in = in[0], .out = out[1], .err = -1};
	ok = ok && spawn(argv, dir, &ends, &pid, error);
	close_ends(&ends);
	if (!ok) {
		close_end(&in[1]);
		close_end(&out[0]);
		return NULL;
	}
	proc = g_new0(struct proc, 1);
	proc->pid = pid;
	proc->to = fdopen(in[1], "w");
	proc->from = fdopen(out[0], "r");
	/* fdopen() fails for want of memory only. */
	g_assert(proc->to && proc->from);
	return proc;
}

int proc_finish(struct proc *proc)
{
	int status;

	if (proc->to)
		fclose(proc->to);
	if (proc->from)
		fclose(proc->from);
	status = reap(proc->pid);
	g_free(proc);
	return status;
}

void proc_free(struct proc *proc)
{
	if (proc)
		proc_finish(proc);
}

/* What /proc/PID/stat has behind the name, which may hold anything: " STATE PARENT ...". New string; NULL if it cannot be read. */
static char *read_stat(gint64 pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/stat", pid), *text = NULL;
	const char *name_end;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	name_end = strrchr(text, ')');
	return name_end ? g_strdup(name_end + 1) : NULL;
}

static bool is_zombie(gint64 pid)
{
	g_autofree char *stat = read_stat(pid);

	return stat && (g_str_has_prefix(stat, " Z") || g_str_has_prefix(stat, " X"));
}

bool proc_is_running(gint64 pid)
{
	if (pid <= 0 || pid > G_MAXINT32)
		return false;
	return (kill((pid_t)pid, 0) == 0 || errno != ESRCH) && !is_zombie(pid);
}

bool proc_is_above(gint64 pid)
{
	gint64 above = getppid();

	while (above > 0 && above != pid) {
		g_autofree char *stat = read_stat(above);

		above = stat && strlen(stat) > 3 ? g_ascii_strtoll(stat + 3, NULL, 10) : 0;
	}
	return above > 0;
}
