/*
 * Comparing with a remote, checking it and mending it.
 */
#include "../tap.h"
#include "backend/table.h"
#include "remote/layout.h"
#include "sync/fsck-remote-int.h"
#include "sync/status-remote-int.h"
#include "world.h"

static const char *const three[] = {"a", "text a", "sub/b", "text b", "sub/c d", "text c", NULL};

static struct oid push_folder(struct world *world)
{
	struct sync_result result;
	struct oid folder = world_put_folder(world, three);
	world_want(world, &folder, "folder");
	world_push(world, &result);
	world_expect(&result, 4, 0);
	return folder;
}

/* The status as lines "path: state". New string. */
static char *status_text(struct world *world)
{
	g_autoptr(GError) error = NULL;
	autoptr(sync_session) session = world_session(world, SESSION_LOOK);
	autoptr(sync_status) status = sync_status_new();
	g_assert_true(status_session(session, world->wants, status, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(status->result.failed, ==, 0);
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < status->entries->len; i++) {
		const struct sync_status_entry *entry = g_ptr_array_index(status->entries, i);
		g_string_append_printf(text, "%s: %s\n", entry->path, sync_state_name(entry->state));
	}
	return g_string_free(text, FALSE);
}

static void expect_status(struct world *world, const char *expected)
{
	g_autofree char *text = status_text(world);
	g_assert_cmpstr(text, ==, expected);
}

static void tells_what_is_only_here(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct oid folder = world_put_folder(world, three), file = world_put(world, "text a");
	world_want(world, &folder, "folder");
	world_want(world, &file, "file");
	expect_status(world, "file: new\nfolder: new\nfolder/a: new\nfolder/sub/b: new\nfolder/sub/c d: new\n");
}

static void says_nothing_when_all_is_well(struct world *world, gconstpointer algo)
{
	(void)algo;
	push_folder(world);
	expect_status(world, "");
}

static void tells_what_is_only_there(struct world *world, gconstpointer algo)
{
	(void)algo;
	push_folder(world);
	world_new_store(world);
	expect_status(world, "folder: deleted\nfolder/a: deleted\nfolder/sub/b: deleted\nfolder/sub/c d: deleted\n");
	/* the manifest has come by that */
	expect_status(world, "folder/a: deleted\nfolder/sub/b: deleted\nfolder/sub/c d: deleted\n");
}

static void tells_what_is_nowhere(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct oid nowhere = world_oid(world, "nowhere");
	struct oid folder = push_folder(world), b = world_oid(world, "text b");
	world_want(world, &nowhere, "lost");
	world_store_lose(world, &b);
	world_remote_lose(world, &b);
	world_remote_lose(world, &folder);
	expect_status(world, "folder: new\nfolder/sub/b: missing\nlost: missing\n");
}

static void takes_the_manifest_at_its_word_unless_told_to_verify(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct oid b = world_oid(world, "text b");
	push_folder(world);
	world_remote_lose(world, &b);
	expect_status(world, "");
	world->options.verify = true;
	expect_status(world, "folder/sub/b: new\n");
}

static void takes_a_missing_folder_for_an_empty_one(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct oid file = world_put(world, "text");
	world_want(world, &file, "file");
	g_free(world->spec->url);
	world->spec->url = g_strdup_printf("%s/never-pushed", tap_tmpdir());
	world->options.table = remote_table;
	expect_status(world, "file: new\n");
	g_assert_cmpint(access(world->spec->url, F_OK), ==, -1);
}

/* Findings as lines "path: number of the finding". New string. */
static char *fsck_text(struct world *world, bool data, bool repair)
{
	g_autoptr(GError) error = NULL;
	autoptr(sync_session) session = world_session(world, SESSION_WRITE);
	autoptr(fsck_remote) fsck = fsck_remote_new();
	struct fsck_remote_options options = {data, repair};
	g_assert_true(fsck_session(session, world->wants, &options, fsck, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(fsck->result.failed, ==, 0);
	g_assert_cmpuint(fsck->checked, ==, 4);
	static const char *const words[] = {"missing", "damaged", "repaired"};
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < fsck->items->len; i++) {
		const struct fsck_remote_item *item = g_ptr_array_index(fsck->items, i);
		g_string_append_printf(text, "%s: %s\n", item->path, words[item->finding]);
	}
	return g_string_free(text, FALSE);
}

static void expect_fsck(struct world *world, bool data, bool repair, const char *expected)
{
	g_autofree char *text = fsck_text(world, data, repair);
	g_assert_cmpstr(text, ==, expected);
}

static void finds_missing_and_damaged_objects(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct oid b = world_oid(world, "text b"), c = world_oid(world, "text c");
	g_autofree char *key = layout_key(&c);
	push_folder(world);
	expect_fsck(world, true, false, "");
	world_remote_lose(world, &b);
	memory_place_plant(world->place, key, "texx c"); /* of the right size */
	expect_fsck(world, false, false, "folder/sub/b: missing\n");
	expect_fsck(world, true, false, "folder/sub/b: missing\nfolder/sub/c d: damaged\n");
	expect_fsck(world, true, true, "folder/sub/b: repaired\nfolder/sub/c d: repaired\n");
	expect_fsck(world, true, false, "");
}

static void repairs_only_what_the_store_has(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct oid folder = push_folder(world), b = world_oid(world, "text b"), a = world_oid(world, "text a");
	world_remote_lose(world, &a);
	world_remote_lose(world, &b);
	world_store_lose(world, &b);
	world_remote_lose(world, &folder);
	expect_fsck(world, true, true, "folder/a: repaired\nfolder: missing\nfolder/sub/b: missing\n");
	g_assert_false(world_remote_has(world, &folder)); /* it would say that b is there */
}

#define ADD(name, test)                                                                                                \
	g_test_add("/status/sha256/" name, struct world, GUINT_TO_POINTER(OID_SHA256), world_set_up, test,             \
		   world_tear_down);                                                                                   \
	g_test_add("/status/md5/" name, struct world, GUINT_TO_POINTER(OID_MD5), world_set_up, test, world_tear_down); \
	g_test_add("/status/2x/" name, struct world, GUINT_TO_POINTER(OID_MD5_2X), world_set_up, test, world_tear_down)

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	ADD("tells-what-is-only-here", tells_what_is_only_here);
	ADD("says-nothing-when-all-is-well", says_nothing_when_all_is_well);
	ADD("tells-what-is-only-there", tells_what_is_only_there);
	ADD("tells-what-is-nowhere", tells_what_is_nowhere);
	ADD("takes-the-manifest-at-its-word", takes_the_manifest_at_its_word_unless_told_to_verify);
	ADD("takes-a-missing-folder-for-an-empty-one", takes_a_missing_folder_for_an_empty_one);
	ADD("finds-missing-and-damaged-objects", finds_missing_and_damaged_objects);
	ADD("repairs-only-what-the-store-has", repairs_only_what_the_store_has);
	return g_test_run();
}
