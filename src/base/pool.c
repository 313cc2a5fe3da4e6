#include "base/pool.h"

#include <stdatomic.h>

#define THREADS_MAX 64

struct pool {
	GThreadPool *threads;
	GAsyncQueue *done;
	pool_work work;
	void *shared;
	void (*wake)(void *user);
	void *wake_user;
	unsigned pending; /* main thread only */
	/*
	 * Bumped by whoever hands a job over, read by whoever takes one. The locks in GLib already order the two; this
	 * says it once more in code that ThreadSanitizer can see, because it does not see into GLib.
	 */
	atomic_uint handed;
};

static void hand_over(struct pool *pool)
{
	atomic_fetch_add_explicit(&pool->handed, 1, memory_order_release);
}

static void take_over(struct pool *pool)
{
	atomic_load_explicit(&pool->handed, memory_order_acquire);
}

static void run_job(gpointer job, gpointer user)
{
	struct pool *pool = user;

	take_over(pool);
	pool->work(job, pool->shared);
	hand_over(pool);
	g_async_queue_push(pool->done, job);
	if (pool->wake)
		pool->wake(pool->wake_user);
	hand_over(pool);
}

struct pool *pool_new(unsigned threads, pool_work work, void *shared)
{
	struct pool *pool = g_new0(struct pool, 1);

	pool->work = work;
	pool->shared = shared;
	pool->done = g_async_queue_new();
	/* Not exclusive: threads start when jobs come, so a pool that is given little work costs little. */
	pool->threads = g_thread_pool_new(run_job, pool, (int)CLAMP(threads, 1, THREADS_MAX), FALSE, NULL);
	return pool;
}

unsigned pool_default_threads(void)
{
	return CLAMP(g_get_num_processors(), 1, THREADS_MAX);
}

void pool_push(struct pool *pool, void *job)
{
	pool->pending++;
	hand_over(pool);
	/* A refused thread is no harm as long as there is another one: the job is in the queue all the same. */
	if (!g_thread_pool_push(pool->threads, job, NULL) && g_thread_pool_get_num_threads(pool->threads) == 0)
		g_error("cannot start a worker thread");
}

void *pool_pop(struct pool *pool, int64_t timeout_us)
{
	void *job;

	if (pool->pending == 0)
		return NULL;
	if (timeout_us < 0)
		job = g_async_queue_pop(pool->done);
	else
		job = g_async_queue_timeout_pop(pool->done, (guint64)timeout_us);
	if (!job)
		return NULL;
	take_over(pool);
	pool->pending--;
	return job;
}

unsigned pool_pending(const struct pool *pool)
{
	return pool->pending;
}

void pool_set_wake(struct pool *pool, void (*wake)(void *user), void *user)
{
	pool->wake_user = user;
	pool->wake = wake;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	g_thread_pool_free(pool->threads, FALSE, TRUE);
	take_over(pool);
	g_async_queue_unref(pool->done);
	g_free(pool);
}
