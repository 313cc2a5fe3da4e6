/*
 * pager: long output goes through the pager that Git would use. Main thread only.
 *
 * It starts with the first byte of output, so a command that prints nothing never shows one, and progress bars are over
 * by then.
 */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include "base/auto.h"
#include "repo/config.h"
#include "view/view.h"

struct pager;

/*
 * Have the view start the pager with its first output, unless standard output is no terminal or pager.mlv, GIT_PAGER,
 * core.pager or PAGER say none. `config` and the view are borrowed.
 */
struct pager *pager_new(struct view *view, const struct config *config);

/* After the view was closed: tell the pager that all is said, and wait until the user has left it. NULL is fine. */
void pager_free(struct pager *pager);

AUTO_DEFINE(pager, pager_free);

#endif
