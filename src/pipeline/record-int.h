/*
 * record-int: what the steps of recording share. Private to pipeline/record*.c.
 */
#ifndef PIPELINE_RECORD_INT_H
#define PIPELINE_RECORD_INT_H

#include "base/stamp.h"
#include "pipeline/record.h"
#include "workspace/track.h"

/* One file that a stage reads, as it stood before the stage ran. */
struct record_before {
	const char *path; /* relative to the project; owned by the stages */
	struct stamp stamp;
};

/* A stage that ran well. */
struct record_stage {
	const struct stage *stage;
	struct lockfile *lock;     /* its entry alone; owned */
	bool unsure;               /* what it read changed meanwhile: its entry does not tell all */
	struct track_kept *kept;   /* its outputs until they are stored and recorded; owned, NULL afterwards */
};

struct record {
	struct workspace *ws;
	struct facts *facts;
	struct record_options options;
	struct track_options how;
	GHashTable *before;  /* const struct stage * -> GArray of struct record_before */
	GHashTable *stages;  /* const struct stage * -> struct record_stage, owned: whatever was added in this command */
	GPtrArray *pending;  /* of struct record_stage, borrowed: those that wait for a flush */
	int64_t since;       /* when the first of them was added */
	guint *places;       /* of each stage in running order, by its index; NULL: they do not matter */
	GPtrArray *touched;  /* of char *, owned, distinct */
	GHashTable *touched_set; /* the same strings */
};

/* The lock entry of a stage. */
static inline const struct lockfile_stage *record_stage_entry(const struct record_stage *added)
{
	return added->lock->stages->pdata[0];
}

/* Remember how the files stand that the stage is about to read. */
void record_watch(struct record *record, const struct stage *stage);

/*
 * Make the entry say nothing of files, and of files of parameters, that changed since record_watch(); each is told, and what was known
 * of it forgotten. Whether there are any.
 */
bool record_doubt_files(struct record *record, const struct stage *stage, struct lockfile *inputs);

/*
 * The same for folders and for files outside the project, of all pending stages, compared with what their entries say. Each place is
 * looked at once. Those stages become unsure.
 */
void record_doubt_folders(struct record *record);

/* Whether a dependency in the project is another one than its entry says. */
bool record_is_changed(struct record *record, const struct stage_dep *dep, const struct entry *was);

/* Put in place of an entry one that has its path only, as for what is not known. */
void record_blank(struct entry **entry);

/* Tell that this changed while the stage ran; `when`: "ran", or "ran or since". */
void record_tell_doubt(struct record *record, const struct stage *stage, const char *path, const char *when);

/* Make an entry say what stands at its path. */
void record_fill(struct entry *entry, const struct fact *fact);

/*
 * The map of a stage's parameters with their present values, in doc's arena; NULL if it reads none. What is missing is added
 * to `missing` in words; NULL with the error set for a file that cannot be read.
 */
struct node *record_params(struct facts *facts, const struct stage *stage, struct doc *doc, GPtrArray *missing,
			   GError **error);

/*
 * The outputs (struct stage_out), or dependencies (struct stage_dep), of a stage by their paths as written, borrowed: each stands where
 * its entry does in the lock entry.
 */
GPtrArray *record_sorted_outs(const struct stage *stage);
GPtrArray *record_sorted_deps(const struct stage *stage);

/* The stage is not recorded after all: as if it had not run. */
void record_drop(struct record *record, struct record_stage *added);

/*
 * Write the entries of the pending stages into their lock files. Stages whose lock file cannot be written are taken out of pending; the reasons go
 * to `problems` (of GError).
 */
void record_locks(struct record *record, struct track_result *result, GPtrArray *problems);

/*
 * The text of a lock file, with the stages that this command added to it in running order; others stay where they stand. `lock` is of
 * no use afterwards. `path` is that of the lock, for messages. New string.
 */
char *record_ordered_text(const struct record *record, const char *pipeline, const char *path, struct lockfile *lock,
			  GError **error);

#endif
