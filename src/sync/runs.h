/*
 * runs: copy the run cache, which lies beside the objects (store/runs.h), to and from a remote as it is, as DVC does.
 *
 * Only a remote that can list takes part: ERROR_USAGE for others. Results count runs in place of objects. Main thread only.
 */
#ifndef SYNC_RUNS_H
#define SYNC_RUNS_H

#include "sync/sync.h"

/* Want the outputs of all runs that the store has whole: what a push sends before the runs themselves. */
bool sync_wants_from_runs(GPtrArray *wants, struct workspace *ws, GError **error);

/* Send the runs that the remote lacks. */
bool sync_push_runs(struct workspace *ws, const struct sync_options *options, struct sync_result *result, GError **error);

/*
 * Fetch the runs that the store lacks; the outputs of all that the remote has are wanted, where it has them. An entry that is none,
 * or another one than its name says, is a failure and not kept.
 */
bool sync_fetch_runs(struct workspace *ws, GPtrArray *wants, const struct sync_options *options,
		     struct sync_result *result, GError **error);

#endif
