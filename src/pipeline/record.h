/*
 * record: what stages made, made durable: outputs into the store, the lock file, ignore lines, the index - for many stages
 * together, since flushing a disk costs more than most stages.
 *
 *	record_begin()                              once a command
 *	before = record_inputs(…)                   before a stage runs: what it is about to read
 *	record_add(…)                               after it ran well
 *	record_flush(…)                             now and then, and at the end
 *
 * Only after record_flush() does a lock entry say that a stage is done; killed before, the stage simply runs again. The
 * lock file is read again when it is written, so stages that others recorded meanwhile stay. The worktree's lock is taken
 * for the time of a flush only. Main thread.
 */
#ifndef PIPELINE_RECORD_H
#define PIPELINE_RECORD_H

#include "pipeline/facts.h"
#include "pipeline/graph.h"
#include "pipeline/stages.h"

struct record;

struct record_options {
	bool no_commit;    /* hash outputs and write the lock, but store nothing */
	bool no_run_cache; /* do not remember the run in the run cache */
	bool no_relink;    /* leave outputs as they are instead of linking them to the store */
	const char *what;  /* the command line, for the worktree's lock */
	/* Stages that are new to a lock file stand in it in this graph's running order, whichever ended first. Borrowed; NULL: in
	 * the order of record_add(). */
	const struct graph *graph;
};

/* Begin. Borrowed: ws, facts. */
struct record *record_begin(struct workspace *ws, struct facts *facts, const struct record_options *options);

/*
 * The lock entry that the stage would have if it ran now and left outputs that are not known yet: its resolved command, the
 * present ids of all dependencies and the present values of parameters. A stage of a lock file of its own (owned by it, but good
 * only as long as the stages), with
 * entries without ids for the outputs. ERROR_NOT_FOUND names dependencies and parameters that are missing, all of them; ERROR_INVALID
 * for a pointer with a command, which no lock can hold.
 */
struct lockfile *record_inputs(struct record *record, const struct stage *stage, GError **error);

/*
 * The stage ran well with these inputs (taken over): look at its outputs now, and have them stored and recorded with the next
 * flush; large ones are stored at once. A dependency or a file of parameters that changed while the stage ran is told, and
 * recorded without its id or values, since nobody knows what was read of it: so the stage is out of date, and the run not
 * remembered for others. ERROR_NOT_FOUND names outputs that it did not make. *same tells whether every output has the id that
 * the stage's last entry had: who reads them need not run.
 */
bool record_add(struct record *record, const struct stage *stage, struct lockfile *inputs, bool *same, GError **error);

/* The entry as of now: of record_add() in this command, else as loaded; NULL if there is none. Borrowed. */
const struct lockfile_stage *record_entry(const struct record *record, const struct stage *stage);

/* How many stages wait for a flush, and since when (clock_steady_us(); 0: none). */
guint record_pending(const struct record *record, int64_t *since);

/*
 * Whether the next flush may write into a folder that this stage reads: into a .gitignore beside an output of a stage that waits. Who
 * looks at the stage should flush first, or it would seem to have changed as soon as it ran.
 */
bool record_concerns(const struct record *record, const struct stage *stage);

/*
 * Make all that was added durable and visible. Folders that a stage reads, and files outside the project, that changed since its
 * inputs were looked at are treated as in record_add(). What fails is told for each stage; the others are recorded. Ctrl-C does
 * not stop it: what ran is worth being recorded. Waits for the worktree's lock as long as it takes.
 */
bool record_flush(struct record *record, GError **error);

/* Files that Git should get: lock files, .gitignore; relative to the project, distinct. Borrowed. */
const GPtrArray *record_touched(const struct record *record);

/* End; what was not flushed is not recorded. */
void record_free(struct record *record);

AUTO_DEFINE(record, record_free);

#endif
