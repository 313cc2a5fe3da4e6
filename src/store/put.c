/* The batch: what is staged in it, and its commit. */
#include "store/put.h"
#include "base/error.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/path.h"
#include "store/part-int.h"
#include "store/put-int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long to wait for a collection of another process. */
#define LOCK_WAIT_MS 60000

/* So many parts stay where they lie until the commit: each holds a descriptor. */
#define PARTS_MAX 128

char *put_name(uint64_t file, char name[PUT_NAME_MAX])
{
	g_snprintf(name, PUT_NAME_MAX, "%" G_GINT64_MODIFIER "x", file);
	return name;
}

static void scratch_free(void *data)
{
	struct scratch *scratch = data;

	for (size_t i = 0; i < G_N_ELEMENTS(scratch->digests); i++)
		if (scratch->digests[i])
			digest_free(scratch->digests[i]);
	g_free(scratch);
}

struct scratch *put_borrow(struct put *put)
{
	struct scratch *scratch = NULL;

	pthread_mutex_lock(&put->mutex);
	if (put->idle->len)
		scratch = g_ptr_array_steal_index_fast(put->idle, put->idle->len - 1);
	pthread_mutex_unlock(&put->mutex);
	if (!scratch)
		scratch = g_new0(struct scratch, 1);
	scratch->meter = put->meter;
	return scratch;
}

void put_return(struct put *put, struct scratch *scratch)
{
	pthread_mutex_lock(&put->mutex);
	g_ptr_array_add(put->idle, scratch);
	pthread_mutex_unlock(&put->mutex);
}

struct digest *scratch_digest(struct scratch *scratch, enum oid_algo algo)
{
	if (!scratch->digests[algo])
		scratch->digests[algo] = digest_new(algo);
	digest_meter(scratch->digests[algo], scratch->meter);
	return scratch->digests[algo];
}

static void staged_free(void *data)
{
	struct staged *staged = data;

	fd_auto(&staged->part);
	g_free(staged);
}

struct put *put_begin(struct store *store, GError **error)
{
	autoptr(put) put = g_new0(struct put, 1);
	g_autofree char *path = path_join(store->root, STORE_LOCK);

	put->store = store;
	put->batch = BATCH_NONE;
	put->staged = g_hash_table_new_full(oid_hash, oid_equal_key, staged_free, NULL);
	put->idle = g_ptr_array_new_with_free_func(scratch_free);
	pthread_mutex_init(&put->mutex, NULL);
	if (!store_make_dirs(store, store->fd, STORE_STATE, error))
		return NULL;
	put->lock = lock_take(path, LOCK_SHARED, LOCK_WAIT_MS, "git mlv", NULL, NULL, error);
	if (!put->lock || !batch_begin(store, &put->batch, error))
		return NULL;
	return g_steal_pointer(&put);
}

void put_meter(struct put *put, struct meter *meter)
{
	put->meter = meter;
}

void put_free(struct put *put)
{
	batch_end(&put->batch);
	if (put->lock)
		lock_free(put->lock);
	g_hash_table_destroy(put->staged);
	g_ptr_array_free(put->idle, TRUE);
	pthread_mutex_destroy(&put->mutex);
	g_free(put);
}

int put_create(struct put *put, mode_t mode, uint64_t *file, GError **error)
{
	char name[PUT_NAME_MAX];
	int fd;

	*file = __atomic_fetch_add(&put->next, 1, __ATOMIC_RELAXED);
	put_name(*file, name);
	fd = openat(put->batch.fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		store_fail(put->store, errno, "make a file in", STORE_TEMP, error);
	return fd;
}

void put_drop(struct put *put, uint64_t file)
{
	char name[PUT_NAME_MAX];

	unlinkat(put->batch.fd, put_name(file, name), 0);
}

bool put_knows(struct put *put, const struct oid *oid, uint64_t size, bool *present)
{
	bool staged;

	*present = store_has(put->store, oid, size);
	pthread_mutex_lock(&put->mutex);
	put->found |= *present;
	staged = !*present && g_hash_table_contains(put->staged, oid);
	pthread_mutex_unlock(&put->mutex);
	return *present || staged;
}

/* Make the finished file what an object must be, at the least number of system calls: this runs once a file. `made` says
 * that it was created with mode 0444. */
static bool seal(const struct put *put, int fd, bool made)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = g_get_real_time() / G_USEC_PER_SEC}};

	if (!(made && put->batch.sealable) && fchmod(fd, 0444) < 0)
		return false;
	return !put->store->options.marks || futimens(fd, times) == 0;
}

/* Stage a file, or with file 0 the open part; false if the batch has the object already. */
static bool stage(struct put *put, uint64_t file, int part, const struct oid *oid)
{
	struct staged *staged = g_new(struct staged, 1);
	bool first;

	*staged = (struct staged){*oid, file, part};
	pthread_mutex_lock(&put->mutex);
	first = !g_hash_table_contains(put->staged, oid);
	if (first)
		g_hash_table_add(put->staged, staged);
	pthread_mutex_unlock(&put->mutex);
	if (!first)
		g_free(staged);
	return first;
}

bool put_stage(struct put *put, int fd, uint64_t file, const struct oid *oid, GError **error)
{
	bool sealed = seal(put, fd, true);
	int errnum = errno;

	/* Network file systems tell a full disk only here. */
	if (close(fd) < 0 && errno != EINTR && sealed) {
		errnum = errno;
		sealed = false;
	}
	if (!sealed) {
		put_drop(put, file);
		return store_fail(put->store, errnum, "finish a file in", STORE_TEMP, error);
	}
	if (!stage(put, file, -1, oid))
		put_drop(put, file);
	return true;
}

int put_open(struct put *put, char **name, GError **error)
{
	char buffer[PUT_NAME_MAX];
	uint64_t file;
	int fd = put_create(put, 0600, &file, error);

	*name = fd < 0 ? NULL : g_strdup(put_name(file, buffer));
	return fd;
}

bool put_adopt(struct put *put, int fd, char *name, const struct oid *oid, GError **error)
{
	g_autofree char *own = name;
	uint64_t file = g_ascii_strtoull(own, NULL, 16);
	int errnum;

	if (fchmod(fd, 0444) == 0)
		return put_stage(put, fd, file, oid, error);
	errnum = errno;
	close(fd);
	put_drop(put, file);
	return store_fail(put->store, errnum, "finish a file in", STORE_TEMP, error);
}

/* Count one more part that stays where it lies, if there may be one. */
static bool reserve_part(struct put *put)
{
	bool free;

	pthread_mutex_lock(&put->mutex);
	free = put->parts < PARTS_MAX;
	put->parts += free;
	pthread_mutex_unlock(&put->mutex);
	return free;
}

bool put_adopt_part(struct put *put, int fd, const struct oid *oid, GError **error)
{
	uint64_t file = __atomic_fetch_add(&put->next, 1, __ATOMIC_RELAXED);
	char part[PART_NAME_MAX], name[PUT_NAME_MAX];
	struct stat st;

	if (fstat(fd, &st) == 0 && (uint64_t)st.st_size >= PART_SIZE_MIN && reserve_part(put)) {
		if (!stage(put, 0, fd, oid)) {
			part_drop(put->store, oid);
			close(fd);
		}
		return true;
	}
	if (renameat(put->store->fd, part_name(oid, part), put->batch.fd, put_name(file, name)) < 0) {
		close(fd);
		return store_fail(put->store, errno, "finish", part, error);
	}
	part_drop_journal(put->store, oid);
	return put_adopt(put, fd, g_strdup(name), oid, error);
}

void put_discard(struct put *put, int fd, char *name)
{
	unlinkat(put->batch.fd, name, 0);
	close(fd);
	g_free(name);
}

/* The staged file is not needed: the store has its twin. */
static void drop_staged(struct put *put, const struct staged *staged)
{
	if (staged->part < 0)
		put_drop(put, staged->file);
	else
		part_drop(put->store, &staged->oid);
}

/* Rename the staged file, which refuses to replace. 0, or -1 and errno. */
static int rename_staged(struct put *put, const struct staged *staged, const char *to)
{
	char from[MAX(PUT_NAME_MAX, PART_NAME_MAX)];

	if (staged->part < 0)
		return file_rename_new(put->batch.fd, put_name(staged->file, from), put->store->fd, to);
	if (file_rename_new(put->store->fd, part_name(&staged->oid, from), put->store->fd, to) < 0)
		return -1;
	part_drop_journal(put->store, &staged->oid);
	return 0;
}

/* The size of the staged file; any if it cannot be asked. */
static uint64_t staged_size(const struct put *put, const struct staged *staged)
{
	char name[PUT_NAME_MAX];
	struct stat st;
	int failed = staged->part < 0 ? fstatat(put->batch.fd, put_name(staged->file, name), &st, AT_SYMLINK_NOFOLLOW)
				      : fstat(staged->part, &st);

	return failed ? STORE_ANY_SIZE : (uint64_t)st.st_size;
}

/* Give one staged file its name in the store. */
static bool publish(struct put *put, const struct staged *staged, GError **error)
{
	char to[STORE_NAME_MAX];
	struct store *store = put->store;

	store_name(&staged->oid, to);
	for (int tries = 0; rename_staged(put, staged, to) < 0; tries++) {
		g_autofree char *parent = path_parent(to);

		if (errno == ENOENT && tries == 0) {
			if (!store_make_dirs(store, store->fd, parent, error))
				return false;
		} else if (errno == EEXIST && tries < 2) {
			/* Another process put it, or what was put there is not right any more: in a DVC cache, the size tells. */
			if (store_has(store, &staged->oid, staged_size(put, staged))) {
				drop_staged(put, staged);
				return true;
			}
			if (!store_make_way(store, &staged->oid, error))
				return false;
		} else {
			return store_fail(store, errno, "make object", to, error);
		}
	}
	return true;
}

/* Files before manifests, so that a manifest that can be seen has its files; then by name, so that directories are written once. */
static int compare_staged(const void *a, const void *b)
{
	const struct oid *x = *(const struct oid *const *)a, *y = *(const struct oid *const *)b;

	return x->dir != y->dir ? x->dir - y->dir : oid_compare(x, y);
}

static bool publish_all(struct put *put, GError **error)
{
	guint count;
	g_autofree void **staged = g_hash_table_get_keys_as_array(put->staged, &count);

	qsort(staged, count, sizeof(*staged), compare_staged);
	for (guint i = 0; i < count; i++)
		if (!publish(put, staged[i], error))
			return false;
	return true;
}

/* Seal the parts; not before: what is sealed cannot be opened for writing by who finds it after a kill. */
static bool seal_parts(struct put *put, GError **error)
{
	char name[PART_NAME_MAX];
	GHashTableIter iter;
	void *key;

	g_hash_table_iter_init(&iter, put->staged);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const struct staged *staged = key;

		if (staged->part >= 0 && !seal(put, staged->part, false))
			return store_fail(put->store, errno, "finish", part_name(&staged->oid, name), error);
	}
	return true;
}

bool put_commit(struct put *put, GError **error)
{
	bool any = g_hash_table_size(put->staged) > 0;
	bool ok = seal_parts(put, error);

	/* The first flush makes the bytes durable, the second the names. Objects that were found may be as young as ours. */
	ok = ok && ((!any && !put->found) || file_sync_fs(put->batch.fd, error));
	ok = ok && (!any || (publish_all(put, error) && file_sync_fs(put->batch.fd, error)));
	if (!ok)
		g_prefix_error(error, "put objects into '%s': ", put->store->root);
	g_hash_table_remove_all(put->staged);
	put->parts = 0;
	put->found = false;
	return ok;
}
