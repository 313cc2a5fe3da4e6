#include "pipeline/exec-guard.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long the groups have between SIGTERM and SIGKILL, and how often to look whether they are gone. */
#define GRACE_MS 500
#define LOOK_MS 10

struct guard {
	pid_t pid;
	int to;
};

/* One message: a group comes (positive) or goes (negative). Smaller than PIPE_BUF, so it arrives whole. */
typedef int32_t message;

/* The guard's own memory. It was forked from a process that may have threads: nothing below may allocate. */
struct watched {
	pid_t groups[GUARD_GROUPS];
	size_t count;
};

static void take(struct watched *watched, message group)
{
	if (group > 0 && watched->count < GUARD_GROUPS)
		watched->groups[watched->count++] = group;
	for (size_t i = 0; group < 0 && i < watched->count; i++) {
		if (watched->groups[i] == -group)
			watched->groups[i--] = watched->groups[--watched->count];
	}
}

/* Send the signal to all groups (0: none) and forget those that are gone. */
static void tell(struct watched *watched, int number)
{
	for (size_t i = watched->count; i-- > 0;) {
		if (kill(-watched->groups[i], number) < 0 && errno == ESRCH)
			watched->groups[i] = watched->groups[--watched->count];
	}
}

static G_GNUC_NORETURN void watch_over(int from)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	struct watched watched = {.count = 0};
	struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	message group;
	ssize_t n;

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		signal(numbers[i], SIG_IGN);
	do {
		n = read(from, &group, sizeof(group));
		if (n == sizeof(group))
			take(&watched, group);
	} while (n == sizeof(group) || (n < 0 && errno == EINTR));
	tell(&watched, SIGTERM);
	for (int ms = 0; watched.count && ms < GRACE_MS; ms += LOOK_MS) {
		nanosleep(&pause, NULL);
		tell(&watched, 0);
	}
	tell(&watched, SIGKILL);
	_exit(0);
}

/* Let go of everything that was inherited but the pipe, which becomes descriptor 0: a reader of our output waits for its end. */
static void let_go(int from)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(from, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (close_range(STDERR_FILENO + 1, ~0U, 0) < 0) {
		for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
			close(fd);
	}
}

struct guard *guard_new(GError **error)
{
	struct guard *guard;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_set_errno(error, errno, "make a pipe");
		return NULL;
	}
	pid = fork();
	if (!pid) {
		/* The terminal's signals are for us, who forward them. */
		setpgid(0, 0);
		let_go(ends[0]);
		watch_over(STDIN_FILENO);
	}
	close(ends[0]);
	if (pid < 0) {
		error_set_errno(error, errno, "start a process");
		close(ends[1]);
		return NULL;
	}
	guard = g_new(struct guard, 1);
	*guard = (struct guard){.pid = pid, .to = ends[1]};
	return guard;
}

void guard_watch(struct guard *guard, pid_t group, bool on)
{
	message text = on ? group : -group;

	/* A guard that somebody killed guards nothing: the stages run all the same. */
	file_write_all(guard->to, &text, sizeof(text), NULL);
}

void guard_free(struct guard *guard)
{
	if (!guard)
		return;
	close(guard->to);
	while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
		;
	g_free(guard);
}
