/*
 * progress: the body of struct watch that draws a bar on a terminal.
 *
 * The bar appears once work has taken about a second, is redrawn at most ten times a second, and takes one line of the
 * current width of the terminal, however often that changes. Everybody who writes to the same terminal calls
 * progress_hide() first; the bar comes back with the next step. Main thread only.
 */
#ifndef VIEW_PROGRESS_H
#define VIEW_PROGRESS_H

#include "base/auto.h"
#include "base/watch.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What one line of the bar says. */
struct progress_state {
	const char *what;            /* the phase: "Adding" */
	const char *name;            /* what is worked on, or NULL; of several, what began first */
	unsigned others;             /* how many more are worked on */
	uint64_t retries;            /* what failed and was tried again */
	uint64_t items, items_total; /* totals are 0 if not known */
	uint64_t bytes, bytes_total;
	int64_t elapsed_us; /* since the phase began */
	uint64_t rate;      /* bytes a second of late, 0 if not known */
};

/* A watch on err (borrowed). Without `draw` it only passes warnings on; `colour` is for these. */
struct watch *progress_new(FILE *err, bool draw, bool colour);

/* Change whether warnings are coloured. */
void progress_set_colour(struct watch *watch, bool colour);

/* Wipe the bar off its line if it is there. */
void progress_hide(struct watch *watch);

/* Wipe the bar and never draw it again: the terminal belongs to somebody else now. Warnings still pass. */
void progress_stop(struct watch *watch);

/* Wipe the bar and free the watch. */
void progress_free(struct watch *watch);

/* The line for a state, at most `width` columns, without line ends: "Adding  42% (12/30), 1.5 GiB of 3.0 GiB, 210
 * MiB/s, 0:07 left, 2 retries: a/b.bin and 3 more". */
void progress_line(GString *line, const struct progress_state *state, unsigned width);

/* The columns of the terminal behind a descriptor (asked anew each time), or what COLUMNS says; 80 if neither is known.
 */
unsigned progress_terminal_width(int fd);

#endif
