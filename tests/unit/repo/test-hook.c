#include "base/error.h"
#include "kit.h"
#include "repo/hook.h"

#include <sys/stat.h>

static enum hook_result install(struct repo *repo, const char *name)
{
	g_autoptr(GError) error = NULL;
	enum hook_result result;

	hook_install(repo, name, &result, &error);
	g_assert_no_error(error);
	return result;
}

static enum hook_result uninstall(struct repo *repo, const char *name)
{
	g_autoptr(GError) error = NULL;
	enum hook_result result;

	hook_uninstall(repo, name, &result, &error);
	g_assert_no_error(error);
	return result;
}

/* Put an executable script at path. */
static void write_script(const char *path, const char *text)
{
	kit_write(path, text);
	g_assert_cmpint(chmod(path, 0755), ==, 0);
}

static void installs_and_uninstalls(void)
{
	g_autofree char *top = kit_repo(NULL), *dir = NULL, *expected = path_join(top, ".git/hooks");
	autoptr(repo) repo = kit_open(top);
	struct stat st;

	dir = hook_dir(repo);
	g_assert_cmpstr(dir, ==, expected);
	g_assert_cmpint(file_remove_tree(AT_FDCWD, ".git/hooks", NULL), ==, true); /* as without templates */
	g_assert_false(hook_is_installed(repo, "pre-push"));
	g_assert_cmpint(install(repo, "pre-push"), ==, HOOK_WRITTEN);
	g_assert_true(hook_is_installed(repo, "pre-push"));
	g_assert_cmpint(stat(".git/hooks/pre-push", &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0111, !=, 0);
	g_assert_cmpint(install(repo, "pre-push"), ==, HOOK_PRESENT);
	g_assert_cmpint(chmod(".git/hooks/pre-push", 0644), ==, 0);
	g_assert_false(hook_is_installed(repo, "pre-push"));
	g_assert_cmpint(install(repo, "pre-push"), ==, HOOK_WRITTEN);
	g_assert_cmpint(access(".git/hooks/pre-push", X_OK), ==, 0);
	g_assert_cmpint(uninstall(repo, "pre-push"), ==, HOOK_REMOVED);
	g_assert_cmpint(uninstall(repo, "pre-push"), ==, HOOK_ABSENT);
	g_assert_false(g_file_test(".git/hooks/pre-push", G_FILE_TEST_EXISTS));
}

static void keeps_foreign_hooks(void)
{
	g_autofree char *top = kit_repo(NULL), *text = NULL, *back = NULL;
	autoptr(repo) repo = kit_open(top);
	g_autoptr(GError) error = NULL;
	enum hook_result result;

	write_script(".git/hooks/pre-commit", "#!/bin/sh\nexit 3\n");
	g_assert_cmpint(uninstall(repo, "pre-commit"), ==, HOOK_ABSENT);
	g_assert_cmpint(install(repo, "pre-commit"), ==, HOOK_CHAINED);
	g_assert_cmpint(install(repo, "pre-commit"), ==, HOOK_PRESENT);
	text = kit_read(".git/hooks/pre-commit.mlv-chained");
	g_assert_cmpstr(text, ==, "#!/bin/sh\nexit 3\n");
	/* Somebody put another hook in place of ours. */
	write_script(".git/hooks/pre-commit", "#!/bin/sh\nexit 4\n");
	g_assert_false(hook_install(repo, "pre-commit", &result, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
	g_assert_cmpint(unlink(".git/hooks/pre-commit"), ==, 0);
	/* Killed between the rename and the write: both ways go on. */
	g_assert_cmpint(install(repo, "pre-commit"), ==, HOOK_CHAINED);
	g_assert_cmpint(unlink(".git/hooks/pre-commit"), ==, 0);
	g_assert_cmpint(uninstall(repo, "pre-commit"), ==, HOOK_RESTORED);
	back = kit_read(".git/hooks/pre-commit");
	g_assert_cmpstr(back, ==, text);
	g_assert_false(g_file_test(".git/hooks/pre-commit.mlv-chained", G_FILE_TEST_EXISTS));
}

/* A hook that is a link to a script of the project is renamed; the script is not written to. */
static void keeps_linked_hooks(void)
{
	g_autofree char *top = kit_repo(NULL), *text = NULL;
	autoptr(repo) repo = kit_open(top);

	write_script("hook.sh", "#!/bin/sh\n");
	g_assert_cmpint(symlink("../../hook.sh", ".git/hooks/pre-push"), ==, 0);
	g_assert_cmpint(install(repo, "pre-push"), ==, HOOK_CHAINED);
	text = kit_read("hook.sh");
	g_assert_cmpstr(text, ==, "#!/bin/sh\n");
	g_assert_cmpint(uninstall(repo, "pre-push"), ==, HOOK_RESTORED);
	g_assert_true(g_file_test(".git/hooks/pre-push", G_FILE_TEST_IS_SYMLINK));
}

static void obeys_hooks_path(void)
{
	g_autofree char *top = kit_repo(NULL), *sub = path_join(top, "dir"), *parent = path_parent(top);
	g_autofree char *linked = path_join(parent, "linked"), *own = path_join(top, ".husky/_"),
			*shared = path_join(top, ".git/hooks"), *elsewhere = path_join(parent, "my hooks");

	kit_git(top, "worktree", "add", "-q", "--detach", linked);
	{
		autoptr(repo) repo = kit_open(linked);
		g_autofree char *dir = hook_dir(repo);

		g_assert_cmpstr(dir, ==, shared);
	}
	kit_git(top, "config", "core.hooksPath", ".husky/_");
	{
		autoptr(repo) repo = kit_open(sub);
		g_autofree char *dir = hook_dir(repo);

		g_assert_cmpstr(dir, ==, own);
	}
	kit_git(top, "config", "core.hooksPath", elsewhere);
	{
		autoptr(repo) repo = kit_open(sub);
		g_autofree char *script = path_join(elsewhere, "post-checkout");

		g_assert_cmpint(install(repo, "post-checkout"), ==, HOOK_WRITTEN);
		g_assert_cmpint(access(script, X_OK), ==, 0);
	}
}

/* Through git push: the hook before ours and ours read the same input and arguments; a failure of either stops it. */
static void runs_chained(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *bin = path_join(parent, "bin"),
			*heard = NULL;
	g_autofree char *program = path_join(bin, "git-mlv"), *id = kit_ask(top, "rev-parse", "HEAD", NULL);
	g_autofree char *path = g_strconcat(bin, ":", g_getenv("PATH"), NULL), *old_path = g_strdup(g_getenv("PATH"));
	g_autofree char *expected = NULL;
	static const char *const push[] = {"git", "push", "-q", "../b.git", "main", NULL};
	struct proc_result result;
	autoptr(repo) repo = kit_open(top);

	kit_git(parent, "init", "-q", "--bare", "b.git");
	write_script(program, "#!/bin/sh\necho \"ours $*\" >>heard; cat >>heard; exit \"$(cat status)\"\n");
	write_script(".git/hooks/pre-push",
		     "#!/bin/sh\necho \"before $*\" >>heard; cat >>heard; exit \"$(cat first)\"\n");
	g_assert_cmpint(install(repo, "pre-push"), ==, HOOK_CHAINED);
	g_setenv("PATH", path, TRUE);
	kit_write("first", "5");
	kit_write("status", "1");
	g_assert_true(proc_run(push, top, NULL, 0, 1 << 20, &result, NULL));
	g_assert_cmpint(result.status, !=, 0);
	proc_result_clear(&result);
	heard = kit_read("heard");
	g_assert_null(strstr(heard, "ours"));
	kit_write("first", "0");
	kit_write("heard", "");
	g_assert_true(proc_run(push, top, NULL, 0, 1 << 20, &result, NULL));
	g_assert_cmpint(result.status, !=, 0);
	proc_result_clear(&result);
	kit_write("status", "0");
	kit_write("heard", "");
	g_free(kit_run(top, push));
	g_free(heard);
	heard = kit_read("heard");
	expected = g_strdup_printf("before ../b.git ../b.git\nrefs/heads/main %s refs/heads/main %040d\n"
				   "ours hook pre-push ../b.git ../b.git\nrefs/heads/main %s refs/heads/main %040d\n",
				   id, 0, id, 0);
	g_assert_cmpstr(heard, ==, expected);
	g_setenv("PATH", old_path, TRUE);
}

/* Alone, without a hook before it; and where git-mlv is not installed. */
static void runs_alone(void)
{
	g_autofree char *top = kit_repo(NULL), *parent = path_parent(top), *bin = path_join(parent, "bin"),
			*heard = NULL;
	g_autofree char *program = path_join(bin, "git-mlv"), *path = g_strconcat(bin, ":", g_getenv("PATH"), NULL);
	static const char *const script[] = {".git/hooks/post-checkout", "a b", "c", NULL};
	g_autofree char *old_path = g_strdup(g_getenv("PATH"));
	struct proc_result result;
	autoptr(repo) repo = kit_open(top);

	g_assert_cmpint(install(repo, "post-checkout"), ==, HOOK_WRITTEN);
	if (!g_find_program_in_path("git-mlv")) {
		g_assert_true(proc_run(script, NULL, NULL, 0, 1000, &result, NULL));
		g_assert_cmpint(result.status, ==, 1);
		g_assert_nonnull(strstr(result.err, "git-mlv is not in PATH"));
		proc_result_clear(&result);
	}
	write_script(program, "#!/bin/sh\nprintf '<%s>' \"$@\" >heard\n");
	g_setenv("PATH", path, TRUE);
	g_free(kit_run(top, script));
	g_setenv("PATH", old_path, TRUE);
	heard = kit_read("heard");
	g_assert_cmpstr(heard, ==, "<hook><post-checkout><a b><c>");
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	g_test_add_func("/hook/installs-and-uninstalls", installs_and_uninstalls);
	g_test_add_func("/hook/keeps-foreign-hooks", keeps_foreign_hooks);
	g_test_add_func("/hook/keeps-linked-hooks", keeps_linked_hooks);
	g_test_add_func("/hook/obeys-hooks-path", obeys_hooks_path);
	g_test_add_func("/hook/runs-chained", runs_chained);
	g_test_add_func("/hook/runs-alone", runs_alone);
	return g_test_run();
}
