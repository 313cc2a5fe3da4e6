#include "workspace/crew.h"

/* Jobs under way for each thread: enough that none waits, few enough to stay small. */
#define JOBS_A_THREAD 16

/* How often the meter is read while no job is done. */
#define METER_US 100000

void crew_init(struct crew *crew, unsigned threads, pool_work work, void *shared, crew_done done, void *user)
{
	crew->pool = threads ? pool_new(threads, work, shared) : NULL;
	crew->limit = threads * JOBS_A_THREAD;
	crew->work = work;
	crew->shared = shared;
	crew->done = done;
	crew->user = user;
	crew->watch = NULL;
	crew->meter = (struct meter){0};
}

void crew_watch(struct crew *crew, struct watch *watch)
{
	crew->watch = watch;
}

/* The next finished job goes to done(). */
static void take(struct crew *crew)
{
	void *job;

	do {
		job = pool_pop(crew->pool, crew->watch ? METER_US : -1);
		if (crew->watch)
			watch_advance(crew->watch, NULL, 0, meter_take(&crew->meter));
	} while (!job);
	crew->done(job, crew->user);
}

/* Do it here and now. */
static void work_alone(struct crew *crew, void *job)
{
	crew->work(job, crew->shared);
	if (crew->watch)
		watch_advance(crew->watch, NULL, 0, meter_take(&crew->meter));
	crew->done(job, crew->user);
}

void crew_push(struct crew *crew, void *job)
{
	if (!crew->pool) {
		work_alone(crew, job);
		return;
	}
	if (pool_pending(crew->pool) >= crew->limit)
		take(crew);
	pool_push(crew->pool, job);
}

void crew_finish(struct crew *crew)
{
	while (crew->pool && pool_pending(crew->pool))
		take(crew);
	g_clear_pointer(&crew->pool, pool_free);
}
