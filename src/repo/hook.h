/*
 * hook: our scripts among Git's hooks, beside others that may be there already.
 *
 * Whatever moment a process is killed at, installing or uninstalling again finishes the work; a hook of the user's is
 * renamed, never written to.
 */
#ifndef REPO_HOOK_H
#define REPO_HOOK_H

#include "repo/repo.h"

#include <glib.h>
#include <stdbool.h>

/* What became of one hook. */
enum hook_result { HOOK_WRITTEN, HOOK_CHAINED, HOOK_PRESENT, HOOK_REMOVED, HOOK_RESTORED, HOOK_ABSENT };

/*
 * Install the hook `name` ("pre-push"): a script that runs `git mlv hook NAME "$@"`. Obeys core.hooksPath. A hook that
 * exists is kept beside as NAME.mlv-chained and run first by ours, with its arguments and standard input, and its
 * failure is ours; ours again is left alone (HOOK_PRESENT), an older form of ours renewed (HOOK_WRITTEN).
 * ERROR_CONFLICT, with nothing touched, if both NAME (not ours) and NAME.mlv-chained exist.
 */
bool hook_install(struct repo *repo, const char *name, enum hook_result *result, GError **error);

/* Take ours out again (HOOK_REMOVED) and put a chained one back (HOOK_RESTORED). A hook that is not ours is left alone
 * (HOOK_ABSENT). */
bool hook_uninstall(struct repo *repo, const char *name, enum hook_result *result, GError **error);

/* Whether our hook is in place. */
bool hook_is_installed(struct repo *repo, const char *name);

/* The directory of hooks that Git uses here, absolute; it need not exist. New string; NULL if git does not tell. */
char *hook_dir(struct repo *repo);

#endif
