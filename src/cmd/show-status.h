/*
 * show-status: the views of a struct status: DVC's `data status`, lines for scripts, and text for people.
 */
#ifndef CMD_SHOW_STATUS_H
#define CMD_SHOW_STATUS_H

#include "cli/command.h"
#include "workspace/status.h"

/* {"committed": {…}, "uncommitted": {…}, "not_in_cache": […], …}: the shape of `dvc data status --json`, empty parts left out. */
void show_data_status_json(struct context *context, const struct status *status, const GPtrArray *not_in_remote);

/*
 * "XY path" a line: X the pointer against HEAD, Y the workspace against the pointer, each one of ' ', A, D, M, R (then "old -> new"), U (not
 * known); '!' in Y: not in the store; "??" untracked. With `nul` paths are raw, NUL-terminated, a renamed one followed by its old path.
 */
void show_status_porcelain(struct context *context, const struct status *status, bool nul);

/* Headed lists for people, like Git's; false if nothing differs. not_in_remote may be NULL. */
bool show_status_text(struct context *context, const struct status *status, const GPtrArray *not_in_remote);

/* What is said where there is nothing to list. */
void show_status_nothing(struct context *context, const struct status *status);

#endif
