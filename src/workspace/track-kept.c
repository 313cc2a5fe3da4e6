#include "workspace/track-int.h"

#include "base/error.h"
#include "base/quote.h"
#include "store/presence.h"

struct track_kept {
	struct track_session session;
	GHashTable *expected; /* const struct output * -> struct oid *, owned */
	bool stored;
};

struct track_kept *track_kept_new(struct workspace *ws, const struct track_options *options)
{
	struct track_kept *kept = g_new0(struct track_kept, 1);

	track_session_init(&kept->session, ws, options);
	kept->expected = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return kept;
}

void track_kept_free(struct track_kept *kept)
{
	track_session_clear(&kept->session);
	g_hash_table_unref(kept->expected);
	g_free(kept);
}

/* A session with the works of all of them, or of those that are not stored yet. */
static void gather(struct track_session *all, struct track_kept *const *kept, guint count, bool fresh,
		   struct track_result *result)
{
	*all = kept[0]->session;
	all->result = result;
	all->works = g_ptr_array_new();
	for (guint i = 0; i < count; i++)
		if (!fresh || !kept[i]->stored)
			g_ptr_array_extend(all->works, kept[i]->session.works, NULL, NULL);
}

bool track_kept_add(struct track_kept *kept, const struct output *output, bool anyway, GError **error)
{
	struct track_work *work = track_session_add(&kept->session, output->path, output->file, output);

	work->stored = work->stored || anyway;
	return track_look_at(&kept->session, work, error);
}

uint64_t track_kept_unread(const struct track_kept *kept)
{
	uint64_t bytes = 0;

	for (guint i = 0; i < kept->session.works->len; i++) {
		const struct track_work *work = kept->session.works->pdata[i];
		const struct scan *scan = work->scans->pdata[0];

		for (guint j = 0; j < scan->files->len; j++)
			bytes += oid_is_none(&scan_get(scan, j)->oid) ? scan_get(scan, j)->stamp->size : 0;
	}
	return bytes;
}

void track_kept_expect(struct track_kept *kept, const struct output *output, const struct oid *oid)
{
	g_hash_table_replace(kept->expected, (gpointer)output, g_memdup2(oid, sizeof(*oid)));
}

/* Whether the outputs are what they were when the stage ended. */
static bool check(const struct track_kept *kept, GError **error)
{
	for (guint i = 0; i < kept->session.works->len; i++) {
		const struct track_work *work = kept->session.works->pdata[i];
		const struct oid *expected = g_hash_table_lookup(kept->expected, work->output);
		g_autofree char *quoted = NULL;

		if (!expected || oid_equal(expected, &work->oid))
			continue;
		quoted = quote_path(work->path);
		error_set(error, ERROR_CONFLICT, "'%s' was changed after the stage %s had made it", quoted,
			  work->output->address);
		return false;
	}
	return true;
}

/* What was stored before this lock was held may have been collected since: then it is to be stored again. */
static bool recheck(struct track_kept *kept, GError **error)
{
	struct store *store = workspace_store(kept->session.ws, error);

	for (guint i = 0; store && kept->stored && i < kept->session.works->len; i++) {
		const struct track_work *work = kept->session.works->pdata[i];

		if (work->stored && !kept->session.options->no_commit)
			kept->stored = presence_whole(store, &work->oid, work->oid.dir ? STORE_ANY_SIZE : work->size);
	}
	return store;
}

bool track_kept_store(struct track_kept *const *kept, guint count, struct track_result *result, GError **error)
{
	struct track_session all;
	bool ok;

	for (guint i = 0; i < count; i++)
		if (!recheck(kept[i], error))
			return false;
	gather(&all, kept, count, true, result);
	ok = !all.works->len || track_store(&all, error);
	for (guint i = 0; ok && i < count; i++) {
		kept[i]->stored = true;
		ok = check(kept[i], error);
	}
	g_ptr_array_unref(all.works);
	return ok;
}

bool track_kept_ignore(struct track_kept *const *kept, guint count, struct track_result *result, GError **error)
{
	struct track_session all;
	bool ok;

	gather(&all, kept, count, false, result);
	ok = track_ignore(&all, error);
	g_ptr_array_unref(all.works);
	return ok;
}

bool track_kept_place(struct track_kept *const *kept, guint count, struct track_result *result, GError **error)
{
	struct track_session all;
	bool ok;

	gather(&all, kept, count, false, result);
	ok = track_link(&all, error) && track_remember(&all, error);
	g_ptr_array_unref(all.works);
	return ok;
}
