/*
 * completion: scripts that teach a shell our commands and options, made from the tables.
 *
 * bash gets `_git_mlv`, which Git's own completion calls for `git mlv`; zsh `_git-mlv`, which its `_git` calls; fish
 * rules for `git`. All three also serve `git-mlv` by itself.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/command.h"

/* A completion script for "bash", "zsh" or "fish"; ERROR_USAGE for another shell. New GString. */
GString *completion_script(const struct program *program, const char *shell, GError **error);

#endif
