/*
 * command: what a command is. One of the four seams: each command is one constant struct in its own file of cmd/,
 * listed in cmd/table.c; dispatch, -h, completion and the manual's checks all read the same struct.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/option.h"
#include "repo/config.h"
#include "repo/repo.h"
#include "view/view.h"
#include "workspace/workspace.h"

#include <glib.h>
#include <limits.h>

/* Exit codes (DESIGN 6). */
enum exit_code { EXIT_DONE = 0, EXIT_DIFFERENT = 1, EXIT_FATAL = 128, EXIT_USAGE = 129 };

/* What dispatch opens before run(). */
enum command_needs {
	NEEDS_NOTHING = 0,
	NEEDS_REPO = 1 << 0,      /* a Git repository, bare allowed */
	WANTS_REPO = 1 << 5,      /* a Git repository if there is one here, and the settings in any case */
	NEEDS_WORKSPACE = 1 << 1, /* a project (implies REPO) */
	NEEDS_WORK_TREE = 1 << 2, /* not bare */
	NEEDS_LOCK = 1 << 3,      /* the worktree's lock: the command writes */
	WANTS_PAGER = 1 << 4,     /* long output goes through Git's pager */
};

/* max_args of a command that takes any number of arguments. */
#define ARGS_ANY UINT_MAX

/* What a command gets. */
struct context {
	struct view *view;
	struct repo *repo;     /* NEEDS_REPO; with WANTS_REPO NULL outside of any */
	struct config *config; /* the settings that hold in repo, or outside of any; NULL if neither flag is set */
	struct workspace *ws;  /* NEEDS_WORKSPACE */
	const struct program *program;
	const struct command *command;
	char **args; /* what is left of argv after options, NULL-terminated */
	unsigned arg_count;
	void *options; /* the command's own struct, filled by its option table */
	char **argv;   /* as given, argv[0] is the command's name, or that of the command above it */
};

struct command {
	const char *name;
	const char *group; /* heading in help: "Data", "Sharing", "Care", "Set-up", "Help" */
	const char
		*synopsis; /* after the name: "[-f] [--] [<path>...]"; several forms separated by '\n'; NULL for none */
	const char *summary; /* half a line, imperative, no full stop */
	unsigned needs;      /* enum command_needs */
	size_t options_size; /* of the struct that the option table fills; zeroed first */
	const struct option_spec *options;
	unsigned min_args, max_args;      /* how many arguments it takes; max_args 0 is none, ARGS_ANY has no limit */
	enum option_completion arguments; /* what completes them */
	const char *words;                /* COMPLETE_WORDS: blank-separated */
	bool command_line; /* the first argument ends the options: from there on stands a command of the user's */
	/*
	 * For a command with subcommands ("remote add"): NULL-terminated; run is then called for none given, or NULL.
	 * Its own options do not mix with a subcommand.
	 */
	const struct command *const *subcommands;
	bool elsewhere; /* lives in the network program: the local one hands over, and its table needs name, group and
			   summary only */
	/* Do it: an exit code, or -1 with *error set (printed as fatal, exit 128; ERROR_USAGE 129; ERROR_CONFLICT 1).
	 */
	int (*run)(struct context *context, GError **error);
};

/* A program: its commands and which of the two it is. */
struct program {
	const struct command *const *commands; /* NULL-terminated, in help order */
	const struct command *const *hidden;   /* NULL-terminated or NULL: run by ourselves, listed nowhere */
	bool network;                          /* this is the program that has libcurl and libarchive */
};

#endif
