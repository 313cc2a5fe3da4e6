#include "../tap.h"
#include "backend/sftp/sftp-temp.h"

#include <sys/wait.h>
#include <unistd.h>

/* The name of an upload that began `age` seconds ago; host NULL: this machine. */
static char *name_of(gint64 age, const char *host, long pid)
{
	g_autofree char *session = sftp_temp_session();
	g_auto(GStrv) parts = g_strsplit(session, ".", -1);
	return g_strdup_printf("%" G_GINT64_FORMAT ".%s.%ld.abc.0.object", g_get_real_time() / G_USEC_PER_SEC - age,
			       host ? host : parts[1], pid);
}

static bool is_left(gint64 age, const char *host, long pid)
{
	g_autofree char *name = name_of(age, host, pid);
	const char *object = sftp_temp_left(name);
	if (object)
		g_assert_cmpstr(object, ==, "object");
	return object != NULL;
}

/* The number of a process that is gone. */
static long gone_pid(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
	return pid;
}

static void goes_on_where_nobody_is(void)
{
	g_assert_true(is_left(1, NULL, gone_pid()));
	g_assert_false(is_left(1, NULL, (long)getpid()));
	g_assert_false(is_left(100000, NULL, (long)getpid()));
	g_assert_true(is_left(7200, "else_where", 1));
	g_assert_false(is_left(60, "else_where", 1));
}

/* Killed, but its parent has not asked yet. */
static void counts_the_dead_as_gone(void)
{
	siginfo_t info;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	g_assert_cmpint(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), ==, 0);
	g_assert_true(is_left(1, NULL, pid));
	g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
}

static void knows_its_own(void)
{
	g_autofree char *session = sftp_temp_session(), *other = sftp_temp_session();
	g_autofree char *name = sftp_temp_name(session, 7, "object");
	g_assert_cmpstr(session, !=, other);
	g_assert_true(g_str_has_prefix(name, session));
	g_assert_true(g_str_has_suffix(name, ".7.object"));
	g_assert_null(sftp_temp_left(name));
	g_assert_false(sftp_temp_is_stale(name));
}

static void tells_what_is_stale(void)
{
	g_autofree char *fresh = name_of(3600, "host", 1), *old = name_of(100000, "host", 1);
	g_assert_false(sftp_temp_is_stale(fresh));
	g_assert_true(sftp_temp_is_stale(old));
}

static void leaves_other_names_alone(void)
{
	static const char *const names[] = {
		"", "1", "other", "1.h.1.r.0", "1.h.1.r.0.o.more", "x.h.1.r.0.o", "-1.h.1.r.0.o"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_assert_false(sftp_temp_is_stale(names[i]));
		g_assert_null(sftp_temp_left(names[i]));
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/sftp-temp/goes-on-where-nobody-is", goes_on_where_nobody_is);
	g_test_add_func("/sftp-temp/counts-the-dead-as-gone", counts_the_dead_as_gone);
	g_test_add_func("/sftp-temp/knows-its-own", knows_its_own);
	g_test_add_func("/sftp-temp/tells-what-is-stale", tells_what_is_stale);
	g_test_add_func("/sftp-temp/leaves-other-names-alone", leaves_other_names_alone);
	return g_test_run();
}
