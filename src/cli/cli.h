/*
 * cli: from argv to a command and back to an exit code. Knows no command by name; the table is handed in. Main thread
 * only.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/command.h"

/*
 * Run argv: find the command, parse, open what it needs, run, print what went wrong. Returns the exit code. Handles
 * `-h`, `--help`, `--version`,
 * `-C`, no command, unknown ones (with the nearest name as hint), the pager, and the hand-over to the network program.
 * When a signal interrupted the work, ends the process by that signal.
 */
int cli_main(const struct program *program, int argc, char **argv);

#endif
