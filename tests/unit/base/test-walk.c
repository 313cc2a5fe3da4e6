#include "base/auto.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/walk.h"

#include "../tap.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void put(const char *path)
{
	g_autofree char *dir = g_path_get_dirname(path);

	g_assert_true(file_make_dirs(dir, NULL));
	g_assert_true(g_file_set_contents(path, "x", 1, NULL));
}

static struct walk *walk_ok(const char *path, walk_filter filter, void *user, unsigned threads)
{
	g_autoptr(GError) error = NULL;
	struct walk *walk = walk_tree(AT_FDCWD, path, filter, user, threads, &error);

	g_assert_no_error(error);
	return walk;
}

/* Each entry as "path kind", where kind is f d e (empty directory) l o t s. */
static char *text_of(const struct walk *walk)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < walk_count(walk); i++) {
		const struct walk_entry *entry = walk_get(walk, i);

		g_string_append_printf(text, "%s %c\n", entry->path, entry->empty ? 'e' : "fdlots"[entry->kind]);
	}
	return g_string_free(text, FALSE);
}

static void sorts_by_path_bytes(void)
{
	autoptr(walk) walk = NULL;
	g_autofree char *text = NULL;

	put("sorts/a/b");
	put("sorts/a-b");
	put("sorts/a b/c");
	put("sorts/a.txt");
	put("sorts/a0");
	put("sorts/a/b-c/d");
	put("sorts/A");
	put("sorts/a/\xff");
	put("sorts/a/\xc3\xa4");
	put("sorts/new\nline");
	walk = walk_ok("sorts", NULL, NULL, 1);
	text = text_of(walk);
	g_assert_cmpstr(text, ==,
			"A f\na d\na b d\na b/c f\na-b f\na.txt f\na/b f\na/b-c d\na/b-c/d f\na/\xc3\xa4 f\na/\xff "
			"f\na0 f\nnew\nline f\n");
}

static void tells_kinds_apart(void)
{
	autoptr(walk) walk = NULL;
	g_autofree char *text = NULL;
	const struct walk_entry *entry;
	struct stat st;

	put("kinds/file");
	put("kinds/" FILE_TEMP_PREFIX "0123456789abcdef/inside");
	put("kinds/" FILE_TEMP_PREFIX "aaaaaaaaaaaaaaaa");
	put("kinds/" FILE_TEMP_PREFIX "mine");
	put("kinds/only-temp/" FILE_TEMP_PREFIX "0000000000000000");
	g_assert_true(file_make_dirs("kinds/empty", NULL));
	g_assert_true(file_make_dirs("kinds/outer/inner", NULL));
	g_assert_cmpint(symlink("/etc", "kinds/link"), ==, 0);
	g_assert_cmpint(mkfifo("kinds/pipe", 0600), ==, 0);
	walk = walk_ok("kinds", NULL, NULL, 2);
	text = text_of(walk);
	g_assert_cmpstr(text, ==,
			".mlv-tmp-0123456789abcdef t\n.mlv-tmp-aaaaaaaaaaaaaaaa t\n.mlv-tmp-mine f\nempty e\nfile f\n"
			"link l\nonly-temp e\nonly-temp/.mlv-tmp-0000000000000000 t\nouter d\nouter/inner e\npipe o\n");
	entry = walk_get(walk, 5);
	g_assert_cmpint(lstat("kinds/link", &st), ==, 0);
	g_assert_cmpuint(entry->stamp.ino, ==, st.st_ino);
	g_assert_cmpuint(entry->stamp.size, ==, 4);
}

static enum walk_verdict skip_b(const char *path, enum walk_kind kind, void *user)
{
	g_assert_cmpstr(user, ==, "user");
	g_assert_cmpint(kind, ==, g_str_has_suffix(path, "dir") ? WALK_DIR : WALK_FILE);
	return g_str_has_suffix(path, "b") || g_str_equal(path, "cdir") ? WALK_SKIP : WALK_KEEP;
}

static void filter_skips_whole_trees(void)
{
	autoptr(walk) walk = NULL;
	g_autofree char *text = NULL;
	char user[] = "user";

	put("filter/a");
	put("filter/b");
	put("filter/bdir/b");
	put("filter/cdir/a");
	put("filter/ddir/a");
	walk = walk_ok("filter", skip_b, user, 2);
	text = text_of(walk);
	g_assert_cmpstr(text, ==, "a f\nbdir e\nddir d\nddir/a f\n");
}

static void walks_below_a_root(void)
{
	auto_fd int root = -1;
	autoptr(walk) all = NULL;
	autoptr(walk) part = NULL;
	autoptr(walk) nothing = NULL;
	g_autofree char *all_text = NULL;
	g_autofree char *part_text = NULL;

	put("root/x/y/z");
	g_assert_true(file_make_dirs("root-empty", NULL));
	root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	all = walk_tree(root, "", NULL, NULL, 1, NULL);
	part = walk_tree(root, "x", NULL, NULL, 1, NULL);
	nothing = walk_ok("root-empty", NULL, NULL, 4);
	all_text = text_of(all);
	part_text = text_of(part);
	g_assert_cmpstr(all_text, ==, "x d\nx/y d\nx/y/z f\n");
	g_assert_cmpstr(part_text, ==, "y d\ny/z f\n");
	g_assert_cmpuint(walk_count(nothing), ==, 0);
}

static void refuses_what_is_no_directory(void)
{
	static const struct {
		const char *path;
		enum error_code code;
	} cases[] = {
		{"refuses/absent", ERROR_NOT_FOUND}, {"refuses/file", ERROR_NOT_FOUND}, {"refuses/link", ERROR_UNSAFE},
		{"refuses/link/etc", ERROR_UNSAFE},  {"refuses/..", ERROR_UNSAFE},
	};

	put("refuses/file");
	g_assert_cmpint(symlink("/", "refuses/link"), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(walk_tree(AT_FDCWD, cases[i].path, NULL, NULL, 1, &error));
		g_assert_error(error, MLV_ERROR, (int)cases[i].code);
		g_assert_nonnull(strstr(error->message, cases[i].path));
	}
}

static void unreadable_directory_is_named(void)
{
	g_autoptr(GError) error = NULL;

	put("secret/dir/file");
	g_assert_cmpint(chmod("secret/dir", 0), ==, 0);
	g_assert_null(walk_tree(AT_FDCWD, "secret", NULL, NULL, 2, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_nonnull(strstr(error->message, "secret/dir"));
	g_assert_cmpint(chmod("secret/dir", 0755), ==, 0);
}

static enum walk_verdict pass_sealed(const char *path, enum walk_kind kind, void *user)
{
	(void)path;
	(void)user;
	return kind == WALK_SEALED ? WALK_PASS : WALK_KEEP;
}

/* A folder without r, one without x, and the root, which has no entry to be passed as. */
static void unreadable_directory_may_be_passed(void)
{
	g_autoptr(GError) error = NULL;

	put("some/a");
	put("some/shut/x");
	put("some/names/y");
	put("some/z");
	g_assert_cmpint(chmod("some/shut", 0), ==, 0);
	g_assert_cmpint(chmod("some/names", 0444), ==, 0);
	for (unsigned threads = 1; threads <= 2; threads++) {
		autoptr(walk) walk = walk_ok("some", pass_sealed, NULL, threads);
		g_autofree char *text = text_of(walk);

		g_assert_cmpstr(text, ==, "a f\nnames s\nshut s\nz f\n");
	}
	g_assert_null(walk_tree(AT_FDCWD, "some/shut", pass_sealed, NULL, 1, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_cmpint(chmod("some/shut", 0755), ==, 0);
	g_assert_cmpint(chmod("some/names", 0755), ==, 0);
}

/* A path longer than the kernel opens is an error, not a part that is left out. */
static void too_deep_is_an_error(void)
{
	g_autoptr(GError) error = NULL;
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autofree char *name = g_strnfill(200, 'd');

	g_assert_true(file_make_dirs("deep", NULL));
	g_assert_cmpint(chdir("deep"), ==, 0);
	for (int i = 0; i < 25; i++) {
		g_assert_cmpint(mkdir(name, 0755), ==, 0);
		g_assert_cmpint(chdir(name), ==, 0);
	}
	g_assert_cmpint(fchdir(here), ==, 0);
	g_assert_null(walk_tree(here, "deep", NULL, NULL, 2, &error));
	g_assert_error(error, MLV_ERROR, ERROR_IO);
	close(here);
}

static void assert_sorted(const struct walk *walk)
{
	for (size_t i = 1; i < walk_count(walk); i++)
		g_assert_cmpint(strcmp(walk_get(walk, i - 1)->path, walk_get(walk, i)->path), <, 0);
}

/* Names that sort differently by directory and by path; and a directory large enough to be cut into slices. */
static void any_number_of_threads_agrees(void)
{
	autoptr(walk) one = NULL;
	g_autofree char *one_text = NULL;

	for (int i = 0; i < 1500; i++) {
		g_autofree char *path = g_strdup_printf("many/%c%c%s%c%s%d", "abc"[i % 3], " -.0"[i % 4],
							i % 5 ? "/" : "", "xy"[i % 2], i % 7 ? "/" : "-", i);

		put(path);
	}
	for (int i = 0; i < 5000; i++) {
		g_autofree char *path = g_strdup_printf("many/flat/%d", i);

		if (i == 0)
			put(path);
		else
			close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	}
	one = walk_ok("many", NULL, NULL, 1);
	one_text = text_of(one);
	g_assert_cmpuint(walk_count(one), >, 6500);
	assert_sorted(one);
	for (unsigned threads = 2; threads < 9; threads += 3) {
		autoptr(walk) more = walk_ok("many", NULL, NULL, threads);
		g_autofree char *more_text = text_of(more);

		g_assert_true(g_str_equal(one_text, more_text));
	}
}

/* Files and directories that come and go meanwhile are no error, and what stays is found. */
static void survives_a_busy_tree(void)
{
	pid_t pid;

	put("busy/stays/a");
	put("busy/z");
	pid = fork();
	if (pid == 0)
		for (unsigned i = 0;; i++) {
			g_autofree char *path = g_strdup_printf("busy/dir%u/sub/file", i % 50);

			put(path);
			file_remove_tree(AT_FDCWD, i % 2 ? "busy/dir7" : "busy/dir8", NULL);
			path[strlen("busy/dir") + (i % 50 > 9 ? 2 : 1)] = '\0';
			file_remove_tree(AT_FDCWD, path, NULL);
		}
	for (int i = 0; i < 300; i++) {
		autoptr(walk) walk = walk_ok("busy", NULL, NULL, 2);

		g_assert_cmpuint(walk_count(walk), >=, 3);
		g_assert_cmpstr(walk_get(walk, walk_count(walk) - 1)->path, ==, "z");
		assert_sorted(walk);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void stops_when_asked(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		GError *error = NULL;

		cancel_request();
		_exit(walk_tree(AT_FDCWD, "", NULL, NULL, 2, &error) || !error_is(error, ERROR_CANCELLED));
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	tap_be_bound();
	g_test_add_func("/walk/sorts-by-path-bytes", sorts_by_path_bytes);
	g_test_add_func("/walk/tells-kinds-apart", tells_kinds_apart);
	g_test_add_func("/walk/filter-skips-whole-trees", filter_skips_whole_trees);
	g_test_add_func("/walk/walks-below-a-root", walks_below_a_root);
	g_test_add_func("/walk/refuses-what-is-no-directory", refuses_what_is_no_directory);
	g_test_add_func("/walk/unreadable-directory-is-named", unreadable_directory_is_named);
	g_test_add_func("/walk/unreadable-directory-may-be-passed", unreadable_directory_may_be_passed);
	g_test_add_func("/walk/too-deep-is-an-error", too_deep_is_an_error);
	g_test_add_func("/walk/any-number-of-threads-agrees", any_number_of_threads_agrees);
	g_test_add_func("/walk/survives-a-busy-tree", survives_a_busy_tree);
	g_test_add_func("/walk/stops-when-asked", stops_when_asked);
	return g_test_run();
}
