#include "workspace/crew.h"
#include "workspace/track-int.h"

#include "base/error.h"
#include "base/file.h"
#include "store/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>

/* What workers share. */
struct shared {
	struct store *store;
	int root;
	atomic_bool copies; /* links do not work here: a copy of the user's own file is no gain */
};

/* One file to replace. */
struct link_job {
	char *path; /* relative to the project */
	struct oid oid;
	struct stamp stamp; /* of the file that was stored */
	bool followed;      /* a symbolic link that was stored as the file it leads to */
	bool placed, changed;
	struct stamp now;
	GError *error;
};

/* Whether a link still leads to the file that was stored; its own lstat goes into *link. */
static bool is_still_followed(const struct link_job *job, int dir, const char *name, struct stamp *link)
{
	struct stat st;
	struct stamp stamp;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	*link = stamp_of(&st);
	if (fstatat(dir, name, &st, 0))
		return false;
	stamp = stamp_of(&st);
	return stamp_same_content(&stamp, &job->stamp);
}

/* The pool's work. */
static void place(void *data, void *user)
{
	struct link_job *job = data;
	struct shared *shared = user;
	struct stamp link;
	const struct link_request request = {.oid = &job->oid,
					     .size = job->stamp.size,
					     .executable = job->stamp.mode & 0111,
					     .guarded = true,
					     .over = job->followed ? &link : &job->stamp};
	const char *name;
	enum link_kind used;
	auto_fd int dir = -1;

	if (atomic_load(&shared->copies) && !job->followed)
		return;
	dir = file_open_parent(shared->root, job->path, false, &name, &job->error);
	if (dir < 0)
		return;
	if (job->followed && !is_still_followed(job, dir, name, &link)) {
		job->changed = true;
		return;
	}
	job->placed = link_place(shared->store, &request, dir, name, &job->now, &used, &job->error);
	if (job->placed && used == LINK_COPY)
		atomic_store(&shared->copies, true);
}

/* What finished jobs go to. */
struct link_run {
	struct track_session *session;
	struct index *index;
};

static void take_back(void *data, void *user)
{
	struct link_job *job = data;
	struct link_run *run = user;
	GPtrArray *notes = run->session->result->notes;

	if (job->placed)
		index_put(run->index, job->path, &job->now, &job->oid);
	if (job->changed)
		g_ptr_array_add(notes, g_strdup_printf("'%s' was changed meanwhile and is left as it is", job->path));
	if (job->error)
		g_ptr_array_add(notes, g_strdup_printf("'%s' is left as it is: %s", job->path, job->error->message));
	g_clear_error(&job->error);
	g_free(job->path);
	g_free(job);
}

/* Whether this file is to become a link: one that DVC follows always, others if the settings ask for another kind than
 * it is. */
static bool is_wanted(struct store *store, const struct scan_file *file)
{
	if (file->mode != MANIFEST_FILE || file->object)
		return false;
	if (file->followed)
		return true;
	return !(file->stamp->mode & 0111) && file->stamp->size &&
	       !link_is_wanted(store, &file->oid, file->stamp, NULL);
}

static void link_scan(struct crew *crew, struct store *store, const struct scan *scan)
{
	for (guint i = 0; i < scan->files->len; i++) {
		const struct scan_file *file = scan_get(scan, i);
		struct link_job *job;

		if (!is_wanted(store, file))
			continue;
		job = g_new0(struct link_job, 1);
		job->path = scan_file_path(scan, file);
		job->oid = file->oid;
		job->stamp = *file->stamp;
		job->followed = file->followed;
		crew_push(crew, job);
	}
}

/* Whether the settings name a kind of link that a plain file is not. */
static bool is_asked_for(const struct store *store)
{
	for (unsigned i = 0; i < store->options.link_count && store->options.links[i] != LINK_COPY; i++) {
		if (store->options.links[i] != LINK_REFLINK)
			return true;
	}
	return false;
}

static bool has_followed(const struct track_work *work)
{
	for (guint i = 0; i < work->scans->len; i++) {
		const struct scan *scan = work->scans->pdata[i];

		for (guint j = 0; j < scan->files->len; j++) {
			if (scan_get(scan, j)->followed && !scan_get(scan, j)->object)
				return true;
		}
	}
	return false;
}

bool track_link(struct track_session *session, GError **error)
{
	struct store *store = workspace_store(session->ws, error);
	struct shared shared = {.store = store, .root = session->ws->root_fd};
	struct link_run run = {.session = session, .index = workspace_index(session->ws, error)};
	struct crew crew;

	if (!store || !run.index)
		return false;
	if (session->options->no_commit || session->options->no_relink)
		return true;
	crew_init(&crew, session->ws->settings->threads, place, &shared, take_back, &run);
	for (guint i = 0; i < session->works->len; i++) {
		const struct track_work *work = session->works->pdata[i];

		/* What Git keeps itself (cache: false) stays a plain file. */
		if ((work->output && work->output->no_cache) || (!is_asked_for(store) && !has_followed(work)))
			continue;
		for (guint j = 0; j < work->scans->len; j++)
			link_scan(&crew, store, work->scans->pdata[j]);
	}
	crew_finish(&crew);
	return true;
}

bool track_remember(struct track_session *session, GError **error)
{
	struct index *index = workspace_index(session->ws, error);

	if (!index)
		return false;
	for (guint i = 0; i < session->works->len && !session->options->no_commit; i++) {
		const struct track_work *work = session->works->pdata[i];

		index_put_out(index, work->path, &work->oid);
	}
	return index_commit(index, error);
}
