#include "workspace/crew.h"
#include "workspace/track-int.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "store/link.h"

#include <fcntl.h>

/* What workers share. */
struct shared {
	struct store *store;
	int root;
};

/* One link to be replaced by a copy. */
struct copy_job {
	char *path; /* relative to the project */
	struct oid oid;
	struct stamp found; /* of the link itself */
	struct stamp now;
	GError *error;
};

/* What finished jobs go to. */
struct copy_run {
	struct track_session *session;
	struct index *index;
	GError *error; /* the first one */
};

/* The pool's work. */
static void copy(void *data, void *user)
{
	struct copy_job *job = data;
	struct shared *shared = user;
	const struct link_request request = {
		.oid = &job->oid, .size = STORE_ANY_SIZE, .keep_copy = true, .guarded = true, .over = &job->found};
	const char *name;
	auto_fd int dir = -1;

	if (!cancel_check(&job->error))
		return;
	dir = file_open_parent(shared->root, job->path, false, &name, &job->error);
	if (dir >= 0)
		link_place(shared->store, &request, dir, name, &job->now, NULL, &job->error);
}

static void take_back(void *data, void *user)
{
	struct copy_job *job = data;
	struct copy_run *run = user;
	struct track_result *result = run->session->result;

	if (job->error) {
		if (!run->error)
			g_propagate_prefixed_error(&run->error, g_steal_pointer(&job->error), "'%s': ", job->path);
		g_clear_error(&job->error);
	} else {
		result->stored++;
		result->stored_bytes += job->now.size;
		index_put(run->index, job->path, &job->now, &job->oid);
	}
	g_free(job->path);
	g_free(job);
}

/* Whether the file shares the object's bytes. */
static bool is_link(struct store *store, const struct scan_file *file)
{
	struct oid oid;

	if (file->mode != MANIFEST_FILE && file->mode != MANIFEST_EXEC)
		return false;
	return file->object || (!file->followed && file->stamp->nlink > 1 &&
				store_identify(store, file->stamp, NULL, &file->oid, &oid));
}

/* The lstat of a file that was found to be a link; of a symbolic one, whose stamp is that of the object, as it is now. */
static bool find_link(int root, const char *path, const struct scan_file *file, struct stamp *found)
{
	const char *name;
	auto_fd int dir = -1;
	struct stat st;

	*found = *file->stamp;
	if (!file->followed)
		return true;
	dir = file_open_parent(root, path, false, &name, NULL);
	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISLNK(st.st_mode))
		return false;
	*found = stamp_of(&st);
	return true;
}

/* Hand the links of one target to the crew; how many. */
static guint copy_target(struct crew *crew, int root, struct store *store, const struct scan *scan)
{
	guint count = 0;

	for (guint i = 0; i < scan->files->len; i++) {
		const struct scan_file *file = scan_get(scan, i);
		struct copy_job *job;

		if (!is_link(store, file))
			continue;
		job = g_new0(struct copy_job, 1);
		job->path = scan_file_path(scan, file);
		job->oid = file->oid;
		if (!find_link(root, job->path, file, &job->found)) {
			g_free(job->path);
			g_free(job);
			continue;
		}
		crew_push(crew, job);
		count++;
	}
	return count;
}

static bool unprotect(struct copy_run *run, struct crew *crew, struct store *store, const struct target *target,
		      GError **error)
{
	struct track_session *session = run->session;
	struct scan_options options = {
		.path = target->output->path, .inside = target->inside, .algo = session->ws->dialect->algo};
	autoptr(scan) scan = NULL;
	struct track_item *item;
	guint count;

	if (!oid_is_none(&target->output->oid))
		options.algo = (enum oid_algo)target->output->oid.algo;
	scan = scan_path(session->ws, &options, error);
	if (!scan)
		return false;
	count = copy_target(crew, session->ws->root_fd, store, scan);
	item = track_report(session->result, count ? TRACK_UPDATED : TRACK_UNCHANGED, target->output->path,
			    target->output->file);
	item->oid = target->output->oid;
	item->nfiles = count;
	return true;
}

struct track_result *track_unprotect(struct workspace *ws, const GPtrArray *targets, GError **error)
{
	struct shared shared = {.store = workspace_store(ws, error), .root = ws->root_fd};
	autoptr(track_result) result = track_result_new();
	struct track_session session = {.ws = ws, .result = result};
	struct copy_run run = {.session = &session, .index = workspace_index(ws, error)};
	struct crew crew;
	bool ok = true;

	if (!shared.store || !run.index)
		return NULL;
	crew_init(&crew, ws->settings->threads, copy, &shared, take_back, &run);
	for (guint i = 0; ok && i < targets->len; i++)
		ok = unprotect(&run, &crew, shared.store, targets->pdata[i], error);
	crew_finish(&crew);
	if (ok && run.error)
		g_propagate_error(error, g_steal_pointer(&run.error));
	else if (ok && index_commit(run.index, error))
		return g_steal_pointer(&result);
	g_clear_error(&run.error);
	return NULL;
}
