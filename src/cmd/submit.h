/*
 * submit: `repro --submit`, and what an earlier one left, told to the user.
 */
#ifndef CMD_SUBMIT_H
#define CMD_SUBMIT_H

#include "cli/command.h"
#include "pipeline/submission.h"

/*
 * Take in what was submitted before. EXIT_DONE if nothing is left of it and all went well, so that stages may run; EXIT_DIFFERENT if
 * jobs still run or stages failed, which is told; -1 with error.
 */
int submit_collect(struct context *context, const struct submission_options *options, GError **error);

/* Submit the selected stages. EXIT_DONE, or -1 with error. */
int submit_stages(struct context *context, const struct graph *graph, const GArray *selected,
		  const struct submission_options *options, GError **error);

#endif
