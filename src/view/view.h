/*
 * view: how results look. One handle, made by cli/ from the terminal, the settings and the flags; commands hand it
 * their results. It knows no domain type. Main thread only.
 *
 * Results go out through the functions here, in table.h and in json-out.h only: they start the pager when the first
 * byte comes, and remember why standard output could not be written.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "base/auto.h"
#include "base/watch.h"
#include "view/size.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct view {
	FILE *out, *err; /* results; all else */
	bool out_terminal, err_terminal;
	bool together; /* both are one terminal or file: they keep their order */
	bool colour; /* for out */
	bool colour_err;
	bool quiet;          /* -q: no progress, no notes */
	unsigned verbose;    /* -v, counted */
	bool progress;       /* bars are allowed */
	bool ascii_paths;    /* core.quotePath: bytes over 0x7F are quoted */
	unsigned width;      /* of the terminal; 80 if there is none */
	struct watch *watch; /* draws on err; owned by the view */
	void (*first_output)(
		void *user); /* called once, before the first byte goes to out: starts the pager; may be NULL */
	void *first_output_user;
	int write_error; /* errno of the first failed write to out */
};

/* How colour is asked for: color.ui and NO_COLOR are resolved by cli/. */
enum view_colour { VIEW_COLOUR_AUTO, VIEW_COLOUR_ALWAYS, VIEW_COLOUR_NEVER };

/* A view on out and err (borrowed). */
struct view *view_new(FILE *out, FILE *err, enum view_colour colour, bool quiet, unsigned verbose, bool progress);

/* Change what view_new() was told about colour, once the settings have been read. */
void view_set_colour(struct view *view, enum view_colour colour);

/* Change what view_new() was told about -q, -v and bars, once the options have been read. */
void view_set_volume(struct view *view, bool quiet, unsigned verbose, bool progress);

/* Flush and free. false if standard output could not be written (full disk, closed pipe): errno tells. */
bool view_close(struct view *view);

/* view_close() without its answer. */
void view_free(struct view *view);

AUTO_DEFINE(view, view_free);

/* Meanings, not colours. */
enum view_style {
	VIEW_PLAIN,
	VIEW_HEADING,
	VIEW_ADDED,
	VIEW_DELETED,
	VIEW_MODIFIED,
	VIEW_RENAMED,
	VIEW_MISSING,
	VIEW_DIM,
	VIEW_OK,
	VIEW_BAD
};

/* Formatted text on out, in a style (no newline of its own). */
void view_print(struct view *view, enum view_style style, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Bytes on out as they are. */
void view_write(struct view *view, const char *data, size_t length);

/*
 * A path on out: quoted as Git quotes if it must be, and for a terminal also where it is not UTF-8. `terminator`
 * follows ('\n', '\t', -1 for none); with '\0' the path goes out raw (-z).
 */
void view_path(struct view *view, enum view_style style, const char *path, int terminator);

/* One line on err unless quiet: what was done, what to do next. */
void view_note(struct view *view, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* "warning: …" on err, also when quiet. */
void view_warn(struct view *view, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* "error: …" and, if it has one, "hint: …" on err; lines after the first are indented. */
void view_error(struct view *view, const GError *error);

/* "fatal: …" and the hint on err. */
void view_fatal(struct view *view, const GError *error);

/* Ask on the terminal; without one the answer is no. Only "y" and "yes" are yes. */
bool view_confirm(struct view *view, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The escape sequence that starts a style, "" for plain, whatever the view's colour; for table.c. */
const char *view_style_start(enum view_style style);

#endif
