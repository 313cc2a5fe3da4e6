/* commit, remove, move, add from elsewhere and by pattern */
#include "project.h"

#include "doc/yaml.h"

#include <sys/stat.h>

static const struct track_options no_options;

static struct track_result *remove_target(struct project *project, const char *argument,
					  const struct track_remove_options *options, GError **error)
{
	autoptr(outputs) outputs = project_outputs(project);
	g_autoptr(GPtrArray) targets = project_targets(project, outputs, argument);

	return track_remove(project->ws, outputs, targets, options, error);
}

static void move_it(struct project *project, const char *from, const char *to)
{
	autoptr(outputs) outputs = project_outputs(project);
	g_autoptr(GError) error = NULL;
	autoptr(track_result) result = track_move(project->ws, outputs, from, to, &error);

	g_assert_no_error(error);
}

static void assert_no_move(struct project *project, const char *from, const char *to, enum error_code code)
{
	autoptr(outputs) outputs = project_outputs(project);
	g_autoptr(GError) error = NULL;

	g_assert_null(track_move(project->ws, outputs, from, to, &error));
	g_assert_error(error, MLV_ERROR, (int)code);
}

static void commit_records_what_changed(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;
	autoptr(track_result) result = NULL;
	g_autoptr(GError) error = NULL;
	struct oid changed;

	(void)dialect;
	project_write(project, "same", "s");
	project_write(project, "other", "old");
	project_write(project, "gone", "g");
	project_add(project, "same", "other", "gone");
	project_write(project, "other", "new");
	project_delete(project, "gone");
	outputs = project_outputs(project);
	result = track_commit(project->ws, outputs, NULL, &no_options, &error);
	g_assert_no_error(error);
	/* What is gone cannot be recorded, and is left to checkout or remove. */
	g_assert_cmpuint(result->items->len, ==, 2);
	g_assert_cmpint(((struct track_item *)result->items->pdata[0])->verb, ==, TRACK_UPDATED);
	changed = project_oid(project, "other");
	g_assert_true(store_has(workspace_store(project->ws, NULL), &changed, 3));
}

static void commit_says_why_it_cannot(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;
	g_autoptr(GPtrArray) gone = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	project_write(project, "f", "f");
	project_add(project, "f");
	project_delete(project, "f");
	outputs = project_outputs(project);
	gone = project_targets(project, outputs, "f");
	g_assert_null(track_commit(project->ws, outputs, gone, &no_options, &error));
	g_assert_true(error_is(error, ERROR_NOT_FOUND));
}

static void remove_forgets_and_keeps_the_data(struct project *project, gconstpointer dialect)
{
	const struct track_remove_options options = {0};
	g_autoptr(GError) error = NULL;
	autoptr(track_result) result = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "f", "f");
	project_add(project, "d", "f");
	result = remove_target(project, "d", &options, &error);
	g_assert_no_error(error);
	g_assert_false(project_has(project, "d.mlv"));
	project_assert(project, "d/a", "a");
	project_assert(project, ".gitignore", "/f\n");
	/* And a checkout of the rest does not take the data away. */
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "d/a", "a");
}

static void remove_with_data_never_loses_any(struct project *project, gconstpointer dialect)
{
	const struct track_remove_options options = {.outs = true}, forced = {.outs = true, .force = true};
	g_autoptr(GError) error = NULL;
	autoptr(track_result) result = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_add(project, "d");
	project_write(project, "d/b", "unsaved");
	g_assert_null(remove_target(project, "d", &options, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
	g_assert_nonnull(strstr(error->message, "d/b"));
	g_assert_true(project_has(project, "d.mlv") && project_has(project, "d/a"));
	g_clear_error(&error);
	result = remove_target(project, "d", &forced, &error);
	g_assert_no_error(error);
	g_assert_false(project_has(project, "d") || project_has(project, "d.mlv") ||
		       project_has(project, ".gitignore"));
}

static void remove_deletes_only_what_is_stored(struct project *project, gconstpointer dialect)
{
	const struct track_remove_options options = {.outs = true};
	g_autoptr(GError) error = NULL;
	autoptr(track_result) result = NULL;

	(void)dialect;
	project_write(project, ".mlvignore", "*.tmp\n");
	project_write(project, "d/a", "a");
	project_write(project, "d/sub/b", "b");
	project_write(project, "d/sub/keep.tmp", "mine");
	project_write(project, "e/c", "c");
	project_add(project, "d", "e");
	result = remove_target(project, "d", &options, &error);
	g_assert_no_error(error);
	g_assert_false(project_has(project, "d/a") || project_has(project, "d/sub/b"));
	project_assert(project, "d/sub/keep.tmp", "mine");
	g_assert_cmpuint(result->notes->len, ==, 1);
	track_result_free(g_steal_pointer(&result));
	result = remove_target(project, "e", &options, &error);
	g_assert_no_error(error);
	g_assert_false(project_has(project, "e"));
}

static void remove_takes_a_stage_out_of_both_files(struct project *project, gconstpointer dialect)
{
	const struct track_remove_options options = {0};
	g_autoptr(GError) error = NULL;
	autoptr(track_result) result = NULL;

	(void)dialect;
	project_write(project, "mlv.yaml",
		      "# top\nstages:\n  a:\n    cmd: x\n    outs: [m]\n  b:\n    cmd: y # why\n    outs: [n]\n");
	project_write(
		project, "mlv.lock",
		"schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n    - path: m\n      hash: sha256\n"
		"      sha256: fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9\n  b:\n    cmd: y\n");
	result = remove_target(project, "a", &options, &error);
	g_assert_no_error(error);
	project_assert(project, "mlv.yaml", "# top\nstages:\n  b:\n    cmd: y # why\n    outs: [n]\n");
	project_assert(project, "mlv.lock", "schema: '2.0'\nstages:\n  b:\n    cmd: y\n");
}

static void remove_refuses_parts_and_loops(struct project *project, gconstpointer dialect)
{
	const struct track_remove_options options = {0};
	g_autoptr(GError) part = NULL, loop = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_add(project, "d");
	project_write(project, "mlv.yaml",
		      "stages:\n  e:\n    foreach: [1]\n    do:\n      cmd: x\n      outs: ['o${item}']\n");
	g_assert_null(remove_target(project, "d/a", &options, &part));
	g_assert_true(error_is(part, ERROR_USAGE));
	g_assert_null(remove_target(project, "e@1", &options, &loop));
	g_assert_true(error_is(loop, ERROR_USAGE));
}

static void move_takes_pointer_and_ignore_line_along(struct project *project, gconstpointer dialect)
{
	g_autofree char *pointer = NULL;

	(void)dialect;
	project_write(project, "f", "foo");
	project_write(project, "d/in/a", "a");
	project_add(project, "f", "d");
	move_it(project, "f", "sub/g");
	project_assert(project, "sub/g", "foo");
	project_assert(project, "sub/.gitignore", "/g\n");
	g_assert_false(project_has(project, "f") || project_has(project, "f.mlv"));
	pointer = project_read(project, "sub/g.mlv");
	g_assert_nonnull(strstr(pointer, "path: g\n"));
	/* Into a folder that is there. */
	move_it(project, "d", "sub");
	project_assert(project, "sub/d/in/a", "a");
	g_assert_false(project_has(project, ".gitignore"));
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
}

static void move_refuses_what_is_taken(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_write(project, "f", "f");
	project_write(project, "g", "g");
	project_write(project, "d/a", "a");
	project_write(project, "plain", "p");
	project_add(project, "f", "g", "d");
	assert_no_move(project, "f", "g", ERROR_USAGE);
	assert_no_move(project, "f", "plain", ERROR_USAGE);
	assert_no_move(project, "f", "d/x", ERROR_USAGE);
	assert_no_move(project, "d", "d/e", ERROR_USAGE);
	assert_no_move(project, "d/a", "x", ERROR_NOT_FOUND);
	assert_no_move(project, "f", ".git/x", ERROR_UNSAFE);
	assert_no_move(project, "f", "../x", ERROR_UNSAFE);
	project_assert(project, "f", "f");
}

static void a_move_that_was_killed_can_be_done_again(struct project *project, gconstpointer dialect)
{
	g_autofree char *pointer = NULL;

	(void)dialect;
	project_write(project, "f", "f");
	project_add(project, "f");
	/* As after a kill right before the rename of the data. */
	pointer = project_read(project, "f.mlv");
	pointer[strlen(pointer) - 2] = 'g';
	project_write(project, "g.mlv", pointer);
	project_write(project, ".gitignore", "/f\n/g\n");
	move_it(project, "f", "g");
	project_assert(project, "g", "f");
	g_assert_false(project_has(project, "f") || project_has(project, "f.mlv"));
	project_assert(project, ".gitignore", "/g\n");
}

static void add_from_copies_then_tracks(struct project *project, gconstpointer dialect)
{
	g_autofree char *base = path_parent(project->dir), *source = path_join(base, "source");
	g_autofree char *file = path_join(source, "sub/run"), *link = path_join(source, "link");
	autoptr(outputs) outputs = project_outputs(project);
	autoptr(outputs) now = NULL;
	autoptr(track_result) result = NULL;
	g_autofree char *copy = path_join(project->root, "data/in/sub/run");
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)dialect;
	kit_write(file, "run");
	g_assert_cmpint(chmod(file, 0755), ==, 0);
	g_assert_cmpint(symlink("sub/run", link), ==, 0);
	result = track_add_from(project->ws, outputs, source, "data/in", &no_options, &error);
	g_assert_no_error(error);
	project_assert(project, "data/in/sub/run", "run");
	g_assert_cmpint(stat(copy, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0111, !=, 0);
	g_assert_true(project_has(project, "data/in.mlv"));
	now = project_outputs(project);
	g_assert_null(track_add_from(project->ws, now, source, "data/in", &no_options, &error));
	g_assert_true(error_is(error, ERROR_CONFLICT));
	g_clear_error(&error);
	g_assert_null(track_add_from(project->ws, now, base, "inner", &no_options, &error));
	g_assert_true(error_is(error, ERROR_USAGE));
}

static void add_from_replaces_when_forced(struct project *project, gconstpointer dialect)
{
	const struct track_options forced = {.force = true};
	g_autofree char *base = path_parent(project->dir), *source = path_join(base, "one");
	autoptr(outputs) outputs = project_outputs(project);
	autoptr(track_result) result = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	kit_write(source, "new");
	project_write(project, "f", "old");
	g_assert_null(track_add_from(project->ws, outputs, source, "f", &no_options, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
	project_assert(project, "f", "old");
	g_clear_error(&error);
	result = track_add_from(project->ws, outputs, source, "f", &forced, &error);
	g_assert_no_error(error);
	project_assert(project, "f", "new");
	g_assert_true(project_has(project, "f.mlv"));
	g_assert_null(track_add_from(project->ws, outputs, "/nowhere/at/all", "g", &no_options, &error));
	g_assert_true(error_is(error, ERROR_NOT_FOUND));
}

static void patterns_match_data_only(struct project *project, gconstpointer dialect)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *joined = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	project_write(project, ".mlvignore", "*.tmp\n");
	project_write(project, "data/a.csv", "a");
	project_write(project, "data/b.csv", "b");
	project_write(project, "data/c.tmp", "c");
	project_write(project, "data/.hidden", "h");
	project_write(project, "data/code.py", "p");
	project_write(project, "data/deep/d.csv", "d");
	kit_git(project->dir, "add", "data/code.py");
	project_add(project, "data/a.csv");
	track_glob(project->ws, "data/*", paths, &error);
	g_assert_no_error(error);
	joined = kit_join(paths);
	g_assert_cmpstr(joined, ==, "data/a.csv|data/b.csv|data/deep");
	g_ptr_array_set_size(paths, 0);
	track_glob(project->ws, "**/*.csv", paths, &error);
	g_free(joined);
	joined = kit_join(paths);
	g_assert_cmpstr(joined, ==, "data/a.csv|data/b.csv|data/deep/d.csv");
}

#define ADD(test) g_test_add("/track/" #test, struct project, &dialect_native, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(commit_records_what_changed);
	ADD(commit_says_why_it_cannot);
	ADD(remove_forgets_and_keeps_the_data);
	ADD(remove_with_data_never_loses_any);
	ADD(remove_deletes_only_what_is_stored);
	ADD(remove_takes_a_stage_out_of_both_files);
	ADD(remove_refuses_parts_and_loops);
	ADD(move_takes_pointer_and_ignore_line_along);
	ADD(move_refuses_what_is_taken);
	ADD(a_move_that_was_killed_can_be_done_again);
	ADD(add_from_copies_then_tracks);
	ADD(add_from_replaces_when_forced);
	ADD(patterns_match_data_only);
	return g_test_run();
}
