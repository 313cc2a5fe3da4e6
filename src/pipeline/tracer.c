#include "pipeline/tracer.h"
#include "pipeline/tracer-int.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                                        \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | \
	 PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)

/* A stop at the end of a system call, as PTRACE_O_TRACESYSGOOD marks it. */
#define STOP_CALL (SIGTRAP | 0x80)

/* The watcher at work. */
struct watch_run {
	struct tracer *tracer;
	pid_t command; /* whose end is the end of the report */
	int report;    /* file to append it to; -1 once that is done */
};

char **tracer_prefix(const char *report)
{
	const char *words[] = {"/proc/self/exe", "trace-run", "--report", report, "--", NULL};

	return g_strdupv((char **)words);
}

static void fail_trace(int errnum, GError **error)
{
	error_set_errno(error, errnum, "trace a command");
	if (errnum == EPERM || errnum == EACCES)
		error_hint(error, "ptrace is forbidden here: see /proc/sys/kernel/yama/ptrace_scope, or allow the container "
				  "SYS_PTRACE");
}

/* Whether the stopped child can be attached to, and asked about system calls. 0 or errno. */
static int try_child(pid_t child)
{
	struct __ptrace_syscall_info info;
	int status;

	if (ptrace(PTRACE_SEIZE, child, NULL, OPTIONS) < 0 || ptrace(PTRACE_INTERRUPT, child, NULL, NULL) < 0)
		return errno;
	if (waitpid(child, &status, __WALL) < 0)
		return errno;
	return ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) < 0 ? errno : 0;
}

bool tracer_available(GError **error)
{
	pid_t child;
	int errnum;

	if (!tracer_knows_processor()) {
		error_set(error, ERROR_FAILED, "commands cannot be traced on this kind of processor");
		return false;
	}
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	if (child < 0) {
		error_set_errno(error, errno, "start a process");
		return false;
	}
	errnum = try_child(child);
	kill(child, SIGKILL);
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (errnum)
		fail_trace(errnum, error);
	return errnum == 0;
}

/* Append the report; what was watched must not seem to be all if it is not. */
static void finish_report(struct watch_run *run)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (run->report < 0)
		return;
	trace_report_write(tracer_report(run->tracer), text);
	/* A text that is cut off is found out by who reads it. */
	file_write_all(run->report, text->str, text->len, NULL);
	close(run->report);
	run->report = -1;
}

/* The thread stopped where the filter says. How to go on with it. */
static int at_filter(struct watch_run *run, pid_t tid)
{
	struct __ptrace_syscall_info info;
	uint64_t args[6];

	if (run->report < 0 || ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return PTRACE_CONT;
	for (size_t i = 0; i < G_N_ELEMENTS(args); i++)
		args[i] = info.seccomp.args[i];
	return tracer_enter(run->tracer, tid, info.seccomp.ret_data, args) ? PTRACE_SYSCALL : PTRACE_CONT;
}

/* The thread stopped at the end of a call. */
static void at_end(struct watch_run *run, pid_t tid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) > 0 && info.op == PTRACE_SYSCALL_INFO_EXIT)
		tracer_leave(run->tracer, tid, info.exit.rval, info.exit.is_error);
}

static bool is_job_control(int number)
{
	return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

/* The thread stopped with that wait status: see why, and have it go on. */
static void stopped(struct watch_run *run, pid_t tid, int status)
{
	int number = WSTOPSIG(status), event = status >> 16, how = PTRACE_CONT, deliver = 0;
	unsigned long former = 0;

	if (event == PTRACE_EVENT_SECCOMP) {
		how = at_filter(run, tid);
	} else if (event == PTRACE_EVENT_EXEC) {
		ptrace(PTRACE_GETEVENTMSG, tid, NULL, &former);
		if (run->report >= 0)
			tracer_executed(run->tracer, tid, (pid_t)former);
	} else if (event == PTRACE_EVENT_STOP && is_job_control(number)) {
		how = PTRACE_LISTEN;
	} else if (event == 0 && number == STOP_CALL) {
		at_end(run, tid);
	} else if (event == 0) {
		deliver = number;
	}
	/* ESRCH: it was killed meanwhile, which the next wait tells. */
	ptrace(how, tid, NULL, (long)deliver);
}

/* Serve all that are watched until none is left. */
static void watch(struct watch_run *run)
{
	for (;;) {
		siginfo_t info = {.si_pid = 0};
		int status;

		if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL) < 0 && errno != EINTR)
			return;
		if (!info.si_pid)
			continue;
		/* Once we have waited for it, its parent knows that it ended, and may read the report. */
		if (info.si_pid == run->command && info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
			finish_report(run);
		if (waitpid(info.si_pid, &status, __WALL) < 0)
			continue;
		if (WIFSTOPPED(status))
			stopped(run, info.si_pid, status);
		else
			tracer_gone(run->tracer, info.si_pid);
	}
}

/* Be alone: no terminal, no descriptors of the command's but these two (lower one first), no folder that is kept busy. */
static void let_go(int one, int other)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	int low = MIN(one, other), high = MAX(one, other);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		signal(numbers[i], SIG_IGN);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (low > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)low - 1, 0);
	if (high > low + 1)
		close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	close_range((unsigned)high + 1, ~0U, 0);
	if (chdir("/") < 0)
		return;
}

/* The watcher's life: attach to the process, say on `ready` how that went, serve. */
static G_GNUC_NORETURN void be_watcher(struct watch_run *run, int ready)
{
	int errnum = 0;

	let_go(run->report, ready);
	if (ptrace(PTRACE_SEIZE, run->command, NULL, OPTIONS) < 0)
		errnum = errno;
	if (file_write_all(ready, &errnum, sizeof(errnum), NULL) && errnum == 0) {
		close(ready);
		watch(run);
	}
	_exit(0);
}

/* Start the watcher, as nobody's child that the command could meet. 0 once it watches this process, else errno. */
static int start_watcher(struct watch_run *run)
{
	int ends[2], errnum = EPIPE;
	pid_t between;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	/* Where only parents may trace (Yama), a process can say who else. Elsewhere this fails, and need not be said. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	between = fork();
	if (between == 0) {
		pid_t watcher = fork();

		if (watcher == 0)
			be_watcher(run, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR)
		;
	while (read(ends[0], &errnum, sizeof(errnum)) < 0 && errno == EINTR)
		;
	close(ends[0]);
	prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	return errnum;
}

void tracer_exec(const char *root, const char *report, char **argv, GError **error)
{
	struct watch_run run = {.command = getpid()};
	char *real = realpath(root, NULL);
	int errnum;

	if (!real) {
		error_set_errno(error, errno, "find '%s'", root);
		return;
	}
	run.tracer = tracer_new(real);
	free(real);
	run.report = open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (run.report < 0) {
		error_set_errno(error, errno, "create '%s'", report);
		return;
	}
	errnum = start_watcher(&run);
	if (errnum == 0 && tracer_filter() < 0)
		errnum = errno;
	close(run.report);
	if (errnum) {
		fail_trace(errnum, error);
		return;
	}
	/* Ignoring would be inherited; what we catch is not. */
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	error_set_errno(error, errno, "run '%s'", argv[0]);
}
