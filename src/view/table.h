/*
 * table: rows and columns for people, over libsmartcols. Main thread only.
 *
 *	autoptr(table) table = table_new(names, aligns, 3);
 *	table_row(table, VIEW_ADDED, (const char *[]){ "a.csv", "1.5 KiB", NULL });
 *	table_print(table, view, true);
 */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include "view/view.h"

struct table;

enum table_align { TABLE_LEFT, TABLE_RIGHT, TABLE_SHRINK /* left, may be cut on a narrow terminal */ };

/* A table with these column headings and alignments, two arrays of `columns`, copied. */
struct table *table_new(const char *const *names, const enum table_align *aligns, unsigned columns);

/* Add a row of `columns` cells, copied; NULL cells are empty. `style` colours the whole row. */
void table_row(struct table *table, enum view_style style, const char *const *cells);

/* Rows so far. */
size_t table_count(const struct table *table);

/* Print it to the view's out; nothing if it has no rows. Without `headings` only the rows. */
void table_print(struct table *table, struct view *view, bool headings);

/* Print it with its headings as a table of Markdown (GFM) and an empty line; nothing if it has no rows. */
void table_print_markdown(const struct table *table, struct view *view);

/* Free it. */
void table_free(struct table *table);

AUTO_DEFINE(table, table_free);

#endif
