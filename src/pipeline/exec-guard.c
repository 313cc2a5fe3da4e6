#include "pipeline/exec-guard.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long the groups have between SIGTERM and SIGKILL, and how often to look whether they are gone. */
#define GRACE_MS 500
#define LOOK_MS 10

/* How long others wait for a guard: longer than it takes. */
#define AWAIT_MS 3000

/* The folder of locks in the state directory. */
#define GUARDS "guards"

struct guard {
	pid_t pid;
	int to;
	int lock;   /* -1: others cannot wait for us */
	char *path; /* of the lock */
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
	for (int ms = 0; watched.count && ms < GRACE_MS; ms += LOOK_MS) {
		nanosleep(&pause, NULL);
		tell(&watched, 0);
	}
	_exit(0);
}

/* Close all descriptors from `first` to `last`. */
static void close_from(unsigned first, unsigned last)
{
	if (first > last || !close_range(first, last, 0))
		return;
	for (unsigned fd = first; fd <= last && fd < 1024; fd++)
		close((int)fd);
}

/*
 * Let go of everything that was inherited but the pipe, which becomes descriptor 0, and the lock: a reader of our output waits for
 * its end.
 */
static void let_go(int from, int lock)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), kept = fcntl(lock, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	dup2(from, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (kept < 0)
		kept = STDERR_FILENO;
	close_from(STDERR_FILENO + 1, (unsigned)kept - 1);
	close_from((unsigned)kept + 1, ~0U);
}

/* Take the lock that tells of us; where that cannot be, nobody can wait for us, but all else is as it should be. */
static void take_lock(struct guard *guard, const char *state_dir)
{
	g_autofree char *dir = path_join(state_dir, GUARDS);

	guard->path = g_strdup_printf("%s/%ld", dir, (long)getpid());
	guard->lock = file_make_dirs(dir, NULL) ? open(guard->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
	if (guard->lock >= 0)
		flock(guard->lock, LOCK_EX | LOCK_NB);
}

struct guard *guard_new(const char *state_dir, GError **error)
{
	autoptr(guard) guard = g_new0(struct guard, 1);
	int ends[2];

	guard->to = -1;
	take_lock(guard, state_dir);
	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_set_errno(error, errno, "make a pipe");
		return NULL;
	}
	guard->to = ends[1];
	guard->pid = fork();
	if (!guard->pid) {
		/* The terminal's signals are for us, who forward them. */
		setpgid(0, 0);
		let_go(ends[0], guard->lock);
		watch_over(STDIN_FILENO);
	}
	close(ends[0]);
	if (guard->pid > 0)
		return g_steal_pointer(&guard);
	error_set_errno(error, errno, "start a process");
	return NULL;
}

/* Wait for the holder of a lock. */
static void await(const char *path)
{
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);

	for (int ms = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && ms < AWAIT_MS; ms += LOOK_MS)
		g_usleep(LOOK_MS * 1000);
	unlink(path);
}

void guard_await(const char *state_dir)
{
	g_autofree char *path = path_join(state_dir, GUARDS);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *lock = path_join(path, name);

		if (!proc_is_running(g_ascii_strtoll(name, NULL, 10)))
			await(lock);
	}
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
	fd_auto(&guard->to);
	while (guard->pid > 0 && waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (guard->lock >= 0)
		unlink(guard->path);
	fd_auto(&guard->lock);
	g_free(guard->path);
	g_free(guard);
}
