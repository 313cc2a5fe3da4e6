#include "base/cancel.h"
#include "base/error.h"

#include "../tap.h"

#include <stdlib.h>
#include <sys/wait.h>

/* Run `body` in a child, because the flag never goes back; the child's wait status. */
static int in_child(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		body();
		_exit(0);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	return status;
}

static void one_signal(void)
{
	GError *error = NULL;

	cancel_install();
	if (cancel_requested() || !cancel_check(NULL))
		_exit(1);
	raise(SIGTERM);
	if (!cancel_requested() || cancel_signal() != SIGTERM)
		_exit(2);
	if (cancel_check(&error) || !error_is(error, ERROR_CANCELLED) || !g_str_equal(error->message, "interrupted"))
		_exit(3);
}

static void two_signals(void)
{
	cancel_install();
	raise(SIGINT);
	raise(SIGTERM);
	_exit(1);
}

static void request_then_signal(void)
{
	cancel_install();
	cancel_request();
	cancel_request();
	if (!cancel_requested() || cancel_signal() != 0)
		_exit(1);
	/* The first signal after a request is still the first. */
	raise(SIGINT);
	if (!cancel_requested())
		_exit(2);
}

static void ignored_stays_ignored(void)
{
	signal(SIGHUP, SIG_IGN);
	cancel_install();
	raise(SIGHUP);
	raise(SIGPIPE);
	if (cancel_requested())
		_exit(1);
}

static void children_are_heard_of(void)
{
	int status;
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	cancel_install();
	pid = fork();
	if (pid == 0)
		_exit(7);
	if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7)
		_exit(1);
}

static void first_signal_asks(void)
{
	g_assert_cmpint(in_child(one_signal), ==, 0);
}

static void second_signal_kills(void)
{
	int status = in_child(two_signals);

	g_assert_true(WIFSIGNALED(status));
	g_assert_cmpint(WTERMSIG(status), ==, SIGTERM);
}

static void request_is_no_signal(void)
{
	g_assert_cmpint(in_child(request_then_signal), ==, 0);
}

static void nohup_is_respected(void)
{
	g_assert_cmpint(in_child(ignored_stays_ignored), ==, 0);
}

static void parents_sigchld_is_undone(void)
{
	g_assert_cmpint(in_child(children_are_heard_of), ==, 0);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/cancel/first-signal-asks", first_signal_asks);
	g_test_add_func("/cancel/second-signal-kills", second_signal_kills);
	g_test_add_func("/cancel/request-is-no-signal", request_is_no_signal);
	g_test_add_func("/cancel/nohup-is-respected", nohup_is_respected);
	g_test_add_func("/cancel/parents-sigchld-is-undone", parents_sigchld_is_undone);
	return g_test_run();
}
