/*
 * completion-int: what the three script writers share.
 */
#ifndef CLI_COMPLETION_INT_H
#define CLI_COMPLETION_INT_H

#include "cli/command.h"

/* Called for every command and subcommand; `path` is the full name, "remote add". */
typedef void (*completion_visit)(const char *path, const struct command *command, GString *out);

/* Visit all commands, each before its subcommands. */
void completion_each(const struct program *program, completion_visit visit, GString *out);

/* Append text in single quotes, as POSIX shells and zsh read it. */
void completion_quote(GString *out, const char *text);

/* The writers. */
void completion_bash(const struct program *program, GString *out);
void completion_zsh(const struct program *program, GString *out);
void completion_fish(const struct program *program, GString *out);

#endif
