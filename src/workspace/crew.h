/*
 * crew: many small jobs through a pool with bounded memory: never more than a few for each thread are under way, and
 * each is handed back to the main thread as it is done.
 */
#ifndef WORKSPACE_CREW_H
#define WORKSPACE_CREW_H

#include "base/meter.h"
#include "base/pool.h"
#include "base/watch.h"

/* Called on the main thread for each finished job, which it frees. */
typedef void (*crew_done)(void *job, void *user);

struct crew {
	struct pool *pool; /* NULL: there are no threads */
	unsigned limit; /* jobs under way */
	pool_work work;
	void *shared;
	crew_done done;
	void *user;
	struct watch *watch; /* told about the meter while jobs are under way; NULL unless crew_watch() was called */
	struct meter meter;  /* for jobs to count bytes in */
};

/* Start with so many threads; `shared` goes to work(). With none each job is done as it is handed in, which little work is worth. */
void crew_init(struct crew *crew, unsigned threads, pool_work work, void *shared, crew_done done, void *user);

/* From now on report the bytes that jobs count in crew->meter to watch: done() then reports items only. */
void crew_watch(struct crew *crew, struct watch *watch);

/* Hand in a job; when enough are under way, first wait for one and pass it to done(). */
void crew_push(struct crew *crew, void *job);

/* Pass the rest to done() and end the threads. */
void crew_finish(struct crew *crew);

#endif
