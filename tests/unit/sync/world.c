#include "world.h"

#include "hash/digest.h"
#include "remote/layout.h"
#include "store/put.h"
#include "sync/sync-int.h"

#include <string.h>

static struct store *open_store(const struct world *world)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = g_get_current_dir(); /* the program's own, see tap.h */
	g_autofree char *root = g_build_filename(dir, "store-XXXXXX", NULL);
	struct store_options options = {.marks = world->algo == OID_SHA256, .links = {LINK_COPY}, .link_count = 1};
	g_assert_nonnull(g_mkdtemp(root));
	struct store *store = store_open(root, &options, &error);
	g_assert_no_error(error);
	return store;
}

void world_set_up(struct world *world, gconstpointer algo)
{
	world->algo = GPOINTER_TO_UINT(algo);
	world->store = open_store(world);
	world->place = memory_place_new();
	g_autofree char *url = memory_place_url(world->place);
	world->spec = remote_spec_new("mem", url);
	world->options.table = memory_table;
	world->wants = sync_wants_new();
	world->hints = g_build_filename(world->store->root, "hints", NULL);
}

void world_tear_down(struct world *world, gconstpointer algo)
{
	(void)algo;
	store_free(world->store);
	memory_place_free(world->place);
	remote_spec_free(world->spec);
	g_ptr_array_unref(world->wants);
	g_free(world->hints);
}

void world_new_store(struct world *world)
{
	store_free(world->store);
	world->store = open_store(world);
	g_free(world->hints);
	world->hints = g_build_filename(world->store->root, "hints", NULL);
}

struct sync_session *world_session(struct world *world, enum session_mode mode)
{
	g_autoptr(GError) error = NULL;
	struct engine_options engine_options = {.jobs = 4, .attempts = 2, .backoff_ms = 2};
	struct sync_session *session =
		sync_session_new(world->store, world->spec, mode, &engine_options, &world->options, &error);
	g_assert_no_error(error);
	hints_free(session->hints);
	session->hints = hints_load(world->hints, world->spec);
	return session;
}

static struct oid put_bytes_of(struct world *world, const char *data, size_t length, bool dir)
{
	struct oid oid;
	g_autoptr(GError) error = NULL;
	autoptr(put) put = put_begin(world->store, &error);
	g_assert_no_error(error);
	g_assert_true(put_bytes(put, data, length, world->algo, dir, &oid, &error));
	g_assert_true(put_commit(put, &error));
	return oid;
}

struct oid world_put(struct world *world, const char *text)
{
	return put_bytes_of(world, text, strlen(text), false);
}

struct oid world_put_folder(struct world *world, const char *const *files)
{
	struct manifest_format format = {.text = world->algo == OID_SHA256, .algo = world->algo};
	autoptr(manifest) manifest = manifest_new(&format);
	for (; *files; files += 2) {
		struct oid oid = world_put(world, files[1]);
		manifest_add(manifest, files[0], &oid, MANIFEST_FILE,
			     format.text ? strlen(files[1]) : MANIFEST_NO_SIZE);
	}
	g_autoptr(GString) text = manifest_write(manifest);
	return put_bytes_of(world, text->str, text->len, true);
}

struct oid world_put_large(struct world *world, const char *first, unsigned count)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	for (unsigned i = 0; i < count; i++) {
		g_ptr_array_add(files, g_strdup_printf("file-%03u", i));
		g_ptr_array_add(files, i ? g_strdup_printf("text %u", i) : g_strdup(first));
	}
	g_ptr_array_add(files, NULL);
	return world_put_folder(world, (const char *const *)files->pdata);
}

struct sync_want *world_want(struct world *world, const struct oid *oid, const char *path)
{
	return sync_wants_add(world->wants, oid, STORE_ANY_SIZE, path, "", NULL);
}

struct oid world_oid(const struct world *world, const char *text)
{
	struct oid oid;
	digest_bytes(text, strlen(text), world->algo, &oid);
	return oid;
}

bool world_remote_has(const struct world *world, const struct oid *oid)
{
	g_autofree char *key = layout_key(oid);
	g_autoptr(GBytes) bytes = memory_place_look(world->place, key);
	return bytes;
}

bool world_store_has(const struct world *world, const struct oid *oid)
{
	return store_has(world->store, oid, STORE_ANY_SIZE);
}

void world_remote_lose(struct world *world, const struct oid *oid)
{
	g_autofree char *key = layout_key(oid);
	memory_place_plant(world->place, key, NULL);
}

void world_store_lose(struct world *world, const struct oid *oid)
{
	g_autofree char *path = store_object_path(oid);
	g_assert_cmpint(unlinkat(world->store->fd, path, 0), ==, 0);
}

void world_break(struct world *world, const struct oid *oid, enum transfer_kind kind, enum fault_kind what)
{
	char *key = layout_key(oid);
	g_test_queue_free(key);
	memory_place_fault(world->place, &(struct fault){what, (int)kind, key, 0});
}

void world_push(struct world *world, struct sync_result *result)
{
	g_autoptr(GError) error = NULL;
	autoptr(sync_session) session = world_session(world, SESSION_WRITE);
	sync_result_init(result);
	g_assert_true(push_session(session, world->wants, result, &error));
	g_assert_no_error(error);
}

void world_fetch(struct world *world, struct sync_result *result)
{
	g_autoptr(GError) error = NULL;
	autoptr(sync_session) session = world_session(world, SESSION_READ);
	sync_result_init(result);
	g_assert_true(fetch_session(session, world->wants, result, &error));
	g_assert_no_error(error);
}

void world_expect_failure(struct sync_result *result, const char *path, enum error_code code)
{
	g_assert_cmpuint(result->failed, ==, 1);
	g_assert_cmpuint(result->failures->len, ==, 1);
	const struct sync_failure *failure = g_ptr_array_index(result->failures, 0);
	g_assert_cmpstr(failure->path, ==, path);
	g_assert_error(failure->error, MLV_ERROR, (gint)code);
	sync_result_clear(result);
}

void world_expect(struct sync_result *result, uint64_t moved, uint64_t present)
{
	if (result->failed)
		g_test_message("%s", ((struct sync_failure *)g_ptr_array_index(result->failures, 0))->error->message);
	g_assert_cmpuint(result->failed, ==, 0);
	g_assert_cmpuint(result->objects, ==, moved);
	g_assert_cmpuint(result->present, ==, present);
	sync_result_clear(result);
}
