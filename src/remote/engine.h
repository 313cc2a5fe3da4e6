/*
 * engine: performs transfers: many at once, with retries, back-off, flushes in batches, one rate limit, progress and
 * Ctrl-C. The one place where these live, for every body.
 *
 * It pulls work when it has room, so that a plan of any length costs no more memory than the transfers under way and
 * those that wait for a flush. Single failures are told through done() and do not stop the rest. Main thread only.
 *
 *	autoptr(engine) engine = engine_new(&options, &error);
 *	engine_run(engine, remote, &(struct engine_work){ next, done, &state }, &error);    as often as wanted
 */
#ifndef REMOTE_ENGINE_H
#define REMOTE_ENGINE_H

#include "base/auto.h"
#include "base/watch.h"
#include "remote/remote.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct engine_options {
	unsigned jobs;        /* transfers at once; 0: what suits this machine and the remote bears */
	unsigned stall;       /* seconds after which a request that hardly moves is dropped; 0: 60 */
	uint64_t max_rate;    /* bytes a second; 0: no limit */
	unsigned attempts;    /* of one step, the first included; 0: five */
	unsigned backoff_ms;  /* before the first retry, doubled for each further one; 0: 500 */
	unsigned flush_count; /* flush when so many transfers wait for it; 0: 10,000 */
	uint64_t flush_bytes; /* or so many bytes; 0: 4 GiB */
	struct watch *watch;  /* told about every byte and every finished transfer; may be NULL */
};

struct engine;

/* Set one up; threads start with it. */
struct engine *engine_new(const struct engine_options *options, GError **error);

/* Wait for the threads and free it. */
void engine_free(struct engine *engine);

AUTO_DEFINE(engine, engine_free);

/* Where work comes from and goes back to. */
struct engine_work {
	struct transfer *(*next)(void *user); /* the next one; NULL: no more in this run */
	void (*done)(struct transfer *transfer,
		     void *user); /* it ended: status and error tell how; the caller's again */
	void *user;
};

/*
 * Perform all work at the remote. What done() was told to be DONE is durable there. true once everything was tried;
 * false with the error set if it stopped early and the rest was never asked for: after too many failures in a row, as
 * of a full disk or a wrong password, with the last of them, when what was under way has ended; or with
 * ERROR_CANCELLED, when what was under way was told to be FAILED.
 */
bool engine_run(struct engine *engine, struct remote *remote, const struct engine_work *work, GError **error);

#endif
