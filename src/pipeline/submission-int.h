/*
 * submission-int: the notes of a submission, a JSON document in the folder of its run. Private to pipeline/submission*.c.
 */
#ifndef PIPELINE_SUBMISSION_INT_H
#define PIPELINE_SUBMISSION_INT_H

#include "pipeline/slurm-script.h"
#include "pipeline/submission.h"

/* A stage that was submitted. */
struct submission_job {
	guint number;       /* of the job in the run's folder */
	char *id;           /* Slurm's */
	char *file, *name;  /* of the stage */
	char *title, *wdir; /* as they were */
	char *log;          /* absolute */
	const struct node *cmd; /* as it was; owned by the notes or the pipeline */
	GArray *needs;      /* of guint: numbers of jobs that this one waits for */
	bool told;          /* it is over, and was dealt with */
};

struct submission_notes {
	GPtrArray *jobs; /* of struct submission_job, owned, each after those that it needs */
	struct doc *doc; /* NULL for new ones */
};

/* None yet. */
struct submission_notes *submission_notes_new(void);

/* Add a job, all zero but `needs`, which is empty. Owned by the notes. */
struct submission_job *submission_notes_add(struct submission_notes *notes);

/* Write them into the folder: from now on it is a submission. */
bool submission_notes_write(const struct submission_notes *notes, const char *dir, GError **error);

/* Read them; ERROR_CORRUPT for what we did not write. */
struct submission_notes *submission_notes_read(const char *dir, GError **error);

/* Free them. */
void submission_notes_free(struct submission_notes *notes);

AUTO_DEFINE(submission_notes, submission_notes_free);

/* Let these jobs, which were held back, go, and note in the folder that it was done. */
bool submission_release(GPtrArray *ids, const char *dir, GError **error);

/* Whether that is noted. */
bool submission_is_released(const char *dir);

/* The files of a stage that its job notes, relative to the project: slurm_notes without the root, to be cleared. */
void submission_files(const struct stage *stage, struct slurm_notes *files);
void submission_files_clear(struct slurm_notes *files);

#endif
