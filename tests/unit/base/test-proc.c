#include "base/auto.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/proc.h"

#include "../tap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#define BIG ((gsize)3 << 20)

/* Run a shell line that must start and stay below a limit of 16 MiB. */
static struct proc_result sh(const char *line, const char *input)
{
	const char *argv[] = {"sh", "-c", line, NULL};
	struct proc_result result;
	g_autoptr(GError) error = NULL;

	proc_run(argv, NULL, input, input ? strlen(input) : 0, (gsize)16 << 20, &result, &error);
	g_assert_no_error(error);
	return result;
}

static void gives_output_and_status(void)
{
	struct proc_result result = sh("printf 'a\\0b'; printf err >&2; exit 7", NULL);

	g_assert_cmpint(result.status, ==, 7);
	g_assert_cmpmem(result.out, result.out_length + 1, "a\0b", 4);
	g_assert_cmpstr(result.err, ==, "err");
	proc_result_clear(&result);
	g_assert_null(result.out);
	result = sh("kill -9 $$", NULL);
	g_assert_cmpint(result.status, ==, 128 + SIGKILL);
	g_assert_cmpstr(result.out, ==, "");
	proc_result_clear(&result);
}

static void feeds_input(void)
{
	struct proc_result result = sh("cat", "hello");

	g_assert_cmpstr(result.out, ==, "hello");
	proc_result_clear(&result);
	/* Without input it sees the end at once, not our terminal. */
	result = sh("cat; readlink /proc/self/fd/0", NULL);
	g_assert_cmpstr(result.out, ==, "/dev/null\n");
	proc_result_clear(&result);
	result = sh("cat; echo end", "");
	g_assert_cmpstr(result.out, ==, "end\n");
	proc_result_clear(&result);
}

/* More than pipes hold, in three directions at once. */
static void big_data_does_not_block(void)
{
	g_autofree char *input = g_strnfill(BIG, 'i');
	struct proc_result result = sh("tee /dev/stderr", input);

	g_assert_cmpint(result.status, ==, 0);
	g_assert_cmpuint(result.out_length, ==, BIG);
	g_assert_true(g_str_equal(result.out, input));
	/* Only the start of the complaints is kept. */
	g_assert_cmpuint(strlen(result.err), ==, 64 << 10);
	proc_result_clear(&result);
}

static void child_may_ignore_its_input(void)
{
	g_autofree char *input = g_strnfill(BIG, 'i');
	struct proc_result result = sh("exec 0<&-; echo done", input);

	g_assert_cmpint(result.status, ==, 0);
	g_assert_cmpstr(result.out, ==, "done\n");
	proc_result_clear(&result);
}

static void limit_ends_the_child(void)
{
	const char *endless[] = {"yes", NULL};
	const char *exact[] = {"printf", "12345", NULL};
	struct proc_result result;
	g_autoptr(GError) error = NULL;

	g_assert_false(proc_run(endless, NULL, NULL, 0, 100000, &result, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_assert_nonnull(strstr(error->message, "yes"));
	g_assert_null(result.out);
	g_assert_true(proc_run(exact, NULL, NULL, 0, 5, &result, NULL));
	g_assert_cmpstr(result.out, ==, "12345");
	proc_result_clear(&result);
	g_assert_false(proc_run(exact, NULL, NULL, 0, 4, &result, NULL));
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
}

static void runs_in_a_directory(void)
{
	const char *argv[] = {"pwd", "-P", NULL};
	struct proc_result result;
	g_autofree char *expected = g_strdup_printf("%s/sub dir\n", tap_tmpdir());
	g_autoptr(GError) error = NULL;

	g_assert_true(file_make_dirs("sub dir", NULL));
	g_assert_true(proc_run(argv, "sub dir", NULL, 0, 4096, &result, NULL));
	g_assert_cmpstr(result.out, ==, expected);
	proc_result_clear(&result);
	g_assert_false(proc_run(argv, "no dir", NULL, 0, 4096, &result, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(error->message, "no dir"));
}

static void missing_program_is_not_found(void)
{
	const char *argv[] = {"no-such-program-here", NULL};
	const char *denied[] = {"./not-executable", NULL};
	struct proc_result result;
	g_autoptr(GError) absent = NULL;
	g_autoptr(GError) refused = NULL;

	g_assert_false(proc_run(argv, NULL, "x", 1, 10, &result, &absent));
	g_assert_error(absent, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(absent->message, "no-such-program-here"));
	g_assert_null(proc_start(argv, NULL, NULL));
	g_assert_true(g_file_set_contents("not-executable", "x", 1, NULL));
	g_assert_false(proc_run(denied, NULL, NULL, 0, 10, &result, &refused));
	g_assert_error(refused, MLV_ERROR, ERROR_DENIED);
}

/* How many descriptors this process has open. What the test runner left open to it is kept from children. */
static guint count_fds(void)
{
	g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
	guint count = 0;
	const char *name;

	while ((name = g_dir_read_name(dir))) {
		if (atoi(name) > 2)
			fcntl(atoi(name), F_SETFD, FD_CLOEXEC);
		count++;
	}
	return count;
}

static void leaks_no_descriptors(void)
{
	const char *absent[] = {"no-such-program-here", NULL};
	const char *cat[] = {"cat", NULL};
	guint before = count_fds();
	struct proc_result result = sh("ls /proc/self/fd", "x");

	/* 0, 1, 2, and the directory that ls reads. */
	g_assert_cmpstr(result.out, ==, "0\n1\n2\n3\n");
	proc_result_clear(&result);
	proc_run(absent, NULL, "x", 1, 10, &result, NULL);
	proc_start(absent, NULL, NULL);
	proc_free(proc_start(cat, NULL, NULL));
	g_assert_cmpuint(count_fds(), ==, before);
}

static void gives_children_default_signals(void)
{
	struct proc_result result = sh("kill -PIPE $$", NULL);

	g_assert_cmpint(result.status, ==, 128 + SIGPIPE);
	proc_result_clear(&result);
}

/* Even if our own descriptors 0 to 2 are closed, as by some daemons. */
static void works_without_standard_descriptors(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct proc_result result;
		const char *argv[] = {"sh", "-c", "cat; echo oops >&2", NULL};

		close(0);
		close(1);
		close(2);
		if (!proc_run(argv, NULL, "in", 2, 100, &result, NULL))
			_exit(1);
		_exit(!g_str_equal(result.out, "in") || !g_str_equal(result.err, "oops\n"));
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
}

static void stops_when_asked(void)
{
	int64_t start = clock_steady_us();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		const char *argv[] = {"sleep", "30", NULL};
		struct proc_result result;
		GError *error = NULL;

		cancel_install();
		if (fork() == 0) {
			g_usleep(100000);
			kill(getppid(), SIGINT);
			_exit(0);
		}
		g_assert_false(proc_run(argv, NULL, NULL, 0, 100, &result, &error));
		_exit(error_is(error, ERROR_CANCELLED) ? 42 : 1);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 42);
	g_assert_cmpint(clock_steady_us() - start, <, 10000000);
}

static void talks_both_ways(void)
{
	const char *argv[] = {"sh", "-c", "while read x; do echo \"got $x\"; done; exit 3", NULL};
	g_autoptr(GError) error = NULL;
	struct proc *proc = proc_start(argv, NULL, &error);
	char line[64];

	g_assert_no_error(error);
	for (int i = 0; i < 3; i++) {
		g_autofree char *expected = g_strdup_printf("got %d\n", i);

		fprintf(proc->to, "%d\n", i);
		fflush(proc->to);
		g_assert_nonnull(fgets(line, sizeof(line), proc->from));
		g_assert_cmpstr(line, ==, expected);
	}
	g_assert_cmpint(proc_finish(proc), ==, 3);
}

static void finishes_a_dead_child(void)
{
	const char *argv[] = {"sh", "-c", "kill -TERM $$", NULL};
	struct proc *proc = proc_start(argv, NULL, NULL);

	g_assert_cmpint(fgetc(proc->from), ==, EOF);
	/* Written when nobody reads any more; noticed by the exit code only. */
	fputs("too late\n", proc->to);
	g_assert_cmpint(proc_finish(proc), ==, 128 + SIGTERM);
	proc_free(NULL);
}

static void tells_the_dead_from_the_living(void)
{
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	g_assert_true(proc_is_running(getpid()));
	g_assert_true(proc_is_running(1));
	g_assert_cmpint(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), ==, 0);
	g_assert_false(proc_is_running(pid)); /* dead, but not asked about yet */
	g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
	g_assert_false(proc_is_running(pid));
	g_assert_false(proc_is_running(0));
	g_assert_false(proc_is_running(-1));
	g_assert_false(proc_is_running((gint64)1 << 40));
	g_assert_true(proc_is_above(getppid()));
	g_assert_false(proc_is_above(getpid()));
	g_assert_false(proc_is_above(pid));
	g_assert_false(proc_is_above(0));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/proc/gives-output-and-status", gives_output_and_status);
	g_test_add_func("/proc/feeds-input", feeds_input);
	g_test_add_func("/proc/big-data-does-not-block", big_data_does_not_block);
	g_test_add_func("/proc/child-may-ignore-its-input", child_may_ignore_its_input);
	g_test_add_func("/proc/limit-ends-the-child", limit_ends_the_child);
	g_test_add_func("/proc/runs-in-a-directory", runs_in_a_directory);
	g_test_add_func("/proc/missing-program-is-not-found", missing_program_is_not_found);
	g_test_add_func("/proc/leaks-no-descriptors", leaks_no_descriptors);
	g_test_add_func("/proc/gives-children-default-signals", gives_children_default_signals);
	g_test_add_func("/proc/works-without-standard-descriptors", works_without_standard_descriptors);
	g_test_add_func("/proc/stops-when-asked", stops_when_asked);
	g_test_add_func("/proc/talks-both-ways", talks_both_ways);
	g_test_add_func("/proc/finishes-a-dead-child", finishes_a_dead_child);
	g_test_add_func("/proc/tells-the-dead-from-the-living", tells_the_dead_from_the_living);
	return g_test_run();
}
