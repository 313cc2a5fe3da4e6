#include "cmd/commands.h"

/* A command that only the network program can run: what the list of commands shows of it. */
#define ELSEWHERE(name_, group_, summary_)                                                                             \
	&(const struct command)                                                                                        \
	{                                                                                                              \
		.name = name_, .group = group_, .summary = summary_, .elsewhere = true                                 \
	}

/* In the order of help. */
static const struct command *const commands[] = {
	&cmd_init,
	&cmd_add,
	&cmd_status,
	&cmd_diff,
	&cmd_checkout,
	&cmd_commit,
	&cmd_remove,
	&cmd_move,
	&cmd_unprotect,
	&cmd_ls,
	&cmd_list,
	&cmd_du,
	&cmd_cat,
	&cmd_data,
	&cmd_stage,
	&cmd_dag,
	&cmd_freeze,
	&cmd_unfreeze,
	&cmd_plots,
	&cmd_repro,
	&cmd_params,
	&cmd_metrics,
	ELSEWHERE("push", "Sharing", "Send tracked data to a remote"),
	ELSEWHERE("fetch", "Sharing", "Bring tracked data from a remote into the store"),
	ELSEWHERE("pull", "Sharing", "Fetch tracked data and check it out"),
	&cmd_remote,
	&cmd_gc,
	&cmd_fsck,
	&cmd_doctor,
	&cmd_install,
	&cmd_hook,
	&cmd_check_ignore,
	&cmd_config,
	&cmd_help,
	&cmd_version,
	&cmd_root,
	ELSEWHERE("completion", "Help", "Print a completion script for a shell"),
	NULL,
};

static const struct command *const hidden[] = {ELSEWHERE("ask-urls", "Pipelines", "Tell what lies at URLs"), &cmd_trace_run, NULL};

const struct program program_local = {.commands = commands, .hidden = hidden, .network = false};
