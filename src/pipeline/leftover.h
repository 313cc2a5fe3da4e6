/*
 * leftover: what a stage that failed left at the paths of its outputs. The next run may delete it, as nobody needs half an
 * output, unless somebody has touched it since: then it is theirs.
 *
 * It is known again by the stamps of all that is there, of which a digest is kept in the state directory,
 * left/<digest of the path>. Main thread.
 */
#ifndef PIPELINE_LEFTOVER_H
#define PIPELINE_LEFTOVER_H

#include "workspace/workspace.h"

/* Remember what stands at `path` (relative to the project) now. Where that fails it will only be saved, not deleted. */
void leftover_note(struct workspace *ws, const char *path);

/* Whether what stands there is what was noted last. */
bool leftover_is(struct workspace *ws, const char *path);

/* Remember nothing of this path. */
void leftover_forget(struct workspace *ws, const char *path);

#endif
