#include "workspace/saved.h"
#include "workspace/workspace-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* Their folder in the state directory. */
#define SAVED "saved"

/* So many times may one path be saved within a second. */
#define TRIES 1000

static int open_state(const struct workspace *ws, GError **error)
{
	int state = open(ws->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (state < 0)
		error_set_errno(error, errno, "open '%s'", ws->state_dir);
	return state;
}

/* The n-th place for a path that is saved now, relative to the state directory. New string. */
static char *place_of(const char *path, guint n)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *when = g_date_time_format(now, "%Y%m%dT%H%M%SZ");

	return n ? g_strdup_printf(SAVED "/%s/%s.%u", when, path, n) : g_strdup_printf(SAVED "/%s/%s", when, path);
}

/* Move it, to a place where nothing is; NULL and errno. */
static char *move(int dir, const char *name, int state, const char *path)
{
	for (guint n = 0; n < TRIES; n++) {
		g_autofree char *place = place_of(path, n), *parent = path_parent(place);

		if (!file_make_dirs_beneath(state, parent, NULL))
			continue;
		if (!file_rename_new(dir, name, state, place))
			return g_steal_pointer(&place);
		if (errno != EEXIST)
			return NULL;
	}
	return NULL;
}

char *saved_put(struct workspace *ws, const char *path, GError **error)
{
	const char *name;
	auto_fd int state = workspace_make_state_dir(ws, error) ? open_state(ws, error) : -1;
	auto_fd int dir = state < 0 ? -1 : file_open_parent(ws->root_fd, path, false, &name, error);
	g_autofree char *place = dir < 0 ? NULL : move(dir, name, state, path);

	if (place)
		return path_join(ws->state_dir, place);
	if (dir >= 0) {
		g_autofree char *shown = workspace_show_path(ws, path), *quoted = quote_path(shown);

		error_set_errno(error, errno, "move '%s', which is saved nowhere, out of the way", quoted);
		error_hint(error, "save it yourself, and remove it");
	}
	return NULL;
}

/* How many seconds ago a folder of that name was made; -1 for a name that is none of ours. */
static int64_t age_of(const char *name)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) made = g_date_time_new_from_iso8601(name, utc);

	return made ? MAX(g_get_real_time() / G_USEC_PER_SEC - g_date_time_to_unix(made), 0) : -1;
}

bool saved_purge(const struct workspace *ws, int64_t grace, bool dry_run, struct saved_count *count, GError **error)
{
	g_autofree char *path = path_join(ws->state_dir, SAVED);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	auto_fd int state = dir ? open_state(ws, error) : -1;
	const char *name;

	*count = (struct saved_count){0};
	if (state < 0)
		return !dir;
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *place = path_join(SAVED, name);
		int64_t age = age_of(name);

		if (age < 0)
			continue;
		if (age <= grace)
			count->kept++;
		else if (!dry_run && !file_remove_tree(state, place, error))
			return false;
		else
			count->purged++;
	}
	return true;
}
