/*
 * commands: every command there is. To add one: write cmd/<name>.c with its struct, declare the struct here, list it in table.c (or, if it needs the
 * network or archives, as a line of ELSEWHERE there) and in table-network.c, and give it a manual page and a command test.
 */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cli/cli.h"

/* Set-up */
extern const struct command cmd_config;

/* Help */
extern const struct command cmd_completion, cmd_help, cmd_root, cmd_version;

/* The two programs: the local one, with stubs for what lives elsewhere, and the one with libcurl and libarchive, which has all. */
extern const struct program program_local, program_network;

#endif
