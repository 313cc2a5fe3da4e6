#include "project.h"

#include <sys/stat.h>

/* The only item of a result. */
static const struct track_item *only(const struct track_result *result)
{
	g_assert_cmpuint(result->items->len, ==, 1);
	return result->items->pdata[0];
}

static void configure(struct project *project, const char *key, const char *value)
{
	kit_git(project->dir, "config", key, value);
	project_reopen(project);
}

static struct stat look(struct project *project, const char *path)
{
	g_autofree char *full = path_join(project->root, path);
	struct stat st;

	g_assert_cmpint(lstat(full, &st), ==, 0);
	return st;
}

static void a_file_is_added_once(struct project *project, gconstpointer dialect)
{
	autoptr(track_result) first = NULL;
	autoptr(track_result) again = NULL;
	struct stat before, after;

	(void)dialect;
	project_write(project, "f", "foo");
	first = project_add_some(project, "f", NULL);
	g_assert_cmpint(only(first)->verb, ==, TRACK_ADDED);
	g_assert_cmpuint(first->stored, ==, 1);
	g_assert_cmpuint(first->touched->len, ==, 2);
	project_assert(project, "f.mlv",
		       "outs:\n- sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n"
		       "  size: 3\n  hash: sha256\n  path: f\n");
	project_assert(project, ".gitignore", "/f\n");
	before = look(project, "f.mlv");
	again = project_add_some(project, "f", NULL);
	after = look(project, "f.mlv");
	g_assert_cmpint(only(again)->verb, ==, TRACK_UNCHANGED);
	g_assert_cmpuint(again->stored, ==, 0);
	g_assert_cmpuint(again->touched->len, ==, 0);
	g_assert_cmpuint(before.st_ino, ==, after.st_ino);
}

static void a_dvc_pointer_is_what_dvc_writes(struct project *project, gconstpointer dialect)
{
	g_autofree char *full = path_join(project->root, "run.sh");

	(void)dialect;
	project_write(project, "run.sh", "x");
	g_assert_cmpint(chmod(full, 0755), ==, 0);
	project_write(project, "d/a-b", "1");
	project_write(project, "d/a/b", "2");
	project_add(project, "run.sh", "d");
	project_assert(project, "run.sh.dvc",
		       "outs:\n- md5: 9dd4e461268c8034f5c8564e155c67a6\n  size: 1\n  isexec: true\n  hash: md5\n"
		       "  path: run.sh\n");
	project_assert(project, "d.dvc",
		       "outs:\n- md5: e8790ecdc6ebbe3620e6f953629de583.dir\n  size: 2\n  nfiles: 2\n  hash: md5\n"
		       "  path: d\n");
}

static void what_must_not_be_tracked_is_refused(struct project *project, gconstpointer dialect)
{
	g_autofree char *link = path_join(project->root, "link"), *way = path_join(project->root, "way");

	(void)dialect;
	project_write(project, ".mlvignore", "*.tmp\n");
	project_write(project, "ignored.tmp", "");
	project_write(project, "in/git", "");
	project_write(project, "made", "");
	project_write(project, "mlv.yaml", "stages:\n  s:\n    cmd: x\n    outs: [made]\n");
	project_write(project, "foreign", "");
	project_write(project, "foreign.mlv", "outs:\n- path: other\n");
	project_write(project, "outer/tracked", "");
	g_assert_cmpint(symlink("in", link), ==, 0);
	g_assert_cmpint(symlink("in", way), ==, 0);
	kit_git(project->dir, "add", "in/git");
	project_add(project, "outer/tracked");

	g_free(project_refuse(project, "none", ERROR_NOT_FOUND));
	g_free(project_refuse(project, "", ERROR_USAGE));
	g_free(project_refuse(project, "ignored.tmp", ERROR_USAGE));
	g_free(project_refuse(project, "in", ERROR_USAGE));
	g_free(project_refuse(project, "in/git", ERROR_USAGE));
	g_free(project_refuse(project, "link", ERROR_USAGE));
	g_free(project_refuse(project, "way/git", ERROR_UNSAFE));
	g_free(project_refuse(project, "made", ERROR_USAGE));
	g_free(project_refuse(project, "foreign", ERROR_CONFLICT));
	g_free(project_refuse(project, "outer", ERROR_USAGE));
	g_free(project_refuse(project, "outer/tracked.mlv", ERROR_USAGE));
	g_free(project_refuse(project, ".mlvconfig", ERROR_USAGE));
	g_free(project_refuse(project, ".git/x", ERROR_UNSAFE));
	g_assert_false(project_has(project, "in.mlv"));
	g_assert_false(project_has(project, "ignored.tmp.mlv"));
}

static void one_refusal_stops_all(struct project *project, gconstpointer dialect)
{
	char *paths[] = {(char *)"a", (char *)"none", NULL};
	autoptr(outputs) outputs = NULL;
	const struct track_options options = {0};

	(void)dialect;
	project_write(project, "a", "a");
	outputs = project_outputs(project);
	g_assert_null(track_add(project->ws, outputs, paths, &options, NULL));
	g_assert_false(project_has(project, "a.mlv"));
	g_assert_false(project_has(project, ".gitignore"));
}

static void a_part_changes_only_its_lines(struct project *project, gconstpointer dialect)
{
	autoptr(track_result) result = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/sub/b", "b");
	project_write(project, "d/sub/c", "c");
	project_add(project, "d");
	/* Neither of these is looked at. */
	project_delete(project, "d/a");
	project_write(project, "d/unasked", "u");
	project_write(project, "d/sub/b", "changed");
	project_delete(project, "d/sub/c");
	result = project_add_some(project, "d/sub/b", "d/sub/c", NULL);
	g_assert_cmpint(only(result)->verb, ==, TRACK_UPDATED);
	g_assert_cmpuint(only(result)->nfiles, ==, 2);
	g_assert_cmpuint(only(result)->size, ==, 8);
	project_delete(project, "d");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "d/a", "a");
	project_assert(project, "d/sub/b", "changed");
	g_assert_false(project_has(project, "d/sub/c"));
	g_assert_false(project_has(project, "d/unasked"));
	g_free(project_refuse(project, "d/none", ERROR_NOT_FOUND));
}

static void a_part_of_a_dvc_folder_counts_sizes_right(struct project *project, gconstpointer dialect)
{
	autoptr(track_result) result = NULL;

	(void)dialect;
	project_write(project, "d/a", "12345");
	project_write(project, "d/b", "123");
	project_add(project, "d");
	project_write(project, "d/b", "1");
	result = project_add_some(project, "d/b", NULL);
	g_assert_cmpuint(only(result)->size, ==, 6);
	g_assert_cmpuint(only(result)->nfiles, ==, 2);
}

static void no_commit_stores_nothing(struct project *project, gconstpointer dialect)
{
	char *paths[] = {(char *)"f", NULL};
	const struct track_options options = {.no_commit = true};
	autoptr(outputs) outputs = NULL;
	autoptr(outputs) now = NULL;
	autoptr(track_result) result = NULL;
	autoptr(track_result) stored = NULL;
	g_autoptr(GPtrArray) targets = NULL;
	const struct track_options none = {0};

	(void)dialect;
	project_write(project, "f", "foo");
	outputs = project_outputs(project);
	result = track_add(project->ws, outputs, paths, &options, NULL);
	g_assert_cmpint(only(result)->verb, ==, TRACK_ADDED);
	g_assert_false(store_has(workspace_store(project->ws, NULL), &only(result)->oid, 3));
	now = project_outputs(project);
	targets = project_targets(project, now, "f");
	stored = track_commit(project->ws, now, targets, &none, NULL);
	g_assert_cmpint(only(stored)->verb, ==, TRACK_UNCHANGED);
	g_assert_true(store_has(workspace_store(project->ws, NULL), &only(stored)->oid, 3));
}

static void links_replace_files_on_request(struct project *project, gconstpointer dialect)
{
	struct stat file, empty, program;
	g_autofree char *full = path_join(project->root, "d/run");

	(void)dialect;
	configure(project, "mlv.links", "hardlink");
	project_write(project, "d/file", "text");
	project_write(project, "d/empty", "");
	project_write(project, "d/run", "x");
	g_assert_cmpint(chmod(full, 0755), ==, 0);
	project_add(project, "d");
	file = look(project, "d/file");
	empty = look(project, "d/empty");
	program = look(project, "d/run");
	g_assert_cmpuint(file.st_nlink, ==, 2);
	g_assert_cmpuint(file.st_mode & 0777, ==, 0444);
	g_assert_cmpuint(empty.st_nlink, ==, 1);
	g_assert_cmpuint(program.st_nlink, ==, 1);
	g_assert_cmpuint(program.st_mode & 0100, ==, 0100);

	configure(project, "mlv.links", "symlink");
	project_write(project, "s", "linked");
	project_add(project, "s");
	g_assert_true(S_ISLNK(look(project, "s").st_mode));
	project_assert(project, "s", "linked");
	/* A link to the store is the file. */
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	g_assert_true(S_ISLNK(look(project, "s").st_mode));
}

static void unprotect_makes_copies_again(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;
	g_autoptr(GPtrArray) targets = NULL;
	autoptr(track_result) result = NULL;
	autoptr(track_result) again = NULL;

	(void)dialect;
	configure(project, "mlv.links", "hardlink");
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_add(project, "d");
	outputs = project_outputs(project);
	targets = project_targets(project, outputs, "d");
	result = track_unprotect(project->ws, targets, NULL);
	g_assert_cmpuint(result->stored, ==, 2);
	g_assert_cmpuint(look(project, "d/a").st_nlink, ==, 1);
	g_assert_cmpuint(look(project, "d/a").st_mode & 0200, ==, 0200);
	again = track_unprotect(project->ws, targets, NULL);
	g_assert_cmpuint(again->stored, ==, 0);
}

static void autostage_gives_git_what_was_written(struct project *project, gconstpointer dialect)
{
	autoptr(track_result) result = NULL;
	g_autofree char *staged = NULL;

	(void)dialect;
	configure(project, "mlv.autostage", "true");
	project_write(project, "sub/f", "foo");
	result = project_add_some(project, "sub/f", NULL);
	g_assert_true(result->staged);
	staged = kit_ask(project->dir, "diff", "--cached", "--name-only", NULL);
	g_assert_cmpstr(staged, ==, "sub/.gitignore\nsub/f.mlv");
}

static void dvc_two_entries_stay_while_they_are_true(struct project *project, gconstpointer dialect)
{
	static const char pointer[] = "# mine\nouts:\n- md5: acbd18db4cc2f85cedef654fccc4a4d8\n  path: f\n";
	autoptr(track_result) same = NULL;
	autoptr(track_result) other = NULL;
	g_autofree char *now = NULL;

	(void)dialect;
	project_write(project, "f", "foo");
	project_write(project, "f.dvc", pointer);
	same = project_add_some(project, "f", NULL);
	g_assert_cmpint(only(same)->verb, ==, TRACK_UNCHANGED);
	project_assert(project, "f.dvc", pointer);
	g_assert_true(project_has(project, ".dvc/cache/ac/bd18db4cc2f85cedef654fccc4a4d8"));
	project_write(project, "f", "changed");
	other = project_add_some(project, "f", NULL);
	now = project_read(project, "f.dvc");
	g_assert_nonnull(strstr(now, "# mine\n"));
	g_assert_nonnull(strstr(now, "hash: md5"));
	g_assert_true(project_has(project, ".dvc/cache/files/md5/89/77dfac2f8e04cb96e66882235f5aba"));
}

static void a_dvc_link_becomes_the_file(struct project *project, gconstpointer dialect)
{
	g_autofree char *link = path_join(project->root, "d/link");

	(void)dialect;
	project_write(project, "elsewhere", "text");
	project_write(project, "d/a", "a");
	g_assert_cmpint(symlink("../elsewhere", link), ==, 0);
	project_add(project, "d");
	g_assert_true(S_ISREG(look(project, "d/link").st_mode));
	project_assert(project, "d/link", "text");
}

#define ADD(test, dialect)                                                                                             \
	g_test_add("/track/" #test, struct project, &dialect, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(a_file_is_added_once, dialect_native);
	ADD(a_dvc_pointer_is_what_dvc_writes, dialect_dvc);
	ADD(what_must_not_be_tracked_is_refused, dialect_native);
	ADD(one_refusal_stops_all, dialect_native);
	ADD(a_part_changes_only_its_lines, dialect_native);
	ADD(a_part_of_a_dvc_folder_counts_sizes_right, dialect_dvc);
	ADD(no_commit_stores_nothing, dialect_native);
	ADD(links_replace_files_on_request, dialect_native);
	ADD(unprotect_makes_copies_again, dialect_native);
	ADD(autostage_gives_git_what_was_written, dialect_native);
	ADD(dvc_two_entries_stay_while_they_are_true, dialect_dvc);
	ADD(a_dvc_link_becomes_the_file, dialect_dvc);
	return g_test_run();
}
