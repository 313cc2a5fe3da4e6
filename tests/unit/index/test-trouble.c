/* What may go wrong with the files of an index: deleted, damaged, no room, kills, other processes. */
#include "../tap.h"
#include "kit.h"

#include <sys/mount.h>
#include <sys/wait.h>

static void fill(const char *dir, unsigned count)
{
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");
	autoptr(index) index = open_ok(dir);

	for (unsigned i = 0; i < count; i++) {
		g_autofree char *path = g_strdup_printf("dir%u/file-%u", i % 10, i);

		index_put(index, path, &stamp, &oid);
	}
	commit_ok(index);
}

static void assert_usable(const char *dir)
{
	struct stamp stamp = old_stamp(5);
	struct oid oid = oid_of("z");
	autoptr(index) index = open_ok(dir);

	known(index, "dir1/file-1", &stamp);
	index_put(index, "z", &stamp, &oid);
	commit_ok(index);
	g_assert_true(known(index, "z", &stamp));
}

static void deleted_between(void)
{
	struct stamp stamp = old_stamp(1);

	fill("i12", 10);
	g_assert_true(file_remove_tree(AT_FDCWD, "i12", NULL));
	{
		autoptr(index) index = open_ok("i12");

		g_assert_false(known(index, "dir1/file-1", &stamp));
	}
	assert_usable("i12");
}

static void deleted_while_open(void)
{
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");

	fill("i13", 10);
	{
		autoptr(index) index = open_ok("i13");

		g_assert_true(known(index, "dir1/file-1", &stamp));
		g_assert_true(file_remove_tree(AT_FDCWD, "i13", NULL));
		index_put(index, "b", &stamp, &oid);
		commit_ok(index);
	}
	assert_usable("i13");
}

/* Overwrite bytes of the data file, or with a length of 0 cut it off there. */
static void damage(const char *dir, off_t at, size_t length)
{
	g_autofree char *path = g_build_filename(dir, "index.mdb", NULL), *junk = g_malloc(length + 1);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	memset(junk, 0xa5, length);
	if (length)
		g_assert_cmpint(pwrite(fd, junk, length, at), ==, (int)length);
	else
		g_assert_cmpint(ftruncate(fd, at), ==, 0);
	close(fd);
}

static void damaged(void)
{
	static const struct {
		off_t at;
		size_t length;
	} cases[] = {{0, 64}, {0, 8192}, {8192, 4096 * 20}, {4096 * 12, 4096}, {0, 0}, {100, 0}, {4096, 0}, {8192, 0}, {4096 * 9 + 5, 0}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *dir = g_strdup_printf("i14-%zu", i);

		fill(dir, 2000);
		damage(dir, cases[i].at, cases[i].length);
		assert_usable(dir);
		assert_usable(dir);
	}
}

static void foreign_file(void)
{
	g_assert_cmpint(g_mkdir_with_parents("i15", 0777), ==, 0);
	write_file("i15/index.mdb", "this is no database, and long enough to be taken for the header of one, if nobody looks "
				    "closely at it: ....................................................................");
	assert_usable("i15");
}

/* A file in place of the directory, a directory in place of the file: nothing is remembered, nothing fails. */
static void nowhere_to_write(void)
{
	static const char *const dirs[] = {"i16", "i16b", "/proc/nowhere/index"};
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");

	write_file("i16", "x");
	g_assert_cmpint(g_mkdir_with_parents("i16b/index.mdb/x", 0777), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
		autoptr(index) index = open_ok(dirs[i]);

		index_put(index, "a", &stamp, &oid);
		index_put_out(index, "a", &oid);
		commit_ok(index);
		g_assert_false(known(index, "a", &stamp));
		g_assert_false(index_get_out(index, "a", &oid));
	}
}

/* A disk that is too small for the index. */
static void full_disk(void)
{
	struct stamp stamp = old_stamp(1);

	g_assert_cmpint(mkdir("small", 0777), ==, 0);
	if (mount("none", "small", "tmpfs", 0, "size=256k") < 0) {
		g_test_skip("cannot mount a tmpfs");
		return;
	}
	fill("small/index", 10);
	fill("small/index", 20000);
	{
		autoptr(index) index = open_ok("small/index");

		g_assert_true(known(index, "dir1/file-1", &stamp));
		g_assert_false(known(index, "dir9/file-19999", &stamp));
	}
	g_assert_cmpint(umount2("small", MNT_DETACH), ==, 0);
}

/* On a disk that became read-only, what was remembered is still known. */
static void read_only_disk(void)
{
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");

	g_assert_cmpint(mkdir("frozen", 0777), ==, 0);
	if (mount("none", "frozen", "tmpfs", 0, "size=4m") < 0) {
		g_test_skip("cannot mount a tmpfs");
		return;
	}
	fill("frozen/index", 10);
	g_assert_cmpint(mount("none", "frozen", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
	{
		autoptr(index) index = open_ok("frozen/index");
		autoptr(index) other = open_ok("frozen/elsewhere");

		g_assert_true(known(index, "dir1/file-1", &stamp));
		index_put(index, "b", &stamp, &oid);
		index_put(other, "b", &stamp, &oid);
		commit_ok(index);
		commit_ok(other);
		g_assert_false(known(index, "b", &stamp));
	}
	g_assert_cmpint(umount2("frozen", MNT_DETACH), ==, 0);
}

/* More than the map holds at first. */
static void map_grows(void)
{
	enum { COUNT = 350000 };
	struct oid oid = oid_of("a");
	struct stamp stamp = old_stamp(1);
	autoptr(index) index = open_ok("i17");

	for (unsigned i = 0; i < COUNT; i++) {
		g_autofree char *path = g_strdup_printf("%064u/%064u", i, i);

		index_put(index, path, &stamp, &oid);
	}
	commit_ok(index);
	g_assert_true(known(index, "0000000000000000000000000000000000000000000000000000000000349999/"
				   "0000000000000000000000000000000000000000000000000000000000349999",
			    &stamp));
}

/* Processes that write and read at once: each finds its own entries in the end. */
static void many_processes(void)
{
	enum { PROCESSES = 4, ROUNDS = 10 };
	struct oid oid = oid_of("a");
	pid_t children[PROCESSES];

	for (unsigned p = 0; p < PROCESSES; p++) {
		children[p] = fork();
		if (children[p])
			continue;
		for (unsigned round = 0; round < ROUNDS; round++) {
			autoptr(index) index = open_ok("i18");

			for (unsigned i = 0; i < 50; i++) {
				g_autofree char *path = g_strdup_printf("p%u/%u/%u", p, round, i);
				struct stamp stamp = old_stamp(i);

				index_put(index, path, &stamp, &oid);
			}
			commit_ok(index);
		}
		_exit(0);
	}
	for (unsigned p = 0; p < PROCESSES; p++) {
		int status;

		g_assert_cmpint(waitpid(children[p], &status, 0), ==, children[p]);
		g_assert_cmpint(status, ==, 0);
	}
	autoptr(index) index = open_ok("i18");
	for (unsigned p = 0; p < PROCESSES; p++)
		for (unsigned round = 0; round < ROUNDS; round++) {
			g_autofree char *path = g_strdup_printf("p%u/%u/49", p, round);
			struct stamp stamp = old_stamp(49);

			g_assert_true(known(index, path, &stamp));
		}
}

/* A reader keeps its snapshot while another process writes, and sees the change after its own commit. */
static void snapshot_stays(void)
{
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");
	int status;
	pid_t child;

	fill("i19", 10);
	autoptr(index) index = open_ok("i19");
	g_assert_true(known(index, "dir1/file-1", &stamp));
	child = fork();
	if (child == 0) {
		execl("/proc/self/exe", "child", "--write", NULL);
		_exit(1);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
	g_assert_false(known(index, "from-child", &stamp));
	index_put(index, "mine", &stamp, &oid);
	commit_ok(index);
	g_assert_true(known(index, "from-child", &stamp));
	g_assert_true(known(index, "mine", &stamp));
}

/* What the child of snapshot_stays() does. */
static int write_as_child(void)
{
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");
	autoptr(index) index = open_ok("i19");

	index_put(index, "from-child", &stamp, &oid);
	return index_commit(index, NULL) ? 0 : 1;
}

/* Killed in the middle of commits: the index opens and has the whole of some commit. */
static void killed(void)
{
	for (unsigned round = 0; round < 8; round++) {
		struct stamp stamp = old_stamp(1);
		unsigned have = 0;
		pid_t child = fork();

		if (child == 0)
			for (unsigned i = 0;; i++)
				fill("i20", 200 + i % 3);
		g_usleep(3000 + 7000 * round);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		autoptr(index) index = open_ok("i20");
		for (unsigned i = 0; i < 200; i++) {
			g_autofree char *path = g_strdup_printf("dir%u/file-%u", i % 10, i);

			have += known(index, path, &stamp);
		}
		g_assert_true(have == 0 || have == 200);
	}
	assert_usable("i20");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--write") == 0)
		return write_as_child();
	tap_init(argc, argv);
	g_test_add_func("/trouble/deleted-between", deleted_between);
	g_test_add_func("/trouble/deleted-while-open", deleted_while_open);
	g_test_add_func("/trouble/damaged", damaged);
	g_test_add_func("/trouble/foreign-file", foreign_file);
	g_test_add_func("/trouble/nowhere-to-write", nowhere_to_write);
	g_test_add_func("/trouble/full-disk", full_disk);
	g_test_add_func("/trouble/read-only-disk", read_only_disk);
	g_test_add_func("/trouble/map-grows", map_grows);
	g_test_add_func("/trouble/many-processes", many_processes);
	g_test_add_func("/trouble/snapshot-stays", snapshot_stays);
	g_test_add_func("/trouble/killed", killed);
	return g_test_run();
}
