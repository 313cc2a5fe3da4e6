#include "exec-conformance.h"

#include "../tap.h"
#include "base/clock.h"

#include <string.h>
#include <sys/wait.h>

/* How long something that must happen may take. */
#define PATIENCE_US (20 * G_USEC_PER_SEC)

/* Start one job and return while it runs. */
static void *start_one(const char *command)
{
	static const char *const environment[] = {NULL};
	const struct exec_options options = {.jobs = 2, .state_dir = tap_tmpdir()};
	const char **commands = g_new0(const char *, 2);
	struct exec_job *job = g_new0(struct exec_job, 1);
	void *exec = exec_local.open(&options, NULL);

	commands[0] = command;
	*job = (struct exec_job){.title = "t", .commands = commands, .dir = tap_tmpdir(), .environment = environment};
	job->log = path_join(tap_tmpdir(), "log");
	g_assert_true(exec_local.start(exec, &job, 1, NULL));
	return exec;
}

/* The number in a file that a job writes as soon as it runs. */
static pid_t read_pid(const char *name)
{
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	g_autofree char *text = NULL;

	while (!file_read(name, 100, &text, NULL, NULL) || !strchr(text, '\n')) {
		g_assert_cmpint(clock_steady_us(), <, deadline);
		g_clear_pointer(&text, g_free);
		g_usleep(5000);
	}
	return (pid_t)g_ascii_strtoll(text, NULL, 10);
}

/* Whether the process runs: one that ended and that nobody has asked about does not. */
static bool is_running(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%ld/stat", (long)pid), *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) && !strstr(text, ") Z ");
}

static void assert_ends(pid_t pid)
{
	int64_t deadline = clock_steady_us() + PATIENCE_US;

	while (is_running(pid)) {
		g_assert_cmpint(clock_steady_us(), <, deadline);
		g_usleep(5000);
	}
}

/* No stage goes on by itself once its repro was killed. */
static void dies_with_us(void)
{
	pid_t pid = fork(), inner;

	g_assert_cmpint(pid, >=, 0);
	if (!pid) {
		/* The inner one does not listen to SIGTERM. */
		start_one("trap '' TERM; (trap '' TERM; sh -c 'echo $PPID'; sleep 300) >inner; echo never");
		pause();
	}
	inner = read_pid("inner");
	g_assert_true(is_running(inner));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_ends(inner);
}

/* Wait for the one job, forget all; its status. */
static int end_one(void *exec)
{
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	struct exec_result result = {0};

	while (!exec_local.wait(exec, 1000, &result, NULL))
		g_assert_cmpint(clock_steady_us(), <, deadline);
	g_free(result.reason);
	g_free((char *)result.job->log);
	g_free((char **)result.job->commands);
	g_free(result.job);
	exec_local.close(exec);
	return result.status;
}

/* A signal reaches all of the job, not its shell alone. */
static void whole_group(void)
{
	void *exec = start_one("sh -c 'echo $$ >grandchild; exec sleep 300'; echo done");
	pid_t pid = read_pid("grandchild");

	g_assert_cmpuint(exec_local.room(exec), ==, 1);
	exec_local.stop(exec, SIGTERM);
	g_assert_cmpint(end_one(exec), ==, 128 + SIGTERM);
	assert_ends(pid);
}

/* A shell that has just started and loses the signal, as between fork and exec, is told once more. */
static void young_is_told_again(void)
{
	for (;;) {
		int64_t began = clock_steady_us();
		void *exec = start_one("trap 'trap - INT' INT; echo $$ >young; while :; do sleep 0.01; done");

		read_pid("young");
		exec_local.stop(exec, SIGINT);
		if (clock_steady_us() - began < G_USEC_PER_SEC) {
			g_assert_cmpint(end_one(exec), ==, 128 + SIGINT);
			return;
		}
		/* The machine is slow: it was not young. */
		exec_local.stop(exec, SIGKILL);
		end_one(exec);
		unlink("young");
	}
}

/* One that has run for a while hears once: it may be tidying up. */
static void old_is_told_once(void)
{
	void *exec = start_one("trap 'echo told >>told' INT; echo $$ >old; while :; do sleep 0.01; done");
	struct exec_result result = {0};
	g_autofree char *told = NULL;

	read_pid("old");
	g_usleep(G_USEC_PER_SEC + G_USEC_PER_SEC / 10);
	exec_local.stop(exec, SIGINT);
	g_assert_false(exec_local.wait(exec, 1500, &result, NULL));
	g_assert_true(file_read("told", 100, &told, NULL, NULL));
	g_assert_cmpstr(told, ==, "told\n");
	exec_local.stop(exec, SIGKILL);
	g_assert_cmpint(end_one(exec), ==, 128 + SIGKILL);
}

int main(int argc, char **argv)
{
	static const struct exec_body body = {.ops = &exec_local};

	tap_init(argc, argv);
	exec_conformance_add(&body);
	g_test_add_func("/exec/local/dies-with-us", dies_with_us);
	g_test_add_func("/exec/local/whole-group", whole_group);
	g_test_add_func("/exec/local/young-is-told-again", young_is_told_again);
	g_test_add_func("/exec/local/old-is-told-once", old_is_told_once);
	return g_test_run();
}
