#include "workspace/crew.h"
#include "workspace/track-int.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

/* What workers share. */
struct shared {
	struct put *put;
	int root;
};

/* One file on its way into the store. */
struct store_job {
	struct scan *scan;
	guint file; /* position in scan->files */
	char *path; /* relative to the project */
	bool follow;
	enum oid_algo algo;
	struct put_result got;
	GError *error;
};

/* What finished jobs go to. */
struct store_run {
	struct track_session *session;
	struct index *index;
	GError *error; /* the first one */
};

/* The pool's work. */
static void store_file(void *data, void *user)
{
	struct store_job *job = data;
	struct shared *shared = user;
	const char *name;
	auto_fd int dir = -1;

	if (!cancel_check(&job->error))
		return;
	dir = file_open_parent(shared->root, job->path, false, &name, &job->error);
	if (dir < 0 || !put_file(shared->put, dir, name, job->follow, job->algo, &job->got, &job->error))
		g_prefix_error(&job->error, "store '%s': ", job->path);
}

static void take_back(void *data, void *user)
{
	struct store_job *job = data;
	struct store_run *run = user;
	struct scan_file *file = scan_get(job->scan, job->file);
	struct track_result *result = run->session->result;

	if (job->error) {
		if (!run->error)
			run->error = g_steal_pointer(&job->error);
		g_clear_error(&job->error);
	} else {
		scan_set(job->scan, job->file, &job->got.oid, &job->got.stamp);
		result->stored += !job->got.present;
		result->stored_bytes += job->got.present ? 0 : job->got.size;
		if (!file->followed)
			index_put(run->index, job->path, &job->got.stamp, &job->got.oid);
		watch_advance(run->session->ws->watch, job->path, 1, 0);
	}
	g_free(job->path);
	g_free(job);
}

static bool is_file(const struct scan_file *file)
{
	return file->mode == MANIFEST_FILE || file->mode == MANIFEST_EXEC;
}

/* Whether the bytes have to be brought into the store: not if they are there under the id that the index knows. */
static bool is_wanted(struct store *store, const struct scan_file *file)
{
	return is_file(file) && (oid_is_none(&file->oid) || !store_has(store, &file->oid, file->stamp->size));
}

/* Keep the text of a symbolic link. */
static bool store_link(struct put *put, int root, struct scan *scan, struct scan_file *file, GError **error)
{
	g_autofree char *path = scan_file_path(scan, file);
	const char *name;
	auto_fd int dir = file_open_parent(root, path, false, &name, error);
	char text[PATH_MAX];
	ssize_t length = dir < 0 ? -1 : readlinkat(dir, name, text, sizeof(text));

	if (dir < 0)
		return false;
	if (length < 0) {
		error_set_errno(error, errno, "read the link '%s'", path);
		return false;
	}
	return put_bytes(put, text, (size_t)length, scan->algo, false, &file->oid, error);
}

/* Hand every file of a scan that the store lacks to the crew, and keep the texts of links. */
static bool store_scan(struct crew *crew, struct store_run *run, struct put *put, struct scan *scan, GError **error)
{
	struct workspace *ws = run->session->ws;
	struct store *store = workspace_store(ws, error);

	for (guint i = 0; i < scan->files->len && !run->error; i++) {
		struct scan_file *file = scan_get(scan, i);
		struct store_job *job;

		if (file->mode == MANIFEST_LINK && !store_link(put, ws->root_fd, scan, file, error))
			return false;
		if (!is_wanted(store, file))
			continue;
		job = g_new0(struct store_job, 1);
		job->scan = scan;
		job->file = i;
		job->path = scan_file_path(scan, file);
		job->follow = file->followed;
		job->algo = scan->algo;
		crew_push(crew, job);
	}
	return true;
}

/* How much the index does not know, for the progress bar. */
static void count_fresh(const struct track_session *session, uint64_t *items, uint64_t *bytes)
{
	*items = *bytes = 0;
	for (guint i = 0; i < session->works->len; i++) {
		const struct track_work *work = session->works->pdata[i];

		for (guint j = 0; j < work->scans->len; j++) {
			const struct scan *scan = work->scans->pdata[j];

			for (guint k = 0; k < scan->files->len; k++) {
				const struct scan_file *file = scan_get(scan, k);

				*items += is_file(file) && file->fresh;
				*bytes += is_file(file) && file->fresh ? file->stamp->size : 0;
			}
		}
	}
}

static bool store_files(struct track_session *session, struct put *put, GError **error)
{
	struct workspace *ws = session->ws;
	struct shared shared = {.put = put, .root = ws->root_fd};
	struct store_run run = {.session = session, .index = workspace_index(ws, error)};
	struct crew crew;
	uint64_t items, bytes;
	bool ok = true;

	count_fresh(session, &items, &bytes);
	watch_begin(ws->watch, "Adding", items, bytes);
	crew_init(&crew, ws->settings->threads, store_file, &shared, take_back, &run);
	crew_watch(&crew, ws->watch);
	put_meter(shared.put, &crew.meter);
	for (guint i = 0; ok && i < session->works->len; i++) {
		struct track_work *work = session->works->pdata[i];

		for (guint j = 0; ok && work->stored && j < work->scans->len; j++)
			ok = store_scan(&crew, &run, put, work->scans->pdata[j], error);
	}
	crew_finish(&crew);
	put_meter(shared.put, NULL);
	watch_end(ws->watch);
	if (run.error && ok)
		g_propagate_error(error, run.error);
	else
		g_clear_error(&run.error);
	return ok && !run.error;
}

/* Drop entries that stand where the part needs a folder. */
static void clear_way(struct manifest *manifest, const char *inside)
{
	for (const char *slash = strchr(inside, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *above = g_strndup(inside, (gsize)(slash - inside));

		if (manifest_find(manifest, above))
			manifest_remove(manifest, above);
	}
}

/* The sizes of a part's entries, as far as the manifest or the store tell; false if one is not known. */
static bool size_of_range(struct store *store, const struct manifest *manifest, const char *inside, uint64_t *size)
{
	size_t first, end;

	*size = 0;
	if (!manifest_range(manifest, inside, &first, &end))
		return true;
	for (size_t i = first; i < end; i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		struct stamp stamp;
		auto_fd int fd = -1;

		if (entry->size != MANIFEST_NO_SIZE) {
			*size += entry->size;
			continue;
		}
		fd = store_open_object(store, &entry->oid, &stamp, NULL);
		if (fd < 0)
			return false;
		*size += stamp.size;
	}
	return true;
}

/* Put the parts of a folder into its recorded manifest. */
static void merge_parts(struct track_work *work, struct store *store)
{
	bool known = work->output->has_size;
	uint64_t size = work->output->size;

	for (guint i = 0; i < work->scans->len; i++) {
		const struct scan *scan = work->scans->pdata[i];
		uint64_t old = 0;

		known = known && size_of_range(store, work->manifest, scan->inside, &old) && old <= size;
		size += scan->size - old;
		clear_way(work->manifest, scan->inside);
		manifest_remove(work->manifest, scan->inside);
		for (guint j = 0; j < scan->files->len; j++) {
			const struct scan_file *file = scan_get(scan, j);
			uint64_t bytes = file->mode == MANIFEST_EMPTY_DIR ? 0 : file->stamp->size;

			manifest_add(work->manifest, file->path, &file->oid, file->mode, bytes);
		}
	}
	work->size = known ? size : manifest_size(work->manifest);
	work->nfiles = manifest_files(work->manifest);
	manifest_oid(work->manifest, &work->oid);
}

/* Fill in what is to be recorded; scans have all their ids. */
static void conclude(struct track_work *work, struct store *store)
{
	struct scan *scan;

	if (work->insides) {
		merge_parts(work, store);
		return;
	}
	scan = work->scans->pdata[0];
	scan_seal(scan);
	work->oid = scan->oid;
	work->isexec = scan_is_exec(scan);
	work->size = scan->size;
	work->nfiles = scan->manifest ? manifest_files(scan->manifest) : 0;
}

static const struct manifest *manifest_of(const struct track_work *work)
{
	return work->insides ? work->manifest : ((const struct scan *)work->scans->pdata[0])->manifest;
}

static bool store_manifest(struct put *put, struct track_work *work, GError **error)
{
	g_autoptr(GString) text = manifest_write(manifest_of(work));

	return put_bytes(put, text->str, text->len, (enum oid_algo)work->oid.algo, true, &work->oid, error);
}

bool track_store(struct track_session *session, GError **error)
{
	struct store *store = workspace_store(session->ws, error);
	autoptr(put) put = NULL;

	if (!store)
		return false;
	if (!session->options->no_commit) {
		put = put_begin(store, error);
		if (!put || !store_files(session, put, error))
			return false;
	}
	for (guint i = 0; i < session->works->len; i++) {
		struct track_work *work = session->works->pdata[i];

		conclude(work, store);
		if (put && work->oid.dir && work->stored && !store_manifest(put, work, error))
			return false;
	}
	return !put || put_commit(put, error);
}
