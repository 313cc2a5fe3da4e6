#include "base/clock.h"
#include "base/pool.h"

#include "../tap.h"

#include <stdatomic.h>

enum { JOBS = 10000 };

struct job {
	int input;
	int64_t output;
	int delay_us;
};

static void square(void *data, void *shared)
{
	struct job *job = data;
	const int *factor = shared;

	if (job->delay_us)
		g_usleep((gulong)job->delay_us);
	job->output = (int64_t)job->input * job->input * *factor;
}

/* Push all jobs, at most `limit` on the way, and see that each comes back once and worked. */
static void run_all(unsigned threads, unsigned limit)
{
	int factor = 3;
	autoptr(pool) pool = pool_new(threads, square, &factor);
	g_autofree struct job *jobs = g_new0(struct job, JOBS);
	g_autofree bool *seen = g_new0(bool, JOBS);
	struct job *done;
	int next = 0, back = 0;

	while (next < JOBS || pool_pending(pool)) {
		if (next < JOBS && pool_pending(pool) < limit) {
			jobs[next].input = next;
			pool_push(pool, &jobs[next++]);
			continue;
		}
		done = pool_pop(pool, -1);
		g_assert_nonnull(done);
		g_assert_false(seen[done->input]);
		seen[done->input] = true;
		g_assert_cmpint(done->output, ==, (int64_t)done->input * done->input * 3);
		back++;
	}
	g_assert_cmpint(back, ==, JOBS);
	g_assert_null(pool_pop(pool, -1));
}

static void works_off_many_jobs(void)
{
	run_all(1, 1);
	run_all(1, JOBS);
	run_all(4, 16);
	run_all(8, JOBS);
}

static void pop_waits_as_told(void)
{
	int factor = 1;
	autoptr(pool) pool = pool_new(1, square, &factor);
	struct job slow = {.input = 2, .delay_us = 100000};
	int64_t start = clock_steady_us();

	g_assert_null(pool_pop(pool, -1));
	g_assert_null(pool_pop(pool, 1000000));
	g_assert_cmpint(clock_steady_us() - start, <, 900000);
	pool_push(pool, &slow);
	g_assert_cmpuint(pool_pending(pool), ==, 1);
	g_assert_null(pool_pop(pool, 0));
	g_assert_null(pool_pop(pool, 10000));
	g_assert_cmpuint(pool_pending(pool), ==, 1);
	g_assert_true(pool_pop(pool, -1) == &slow);
	g_assert_cmpint(slow.output, ==, 4);
	g_assert_cmpuint(pool_pending(pool), ==, 0);
}

static void free_finishes_what_is_queued(void)
{
	int factor = 1;
	struct pool *pool = pool_new(2, square, &factor);
	struct job jobs[20];

	for (int i = 0; i < 20; i++) {
		jobs[i] = (struct job){.input = i + 1, .delay_us = 1000};
		pool_push(pool, &jobs[i]);
	}
	pool_free(pool);
	for (int i = 0; i < 20; i++)
		g_assert_cmpint(jobs[i].output, ==, (i + 1) * (i + 1));
	pool_free(NULL);
}

static void count_wake(void *user)
{
	atomic_fetch_add((atomic_int *)user, 1);
}

static void wakes_after_each_job(void)
{
	int factor = 1;
	struct pool *pool = pool_new(3, square, &factor);
	struct job jobs[50] = {0};
	atomic_int wakes = 0;

	pool_set_wake(pool, count_wake, &wakes);
	for (int i = 0; i < 50; i++)
		pool_push(pool, &jobs[i]);
	for (int i = 0; i < 50; i++)
		g_assert_nonnull(pool_pop(pool, -1));
	pool_free(pool);
	g_assert_cmpint(atomic_load(&wakes), ==, 50);
}

static void default_suits_the_machine(void)
{
	g_assert_cmpuint(pool_default_threads(), >=, 1);
	g_assert_cmpuint(pool_default_threads(), <=, 64);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/pool/works-off-many-jobs", works_off_many_jobs);
	g_test_add_func("/pool/pop-waits-as-told", pop_waits_as_told);
	g_test_add_func("/pool/free-finishes-what-is-queued", free_finishes_what_is_queued);
	g_test_add_func("/pool/wakes-after-each-job", wakes_after_each_job);
	g_test_add_func("/pool/default-suits-the-machine", default_suits_the_machine);
	return g_test_run();
}
