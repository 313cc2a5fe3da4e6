/*
 * commit: record stages as if they had just run: what is in the workspace counts as what they made from what is there now.
 */
#ifndef PIPELINE_COMMIT_H
#define PIPELINE_COMMIT_H

#include "pipeline/facts.h"
#include "workspace/track.h"

struct commit_options {
	bool force;       /* also where they were made from something else, or never */
	bool pass_over;   /* nobody named these stages: those that never ran, or lack something, are passed over */
	bool no_relink;   /* leave outputs as they are */
	const char *what; /* the command line, for the worktree's lock */
};

/*
 * Commit these stages; pointers among them are not looked at. What became of each output, and the files that were written, go to
 * `result`. Without force, ERROR_CONFLICT before anything is touched for a stage whose outputs changed and whose inputs are not
 * those of its last run: only who ran it by hand knows whether they belong together.
 */
bool commit_stages(struct facts *facts, const GPtrArray *stages, const struct commit_options *options,
		   struct track_result *result, GError **error);

#endif
