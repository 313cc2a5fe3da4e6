#include "workspace/track-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

/* Whether what is recorded says the same already; its bytes stay then. */
static bool is_recorded(const struct track_session *session, const struct track_work *work)
{
	const struct output *output = work->output;

	if (!output || !oid_equal(&output->oid, &work->oid) || (output->import && session->options->force))
		return false;
	/* The hash of DVC 2.x does not see line ends, but the size does. */
	if (work->oid.algo == OID_MD5_2X && output->has_size && output->size != work->size)
		return false;
	return work->oid.dir || output->isexec == work->isexec;
}

/* Make an entry say what the work found. */
static void fill_entry(struct entry *entry, const struct track_work *work)
{
	entry->oid = work->oid;
	entry->has_size = true;
	entry->size = work->size;
	entry->has_nfiles = work->oid.dir;
	entry->nfiles = work->oid.dir ? work->nfiles : 0;
	entry->isexec = work->isexec;
}

/* Read the pointer of the work's output as it is on disk now. */
static struct pointer *read_pointer(struct workspace *ws, const struct track_work *work, GError **error)
{
	g_autofree char *full = path_join(ws->root, work->file), *text = NULL;
	size_t length;

	if (!file_read(full, POINTER_SIZE_LIMIT, &text, &length, error))
		return NULL;
	return pointer_read(text, length, work->file, ws->dialect, error);
}

/* The entry in `outs` that is written like the given one. */
static struct entry *same_entry(GPtrArray *outs, const char *path)
{
	for (guint i = 0; i < outs->len; i++) {
		struct entry *entry = outs->pdata[i];

		if (g_str_equal(entry->path, path))
			return entry;
	}
	return NULL;
}

/* As DVC writes it: the shortest way to say the same. */
static void normalize_wdir(struct pointer *pointer)
{
	char *normal = path_normal(pointer->wdir);

	g_free(pointer->wdir);
	pointer->wdir = *normal ? g_strdup(normal) : g_strdup(".");
	g_free(normal);
}

static bool record_in_pointer(struct track_session *session, const struct track_work *work, GError **error)
{
	struct workspace *ws = session->ws;
	bool fresh = !work->output || (work->output->import && session->options->force);
	autoptr(pointer) pointer =
		fresh ? pointer_new(ws->dialect, path_base(work->path)) : read_pointer(ws, work, error);
	g_autofree char *text = NULL;
	struct entry *entry;
	size_t length;
	bool changed;

	if (!pointer)
		return false;
	entry = fresh ? pointer->outs->pdata[0] : same_entry(pointer->outs, work->output->entry->path);
	if (!entry) {
		error_set(error, ERROR_CONFLICT, "'%s' was changed by another program", work->file);
		return false;
	}
	fill_entry(entry, work);
	normalize_wdir(pointer);
	text = pointer_write(pointer, &length);
	if (!track_write(ws, work->file, text, length, &changed, error))
		return false;
	if (changed)
		track_touch(session->result, work->file);
	return true;
}

bool track_record(struct track_session *session, GError **error)
{
	for (guint i = 0; i < session->works->len; i++) {
		struct track_work *work = session->works->pdata[i];
		bool same = is_recorded(session, work);
		enum track_verb verb = same ? TRACK_UNCHANGED : work->output ? TRACK_UPDATED : TRACK_ADDED;
		struct track_item *item;

		if (!same && !record_in_pointer(session, work, error))
			return false;
		item = track_report(session->result, verb, work->path, work->file);
		item->oid = work->oid;
		item->size = work->size;
		item->nfiles = work->oid.dir ? work->nfiles : 1;
	}
	return true;
}
