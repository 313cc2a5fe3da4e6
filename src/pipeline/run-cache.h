/*
 * run-cache: runs that were made before, by what went into them, so that a stage is restored instead of run (dvc-formats 9).
 * Entries are lock entries of single stages (format/run-entry.h), which the store keeps beside its objects (store/runs.h).
 *
 * An entry alone restores nothing: objects that only entries name are collected like others that nothing refers to, as in
 * DVC, and such an entry is passed over. Main thread.
 */
#ifndef PIPELINE_RUN_CACHE_H
#define PIPELINE_RUN_CACHE_H

#include "pipeline/stages.h"

/*
 * Whether runs of this stage are kept at all: it has a command, something that it reads (parameters count; files outside the
 * project, too, but no URL) and outputs, none of them elsewhere or persistent, nor kept by Git alone (metrics and plots may be),
 * and is not always run.
 */
bool run_cache_wants(const struct stage *stage);

/*
 * A run with exactly these inputs (compared in full, not by key alone: a parameter that is called size is no part of the key)
 * whose outputs the store has, or, with `any`, whether or not it has them: its entry, in a lock file of its own; the newest of
 * several. NULL without the error set if there is none; unreadable entries count as none.
 */
struct lockfile *run_cache_find(struct workspace *ws, const struct stage *stage, const struct lockfile_stage *inputs,
				bool any, GError **error);

/* Remember runs, lock entries whose outputs the store has: written beside others of their keys. Nothing for those that are there. */
bool run_cache_save(struct workspace *ws, const struct lockfile_stage *const *entries, guint count, GError **error);

#endif
