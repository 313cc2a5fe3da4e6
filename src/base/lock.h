/*
 * lock: one file that processes lock with flock(2), as DVC does, and that says who holds it.
 *
 * The kernel drops the lock when its holder dies, however it dies, so there are no stale locks. The file stays; while
 * held exclusively it contains " PID\n" (DVC's form, zc.lockfile) and a second line with the command and the host,
 * which a waiter quotes. Main thread only.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

enum lock_mode { LOCK_SHARED, LOCK_EXCLUSIVE };

struct lock;

/* Called once when a wait begins, with the holder in words ("git mlv add, process 4711 on host"). */
typedef void (*lock_waiting)(const char *holder, void *user);

/*
 * Take the lock at `path`, creating the file (its directory must exist). Tries for `wait_ms` (0: once, -1: for ever)
 * and calls `waiting` (may be NULL) when it has to wait. `what` is the command for the second line. ERROR_BUSY names
 * the holder and hints what to do; ERROR_CANCELLED on Ctrl-C. On a read-only file system a shared lock is taken as
 * granted.
 */
struct lock *lock_take(const char *path, enum lock_mode mode, int wait_ms, const char *what, lock_waiting waiting,
		       void *user, GError **error);

/* Release and free. */
void lock_free(struct lock *lock);

AUTO_DEFINE(lock, lock_free);

#endif
