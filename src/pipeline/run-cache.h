/*
 * run-cache: runs that were made before, by what went into them, so that a stage is restored instead of run (dvc-formats 9).
 * Entries are lock entries as YAML at <store>/runs/<k[:2]>/<k>/<v>, as DVC has them.
 *
 * Main thread.
 */
#ifndef PIPELINE_RUN_CACHE_H
#define PIPELINE_RUN_CACHE_H

#include "pipeline/stages.h"

/* Length of a key or value, hexadecimal. */
#define RUN_CACHE_HEX 64

/* The key of a lock entry: what went in, and the paths of its outputs; and with `whole` the value: with what came out. */
void run_cache_key(const struct dialect *dialect, const struct lockfile_stage *entry, bool whole,
		   char text[RUN_CACHE_HEX + 1]);

/* Whether runs of this stage are kept at all: it has a command, dependencies and outputs, none of them elsewhere or persistent … */
bool run_cache_wants(const struct stage *stage);

/*
 * A run with exactly these inputs (compared in full, not by key alone: a parameter that is called size is no part of the key)
 * whose outputs the store has, or, with `any`, whether or not it has them: its entry, in a lock file of its own; the newest of
 * several. NULL without the error set if there is none; unreadable entries count as none.
 */
struct lockfile *run_cache_find(struct workspace *ws, const struct stage *stage, const struct lockfile_stage *inputs,
				bool any, GError **error);

/* Remember a run: written beside others of its key, durable with the next sync. Nothing if it is there. */
bool run_cache_save(struct workspace *ws, const struct lockfile_stage *entry, GError **error);

#endif
