/* Opening below a directory, both by openat2() and component by component; removing trees. */
#include "base/auto.h"
#include "base/error.h"
#include "base/file-int.h"
#include "base/file.h"

#include "../tap.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

typedef int (*open_way)(int root, const char *path, int flags, mode_t mode);

static const open_way ways[] = {file_open_beneath_raw, file_open_stepwise};

static void put(const char *path, const char *text)
{
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* A fresh directory of this name with a file, a directory, and links that lead astray; open. */
static int make_tree(const char *name)
{
	g_autofree char *outside = g_strdup_printf("%s-outside", name);
	int fd;

	g_assert_cmpint(mkdir(outside, 0755), ==, 0);
	g_assert_cmpint(mkdir(name, 0755), ==, 0);
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(mkdirat(fd, "dir", 0755), ==, 0);
	g_assert_cmpint(mkdirat(fd, "dir/sub", 0755), ==, 0);
	close(openat(fd, "dir/sub/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	g_assert_cmpint(symlinkat("dir", fd, "to-dir"), ==, 0);
	g_assert_cmpint(symlinkat("dir/sub/file", fd, "to-file"), ==, 0);
	g_assert_cmpint(symlinkat("/etc", fd, "to-etc"), ==, 0);
	g_assert_cmpint(symlinkat("../..", fd, "dir/up"), ==, 0);
	g_assert_cmpint(symlinkat("nowhere", fd, "dangling"), ==, 0);
	return fd;
}

static void opens_what_is_below(void)
{
	static const char *const paths[] = {"dir/sub/file", "dir/sub", "dir", "", "dir//sub/file", "./dir"};
	auto_fd int root = make_tree("opens");

	for (size_t w = 0; w < G_N_ELEMENTS(ways); w++)
		for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
			auto_fd int fd = ways[w](root, paths[i], O_RDONLY, 0);

			g_assert_cmpint(fd, >=, 0);
			g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
		}
}

static void never_follows_a_link(void)
{
	static const char *const paths[] = {"to-dir",        "to-file", "to-etc",     "dangling", "to-dir/sub/file",
					    "to-etc/passwd", "dir/up",  "dir/up/etc", "to-dir/",  "dangling/x"};
	static const int flags[] = {O_RDONLY, O_RDONLY | O_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
				    O_PATH,   O_PATH | O_NOFOLLOW,    O_PATH | O_DIRECTORY};
	auto_fd int root = make_tree("links");

	for (size_t w = 0; w < G_N_ELEMENTS(ways); w++)
		for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
			for (size_t f = 0; f < G_N_ELEMENTS(flags); f++)
				g_assert_cmpint(ways[w](root, paths[i], flags[f], 0), ==, -ELOOP);
	for (size_t w = 0; w < G_N_ELEMENTS(ways); w++)
		g_assert_cmpint(ways[w](root, "dangling", O_WRONLY | O_CREAT, 0644), ==, -ELOOP);
	g_assert_cmpint(faccessat(root, "nowhere", F_OK, 0), ==, -1);
}

static void never_leaves_the_root(void)
{
	static const char *const paths[] = {"..",        "../links",      "/", "/etc/passwd", "dir/..",
					    "dir/../..", "dir/../dir/sub"};
	auto_fd int root = make_tree("leaves");

	for (size_t w = 0; w < G_N_ELEMENTS(ways); w++)
		for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
			g_assert_cmpint(ways[w](root, paths[i], O_RDONLY, 0), ==, -EXDEV);
}

static void both_ways_fail_alike(void)
{
	static const struct {
		const char *path;
		int flags, errnum;
	} cases[] = {
		{"absent", O_RDONLY, ENOENT},
		{"absent/x", O_RDONLY, ENOENT},
		{"dir/sub/file/x", O_RDONLY, ENOTDIR},
		{"dir/sub/file", O_RDONLY | O_DIRECTORY, ENOTDIR},
		{"dir", O_WRONLY, EISDIR},
		{"dir/sub/file", O_WRONLY | O_CREAT | O_EXCL, EEXIST},
		{"to-file", O_WRONLY | O_CREAT | O_EXCL, EEXIST},
	};
	auto_fd int root = make_tree("alike");

	for (size_t w = 0; w < G_N_ELEMENTS(ways); w++)
		for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
			g_assert_cmpint(ways[w](root, cases[i].path, cases[i].flags, 0644), ==, -cases[i].errnum);
}

static void creates_with_mode(void)
{
	auto_fd int root = make_tree("creates");
	mode_t old = umask(022);

	for (size_t w = 0; w < G_N_ELEMENTS(ways); w++) {
		g_autofree char *name = g_strdup_printf("dir/new%zu", w);
		auto_fd int fd = ways[w](root, name, O_WRONLY | O_CREAT | O_EXCL, 0666);
		struct stat st;

		g_assert_cmpint(fstat(fd, &st), ==, 0);
		g_assert_cmpint(st.st_mode & 0777, ==, 0644);
	}
	umask(old);
}

static void errors_tell_links_from_the_rest(void)
{
	auto_fd int root = make_tree("errors");
	g_autoptr(GError) link = NULL;
	g_autoptr(GError) out = NULL;
	g_autoptr(GError) absent = NULL;

	g_assert_cmpint(file_open_beneath(root, "to-etc/passwd", O_RDONLY, 0, &link), ==, -1);
	g_assert_error(link, MLV_ERROR, ERROR_UNSAFE);
	g_assert_nonnull(strstr(link->message, "to-etc/passwd"));
	g_assert_cmpint(file_open_beneath(root, "../x", O_RDONLY, 0, &out), ==, -1);
	g_assert_error(out, MLV_ERROR, ERROR_UNSAFE);
	g_assert_cmpint(file_open_beneath(root, "absent", O_RDONLY, 0, &absent), ==, -1);
	g_assert_error(absent, MLV_ERROR, ERROR_NOT_FOUND);
}

static void makes_dirs_beneath(void)
{
	auto_fd int root = make_tree("makes");
	struct stat st;

	g_assert_true(file_make_dirs_beneath(root, "a/b/c", NULL));
	g_assert_true(file_make_dirs_beneath(root, "a/b/c", NULL));
	g_assert_true(file_make_dirs_beneath(root, "dir/sub/x", NULL));
	g_assert_true(file_make_dirs_beneath(root, "", NULL));
	g_assert_cmpint(fstatat(root, "a/b/c", &st, 0), ==, 0);
	g_assert_true(S_ISDIR(st.st_mode));
	g_assert_cmpint(fstatat(root, "dir/sub/x", &st, 0), ==, 0);
}

static void makes_no_dirs_through_links(void)
{
	static const char *const paths[] = {"to-dir/x", "to-etc/x", "dir/up/x", "dangling/x",
					    "dangling", "to-dir",   "../x",     "/tmp/x"};
	auto_fd int root = make_tree("nodirs");
	g_autoptr(GError) file = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(file_make_dirs_beneath(root, paths[i], &error));
		g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	}
	g_assert_cmpint(faccessat(root, "dir/x", F_OK, 0), ==, -1);
	g_assert_cmpint(faccessat(root, "nowhere", F_OK, 0), ==, -1);
	g_assert_false(file_make_dirs_beneath(root, "dir/sub/file/x", &file));
	g_assert_error(file, MLV_ERROR, ERROR_NOT_FOUND);
}

static void opens_parents(void)
{
	auto_fd int root = make_tree("parents");
	const char *name;

	for (int create = 0; create < 2; create++) {
		auto_fd int top = file_open_parent(root, "file", create, &name, NULL);

		g_assert_cmpint(top, >=, 0);
		g_assert_cmpstr(name, ==, "file");
	}
	{
		auto_fd int made = file_open_parent(root, "new/deep/file", true, &name, NULL);
		auto_fd int fd = openat(made, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		g_assert_cmpint(fd, >=, 0);
		/* Callers flush what they put there. */
		g_assert_cmpint(fsync(made), ==, 0);
		g_assert_cmpint(faccessat(root, "new/deep/file", F_OK, 0), ==, 0);
	}
}

static void opens_no_strange_parents(void)
{
	static const char *const unsafe[] = {"to-dir/x", "to-etc/x", "../x", "/etc/x", "", "dir/", "dir/..", ".."};
	auto_fd int root = make_tree("strange");
	g_autoptr(GError) absent = NULL;
	const char *name;

	for (int create = 0; create < 2; create++)
		for (size_t i = 0; i < G_N_ELEMENTS(unsafe); i++) {
			g_autoptr(GError) error = NULL;

			g_assert_cmpint(file_open_parent(root, unsafe[i], create, &name, &error), ==, -1);
			g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
		}
	g_assert_cmpint(file_open_parent(root, "absent/x", false, &name, &absent), ==, -1);
	g_assert_error(absent, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_cmpint(faccessat(root, "absent", F_OK, 0), ==, -1);
}

/* Processes that make the same directories at the same time all succeed. */
static void racing_makers_agree(void)
{
	auto_fd int root = make_tree("race");
	pid_t pids[4];

	for (size_t i = 0; i < G_N_ELEMENTS(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			for (int k = 0; k < 100; k++) {
				g_autofree char *path = g_strdup_printf("r%d/a/b/c/d", k);

				if (!file_make_dirs_beneath(root, path, NULL))
					_exit(1);
			}
			_exit(0);
		}
	}
	for (size_t i = 0; i < G_N_ELEMENTS(pids); i++) {
		int status;

		g_assert_cmpint(waitpid(pids[i], &status, 0), ==, pids[i]);
		g_assert_cmpint(status, ==, 0);
	}
}

static void removes_trees(void)
{
	auto_fd int root = make_tree("removes");

	g_assert_true(file_remove_tree(root, "absent", NULL));
	g_assert_true(file_remove_tree(root, "to-etc", NULL));
	g_assert_true(file_remove_tree(root, "dir", NULL));
	g_assert_cmpint(faccessat(root, "dir", F_OK, 0), ==, -1);
	g_assert_true(g_file_test("/etc/passwd", G_FILE_TEST_EXISTS));
}

/* Deeper than descriptors last and than the kernel takes paths. */
static void removes_deep_trees(void)
{
	auto_fd int root = make_tree("deep");
	g_autofree char *name = g_strnfill(200, 'd');
	auto_fd int dir = open("deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < 2000; i++) {
		const char *next = i % 50 ? "d" : name;

		g_assert_cmpint(mkdirat(dir, next, 0755), ==, 0);
		close(openat(dir, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		{
			auto_fd int up = dir;

			dir = openat(up, next, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		}
	}
	g_assert_true(file_remove_tree(root, name, NULL));
	g_assert_cmpint(faccessat(root, name, F_OK, 0), ==, -1);
	g_assert_cmpint(faccessat(root, "file", F_OK, 0), ==, 0);
}

static void removing_names_what_resists(void)
{
	auto_fd int root = make_tree("resists");
	g_autoptr(GError) error = NULL;

	g_assert_false(file_remove_tree(root, "dir/sub/file/x", &error));
	g_assert_nonnull(strstr(error->message, "dir/sub/file/x"));
	g_clear_error(&error);
	g_assert_cmpint(fchmodat(root, "dir/sub", 0500, 0), ==, 0);
	g_assert_false(file_remove_tree(root, "dir", &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_nonnull(strstr(error->message, "'dir/sub'"));
	g_assert_cmpint(fchmodat(root, "dir/sub", 0700, 0), ==, 0);
}

static void removing_spares_what_links_point_to(void)
{
	auto_fd int root = make_tree("spares");

	put("spares-outside/precious", "x");
	g_assert_cmpint(symlinkat("../../spares-outside", root, "dir/out"), ==, 0);
	g_assert_cmpint(symlinkat("../../../spares-outside/precious", root, "dir/sub/out"), ==, 0);
	g_assert_true(file_remove_tree(root, "dir", NULL));
	g_assert_true(g_file_test("spares-outside/precious", G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	tap_be_bound();
	g_test_add_func("/beneath/opens-what-is-below", opens_what_is_below);
	g_test_add_func("/beneath/never-follows-a-link", never_follows_a_link);
	g_test_add_func("/beneath/never-leaves-the-root", never_leaves_the_root);
	g_test_add_func("/beneath/both-ways-fail-alike", both_ways_fail_alike);
	g_test_add_func("/beneath/creates-with-mode", creates_with_mode);
	g_test_add_func("/beneath/errors-tell-links-from-the-rest", errors_tell_links_from_the_rest);
	g_test_add_func("/beneath/makes-dirs", makes_dirs_beneath);
	g_test_add_func("/beneath/makes-no-dirs-through-links", makes_no_dirs_through_links);
	g_test_add_func("/beneath/opens-parents", opens_parents);
	g_test_add_func("/beneath/opens-no-strange-parents", opens_no_strange_parents);
	g_test_add_func("/beneath/racing-makers-agree", racing_makers_agree);
	g_test_add_func("/remove/trees", removes_trees);
	g_test_add_func("/remove/deep-trees", removes_deep_trees);
	g_test_add_func("/remove/names-what-resists", removing_names_what_resists);
	g_test_add_func("/remove/spares-what-links-point-to", removing_spares_what_links_point_to);
	return g_test_run();
}
