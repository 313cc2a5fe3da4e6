#include "view/table.h"

#include "view/text.h"

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

/* What a cell holds, as text that stays in its cell of a Markdown table. New string. */
static char *markdown_text(const char *data)
{
	GString *text = g_string_new(NULL);

	for (const char *at = data ? data : ""; *at; at++) {
		if (*at == '|' || *at == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, g_ascii_iscntrl(*at) ? ' ' : *at);
	}
	return g_string_free(text, FALSE);
}

/* The texts of a column, its heading first: an array of strings. */
static GPtrArray *markdown_column(const struct table *table, unsigned column)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	struct libscols_column *scols = checked(scols_table_get_column(table->scols, column));

	g_ptr_array_add(texts, markdown_text(scols_cell_get_data(scols_column_get_header(scols))));
	for (size_t i = 0; i < table_count(table); i++) {
		struct libscols_line *line = checked(scols_table_get_line(table->scols, i));

		g_ptr_array_add(texts, markdown_text(scols_cell_get_data(scols_line_get_cell(line, column))));
	}
	return texts;
}

/* Make all texts of a column equally wide, two columns more than the heading at least, and put a rule below it. */
static void markdown_pad(GPtrArray *texts)
{
	unsigned width = text_width(texts->pdata[0]) + 2;

	for (guint i = 0; i < texts->len; i++)
		width = MAX(width, text_width(texts->pdata[i]));
	for (guint i = 0; i < texts->len; i++) {
		char *text = texts->pdata[i];

		texts->pdata[i] = g_strdup_printf("| %s%*s ", text, (int)(width - text_width(text)), "");
		g_free(text);
	}
	g_ptr_array_insert(texts, 1, g_strnfill(width + 3, '-'));
	*(char *)texts->pdata[1] = '|';
}

void table_print_markdown(const struct table *table, struct view *view)
{
	g_autoptr(GPtrArray) columns = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

	if (table_count(table) == 0)
		return;
	for (unsigned i = 0; i < table->columns; i++) {
		g_ptr_array_add(columns, markdown_column(table, i));
		markdown_pad(columns->pdata[i]);
	}
	for (size_t i = 0; i < table_count(table) + 2; i++) {
		for (unsigned j = 0; j < table->columns; j++) {
			const char *text = ((GPtrArray *)columns->pdata[j])->pdata[i];

			view_write(view, text, strlen(text));
		}
		view_write(view, "|\n", 2);
	}
	view_write(view, "\n", 1);
}

void table_free(struct table *table)
{
	if (!table)
		return;
	scols_unref_table(table->scols);
	g_free(table);
}
