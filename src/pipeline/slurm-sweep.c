/* Runs whose process died: their jobs are cancelled before anybody starts others. */
#include "pipeline/slurm-run.h"

#include "pipeline/slurm-call.h"
#include "pipeline/slurm-poll.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define RUN "run-"
#define DEAD "dead-"

/* More than a run of a million jobs notes. */
#define IDS_LIMIT ((size_t)64 << 20)

/* How long cancelled jobs may take to be gone, and how often to ask. */
#define PATIENCE_US (3 * 60 * G_USEC_PER_SEC)
#define ASK_US (G_USEC_PER_SEC / 2)

/* Add the ids in a file, one a line. */
static void add_ids(GPtrArray *ids, const char *path)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!file_read(path, IDS_LIMIT, &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (**line && strspn(*line, "0123456789") == strlen(*line))
			g_ptr_array_add(ids, g_strdup(*line));
	}
}

/* The ids that the run in `dir` noted, and of jobs that started before it could. */
static GPtrArray *ids_of(const char *dir)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) files = g_dir_open(dir, 0, NULL);
	const char *name;

	while (files && (name = g_dir_read_name(files))) {
		g_autofree char *path = path_join(dir, name);

		if (g_str_equal(name, "ids") || g_str_has_suffix(name, SLURM_STARTED))
			add_ids(ids, path);
	}
	return ids;
}

/* Whether one of the states is of a job that is not gone; *id is its. */
static bool is_any_alive(GHashTable *states, const char **id)
{
	GHashTableIter iter;
	void *key, *value;

	g_hash_table_iter_init(&iter, states);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const struct slurm_state *state = value;

		*id = key;
		if (state->alive)
			return true;
	}
	return false;
}

/* Cancel the jobs and wait until they are gone. */
static bool end_jobs(GPtrArray *ids, GError **error)
{
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	const char *id = NULL;

	while (ids->len) {
		g_autoptr(GHashTable) states = NULL;

		slurm_cancel(ids);
		states = slurm_ask(ids, error);
		if (!states || !cancel_check(error))
			return false;
		if (!is_any_alive(states, &id))
			break;
		if (clock_steady_us() > deadline) {
			error_set(error, ERROR_BUSY, "job %s of a run that was killed does not end", id);
			error_hint(error, "scancel %s; squeue --jobs=%s", id, id);
			return false;
		}
		g_usleep(ASK_US);
	}
	return true;
}

/* Sweep one folder, `name` in the opened `parent`, if nobody holds it. */
static bool sweep(const char *parent, int fd, const char *name, GError **error)
{
	g_autofree char *dead = g_str_has_prefix(name, DEAD) ? g_strdup(name) : g_strconcat(DEAD, name, NULL);
	g_autofree char *dir = path_join(parent, dead), *lock_path = g_strconcat(parent, "/", name, "/lock", NULL);
	/* Another who sweeps is waited for: its jobs may still write. */
	autoptr(lock) lock = lock_take(lock_path, LOCK_EXCLUSIVE, g_str_has_prefix(name, DEAD) ? -1 : 0, "git mlv repro",
				       NULL, NULL, NULL);
	g_autofree char *alive = path_join(parent, name);
	g_autoptr(GPtrArray) ids = NULL;

	if (!lock)
		return cancel_check(error);
	if (slurm_run_is_submission(alive))
		return true;
	/* A job that starts from now on does not find its script, so no other ids come. */
	if (renameat(fd, name, fd, dead) < 0) {
		if (errno == ENOENT)
			return true;
		error_set_errno(error, errno, "rename '%s/%s'", parent, name);
		return false;
	}
	ids = ids_of(dir);
	return end_jobs(ids, error) && file_remove_tree(fd, dead, error);
}

bool slurm_run_sweep(const char *state_dir, GError **error)
{
	g_autofree char *parent = path_join(state_dir, "slurm");
	g_autoptr(GDir) dir = g_dir_open(parent, 0, NULL);
	auto_fd int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *name;

	while (dir && fd >= 0 && (name = g_dir_read_name(dir))) {
		if (!g_str_has_prefix(name, RUN) && !g_str_has_prefix(name, DEAD))
			continue;
		if (!sweep(parent, fd, name, error)) {
			g_prefix_error(error, "end what an earlier run left: ");
			return false;
		}
	}
	return true;
}
