#include "cmd/status-options.h"

const char status_synopsis[] =
	"[-d] [-R] [--granular] [--unchanged] [--untracked-files <mode>] [--json | --porcelain [-z]] [-q] [--] [<target>...]\n"
	"--explain [-d] [-R] [--json] [-q] [--] [<target>...]\n"
	"(-c | -r <remote>) [-a] [-T] [-A] [-j <n>] [--json] [--] [<target>...]";

const char data_status_synopsis[] =
	"[--granular] [--unchanged] [--untracked-files <mode>] [--json | --porcelain [-z]] [-q] [--] [<target>...]\n"
	"(-c | -r <remote>) [-a] [-T] [-A] [-j <n>] [--json] [--] [<target>...]";

/* The rows that `status` and `data status` share. */
#define DATA_ROWS \
	OPT_FLAG(status_arguments, 0, "granular", granular, "list the files inside folders, and what was recorded since HEAD"), \
	OPT_FLAG(status_arguments, 0, "unchanged", unchanged, "list what did not change, too"), \
	{ .kind = OPTION_STRING, .long_name = "untracked-files", .offset = offsetof(struct status_arguments, untracked), \
	  .value = "<mode>", .help = "all: list files that nobody tracks, too; no: do not", \
	  .completion = COMPLETE_WORDS, .words = "no all" }, \
	OPT_FLAG(status_arguments, 0, "json", json, "print JSON (git-mlv-json(5))"), \
	OPT_FLAG(status_arguments, 0, "porcelain", porcelain, "print lines for scripts"), \
	OPT_FLAG(status_arguments, 'z', "null", nul, "as --porcelain, with raw paths, ended by NUL"), \
	OPT_FLAG(status_arguments, 0, "glob", glob, "arguments are patterns over tracked paths"), \
	{ .kind = OPTION_FLAG, .short_name = 'c', .long_name = "cloud", .offset = offsetof(struct status_arguments, cloud), \
	  .help = "compare the store with the default remote", .elsewhere = true }, \
	{ .kind = OPTION_STRING, .short_name = 'r', .long_name = "remote", .offset = offsetof(struct status_arguments, remote), \
	  .value = "<name>", .help = "compare the store with this remote", .completion = COMPLETE_REMOTE, .elsewhere = true }, \
	{ .kind = OPTION_FLAG, .long_name = "not-in-remote", .offset = offsetof(struct status_arguments, not_in_remote), \
	  .help = "print data status as JSON, with what the remote lacks", .elsewhere = true }, \
	OPT_FLAG(status_arguments, 'a', "all-branches", all_branches, "with a remote: what all branches track"), \
	OPT_FLAG(status_arguments, 'T', "all-tags", all_tags, "with a remote: what all tags track"), \
	OPT_FLAG(status_arguments, 'A', "all-commits", all_commits, "with a remote: what any commit tracks"), \
	OPT_INT(status_arguments, 'j', "jobs", jobs, "<n>", "with a remote: requests at once"),

const struct option_spec status_specs[] = {
	DATA_ROWS
	OPT_FLAG(status_arguments, 'd', "with-deps", with_deps, "also what the targets are made from, on and on"),
	OPT_FLAG(status_arguments, 'R', "recursive", recursive, "arguments are folders: all stages and pointers below"),
	OPT_FLAG(status_arguments, 0, "explain", explain, "say for each stage and pointer exactly why it is not up to date"),
	{ .kind = OPTION_FLAG, .long_name = "no-updates", .offset = offsetof(struct status_arguments, no_updates),
	  .help = "do not ask where imports come from (nor without this)", .hidden = true },
	OPT_END,
};

const struct option_spec data_status_specs[] = {
	DATA_ROWS
	OPT_END,
};
