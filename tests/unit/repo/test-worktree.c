#include "base/error.h"
#include "kit.h"
#include "repo/worktree.h"

/* worktree_files() for one pathspec (NULL: none), joined. New string. */
static char *files_of(struct repo *repo, const char *pathspec)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) files = worktree_files(repo, (const char *[]){pathspec, NULL}, &error);

	g_assert_no_error(error);
	return kit_join(files);
}

static void lists_files(void)
{
	g_autofree char *top = kit_repo(NULL), *sub = path_join(top, "dir"), *found = NULL, *all = NULL,
			*literal = NULL;
	g_autofree char *fresh = path_join(top, "new \n\xff.mlv"), *ignored = path_join(top, "out/x.mlv");
	g_autofree char *rules = path_join(top, ".gitignore"), *gone = path_join(top, "gone.mlv");
	g_autofree char *dangling = path_join(top, "link.mlv");
	autoptr(repo) repo = NULL;

	kit_write(gone, "");
	kit_git(top, "add", ".");
	g_assert_cmpint(unlink(gone), ==, 0);
	kit_write(fresh, "");
	kit_write(ignored, "");
	kit_write(rules, "/out\n");
	g_assert_cmpint(symlink("nowhere", dangling), ==, 0);
	kit_git(top, "init", "-q", "nested");
	repo = kit_open(sub); /* pathspecs are relative to the top all the same */
	found = files_of(repo, "*.mlv");
	g_assert_cmpstr(found, ==, "a.mlv|dir/b.mlv|link.mlv|new \n\xff.mlv");
	g_setenv("GIT_LITERAL_PATHSPECS", "1", TRUE);
	literal = files_of(repo, "*.mlv");
	g_unsetenv("GIT_LITERAL_PATHSPECS");
	g_assert_cmpstr(literal, ==, found);
	all = files_of(repo, NULL);
	g_assert_cmpstr(all, ==, ".gitignore|a.mlv|dir-x|dir/b.mlv|link.mlv|new \n\xff.mlv");
}

/* Both sides of a conflict list a path three times; a hook may point to another index. */
static void lists_files_of_odd_indexes(void)
{
	g_autofree char *top = kit_repo(NULL), *a = path_join(top, "a.mlv"), *found = NULL, *none = NULL;
	struct proc_result result;
	autoptr(repo) repo = NULL;

	kit_git(top, "checkout", "-q", "-b", "topic", "HEAD~1");
	kit_write(a, "conflict\n");
	kit_git(top, "commit", "-q", "-a", "-m", "topic");
	g_assert_true(
		proc_run((const char *[]){"git", "merge", "-q", "main", NULL}, top, NULL, 0, 1 << 20, &result, NULL));
	proc_result_clear(&result);
	kit_git(top, "update-index", "--split-index");
	repo = kit_open(top);
	found = files_of(repo, "*.mlv");
	g_assert_cmpstr(found, ==, "a.mlv|dir/b.mlv");
	g_setenv("GIT_INDEX_FILE", ".git/other-index", TRUE);
	kit_git(top, "read-tree", "--empty");
	kit_git(top, "config", "core.excludesFile", "all");
	kit_write("all", "*\n");
	none = files_of(repo, "*.mlv");
	g_unsetenv("GIT_INDEX_FILE");
	g_assert_cmpstr(none, ==, "");
}

static void knows_tracked_paths(void)
{
	static const struct {
		const char *path;
		bool tracked;
	} cases[] = {{"a.mlv", true},   {"dir", true},    {"dir/b.mlv", true},
		     {"absent", false}, {"*.mlv", false}, {":/", false}};
	g_autofree char *top = kit_repo(NULL);
	autoptr(repo) repo = kit_open(top);

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		bool tracked = !cases[i].tracked;

		g_assert_true(worktree_is_tracked(repo, cases[i].path, &tracked, &error));
		g_assert_cmpint(tracked, ==, cases[i].tracked);
	}
}

static void knows_ignored_paths(void)
{
	static const char *const asked[] = {"x.bin",     "dir/y.bin", "absent/z.bin", "a.mlv",
					    "dir/b.mlv", ":x.bin",    "n\n.bin",      "txt"};
	g_autofree char *top = kit_repo(NULL), *rules = path_join(top, ".gitignore");
	g_autoptr(GPtrArray) paths = g_ptr_array_new(), none = g_ptr_array_new();
	g_autoptr(GHashTable) ignored = NULL, empty = NULL;
	g_autoptr(GError) error = NULL;
	autoptr(repo) repo = kit_open(top);

	kit_write(rules, "*.bin\n/a.mlv\n"); /* a.mlv is tracked */
	for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
		g_ptr_array_add(paths, (gpointer)asked[i]);
	ignored = worktree_ignored(repo, paths, &error);
	empty = worktree_ignored(repo, none, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_hash_table_size(ignored), ==, 5);
	g_assert_cmpuint(g_hash_table_size(empty), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
		g_assert_cmpint(g_hash_table_contains(ignored, asked[i]), ==, g_str_has_suffix(asked[i], ".bin"));
	g_ptr_array_add(paths, (gpointer) "../outside");
	g_assert_null(worktree_ignored(repo, paths, &error));
	g_assert_error(error, MLV_ERROR, ERROR_FAILED);
}

static bool note(const struct revision_file *file, void *user, GError **error)
{
	(void)error;
	g_ptr_array_add(user, g_strdup_printf("%o %.4s %s", file->mode, file->id, file->path));
	return true;
}

static char *index_of(struct repo *repo, const char *git_dir)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;

	g_assert_true(worktree_index(repo, git_dir, note, entries, &error));
	g_assert_no_error(error);
	return kit_join(entries);
}

/* The index of this and of another worktree, in a subdirectory, with GIT_INDEX_FILE for this one only. */
static void reads_indexes(void)
{
	g_autofree char *top = kit_repo(NULL), *sub = path_join(top, "dir"), *parent = path_parent(top);
	g_autofree char *linked = path_join(parent, "linked"), *there = path_join(linked, "only there"), *own = NULL;
	g_autofree char *git_dir = path_join(top, ".git/worktrees/linked"), *other = NULL, *replaced = NULL,
			*still = NULL;
	autoptr(repo) repo = NULL;

	kit_git(top, "worktree", "add", "-q", "--detach", linked);
	kit_git(linked, "rm", "-rq", "dir", "dir-x");
	kit_write(there, "");
	kit_git(linked, "add", ".");
	repo = kit_open(sub);
	own = index_of(repo, repo->git_dir);
	g_assert_cmpstr(own, ==, "100644 f719 a.mlv|100644 e69d dir-x|100644 af9c dir/b.mlv");
	other = index_of(repo, git_dir);
	g_assert_cmpstr(other, ==, "100644 f719 a.mlv|100644 e69d only there");
	g_setenv("GIT_INDEX_FILE", ".git/other-index", TRUE);
	kit_git(top, "read-tree", "--empty");
	replaced = index_of(repo, repo->git_dir);
	still = index_of(repo, git_dir);
	g_unsetenv("GIT_INDEX_FILE");
	g_assert_cmpstr(replaced, ==, "");
	g_assert_cmpstr(still, ==, other);
}

static void reads_index_in_bare(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *bare = path_join(parent, "b.git");
	g_autofree char *linked = path_join(parent, "linked"), *own = path_join(bare, "worktrees/linked"), *none = NULL,
			*there = NULL;
	autoptr(repo) repo = NULL;

	kit_git(parent, "clone", "-q", "--bare", top, "b.git");
	kit_git(bare, "worktree", "add", "-q", linked);
	repo = kit_open(bare);
	none = index_of(repo, repo->git_dir);
	there = index_of(repo, own);
	g_assert_cmpstr(none, ==, "");
	g_assert_cmpstr(there, ==, "100644 f719 a.mlv|100644 e69d dir-x|100644 af9c dir/b.mlv");
}

/* The worktrees seen from `dir`, as lines "PATH GIT-DIR MISSING". New string. */
static char *worktrees_from(const char *dir)
{
	autoptr(repo) repo = kit_open(dir);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) list = worktree_list(repo, &error);
	GString *lines = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < list->len; i++) {
		const struct worktree *worktree = list->pdata[i];

		g_string_append_printf(lines, "%s %s %d\n", worktree->path ? worktree->path : "-", worktree->git_dir,
				       worktree->missing);
	}
	return g_string_free(lines, FALSE);
}

static void lists_worktrees(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *git = path_join(top, ".git");
	g_autofree char *one = path_join(parent, "one"), *two = path_join(parent, "t\nwo"), *expected = NULL;

	kit_git(top, "worktree", "add", "-q", "--detach", one);
	kit_git(top, "worktree", "add", "-q", "--detach", two);
	expected = g_strdup_printf("%s %s 0\n%s %s/worktrees/one 1\n", top, git, one, git);
	g_assert_cmpint(rename(one, "moved"), ==, 0);
	for (int i = 0; i < 3; i++) {
		g_autofree char *found = worktrees_from(i == 0 ? top : i == 1 ? two : git);

		g_assert_true(g_str_has_prefix(found, expected));
		g_assert_nonnull(strstr(found, two));
	}
	g_setenv("GIT_DIR", git, TRUE);
	g_setenv("GIT_WORK_TREE", parent, TRUE);
	{
		g_autofree char *found = worktrees_from(parent);

		g_assert_true(g_str_has_prefix(found, parent));
	}
	g_unsetenv("GIT_DIR");
	g_unsetenv("GIT_WORK_TREE");
}

static void lists_worktrees_of_bare_and_submodule(void)
{
	g_autofree char *top = kit_repo(NULL), *outer = kit_repo(NULL), *parent = path_parent(top);
	g_autofree char *bare = path_join(parent, "b.git"), *one = path_join(parent, "one");
	g_autofree char *sub = path_join(outer, "sub"), *two = path_join(parent, "two");
	g_autofree char *bare_list = NULL, *bare_expected = NULL, *sub_list = NULL, *sub_expected = NULL;

	kit_git(parent, "clone", "-q", "--bare", top, "b.git");
	kit_git(bare, "worktree", "add", "-q", one);
	bare_list = worktrees_from(one);
	bare_expected = g_strdup_printf("- %s 0\n%s %s/worktrees/one 0\n", bare, one, bare);
	g_assert_cmpstr(bare_list, ==, bare_expected);
	kit_git(outer, "submodule", "--quiet", "add", top, "sub");
	kit_git(sub, "worktree", "add", "-q", "--detach", two);
	sub_list = worktrees_from(two);
	sub_expected = g_strdup_printf("%s %s/.git/modules/sub 0\n%s %s/.git/modules/sub/worktrees/two 0\n", sub, outer,
				       two, outer);
	g_assert_cmpstr(sub_list, ==, sub_expected);
}

static void stages(void)
{
	g_autofree char *top = kit_repo(NULL), *sub = path_join(top, "dir"), *lock = path_join(top, ".git/index.lock");
	g_autofree char *odd = path_join(top, ":(glob)*\n"), *a = path_join(top, "a.mlv"), *status = NULL;
	g_autoptr(GError) error = NULL;
	autoptr(repo) repo = NULL;

	kit_write(odd, "");
	kit_write(a, "three\n");
	repo = kit_open(sub);
	g_assert_true(worktree_stage(repo, (const char *[]){":(glob)*\n", NULL}, &error));
	g_assert_true(worktree_stage(repo, (const char *[]){NULL}, &error));
	status = kit_ask(top, "diff", "--name-only", NULL);
	g_assert_cmpstr(status, ==, "a.mlv");
	g_assert_false(worktree_stage(repo, (const char *[]){"absent", NULL}, &error));
	g_assert_error(error, MLV_ERROR, ERROR_FAILED);
	g_clear_error(&error);
	kit_write(lock, "");
	g_assert_false(worktree_stage(repo, (const char *[]){"a.mlv", NULL}, &error));
	g_assert_error(error, MLV_ERROR, ERROR_BUSY);
}

static bool left_out(const char *dir, const char *path)
{
	autoptr(repo) repo = kit_open(dir);
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) all = worktree_left_out(repo, &error);
	bool found;

	g_assert_no_error(error);
	g_assert_true(worktree_is_sparse(repo, path, &found, &error));
	g_assert_cmpint(found, ==, g_hash_table_contains(all, path));
	return found;
}

static void knows_sparse_files(gconstpointer option)
{
	g_autofree char *top = kit_repo(NULL), *deep = path_join(top, "other/c.mlv");

	kit_write(deep, "");
	kit_git(top, "add", ".");
	kit_git(top, "commit", "-q", "-m", "deep");
	g_assert_false(left_out(top, "other/c.mlv"));
	kit_git(top, "sparse-checkout", "set", "--cone", option, "dir");
	g_assert_true(left_out(top, "other/c.mlv"));
	g_assert_false(left_out(top, "dir/b.mlv"));
	g_assert_false(left_out(top, "absent"));
	{
		autoptr(repo) repo = kit_open(top);
		g_autofree char *found = files_of(repo, "*.mlv"), *index = index_of(repo, repo->git_dir);

		g_assert_cmpstr(found, ==, "a.mlv|dir/b.mlv");
		g_assert_nonnull(strstr(index, "other/c.mlv"));
		/* A pointer that is put there all the same can be staged. */
		kit_write(deep, "new");
		g_assert_true(worktree_stage(repo, (const char *[]){"other/c.mlv", NULL}, NULL));
	}
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add_func("/worktree/lists-files", lists_files);
	g_test_add_func("/worktree/lists-files-of-odd-indexes", lists_files_of_odd_indexes);
	g_test_add_func("/worktree/knows-tracked-paths", knows_tracked_paths);
	g_test_add_func("/worktree/knows-ignored-paths", knows_ignored_paths);
	g_test_add_func("/worktree/reads-indexes", reads_indexes);
	g_test_add_func("/worktree/reads-index-in-bare", reads_index_in_bare);
	g_test_add_func("/worktree/lists-worktrees", lists_worktrees);
	g_test_add_func("/worktree/lists-worktrees-of-bare-and-submodule", lists_worktrees_of_bare_and_submodule);
	g_test_add_func("/worktree/stages", stages);
	g_test_add_data_func("/worktree/knows-sparse-files", "--no-sparse-index", knows_sparse_files);
	g_test_add_data_func("/worktree/knows-sparse-files-of-sparse-index", "--sparse-index", knows_sparse_files);
	return g_test_run();
}
