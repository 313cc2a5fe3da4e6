#include "../tap.h"
#include "remote/layout.h"
#include "sync/collect-remote-int.h"
#include "world.h"

static const char *const old_files[] = {"a", "text a", "b", "text b", NULL};
static const char *const new_files[] = {"a", "text a", "b", "text new", NULL};

/* Two versions of a folder on the remote, of which only the new one is live. */
struct scene {
	struct oid old_folder, new_folder, a, b, new_b;
	GHashTable *live;
};

static void prepare(struct world *world, struct scene *scene)
{
	struct sync_result result;
	scene->old_folder = world_put_folder(world, old_files);
	scene->new_folder = world_put_folder(world, new_files);
	scene->a = world_oid(world, "text a");
	scene->b = world_oid(world, "text b");
	scene->new_b = world_oid(world, "text new");
	world_want(world, &scene->old_folder, "folder");
	world_want(world, &scene->new_folder, "folder");
	world_push(world, &result);
	world_expect(&result, 5, 0);
	memory_place_plant(world->place, "README.md", "not an object");
	memory_place_plant(world->place, "files/md5/ab/note", "not an object");
	scene->live = g_hash_table_new(oid_hash, oid_equal_key);
	g_hash_table_add(scene->live, &scene->new_folder);
	g_hash_table_add(scene->live, &scene->a);
	g_hash_table_add(scene->live, &scene->new_b);
}

static struct collect_remote_plan *plan_for(struct world *world, GHashTable *live, int64_t grace, bool prune)
{
	g_autoptr(GError) error = NULL;
	autoptr(sync_session) session = world_session(world, SESSION_WRITE);
	struct collect_remote_options options = {grace, prune};
	struct collect_remote_plan *plan = collect_plan_session(session, live, &options, &error);
	g_assert_no_error(error);
	g_steal_pointer(&session);
	return plan;
}

static void run(struct collect_remote_plan *plan, uint64_t expected)
{
	struct sync_result result;
	g_autoptr(GError) error = NULL;
	sync_result_init(&result);
	g_assert_true(collect_remote_run(plan, &result, &error));
	world_expect(&result, expected, 0);
}

static bool key_exists(struct world *world, const char *key)
{
	g_autoptr(GBytes) bytes = memory_place_look(world->place, key);
	return bytes;
}

static void plans_without_touching(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	prepare(world, &scene);
	autoptr(collect_remote_plan) plan = plan_for(world, scene.live, 3600, false);
	g_assert_cmpuint(plan->items->len, ==, 2);
	g_assert_cmpuint(plan->kept, ==, 3);
	g_assert_true(oid_equal(&g_array_index(plan->items, struct collect_remote_item, 0).oid, &scene.old_folder));
	g_assert_true(oid_equal(&g_array_index(plan->items, struct collect_remote_item, 1).oid, &scene.b));
	g_assert_true(world_remote_has(world, &scene.b));
	g_hash_table_unref(scene.live);
}

static void moves_to_the_trash_and_back(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	struct sync_result result;
	g_autoptr(GError) error = NULL;
	prepare(world, &scene);
	autoptr(collect_remote_plan) plan = plan_for(world, scene.live, 3600, false);
	run(plan, 2);
	g_assert_false(world_remote_has(world, &scene.old_folder));
	g_assert_false(world_remote_has(world, &scene.b));
	g_assert_true(world_remote_has(world, &scene.a));
	g_assert_true(key_exists(world, "README.md"));
	g_assert_true(key_exists(world, "files/md5/ab/note"));
	/* what is in the trash now is not due */
	autoptr(collect_remote_plan) next = plan_for(world, scene.live, 2 * 24 * 3600, false);
	g_assert_cmpuint(next->purge->len, ==, 0);
	autoptr(sync_session) session = world_session(world, SESSION_WRITE);
	sync_result_init(&result);
	g_assert_true(collect_undelete_session(session, &result, &error));
	sync_result_clear(&result);
	g_assert_true(world_remote_has(world, &scene.old_folder));
	g_assert_true(world_remote_has(world, &scene.b));
	g_hash_table_unref(scene.live);
}

/* A push after a collection sends again what it needs: in the trash is as good as gone. */
static void is_undone_by_a_push(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	struct sync_result result;
	prepare(world, &scene);
	autoptr(collect_remote_plan) plan = plan_for(world, scene.live, 3600, false);
	run(plan, 2);
	world_push(world, &result);
	world_expect(&result, 2, 2);
	g_hash_table_unref(scene.live);
}

static void purges_after_the_grace_period(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	prepare(world, &scene);
	memory_place_plant(world->place, ".mlv/trash/2020-01-01/files/md5/aa/x", "long ago");
	autoptr(collect_remote_plan) plan = plan_for(world, scene.live, 14 * 24 * 3600, false);
	g_assert_cmpuint(plan->purge->len, ==, 1);
	g_assert_cmpuint(plan->purge_bytes, ==, 8);
	run(plan, 2);
	g_assert_false(key_exists(world, ".mlv/trash/2020-01-01/files/md5/aa/x"));
	g_hash_table_unref(scene.live);
}

/* As many at once as the remote takes. */
static void deletes_in_batches(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	prepare(world, &scene);
	for (unsigned i = 0; i < 25; i++) {
		g_autofree char *key = g_strdup_printf(".mlv/trash/2020-01-01/files/md5/aa/%u", i);
		memory_place_plant(world->place, key, "x");
	}
	autoptr(collect_remote_plan) plan = plan_for(world, scene.live, 14 * 24 * 3600, false);
	g_assert_cmpuint(plan->purge->len, ==, 25);
	run(plan, 2);
	g_assert_cmpuint(memory_place_count(world->place, TRANSFER_DELETE), ==, 3);
	autoptr(collect_remote_plan) next = plan_for(world, scene.live, 14 * 24 * 3600, false);
	g_assert_cmpuint(next->purge->len, ==, 0);
	g_hash_table_unref(scene.live);
}

/* What was shown to the user must be all that goes. */
static void tells_what_came_since_it_was_shown(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	prepare(world, &scene);
	autoptr(collect_remote_plan) shown = plan_for(world, scene.live, 3600, false);
	autoptr(collect_remote_plan) same = plan_for(world, scene.live, 3600, false);
	g_assert_cmpuint(collect_remote_growth(shown, same), ==, 0);
	g_hash_table_remove(scene.live, &scene.a);
	autoptr(collect_remote_plan) more = plan_for(world, scene.live, 3600, false);
	g_assert_cmpuint(collect_remote_growth(shown, more), ==, 1);
	g_assert_cmpuint(collect_remote_growth(more, shown), ==, 0);
	g_hash_table_unref(scene.live);
}

static void prunes_at_once(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	prepare(world, &scene);
	autoptr(collect_remote_plan) first = plan_for(world, scene.live, 3600, false);
	run(first, 2);
	g_hash_table_remove_all(scene.live);
	autoptr(collect_remote_plan) plan = plan_for(world, scene.live, 3600, true);
	g_assert_cmpuint(plan->purge->len, ==, 2);
	run(plan, 3);
	autoptr(collect_remote_plan) nothing = plan_for(world, scene.live, 3600, true);
	g_assert_cmpuint(nothing->items->len + nothing->purge->len, ==, 0);
	g_hash_table_unref(scene.live);
}

/* A manifest that stays must keep its files. */
static void spares_files_if_a_manifest_stays(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	struct sync_result result;
	g_autoptr(GError) error = NULL;
	prepare(world, &scene);
	world_break(world, &scene.old_folder, TRANSFER_MOVE, FAULT_TRANSIENT);
	autoptr(collect_remote_plan) plan = plan_for(world, scene.live, 3600, false);
	sync_result_init(&result);
	g_assert_false(collect_remote_run(plan, &result, &error));
	g_assert_nonnull(error);
	sync_result_clear(&result);
	g_assert_true(world_remote_has(world, &scene.b));
	g_hash_table_unref(scene.live);
}

/* What could not be listed may hold anything: better no plan than a short one. */
static void makes_no_plan_of_half_a_listing(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct scene scene;
	g_autoptr(GError) error = NULL;
	prepare(world, &scene);
	memory_place_fault(world->place, &(struct fault){FAULT_TRANSIENT, TRANSFER_LIST, "files/md5/", 0});
	autoptr(sync_session) session = world_session(world, SESSION_WRITE);
	struct collect_remote_options options = {3600, false};
	g_assert_null(collect_plan_session(session, scene.live, &options, &error));
	g_assert_error(error, MLV_ERROR, ERROR_TRANSIENT);
	g_hash_table_unref(scene.live);
}

#define ADD(name, test)                                                                                                \
	g_test_add("/collect/sha256/" name, struct world, GUINT_TO_POINTER(OID_SHA256), world_set_up, test,            \
		   world_tear_down);                                                                                   \
	g_test_add("/collect/2x/" name, struct world, GUINT_TO_POINTER(OID_MD5_2X), world_set_up, test, world_tear_down)

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	ADD("plans-without-touching", plans_without_touching);
	ADD("moves-to-the-trash-and-back", moves_to_the_trash_and_back);
	ADD("is-undone-by-a-push", is_undone_by_a_push);
	ADD("purges-after-the-grace-period", purges_after_the_grace_period);
	ADD("deletes-in-batches", deletes_in_batches);
	ADD("tells-what-came-since-it-was-shown", tells_what_came_since_it_was_shown);
	ADD("prunes-at-once", prunes_at_once);
	ADD("spares-files-if-a-manifest-stays", spares_files_if_a_manifest_stays);
	ADD("makes-no-plan-of-half-a-listing", makes_no_plan_of_half_a_listing);
	return g_test_run();
}
