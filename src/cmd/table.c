#include "cmd/commands.h"

/* A command that only the network program can run: what the list of commands shows of it. */
#define ELSEWHERE(name_, group_, summary_)                                                                             \
	&(const struct command)                                                                                        \
	{                                                                                                              \
		.name = name_, .group = group_, .summary = summary_, .elsewhere = true                                 \
	}

/* In the order of help. */
static const struct command *const commands[] = {
	&cmd_config,
	&cmd_help,
	&cmd_version,
	&cmd_root,
	ELSEWHERE("completion", "Help", "Print a completion script for a shell"),
	NULL,
};

const struct program program_local = {.commands = commands, .network = false};
