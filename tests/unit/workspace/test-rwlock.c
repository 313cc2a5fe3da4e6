#include "workspace/rwlock.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "project.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* The table of the project, as it stands on disk. */
static char *table(struct project *project)
{
	g_autofree char *path = rwlock_path(project->ws);
	char *text = NULL;

	g_assert_true(file_read(path, 1 << 20, &text, NULL, NULL));
	return text;
}

static struct rwlock *open_table(struct project *project)
{
	g_autoptr(GError) error = NULL;
	struct rwlock *rwlock = rwlock_new(project->ws);

	g_assert_true(rwlock_open(rwlock, &error));
	g_assert_no_error(error);
	return rwlock;
}

/* Write a table; %d is this process's parent, which runs and is not us. */
static void set_table(struct project *project, const char *format)
{
	g_autofree char *path = rwlock_path(project->ws), *dir = path_parent(path);
	g_auto(GStrv) parts = g_strsplit(format, "%d", -1);
	g_autofree char *pid = g_strdup_printf("%d", (int)getppid()), *with_pid = g_strjoinv(pid, parts);
	g_auto(GStrv) pieces = g_strsplit(with_pid, "ROOT", -1);
	g_autofree char *text = g_strjoinv(project->root, pieces);

	g_assert_true(file_make_dirs(dir, NULL));
	g_assert_true(file_replace(path, text, strlen(text), 0666, NULL));
}

static void assert_held(struct project *project, const char *path, bool write, bool held)
{
	autoptr(rwlock) rwlock = open_table(project);
	g_autofree char *holder = rwlock_holder(rwlock, path, write);

	g_assert_cmpint(holder != NULL, ==, held);
	if (held)
		g_assert_nonnull(strstr(holder, "dvc repro, process "));
}

static void ours_do_not_hinder_us(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	for (int i = 0; i < 2; i++) {
		autoptr(rwlock) rwlock = open_table(project);

		g_assert_null(rwlock_holder(rwlock, "a/b", true));
		rwlock_add(rwlock, "a", true, "git mlv repro");
		rwlock_add(rwlock, "c", false, "git mlv repro");
		g_assert_true(rwlock_save(rwlock, NULL));
	}
}

/* What we add and remove again is gone; what others said stays. */
static void comes_and_goes(struct project *project, gconstpointer dialect)
{
	g_autofree char *with = NULL, *without = NULL;

	(void)dialect;
	set_table(project, "{\"read\": {\"ROOT/c\": [{\"pid\": %d, \"cmd\": \"dvc repro\"}]}}");
	{
		autoptr(rwlock) rwlock = open_table(project);

		rwlock_add(rwlock, "c", false, "git mlv repro");
		rwlock_add(rwlock, "odd \"\xff\n", true, "git mlv repro");
		g_assert_true(rwlock_save(rwlock, NULL));
		with = table(project);
	}
	{
		autoptr(rwlock) rwlock = open_table(project);

		rwlock_remove(rwlock, "c", false);
		rwlock_remove(rwlock, "odd \"\xff\n", true);
		rwlock_remove(rwlock, "never there", true);
		g_assert_true(rwlock_save(rwlock, NULL));
		without = table(project);
	}
	g_assert_nonnull(strstr(with, "git mlv repro"));
	g_assert_null(strstr(without, "git mlv repro"));
	g_assert_nonnull(strstr(without, "dvc repro"));
	g_assert_nonnull(strstr(without, "\"write\": {}"));
}

static void overlapping_paths_meet(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	set_table(project, "{\"read\": {\"ROOT/in/dir\": [{\"pid\": %d, \"cmd\": \"dvc repro\"}]},"
			   " \"write\": {\"ROOT/out\": {\"pid\": %d, \"cmd\": \"dvc repro\"}}}");
	assert_held(project, "in/dir", false, false);
	assert_held(project, "in/dir", true, true);
	assert_held(project, "in/dir/x", true, true);
	assert_held(project, "in", true, true);
	assert_held(project, "in/dir2", true, false);
	assert_held(project, "out", false, true);
	assert_held(project, "out/x", false, true);
	assert_held(project, "", false, true);
	assert_held(project, "output", true, false);
}

/* Opened again and again, it is what the file says, whoever wrote it; what was not saved is not said. */
static void open_again(struct project *project, gconstpointer dialect)
{
	autoptr(rwlock) rwlock = open_table(project);
	g_autofree char *ours = NULL, *theirs = NULL, *none = NULL, *saved = NULL;

	(void)dialect;
	rwlock_add(rwlock, "a", true, "git mlv repro");
	g_assert_true(rwlock_save(rwlock, NULL));
	saved = table(project);
	rwlock_add(rwlock, "b", true, "git mlv repro");
	rwlock_close(rwlock);
	g_assert_true(rwlock_open(rwlock, NULL));
	rwlock_remove(rwlock, "never there", true);
	rwlock_add(rwlock, "c", false, "git mlv repro");
	rwlock_remove(rwlock, "c", false);
	g_assert_true(rwlock_save(rwlock, NULL));
	ours = table(project);
	g_assert_cmpstr(ours, ==, saved);
	rwlock_close(rwlock);
	set_table(project, "{\"write\": {\"ROOT/out\": {\"pid\": %d, \"cmd\": \"dvc repro\"}}}");
	g_assert_true(rwlock_open(rwlock, NULL));
	theirs = rwlock_holder(rwlock, "out", false);
	g_assert_nonnull(theirs);
	rwlock_close(rwlock);
	set_table(project, "");
	for (int i = 0; i < 1200; i++) {
		g_assert_true(rwlock_open(rwlock, NULL));
		rwlock_close(rwlock);
	}
	g_assert_true(rwlock_open(rwlock, NULL));
	none = rwlock_holder(rwlock, "out", false);
	g_assert_null(none);
}

/* The dead, a number that another process has got by now, and nonsense are dropped. */
static void the_dead_are_dropped(struct project *project, gconstpointer dialect)
{
	g_autofree char *text = NULL;

	(void)dialect;
	set_table(project, "{\"read\": {\"ROOT/a\": [{\"pid\": 999999999, \"cmd\": \"dvc repro\"}, 7, {\"pid\": \"x\"}], \"ROOT/b\": 3},"
			   " \"write\": {\"ROOT/c\": {\"pid\": %d, \"cmd\": \"git mlv repro (began at tick 1)\"}, \"ROOT/d\": []}}");
	assert_held(project, "", true, false);
	{
		autoptr(rwlock) rwlock = open_table(project);

		g_assert_true(rwlock_save(rwlock, NULL));
	}
	text = table(project);
	g_assert_cmpstr(text, ==, "{\"read\": {}, \"write\": {}}");
}

/* A child that ended and that nobody has waited for yet. */
static void a_zombie_is_dead(struct project *project, gconstpointer dialect)
{
	pid_t pid = fork();
	g_autofree char *text = NULL;
	siginfo_t info;

	(void)dialect;
	if (!pid)
		_exit(0);
	g_assert_cmpint(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), ==, 0);
	text = g_strdup_printf("{\"write\": {\"ROOT/x\": {\"pid\": %ld, \"cmd\": \"dvc repro\"}}}", (long)pid);
	set_table(project, text);
	assert_held(project, "x", true, false);
	waitpid(pid, NULL, 0);
}

/* Another `git mlv` in the project is no stranger: it has its claims, we heed them where paths meet. */
static void only_programs_are_strangers(struct project *project, gconstpointer dialect)
{
	pid_t pid = fork();
	g_autofree char *stranger = NULL;

	(void)dialect;
	if (!pid) {
		autoptr(rwlock) rwlock = open_table(project);

		rwlock_add(rwlock, "a", true, "git mlv repro");
		g_assert_true(rwlock_save(rwlock, NULL));
		g_clear_pointer(&rwlock, rwlock_free);
		pause();
	}
	while (!stranger) {
		autoptr(rwlock) rwlock = open_table(project);

		stranger = rwlock_holder(rwlock, "a/b", false);
		g_clear_pointer(&rwlock, rwlock_free); /* the child wants the table, too */
		g_assert_cmpint(waitpid(pid, NULL, WNOHANG), ==, 0);
		g_usleep(5000);
	}
	g_assert_true(g_str_has_prefix(stranger, "git mlv repro, process "));
	{
		autoptr(rwlock) rwlock = open_table(project);

		g_assert_null(rwlock_stranger(rwlock));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_held(project, "a", true, false);
}

static void damage_is_told(struct project *project, gconstpointer dialect)
{
	autoptr(rwlock) rwlock = rwlock_new(project->ws);
	g_autoptr(GError) error = NULL;

	(void)dialect;
	set_table(project, "{\"read\"");
	g_assert_false(rwlock_open(rwlock, &error));
	g_assert_true(error_is(error, ERROR_CORRUPT));
	g_assert_nonnull(error_get_hint(error));
	set_table(project, "");
	assert_held(project, "x", true, false);
	set_table(project, "[1]");
	assert_held(project, "x", true, false);
}

#define ADD(test)                                                                                                      \
	do {                                                                                                           \
		g_test_add("/rwlock/native/" #test, struct project, &dialect_native, project_set_up, test,             \
			   project_tear_down);                                                                         \
		g_test_add("/rwlock/dvc/" #test, struct project, &dialect_dvc, project_set_up, test, project_tear_down); \
	} while (0)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(ours_do_not_hinder_us);
	ADD(comes_and_goes);
	ADD(overlapping_paths_meet);
	ADD(open_again);
	ADD(the_dead_are_dropped);
	ADD(a_zombie_is_dead);
	ADD(only_programs_are_strangers);
	ADD(damage_is_told);
	return g_test_run();
}
