/*
 * plumbing-int: questions to the git program about one repository. Each runs at the top of the work tree (in the git
 * directory where there is none) with --git-dir and --work-tree given, so that neither the current directory nor a
 * relative GIT_DIR matter. Words that follow, such as --literal-pathspecs or another --git-dir, come first in `args`.
 * Main thread only.
 */
#ifndef REPO_PLUMBING_INT_H
#define REPO_PLUMBING_INT_H

#include "repo/repo.h"

#include "base/proc.h"

/* The most that git may print in one answer. */
#define PLUMBING_LIMIT ((gsize)1 << 30)

/* The whole command line for `args` (NULL-terminated): a NULL-terminated array that owns its strings. repo may be NULL.
 */
GPtrArray *plumbing_argv(const struct repo *repo, const char *const *args);

/* Where it is to run: borrowed, NULL (here) if repo is NULL. */
const char *plumbing_dir(const struct repo *repo);

/* Run git with input on its standard input (may be NULL); true whatever its exit code. Clear *result in any case. */
bool plumbing_run(const struct repo *repo, const char *const *args, const char *input, gsize input_length,
		  struct proc_result *result, GError **error);

/* What git prints, as a new string with a NUL after its *length (may be NULL) bytes; NULL and git's own words if it
 * fails. */
char *plumbing_output(const struct repo *repo, const char *const *args, gsize *length, GError **error);

/*
 * Set *error to what git said in a failed run: its last "fatal:" or first "error:" line, and its advice as hint.
 * ERROR_BUSY for a lock file in the way, ERROR_DENIED for an owner that git does not trust, ERROR_FAILED else.
 */
void plumbing_fail(const struct proc_result *result, GError **error);

#endif
