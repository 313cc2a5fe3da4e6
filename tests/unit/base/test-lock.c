#include "base/auto.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"

#include "../tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct lock *take(const char *path, enum lock_mode mode)
{
	g_autoptr(GError) error = NULL;
	struct lock *lock = lock_take(path, mode, 0, "git mlv test", NULL, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(lock);
	return lock;
}

/* A child that holds the lock until killed; returns once it does. */
static pid_t start_holder(const char *path, enum lock_mode mode, const char *what)
{
	char byte;
	int ends[2];
	pid_t pid;

	g_assert_cmpint(pipe(ends), ==, 0);
	pid = fork();
	if (pid == 0) {
		if (!lock_take(path, mode, 0, what, NULL, NULL, NULL))
			_exit(1);
		if (write(ends[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	g_assert_cmpint(read(ends[0], &byte, 1), ==, 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void stop_holder(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void writes_who_holds_it(void)
{
	struct lock *lock = take("who", LOCK_EXCLUSIVE);
	g_autofree char *expected = g_strdup_printf(" %d\ngit mlv test on %s\n", (int)getpid(), g_get_host_name());
	g_autofree char *held = NULL;
	g_autofree char *released = NULL;

	g_assert_true(g_file_get_contents("who", &held, NULL, NULL));
	g_assert_cmpstr(held, ==, expected);
	lock_free(lock);
	g_assert_true(g_file_get_contents("who", &released, NULL, NULL));
	g_assert_cmpstr(released, ==, "");
}

static void excludes(void)
{
	/* flock() is by open file, so even this process excludes itself. */
	static const struct {
		enum lock_mode first, second;
		bool fits;
	} cases[] = {
		{LOCK_SHARED, LOCK_SHARED, true},
		{LOCK_SHARED, LOCK_EXCLUSIVE, false},
		{LOCK_EXCLUSIVE, LOCK_SHARED, false},
		{LOCK_EXCLUSIVE, LOCK_EXCLUSIVE, false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		autoptr(lock) first = take("excludes", cases[i].first);
		g_autoptr(GError) error = NULL;
		autoptr(lock) second = lock_take("excludes", cases[i].second, 0, "second", NULL, NULL, &error);

		g_assert_cmpint(second != NULL, ==, cases[i].fits);
		g_assert_cmpint(error_is(error, ERROR_BUSY), ==, !cases[i].fits);
	}
	lock_free(take("excludes", LOCK_EXCLUSIVE));
}

static void busy_names_the_holder(void)
{
	pid_t pid = start_holder("busy", LOCK_EXCLUSIVE, "git mlv add on the train");
	g_autofree char *expected =
		g_strdup_printf("'busy' is locked by git mlv add on the train, process %d", (int)pid);
	g_autofree char *number = g_strdup_printf("%d", (int)pid);
	g_autoptr(GError) error = NULL;

	g_assert_null(lock_take("busy", LOCK_EXCLUSIVE, 0, "x", NULL, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_BUSY);
	g_assert_cmpstr(error->message, ==, expected);
	g_assert_nonnull(strstr(error_get_hint(error), number));
	stop_holder(pid);
	/* Killed, so its text is still there, but the lock is free. */
	lock_free(take("busy", LOCK_EXCLUSIVE));
}

/* Whom the error names when somebody with this text in the file holds the lock. */
static char *holder_for(const char *text)
{
	auto_fd int fd = -1;
	g_autoptr(GError) error = NULL;
	char *words;

	g_assert_true(g_file_set_contents("holder", text, -1, NULL));
	fd = open("holder", O_RDWR | O_CLOEXEC);
	g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
	g_assert_null(lock_take("holder", LOCK_SHARED, 0, "x", NULL, NULL, &error));
	words = strstr(error->message, "locked by ");
	g_assert_nonnull(words);
	return g_strdup(words + strlen("locked by "));
}

static void reads_any_holder(void)
{
	g_autofree char *dvc = g_strdup_printf(" %d\n", (int)getpid());
	g_autofree char *dvc_words = g_strdup_printf("process %d", (int)getpid());
	const char *cases[][2] = {
		{dvc, dvc_words},
		{"", "another process"},
		{"\n\n\n", "another process"},
		{"-5\n", "another process"},
		{"99999999999999999999\n", "another process"},
		/* Above any process id of Linux: the writer is dead. */
		{" 99999999\ngit mlv add\n", "another process"},
		{" 7\ngit mlv add on far-host\n", "git mlv add, process 7 on far-host"},
		{" 7\n\033[31m on far\001host\n", "\"\\033[31m\", process 7 on \"far\\001host\""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *words = holder_for(cases[i][0]);

		g_assert_cmpstr(words, ==, cases[i][1]);
	}
}

static void note_waiting(const char *holder, void *user)
{
	g_string_append_printf(user, "[%s]", holder);
}

static void waits_for_release(void)
{
	pid_t holder = start_holder("waits", LOCK_EXCLUSIVE, "git mlv gc");
	g_autofree char *expected = g_strdup_printf("[git mlv gc, process %d]", (int)holder);
	g_autoptr(GString) said = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	int64_t start = clock_steady_us();
	autoptr(lock) lock = NULL;
	pid_t killer = fork();

	if (killer == 0) {
		g_usleep(150000);
		kill(holder, SIGKILL);
		_exit(0);
	}
	lock = lock_take("waits", LOCK_EXCLUSIVE, -1, "x", note_waiting, said, &error);
	g_assert_no_error(error);
	g_assert_nonnull(lock);
	g_assert_cmpint(clock_steady_us() - start, >=, 140000);
	g_assert_cmpstr(said->str, ==, expected);
	waitpid(killer, NULL, 0);
	waitpid(holder, NULL, 0);
}

static void waits_no_longer_than_told(void)
{
	autoptr(lock) mine = take("patience", LOCK_EXCLUSIVE);
	g_autoptr(GError) error = NULL;
	int64_t start = clock_steady_us();

	g_assert_null(lock_take("patience", LOCK_SHARED, 120, "x", NULL, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_BUSY);
	g_assert_cmpint(clock_steady_us() - start, >=, 120000);
}

static void stops_waiting_on_a_signal(void)
{
	autoptr(lock) mine = take("signal", LOCK_EXCLUSIVE);
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		GError *error = NULL;

		cancel_install();
		g_assert_null(lock_take("signal", LOCK_SHARED, -1, "x", NULL, NULL, &error));
		_exit(error_is(error, ERROR_CANCELLED) ? 42 : 1);
	}
	g_usleep(100000);
	kill(pid, SIGTERM);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 42);
}

/* When the wait begins, remove the lock file and end its holder: what it had locked, nobody else will find. */
static void unlink_and_release(const char *holder, void *user)
{
	pid_t *pid = user;

	g_assert_nonnull(holder);
	g_assert_cmpint(unlink("unlinked"), ==, 0);
	stop_holder(*pid);
}

static void locks_the_file_at_the_path(void)
{
	pid_t pid = start_holder("unlinked", LOCK_EXCLUSIVE, "x");
	autoptr(lock) lock = lock_take("unlinked", LOCK_EXCLUSIVE, -1, "x", unlink_and_release, &pid, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(lock);
	g_assert_null(lock_take("unlinked", LOCK_EXCLUSIVE, 0, "x", NULL, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_BUSY);
}

static void absent_directory_is_an_error(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(lock_take("absent/lock", LOCK_SHARED, -1, "x", NULL, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(error->message, "absent/lock"));
}

/* Processes that count up a number under the lock lose no step. */
static void contenders_take_turns(void)
{
	enum { PROCESSES = 4, STEPS = 25 };
	g_autofree char *text = NULL;

	g_assert_true(g_file_set_contents("count", "0", -1, NULL));
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() != 0)
			continue;
		for (int k = 0; k < STEPS; k++) {
			autoptr(lock) lock = lock_take("turns", LOCK_EXCLUSIVE, -1, "x", NULL, NULL, NULL);
			g_autofree char *number = NULL;
			g_autofree char *next = NULL;

			if (!lock || !g_file_get_contents("count", &number, NULL, NULL))
				_exit(1);
			next = g_strdup_printf("%d", atoi(number) + 1);
			if (!g_file_set_contents("count", next, -1, NULL))
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		wait(&status);
		g_assert_cmpint(status, ==, 0);
	}
	g_assert_true(g_file_get_contents("count", &text, NULL, NULL));
	g_assert_cmpint(atoi(text), ==, PROCESSES * STEPS);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/lock/writes-who-holds-it", writes_who_holds_it);
	g_test_add_func("/lock/excludes", excludes);
	g_test_add_func("/lock/busy-names-the-holder", busy_names_the_holder);
	g_test_add_func("/lock/reads-any-holder", reads_any_holder);
	g_test_add_func("/lock/waits-for-release", waits_for_release);
	g_test_add_func("/lock/waits-no-longer-than-told", waits_no_longer_than_told);
	g_test_add_func("/lock/stops-waiting-on-a-signal", stops_waiting_on_a_signal);
	g_test_add_func("/lock/locks-the-file-at-the-path", locks_the_file_at_the_path);
	g_test_add_func("/lock/absent-directory-is-an-error", absent_directory_is_an_error);
	g_test_add_func("/lock/contenders-take-turns", contenders_take_turns);
	return g_test_run();
}
