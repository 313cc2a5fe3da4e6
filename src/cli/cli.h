/*
 * cli: from argv to a command and back to an exit code. Knows no command by name; the table is handed in.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/command.h"

/* A program: its commands and which of the two it is. */
struct program {
	const struct command *const *commands; /* NULL-terminated, in help order */
	bool network;                          /* this is the program that has libcurl and libarchive */
};

/*
 * Run argv: find the command, parse, open what it needs, run, print what went wrong. Returns the exit code. Handles `-h`, `--help`, `--version`,
 * `-C`, no command, unknown ones (with the nearest name as hint), the pager, and the hand-over to the network program.
 */
int cli_main(const struct program *program, int argc, char **argv);

/* The usage text of one command, as -h prints it. */
void cli_usage(const struct command *command, const char *parent, FILE *out);

/* All commands by group with their summaries. */
void cli_help_list(const struct program *program, FILE *out);

/* A completion script for "bash", "zsh" or "fish" from the tables; ERROR_USAGE for another shell. New GString. */
GString *cli_completion(const struct program *program, const char *shell, GError **error);

/* The program's tables for the command that runs (help, completion). */
const struct program *cli_program(const struct context *context);

/* Replace this process by the network program with the same arguments; returns only on failure. */
bool cli_exec_network(char **argv, GError **error);

/* Run `git mlv` with these arguments (NULL-terminated, without "git" and "mlv") as a child; its exit code, or -1 with error. */
int cli_run_child(const char *const *args, GError **error);

#endif
