#include "workspace/audit.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/path.h"
#include "base/pool.h"
#include "store/manifest.h"
#include "store/put.h"
#include "workspace/scan.h"

#include <string.h>

static void item_free(gpointer data)
{
	struct audit_item *item = data;

	g_free(item->path);
	g_free(item);
}

static void audit_add(struct audit *audit, enum audit_kind kind, const char *path, const struct oid *oid)
{
	struct audit_item *item = g_new0(struct audit_item, 1);

	item->kind = kind;
	item->path = g_strdup(path);
	item->oid = *oid;
	g_ptr_array_add(audit->items, item);
}

/* One object to hash. */
struct verify_job {
	struct oid oid;
	uint64_t size;
	bool damaged;
};

static void verify_work(void *data, void *shared)
{
	struct verify_job *job = data;
	g_autoptr(GError) error = NULL;

	job->damaged = !store_verify(shared, &job->oid, &error) && error_is(error, ERROR_CORRUPT);
}

/* What hashing the whole store needs. */
struct verify {
	struct audit *audit;
	struct workspace *ws;
	struct pool *pool;
};

static void verify_take(struct verify *verify, struct verify_job *job)
{
	verify->audit->objects++;
	verify->audit->bytes += job->size;
	if (job->damaged)
		audit_add(verify->audit, AUDIT_DAMAGED, NULL, &job->oid);
	watch_advance(verify->ws->watch, NULL, 1, job->size);
	g_free(job);
}

static bool verify_object(const struct oid *oid, const struct stamp *stamp, void *user, GError **error)
{
	struct verify *verify = user;
	struct verify_job *job;

	if (!cancel_check(error))
		return false;
	while (pool_pending(verify->pool) >= 256)
		verify_take(verify, pool_pop(verify->pool, -1));
	job = g_new0(struct verify_job, 1);
	job->oid = *oid;
	job->size = stamp->size;
	pool_push(verify->pool, job);
	return true;
}

static bool verify_store(struct audit *audit, struct workspace *ws, struct store *store, GError **error)
{
	autoptr(pool) pool = pool_new(ws->settings->threads, verify_work, store);
	struct verify verify = { .audit = audit, .ws = ws, .pool = pool };
	struct verify_job *job;
	bool done;

	watch_begin(ws->watch, "Checking", 0, 0);
	done = store_each(store, verify_object, &verify, error);
	while ((job = pool_pop(pool, -1)))
		verify_take(&verify, job);
	watch_end(ws->watch);
	return done;
}

/* Store one file of the workspace anew if its bytes still are the recorded ones. */
static bool restore_file(struct workspace *ws, struct put *put, const char *path, const struct oid *oid)
{
	struct put_result result;

	return put_file(put, ws->root_fd, path, true, oid->algo, &result, NULL) && oid_equal(&result.oid, oid);
}

/* The whole folder is there unchanged: its manifest can be written again. */
static bool restore_manifest(struct workspace *ws, struct put *put, const char *path, const struct oid *oid)
{
	const struct scan_options how = { .path = path, .algo = oid->algo };
	autoptr(scan) scan = scan_path(ws, &how, NULL);
	g_autoptr(GString) text = NULL;
	struct oid stored;

	if (!scan || scan->kind != SCAN_DIR || !oid_equal(&scan->oid, oid))
		return false;
	text = manifest_write(scan->manifest);
	return put_bytes(put, text->str, text->len, oid->algo, true, &stored, NULL) && oid_equal(&stored, oid);
}

/* Look for one recorded object; store a file anew if wanted and possible. `put` is NULL without repair. */
static void check_object(struct audit *audit, struct workspace *ws, struct store *store, struct put *put,
			 const struct audit_item *wanted, uint64_t size)
{
	bool restored;

	audit->checked++;
	if (store_has(store, &wanted->oid, size))
		return;
	restored = put && !wanted->oid.dir && restore_file(ws, put, wanted->path, &wanted->oid);
	audit_add(audit, restored ? AUDIT_REPAIRED : AUDIT_MISSING, wanted->path, &wanted->oid);
}

/* Before the rest is looked at: the manifests of folders that stand in the workspace unchanged, so that their files are known. */
static bool repair_manifests(struct audit *audit, struct workspace *ws, const GPtrArray *targets, GError **error)
{
	struct store *store = workspace_store(ws, error);
	autoptr(put) put = store ? put_begin(store, error) : NULL;

	for (guint i = 0; put && i < targets->len; i++) {
		const struct output *output = ((const struct target *)g_ptr_array_index(targets, i))->output;

		if (output->oid.dir && !output->no_cache && !store_has(store, &output->oid, STORE_ANY_SIZE) &&
		    restore_manifest(ws, put, output->path, &output->oid))
			audit_add(audit, AUDIT_REPAIRED, output->path, &output->oid);
	}
	return put && put_commit(put, error);
}

static bool check_folder(struct audit *audit, struct workspace *ws, struct store *store, struct put *put,
			 const struct target *target, GError **error)
{
	g_autoptr(GError) unreadable = NULL;
	autoptr(manifest) manifest = manifest_load(store, &target->output->oid, &unreadable);
	size_t first, end;

	if (!manifest || !manifest_range(manifest, target->inside, &first, &end))
		return true;
	for (size_t i = first; i < end; i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		g_autofree char *path = path_join(target->output->path, entry->path);
		const struct audit_item wanted = { .path = path, .oid = entry->oid };

		if (!cancel_check(error))
			return false;
		if (entry->mode != MANIFEST_EMPTY_DIR)
			check_object(audit, ws, store, put, &wanted,
				     entry->size == MANIFEST_NO_SIZE ? STORE_ANY_SIZE : entry->size);
	}
	return true;
}

static bool check_targets(struct audit *audit, struct workspace *ws, struct put *put, const GPtrArray *targets, GError **error)
{
	struct store *store = workspace_store(ws, error);

	for (guint i = 0; store && i < targets->len; i++) {
		const struct target *target = g_ptr_array_index(targets, i);
		const struct output *output = target->output;
		const struct audit_item wanted = { .path = output->path, .oid = output->oid };

		if (oid_is_none(&output->oid) || output->no_cache)
			continue;
		check_object(audit, ws, store, put, &wanted,
			     output->has_size && !output->oid.dir ? output->size : STORE_ANY_SIZE);
		if (output->oid.dir && !check_folder(audit, ws, store, put, target, error))
			return false;
	}
	return store != NULL;
}

struct audit *audit_run(struct workspace *ws, const GPtrArray *targets, const struct audit_options *options, GError **error)
{
	autoptr(audit) audit = g_new0(struct audit, 1);
	struct store *store = workspace_store(ws, error);
	autoptr(put) put = NULL;

	audit->items = g_ptr_array_new_with_free_func(item_free);
	if (!store || (options->data && !verify_store(audit, ws, store, error)))
		return NULL;
	if (options->repair) {
		put = repair_manifests(audit, ws, targets, error) ? put_begin(store, error) : NULL;
		if (!put)
			return NULL;
	}
	if (!check_targets(audit, ws, put, targets, error) || (put && !put_commit(put, error)))
		return NULL;
	return g_steal_pointer(&audit);
}

void audit_free(struct audit *audit)
{
	g_ptr_array_unref(audit->items);
	g_free(audit);
}
