#include "base/auto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/file-int.h"

#include "../tap.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void put(const char *path, const char *text)
{
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void assert_content(const char *path, const char *text)
{
	g_autofree char *data = NULL;
	g_autoptr(GError) error = NULL;

	file_read(path, 1 << 20, &data, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(data, ==, text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	g_assert_cmpint(stat(path, &st), ==, 0);
	return st.st_mode & 07777;
}

static void assert_no_temp_in(const char *dir)
{
	g_autoptr(GDir) open_dir = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(open_dir)))
		g_assert_false(g_str_has_prefix(name, FILE_TEMP_PREFIX));
}

static void reads_up_to_the_limit(void)
{
	g_autofree char *data = NULL;
	g_autofree char *proc = NULL;
	g_autoptr(GError) error = NULL;
	size_t length;

	g_assert_true(g_file_set_contents("ten",
					  "01234\0"
					  "6789",
					  10, NULL));
	g_assert_true(file_read("ten", 10, &data, &length, NULL));
	g_assert_cmpmem(data, length + 1,
			"01234\0"
			"6789",
			11);
	g_clear_pointer(&data, g_free);
	g_assert_false(file_read("ten", 9, &data, &length, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_assert_null(data);
	put("none", "");
	g_assert_true(file_read("none", 0, &data, &length, NULL));
	g_assert_cmpstr(data, ==, "");
	/* Files of size 0 that have content all the same. */
	g_assert_true(file_read("/proc/self/status", SIZE_MAX, &proc, &length, NULL));
	g_assert_cmpuint(length, ==, strlen(proc));
	g_assert_nonnull(strstr(proc, "Pid:"));
	g_clear_error(&error);
	g_clear_pointer(&data, g_free);
	g_assert_false(file_read("/proc/self/status", 20, &data, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
}

static void reads_files_only(void)
{
	g_autoptr(GError) absent = NULL;
	g_autoptr(GError) directory = NULL;
	g_autoptr(GError) fifo = NULL;
	char *data;

	g_assert_false(file_read("no\nwhere", 9, &data, NULL, &absent));
	g_assert_error(absent, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_cmpstr(absent->message, ==, "open '\"no\\nwhere\"': No such file or directory");
	g_assert_false(file_read("/", 9, &data, NULL, &directory));
	g_assert_error(directory, MLV_ERROR, ERROR_UNSAFE);
	g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
	g_assert_false(file_read("fifo", 9, &data, NULL, &fifo));
	g_assert_error(fifo, MLV_ERROR, ERROR_UNSAFE);
}

static void denied_is_said_so(void)
{
	g_autoptr(GError) error = NULL;
	char *data;

	put("secret", "x");
	g_assert_cmpint(chmod("secret", 0), ==, 0);
	g_assert_false(file_read("secret", 9, &data, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
}

static void replaces_and_creates(void)
{
	mode_t old = umask(027);

	g_assert_true(file_replace("fresh", "abc", 3, 0666, NULL));
	assert_content("fresh", "abc");
	g_assert_cmpint(mode_of("fresh"), ==, 0640);
	g_assert_cmpint(chmod("fresh", 0751), ==, 0);
	g_assert_true(file_replace("fresh", "", 0, 0600, NULL));
	assert_content("fresh", "");
	g_assert_cmpint(mode_of("fresh"), ==, 0751);
	umask(old);
	assert_no_temp_in(".");
}

static void replaces_what_a_link_points_to(void)
{
	struct stat st;

	g_assert_cmpint(mkdir("far", 0755), ==, 0);
	put("far/target", "old");
	g_assert_cmpint(symlink("second", "first"), ==, 0);
	g_assert_cmpint(symlink("far/target", "second"), ==, 0);
	g_assert_true(file_replace("first", "new", 3, 0644, NULL));
	assert_content("far/target", "new");
	g_assert_cmpint(lstat("first", &st), ==, 0);
	g_assert_true(S_ISLNK(st.st_mode));
	g_assert_cmpint(lstat("second", &st), ==, 0);
	g_assert_true(S_ISLNK(st.st_mode));
	/* A link to a file that is not there yet. */
	g_assert_cmpint(symlink("../made", "far/dangling"), ==, 0);
	g_assert_true(file_replace("far/dangling", "x", 1, 0644, NULL));
	assert_content("made", "x");
}

static void replace_fails_without_traces(void)
{
	static const char *const paths[] = {"missing/file", "dir-there", "pipe-there", "loop", "no-dir/"};
	g_autofree char *long_name = g_strnfill(300, 'n');

	g_assert_cmpint(mkdir("dir-there", 0755), ==, 0);
	g_assert_cmpint(mkfifo("pipe-there", 0600), ==, 0);
	g_assert_cmpint(symlink("loop", "loop"), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(file_replace(paths[i], "x", 1, 0644, &error));
		g_assert_nonnull(strstr(error->message, paths[i]));
	}
	g_assert_false(file_replace(long_name, "x", 1, 0644, NULL));
	assert_no_temp_in(".");
}

/* As on a full disk: a file may not grow beyond 4096 bytes. */
static void full_disk_keeps_the_old(void)
{
	g_autofree char *big = g_strnfill(8192, 'b');
	int status;
	pid_t pid;

	put("kept", "old");
	pid = fork();
	if (pid == 0) {
		struct rlimit limit = {4096, 4096};
		GError *error = NULL;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(file_replace("kept", big, 8192, 0644, &error) || !error_is(error, ERROR_IO));
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
	assert_content("kept", "old");
	assert_no_temp_in(".");
}

/* Kill a process that replaces a file over and over: always one of the two contents, whole. */
static void killed_leaves_old_or_new(void)
{
	g_autofree char *a = g_strnfill(100000, 'a');
	g_autofree char *b = g_strnfill(100000, 'b');

	put("either", a);
	for (int i = 0; i < 20; i++) {
		g_autofree char *data = NULL;
		size_t length;
		pid_t pid = fork();

		if (pid == 0)
			for (;;) {
				file_replace("either", b, 100000, 0644, NULL);
				file_replace("either", a, 100000, 0644, NULL);
			}
		g_usleep((gulong)g_test_rand_int_range(500, 5000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		g_assert_true(file_read("either", 100000, &data, &length, NULL));
		g_assert_cmpuint(length, ==, 100000);
		g_assert_true(g_str_equal(data, a) || g_str_equal(data, b));
	}
}

static void makes_dirs(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *absolute = g_build_filename(tap_tmpdir(), "abs/x", NULL);

	g_assert_true(file_make_dirs("m/n/o", NULL));
	g_assert_true(file_make_dirs("m/n/o/", NULL));
	g_assert_true(file_make_dirs("m/n//p", NULL));
	g_assert_true(file_make_dirs(absolute, NULL));
	g_assert_true(file_make_dirs("", NULL));
	g_assert_true(g_file_test("m/n/o", G_FILE_TEST_IS_DIR));
	g_assert_true(g_file_test("m/n/p", G_FILE_TEST_IS_DIR));
	g_assert_true(g_file_test("abs/x", G_FILE_TEST_IS_DIR));
	put("m/file", "");
	g_assert_false(file_make_dirs("m/file", &error));
	g_clear_error(&error);
	g_assert_false(file_make_dirs("m/file/x", &error));
	g_assert_nonnull(strstr(error->message, "m/file/x"));
}

static void syncs(void)
{
	auto_fd int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autoptr(GError) error = NULL;

	g_assert_true(file_sync_dir(".", NULL));
	g_assert_true(file_sync_fs(fd, NULL));
	g_assert_false(file_sync_dir("not-there", &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_false(file_sync_fs(-1, NULL));
}

static void temp_names_are_fresh(void)
{
	g_autofree char *one = file_temp_name();
	g_autofree char *two = file_temp_name();
	g_autofree char *made = NULL;
	g_autoptr(GError) error = NULL;
	char *none = NULL;
	auto_fd int fd = file_make_temp(AT_FDCWD, &made, NULL);

	g_assert_true(g_str_has_prefix(one, FILE_TEMP_PREFIX));
	g_assert_cmpstr(one, !=, two);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(mode_of(made), ==, 0600);
	g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
	g_assert_cmpint(unlink(made), ==, 0);
	g_assert_cmpint(file_make_temp(-1, &none, &error), ==, -1);
	g_assert_error(error, MLV_ERROR, ERROR_IO);
	g_assert_null(none);
}

/* The name for a file is the same again, is given back by the dead, and is left to the living. */
static void temp_is_claimed(void)
{
	g_autofree char *wanted = file_temp_name_for("claimed");
	g_autofree char *first = NULL, *second = NULL, *third = NULL;
	int fd = file_create_temp_for(AT_FDCWD, "claimed", 0600, &first), other;

	g_assert_true(file_is_temp_name(wanted));
	g_assert_false(file_is_temp_name(FILE_TEMP_PREFIX "mine"));
	g_assert_false(file_is_temp_name(FILE_TEMP_PREFIX "0123456789ABCDEF"));
	g_assert_cmpstr(first, ==, wanted);
	g_assert_cmpint(write(fd, "half", 4), ==, 4);
	other = file_create_temp_for(AT_FDCWD, "claimed", 0600, &second);
	g_assert_cmpstr(second, !=, wanted);
	g_assert_cmpint(unlink(second), ==, 0);
	close(other);
	close(fd);
	/* Nobody has it open now: it is a left-over. */
	fd = file_create_temp_for(AT_FDCWD, "claimed", 0600, &third);
	g_assert_cmpstr(third, ==, wanted);
	g_assert_cmpint(lseek(fd, 0, SEEK_END), ==, 0);
	g_assert_cmpint(unlink(third), ==, 0);
	close(fd);
}

static void renames_onto_nothing_only(void)
{
	g_assert_true(g_file_set_contents("old", "old", 3, NULL));
	g_assert_true(g_file_set_contents("new", "new!", 4, NULL));
	g_assert_cmpint(file_rename_new(AT_FDCWD, "new", AT_FDCWD, "old"), ==, -1);
	g_assert_cmpint(errno, ==, EEXIST);
	g_assert_cmpint(mkdir("folder", 0777), ==, 0);
	g_assert_cmpint(symlink("nowhere", "link"), ==, 0);
	g_assert_cmpint(file_rename_new(AT_FDCWD, "folder", AT_FDCWD, "link"), ==, -1);
	g_assert_cmpint(errno, ==, EEXIST);
	g_assert_cmpint(file_rename_new(AT_FDCWD, "folder", AT_FDCWD, "moved"), ==, 0);
	g_assert_cmpint(file_rename_new(AT_FDCWD, "new", AT_FDCWD, "moved/new"), ==, 0);
	g_assert_cmpint(access("moved/new", F_OK), ==, 0);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	tap_be_bound();
	g_test_add_func("/file/rename-new", renames_onto_nothing_only);
	g_test_add_func("/file/read/up-to-the-limit", reads_up_to_the_limit);
	g_test_add_func("/file/read/files-only", reads_files_only);
	g_test_add_func("/file/read/denied-is-said-so", denied_is_said_so);
	g_test_add_func("/file/replace/and-create", replaces_and_creates);
	g_test_add_func("/file/replace/what-a-link-points-to", replaces_what_a_link_points_to);
	g_test_add_func("/file/replace/fails-without-traces", replace_fails_without_traces);
	g_test_add_func("/file/replace/full-disk-keeps-the-old", full_disk_keeps_the_old);
	g_test_add_func("/file/replace/killed-leaves-old-or-new", killed_leaves_old_or_new);
	g_test_add_func("/file/makes-dirs", makes_dirs);
	g_test_add_func("/file/syncs", syncs);
	g_test_add_func("/file/temp-names-are-fresh", temp_names_are_fresh);
	g_test_add_func("/file/temp-is-claimed", temp_is_claimed);
	return g_test_run();
}
