/*
 * fsck: the options of `git mlv fsck`, shared by its local body and the one in the network program (--cloud).
 */
#ifndef CMD_FSCK_H
#define CMD_FSCK_H

#include "cli/option.h"

struct fsck_arguments {
	bool data, repair, cloud;
	char *remote;
	int64_t jobs;
};

/* The option table of `fsck`, and its synopsis lines. */
extern const struct option_spec fsck_specs[];
extern const char fsck_synopsis[];

#endif
