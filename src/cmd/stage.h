/*
 * stage: the subcommands of `stage`, each in its file.
 */
#ifndef CMD_STAGE_H
#define CMD_STAGE_H

#include "cli/command.h"

/* `stage add` and `stage list`; the shorter ones stand beside `stage` itself. */
extern const struct command stage_add_command, stage_list_command;

#endif
