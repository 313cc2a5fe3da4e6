/*
 * commands: every command there is. To add one: write cmd/<name>.c with its struct, declare the struct here, list it in
 * table.c (or, if it needs the network or archives, as a line of ELSEWHERE there) and in table-network.c, and give it a
 * manual page and a command test.
 */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cli/cli.h"

/* Data */
extern const struct command cmd_add, cmd_cat, cmd_checkout, cmd_commit, cmd_data, cmd_diff, cmd_du, cmd_list, cmd_ls, cmd_move,
	cmd_remove, cmd_status, cmd_unprotect;

/* Pipelines */
extern const struct command cmd_plots, cmd_repro;
extern const struct command cmd_dag, cmd_freeze, cmd_plots, cmd_stage, cmd_unfreeze;
extern const struct command cmd_metrics, cmd_params, cmd_plots;

/* Sharing */
extern const struct command cmd_fetch, cmd_pull, cmd_push, cmd_remote;

/* Care */
extern const struct command cmd_doctor, cmd_fsck, cmd_gc;

/* Set-up */
extern const struct command cmd_check_ignore, cmd_config, cmd_hook, cmd_init, cmd_install;

/* The bodies of commands in the network program, where they have another one: `status --cloud` and the like. */
extern const struct command cmd_data_remote, cmd_fsck_remote, cmd_gc_remote, cmd_status_remote;

/* Help */
extern const struct command cmd_completion, cmd_help, cmd_root, cmd_version;

/* What we run ourselves, as a process of its own; listed nowhere. */
extern const struct command cmd_ask_urls, cmd_trace_run;

/* The two programs: the local one, with stubs for what lives elsewhere, and the one with libcurl and libarchive, which
 * has all. */
extern const struct program program_local, program_network;

#endif
