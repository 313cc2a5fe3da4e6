/*
 * text: how much room text takes on a terminal, and how to keep it harmless there. Any thread.
 *
 * Widths come from Unicode's tables in GLib, not from the locale, so they need no setlocale().
 */
#ifndef VIEW_TEXT_H
#define VIEW_TEXT_H

#include <glib.h>

/* The columns that UTF-8 text takes: 2 for wide characters, 0 for combining ones. A byte that is not UTF-8 counts 1. */
unsigned text_width(const char *text);

/*
 * Append text, at most `width` columns of it. What is too long loses its beginning for "…", because the end of a path
 * says more; nothing is appended if not even that fits.
 */
void text_append_cut(GString *out, const char *text, unsigned width);

/*
 * Append text of unknown origin for a terminal: control characters but tab become '?', and every newline but the last
 * is followed by `indent` blanks.
 */
void text_append_safe(GString *out, const char *text, unsigned indent);

#endif
