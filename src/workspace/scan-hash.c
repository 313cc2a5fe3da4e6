#include "workspace/crew.h"
#include "workspace/scan-int.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "hash/digest.h"

#include <errno.h>
#include <fcntl.h>

/* Files asked for at once: enough for one pass over the index to pay, few enough to stay small. */
#define ASK_AT_ONCE 1024

/* How often a file that changes under our hands is read again. */
#define HASH_TRIES 3

/* Waking a thread and waiting for it takes longer than hashing so many bytes in so few files. */
#define ALONE_BYTES ((uint64_t)128 << 10)
#define ALONE_FILES 4

/* Whether the index may know this file: links and folders have no entries there. */
static bool is_unknown(const struct scan_file *file)
{
	return oid_is_none(&file->oid) && (file->mode == MANIFEST_FILE || file->mode == MANIFEST_EXEC);
}

/* Ask for `count` files whose positions are in `which`. */
static void ask(struct scan_state *state, const guint *which, size_t count)
{
	g_autofree struct index_query *queries = g_new0(struct index_query, count);
	GStringChunk *strings = g_string_chunk_new(65536);
	g_autoptr(GString) path = g_string_new(state->scan->path);
	size_t above = path->len;

	for (size_t i = 0; i < count; i++) {
		const struct scan_file *file = scan_get(state->scan, which[i]);

		g_string_truncate(path, above);
		if (*file->path) {
			g_string_append_c(path, '/');
			g_string_append(path, file->path);
		}
		queries[i].path = g_string_chunk_insert_len(strings, path->str, (gssize)path->len);
		queries[i].stamp = file->stamp;
	}
	index_lookup(state->index, queries, count, state->scan->algo);
	for (size_t i = 0; i < count; i++) {
		struct scan_file *file = scan_get(state->scan, which[i]);

		file->fresh = !queries[i].found;
		if (queries[i].found)
			file->oid = queries[i].oid;
	}
	g_string_chunk_free(strings);
}

void scan_ask_index(struct scan_state *state)
{
	guint which[ASK_AT_ONCE];
	size_t count = 0;

	for (guint i = 0; i < state->scan->files->len; i++) {
		if (is_unknown(scan_get(state->scan, i)))
			which[count++] = i;
		if (count == ASK_AT_ONCE) {
			ask(state, which, count);
			count = 0;
		}
	}
	if (count)
		ask(state, which, count);
}

/* One file on its way through the pool. */
struct hash_job {
	int root;   /* of the project, borrowed */
	char *path; /* relative to it */
	guint file; /* position in scan->files */
	bool followed;
	enum oid_algo algo;
	struct oid oid;
	struct stamp stamp; /* of the file that was read, unchanged from before to after */
	GError *error;
};

/* Open and hash once; *same tells if the file was the same before and after. */
static bool hash_once(struct hash_job *job, struct digest *digest, bool *same)
{
	struct stat before, after;
	struct stamp old;
	auto_fd int fd = -1;

	if (job->followed) {
		fd = openat(job->root, job->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			error_set_errno(&job->error, errno, "open '%s'", job->path);
	} else {
		fd = file_open_beneath(job->root, job->path, O_RDONLY | O_NONBLOCK, 0, &job->error);
	}
	if (fd < 0)
		return false;
	if (fstat(fd, &before) || !digest_read(digest, fd, &job->oid, NULL, &job->error) || fstat(fd, &after)) {
		if (!job->error)
			error_set_errno(&job->error, errno, "look at '%s'", job->path);
		else
			g_prefix_error(&job->error, "read '%s': ", job->path);
		return false;
	}
	old = stamp_of(&before);
	job->stamp = stamp_of(&after);
	*same = stamp_same(&old, &job->stamp);
	return true;
}

/* The pool's work. */
static void hash_file(void *data, void *shared)
{
	struct hash_job *job = data;
	autoptr(digest) digest = digest_new(job->algo);

	digest_meter(digest, shared);
	for (int i = 0; i < HASH_TRIES; i++) {
		bool same = false;

		if (cancel_requested()) {
			cancel_check(&job->error);
			return;
		}
		if (!hash_once(job, digest, &same) || same)
			return;
	}
	error_set(&job->error, ERROR_CONFLICT, "'%s' keeps changing while it is read", job->path);
	error_hint(&job->error, "stop what writes to it, and try again");
}

/* What finished jobs go to. */
struct hash_run {
	struct scan_state *state;
	GError *error; /* the first one */
};

/* Take one finished job back. */
static void take_back(void *data, void *user)
{
	struct hash_job *job = data;
	struct hash_run *run = user;
	struct scan_state *state = run->state;
	struct scan *scan = state->scan;
	struct scan_file *file = scan_get(scan, job->file);

	if (job->error && state->some && !error_is(job->error, ERROR_CANCELLED)) {
		scan_note_unread(state, file->path, g_steal_pointer(&job->error));
	} else if (job->error) {
		if (!run->error)
			run->error = g_steal_pointer(&job->error);
		g_clear_error(&job->error);
	} else {
		scan_set(scan, job->file, &job->oid, &job->stamp);
		scan->hashed++;
		scan->hashed_bytes += job->stamp.size;
		if (!file->followed)
			index_put(state->index, job->path, &job->stamp, &job->oid);
		watch_advance(state->ws->watch, job->path, 1, 0);
	}
	g_free(job->path);
	g_free(job);
}

static struct hash_job *make_job(struct scan_state *state, guint i)
{
	const struct scan_file *file = scan_get(state->scan, i);
	struct hash_job *job = g_new0(struct hash_job, 1);

	job->root = state->ws->root_fd;
	job->path = scan_file_path(state->scan, file);
	job->file = i;
	job->followed = file->followed;
	job->algo = state->scan->algo;
	return job;
}

/* How much there is to hash. */
static guint count_fresh(const struct scan *scan, uint64_t *bytes)
{
	guint count = 0;

	*bytes = 0;
	for (guint i = 0; i < scan->files->len; i++) {
		if (is_unknown(scan_get(scan, i))) {
			count++;
			*bytes += scan_get(scan, i)->stamp->size;
		}
	}
	return count;
}

bool scan_hash_fresh(struct scan_state *state, GError **error)
{
	struct hash_run run = {.state = state};
	struct crew crew;
	uint64_t bytes;
	guint count = count_fresh(state->scan, &bytes);
	bool alone = count <= ALONE_FILES && bytes <= ALONE_BYTES;

	if (!count)
		return true;
	watch_begin(state->ws->watch, "Hashing", count, bytes);
	crew_init(&crew, alone ? 0 : MIN(state->ws->settings->threads, count), hash_file, &crew.meter, take_back, &run);
	crew_watch(&crew, state->ws->watch);
	for (guint i = 0; i < state->scan->files->len && !run.error; i++) {
		if (is_unknown(scan_get(state->scan, i)))
			crew_push(&crew, make_job(state, i));
	}
	crew_finish(&crew);
	watch_end(state->ws->watch);
	if (run.error)
		g_propagate_error(error, run.error);
	return !run.error;
}
