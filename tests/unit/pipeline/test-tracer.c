#include "../tap.h"

#include "base/file.h"
#include "pipeline/trace-report.h"
#include "pipeline/tracer.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define REPORT "../report"

/* Run a shell command traced, in the project "p", and give its wait status. */
static int run(const char *command)
{
	const char *argv[] = {"sh", "-c", command, NULL};
	pid_t child = fork();
	int status;

	if (child == 0) {
		tracer_exec(".", REPORT, (char **)argv, NULL);
		_exit(99);
	}
	while (waitpid(child, &status, 0) < 0)
		g_assert_cmpint(errno, ==, EINTR);
	return status;
}

/* The report, which is removed: "rw path" a line, and whether something may be missing. */
static char *take_report(void)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) files = NULL;
	autoptr(trace_report) report = NULL;
	GString *out = g_string_new(NULL);
	size_t length;

	g_assert_true(file_read(REPORT, TRACE_REPORT_LIMIT, &text, &length, &error));
	report = trace_report_parse(text, length, &error);
	g_assert_no_error(error);
	files = trace_report_list(report);
	for (guint i = 0; i < files->len; i++) {
		const struct trace_file *file = g_ptr_array_index(files, i);

		g_string_append_printf(out, "%s%s%s %s\n", file->use & TRACE_READ ? "r" : "",
				       file->use & TRACE_WROTE ? "w" : "", file->use & TRACE_LISTED ? "l" : "", file->path);
	}
	if (g_hash_table_size(report->notes))
		g_string_append(out, "and more\n");
	g_assert_cmpint(unlink(REPORT), ==, 0);
	return g_string_free(out, FALSE);
}

static void assert_uses(const char *command, const char *expected)
{
	g_autofree char *uses = NULL;

	g_assert_cmpint(run(command), ==, 0);
	uses = take_report();
	g_assert_cmpstr(uses, ==, expected);
}

static void sees_reads_and_writes(void)
{
	assert_uses("cat a dir/b >/dev/null", "r a\nr dir/b\n");
	assert_uses("echo x >out; echo y >>log", "w log\nw out\n");
	assert_uses("cat nothing 2>/dev/null; test -e a; true", "");
	assert_uses("cd dir && cat ../a ../dir/./b >/dev/null", "r a\nr dir/b\n");
	assert_uses("echo x >tmp && cat tmp >/dev/null && mv tmp moved", "w moved\n");
	assert_uses("ls dir >/dev/null", "l dir\n");
	assert_uses("mkdir -p sub && cp a sub/a && ln sub/a sub/hard && ln -s ../a sub/soft", "r a\nw sub/a\nw sub/hard\nw sub/soft\n");
	assert_uses("cat to-dir/b >/dev/null", "r to-dir/b\n");
	assert_uses("./script", "r a\nr script\n");
}

static void sees_children(void)
{
	assert_uses("(cat a & (sh -c 'cat dir/b'; true) & wait) >/dev/null", "r a\nr dir/b\n");
	assert_uses("exec sh -c 'exec cat a >/dev/null'", "r a\n");
}

static void tells_what_it_cannot_see(void)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	/* LeakSanitizer cannot look for leaks in what is traced. */
	g_autofree char *command = g_strconcat("cat a >/dev/null; ASAN_OPTIONS=detect_leaks=0 '", self, "' --uring", NULL);

	assert_uses(command, "r a\nand more\n");
}

static void keeps_the_status(void)
{
	int status = run("exit 7");

	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 7);
	status = run("kill -TERM $$");
	g_assert_true(WIFSIGNALED(status));
	g_assert_cmpint(WTERMSIG(status), ==, SIGTERM);
	status = run("trap 'exit 5' USR1; kill -USR1 $$; sleep 9");
	g_assert_cmpint(WEXITSTATUS(status), ==, 5);
	g_free(take_report());
}

static void reports_each_command(void)
{
	g_autofree char *uses = NULL;

	g_assert_cmpint(run("echo x >first"), ==, 0);
	g_assert_cmpint(run("cat first dir/b >second"), ==, 0);
	uses = take_report();
	g_assert_cmpstr(uses, ==, "r dir/b\nw first\nw second\n");
}

static void serves_children_that_stay(void)
{
	g_autofree char *uses = NULL;

	/* It waits for a file that is made after its parent's end, and must be able to open files still. */
	g_assert_cmpint(run("(while ! [ -e go ]; do sleep 0.01; done; cat a >late; mv late stayed) >/dev/null 2>&1 &"), ==, 0);
	uses = take_report();
	g_assert_cmpstr(uses, ==, "");
	g_assert_true(g_file_set_contents("go", "", 0, NULL));
	for (unsigned i = 0; i < 1000 && access("stayed", F_OK) != 0; i++)
		g_usleep(10000);
	g_assert_cmpint(access("stayed", F_OK), ==, 0);
}

static void stops_and_goes_on(void)
{
	const char *argv[] = {"sh", "-c", "kill -STOP $$; exit 3", NULL};
	pid_t child = fork();
	int status;

	if (child == 0) {
		tracer_exec(".", REPORT, (char **)argv, NULL);
		_exit(99);
	}
	g_assert_cmpint(waitpid(child, &status, WUNTRACED), ==, child);
	g_assert_true(WIFSTOPPED(status));
	g_assert_cmpint(kill(child, SIGCONT), ==, 0);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(WEXITSTATUS(status), ==, 3);
	g_free(take_report());
}

static void make_project(void)
{
	g_assert_cmpint(mkdir("p", 0777) | mkdir("p/dir", 0777), ==, 0);
	g_assert_cmpint(chdir("p"), ==, 0);
	g_assert_true(g_file_set_contents("a", "a\n", -1, NULL));
	g_assert_true(g_file_set_contents("dir/b", "b\n", -1, NULL));
	g_assert_true(g_file_set_contents("script", "#!/bin/sh\ncat a >/dev/null\n", -1, NULL));
	g_assert_cmpint(chmod("script", 0755) | symlink("dir", "to-dir"), ==, 0);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	/* A program that begins to use io_uring, be it there or not. */
	if (argc == 2 && strcmp(argv[1], "--uring") == 0) {
		syscall(SYS_io_uring_setup, 0, NULL);
		return 0;
	}
	tap_init(argc, argv);
	if (!tracer_available(&error)) {
		g_print("1..0 # SKIP %s\n", error->message);
		return 0;
	}
	make_project();
	g_test_add_func("/tracer/uses", sees_reads_and_writes);
	g_test_add_func("/tracer/children", sees_children);
	g_test_add_func("/tracer/unseen", tells_what_it_cannot_see);
	g_test_add_func("/tracer/status", keeps_the_status);
	g_test_add_func("/tracer/commands", reports_each_command);
	g_test_add_func("/tracer/stay", serves_children_that_stay);
	g_test_add_func("/tracer/stop", stops_and_goes_on);
	return g_test_run();
}
