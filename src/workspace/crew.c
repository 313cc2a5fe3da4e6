#include "workspace/crew.h"

/* Jobs under way for each thread: enough that none waits, few enough to stay small. */
#define JOBS_A_THREAD 16

void crew_init(struct crew *crew, unsigned threads, pool_work work, void *shared, crew_done done, void *user)
{
	crew->pool = pool_new(threads, work, shared);
	crew->limit = threads * JOBS_A_THREAD;
	crew->done = done;
	crew->user = user;
}

void crew_push(struct crew *crew, void *job)
{
	if (pool_pending(crew->pool) >= crew->limit)
		crew->done(pool_pop(crew->pool, -1), crew->user);
	pool_push(crew->pool, job);
}

void crew_finish(struct crew *crew)
{
	void *job;

	while ((job = pool_pop(crew->pool, -1)))
		crew->done(job, crew->user);
	g_clear_pointer(&crew->pool, pool_free);
}
