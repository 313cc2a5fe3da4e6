/*
 * status-options: the options of `git mlv status`, shared by its local body and the one in the network program (--remote).
 */
#ifndef CMD_STATUS_OPTIONS_H
#define CMD_STATUS_OPTIONS_H

#include "cli/option.h"

#include <stdint.h>

struct status_arguments {
	bool json, porcelain, nul, granular, unchanged, glob;
	bool with_deps, recursive, explain, no_updates;
	bool cloud, not_in_remote, all_branches, all_tags, all_commits;
	char *remote, *untracked;
	int64_t jobs;
};

/* The option tables of `status`, and of `data status` and the bodies in the network program. */
extern const struct option_spec status_specs[], data_status_specs[];

/* Their synopsis lines. */
extern const char status_synopsis[], data_status_synopsis[];

#endif
