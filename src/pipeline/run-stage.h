/*
 * run-stage: what is done to the workspace around the commands of one stage: room is made for its outputs, or they are taken
 * from the store without running it.
 *
 * Outputs are the stage's to make, so those that the store has, that the lock file says it made, or that it left when it
 * failed (leftover.h) are deleted before it runs, as in DVC. Anything else at such a path - edited by hand, cut off when we
 * were killed - is nowhere else: it is moved out of the way (workspace/saved.h), and the user is told. Persistent outputs
 * stay; those that are links to the store become files of their own. Main thread.
 */
#ifndef PIPELINE_RUN_STAGE_H
#define PIPELINE_RUN_STAGE_H

#include "pipeline/facts.h"
#include "pipeline/stages.h"

/* "MLV_ROOT=…", "MLV_STAGE=…" and DVC's names for them. New NULL-terminated list. */
char **run_stage_environment(const struct workspace *ws, const struct stage *stage);

/* A stage that is about to run. All borrowed. */
struct run_stage {
	struct workspace *ws;
	struct facts *facts;
	const struct stages *stages;
	const struct stage *stage;
	const struct lockfile_stage *recorded; /* its lock entry as of now; NULL: none */
	const char *what;                      /* our command line, for the project's lock, which is taken for moments */
};

/* The stage has failed: what it left may be deleted by its next run, unless somebody touches it. */
void run_stage_note_leftovers(struct workspace *ws, const struct stage *stage);

/* Make room for what the stage will write, and the folders that it will be in. */
bool run_stage_clear(const struct run_stage *run, GError **error);

/*
 * Put the outputs of an earlier run, a lock entry, in place of what is there: from the store, which must have them. What is there is
 * treated as above, but what is right already stays.
 */
bool run_stage_restore(const struct run_stage *run, const struct lockfile_stage *earlier, GError **error);

/* The entry of an output among those of a lock entry (may be NULL); NULL if it has none. Borrowed. */
const struct entry *run_stage_entry(const struct lockfile_stage *recorded, const struct stage_out *out);

#endif
