/*
 * proc: child processes, without a shell. A child inherits none of our descriptors but 0, 1 and 2, and gets every
 * signal that we catch, and SIGPIPE, with its default action. Wants SIGPIPE ignored (cancel_install()). Any thread.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct proc_result {
	int status; /* exit code; 128 + signal if killed */
	char *out;  /* standard output, NUL-terminated; g_free() */
	gsize out_length;
	char *err; /* standard error, NUL-terminated, at most 64 KiB of it; g_free() */
};

/*
 * Run argv[0] (found in PATH) with argv (NULL-terminated) in directory `dir` (NULL: here), feed it `input`
 * (`input_length` bytes; NULL: it reads /dev/null), wait, and fill *result. true if it could be run, whatever its
 * status. ERROR_UNSAFE if it prints more than `limit` bytes, ERROR_CANCELLED on Ctrl-C; then the child is ended with
 * SIGTERM.
 */
bool proc_run(const char *const *argv, const char *dir, const char *input, gsize input_length, gsize limit,
	      struct proc_result *result, GError **error);

/*
 * The same here, for what must not be cut off half-done: the child has a process group of its own, which Ctrl-C does not
 * reach, and is waited for even after cancel_requested().
 */
bool proc_run_apart(const char *const *argv, const char *input, gsize input_length, gsize limit,
		    struct proc_result *result, GError **error);

/* Free what the result holds (not the struct) and zero it. */
void proc_result_clear(struct proc_result *result);

/*
 * Whether a process of this machine, of whichever user, runs: a dead one that only waits for its parent to ask what became of
 * it does not. False for numbers that are no process ids.
 */
bool proc_is_running(gint64 pid);

/* Whether this process has started us, directly or through others that still run. */
bool proc_is_above(gint64 pid);

/* A child with a pipe to and a pipe from it, such as `git cat-file --batch`. */
struct proc {
	FILE *to;   /* its standard input */
	FILE *from; /* its standard output */
	GPid pid;
};

/* Start it; standard error is inherited. `dir` as above. The caller ends it with proc_free(). */
struct proc *proc_start(const char *const *argv, const char *dir, GError **error);

/* Wait for the child after closing both pipes and free the handle; its exit code, 128 + signal if killed. */
int proc_finish(struct proc *proc);

/* proc_finish() without the exit code. */
void proc_free(struct proc *proc);

AUTO_DEFINE(proc, proc_free);

#endif
