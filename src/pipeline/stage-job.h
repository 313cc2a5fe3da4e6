/*
 * stage-job: a stage as a job for an executor, with all that the job borrows.
 */
#ifndef PIPELINE_STAGE_JOB_H
#define PIPELINE_STAGE_JOB_H

#include "pipeline/exec.h"
#include "pipeline/logs.h"
#include "pipeline/stages.h"

struct stage_job {
	struct exec_job job; /* of what follows */
	char *group, *dir, *log;
	char *trace; /* NULL: it is not traced */
	char **commands, **environment;
};

/*
 * Fill it, all zero before, for the executor of that name, with a new log. Stages that one foreach or matrix
 * generated are a group. The tag is the caller's to set. stage_job_clear() frees what it holds.
 */
void stage_job_fill(struct stage_job *made, struct workspace *ws, const struct stage *stage, const char *executor,
		    struct logs *logs);

/* Have it traced: the report lies beside the log, and goes when the job is cleared. */
void stage_job_trace(struct stage_job *made);

/* Free what it holds. */
void stage_job_clear(struct stage_job *made);

#endif
