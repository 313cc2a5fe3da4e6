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

/*
 * The targets that the command's arguments name (all outputs for none), with the outputs they belong to in *outputs: both freed by the
 * caller, the outputs last. Any unreadable pointer is an error.
 */
GPtrArray *show_targets(struct context *context, bool glob, struct outputs **outputs, GError **error);

/* The same among outputs that were loaded before. */
GPtrArray *show_targets_of(struct context *context, const struct outputs *outputs, bool glob, GError **error);

/* The arguments as paths relative to the project: NULL-terminated, g_strfreev(). */
char **show_paths(struct context *context, char **arguments, GError **error);

/*
 * Tell and free what a function of track.h returned: notes for each item ("added 'data' (12 files, 3.4 MiB)") and, unless it was done, the
 * `git add` that comes next. EXIT_DONE; -1 if result is NULL (the error is set).
 */
int show_track(struct context *context, struct track_result *result);

/* Note the `git add` of these files (relative to the project), in words that a shell takes. */
void show_next(struct context *context, const GPtrArray *touched);

/* Stop tracking targets and drop the stages of `how`, and tell it: what `remove` and `stage remove` do. An exit code, or -1. */
int show_removal(struct context *context, const struct outputs *outputs, const GPtrArray *targets,
		 const struct track_remove_options *how, GError **error);

/* How `checkout`, `pull` and the hooks check out. */
struct show_checkout {
	struct checkout_options how;
	bool glob;    /* arguments are patterns */
	bool summary; /* counts instead of paths */
	bool dry_run; /* print the steps, do nothing */
};

/*
 * Check out what the command's arguments name: print what changes (one "A\tpath" a line), refuse what would lose data, run, report. Returns an
 * exit code, or -1 with error.
 */
int show_checkout(struct context *context, const struct show_checkout *options, GError **error);

/* "1 file", "12 files". New string. */
char *show_count(uint64_t count, const char *one, const char *many);

#endif
