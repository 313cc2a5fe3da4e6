/*
 * status-stages: the part of `git mlv status` that is about stages: which stages and which data the arguments mean, and why each
 * of the stages is not what is recorded of it.
 */
#ifndef CMD_STATUS_STAGES_H
#define CMD_STATUS_STAGES_H

#include "cli/command.h"
#include "pipeline/stale.h"
#include "workspace/status.h"

/* One stage or pointer. */
struct stage_report {
	const struct stage *stage;
	GPtrArray *reasons; /* of struct reason, in DVC's order; empty if it is up to date */
};

struct stage_reports {
	struct stages *stages;
	bool *wanted;       /* for each of the stages: whether it was asked for */
	GPtrArray *targets; /* of struct target: the data that were asked for; NULL for all */
	GArray *list;       /* of struct stage_report, in the order of the stages; filled by stage_reports_look() */
	bool any_stage;     /* one of them can run */
	bool clean;         /* all are up to date, as far as could be seen */
	size_t problems;    /* what was told on standard error: the command must not exit 0 then */
};

/* The stages and data that the command's arguments name among loaded outputs, which must live as long. */
struct stage_reports *stage_reports_new(struct context *context, const struct outputs *outputs, GError **error);

/*
 * Find out about all of them. With `status`, outputs are as it has found them, and nothing is looked at twice; without one everything
 * is looked at, with what changed inside folders. What cannot be read is told, each thing once, and counted as a problem.
 */
bool stage_reports_look(struct context *context, struct stage_reports *reports, const struct status *status,
			GError **error);

/* Free it. */
void stage_reports_free(struct stage_reports *reports);

AUTO_DEFINE(stage_reports, stage_reports_free);

#endif
