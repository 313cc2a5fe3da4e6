/*
 * The engine over a remote in memory that fails on demand.
 */
#include "../tap.h"
#include "base/clock.h"
#include "base/error.h"
#include "kit.h"
#include "memory-remote.h"

#include <string.h>

struct fixture {
	struct memory_place *place;
	struct remote *remote;
	struct engine *engine;
};

static void set_up(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	fixture->place = memory_place_new();
	g_autofree char *url = memory_place_url(fixture->place);
	autoptr(remote_spec) spec = remote_spec_new("mem", url);
	fixture->remote = remote_open(spec, REMOTE_WRITE, memory_table, &error);
	g_assert_no_error(error);
	fixture->engine = kit_engine();
}

static void tear_down(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	engine_free(fixture->engine);
	remote_free(fixture->remote);
	memory_place_free(fixture->place);
}

static void inject(struct fixture *fixture, enum fault_kind what, int kind, unsigned times)
{
	memory_place_fault(fixture->place, &(struct fault){what, kind, NULL, times});
}

/* PUT one object; how it ended. */
static enum transfer_status put_one(struct fixture *fixture, const char *text, GError **error)
{
	struct load load;
	autoptr(transfer) put = kit_put(&load, text, strlen(text));
	enum transfer_status status = kit_run(fixture->engine, fixture->remote, put);
	load_clear(&load);
	if (put->error)
		g_propagate_error(error, g_steal_pointer(&put->error));
	return status;
}

static enum transfer_status get_one(struct fixture *fixture, const char *text, GError **error)
{
	struct load load;
	autoptr(transfer) get = kit_get(&load, text, strlen(text));
	enum transfer_status status = kit_run(fixture->engine, fixture->remote, get);
	g_assert_true((status == TRANSFER_DONE) == (load.bytes != NULL));
	load_clear(&load);
	if (get->error)
		g_propagate_error(error, g_steal_pointer(&get->error));
	return status;
}

static void retries_what_may_heal(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	inject(fixture, FAULT_TRANSIENT, TRANSFER_PUT, 2);
	g_assert_cmpint(put_one(fixture, "stubborn", NULL), ==, TRANSFER_DONE);
	inject(fixture, FAULT_TRANSIENT, TRANSFER_GET, 2);
	g_assert_cmpint(get_one(fixture, "stubborn", NULL), ==, TRANSFER_DONE);
	g_assert_cmpuint(memory_place_count(fixture->place, TRANSFER_GET), ==, 3);
}

static void gives_an_object_up_after_its_attempts(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	inject(fixture, FAULT_TRANSIENT, TRANSFER_PUT, 0);
	g_assert_cmpint(put_one(fixture, "hopeless", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_TRANSIENT);
	g_assert_true(g_str_has_prefix(error->message, "remote 'mem': gave up after 3 attempts: "));
	g_assert_cmpuint(memory_place_count(fixture->place, TRANSFER_PUT), ==, 3);
}

static void asks_once_more_for_wrong_bytes(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_one(fixture, "precious", NULL);
	inject(fixture, FAULT_CORRUPT, TRANSFER_GET, 1);
	g_assert_cmpint(get_one(fixture, "precious", NULL), ==, TRANSFER_DONE);
	inject(fixture, FAULT_SHORT, TRANSFER_GET, 1);
	g_assert_cmpint(get_one(fixture, "precious", NULL), ==, TRANSFER_DONE);
	g_assert_cmpuint(memory_place_count(fixture->place, TRANSFER_GET), ==, 4);
}

static void reports_bytes_that_stay_wrong(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	static const enum fault_kind faults[] = {FAULT_CORRUPT, FAULT_SHORT};
	put_one(fixture, "precious", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autoptr(GError) error = NULL;
		inject(fixture, faults[i], TRANSFER_GET, 4);
		g_assert_cmpint(get_one(fixture, "precious", &error), ==, TRANSFER_FAILED);
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
		struct oid oid = kit_oid("precious", 8);
		char id[OID_TEXT_MAX];
		g_assert_nonnull(strstr(error->message, oid_text(&oid, id)));
		g_assert_nonnull(strstr(error->message, "mem"));
	}
}

static void notices_what_vanished(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	put_one(fixture, "fleeting", NULL);
	inject(fixture, FAULT_VANISH, TRANSFER_GET, 1);
	g_assert_cmpint(get_one(fixture, "fleeting", &error), ==, TRANSFER_ABSENT);
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
}

/* What is not durable was not done, and is not visible either. */
static void fails_what_could_not_be_flushed(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	memory_place_break_flush(fixture->place, true);
	g_assert_cmpint(put_one(fixture, "volatile", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_IO);
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "volatile", 8);
	g_assert_null(memory_place_look(fixture->place, stat->key));
	memory_place_break_flush(fixture->place, false);
	g_assert_cmpint(put_one(fixture, "volatile", NULL), ==, TRANSFER_DONE);
}

/* Transfers "0" … "n-1" of a kind. */
static GPtrArray *numbers(enum transfer_kind kind, unsigned n)
{
	GPtrArray *transfers = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *key = g_strdup_printf("%u", i);
		g_ptr_array_add(transfers, transfer_new(kind, key));
	}
	return transfers;
}

static void goes_on_after_single_failures(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stats = numbers(TRANSFER_STAT, 500);
	for (unsigned i = 0; i < 500; i++)
		memory_place_plant(fixture->place, ((struct transfer *)g_ptr_array_index(stats, i))->key, "x");
	memory_place_fault(fixture->place, &(struct fault){FAULT_DENY, TRANSFER_STAT, "250", 0});
	memory_place_fault(fixture->place, &(struct fault){FAULT_TRANSIENT, TRANSFER_STAT, "300", 0});
	g_assert_true(kit_run_all(fixture->engine, fixture->remote, stats, &error));
	g_assert_no_error(error);
	for (unsigned i = 0; i < 500; i++) {
		bool bad = i == 250 || i == 300;
		g_assert_cmpint(((struct transfer *)g_ptr_array_index(stats, i))->status, ==,
				bad ? TRANSFER_FAILED : TRANSFER_DONE);
	}
}

/* A wrong password must not be tried 10,000 times. */
static void stops_when_locked_out(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stats = numbers(TRANSFER_STAT, 10000);
	inject(fixture, FAULT_DENY, TRANSFER_STAT, 0);
	g_assert_false(kit_run_all(fixture->engine, fixture->remote, stats, &error));
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_cmpuint(memory_place_count(fixture->place, TRANSFER_STAT), <, 100);
}

static void stops_when_nothing_goes_through(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stats = numbers(TRANSFER_STAT, 10000);
	inject(fixture, FAULT_TRANSIENT, TRANSFER_STAT, 0);
	g_assert_false(kit_run_all(fixture->engine, fixture->remote, stats, &error));
	g_assert_error(error, MLV_ERROR, ERROR_TRANSIENT);
	g_assert_nonnull(strstr(error->message, "failures in a row"));
	g_assert_cmpuint(memory_place_count(fixture->place, TRANSFER_STAT), <, 1000);
}

/* One failed attempt in ten: nothing may be lost. */
static void bears_many_faults(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	enum { COUNT = 600 };
	struct load *loads = g_new0(struct load, COUNT);
	g_autoptr(GPtrArray) puts = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < COUNT; i++) {
		char text[32];
		g_snprintf(text, sizeof(text), "object %u", i);
		g_ptr_array_add(puts, kit_put(&loads[i], text, strlen(text)));
	}
	for (unsigned i = 0; i < COUNT; i += 10) {
		const struct transfer *put = g_ptr_array_index(puts, i);
		memory_place_fault(fixture->place, &(struct fault){FAULT_TRANSIENT, TRANSFER_PUT, put->key, 2});
	}
	g_autoptr(GError) error = NULL;
	g_assert_true(kit_run_all(fixture->engine, fixture->remote, puts, &error));
	for (unsigned i = 0; i < COUNT; i++) {
		const struct transfer *put = g_ptr_array_index(puts, i);
		g_assert_cmpint(put->status, ==, TRANSFER_DONE);
		g_autoptr(GBytes) there = memory_place_look(fixture->place, put->key);
		g_assert_true(g_bytes_equal(there, loads[i].bytes));
		load_clear(&loads[i]);
	}
	g_free(loads);
}

/* Flushes come in batches also while work goes on, and at the end for the rest. */
static void flushes_in_batches(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	struct engine_options options = {.jobs = 2, .flush_count = 7};
	autoptr(engine) engine = engine_new(&options, &error);
	struct load loads[100];
	g_autoptr(GPtrArray) puts = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < 100; i++) {
		char text[32];
		g_snprintf(text, sizeof(text), "batched %u", i);
		g_ptr_array_add(puts, kit_put(&loads[i], text, strlen(text)));
	}
	g_assert_true(kit_run_all(engine, fixture->remote, puts, &error));
	for (unsigned i = 0; i < 100; i++) {
		g_assert_cmpint(((struct transfer *)g_ptr_array_index(puts, i))->status, ==, TRANSFER_DONE);
		load_clear(&loads[i]);
	}
}

/* A watch that adds up what it is told. */
struct counting_watch {
	struct watch watch;
	uint64_t items, bytes, started, retries;
};

static void count_start(struct watch *watch, const char *name)
{
	g_assert_cmpstr(name, ==, "the object");
	((struct counting_watch *)watch)->started++;
}

static void count_retry(struct watch *watch, const char *name, const char *reason)
{
	g_assert_cmpstr(name, ==, "the object");
	g_assert_nonnull(strstr(reason, "as the test wants it"));
	((struct counting_watch *)watch)->retries++;
}

static void count_advance(struct watch *watch, const char *name, uint64_t items, uint64_t bytes)
{
	(void)name;
	struct counting_watch *counting = (struct counting_watch *)watch;
	counting->items += items;
	counting->bytes += bytes;
}

static void reports_progress_and_keeps_the_rate(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	enum { LENGTH = 300000 };
	struct counting_watch watch = {.watch = {.advance = count_advance}};
	struct engine_options options = {.jobs = 4, .max_rate = 400000, .watch = &watch.watch};
	g_autoptr(GError) error = NULL;
	autoptr(engine) engine = engine_new(&options, &error);
	g_autofree char *data = g_malloc0(LENGTH);
	struct load loads[2];
	g_autoptr(GPtrArray) puts = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < 2; i++) {
		data[0] = (char)('a' + i);
		g_ptr_array_add(puts, kit_put(&loads[i], data, LENGTH));
	}
	int64_t start = clock_steady_us();
	g_assert_true(kit_run_all(engine, fixture->remote, puts, &error));
	int64_t took = clock_steady_us() - start;
	/* 600,000 bytes, of which half a second's worth are free: one second at 400,000 a second */
	g_assert_cmpint(took, >=, 900000);
	g_assert_cmpint(took, <, 5000000);
	g_assert_cmpuint(watch.items, ==, 2);
	g_assert_cmpuint(watch.bytes, ==, 2 * LENGTH);
	load_clear(&loads[0]);
	load_clear(&loads[1]);
}

static void tells_what_begins_and_what_is_tried_again(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	struct counting_watch watch = {.watch = {.advance = count_advance, .start = count_start, .retry = count_retry}};
	struct engine_options options = {.jobs = 1, .backoff_ms = 1, .watch = &watch.watch};
	g_autoptr(GError) error = NULL;
	autoptr(engine) engine = engine_new(&options, &error);
	struct load load;
	autoptr(transfer) put = kit_put(&load, "text", 4);
	put->label = "the object";
	memory_place_fault(fixture->place, &(struct fault){FAULT_TRANSIENT, TRANSFER_PUT, NULL, 2});
	g_assert_cmpint(kit_run(engine, fixture->remote, put), ==, TRANSFER_DONE);
	g_assert_cmpuint(watch.started, ==, 1);
	g_assert_cmpuint(watch.retries, ==, 2);
	g_assert_cmpuint(watch.items, ==, 1);
	load_clear(&load);
}

static void does_nothing_without_work(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_assert_true(kit_run_all(fixture->engine, fixture->remote, none, &error));
}

#define ADD(name, test) g_test_add("/engine/" name, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	ADD("retries-what-may-heal", retries_what_may_heal);
	ADD("gives-an-object-up-after-its-attempts", gives_an_object_up_after_its_attempts);
	ADD("asks-once-more-for-wrong-bytes", asks_once_more_for_wrong_bytes);
	ADD("reports-bytes-that-stay-wrong", reports_bytes_that_stay_wrong);
	ADD("notices-what-vanished", notices_what_vanished);
	ADD("fails-what-could-not-be-flushed", fails_what_could_not_be_flushed);
	ADD("goes-on-after-single-failures", goes_on_after_single_failures);
	ADD("stops-when-locked-out", stops_when_locked_out);
	ADD("stops-when-nothing-goes-through", stops_when_nothing_goes_through);
	ADD("bears-many-faults", bears_many_faults);
	ADD("flushes-in-batches", flushes_in_batches);
	ADD("reports-progress-and-keeps-the-rate", reports_progress_and_keeps_the_rate);
	ADD("tells-what-begins-and-what-is-tried-again", tells_what_begins_and_what_is_tried_again);
	ADD("does-nothing-without-work", does_nothing_without_work);
	return g_test_run();
}
