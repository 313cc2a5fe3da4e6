#include "../tap.h"
#include "world.h"

#include "hash/digest.h"
#include "remote/layout.h"
#include "store/part.h"

#include <string.h>

static const char *const three[] = {"a", "text a", "sub/b", "text b", "sub/c d", "text c", NULL};

/* A folder and a file that were pushed from another clone; both wanted here. */
static void prepare(struct world *world, struct oid *file, struct oid *folder)
{
	struct sync_result result;
	*file = world_put(world, "single");
	*folder = world_put_folder(world, three);
	world_want(world, file, "single.txt");
	world_want(world, folder, "folder");
	world_push(world, &result);
	world_expect(&result, 5, 0);
	world_new_store(world);
}

static void fetches_all_once(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file, folder;
	prepare(world, &file, &folder);
	world_fetch(world, &result);
	world_expect(&result, 5, 0);
	g_autoptr(GError) error = NULL;
	g_autofree char *data = NULL;
	size_t length;
	g_assert_true(store_read(world->store, &file, 100, &data, &length, &error));
	g_assert_cmpstr(data, ==, "single");

	/* again: the remote is not even asked, so it may be away */
	g_free(world->spec->url);
	world->spec->url = g_strdup("gone://away");
	world_fetch(world, &result);
	world_expect(&result, 0, 5);
}

#define LARGE ((size_t)20 << 20)

/* A text of LARGE bytes that was pushed from another clone; wanted here, its size recorded or not. */
static struct oid prepare_large(struct world *world, bool sized)
{
	struct sync_result result;
	g_autofree char *text = g_malloc(LARGE + 1);
	for (size_t i = 0; i < LARGE; i++)
		text[i] = (char)('a' + (i * 2654435761u >> 24) % 26);
	text[0] = sized ? 'S' : 'U';
	text[LARGE] = '\0';
	struct oid oid = world_put(world, text);
	g_ptr_array_set_size(world->wants, 0);
	sync_wants_add(world->wants, &oid, sized ? LARGE : STORE_ANY_SIZE, "large", "", NULL);
	world_push(world, &result);
	world_expect(&result, 1, 0);
	world_new_store(world);
	return oid;
}

/* What a run that failed has received, the next one does not ask for again. */
static void goes_on_where_it_stopped(struct world *world, gconstpointer algo)
{
	(void)algo;
	for (int sized = 0; sized < 2; sized++) {
		struct sync_result result;
		struct oid oid = prepare_large(world, sized);
		memory_place_fault(world->place, &(struct fault){FAULT_CUT, TRANSFER_GET, NULL, 2});
		uint64_t before = memory_place_given(world->place);
		world_fetch(world, &result); /* two attempts: a half, then a half of the rest */
		world_expect_failure(&result, "large", ERROR_TRANSIENT);
		g_assert_false(world_store_has(world, &oid));
		world_fetch(world, &result);
		world_expect(&result, 1, 0);
		g_assert_true(world_store_has(world, &oid));
		g_assert_cmpuint(memory_place_given(world->place) - before, ==, LARGE);
	}
}

/* Nor does it go on with bytes that are not right: they are thrown away with the last attempt. */
static void does_not_go_on_with_wrong_bytes(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid oid = prepare_large(world, true);
	memory_place_fault(world->place, &(struct fault){FAULT_CORRUPT, TRANSFER_GET, NULL, 0});
	world_fetch(world, &result);
	world_expect_failure(&result, "large", ERROR_CORRUPT);
	memory_place_heal(world->place);
	uint64_t before = memory_place_given(world->place);
	world_fetch(world, &result);
	world_expect(&result, 1, 0);
	g_assert_true(world_store_has(world, &oid));
	g_assert_cmpuint(memory_place_given(world->place) - before, ==, LARGE);
}

/* Another process is at it: both get the object, one of them without a part. */
static void two_may_fetch_the_same(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid oid = prepare_large(world, true);
	int other = part_open(world->store, &oid);
	g_assert_cmpint(other, >=, 0);
	world_fetch(world, &result);
	world_expect(&result, 1, 0);
	g_assert_true(world_store_has(world, &oid));
	part_close(world->store, &oid, other);
}

static void fetches_only_a_part(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file, folder, a = world_oid(world, "text a"), b = world_oid(world, "text b");
	prepare(world, &file, &folder);
	g_ptr_array_set_size(world->wants, 0);
	sync_wants_add(world->wants, &folder, STORE_ANY_SIZE, "folder", "sub", NULL);
	world_fetch(world, &result);
	world_expect(&result, 3, 0);
	g_assert_true(world_store_has(world, &b));
	g_assert_false(world_store_has(world, &a));
}

static void keeps_what_came_beside_failures(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file, folder, a = world_oid(world, "text a"), b = world_oid(world, "text b");
	prepare(world, &file, &folder);
	world_remote_lose(world, &b);
	world_fetch(world, &result);
	g_assert_cmpuint(result.objects, ==, 4);
	world_expect_failure(&result, "folder/sub/b", ERROR_NOT_FOUND);
	g_assert_true(world_store_has(world, &a));
	g_assert_true(world_store_has(world, &file));
}

static void refuses_wrong_bytes(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file, folder;
	prepare(world, &file, &folder);
	world_break(world, &file, TRANSFER_GET, FAULT_CORRUPT);
	world_fetch(world, &result);
	world_expect_failure(&result, "single.txt", ERROR_CORRUPT);
	g_assert_false(world_store_has(world, &file));
	memory_place_heal(world->place);
	world_fetch(world, &result);
	world_expect(&result, 1, 4);
}

static void tells_a_missing_manifest_once(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file, folder;
	prepare(world, &file, &folder);
	world_remote_lose(world, &folder);
	world_fetch(world, &result);
	g_assert_cmpuint(result.objects, ==, 1);
	world_expect_failure(&result, "folder", ERROR_NOT_FOUND);
}

/* Outputs that are never pushed are fetched if somebody did push them. */
static void does_not_insist_on_optional_outputs(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid local_only = world_oid(world, "local only");
	world_want(world, &local_only, "local")->optional = true;
	world_fetch(world, &result);
	world_expect(&result, 0, 0);
}

/* A remote may hold anything: a manifest that leads out of its folder must go no further. */
static void refuses_hostile_manifests(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	const char *text =
		world->algo == OID_SHA256
			? "mlv-manifest 1\n"
			  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 - ../../.bashrc\n"
			: "[{\"md5\": \"d41d8cd98f00b204e9800998ecf8427e\", \"relpath\": \"../../.bashrc\"}]";
	struct oid folder;
	digest_bytes(text, strlen(text), world->algo, &folder);
	folder.dir = 1;
	g_autofree char *key = layout_key(&folder);
	memory_place_plant(world->place, key, text);
	world_want(world, &folder, "folder");
	world_fetch(world, &result);
	world_expect_failure(&result, "folder", ERROR_UNSAFE);
}

/* The remote does not have it, as after a push of git-lfs; it is not even asked. */
static void makes_what_has_no_bytes(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid empty = world_oid(world, "");
	world_want(world, &empty, "empty");
	world_fetch(world, &result);
	world_expect(&result, 1, 0);
	g_assert_true(world_store_has(world, &empty));
	g_assert_cmpuint(memory_place_given(world->place), ==, 0);
	world_fetch(world, &result);
	world_expect(&result, 0, 1);
	world_push(world, &result);
	world_expect(&result, 1, 0);
	g_assert_true(world_remote_has(world, &empty));

	/* what a pointer calls empty and is not is another object */
	struct oid other = world_oid(world, "x");
	g_ptr_array_set_size(world->wants, 0);
	sync_wants_add(world->wants, &other, 0, "other", "", NULL);
	world_fetch(world, &result);
	world_expect_failure(&result, "other", ERROR_NOT_FOUND);
}

static void tells_files_in_a_dry_run(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file, folder, a = world_oid(world, "text a");
	prepare(world, &file, &folder);
	world->options.dry_run = true;
	world_fetch(world, &result);
	world_expect(&result, 5, 0); /* the manifest was needed to know */
	g_assert_false(world_store_has(world, &a));
	g_assert_false(world_store_has(world, &file));
}

#define ADD(name, test)                                                                                                \
	g_test_add("/fetch/sha256/" name, struct world, GUINT_TO_POINTER(OID_SHA256), world_set_up, test,              \
		   world_tear_down);                                                                                   \
	g_test_add("/fetch/md5/" name, struct world, GUINT_TO_POINTER(OID_MD5), world_set_up, test, world_tear_down);  \
	g_test_add("/fetch/2x/" name, struct world, GUINT_TO_POINTER(OID_MD5_2X), world_set_up, test, world_tear_down)

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	ADD("fetches-all-once", fetches_all_once);
	ADD("goes-on-where-it-stopped", goes_on_where_it_stopped);
	ADD("does-not-go-on-with-wrong-bytes", does_not_go_on_with_wrong_bytes);
	ADD("two-may-fetch-the-same", two_may_fetch_the_same);
	ADD("fetches-only-a-part", fetches_only_a_part);
	ADD("keeps-what-came-beside-failures", keeps_what_came_beside_failures);
	ADD("refuses-wrong-bytes", refuses_wrong_bytes);
	ADD("tells-a-missing-manifest-once", tells_a_missing_manifest_once);
	ADD("does-not-insist-on-optional-outputs", does_not_insist_on_optional_outputs);
	ADD("refuses-hostile-manifests", refuses_hostile_manifests);
	ADD("makes-what-has-no-bytes", makes_what_has_no_bytes);
	ADD("tells-files-in-a-dry-run", tells_files_in_a_dry_run);
	return g_test_run();
}
