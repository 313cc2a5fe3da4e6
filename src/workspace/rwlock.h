/*
 * rwlock: the table of paths that running commands use, as DVC keeps it (dvc-formats 17.3): who reads which path, who writes it.
 * The project's lock is held for moments; this table says what may not be touched in between.
 *
 *	{"read": {"/abs/path": [{"pid": 1, "cmd": "…"}]}, "write": {"/abs/path": {"pid": 1, "cmd": "…"}}}
 *
 * In a DVC project it is DVC's own .dvc/tmp/rwlock, in a native one `rwlock` in the state directory. Open for moments
 * only: meanwhile its guard, a lock file beside it, is held. Who died is dropped; so that a process that got the number of a
 * dead one is not taken for it, ours add to `cmd` when they began. Main thread.
 */
#ifndef WORKSPACE_RWLOCK_H
#define WORKSPACE_RWLOCK_H

#include "workspace/workspace.h"

struct rwlock;

/* Where it is. New string. */
char *rwlock_path(const struct workspace *ws);

/* The project's table, closed. Borrowed: ws. */
struct rwlock *rwlock_new(const struct workspace *ws);

/*
 * Take the guard and read the table, empty if there is none. ERROR_CORRUPT for one that is damaged, with a hint. What follows is for
 * a table that is open.
 */
bool rwlock_open(struct rwlock *rwlock, GError **error);

/*
 * Who else, in words, uses a path (relative to the project) that is this one, inside it or above it, so that we may not read
 * (or with `write` not write) it; NULL if nobody does. New string.
 */
char *rwlock_holder(const struct rwlock *rwlock, const char *path, bool write);

/* Whether who rwlock_holder() names has started us, directly or not: it waits for us to end, so that we must not wait for it. */
bool rwlock_is_held_above(const struct rwlock *rwlock, const char *path, bool write);

/* Which other program, in words, uses any path of the project; NULL if none does. New string. */
char *rwlock_stranger(const struct rwlock *rwlock);

/* Say that we read or write the path: `what` is our command line. Once for each path and kind. */
void rwlock_add(struct rwlock *rwlock, const char *path, bool write, const char *what);

/* Say that we no longer do. */
void rwlock_remove(struct rwlock *rwlock, const char *path, bool write);

/* Write the table if it changed: a kill leaves the old or the new one. */
bool rwlock_save(struct rwlock *rwlock, GError **error);

/* Give the guard free; what was not saved is forgotten. It may be opened again, which is cheap if nobody else wrote the table. */
void rwlock_close(struct rwlock *rwlock);

/* Close it, if it is open, and free it; may be NULL. */
void rwlock_free(struct rwlock *rwlock);

AUTO_DEFINE(rwlock, rwlock_free);

#endif
