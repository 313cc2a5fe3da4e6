#include "workspace/workspace-int.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "hash/digest.h"
#include "store/collect.h"
#include "workspace/rwlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* How long to wait for a lock unless told to wait for ever, and how often to look, in milliseconds. */
#define LOCK_WAIT_MS 30000
#define LOCK_POLL_MS 100

/* How long our hard-link lock lasts, in seconds: DVC breaks it only after this. As DVC. */
#define HARD_LOCK_LIFE ((int64_t)365 * 24 * 3600)

static void say_waiting(const char *holder, void *user)
{
	struct workspace *ws = user;

	watch_warn(ws->watch, "waiting for %s", holder);
}

/* Call `try` until it says 1 (done) or -1 (failed), at most for wait_ms. false with *error set, also when time is up.
 */
static bool poll_lock(struct workspace *ws, int (*try)(struct workspace *, char **holder, GError **), int wait_ms,
		      GError **error)
{
	int64_t start = clock_steady_us();
	bool told = false;

	for (;;) {
		g_autofree char *holder = NULL;
		int got = try(ws, &holder, error);

		if (got)
			return got > 0;
		if (wait_ms >= 0 && clock_steady_us() - start >= (int64_t)wait_ms * 1000) {
			error_set(error, ERROR_BUSY, "the project is locked by %s", holder);
			error_hint(error, "try again when it is done, or use --wait-for-lock");
			return false;
		}
		if (!told)
			say_waiting(holder, ws);
		told = true;
		if (!cancel_check(error))
			return false;
		g_usleep(LOCK_POLL_MS * 1000);
	}
}

/* Give the claim file the name of its own path, as DVC's lock does, and a time of death. */
static bool write_claim(const char *claim, GError **error)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW},
				    {.tv_sec = g_get_real_time() / G_USEC_PER_SEC + HARD_LOCK_LIFE}};

	if (!file_replace(claim, claim, strlen(claim), 0666, error))
		return false;
	if (!utimensat(AT_FDCWD, claim, times, 0))
		return true;
	error_set_errno(error, errno, "set the time of '%s'", claim);
	return false;
}

/* One try for DVC's hard-link lock (core.hardlink_lock): whoever links the lock's name to their claim first has it. */
static int try_hard_lock(struct workspace *ws, char **holder, GError **error)
{
	struct workspace_lazy *lazy = ws->lazy;
	struct stat st;

	if (!link(lazy->hard_claim, lazy->hard_lock))
		return 1;
	if (errno != EEXIST) {
		error_set_errno(error, errno, "lock '%s'", lazy->hard_lock);
		return -1;
	}
	if (!stat(lazy->hard_lock, &st) && st.st_mtim.tv_sec < g_get_real_time() / G_USEC_PER_SEC)
		unlink(lazy->hard_lock);
	*holder = g_strdup_printf("another process (hard-link lock '%s')", lazy->hard_lock);
	return 0;
}

static bool take_hard_lock(struct workspace *ws, const char *tmp, int wait_ms, GError **error)
{
	struct workspace_lazy *lazy = ws->lazy;
	g_autofree char *seed = g_strdup_printf("%s/%ld/%" G_GINT64_FORMAT, tmp, (long)getpid(), g_get_real_time());
	g_autofree char *name = NULL;
	char text[OID_TEXT_MAX];
	struct oid oid;

	digest_bytes(seed, strlen(seed), OID_MD5, &oid);
	name = g_strconcat(oid_text(&oid, text), ".lock", NULL);
	lazy->hard_claim = path_join(tmp, name);
	lazy->hard_lock = path_join(tmp, "lock");
	if (write_claim(lazy->hard_claim, error) && poll_lock(ws, try_hard_lock, wait_ms, error))
		return true;
	unlink(lazy->hard_claim);
	g_clear_pointer(&lazy->hard_lock, g_free);
	g_clear_pointer(&lazy->hard_claim, g_free);
	return false;
}

/* DVC's own folder for such files. New string. */
static char *dvc_tmp(const struct workspace *ws)
{
	g_autofree char *marker = path_join(ws->root, dialect_dvc.marker);

	return path_join(marker, "tmp");
}

/*
 * One look at the table of paths in use: DVC may run a stage while the repository's lock is free. A `repro` of ours may, too, but
 * that is no reason to wait for days: it notices what changes under it, and we overwrite nothing that is not saved.
 */
static int try_paths(struct workspace *ws, char **holder, GError **error)
{
	g_autofree char *table = rwlock_path(ws);
	autoptr(rwlock) rwlock = NULL;

	if (access(table, F_OK))
		return 1;
	rwlock = rwlock_new(ws);
	if (!rwlock_open(rwlock, error))
		return -1;
	*holder = rwlock_stranger(rwlock);
	return !*holder;
}

/* With `paths`, wait for the paths in use as well. */
static bool lock_dvc(struct workspace *ws, const char *what, int wait_ms, bool paths, GError **error)
{
	g_autofree char *tmp = dvc_tmp(ws), *path = path_join(tmp, "lock");

	if (!file_make_dirs(tmp, error))
		return false;
	if (ws->settings->hardlink_lock) {
		if (!take_hard_lock(ws, tmp, wait_ms, error))
			return false;
	} else {
		ws->lazy->lock = lock_take(path, LOCK_EXCLUSIVE, wait_ms, what, say_waiting, ws, error);
		if (!ws->lazy->lock)
			return false;
	}
	return !paths || poll_lock(ws, try_paths, wait_ms, error);
}

static bool lock_native(struct workspace *ws, const char *what, int wait_ms, GError **error)
{
	g_autofree char *path = NULL;

	if (!workspace_make_state_dir(ws, error))
		return false;
	path = path_join(ws->state_dir, "lock");
	ws->lazy->lock = lock_take(path, LOCK_EXCLUSIVE, wait_ms, what, say_waiting, ws, error);
	return ws->lazy->lock;
}

/* Keep collection out: a file of the user's that may go because the store has its bytes must find them there afterwards. */
static bool lock_store(struct workspace *ws, const char *what, int wait_ms, GError **error)
{
	struct store *store = workspace_store(ws, error);
	g_autofree char *path = store ? collect_lock_path(store) : NULL;

	if (path)
		ws->lazy->store_lock = lock_take(path, LOCK_SHARED, wait_ms, what, say_waiting, ws, error);
	return ws->lazy->store_lock;
}

static bool take(struct workspace *ws, const char *what, int wait_ms, bool paths, GError **error)
{
	bool dvc = ws->dialect == &dialect_dvc && ws->root;

	if (ws->lazy->store_lock)
		return true;
	if ((dvc ? lock_dvc(ws, what, wait_ms, paths, error) : lock_native(ws, what, wait_ms, error)) &&
	    lock_store(ws, what, wait_ms, error))
		return true;
	workspace_unlock(ws);
	return false;
}

bool workspace_lock(struct workspace *ws, const char *what, bool wait, GError **error)
{
	return take(ws, what, wait ? -1 : LOCK_WAIT_MS, true, error);
}

bool workspace_lock_briefly(struct workspace *ws, const char *what, GError **error)
{
	return take(ws, what, -1, false, error);
}

bool workspace_is_locked(const struct workspace *ws)
{
	return ws->lazy->store_lock;
}

void workspace_unlock(struct workspace *ws)
{
	struct workspace_lazy *lazy = ws->lazy;

	g_clear_pointer(&lazy->store_lock, lock_free);
	g_clear_pointer(&lazy->lock, lock_free);
	if (lazy->hard_lock) {
		unlink(lazy->hard_lock);
		unlink(lazy->hard_claim);
	}
	g_clear_pointer(&lazy->hard_lock, g_free);
	g_clear_pointer(&lazy->hard_claim, g_free);
}
