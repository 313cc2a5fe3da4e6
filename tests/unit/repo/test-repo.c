#include "base/error.h"
#include "kit.h"
#include "repo/config.h"

#include <sys/stat.h>

static void check(const struct repo *repo, const char *git_dir, const char *common_dir, const char *work_tree,
		  const char *prefix)
{
	g_assert_cmpstr(repo->git_dir, ==, git_dir);
	g_assert_cmpstr(repo->common_dir, ==, common_dir);
	g_assert_cmpstr(repo->work_tree, ==, work_tree);
	g_assert_cmpstr(repo->prefix, ==, prefix);
}

static void finds_plain(void)
{
	g_autofree char *top = kit_repo(NULL), *git = path_join(top, ".git"), *sub = path_join(top, "dir");
	autoptr(repo) at_top = kit_open(top);
	autoptr(repo) below = kit_open(sub);
	autoptr(repo) inside = kit_open(git);

	check(at_top, git, git, top, "");
	check(below, git, git, top, "dir");
	check(inside, git, git, NULL, "");
}

/* Newlines, even lines that look like an answer's end, quotes and bytes that are no UTF-8. */
static void finds_odd_names(void)
{
	static const char *const names[] = {"a\nb", "--mlv/\n--mlv", " x ", "\"q\"", "\xff\xfe", "\n", NULL};
	g_autofree char *dir = kit_dir();

	for (int i = 0; names[i]; i++) {
		g_autofree char *top = path_join(dir, names[i]), *git = path_join(top, ".git"),
				*sub = path_join(top, names[i]);

		g_assert_cmpint(g_mkdir_with_parents(top, 0777), ==, 0);
		kit_git(top, "init", "-q");
		g_assert_cmpint(g_mkdir_with_parents(sub, 0777), ==, 0);
		{
			autoptr(repo) repo = kit_open(sub);

			check(repo, git, git, top, names[i]);
		}
	}
}

static void finds_bare(void)
{
	g_autofree char *dir = kit_dir(), *bare = path_join(dir, "b.git"), *deep = path_join(bare, "refs");

	kit_git(dir, "init", "-q", "--bare", "b.git");
	{
		autoptr(repo) repo = kit_open(bare);
		autoptr(repo) below = kit_open(deep);

		check(repo, bare, bare, NULL, "");
		check(below, bare, bare, NULL, "");
		g_assert_null(repo_relative_path(repo, "x"));
	}
}

static void finds_linked_worktree(void)
{
	g_autofree char *top = kit_repo(NULL), *git = path_join(top, ".git"), *parent = path_parent(top);
	g_autofree char *linked = path_join(parent, "linked"), *own = path_join(git, "worktrees/linked");
	g_autofree char *sub = path_join(linked, "dir");

	kit_git(top, "worktree", "add", "-q", linked);
	{
		autoptr(repo) repo = kit_open(sub);

		check(repo, own, git, linked, "dir");
	}
}

static void finds_submodule(void)
{
	g_autofree char *inner = kit_repo(NULL), *outer = kit_repo(NULL), *sub = path_join(outer, "sub");
	g_autofree char *git = path_join(outer, ".git/modules/sub");

	kit_git(outer, "submodule", "--quiet", "add", inner, "sub");
	{
		autoptr(repo) repo = kit_open(sub);
		autoptr(repo) inside = kit_open(git);

		check(repo, git, git, sub, "");
		check(inside, git, git, sub, ""); /* core.worktree tells */
	}
}

static void obeys_environment(void)
{
	g_autofree char *top = kit_repo(NULL), *git = path_join(top, ".git"), *parent = path_parent(top);
	g_autofree char *sub = path_join(top, "dir");

	/* Relative to the current directory, which lies outside. */
	g_setenv("GIT_DIR", "r/.git", TRUE);
	g_setenv("GIT_WORK_TREE", "r", TRUE);
	{
		autoptr(repo) repo = kit_open(parent);

		check(repo, git, git, top, "");
	}
	g_setenv("GIT_DIR", "../.git", TRUE);
	g_setenv("GIT_WORK_TREE", "..", TRUE);
	{
		autoptr(repo) repo = kit_open(sub);
		unsigned traits = repo_traits(repo);

		check(repo, git, git, top, "dir");
		g_assert_cmpuint(traits, ==, 0);
	}
	g_unsetenv("GIT_WORK_TREE");
	g_setenv("GIT_DIR", "nowhere", TRUE);
	{
		g_autoptr(GError) error = NULL;

		g_assert_null(repo_open(&error));
		g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
		g_assert_nonnull(strstr(error->message, "GIT_DIR='nowhere'"));
	}
	g_unsetenv("GIT_DIR");
}

static void refuses(void)
{
	g_autofree char *dir = kit_dir(), *top = kit_repo(NULL), *config = path_join(top, ".git/config");
	g_autoptr(GError) outside = NULL, broken = NULL;

	g_assert_cmpint(chdir(dir), ==, 0);
	g_assert_null(repo_open(&outside));
	g_assert_error(outside, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_cmpstr(error_get_hint(outside), ==, "git init");

	kit_write(config, "[core\n");
	g_assert_cmpint(chdir(top), ==, 0);
	g_assert_null(repo_open(&broken));
	g_assert_error(broken, MLV_ERROR, ERROR_FAILED);
	g_assert_nonnull(strstr(broken->message, "config"));
}

static void opens_at(void)
{
	g_autofree char *top = kit_repo(NULL), *git = path_join(top, ".git"), *sub = path_join(top, "dir");
	g_autofree char *parent = path_parent(top), *bare = path_join(parent, "b.git");
	g_autoptr(GError) error = NULL;

	kit_git(parent, "clone", "-q", "--bare", top, "b.git");
	g_assert_cmpint(chdir(parent), ==, 0);
	g_setenv("GIT_DIR", "/nonsense", TRUE);
	g_setenv("GIT_INDEX_FILE", "/nonsense", TRUE);
	{
		autoptr(repo) tree = repo_open_at("r", &error);
		autoptr(repo) dot_git = repo_open_at(git, &error);
		autoptr(repo) without = repo_open_at("b.git", &error);

		g_assert_no_error(error);
		check(tree, git, git, top, "");
		check(dot_git, git, git, NULL, "");
		check(without, bare, bare, NULL, "");
	}
	g_assert_null(repo_open_at(sub, &error)); /* lies in one, but is none */
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_assert_null(repo_open_at("absent", &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_unsetenv("GIT_DIR");
	g_unsetenv("GIT_INDEX_FILE");
}

static void makes_paths_relative(void)
{
	g_autofree char *top = kit_repo(NULL), *sub = path_join(top, "dir"), *parent = path_parent(top);
	g_autofree char *alias = path_join(parent, "alias"), *link = path_join(top, "link");
	g_autofree char *through = path_join(alias, "dir/x"), *absolute = path_join(top, "new/x"),
			*own_link = path_join(alias, "link");
	const struct {
		const char *path, *expected;
	} cases[] = {
		{"x", "dir/x"},     {".", "dir"},       {"..", ""},          {"../a/./b/../c", "a/c"},
		{"../..", NULL},    {"/etc/x", NULL},   {top, ""},           {absolute, "new/x"},
		{through, "dir/x"}, {own_link, "link"}, {"../link", "link"}, {"a\nb", "dir/a\nb"},
	};
	autoptr(repo) repo = NULL;

	g_assert_cmpint(symlink(top, alias), ==, 0);
	g_assert_cmpint(symlink("/", link), ==, 0);
	repo = kit_open(sub);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *found = repo_relative_path(repo, cases[i].path);

		g_assert_cmpstr(found, ==, cases[i].expected);
	}
}

static unsigned traits_of(const char *dir)
{
	autoptr(repo) repo = kit_open(dir);

	return repo_traits(repo);
}

static void tells_traits(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *url = g_strconcat("file://", top, NULL);

	kit_git(top, "config", "uploadpack.allowFilter", "true");
	kit_git(parent, "clone", "-q", url, "plain");
	kit_git(parent, "clone", "-q", "--depth=1", "--no-single-branch", url, "shallow");
	kit_git(parent, "clone", "-q", "--filter=blob:none", url, "partial");
	kit_git(parent, "clone", "-q", "--single-branch", url, "single");
	kit_git(parent, "clone", "-q", url, "sparse");
	g_assert_cmpint(chdir(parent), ==, 0);
	kit_git("sparse", "sparse-checkout", "set", "dir");
	g_assert_cmpuint(traits_of("plain"), ==, 0);
	g_assert_cmpuint(traits_of("../shallow"), ==, REPO_SHALLOW);
	g_assert_cmpuint(traits_of("../partial"), ==, REPO_PARTIAL);
	g_assert_cmpuint(traits_of("../single"), ==, REPO_SINGLE_BRANCH);
	g_assert_cmpuint(traits_of("../sparse"), ==, REPO_SPARSE);
}

/* Nothing that cannot be told may let a remote be collected. */
static void fears_unknown_traits(void)
{
	g_autofree char *top = kit_repo(NULL), *config = path_join(top, ".git/config");
	autoptr(repo) repo = kit_open(top);

	g_assert_true(config_set(repo, "local", "mlv.key", "1", NULL));
	kit_write(config, "[core\n");
	g_assert_cmpuint(repo_traits(repo), ==, REPO_SHALLOW | REPO_PARTIAL | REPO_SINGLE_BRANCH | REPO_SPARSE);
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add_func("/repo/finds-plain", finds_plain);
	g_test_add_func("/repo/finds-odd-names", finds_odd_names);
	g_test_add_func("/repo/finds-bare", finds_bare);
	g_test_add_func("/repo/finds-linked-worktree", finds_linked_worktree);
	g_test_add_func("/repo/finds-submodule", finds_submodule);
	g_test_add_func("/repo/obeys-environment", obeys_environment);
	g_test_add_func("/repo/refuses", refuses);
	g_test_add_func("/repo/opens-at", opens_at);
	g_test_add_func("/repo/makes-paths-relative", makes_paths_relative);
	g_test_add_func("/repo/tells-traits", tells_traits);
	g_test_add_func("/repo/fears-unknown-traits", fears_unknown_traits);
	return g_test_run();
}
