/* status, diff and the changes that both list */
#include "project.h"

#include "repo/revision.h"
#include "workspace/diff.h"
#include "workspace/status.h"

#include <sys/stat.h>

/* Everything that a list of changes says, one word for each: "M d/", "R old>new" … */
static char *describe(const struct changes *changes)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < changes->list->len; i++) {
		const struct change *change = changes_get(changes, i);

		g_string_append_printf(text, "%s%c ", i ? "|" : "", "ADMRU="[change->kind]);
		if (change->old_path)
			g_string_append_printf(text, "%s>", change->old_path);
		g_string_append_printf(text, "%s%s", change->path, change->mode_only ? " mode" : "");
	}
	return g_string_free(text, FALSE);
}

static void assert_changes(const struct changes *changes, const char *expected)
{
	g_autofree char *now = describe(changes);

	g_assert_cmpstr(now, ==, expected);
}

static struct status *get_status(struct project *project, struct outputs *outputs, const char *target,
				 const struct status_options *options)
{
	g_autoptr(GPtrArray) targets = target ? project_targets(project, outputs, target) : NULL;
	g_autoptr(GError) error = NULL;
	struct status *status = status_read(project->ws, outputs, targets, options, &error);

	g_assert_no_error(error);
	return status;
}

static const struct status_output *output_at(const struct status *status, guint i)
{
	return &g_array_index(status->outputs, struct status_output, i);
}

static void three_ways_are_compared(struct project *project, gconstpointer dialect)
{
	const struct status_options options = {.committed = true, .granular = true, .untracked = true};
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_write(project, "d/c", "c");
	project_write(project, "old", "o");
	project_write(project, "gone", "g");
	project_add(project, "d", "old", "gone");
	project_commit(project, "1");
	project_write(project, "d/b", "recorded");
	project_write(project, "new", "n");
	project_add(project, "d", "new");
	project_delete(project, "old.mlv");
	project_write(project, "d/a", "not recorded");
	project_delete(project, "d/c");
	project_write(project, "d/c2", "c");
	project_write(project, "d/x", "x");
	project_delete(project, "gone");
	project_write(project, "loose", "l");
	outputs = project_outputs(project);
	status = get_status(project, outputs, NULL, &options);
	assert_changes(status->committed, "M d/|M d/b|A new|D old");
	assert_changes(status->uncommitted, "M d/|M d/a|R d/c>d/c2|A d/x|D gone");
	g_assert_false(status->clean);
	g_assert_cmpuint(status->not_in_store->len, ==, 0);
	g_assert_cmpstr(status_word(output_at(status, 0)), ==, "modified");
	g_assert_cmpstr(status_word(output_at(status, 1)), ==, "deleted");
	g_assert_null(status_word(output_at(status, 2)));
	g_assert_true(g_ptr_array_find_with_equal_func(status->untracked, "loose", g_str_equal, NULL));
	g_assert_true(g_ptr_array_find_with_equal_func(status->untracked, "new.mlv", g_str_equal, NULL));
	g_assert_false(g_ptr_array_find_with_equal_func(status->untracked, "d/x", g_str_equal, NULL));
}

static void nothing_changed(struct project *project, gconstpointer dialect)
{
	const struct status_options plain = {0}, all = {.granular = true, .unchanged = true}, quick = {.quick = true};
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;
	autoptr(status) listed = NULL;
	autoptr(status) fast = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "f", "f");
	project_add(project, "d", "f");
	outputs = project_outputs(project);
	status = get_status(project, outputs, NULL, &plain);
	g_assert_true(status->clean);
	assert_changes(status->uncommitted, "");
	listed = get_status(project, outputs, NULL, &all);
	assert_changes(listed->uncommitted, "= d/|= d/a|= f");
	fast = get_status(project, outputs, NULL, &quick);
	g_assert_true(fast->clean);
}

static void what_the_store_lacks_is_listed(struct project *project, gconstpointer dialect)
{
	const struct status_options granular = {.granular = true}, plain = {0}, blind = {.no_store = true};
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;
	autoptr(status) whole = NULL;
	autoptr(status) unseen = NULL;
	struct oid lost;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_add(project, "d");
	lost = project_oid(project, "d/b");
	project_lose(project, &lost);
	outputs = project_outputs(project);
	status = get_status(project, outputs, NULL, &granular);
	g_assert_cmpuint(status->not_in_store->len, ==, 1);
	g_assert_cmpstr(status->not_in_store->pdata[0], ==, "d/b");
	g_assert_cmpstr(status_word(output_at(status, 0)), ==, "not in cache");
	whole = get_status(project, outputs, NULL, &plain);
	g_assert_cmpstr(whole->not_in_store->pdata[0], ==, "d/");
	unseen = get_status(project, outputs, NULL, &blind);
	g_assert_true(unseen->clean);
}

static void many_files_are_looked_for_by_name(struct project *project, gconstpointer dialect)
{
	const struct status_options options = {.granular = true};
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;
	struct oid lost;

	(void)dialect;
	for (int i = 0; i < 2200; i++) {
		g_autofree char *path = g_strdup_printf("d/%04d", i), *text = g_strdup_printf("%d", i / 2);

		project_write(project, path, text);
	}
	project_add(project, "d");
	lost = project_oid(project, "d/1000");
	project_lose(project, &lost);
	outputs = project_outputs(project);
	status = get_status(project, outputs, NULL, &options);
	/* Two files had these bytes. */
	g_assert_cmpuint(status->not_in_store->len, ==, 2);
	g_assert_cmpstr(status->not_in_store->pdata[0], ==, "d/1000");
	g_assert_cmpstr(status->not_in_store->pdata[1], ==, "d/1001");
	assert_changes(status->uncommitted, "");
}

static void files_of_an_unknown_folder_are_unknown(struct project *project, gconstpointer dialect)
{
	const struct status_options options = {.granular = true};
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;
	struct oid manifest;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_add(project, "d");
	manifest = project_oid(project, "d");
	project_lose(project, &manifest);
	project_write(project, "d/b", "b");
	outputs = project_outputs(project);
	status = get_status(project, outputs, NULL, &options);
	assert_changes(status->uncommitted, "M d/|U d/a|U d/b");
}

static void a_part_is_judged_by_itself(struct project *project, gconstpointer dialect)
{
	const struct status_options options = {0};
	autoptr(outputs) outputs = NULL;
	autoptr(status) same = NULL;
	autoptr(status) changed = NULL;
	autoptr(status) gone = NULL;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/b", "b");
	project_write(project, "d/c/x", "x");
	project_add(project, "d");
	project_write(project, "d/b", "changed");
	project_delete(project, "d/c");
	outputs = project_outputs(project);
	same = get_status(project, outputs, "d/a", &options);
	g_assert_null(status_word(output_at(same, 0)));
	changed = get_status(project, outputs, "d/b", &options);
	g_assert_cmpstr(status_word(output_at(changed, 0)), ==, "modified");
	assert_changes(changed->uncommitted, "M d/b");
	gone = get_status(project, outputs, "d/c", &options);
	g_assert_cmpstr(status_word(output_at(gone, 0)), ==, "deleted");
}

static void native_sees_exec_bits(struct project *project, gconstpointer dialect)
{
	const struct status_options options = {.granular = true};
	g_autofree char *inner = path_join(project->root, "d/a"), *file = path_join(project->root, "f");
	autoptr(outputs) outputs = NULL;
	autoptr(status) status = NULL;

	project_write(project, "d/a", "a");
	project_write(project, "f", "f");
	project_add(project, "d", "f");
	g_assert_cmpint(chmod(inner, 0755), ==, 0);
	g_assert_cmpint(chmod(file, 0755), ==, 0);
	outputs = project_outputs(project);
	status = get_status(project, outputs, NULL, &options);
	assert_changes(status->uncommitted, dialect == &dialect_native ? "M d/|M d/a mode|M f mode" : "");
}

static struct diff *get_diff(struct project *project, const char *before, const char *after, char **paths)
{
	struct diff_options options = {.paths = paths};
	char old[REVISION_ID_MAX], new[REVISION_ID_MAX];
	g_autoptr(GError) error = NULL;
	struct diff *diff;

	g_assert_true(revision_resolve(project->repo, before, old, NULL));
	options.before = old;
	if (after) {
		g_assert_true(revision_resolve(project->repo, after, new, NULL));
		options.after = new;
	}
	diff = diff_read(project->ws, &options, &error);
	g_assert_no_error(error);
	return diff;
}

static void revisions_are_compared(struct project *project, gconstpointer dialect)
{
	char *below[] = {(char *)"d/sub", NULL};
	autoptr(diff) forth = NULL;
	autoptr(diff) part = NULL;
	autoptr(diff) now = NULL;
	const struct change *file;
	struct oid lost;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_write(project, "d/sub/b", "b");
	project_write(project, "moves", "m");
	project_add(project, "d", "moves");
	project_commit(project, "1");
	project_write(project, "d/a", "changed");
	project_delete(project, "d/sub/b");
	project_write(project, "d/sub/c", "c");
	project_delete(project, "moves");
	project_delete(project, "moves.mlv");
	project_write(project, "moved", "m");
	project_add(project, "d", "moved");
	project_commit(project, "2");
	forth = get_diff(project, "HEAD~1", "HEAD", NULL);
	assert_changes(forth->changes, "M d/|M d/a|D d/sub/b|A d/sub/c|R moves>moved");
	file = changes_get(forth->changes, 1);
	g_assert_cmpuint(file->old_size, ==, 1);
	g_assert_cmpuint(file->size, ==, 7);
	part = get_diff(project, "HEAD~1", "HEAD", below);
	assert_changes(part->changes, "D d/sub/b|A d/sub/c");

	lost = project_oid(project, "d/sub/c");
	project_lose(project, &lost);
	project_write(project, "d/new", "n");
	now = get_diff(project, "HEAD", NULL, NULL);
	assert_changes(now->changes, "M d/|A d/new");
	g_assert_cmpuint(now->not_in_store->len, ==, 1);
	g_assert_cmpstr(g_array_index(now->not_in_store, struct change, 0).path, ==, "d/sub/c");
}

static void a_folder_without_manifest_is_compared_as_a_whole(struct project *project, gconstpointer dialect)
{
	autoptr(diff) diff = NULL;
	struct oid manifest;

	(void)dialect;
	project_write(project, "d/a", "a");
	project_add(project, "d");
	project_commit(project, "1");
	manifest = project_oid(project, "d");
	project_write(project, "d/a", "b");
	project_add(project, "d");
	project_commit(project, "2");
	project_lose(project, &manifest);
	diff = get_diff(project, "HEAD", "HEAD~1", NULL);
	assert_changes(diff->changes, "M d/");
	g_assert_cmpuint(diff->notes->len, ==, 1);
}

static void an_unreadable_side_is_an_error(struct project *project, gconstpointer dialect)
{
	struct diff_options options = {0};
	char id[REVISION_ID_MAX];
	g_autoptr(GError) error = NULL;

	(void)dialect;
	project_write(project, "broken.mlv", "outs: [\n");
	project_commit(project, "1");
	project_delete(project, "broken.mlv");
	g_assert_true(revision_resolve(project->repo, "HEAD", id, NULL));
	options.before = id;
	g_assert_null(diff_read(project->ws, &options, &error));
	g_assert_nonnull(strstr(error->message, "broken.mlv"));
}

static void renames_pair_in_path_order(void)
{
	autoptr(changes) changes = changes_new();
	const struct oid same = {.algo = OID_SHA256, .digest = {1}}, other = {.algo = OID_SHA256, .digest = {2}};
	const struct change list[] = {
		{.kind = CHANGE_ADDED, .path = "z", .after = same},
		{.kind = CHANGE_DELETED, .path = "b", .before = same},
		{.kind = CHANGE_DELETED, .path = "a", .before = same},
		{.kind = CHANGE_ADDED, .path = "y", .after = same},
		{.kind = CHANGE_DELETED, .path = "c", .before = same},
		{.kind = CHANGE_ADDED, .path = "x", .after = other},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(list); i++)
		changes_add(changes, &list[i]);
	changes_pair_renames(changes);
	assert_changes(changes, "R a>y|R b>z|D c|A x");
	g_assert_cmpuint(changes->counts[CHANGE_RENAMED], ==, 2);
	g_assert_cmpuint(changes->counts[CHANGE_DELETED], ==, 1);
	g_assert_cmpuint(changes->counts[CHANGE_ADDED], ==, 1);
}

#define ADD(test, dialect)                                                                                             \
	g_test_add("/status/" #test, struct project, &dialect, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(three_ways_are_compared, dialect_native);
	ADD(nothing_changed, dialect_dvc);
	ADD(what_the_store_lacks_is_listed, dialect_native);
	ADD(many_files_are_looked_for_by_name, dialect_native);
	ADD(files_of_an_unknown_folder_are_unknown, dialect_native);
	ADD(a_part_is_judged_by_itself, dialect_native);
	ADD(native_sees_exec_bits, dialect_native);
	g_test_add("/status/dvc_does_not_see_exec_bits", struct project, &dialect_dvc, project_set_up,
		   native_sees_exec_bits, project_tear_down);
	ADD(revisions_are_compared, dialect_native);
	ADD(a_folder_without_manifest_is_compared_as_a_whole, dialect_native);
	ADD(an_unreadable_side_is_an_error, dialect_native);
	g_test_add_func("/status/renames_pair_in_path_order", renames_pair_in_path_order);
	return g_test_run();
}
