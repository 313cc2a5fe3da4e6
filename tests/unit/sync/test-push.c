#include "../tap.h"
#include "remote/layout.h"
#include "world.h"

#include <string.h>

static const char *const three[] = {"a", "text a", "sub/b", "text b", "sub/c d", "text c", NULL};

static void sends_files_and_folders_once(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file = world_put(world, "single"), folder = world_put_folder(world, three);
	struct oid a = world_oid(world, "text a");
	world_want(world, &file, "single.txt");
	world_want(world, &folder, "folder");
	world_push(world, &result);
	g_assert_cmpuint(result.bytes, >, strlen("single") + 3 * strlen("text a"));
	world_expect(&result, 5, 0);
	g_assert_true(world_remote_has(world, &file));
	g_assert_true(world_remote_has(world, &folder));
	g_assert_true(world_remote_has(world, &a));

	/* again: one question each for the file and the folder */
	unsigned before = memory_place_count(world->place, TRANSFER_STAT);
	world_push(world, &result);
	world_expect(&result, 0, 2);
	g_assert_cmpuint(memory_place_count(world->place, TRANSFER_STAT) - before, ==, 2);
}

static void sends_shared_objects_once(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	const char *const twins[] = {"x", "same", "y", "same", NULL};
	struct oid file = world_put(world, "same"), folder = world_put_folder(world, twins);
	world_want(world, &file, "same.txt");
	world_want(world, &folder, "twins");
	world_want(world, &folder, "twins again");
	world_push(world, &result);
	world_expect(&result, 2, 0);
}

static void withholds_a_manifest_whose_file_failed(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid folder = world_put_folder(world, three), other = world_put_folder(world, three + 4);
	struct oid a = world_oid(world, "text a"), b = world_oid(world, "text b");
	world_want(world, &folder, "folder");
	world_want(world, &other, "other");
	world_break(world, &b, TRANSFER_PUT, FAULT_TRANSIENT);
	world_push(world, &result);
	world_expect_failure(&result, "folder/sub/b", ERROR_TRANSIENT);
	g_assert_true(world_remote_has(world, &a));
	g_assert_true(world_remote_has(world, &other));
	g_assert_false(world_remote_has(world, &folder));

	memory_place_heal(world->place);
	world_push(world, &result);
	world_expect(&result, 2, 3); /* what failed and the manifest */
	g_assert_true(world_remote_has(world, &folder));
}

static void names_what_is_nowhere(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid folder = world_put_folder(world, three), b = world_oid(world, "text b");
	world_want(world, &folder, "folder");
	world_store_lose(world, &b);
	world_push(world, &result);
	world_expect_failure(&result, "folder/sub/b", ERROR_NOT_FOUND);
	g_assert_false(world_remote_has(world, &folder));

	g_ptr_array_set_size(world->wants, 0);
	struct oid nowhere = world_oid(world, "never put");
	world_want(world, &nowhere, "lost");
	world_push(world, &result);
	world_expect_failure(&result, "lost", ERROR_NOT_FOUND);
}

static void needs_no_local_copy_of_what_is_there(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid folder = world_put_folder(world, three);
	world_want(world, &folder, "folder");
	world_push(world, &result);
	sync_result_clear(&result);
	world_new_store(world);
	world_push(world, &result);
	world_expect(&result, 0, 1);
}

static void verifies_on_demand(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid folder = world_put_folder(world, three), b = world_oid(world, "text b");
	world_want(world, &folder, "folder");
	world_push(world, &result);
	sync_result_clear(&result);
	world_remote_lose(world, &b);
	world_push(world, &result);
	world_expect(&result, 0, 1); /* the manifest is taken at its word */
	world->options.verify = true;
	world_push(world, &result);
	world_expect(&result, 1, 3);
	g_assert_true(world_remote_has(world, &b));

	/* the manifest need not be here for that, but what it tells to be missing must */
	world_remote_lose(world, &b);
	world_new_store(world);
	world_push(world, &result);
	world_expect_failure(&result, "folder/sub/b", ERROR_NOT_FOUND);
}

static void sends_parts_but_no_manifest_before_the_whole(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid folder = world_put_folder(world, three);
	struct oid a = world_oid(world, "text a"), b = world_oid(world, "text b");
	struct sync_want *want = sync_wants_add(world->wants, &folder, STORE_ANY_SIZE, "folder", "sub", NULL);
	world_push(world, &result);
	world_expect(&result, 2, 0);
	g_assert_true(world_remote_has(world, &b));
	g_assert_false(world_remote_has(world, &a));
	g_assert_false(world_remote_has(world, &folder));
	g_free(want->inside);
	want->inside = g_strdup("a");
	world_push(world, &result);
	world_expect(&result, 2, 0); /* the last file makes the folder whole */
	g_assert_true(world_remote_has(world, &folder));
}

static void never_sends_a_broken_object(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid file = world_put(world, "sound");
	g_autofree char *path = store_object_path(&file);
	world_want(world, &file, "file");
	world_store_lose(world, &file);
	auto_fd int fd = openat(world->store->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
	g_assert_cmpint(write(fd, "rotte", 5), ==, 5);
	world_push(world, &result);
	g_assert_cmpuint(result.failed, ==, 1);
	sync_result_clear(&result);
	g_assert_false(world_remote_has(world, &file));
}

/* A list of paths that were told. */
static void note_path(const char *path, const struct oid *oid, uint64_t size, void *user)
{
	(void)oid;
	(void)size;
	g_string_append_printf(user, "%s\n", path);
}

static void only_tells_in_a_dry_run(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	struct oid folder = world_put_folder(world, three);
	g_autoptr(GString) told = g_string_new(NULL);
	world_want(world, &folder, "folder");
	world->options.dry_run = true;
	world->options.visit = note_path;
	world->options.user = told;
	world_push(world, &result);
	world_expect(&result, 4, 0);
	g_assert_cmpstr(told->str, ==, "folder/a\nfolder/sub/b\nfolder/sub/c d\nfolder\n");
	g_assert_cmpuint(memory_place_count(world->place, TRANSFER_PUT), ==, 0);
}

/* Where single questions are dear and there are many, a listing answers them. */
static void lists_where_that_is_cheaper(struct world *world, gconstpointer algo)
{
	bool old = GPOINTER_TO_UINT(algo) == OID_MD5_2X; /* lies among everything else: only its prefixes can be listed */
	enum { COUNT = 600 };
	struct sync_result result;
	struct oid folder = world_put_large(world, "first", COUNT);
	struct oid some = world_oid(world, "text 77");
	world_want(world, &folder, "folder");
	world_push(world, &result);
	world_expect(&result, COUNT + 1, 0);
	g_assert_cmpuint(memory_place_count(world->place, TRANSFER_LIST), ==, (old ? 256 : 2) + 1 /* for markers */);
	g_assert_cmpuint(memory_place_count(world->place, TRANSFER_STAT), ==, 1);
	world_remote_lose(world, &some);
	world->options.verify = true;
	world_push(world, &result);
	world_expect(&result, 1, COUNT);
	/* a listing that fails costs time, not truth */
	world_remote_lose(world, &some);
	memory_place_fault(world->place, &(struct fault){FAULT_TRANSIENT, TRANSFER_LIST, NULL, 2});
	world_push(world, &result);
	world_expect(&result, 1, COUNT);
}

/* A listing without sizes is no evidence that what is there is whole: each object is asked for. */
static void asks_where_a_listing_has_no_sizes(struct world *world, gconstpointer algo)
{
	(void)algo;
	enum { COUNT = 600 };
	struct sync_result result;
	struct oid folder = world_put_large(world, "first", COUNT), some = world_oid(world, "text 77");
	g_autofree char *key = layout_key(&some);
	world_want(world, &folder, "folder");
	world_push(world, &result);
	world_expect(&result, COUNT + 1, 0);

	memory_place_plant(world->place, key, "cut o");
	memory_place_hide_sizes(world->place, true);
	world->options.verify = true;
	unsigned asked = memory_place_count(world->place, TRANSFER_STAT);
	world_push(world, &result);
	world_expect(&result, 1, COUNT);
	g_autoptr(GBytes) there = memory_place_look(world->place, key);
	g_assert_cmpmem(g_bytes_get_data(there, NULL), g_bytes_get_size(there), "text 77", 7);
	g_assert_cmpuint(memory_place_count(world->place, TRANSFER_STAT) - asked, >=, COUNT);
}

/* How much was asked and sent since the last call. */
static unsigned count_requests(struct world *world)
{
	unsigned sum = 0;
	for (int kind = TRANSFER_STAT; kind <= TRANSFER_LIST; kind++)
		sum += memory_place_count(world->place, kind);
	return sum;
}

/* One changed file costs its own transfer and a few questions, however many others there are. */
static void asks_little_about_a_changed_folder(struct world *world, gconstpointer algo)
{
	(void)algo;
	enum { COUNT = 60, CONSTANT = 7 + 2 }; /* a PUT has two steps here */
	struct sync_result result;
	struct oid first = world_put_large(world, "first", COUNT), second = world_put_large(world, "second", COUNT);
	world_want(world, &first, "folder");
	world_push(world, &result);
	world_expect(&result, COUNT + 1, 0);

	g_ptr_array_set_size(world->wants, 0);
	world_want(world, &second, "folder");
	unsigned before = count_requests(world);
	world_push(world, &result);
	world_expect(&result, 2, COUNT - 1);
	g_assert_cmpuint(count_requests(world) - before, <=, CONSTANT);

	/* nothing changed: one question */
	before = count_requests(world);
	world_push(world, &result);
	world_expect(&result, 0, 1);
	g_assert_cmpuint(count_requests(world) - before, ==, 1);

	/* the folder under another name, and both versions at once */
	struct oid third = world_put_large(world, "third", COUNT);
	world_want(world, &third, "copy");
	before = count_requests(world);
	world_push(world, &result);
	world_expect(&result, 2, COUNT);
	g_assert_cmpuint(count_requests(world) - before, <=, CONSTANT + 1);
}

/* What a clone remembers is believed only if the remote says the same. */
static void believes_no_hint_unasked(struct world *world, gconstpointer algo)
{
	(void)algo;
	enum { COUNT = 60 };
	struct sync_result result;
	struct oid first = world_put_large(world, "first", COUNT), second = world_put_large(world, "second", COUNT);
	struct oid some = world_oid(world, "text 7");
	world_want(world, &first, "folder");
	world_push(world, &result);
	sync_result_clear(&result);
	/* collected meanwhile: first the manifest, then a file */
	world_remote_lose(world, &first);
	world_remote_lose(world, &some);
	g_ptr_array_set_size(world->wants, 0);
	world_want(world, &second, "folder");
	world_push(world, &result);
	world_expect(&result, 3, COUNT - 2);
	g_assert_true(world_remote_has(world, &some));

	/* to verify is to believe nothing at all */
	struct oid third = world_put_large(world, "third", COUNT);
	world_remote_lose(world, &some);
	g_ptr_array_set_size(world->wants, 0);
	world_want(world, &third, "folder");
	world->options.verify = true;
	world_push(world, &result);
	world_expect(&result, 3, COUNT - 2);
	g_assert_true(world_remote_has(world, &some));
}

#define ADD(name, test)                                                                                                \
	g_test_add("/push/sha256/" name, struct world, GUINT_TO_POINTER(OID_SHA256), world_set_up, test,               \
		   world_tear_down);                                                                                   \
	g_test_add("/push/md5/" name, struct world, GUINT_TO_POINTER(OID_MD5), world_set_up, test, world_tear_down);   \
	g_test_add("/push/2x/" name, struct world, GUINT_TO_POINTER(OID_MD5_2X), world_set_up, test, world_tear_down)

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	ADD("sends-files-and-folders-once", sends_files_and_folders_once);
	ADD("sends-shared-objects-once", sends_shared_objects_once);
	ADD("withholds-a-manifest-whose-file-failed", withholds_a_manifest_whose_file_failed);
	ADD("names-what-is-nowhere", names_what_is_nowhere);
	ADD("needs-no-local-copy-of-what-is-there", needs_no_local_copy_of_what_is_there);
	ADD("verifies-on-demand", verifies_on_demand);
	ADD("sends-parts-but-no-manifest-before-the-whole", sends_parts_but_no_manifest_before_the_whole);
	ADD("never-sends-a-broken-object", never_sends_a_broken_object);
	ADD("only-tells-in-a-dry-run", only_tells_in_a_dry_run);
	ADD("lists-where-that-is-cheaper", lists_where_that_is_cheaper);
	ADD("asks-where-a-listing-has-no-sizes", asks_where_a_listing_has_no_sizes);
	ADD("asks-little-about-a-changed-folder", asks_little_about_a_changed_folder);
	ADD("believes-no-hint-unasked", believes_no_hint_unasked);
	return g_test_run();
}
