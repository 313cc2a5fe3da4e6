/* opening a project, its paths, its locks */
#include "project.h"

#include "base/lock.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void the_nearest_project_counts(struct project *project, gconstpointer dialect)
{
	g_autofree char *inner = path_join(project->dir, "a/inner"), *deep = path_join(inner, "x/y");
	g_autofree char *top_state = g_strdup(project->ws->state_dir);
	autoptr(workspace) ws = NULL;

	(void)dialect;
	project_write(project, "a/inner/x/y/f", "");
	project_write(project, "a/inner/.dvc/config", "");
	g_assert_cmpint(chdir(deep), ==, 0);
	ws = workspace_open(project->repo, project->config, NULL);
	g_assert_true(ws->dialect == &dialect_dvc);
	g_assert_cmpstr(ws->root, ==, inner);
	g_assert_cmpstr(ws->git_prefix, ==, "a/inner");
	g_assert_cmpstr(ws->cwd, ==, "x/y");
	g_assert_cmpstr(top_state, !=, ws->state_dir);
}

static void native_projects_of_one_worktree_do_not_share_state(struct project *project, gconstpointer dialect)
{
	g_autofree char *top = g_strdup(project->ws->state_dir), *store = g_strdup(project->ws->settings->store_root);

	(void)dialect;
	project_enter(project, "nested");
	g_assert_cmpstr(project->ws->state_dir, !=, top);
	g_assert_cmpstr(project->ws->settings->store_root, ==, store);
}

static void outside_of_a_project_there_is_a_hint(struct project *project, gconstpointer dialect)
{
	g_autofree char *marker = path_join(project->root, ".mlvconfig");
	g_autoptr(GError) error = NULL;

	(void)dialect;
	g_assert_cmpint(unlink(marker), ==, 0);
	g_assert_null(workspace_open(project->repo, project->config, &error));
	g_assert_true(error_is(error, ERROR_NOT_FOUND));
	g_assert_cmpstr(error_get_hint(error), ==, "git mlv init");
	g_clear_error(&error);
	g_assert_null(workspace_open_at(project->repo, project->config, project->root, &error));
	g_assert_true(error_is(error, ERROR_NOT_FOUND));
}

static void a_bare_repository_has_a_project_in_head(struct project *project, gconstpointer dialect)
{
	g_autofree char *base = path_parent(project->dir), *bare = path_join(base, "bare");
	autoptr(repo) repo = NULL;
	autoptr(workspace) ws = NULL;
	autoptr(outputs) outputs = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	project_write(project, "f", "f");
	project_add(project, "f");
	project_commit(project, "1");
	kit_git(base, "clone", "-q", "--bare", project->dir, bare);
	repo = repo_open_at(bare, &error);
	g_assert_no_error(error);
	ws = workspace_open(repo, project->config, &error);
	g_assert_no_error(error);
	g_assert_null(ws->root);
	outputs = outputs_load(ws, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(outputs_find(outputs, "f"));
}

static void assert_path(struct project *project, const char *argument, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = workspace_path(project->ws, argument, &error);

	g_assert_cmpstr(path, ==, expected);
	g_assert_true(expected || error_is(error, ERROR_USAGE));
}

static void arguments_become_paths(struct project *project, gconstpointer dialect)
{
	g_autofree char *sub = path_join(project->root, "sub/dir"), *base = path_parent(project->root);
	g_autofree char *way = path_join(base, "way"), *through = path_join(way, "sub/x");
	g_autofree char *absolute = path_join(project->root, "a/b"), *link = path_join(project->root, "link");
	g_autofree char *shown = NULL;

	(void)dialect;
	project_write(project, "sub/dir/f", "");
	g_assert_cmpint(symlink(project->root, way), ==, 0);
	g_assert_cmpint(symlink("sub", link), ==, 0);
	g_assert_cmpint(chdir(sub), ==, 0);
	workspace_free(project->ws);
	project->ws = workspace_open(project->repo, project->config, NULL);
	assert_path(project, "f", "sub/dir/f");
	assert_path(project, "./..//x/", "sub/x");
	assert_path(project, "../..", "");
	assert_path(project, "../../link/x", "link/x");
	assert_path(project, absolute, "a/b");
	assert_path(project, through, "sub/x");
	assert_path(project, "../../..", NULL);
	assert_path(project, "/etc/passwd", NULL);
	assert_path(project, "", NULL);
	shown = workspace_show_path(project->ws, "a/b");
	g_assert_cmpstr(shown, ==, "../../a/b");
}

/* A child that holds the flock of the file until it is killed. */
static pid_t hold(const char *path)
{
	int ready[2];
	char byte;
	pid_t child;

	g_assert_cmpint(pipe(ready), ==, 0);
	child = fork();
	if (child == 0) {
		int fd = open(path, O_RDWR | O_CREAT, 0644);

		flock(fd, LOCK_EX);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* A watch that tells when a wait begins, by ending what is waited for. */
struct ending_watch {
	struct watch watch;
	pid_t child;
	char *said;
};

static void end_holder(struct watch *watch, const char *line)
{
	struct ending_watch *own = (struct ending_watch *)watch;

	own->said = g_strdup(line);
	end(own->child);
}

static void a_dead_holder_gives_the_lock_free(struct project *project, gconstpointer dialect)
{
	g_autofree char *marker = path_join(project->root, ".dvc/tmp");
	g_autofree char *dir = g_strdup(dialect == &dialect_dvc ? marker : project->ws->state_dir);
	g_autofree char *path = path_join(dir, "lock");
	struct ending_watch watch = {.watch.warn = end_holder};
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
	watch.child = hold(path);
	project->ws->watch = &watch.watch;
	workspace_lock(project->ws, "git mlv test", false, &error);
	g_assert_no_error(error);
	g_assert_nonnull(watch.said);
	g_assert_true(workspace_lock(project->ws, "again", false, &error));
	g_free(watch.said);
}

static void paths_in_use_by_dvc_are_waited_for(struct project *project, gconstpointer dialect)
{
	g_autofree char *tmp = path_join(project->root, ".dvc/tmp"), *lock = path_join(tmp, "unused");
	struct ending_watch watch = {.watch.warn = end_holder};
	g_autofree char *table = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	g_assert_cmpint(g_mkdir_with_parents(tmp, 0755), ==, 0);
	watch.child = hold(lock);
	table = g_strdup_printf(
		"{\"write\": {\"%s/data\": {\"pid\": %d, \"cmd\": \"dvc repro\"}, \"/else\": {\"pid\": 1,"
		" \"cmd\": \"init\"}}, \"read\": {\"%s\": [{\"pid\": 999999999, \"cmd\": \"dead\"}]}}",
		project->root, (int)watch.child, project->root);
	project_write(project, ".dvc/tmp/rwlock", table);
	project->ws->watch = &watch.watch;
	workspace_lock(project->ws, "git mlv test", false, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(watch.said, "dvc repro"));
	g_free(watch.said);
}

static void the_hard_link_lock_is_dvcs(struct project *project, gconstpointer dialect)
{
	g_autofree char *lock = path_join(project->root, ".dvc/tmp/lock");
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)dialect;
	project_write(project, ".dvc/config", "[core]\n    hardlink_lock = true\n");
	/* A lock whose time is over was left behind by a dead holder. */
	project_write(project, ".dvc/tmp/lock", "");
	{
		const struct timespec past[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

		g_assert_cmpint(utimensat(AT_FDCWD, lock, past, 0), ==, 0);
	}
	project_reopen(project);
	workspace_lock(project->ws, "git mlv test", false, &error);
	g_assert_no_error(error);
	g_assert_cmpint(stat(lock, &st), ==, 0);
	g_assert_cmpuint(st.st_nlink, ==, 2);
	project_reopen(project);
	g_assert_cmpint(stat(lock, &st), !=, 0);
}

#define ADD(test, dialect)                                                                                             \
	g_test_add("/workspace/" #test, struct project, &dialect, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(the_nearest_project_counts, dialect_native);
	ADD(native_projects_of_one_worktree_do_not_share_state, dialect_native);
	ADD(outside_of_a_project_there_is_a_hint, dialect_native);
	ADD(a_bare_repository_has_a_project_in_head, dialect_native);
	ADD(arguments_become_paths, dialect_native);
	ADD(a_dead_holder_gives_the_lock_free, dialect_native);
	g_test_add("/workspace/a_dead_dvc_gives_the_lock_free", struct project, &dialect_dvc, project_set_up,
		   a_dead_holder_gives_the_lock_free, project_tear_down);
	ADD(paths_in_use_by_dvc_are_waited_for, dialect_dvc);
	ADD(the_hard_link_lock_is_dvcs, dialect_dvc);
	return g_test_run();
}
