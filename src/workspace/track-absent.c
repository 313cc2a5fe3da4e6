#include "workspace/track-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

/* At most so many files are named in one error. */
#define NAMED 5

/* The files of one folder that nobody deleted, and that would leave its record all the same. */
struct absentees {
	struct workspace *ws;
	struct store *store;
	struct index *index;
	GString *names; /* the first of them, quoted, as seen from the current directory */
	size_t count;
};

/*
 * Whether the file was here once, so that who took it away meant it. What the index knows was; and what is in the store would
 * have been placed, or can be brought back.
 */
static bool was_here(const struct absentees *absentees, const struct manifest_entry *entry, const char *path)
{
	return entry->mode == MANIFEST_EMPTY_DIR || index_knows(absentees->index, path) ||
	       store_has(absentees->store, &entry->oid, STORE_ANY_SIZE);
}

static void judge(struct absentees *absentees, const struct track_work *work, const struct manifest_entry *entry)
{
	g_autofree char *path = path_join(work->path, entry->path), *shown = NULL, *quoted = NULL;

	if (was_here(absentees, entry, path) || absentees->count++ >= NAMED)
		return;
	shown = workspace_show_path(absentees->ws, path);
	quoted = quote_path(shown);
	g_string_append_printf(absentees->names, "%s%s", absentees->names->len ? ", " : "", quoted);
}

/* Judge the entries of the record that the scan did not find; both are sorted by path. */
static void judge_scan(struct absentees *absentees, const struct track_work *work, const struct manifest *record,
		       const struct scan *scan)
{
	size_t i = 0, next, end;

	if (!manifest_range(record, scan->inside, &next, &end))
		return;
	for (; next < end; next++) {
		const struct manifest_entry *entry = manifest_get(record, next);
		int order = -1;

		while (i < scan->files->len && (order = strcmp(scan_get(scan, i)->path, entry->path)) < 0)
			i++;
		if (i == scan->files->len || order)
			judge(absentees, work, entry);
	}
}

/* The record of a work as it is before the work; NULL where there is none, or none that could be read. */
static const struct manifest *record_of(const struct track_work *work, struct store *store, struct manifest **loaded)
{
	if (work->manifest)
		return work->manifest;
	if (work->output && work->output->oid.dir && work->stored)
		*loaded = manifest_load(store, &work->output->oid, NULL);
	return *loaded;
}

static bool check_work(struct absentees *absentees, const struct track_work *work, GError **error)
{
	autoptr(manifest) loaded = NULL;
	const struct manifest *record = record_of(work, absentees->store, &loaded);
	g_autofree char *shown = NULL, *quoted = NULL;

	for (guint i = 0; record && i < work->scans->len; i++) {
		const struct scan *scan = work->scans->pdata[i];

		/* Of a part that is not there at all, its name was given: it is to leave the record. */
		if (scan->kind == SCAN_DIR && (!work->insides || scan->files->len))
			judge_scan(absentees, work, record, scan);
	}
	if (!absentees->count)
		return true;
	shown = workspace_show_path(absentees->ws, work->path);
	quoted = quote_path(shown);
	error_set(error, ERROR_CONFLICT, "%zu %s of '%s' would be recorded as deleted, but never came here, nor into the store: %s%s",
		  absentees->count, absentees->count == 1 ? "file" : "files", quoted, absentees->names->str,
		  absentees->count > NAMED ? " …" : "");
	error_hint(error, "git mlv pull %s brings them; else name only the parts that changed, or use --force", quoted);
	return false;
}

bool track_check_absent(struct track_session *session, GError **error)
{
	struct store *store = workspace_store(session->ws, error);
	struct index *index = store ? workspace_index(session->ws, error) : NULL;
	g_autoptr(GString) names = g_string_new(NULL);
	struct absentees absentees = {.ws = session->ws, .store = store, .index = index, .names = names};

	for (guint i = 0; index && !session->options->absent && i < session->works->len; i++)
		if (!check_work(&absentees, session->works->pdata[i], error))
			return false;
	return index;
}
