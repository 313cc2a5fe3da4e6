/*
 * Directories are read by a crew of threads that share a stack of jobs. A job reads one directory: its names first,
 * then the stat data, which for a large directory is cut into slices for all threads. Each directory is sorted by
 * itself, by the thread that finishes it; a last pass over the tree puts these together, so nobody ever compares whole
 * paths.
 */
#include "base/cancel.h"
#include "base/error.h"
#include "base/file-int.h"
#include "base/file.h"
#include "base/path.h"
#include "base/walk-int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS_MAX 64

/* Jobs that wait before another thread is started for them: a small tree is done before a thread is up. */
#define WAITING_PER_THREAD 4

/* How many stat calls make a job of their own. */
#define SLICE 1024

#define CHUNK_SIZE ((gsize)64 << 10)

struct job {
	struct walk_dir *dir;
	size_t first, count; /* items to stat; count 0: read the directory */
};

/* What one thread allocates, so that it need not ask the others. */
struct worker {
	struct crew *crew;
	GStringChunk *chunk;
	GPtrArray *blocks;
	size_t used; /* entries taken of the last block */
	GPtrArray *dirs;
	GString *path; /* scratch */
};

struct crew {
	const struct walk_request *request;
	unsigned wanted; /* threads at most, the caller's included */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* All below under the lock. */
	GArray *jobs; /* struct job, a stack: depth first keeps it short */
	unsigned busy;
	bool is_stopped;
	GError *error;
	unsigned started; /* threads, the caller's included */
	pthread_t threads[THREADS_MAX];
	struct worker workers[THREADS_MAX]; /* the first is the caller itself */
};

static void dir_free(gpointer data)
{
	struct walk_dir *dir = data;

	if (dir->stream)
		closedir(dir->stream);
	g_array_unref(dir->items);
	g_free(dir);
}

static struct walk_dir *dir_new(struct worker *worker, struct walk_entry *self)
{
	struct walk_dir *dir = g_new0(struct walk_dir, 1);

	dir->self = self;
	dir->items = g_array_new(FALSE, FALSE, sizeof(struct walk_item));
	g_ptr_array_add(worker->dirs, dir);
	return dir;
}

static const char *dir_path(const struct walk_dir *dir)
{
	return dir->self ? dir->self->path : "";
}

static struct walk_item *dir_item(const struct walk_dir *dir, size_t i)
{
	return &g_array_index(dir->items, struct walk_item, i);
}

static struct walk_entry *entry_new(struct worker *worker)
{
	if (worker->used == WALK_BLOCK || worker->blocks->len == 0) {
		g_ptr_array_add(worker->blocks, g_new0(struct walk_entry, WALK_BLOCK));
		worker->used = 0;
	}
	return (struct walk_entry *)worker->blocks->pdata[worker->blocks->len - 1] + worker->used++;
}

/* Keep the first error and have all threads stop. */
static void crew_fail(struct crew *crew, GError *error)
{
	pthread_mutex_lock(&crew->lock);
	if (!crew->error)
		crew->error = g_steal_pointer(&error);
	crew->is_stopped = true;
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
	g_clear_error(&error);
}

static void *worker_run(void *user);

/* Put a job on the stack. Under the lock. */
static void push_job(struct crew *crew, struct walk_dir *dir, size_t first, size_t count)
{
	struct job job = {.dir = dir, .first = first, .count = count};

	g_array_append_val(crew->jobs, job);
	pthread_cond_signal(&crew->changed);
	if (crew->is_stopped || crew->started == crew->wanted || crew->jobs->len < WAITING_PER_THREAD * crew->started)
		return;
	/* If there can be no more threads, those that run do the work. */
	if (pthread_create(&crew->threads[crew->started], NULL, worker_run, &crew->workers[crew->started]) == 0)
		crew->started++;
}

static void fail_at(struct crew *crew, const char *verb, int errnum, const char *path)
{
	g_autofree char *full = path_join(crew->request->base, path);
	GError *error = NULL;

	if (errnum == ELOOP)
		file_fail_beneath(&error, -errnum, full);
	else
		file_fail(&error, errnum, verb, full);
	crew_fail(crew, error);
}

static enum walk_kind kind_of(const char *name, mode_t mode)
{
	if (file_is_temp_name(name))
		return WALK_TEMP;
	if (S_ISREG(mode))
		return WALK_FILE;
	if (S_ISDIR(mode))
		return WALK_DIR;
	return S_ISLNK(mode) ? WALK_LINK : WALK_OTHER;
}

static bool is_kept(const struct crew *crew, const char *path, enum walk_kind kind)
{
	const struct walk_request *request = crew->request;

	return !request->filter || request->filter(path, kind, request->user) == WALK_KEEP;
}

/* Whether to go on without what is in a directory that we may not read; its root has no entry to say so. Several threads may ask. */
static bool pass_sealed(const struct crew *crew, const struct walk_dir *dir, int errnum)
{
	const struct walk_request *request = crew->request;

	if (errnum != EACCES || !dir->self || !request->filter ||
	    request->filter(dir->self->path, WALK_SEALED, request->user) != WALK_PASS)
		return false;
	__atomic_store_n(&dir->self->kind, WALK_SEALED, __ATOMIC_RELAXED);
	return true;
}

/* Take a name that readdir() gave into dir->items, if the filter keeps it. False, with errno, if its kind is hidden. */
static bool take_name(struct worker *worker, struct walk_dir *dir, const struct dirent *found)
{
	mode_t mode = DTTOIF(found->d_type);
	struct walk_entry *entry;
	struct walk_item item;
	enum walk_kind kind;
	struct stat st;
	gsize base;

	if (found->d_type == DT_UNKNOWN) {
		if (fstatat(dirfd(dir->stream), found->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT;
		mode = st.st_mode;
	}
	g_string_assign(worker->path, dir_path(dir));
	if (worker->path->len)
		g_string_append_c(worker->path, '/');
	base = worker->path->len;
	g_string_append(worker->path, found->d_name);
	kind = kind_of(found->d_name, mode);
	if (!is_kept(worker->crew, worker->path->str, kind))
		return true;

	entry = entry_new(worker);
	entry->path = g_string_chunk_insert_len(worker->chunk, worker->path->str, (gssize)worker->path->len);
	entry->kind = kind;
	item = (struct walk_item){.name = entry->path + base, .entry = entry};
	g_array_append_val(dir->items, item);
	return true;
}

/* Read all names of dir. 0 or an errno. */
static int read_names(struct worker *worker, struct walk_dir *dir)
{
	const struct dirent *found;

	while ((errno = 0, found = readdir(dir->stream))) {
		if (g_str_equal(found->d_name, ".") || g_str_equal(found->d_name, ".."))
			continue;
		if (cancel_requested())
			return 0;
		if (!take_name(worker, dir, found))
			break;
	}
	return errno;
}

/* Stat some items of dir; an item that has vanished, or become what the filter skips, loses its entry. */
static void stat_items(struct crew *crew, struct walk_dir *dir, size_t first, size_t count)
{
	int fd = dirfd(dir->stream);

	for (size_t i = first; i < first + count && !cancel_requested(); i++) {
		struct walk_item *item = dir_item(dir, i);
		struct walk_entry *entry = item->entry;
		enum walk_kind kind;
		struct stat st;

		if (fstatat(fd, item->name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			item->entry = NULL;
			if (errno == ENOENT)
				continue;
			/* Its names can be read, and nothing else. */
			if (!pass_sealed(crew, dir, errno))
				fail_at(crew, "stat", errno, entry->path);
			return;
		}
		kind = kind_of(item->name, st.st_mode);
		if (kind != entry->kind && !is_kept(crew, entry->path, kind))
			item->entry = NULL;
		entry->kind = kind;
		entry->stamp = stamp_of(&st);
	}
}

/* Order by name; what a directory contains comes where its name with a '/' behind it would. */
static gint compare_items(gconstpointer pa, gconstpointer pb)
{
	const struct walk_item *a = pa, *b = pb;
	const unsigned char *x = (const unsigned char *)a->name, *y = (const unsigned char *)b->name;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	return (*x || a->entry ? *x : '/') - (*y || b->entry ? *y : '/');
}

/* All items have their stat data: drop those that are gone, hand on the directories among them, and sort. */
static void finish_dir(struct worker *worker, struct walk_dir *dir)
{
	struct crew *crew = worker->crew;
	guint kept = 0, count = dir->items->len;
	guint known = worker->dirs->len;

	closedir(dir->stream);
	dir->stream = NULL;
	for (guint i = 0; i < count; i++) {
		struct walk_item item = *dir_item(dir, i);

		if (!item.entry)
			continue;
		if (item.entry->kind == WALK_DIR) {
			struct walk_item contents = {.name = item.name};

			item.sub = contents.sub = dir_new(worker, item.entry);
			g_array_append_val(dir->items, contents);
		}
		*dir_item(dir, kept++) = item;
	}
	g_array_remove_range(dir->items, kept, count - kept);
	g_array_sort(dir->items, compare_items);

	pthread_mutex_lock(&crew->lock);
	for (guint i = known; i < worker->dirs->len; i++)
		push_job(crew, worker->dirs->pdata[i], 0, 0);
	pthread_mutex_unlock(&crew->lock);
}

/* Have the stat calls of a large directory done by all threads. */
static void push_slices(struct crew *crew, struct walk_dir *dir)
{
	size_t count = dir->items->len;

	pthread_mutex_lock(&crew->lock);
	dir->slices = (count + SLICE - 1) / SLICE;
	for (size_t first = 0; first < count; first += SLICE)
		push_job(crew, dir, first, MIN(SLICE, count - first));
	pthread_mutex_unlock(&crew->lock);
}

static void read_dir(struct worker *worker, struct walk_dir *dir)
{
	struct crew *crew = worker->crew;
	int fd = file_open_beneath_raw(crew->request->root, dir_path(dir), O_RDONLY | O_DIRECTORY, 0);
	int errnum = fd < 0 ? -fd : 0;

	if (errnum == ENOENT && dir->self) {
		dir->gone = true;
		return;
	}
	if (fd < 0 && pass_sealed(crew, dir, errnum))
		return;
	if (!errnum) {
		dir->stream = fdopendir(fd);
		errnum = dir->stream ? read_names(worker, dir) : errno;
		if (!dir->stream)
			close(fd);
	}
	if (errnum) {
		fail_at(crew, "read directory", errnum, dir_path(dir));
	} else if (crew->wanted > 1 && dir->items->len > 2 * SLICE) {
		push_slices(crew, dir);
	} else {
		stat_items(crew, dir, 0, dir->items->len);
		finish_dir(worker, dir);
	}
}

static void stat_slice(struct worker *worker, const struct job *job)
{
	struct crew *crew = worker->crew;
	bool is_last;

	stat_items(crew, job->dir, job->first, job->count);
	pthread_mutex_lock(&crew->lock);
	is_last = --job->dir->slices == 0;
	pthread_mutex_unlock(&crew->lock);
	if (is_last)
		finish_dir(worker, job->dir);
}

static void run_job(struct worker *worker, const struct job *job)
{
	GError *error = NULL;

	if (job->count)
		stat_slice(worker, job);
	else
		read_dir(worker, job->dir);
	/* The loops above stop half-way when asked to, so nothing that they left may count as read. */
	if (!cancel_check(&error))
		crew_fail(worker->crew, error);
}

/* Work off jobs until there are none and nobody is left who could bring more. */
static void *worker_run(void *user)
{
	struct worker *worker = user;
	struct crew *crew = worker->crew;

	pthread_mutex_lock(&crew->lock);
	while (!crew->is_stopped && (crew->jobs->len || crew->busy)) {
		struct job job;

		if (!crew->jobs->len) {
			pthread_cond_wait(&crew->changed, &crew->lock);
			continue;
		}
		job = g_array_index(crew->jobs, struct job, crew->jobs->len - 1);
		g_array_set_size(crew->jobs, crew->jobs->len - 1);
		crew->busy++;
		pthread_mutex_unlock(&crew->lock);
		run_job(worker, &job);
		pthread_mutex_lock(&crew->lock);
		crew->busy--;
	}
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static void crew_init(struct crew *crew, const struct walk_request *request)
{
	*crew = (struct crew){.request = request};
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->changed, NULL);
	crew->jobs = g_array_new(FALSE, FALSE, sizeof(struct job));
	crew->wanted = CLAMP(request->threads, 1, THREADS_MAX);
	crew->started = 1;
	for (unsigned i = 0; i < crew->wanted; i++)
		crew->workers[i] = (struct worker){
			.crew = crew,
			.chunk = g_string_chunk_new(CHUNK_SIZE),
			.blocks = g_ptr_array_new(),
			.dirs = g_ptr_array_new_with_free_func(dir_free),
			.path = g_string_new(NULL),
		};
}

/* Let all threads read from the root on, and wait for them. */
static void crew_run(struct crew *crew)
{
	struct walk_dir *root = dir_new(&crew->workers[0], NULL);

	pthread_mutex_lock(&crew->lock);
	push_job(crew, root, 0, 0);
	pthread_mutex_unlock(&crew->lock);
	worker_run(&crew->workers[0]);
	/* All is done or the crew was stopped: in both cases nobody starts another thread. */
	for (unsigned i = 1; i < crew->started; i++)
		pthread_join(crew->threads[i], NULL);
}

/* Free the crew, whose memory of what was read goes to *reading. */
static void crew_disband(struct crew *crew, struct walk_reading *reading)
{
	for (unsigned i = 0; i < crew->wanted; i++) {
		struct worker *worker = &crew->workers[i];

		g_ptr_array_add(reading->chunks, worker->chunk);
		g_ptr_array_extend_and_steal(reading->blocks, worker->blocks);
		g_ptr_array_extend_and_steal(reading->dirs, worker->dirs);
		g_string_free(worker->path, TRUE);
	}
	g_array_unref(crew->jobs);
	pthread_cond_destroy(&crew->changed);
	pthread_mutex_destroy(&crew->lock);
}

bool walk_read(const struct walk_request *request, struct walk_reading *reading, GError **error)
{
	struct crew crew;

	*reading = (struct walk_reading){
		.chunks = g_ptr_array_new_with_free_func((GDestroyNotify)g_string_chunk_free),
		.blocks = g_ptr_array_new_with_free_func(g_free),
		.dirs = g_ptr_array_new_with_free_func(dir_free),
	};
	crew_init(&crew, request);
	crew_run(&crew);
	crew_disband(&crew, reading);
	if (!crew.error)
		return true;
	g_propagate_error(error, crew.error);
	return false;
}
