#include "workspace/track-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

/* With which hash the work is recorded so far; that of new entries if there is no record. */
static enum oid_algo recorded_algo(const struct track_session *session, const struct track_work *work)
{
	if (work->output && !oid_is_none(&work->output->oid))
		return work->output->oid.algo;
	return session->ws->dialect->algo;
}

/* Whether the bytes go to the store: then they are read only once, on their way there. */
static bool is_stored(const struct track_session *session, const struct track_work *work)
{
	return !session->options->no_commit && work->stored;
}

/* Keep a scan, unless what it found cannot be tracked. */
static bool keep_scan(struct track_session *session, struct track_work *work, struct scan *scan, GError **error)
{
	g_autofree char *shown = workspace_show_path(session->ws, work->path), *quoted = quote_path(shown);

	g_ptr_array_add(work->scans, scan);
	if (scan->refusal) {
		error_set(error, ERROR_USAGE, "%s", scan->refusal);
		return false;
	}
	if (scan->kind == SCAN_ABSENT) {
		error_set(error, ERROR_NOT_FOUND, "'%s' does not exist", quoted);
		return false;
	}
	if (scan->kind != SCAN_FILE && scan->kind != SCAN_DIR) {
		error_set(error, ERROR_USAGE, "'%s' is %s", quoted,
			  scan->kind == SCAN_LINK ? "a symbolic link" : "neither a file nor a folder");
		return false;
	}
	for (guint i = 0; i < scan->unkept->len; i++)
		g_ptr_array_add(session->result->notes, g_strdup(scan->unkept->pdata[i]));
	return true;
}

/*
 * Data that are recorded with another hash than that of new entries (DVC 2.x) keep their record as long as it is true:
 * look with the old hash first. *kept tells if that settled it.
 */
static bool look_as_recorded(struct track_session *session, struct track_work *work, bool *kept, GError **error)
{
	struct scan_options options = {.path = work->path, .algo = recorded_algo(session, work)};
	autoptr(scan) scan = NULL;

	*kept = false;
	if (options.algo == session->ws->dialect->algo)
		return true;
	scan = scan_path(session->ws, &options, error);
	if (!scan)
		return false;
	if (!oid_equal(&scan->oid, &work->output->oid))
		return true;
	*kept = true;
	return keep_scan(session, work, g_steal_pointer(&scan), error);
}

static bool look_whole(struct track_session *session, struct track_work *work, GError **error)
{
	struct scan_options options = {
		.path = work->path, .algo = session->ws->dialect->algo, .no_hash = is_stored(session, work)};
	struct scan *scan;
	bool kept;

	if (!look_as_recorded(session, work, &kept, error))
		return false;
	if (kept)
		return true;
	scan = scan_path(session->ws, &options, error);
	return scan && keep_scan(session, work, scan, error);
}

/* Load the manifest that the parts are to be put into. */
static bool load_manifest(struct track_session *session, struct track_work *work, GError **error)
{
	struct store *store = workspace_store(session->ws, error);
	g_autofree char *shown = workspace_show_path(session->ws, work->path), *quoted = quote_path(shown);

	if (!store)
		return false;
	if (!work->output->oid.dir) {
		error_set(error, ERROR_USAGE, "'%s' is not tracked as a folder", quoted);
		error_hint(error, "git mlv add %s", quoted);
		return false;
	}
	work->manifest = manifest_load(store, &work->output->oid, error);
	if (work->manifest)
		return true;
	g_prefix_error(error, "the list of files of '%s': ", quoted);
	error_hint(error, "git mlv fetch %s", quoted);
	return false;
}

static bool look_inside(struct track_session *session, struct track_work *work, GError **error)
{
	struct scan_options options = {
		.path = work->path, .algo = recorded_algo(session, work), .no_hash = is_stored(session, work)};

	if (!load_manifest(session, work, error))
		return false;
	for (guint i = 0; i < work->insides->len; i++) {
		struct scan *scan;
		size_t first, end;

		options.inside = work->insides->pdata[i];
		scan = scan_path(session->ws, &options, error);
		if (!scan)
			return false;
		if (scan->kind == SCAN_ABSENT)
			scan->kind = SCAN_DIR; /* all of the folder is gone: the part leaves the manifest */
		if (!keep_scan(session, work, scan, error))
			return false;
		if (!scan->files->len && !manifest_range(work->manifest, options.inside, &first, &end)) {
			g_autofree char *path = path_join(work->path, options.inside);
			g_autofree char *shown = workspace_show_path(session->ws, path), *quoted = quote_path(shown);

			error_set(error, ERROR_NOT_FOUND, "'%s' neither exists nor is tracked", quoted);
			return false;
		}
	}
	return true;
}

bool track_look_at(struct track_session *session, struct track_work *work, GError **error)
{
	return (work->insides ? look_inside : look_whole)(session, work, error);
}

bool track_look(struct track_session *session, GError **error)
{
	for (guint i = 0; i < session->works->len; i++)
		if (!track_look_at(session, session->works->pdata[i], error))
			return false;
	return true;
}
