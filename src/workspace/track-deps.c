/* What stages read, as of now: committing their outputs by force says that these were made from it. */
#include "workspace/track-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "doc/yaml.h"

/* Where a dependency lies, relative to the project; NULL for one that is elsewhere. New string. */
static char *place_of(const struct output *output, const char *path)
{
	g_autofree char *dir = path_parent(output->file), *work = path_join(dir, output->wdir), *joined = NULL,
			*place = NULL;

	if (*path == '/' || strstr(path, "://"))
		return NULL;
	joined = path_join(work, path);
	place = path_normal(joined);
	return *place && path_check(place, NULL) ? g_steal_pointer(&place) : NULL;
}

/* Look at what stands there, with the hash that is recorded or, if that is another one, with the usual one. */
static struct scan *look(struct workspace *ws, const char *place, const struct oid *recorded, GError **error)
{
	struct scan_options options = {.path = place, .algo = ws->dialect->algo};
	struct scan *scan;

	if (!oid_is_none(recorded))
		options.algo = (enum oid_algo)recorded->algo;
	scan = scan_path(ws, &options, error);
	if (!scan || options.algo == ws->dialect->algo || oid_equal(&scan->oid, recorded))
		return scan;
	scan_free(scan);
	options.algo = ws->dialect->algo;
	return scan_path(ws, &options, error);
}

/* Make one entry say what its dependency is now; one that is gone keeps its record, and is told. */
static bool update(struct track_session *session, const struct output *output, struct entry *entry, GError **error)
{
	g_autofree char *place = place_of(output, entry->path);
	autoptr(scan) scan = NULL;

	if (!place)
		return true;
	scan = look(session->ws, place, &entry->oid, error);
	if (!scan)
		return false;
	if (scan->kind != SCAN_FILE && scan->kind != SCAN_DIR) {
		g_ptr_array_add(session->result->notes,
				g_strdup_printf("'%s', which %s reads, is not there", place, output->address));
		return true;
	}
	if (oid_equal(&scan->oid, &entry->oid) && (!entry->has_size || entry->size == scan->size))
		return true;
	entry->oid = scan->oid;
	entry->has_size = true;
	entry->size = scan->size;
	entry->has_nfiles = scan->oid.dir;
	entry->nfiles = scan->manifest ? manifest_files(scan->manifest) : 0;
	entry->isexec = scan_is_exec(scan);
	return true;
}

bool track_record_deps(struct track_session *session, const struct output *output, GError **error)
{
	struct workspace *ws = session->ws;
	g_autofree char *path = track_lock_path(ws, output->file), *full = path_join(ws->root, path), *text = NULL,
			*now = NULL;
	autoptr(lockfile) lock = NULL;
	struct lockfile_stage *stage;
	size_t length;
	bool changed;

	if (file_read(full, YAML_SIZE_LIMIT, &text, &length, error))
		lock = lockfile_read(text, length, path, ws->dialect, error);
	if (!lock)
		return false;
	stage = lockfile_find(lock, output->stage);
	for (guint i = 0; stage && i < stage->deps->len; i++) {
		if (!update(session, output, stage->deps->pdata[i], error))
			return false;
	}
	now = lockfile_write(lock, &length);
	if (!track_write(ws, path, now, length, &changed, error))
		return false;
	if (changed)
		track_touch(session->result, path);
	return true;
}
