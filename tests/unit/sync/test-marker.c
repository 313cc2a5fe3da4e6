/* A collection of garbage and a push at the same remote, in all orders of their steps: see sync/marker.h. */
#include "../tap.h"
#include "remote/layout.h"
#include "sync/collect-remote-int.h"
#include "sync/marker.h"
#include "sync/sync-int.h"
#include "world.h"

#include <pthread.h>
#include <string.h>

/* Files of the old folder, which becomes garbage; the new one shares them, but for one. */
#define COUNT 12

/* Steps whose order is laid down: more than both make together. */
#define ORDER_LENGTH 60

enum { COLLECTOR, PUSHER, CLIENTS };

/* Whose step is next: the bits of `order`, from the lowest; when they are used up or one has ended, who comes first. */
struct schedule {
	pthread_mutex_t mutex;
	pthread_cond_t moved;
	uint64_t order;
	unsigned left; /* bits */
	bool ended[CLIENTS];
};

static void schedule_set_up(struct schedule *schedule, uint64_t order, unsigned length)
{
	*schedule = (struct schedule){.order = order, .left = length};
	pthread_mutex_init(&schedule->mutex, NULL);
	pthread_cond_init(&schedule->moved, NULL);
}

static bool may_go(const struct schedule *schedule, unsigned who)
{
	return schedule->left == 0 || schedule->ended[!who] || (schedule->order & 1) == who;
}

static void wait_for_turn(unsigned who, void *user)
{
	struct schedule *schedule = user;
	pthread_mutex_lock(&schedule->mutex);
	while (!may_go(schedule, who))
		pthread_cond_wait(&schedule->moved, &schedule->mutex);
	if (schedule->left && !schedule->ended[!who]) {
		schedule->order >>= 1;
		schedule->left--;
	}
	pthread_cond_broadcast(&schedule->moved);
	pthread_mutex_unlock(&schedule->mutex);
}

static void end(struct schedule *schedule, unsigned who)
{
	pthread_mutex_lock(&schedule->mutex);
	schedule->ended[who] = true;
	pthread_cond_broadcast(&schedule->moved);
	pthread_mutex_unlock(&schedule->mutex);
}

/* A session of one step at a time for one of the clients. */
static struct sync_session *open_session(struct world *world, unsigned who, enum session_mode mode)
{
	g_autoptr(GError) error = NULL;
	struct engine_options engine_options = {.jobs = 1, .attempts = 1, .backoff_ms = 1, .flush_count = 1};
	g_autofree char *url = g_strdup_printf("%s#%u", world->spec->url, who);
	g_free(world->spec->url);
	world->spec->url = g_steal_pointer(&url);
	struct sync_session *session =
		sync_session_new(world->store, world->spec, mode, &engine_options, &world->options, &error);
	g_assert_no_error(error);
	g_assert_true(sync_session_connect(session, &error));
	*strchr(world->spec->url, '#') = '\0';
	return session;
}

struct pusher {
	struct sync_session *session;
	const GPtrArray *wants;
	struct schedule *schedule;
	struct sync_result result;
	bool fine;
};

static void *push_thread(void *user)
{
	struct pusher *pusher = user;
	sync_result_init(&pusher->result);
	pusher->fine = push_session(pusher->session, pusher->wants, &pusher->result, NULL);
	end(pusher->schedule, PUSHER);
	return NULL;
}

/* Push a folder, with nothing else going on. */
static void push(struct world *world, const struct oid *folder, bool verify, struct sync_result *result)
{
	g_autoptr(GError) error = NULL;
	autoptr(sync_session) session = open_session(world, PUSHER, SESSION_WRITE);
	session->verify = verify;
	sync_result_init(result);
	g_ptr_array_set_size(world->wants, 0);
	world_want(world, folder, "folder");
	g_assert_true(push_session(session, world->wants, result, &error));
}

/* The old folder on the remote, and a plan to collect all of it. */
static struct collect_remote_plan *prepare(struct world *world, const struct oid *old, GHashTable *live, bool prune)
{
	g_autoptr(GError) error = NULL;
	struct sync_result result;
	struct collect_remote_options options = {3600, prune};
	push(world, old, false, &result);
	sync_result_clear(&result);
	struct sync_session *session = open_session(world, COLLECTOR, SESSION_COLLECT);
	struct collect_remote_plan *plan = collect_plan_session(session, live, &options, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(plan->items->len, ==, COUNT + 1);
	return plan;
}

/* The folders of all orders, put once: that takes longer than anything else. */
struct folders {
	struct oid old, new;
};

/* Whatever the order is, in the end what the push vouches for is there. */
static void run_order(struct world *world, const struct folders *folders, uint64_t order, bool prune)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) live = g_hash_table_new(oid_hash, oid_equal_key);
	autoptr(collect_remote_plan) plan = prepare(world, &folders->old, live, prune);
	g_autoptr(GPtrArray) wants = sync_wants_new();
	sync_wants_add(wants, &folders->new, STORE_ANY_SIZE, "folder", "", NULL);
	struct schedule schedule;
	schedule_set_up(&schedule, order, ORDER_LENGTH);
	struct pusher pusher = {.session = open_session(world, PUSHER, SESSION_WRITE), .wants = wants, .schedule = &schedule};
	struct sync_result result;
	pthread_t thread;

	hints_note(pusher.session->hints, &folders->old, "folder");

	memory_place_turnstile(world->place, wait_for_turn, &schedule);
	g_assert_cmpint(pthread_create(&thread, NULL, push_thread, &pusher), ==, 0);
	sync_result_init(&result);
	g_assert_true(collect_remote_run(plan, &result, &error));
	end(&schedule, COLLECTOR);
	g_assert_cmpint(pthread_join(thread, NULL), ==, 0);
	memory_place_turnstile(world->place, NULL, NULL);
	g_assert_true(pusher.fine);
	g_assert_cmpuint(pusher.result.failed, ==, 0);
	g_assert_cmpuint(result.failed, ==, 0);
	sync_result_clear(&pusher.result);
	sync_result_clear(&result);
	sync_session_free(pusher.session);
	push(world, &folders->new, true, &result);
	world_expect(&result, 0, COUNT + 1);
}

/* A fresh place for each order. */
static void with_order(struct world *world, const struct folders *folders, uint64_t order, bool prune)
{
	memory_place_free(world->place);
	world->place = memory_place_new();
	g_free(world->spec->url);
	world->spec->url = memory_place_url(world->place);
	run_order(world, folders, order, prune);
}

static struct folders put_folders(struct world *world)
{
	return (struct folders){world_put_large(world, "old", COUNT), world_put_large(world, "new", COUNT)};
}

/* First all of one's steps up to some point, then all of the other's. */
static void one_within_the_other(struct world *world, gconstpointer algo)
{
	(void)algo;
	const struct folders folders = put_folders(world);
	for (unsigned prune = 0; prune < 2; prune++)
		for (unsigned first = 0; first < 40; first++) {
			/* the collector's first steps, then the push; the push's first steps, then the collection */
			with_order(world, &folders, ~UINT64_C(0) << first, prune);
			with_order(world, &folders, (UINT64_C(1) << first) - 1, prune);
		}
}

/* By turns of all kinds: the same at every run. */
static void by_turns(struct world *world, gconstpointer algo)
{
	(void)algo;
	const struct folders folders = put_folders(world);
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261121);
	for (unsigned i = 0; i < 100; i++)
		with_order(world, &folders, (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand), i % 2);
}

/* Somebody else's sign. */
static void plant(struct world *world, int64_t age, const char *text, const char *suffix)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(g_get_real_time() / G_USEC_PER_SEC - age);
	g_autofree char *name = g_date_time_format(time, "%Y%m%dT%H%M%SZ");
	g_autofree char *key = g_strdup_printf(".mlv/collecting/%s-0badcafe%s", name, suffix);
	memory_place_plant(world->place, key, text);
}

static unsigned count_markers(struct world *world)
{
	g_autoptr(GError) error = NULL;
	autoptr(sync_session) session = open_session(world, COLLECTOR, SESSION_READ);
	g_autoptr(GPtrArray) markers = marker_list(session, &error);
	g_assert_no_error(error);
	return markers->len;
}

static void two_collections_do_not_mix(struct world *world, gconstpointer algo)
{
	(void)algo;
	g_autoptr(GHashTable) live = g_hash_table_new(oid_hash, oid_equal_key);
	struct collect_remote_options options = {3600, false};
	g_autoptr(GError) error = NULL;
	plant(world, 60, "another-host.example 1\n", "");
	autoptr(sync_session) session = open_session(world, COLLECTOR, SESSION_COLLECT);
	g_assert_null(collect_plan_session(session, live, &options, &error));
	g_assert_error(error, MLV_ERROR, ERROR_BUSY);
	/* to look is allowed */
	struct sync_session *reader = open_session(world, COLLECTOR, SESSION_READ);
	autoptr(collect_remote_plan) plan = collect_plan_session(reader, live, &options, NULL);
	g_assert_nonnull(plan);
}

/* A collector that was killed after it had taken out what a push relied on: the next one puts that back. */
static void the_next_one_ends_what_was_killed(struct world *world, gconstpointer algo)
{
	(void)algo;
	static const struct {
		int64_t age;
		const char *text; /* NULL: this host, and a process that has ended */
	} dead[] = {{2 * 24 * 3600, "another-host.example 1\n"}, {60, NULL}};
	for (size_t i = 0; i < G_N_ELEMENTS(dead); i++) {
		g_autoptr(GHashTable) live = g_hash_table_new(oid_hash, oid_equal_key);
		g_autoptr(GError) error = NULL;
		g_autofree char *own = g_strdup_printf("%s 2147483647\n", g_get_host_name());
		struct collect_remote_options options = {3600, false};
		struct oid folder = world_put_large(world, "new", COUNT), some = world_oid(world, "text 1");
		struct sync_result result;
		g_ptr_array_set_size(world->wants, 0);
		world_want(world, &folder, "folder");
		world_push(world, &result);
		sync_result_clear(&result);
		g_autofree char *key = layout_key(&some), *trash = layout_trash_key(key, "2026-11-20");
		memory_place_plant(world->place, key, NULL);
		memory_place_plant(world->place, trash, "text 1");
		plant(world, dead[i].age, dead[i].text ? dead[i].text : own, "");
		struct sync_session *session = open_session(world, COLLECTOR, SESSION_COLLECT);
		autoptr(collect_remote_plan) plan = collect_plan_session(session, live, &options, &error);
		g_assert_no_error(error);
		g_assert_true(world_remote_has(world, &some));
		g_assert_cmpuint(count_markers(world), ==, 0);
		g_assert_cmpuint(plan->items->len, ==, COUNT + 1);
	}
}

/* A push that sees the sign of a recent collection asks again; of one long ago, or a stranger's key, it does not. */
static void a_push_heeds_recent_markers(struct world *world, gconstpointer algo)
{
	(void)algo;
	struct sync_result result;
	static const char *const texts[] = {"first", "second", "third", "fourth"};
	memory_place_plant(world->place, ".mlv/collecting/README", "not a marker");
	memory_place_plant(world->place, ".mlv/collecting/20261121T110306", "not a marker");
	plant(world, 3 * 24 * 3600, "", ".done");
	unsigned asked[G_N_ELEMENTS(texts)];
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct oid folder = world_put_large(world, texts[i], COUNT);
		if (i == 3)
			plant(world, 3600, "", ".done");
		unsigned before = memory_place_count(world->place, TRANSFER_STAT);
		g_ptr_array_set_size(world->wants, 0);
		world_want(world, &folder, "folder");
		world_push(world, &result);
		world_expect(&result, i ? 2 : COUNT + 1, i ? COUNT - 1 : 0);
		asked[i] = memory_place_count(world->place, TRANSFER_STAT) - before;
	}
	g_assert_cmpuint(asked[1], ==, asked[2]);
	g_assert_cmpuint(asked[3], >, asked[2]);
}

/* Done ones stay for a week. */
static void old_markers_go(struct world *world, gconstpointer algo)
{
	(void)algo;
	g_autoptr(GHashTable) live = g_hash_table_new(oid_hash, oid_equal_key);
	g_autoptr(GError) error = NULL;
	struct sync_result result;
	plant(world, 8 * 24 * 3600, "", ".done");
	plant(world, 6 * 24 * 3600, "", ".done");
	const struct oid old = world_put_large(world, "old", COUNT);
	autoptr(collect_remote_plan) plan = prepare(world, &old, live, false);
	sync_result_init(&result);
	g_assert_true(collect_remote_run(plan, &result, &error));
	world_expect(&result, COUNT + 1, 0);
	g_assert_cmpuint(count_markers(world), ==, 2); /* the young one and ours */
}

#define ADD(name, test)                                                                                                \
	g_test_add("/marker/" name, struct world, GUINT_TO_POINTER(OID_SHA256), world_set_up, test, world_tear_down)

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	ADD("one-within-the-other", one_within_the_other);
	ADD("by-turns", by_turns);
	ADD("two-collections-do-not-mix", two_collections_do_not_mix);
	ADD("the-next-one-ends-what-was-killed", the_next_one_ends_what_was_killed);
	ADD("a-push-heeds-recent-markers", a_push_heeds_recent_markers);
	ADD("old-markers-go", old_markers_go);
	return g_test_run();
}
