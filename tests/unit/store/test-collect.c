#include "store-kit.h"

#include "store/collect.h"

#include <string.h>

static struct collect_result collect(struct store *store, const struct oid *keep, int64_t grace, bool prune, bool dry_run)
{
	g_autoptr(GHashTable) live = g_hash_table_new(oid_hash, oid_equal_key);
	g_autoptr(GError) error = NULL;
	struct collect_result result;

	if (keep)
		g_hash_table_add(live, (gpointer)keep);
	collect_run(store, live, grace, prune, dry_run, &result, &error);
	g_assert_no_error(error);
	return result;
}

static struct collect_result undelete(struct store *store)
{
	g_autoptr(GError) error = NULL;
	struct collect_result result;

	collect_undelete(store, &result, &error);
	g_assert_no_error(error);
	return result;
}

static void keeps_what_is_live(void)
{
	autoptr(store) store = kit_store("c1", true, LINK_COPY);
	struct oid live = kit_put(store, "live"), dead = kit_put(store, "deader");
	struct collect_result r = collect(store, &live, COLLECT_GRACE, false, true);

	g_assert_cmpuint(r.objects, ==, 1);
	g_assert_true(store_has(store, &dead, 6));
	r = collect(store, &live, COLLECT_GRACE, false, false);
	g_assert_cmpuint(r.objects, ==, 1);
	g_assert_cmpuint(r.bytes, ==, 6);
	g_assert_cmpuint(r.kept, ==, 1);
	g_assert_cmpuint(r.purged, ==, 0);
	g_assert_true(store_has(store, &live, 4));
	g_assert_false(store_has(store, &dead, 6));
}

/* A file and a manifest of the same bytes are two objects. */
static void manifests_are_objects(void)
{
	autoptr(store) store = kit_store("c2", true, LINK_COPY);
	g_autoptr(GError) error = NULL;
	autoptr(put) put = put_begin(store, &error);
	struct oid file, dir;

	g_assert_true(put_bytes(put, "x", 1, OID_SHA256, false, &file, &error));
	g_assert_true(put_bytes(put, "x", 1, OID_SHA256, true, &dir, &error));
	g_assert_true(put_commit(put, &error));
	g_assert_cmpuint(collect(store, &dir, COLLECT_GRACE, false, false).objects, ==, 1);
	g_assert_true(store_has(store, &dir, 1));
	g_assert_false(store_has(store, &file, 1));
}

static void undelete_brings_back(void)
{
	autoptr(store) store = kit_store("c3", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	struct collect_result r;
	g_autoptr(GError) error = NULL;

	collect(store, NULL, COLLECT_GRACE, false, false);
	r = undelete(store);
	g_assert_cmpuint(r.objects, ==, 1);
	g_assert_cmpuint(r.bytes, ==, 5);
	g_assert_true(store_verify(store, &oid, &error));
	g_assert_cmpuint(undelete(store).objects, ==, 0);
}

/* The path of the one object in the trash. New string. */
static char *trashed(const struct store *store, const struct oid *oid)
{
	g_autofree char *trash = g_build_filename(store->root, ".mlv/trash", NULL), *below = store_object_path(oid);
	GDir *dir = g_dir_open(trash, 0, NULL);
	char *path = g_build_filename(trash, g_dir_read_name(dir), below, NULL);

	g_dir_close(dir);
	return path;
}

static void undelete_leaves_wrong_ones(void)
{
	autoptr(store) store = kit_store("c4", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = NULL;

	collect(store, NULL, COLLECT_GRACE, false, false);
	path = trashed(store, &oid);
	kit_write(path, "jello", 5);
	g_assert_cmpuint(undelete(store).objects, ==, 0);
	g_assert_false(store_has(store, &oid, 5));
	g_assert_cmpint(access(path, F_OK), ==, 0);
}

static void put_again_reappears(void)
{
	autoptr(store) store = kit_store("c5", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");

	collect(store, NULL, COLLECT_GRACE, false, false);
	kit_put(store, "hello");
	g_assert_true(store_has(store, &oid, 5));
	/* The twin in the trash is no reason to touch it. */
	g_assert_cmpuint(undelete(store).objects, ==, 0);
	g_assert_true(store_has(store, &oid, 5));
}

static void prune_deletes(void)
{
	autoptr(store) store = kit_store("c6", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	struct collect_result r;

	collect(store, NULL, COLLECT_GRACE, false, false);
	kit_put(store, "other");
	r = collect(store, NULL, 0, true, true);
	g_assert_cmpuint(r.purged, ==, 1);
	g_assert_cmpuint(r.objects, ==, 1);
	r = collect(store, NULL, 0, true, false);
	g_assert_cmpuint(r.purged, ==, 1);
	g_assert_cmpuint(r.purged_bytes, ==, 5);
	g_assert_cmpuint(r.objects, ==, 1);
	g_assert_cmpuint(undelete(store).objects, ==, 0);
	g_assert_false(store_has(store, &oid, 5));
	g_assert_cmpuint(kit_count("c6/.mlv/trash"), ==, 0);
}

/* What is older than the grace period goes, by the name of its directory; the rest and strangers stay. */
static void grace(void)
{
	autoptr(store) store = kit_store("c7", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = NULL;

	collect(store, NULL, COLLECT_GRACE, false, false);
	path = trashed(store, &oid);
	g_assert_cmpint(g_mkdir_with_parents("c7/.mlv/trash/stranger", 0777), ==, 0);
	g_assert_cmpuint(collect(store, NULL, 3600, false, false).purged, ==, 0);
	g_assert_cmpint(access(path, F_OK), ==, 0);
	*strstr(path, "/files/") = '\0';
	g_assert_cmpint(rename(path, "c7/.mlv/trash/20200101T000000Z"), ==, 0);
	g_assert_cmpuint(collect(store, NULL, 3600, false, true).purged, ==, 1);
	g_assert_cmpuint(collect(store, NULL, 3600, false, false).purged, ==, 1);
	g_assert_cmpint(access("c7/.mlv/trash/20200101T000000Z", F_OK), ==, -1);
	g_assert_cmpint(access("c7/.mlv/trash/stranger", F_OK), ==, 0);
}

/* DVC's store: 2.x objects are collected, the run cache and other names are not. */
static void leaves_strangers(void)
{
	static const char *const keep[] = {"c8/runs/71/71312b/8e92", "c8/dd/.token.tmp", "c8/files/md5/dd/.token.tmp", "c8/README",
					   "c8/fs/local/x", "c8/tmp/x"};
	autoptr(store) store = kit_store("c8", false, LINK_COPY);

	for (size_t i = 0; i < G_N_ELEMENTS(keep); i++) {
		g_autofree char *dir = g_path_get_dirname(keep[i]);

		g_assert_cmpint(g_mkdir_with_parents(dir, 0777), ==, 0);
		kit_write(keep[i], "x", 1);
	}
	kit_write("c8/dd/8c6a395b5dd36c56d23275028f526c", "x", 1);
	kit_write("c8/files/md5/dd/8c6a395b5dd36c56d23275028f526c.dir", "x", 1);
	g_assert_cmpuint(collect(store, NULL, COLLECT_GRACE, false, false).objects, ==, 2);
	g_assert_cmpint(access("c8/dd/8c6a395b5dd36c56d23275028f526c", F_OK), ==, -1);
	for (size_t i = 0; i < G_N_ELEMENTS(keep); i++)
		g_assert_cmpint(access(keep[i], F_OK), ==, 0);
}

static void lock_has_its_place(void)
{
	autoptr(store) store = kit_store("c9", true, LINK_COPY);
	g_autofree char *path = collect_lock_path(store), *dir = g_path_get_dirname(path);

	g_assert_true(g_file_test(dir, G_FILE_TEST_IS_DIR));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/collect/keeps-what-is-live", keeps_what_is_live);
	g_test_add_func("/collect/manifests-are-objects", manifests_are_objects);
	g_test_add_func("/collect/undelete-brings-back", undelete_brings_back);
	g_test_add_func("/collect/undelete-leaves-wrong-ones", undelete_leaves_wrong_ones);
	g_test_add_func("/collect/put-again-reappears", put_again_reappears);
	g_test_add_func("/collect/prune-deletes", prune_deletes);
	g_test_add_func("/collect/grace", grace);
	g_test_add_func("/collect/leaves-strangers", leaves_strangers);
	g_test_add_func("/collect/lock-has-its-place", lock_has_its_place);
	return g_test_run();
}
