/*
 * status: the options of `git mlv status`, shared by its local body and the one in the network program (--remote).
 */
#ifndef CMD_STATUS_H
#define CMD_STATUS_H

#include "cli/option.h"

#include <stdint.h>

struct status_arguments {
	bool json, porcelain, nul, granular, unchanged, glob;
	bool cloud, not_in_remote, all_branches, all_tags, all_commits;
	char *remote, *untracked;
	int64_t jobs;
};

/* The option table of `status`. */
extern const struct option_spec status_specs[];

/* The synopsis lines of `status`. */
extern const char status_synopsis[];

#endif
