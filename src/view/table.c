#include "view/table.h"

#include <langinfo.h>
#include <libsmartcols/libsmartcols.h>
#include <locale.h>

struct table {
	struct libscols_table *scols;
	unsigned columns;
};

/* libsmartcols fails only when memory is short, and then this program ends, as GLib does. */
static void *checked(void *pointer)
{
	if (!pointer)
		g_error("libsmartcols: out of memory");
	return pointer;
}

struct table *table_new(const char *const *names, const enum table_align *aligns, unsigned columns)
{
	static const int flags[] = {[TABLE_LEFT] = 0, [TABLE_RIGHT] = SCOLS_FL_RIGHT, [TABLE_SHRINK] = SCOLS_FL_TRUNC};
	struct table *table = g_new0(struct table, 1);

	table->scols = checked(scols_new_table());
	table->columns = columns;
	for (unsigned i = 0; i < columns; i++)
		checked(scols_table_new_column(table->scols, names[i], 0, flags[aligns[i]]));
	return table;
}

void table_row(struct table *table, enum view_style style, const char *const *cells)
{
	struct libscols_line *line = checked(scols_table_new_line(table->scols, NULL));

	for (unsigned i = 0; i < table->columns; i++)
		if (cells[i] && scols_line_set_data(line, i, cells[i]) != 0)
			checked(NULL);
	if (style != VIEW_PLAIN && scols_line_set_color(line, view_style_start(style)) != 0)
		checked(NULL);
}

size_t table_count(const struct table *table)
{
	return scols_table_get_nlines(table->scols);
}

/* Widths need a locale that knows UTF-8. Only its character type is taken: numbers must go on being read and written
 * the C way. */
static void use_utf8(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

void table_print(struct table *table, struct view *view, bool headings)
{
	char *text = NULL;

	if (table_count(table) == 0)
		return;
	use_utf8();
	scols_table_enable_noheadings(table->scols, !headings);
	scols_table_enable_colors(table->scols, view->colour);
	scols_table_set_termforce(table->scols, view->out_terminal ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	scols_table_set_termwidth(table->scols, view->width);
	if (scols_print_table_to_string(table->scols, &text) != 0)
		checked(NULL);
	view_write(view, text, strlen(text));
	view_write(view, "\n", 1);
	free(text);
}

void table_free(struct table *table)
{
	if (!table)
		return;
	scols_unref_table(table->scols);
	g_free(table);
}
