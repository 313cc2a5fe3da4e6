/*
 * prepare: what dispatch opens for a command before it runs, by its needs, and closes after it. Main thread only.
 */
#ifndef CLI_PREPARE_H
#define CLI_PREPARE_H

#include "cli/command.h"

/*
 * Open the repository, the settings and the project that the context's command needs, and take the lock. With the
 * settings known, the view learns about colour and the quoting of paths. On failure, what was opened stays in the
 * context for prepare_close().
 */
bool prepare_open(struct context *context, bool wait_for_lock, GError **error);

/* Close it all, which releases the lock. */
void prepare_close(struct context *context);

/* How colour is wanted by NO_COLOR, TERM and the settings (NULL: none known): color.mlv before color.ui, as for Git's
 * own commands. */
enum view_colour prepare_colour(const struct config *config);

#endif
