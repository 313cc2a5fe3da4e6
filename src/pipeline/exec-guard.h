/*
 * exec-guard: a small process that kills what stages left running when we die without a word (SIGKILL, out of memory).
 *
 * A stage that went on by itself would write to outputs that the next `repro` is making. The guard reads from a pipe which
 * process groups there are; when the pipe ends, they end. As long as it lives, or we do, guards/<our process> in the state
 * directory is locked: so others can wait for it. Main thread only.
 */
#ifndef PIPELINE_EXEC_GUARD_H
#define PIPELINE_EXEC_GUARD_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* At most so many groups at a time. */
#define GUARD_GROUPS 1024

struct guard;

/* Start one. */
struct guard *guard_new(const char *state_dir, GError **error);

/* Wait, for a moment, until what processes left running that died without a word has ended. */
void guard_await(const char *state_dir);

/* This group is to die with us, or (on = false) no longer. At most GUARD_GROUPS at a time. */
void guard_watch(struct guard *guard, pid_t group, bool on);

/* End it; groups that are still watched are killed. */
void guard_free(struct guard *guard);

AUTO_DEFINE(guard, guard_free);

#endif
