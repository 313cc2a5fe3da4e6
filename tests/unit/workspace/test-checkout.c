#include "project.h"

#include "index/index.h"

#include <sys/stat.h>

static const struct checkout_options force = {.force = true}, relink = {.relink = true};

/* "verb path" of the steps, joined by '|'. */
static void assert_steps(const struct checkout_plan *plan, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < plan->steps->len; i++) {
		const struct checkout_step *step = &g_array_index(plan->steps, struct checkout_step, i);

		g_string_append_printf(text, "%s%s %s", i ? "|" : "", checkout_verb_name(step->verb), step->path);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

/* "path reason" of the conflicts. */
static void assert_conflicts(const struct checkout_plan *plan, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < plan->conflicts->len; i++) {
		const struct checkout_obstacle *obstacle = &g_array_index(plan->conflicts, struct checkout_obstacle, i);

		g_string_append_printf(text, "%s%s", i ? "|" : "", obstacle->path);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

/* Two versions of a folder in Git: a and b, then a changed, b gone, c and sub/d new. Version 2 is checked out. */
static void two_versions(struct project *project)
{
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_add(project, "d");
	project_commit(project, "1");
	project_write(project, "d/a", "changed");
	project_delete(project, "d/b");
	project_write(project, "d/c", "c");
	project_write(project, "d/sub/d", "d");
	project_add(project, "d");
	project_commit(project, "2");
}

static void go_back(struct project *project)
{
	kit_git(project->dir, "checkout", "-q", "HEAD~1");
	project_reopen(project);
}

static void back_and_forth(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = NULL;

	(void)dialect;
	two_versions(project);
	go_back(project);
	plan = project_plan(project, &none);
	assert_steps(plan, "remove d/c|remove d/sub/d|remove folder d/sub|replace d/a|create d/b");
	g_assert_true(checkout_plan_check(plan, NULL));
	g_assert_cmpint(g_array_index(plan->outputs, struct checkout_output, 0).fate, ==, CHECKOUT_MODIFIED);
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "d/a", "a");
	project_assert(project, "d/b", "b");
	g_assert_false(project_has(project, "d/c") || project_has(project, "d/sub"));
	checkout_plan_free(g_steal_pointer(&plan));
	plan = project_plan(project, &none);
	assert_steps(plan, "");
	kit_git(project->dir, "checkout", "-q", "main");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "d/sub/d", "d");
	g_assert_false(project_has(project, "d/b"));
}

static void unsaved_changes_stay(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	two_versions(project);
	project_write(project, "d/a", "unsaved");
	project_write(project, "d/sub/mine", "mine");
	go_back(project);
	plan = project_plan(project, &none);
	assert_conflicts(plan, "d/sub/mine|d/a");
	g_assert_false(checkout_plan_check(plan, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
	g_assert_nonnull(strstr(error->message, "d/sub/mine"));
	/* The rest is done all the same. */
	g_assert_cmpuint(project_checkout(project, NULL), ==, 2);
	project_assert(project, "d/a", "unsaved");
	project_assert(project, "d/sub/mine", "mine");
	project_assert(project, "d/b", "b");
	g_assert_false(project_has(project, "d/c"));
	g_assert_cmpuint(project_checkout(project, &force), ==, 0);
	project_assert(project, "d/a", "a");
	g_assert_false(project_has(project, "d/sub"));
}

static void a_copy_of_stored_bytes_is_still_the_users(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	two_versions(project);
	project_write(project, "d/copy", "c");
	go_back(project);
	g_assert_cmpuint(project_checkout(project, NULL), ==, 1);
	project_assert(project, "d/copy", "c");
}

static void a_new_index_follows_dvc(struct project *project, gconstpointer dialect)
{
	g_autofree char *full = NULL;

	(void)dialect;
	two_versions(project);
	full = path_join(project->ws->state_dir, "index");
	go_back(project);
	workspace_free(g_steal_pointer(&project->ws));
	file_remove_tree(AT_FDCWD, full, NULL);
	project->ws = workspace_open(project->repo, project->config, NULL);
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	g_assert_false(project_has(project, "d/c"));
}

static void what_was_put_there_goes_with_its_pointer(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_commit(project, "nothing");
	project_write(project, "f", "f");
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_write(project, "other", "o");
	project_add(project, "f", "d", "other");
	project_commit(project, "data");
	project_write(project, "d/b", "edited");
	go_back(project);
	/* Git keeps this one now. */
	kit_git(project->dir, "add", "-f", "other");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	g_assert_false(project_has(project, "f") || project_has(project, "d/a"));
	project_assert(project, "d/b", "edited");
	project_assert(project, "other", "o");
}

static void a_broken_pointer_retires_nothing(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_write(project, "f", "f");
	project_add(project, "f");
	project_write(project, "f.mlv", "<<<<<<< ours\n");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "f", "f");
}

static void file_and_folder_change_places(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_write(project, "x", "file");
	project_write(project, "d/y", "file");
	project_add(project, "x", "d");
	project_commit(project, "1");
	project_delete(project, "x");
	project_write(project, "x/in", "folder");
	project_delete(project, "d/y");
	project_write(project, "d/y/in", "folder");
	project_add(project, "x", "d");
	project_commit(project, "2");
	go_back(project);
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "x", "file");
	project_assert(project, "d/y", "file");
	kit_git(project->dir, "checkout", "-q", "main");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "x/in", "folder");
	project_assert(project, "d/y/in", "folder");
}

static void modes_links_and_empty_folders_come_back(struct project *project, gconstpointer dialect)
{
	g_autofree char *run = path_join(project->root, "d/run"), *empty = path_join(project->root, "d/empty/deep");
	g_autofree char *link = path_join(project->root, "d/link"), *text = NULL;
	struct stat st;

	(void)dialect;
	project_write(project, "d/run", "x");
	g_assert_cmpint(chmod(run, 0755), ==, 0);
	g_assert_cmpint(g_mkdir_with_parents(empty, 0755), ==, 0);
	g_assert_cmpint(symlink("no\nwhere", link), ==, 0);
	project_add(project, "d");
	g_assert_cmpint(chmod(run, 0644), ==, 0);
	g_assert_cmpint(unlink(link), ==, 0);
	g_assert_cmpint(symlink("run", link), ==, 0);
	project_delete(project, "d/empty");
	/* The text of the new link is stored nowhere. */
	g_assert_cmpuint(project_checkout(project, NULL), ==, 1);
	g_assert_cmpuint(project_checkout(project, &force), ==, 0);
	g_assert_cmpint(stat(run, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0755);
	text = g_file_read_link(link, NULL);
	g_assert_cmpstr(text, ==, "no\nwhere");
	g_assert_true(g_file_test(empty, G_FILE_TEST_IS_DIR));
}

static void missing_objects_are_named(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none, allow = {.allow_missing = true};
	autoptr(checkout_plan) plan = NULL;
	autoptr(checkout_plan) allowed = NULL;
	g_autoptr(GError) error = NULL;
	struct oid lost;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_add(project, "d");
	lost = project_oid(project, "d/a");
	project_delete(project, "d");
	project_lose(project, &lost);
	plan = project_plan(project, &none);
	assert_steps(plan, "create d/b");
	g_assert_false(checkout_plan_check(plan, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(error->message, "d/a"));
	allowed = project_plan(project, &allow);
	g_assert_cmpuint(allowed->missing->len, ==, 0);
	g_assert_cmpuint(project_checkout(project, &allow), ==, 0);
	g_assert_true(project_has(project, "d/b"));
}

static void a_missing_manifest_touches_nothing(struct project *project, gconstpointer dialect)
{
	struct oid manifest;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_add(project, "d");
	manifest = project_oid(project, "d");
	project_lose(project, &manifest);
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_write(project, "d/a", "edited");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 1);
	project_assert(project, "d/a", "edited");
}

static void only_the_part_that_was_asked_for(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(outputs) outputs = NULL;
	g_autoptr(GPtrArray) targets = NULL;
	autoptr(checkout_plan) plan = NULL;
	struct checkout_result result;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/sub/b", "b");
	project_add(project, "d");
	project_delete(project, "d");
	outputs = project_outputs(project);
	targets = project_targets(project, outputs, "d/sub");
	plan = checkout_plan_new(project->ws, outputs, targets, &none, &error);
	g_assert_no_error(error);
	g_assert_true(checkout_plan_run(project->ws, plan, &result, &error));
	g_assert_cmpuint(result.done[CHECKOUT_CREATE], ==, 1);
	checkout_result_clear(&result);
	project_assert(project, "d/sub/b", "b");
	g_assert_false(project_has(project, "d/a"));
}

static void no_link_leads_out(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = NULL;
	g_autofree char *base = path_parent(project->dir), *outside = path_join(base, "outside");
	g_autofree char *trap = path_join(project->root, "way"), *caught = path_join(outside, "d/a");
	struct checkout_result result;

	(void)dialect;
	project_write(project, "way/d/a", "a");
	project_add(project, "way/d");
	project_delete(project, "way/d");
	g_assert_cmpint(mkdir(outside, 0755), ==, 0);
	plan = project_plan(project, &none);
	/* The folder becomes a link between the plan and its run. */
	project_delete(project, "way");
	g_assert_cmpint(symlink(outside, trap), ==, 0);
	g_assert_true(checkout_plan_run(project->ws, plan, &result, NULL));
	g_assert_cmpuint(result.failed->len, ==, 1);
	checkout_result_clear(&result);
	g_assert_false(g_file_test(caught, G_FILE_TEST_EXISTS));
}

static void a_file_that_changes_after_the_plan_stays(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = NULL;
	struct checkout_result result;

	(void)dialect;
	two_versions(project);
	go_back(project);
	plan = project_plan(project, &none);
	project_write(project, "d/a", "written meanwhile");
	project_write(project, "d/b", "in the way");
	project_write(project, "d/c", "not what it was");
	g_assert_true(checkout_plan_run(project->ws, plan, &result, NULL));
	g_assert_cmpuint(result.failed->len, ==, 3);
	checkout_result_clear(&result);
	project_assert(project, "d/a", "written meanwhile");
	project_assert(project, "d/b", "in the way");
	project_assert(project, "d/c", "not what it was");
}

static void ignored_files_are_left_alone(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = NULL;

	(void)dialect;
	two_versions(project);
	project_write(project, "d/sub/keep.tmp", "mine");
	project_write(project, ".mlvignore", "*.tmp\n/d/b\n");
	project_write(project, "d/b", "ignored, in the way");
	go_back(project);
	plan = project_plan(project, &none);
	assert_conflicts(plan, "d/b");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 1);
	project_assert(project, "d/sub/keep.tmp", "mine");
	project_assert(project, "d/b", "ignored, in the way");
	g_assert_false(project_has(project, "d/sub/d"));
}

static void relink_changes_the_kind_only(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = NULL;
	g_autofree char *a = path_join(project->root, "d/a");
	struct stat st;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/same", "a");
	project_add(project, "d");
	kit_git(project->dir, "config", "mlv.links", "hardlink");
	project_reopen(project);
	plan = project_plan(project, &none);
	assert_steps(plan, "");
	g_assert_cmpuint(project_checkout(project, &relink), ==, 0);
	g_assert_cmpint(stat(a, &st), ==, 0);
	g_assert_cmpuint(st.st_nlink, ==, 3);
	checkout_plan_free(g_steal_pointer(&plan));
	plan = project_plan(project, &relink);
	assert_steps(plan, "");
}

static void left_overs_of_a_kill_are_swept(struct project *project, gconstpointer dialect)
{
	g_autofree char *temp = file_temp_name(), *left_over = path_join("d/sub", temp);

	(void)dialect;
	two_versions(project);
	project_write(project, left_over, "half");
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	g_assert_false(project_has(project, left_over));
	project_assert(project, "d/sub/d", "d");
}

static void clashing_outputs_stop_a_checkout(struct project *project, gconstpointer dialect)
{
	static const struct checkout_options none;
	autoptr(outputs) outputs = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *pointer = NULL;

	(void)dialect;
	project_write(project, "f", "f");
	project_add(project, "f");
	pointer = project_read(project, "f.mlv");
	project_write(project, "again.mlv", pointer);
	outputs = project_outputs(project);
	g_assert_null(checkout_plan_new(project->ws, outputs, NULL, &none, &error));
	g_assert_true(error_is(error, ERROR_INVALID));
}

static void dvc_two_objects_fit_any_line_end(struct project *project, gconstpointer dialect)
{
	static const char hash[] = "2094b601daac3d68f5aed51d3c20f7cd"; /* md5 of "one\ntwo\n" */
	g_autofree char *crlf = g_strdup_printf("outs:\n- md5: %s\n  size: 10\n  path: crlf\n", hash);
	static const struct checkout_options none;
	autoptr(checkout_plan) plan = NULL;
	g_autofree char *lf = g_strdup_printf("outs:\n- md5: %s\n  size: 8\n  path: lf\n", hash);

	(void)dialect;
	project_write(project, "crlf.dvc", crlf);
	project_write(project, "crlf", "one\r\ntwo\r\n");
	project_add(project, "crlf");
	project_assert(project, "crlf.dvc", crlf);
	project_write(project, "lf.dvc", lf);
	g_assert_cmpuint(project_checkout(project, NULL), ==, 0);
	project_assert(project, "lf", "one\r\ntwo\r\n");
	/* But other line ends are other bytes when it comes to overwriting them. */
	project_write(project, "other.dvc", "outs:\n- md5: 25ed1bcb423b0b7200f485fc5ff71c8e\n  path: other\n");
	project_write(project, "other", "zz");
	project_add(project, "other");
	project_write(project, "crlf", "one\ntwo\n");
	project_write(project, "crlf.dvc", "outs:\n- md5: 25ed1bcb423b0b7200f485fc5ff71c8e\n  path: crlf\n");
	plan = project_plan(project, &none);
	assert_conflicts(plan, "crlf");
	project_checkout(project, NULL);
	project_assert(project, "crlf", "one\ntwo\n");
}

#define ADD(test, dialect)                                                                                             \
	g_test_add("/checkout/" #test, struct project, &dialect, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(back_and_forth, dialect_native);
	ADD(unsaved_changes_stay, dialect_native);
	ADD(a_copy_of_stored_bytes_is_still_the_users, dialect_native);
	ADD(a_new_index_follows_dvc, dialect_dvc);
	ADD(what_was_put_there_goes_with_its_pointer, dialect_native);
	ADD(a_broken_pointer_retires_nothing, dialect_native);
	ADD(file_and_folder_change_places, dialect_native);
	ADD(modes_links_and_empty_folders_come_back, dialect_native);
	ADD(missing_objects_are_named, dialect_native);
	ADD(a_missing_manifest_touches_nothing, dialect_native);
	ADD(only_the_part_that_was_asked_for, dialect_dvc);
	ADD(no_link_leads_out, dialect_native);
	ADD(a_file_that_changes_after_the_plan_stays, dialect_native);
	ADD(ignored_files_are_left_alone, dialect_native);
	ADD(relink_changes_the_kind_only, dialect_native);
	ADD(left_overs_of_a_kill_are_swept, dialect_native);
	ADD(clashing_outputs_stop_a_checkout, dialect_native);
	ADD(dvc_two_objects_fit_any_line_end, dialect_dvc);
	return g_test_run();
}
