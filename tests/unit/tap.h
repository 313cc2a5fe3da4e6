/*
 * tap: what every unit test program starts with.
 *
 *	int main(int argc, char **argv)
 *	{
 *		tap_init(argc, argv);
 *		g_test_add_func("/unit/behaviour", behaviour);
 *		return g_test_run();
 *	}
 *
 * The program speaks TAP and runs in an empty directory of its own, which is removed at its exit.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include "base/file.h"
#include "base/path.h"

#include <fcntl.h>
#include <glib.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct tap_state {
	char *dir;
	pid_t owner;
};

static inline struct tap_state *tap_state(void)
{
	static struct tap_state state;

	return &state;
}

/* The absolute path of the directory that the program runs in. */
static inline const char *tap_tmpdir(void)
{
	return tap_state()->dir;
}

/* Remove the directory, unless this is a child that a test forked. */
static inline void tap_clean(void)
{
	struct tap_state *state = tap_state();
	g_autofree char *parent = g_path_get_dirname(state->dir);
	g_autoptr(GError) error = NULL;

	if (getpid() != state->owner)
		return;
	/* Too late for an assertion, but not to be heard of. */
	if (chdir(parent) < 0 || !file_remove_tree(AT_FDCWD, path_base(state->dir), &error))
		g_printerr("cannot remove %s: %s\n", state->dir, error ? error->message : "no way there");
	g_free(state->dir);
}

/* Begin: GTest speaking TAP, a fresh working directory, signals as the program has them in the foreground. */
static inline void tap_init(int argc, char **argv)
{
	struct tap_state *state = tap_state();
	char **args = g_new0(char *, (size_t)argc + 2);
	g_autoptr(GError) error = NULL;
	char **parsed = args;
	char tap[] = "--tap";

	args[0] = argv[0];
	args[1] = tap;
	for (int i = 1; i < argc; i++)
		args[i + 1] = argv[i];
	argc++;
	g_test_init(&argc, &parsed, NULL);
	g_free(args);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);

	state->dir = g_dir_make_tmp("mlv-test-XXXXXX", &error);
	g_assert_no_error(error);
	state->owner = getpid();
	g_assert_cmpint(chdir(state->dir), ==, 0);
	atexit(tap_clean);
}

/* Be bound by permissions as everybody, also as root. Before threads are started, which would not be. */
static inline void tap_be_bound(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	g_assert_cmpint(syscall(SYS_capget, &header, data), ==, 0);
	data[0].effective &= ~(1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
	g_assert_cmpint(syscall(SYS_capset, &header, data), ==, 0);
}

#endif
