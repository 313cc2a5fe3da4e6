#include "base/auto.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"

#include "../tap.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

/* A file of this many bytes with a pattern, position at its start. */
static int make_source(size_t length)
{
	g_autofree char *data = g_malloc(length + 1);
	g_autofree char *name = NULL;
	int fd = file_make_temp(AT_FDCWD, &name, NULL);

	for (size_t i = 0; i < length; i++)
		data[i] = (char)(i * 7 + i / 251);
	g_assert_true(file_write_all(fd, data, length, NULL));
	g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
	g_assert_cmpint(unlink(name), ==, 0);
	return fd;
}

static void assert_same_bytes(int a, int b)
{
	char x[4096], y[4096];
	ssize_t n;

	g_assert_cmpint(lseek(a, 0, SEEK_SET), ==, 0);
	g_assert_cmpint(lseek(b, 0, SEEK_SET), ==, 0);
	while ((n = read(a, x, sizeof(x))) > 0) {
		g_assert_cmpint(read(b, y, sizeof(y)), ==, n);
		g_assert_cmpmem(x, (size_t)n, y, (size_t)n);
	}
	g_assert_cmpint(read(b, y, sizeof(y)), ==, 0);
}

static void copies_all_sizes(void)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, (1 << 20) + 1, (3 << 20) + 17};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		auto_fd int from = make_source(sizes[i]);
		auto_fd int to = make_source(0);
		uint64_t copied;

		g_assert_true(file_copy(from, to, &copied, NULL));
		g_assert_cmpuint(copied, ==, sizes[i]);
		assert_same_bytes(from, to);
	}
}

static void copies_from_the_position(void)
{
	auto_fd int from = make_source(100);
	auto_fd int to = make_source(0);
	uint64_t copied;

	g_assert_cmpint(lseek(from, 90, SEEK_SET), ==, 90);
	g_assert_true(file_copy(from, to, &copied, NULL));
	g_assert_cmpuint(copied, ==, 10);
}

/* Where copy_file_range() refuses: between kinds of files, and for files whose size is told as 0. */
static void copies_without_the_kernels_help(void)
{
	auto_fd int from = make_source(30000);
	auto_fd int to = make_source(0);
	auto_fd int proc = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	auto_fd int proc_copy = make_source(0);
	uint64_t copied;
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_true(file_copy(from, ends[1], NULL, NULL));
	close(ends[1]);
	g_assert_true(file_copy(ends[0], to, &copied, NULL));
	close(ends[0]);
	g_assert_cmpuint(copied, ==, 30000);
	assert_same_bytes(from, to);
	g_assert_true(file_copy(proc, proc_copy, &copied, NULL));
	g_assert_cmpuint(copied, >, 100);
}

static void copy_reports_errors(void)
{
	auto_fd int from = make_source(10);
	auto_fd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	auto_fd int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);
	auto_fd int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) unreadable = NULL;

	g_assert_false(file_copy(from, full, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_IO);
	g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
	g_assert_cmpint(lseek(from, 0, SEEK_SET), ==, 0);
	g_assert_false(file_copy(from, read_only, NULL, NULL));
	g_assert_false(file_copy(dir, full, NULL, &unreadable));
	g_assert_error(unreadable, MLV_ERROR, ERROR_IO);
}

static void copy_stops_when_asked(void)
{
	auto_fd int from = make_source(10);
	auto_fd int to = make_source(0);
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		GError *error = NULL;

		cancel_request();
		_exit(file_copy(from, to, NULL, &error) || !error_is(error, ERROR_CANCELLED));
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/copy/all-sizes", copies_all_sizes);
	g_test_add_func("/copy/from-the-position", copies_from_the_position);
	g_test_add_func("/copy/without-the-kernels-help", copies_without_the_kernels_help);
	g_test_add_func("/copy/reports-errors", copy_reports_errors);
	g_test_add_func("/copy/stops-when-asked", copy_stops_when_asked);
	return g_test_run();
}
