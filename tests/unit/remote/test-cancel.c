/*
 * Ctrl-C in the middle of transfers: over within a second, nothing half-made left. The cancel flag stays set, so this
 * is a program of its own and its tests share one interruption each way.
 */
#include "../tap.h"
#include "backend/table.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "kit.h"

#include <string.h>

#define LENGTH 400000
#define COUNT  6

static gpointer interrupt(gpointer unused)
{
	g_usleep(200000);
	cancel_request();
	return unused;
}

static void is_over_within_a_second(void)
{
	g_autoptr(GError) error = NULL;
	autoptr(remote_spec) spec = remote_spec_new("disk", tap_tmpdir());
	struct remote *remote = remote_open(spec, REMOTE_WRITE, remote_table, &error);
	g_assert_no_error(error);
	/* so slow that it would take minutes */
	struct engine_options options = {.jobs = 2, .max_rate = 10000};
	struct engine *engine = engine_new(&options, &error);
	struct load loads[COUNT];
	g_autofree char *data = g_malloc0(LENGTH);
	g_autoptr(GPtrArray) puts = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < COUNT; i++) {
		data[0] = (char)i;
		g_ptr_array_add(puts, kit_put(&loads[i], data, LENGTH));
	}
	GThread *user = g_thread_new("user", interrupt, NULL);
	int64_t start = clock_steady_us();
	g_assert_false(kit_run_all(engine, remote, puts, &error));
	g_assert_cmpint(clock_steady_us() - start, <, 1200000);
	g_assert_error(error, MLV_ERROR, ERROR_CANCELLED);
	for (unsigned i = 0; i < COUNT; i++) {
		const struct transfer *put = g_ptr_array_index(puts, i);
		g_assert_cmpint(put->status, !=, TRANSFER_DONE);
		g_assert_true(!put->error || error_is(put->error, ERROR_CANCELLED));
		load_clear(&loads[i]);
	}
	g_thread_join(user);
	engine_free(engine);
	remote_free(remote);
	g_autofree char *batches = g_build_filename(tap_tmpdir(), ".mlv/tmp", NULL);
	g_assert_cmpint(rmdir(batches), ==, 0); /* empty */
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/engine/is-over-within-a-second", is_over_within_a_second);
	return g_test_run();
}
