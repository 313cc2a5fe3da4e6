/*
 * show: what several commands do alike: load what is tracked, resolve arguments, print results of track.h.
 */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include "cli/command.h"
#include "workspace/checkout.h"
#include "workspace/target.h"
#include "workspace/track.h"

/* The outputs of the workspace with no file left out: any unreadable pointer is an error. The caller frees them. */
struct outputs *show_load(struct context *context, GError **error);

/*
 * The outputs as far as they can be read; each problem is printed as an error. *problems (may be NULL) becomes how many there were: the command
 * must not exit 0 then.
 */
struct outputs *show_load_some(struct context *context, size_t *problems, GError **error);

/* The targets that the command's arguments name (all outputs for none). The caller frees them. */
GPtrArray *show_targets(struct context *context, const struct outputs *outputs, bool glob, GError **error);

/* The arguments as paths relative to the project: NULL-terminated, g_strfreev(). */
char **show_paths(struct context *context, char **arguments, GError **error);

/* Notes for each item ("added 'data' (12 files, 3.4 MiB)") and, unless it was done, the `git add` that comes next. */
void show_track(struct context *context, const struct track_result *result);

/*
 * Run a checkout plan as `checkout` and `pull` do: print what changes (one "A\tpath" a line), refuse what would lose data, run, report. Returns an
 * exit code, or -1 with error.
 */
int show_checkout(struct context *context, const struct checkout_plan *plan, bool summary, bool dry_run,
		  bool allow_missing, GError **error);

/* "1 file", "12 files". New string. */
char *show_count(uint64_t count, const char *one, const char *many);

#endif
