#include "cmd/fsck.h"

const char fsck_synopsis[] = "[--data] [--repair] [--] [<target>...]\n(-c | -r <remote>) [--data] [--repair] [-j <n>] [--] [<target>...]";

const struct option_spec fsck_specs[] = {
	OPT_FLAG(fsck_arguments, 0, "data", data, "read and hash every object"),
	OPT_FLAG(fsck_arguments, 0, "repair", repair,
		 "store missing objects anew from the workspace; with a remote, send them from the store"),
	{ .kind = OPTION_FLAG, .short_name = 'c', .long_name = "cloud", .offset = offsetof(struct fsck_arguments, cloud),
	  .help = "check the default remote, not the store", .elsewhere = true },
	{ .kind = OPTION_STRING, .short_name = 'r', .long_name = "remote", .offset = offsetof(struct fsck_arguments, remote),
	  .value = "<name>", .help = "check this remote, not the store", .completion = COMPLETE_REMOTE, .elsewhere = true },
	OPT_INT(fsck_arguments, 'j', "jobs", jobs, "<n>", "with a remote: requests at once"),
	OPT_END,
};
