/*
 * html: text of unknown origin inside a page. Any thread.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <glib.h>
#include <stddef.h>

/*
 * Append text so that it is nothing but text, in an element as well as in a quoted attribute. Control characters and bytes that are not
 * UTF-8 become U+FFFD, but for tab and newline.
 */
void html_text(GString *out, const char *text);

/* The same with at most `limit` characters, the last of which is "…" if there were more. */
void html_text_cut(GString *out, const char *text, size_t limit);

/* Append a number in the form that SVG reads, with at most two decimals. */
void html_number(GString *out, double value);

#endif
