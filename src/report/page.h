/*
 * page: one HTML document that needs nothing else: its style is inside, it runs no script, and its own security policy forbids it to
 * load anything. Light and dark as the reader's system has it.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <glib.h>

/* How many colours and dash patterns the style has: classes c0 …, d0 … */
#define PAGE_COLOURS 8
#define PAGE_DASHES 5

/* Begin the document with its title. A new GString. */
GString *page_begin(const char *title);

/* Append an image of that type as a figure with a caption, held in the page itself. Any kind is drawn, none can run a script. */
void page_image(GString *page, const char *mime, const char *data, gsize length, const char *caption);

/* End it. */
void page_end(GString *page);

#endif
