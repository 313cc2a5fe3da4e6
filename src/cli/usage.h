/*
 * usage: what -h prints, from the tables; and finding commands in them by name.
 */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include "cli/command.h"

/* Append the usage text of one command. `path` is its full name, "remote add". */
void usage_command(GString *text, const struct command *command, const char *path);

/* Append all commands by group with their summaries. */
void usage_program(GString *text, const struct program *program);

/* The command of that name in a NULL-terminated table; NULL if there is none. */
const struct command *usage_find(const struct command *const *commands, const char *name);

/*
 * The command that the words (NULL-terminated, at least one) name, "remote", "add". *path (may be NULL) becomes the
 * full name as a new string. ERROR_USAGE for an unknown one, with the nearest name as hint.
 */
const struct command *usage_resolve(const struct program *program, char **words, char **path, GError **error);

/* Set ERROR_USAGE for an unknown name below `parent` ("remote", NULL at the top), with the nearest name of the table as
 * hint. */
void usage_unknown(const struct command *const *commands, const char *parent, const char *name, GError **error);

#endif
