/*
 * pool: worker threads that take jobs and hand them back.
 *
 * The main thread owns all state: it pushes jobs and pops finished ones; a worker sees only its job and the read-only
 * `shared` pointer. At every moment one side owns a job: the caller until pool_push() and after pool_pop(), the pool
 * between.
 *
 *	autoptr(pool) pool = pool_new(n, work, &shared);
 *	while (...) { if (pool_pending(pool) >= limit) take(pool_pop(pool, -1)); pool_push(pool, job); }
 *	while ((job = pool_pop(pool, -1))) take(job);
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct pool;

/* One job's work, on a worker thread. Results and errors go into the job. */
typedef void (*pool_work)(void *job, void *shared);

/* Start a pool of `threads` workers (at least 1) over GThreadPool. Never fails. */
struct pool *pool_new(unsigned threads, pool_work work, void *shared);

/* The number of workers that suits this machine: the processors this process may run on, at least 1, at most 64. */
unsigned pool_default_threads(void);

/* Hand a job to the workers. Never blocks. Main thread only. */
void pool_push(struct pool *pool, void *job);

/*
 * The next finished job, waiting at most `timeout_us` (-1: as long as jobs are pending). NULL if none came in time or
 * none is pending. Main thread only.
 */
void *pool_pop(struct pool *pool, int64_t timeout_us);

/* Jobs pushed and not yet popped. */
unsigned pool_pending(const struct pool *pool);

/* Have `wake(user)` called by a worker after each finished job, to end another wait of the main thread. Set first. */
void pool_set_wake(struct pool *pool, void (*wake)(void *user), void *user);

/* Wait for all jobs, also queued ones, to be worked, then free the pool. Jobs not popped are the caller's to find. */
void pool_free(struct pool *pool);

AUTO_DEFINE(pool, pool_free);

#endif
