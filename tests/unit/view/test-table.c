#include "../tap.h"

#include "view/table.h"

static const char *const names[] = {"NAME", "SIZE", "NOTE"};
static const enum table_align aligns[] = {TABLE_SHRINK, TABLE_RIGHT, TABLE_LEFT};

struct look {
	enum view_colour colour;
	bool terminal, headings;
	unsigned width;
	bool markdown;
};

/* How a table of two rows comes out; new string. */
static char *print(struct look look)
{
	FILE *out = tmpfile();
	struct view *view = view_new(out, stderr, look.colour, false, 0, false);
	autoptr(table) table = table_new(names, aligns, 3);
	char *text;

	view->out_terminal = look.terminal;
	view->width = look.width;
	table_row(table, VIEW_ADDED, (const char *[]){"数据/a-long-name.csv", "1.5 KiB", "new"});
	table_row(table, VIEW_PLAIN, (const char *[]){look.markdown ? "b|\n" : "b", "10 B", NULL});
	g_assert_cmpuint(table_count(table), ==, 2);
	if (look.markdown)
		table_print_markdown(table, view);
	else
		table_print(table, view, look.headings);
	g_assert_true(view_close(view));
	text = g_malloc0(ftell(out) + 1);
	rewind(out);
	g_assert_cmpint(fread(text, 1, 4096, out), >, 0);
	fclose(out);
	return text;
}

static void columns_line_up(void)
{
	g_autofree char *text = print((struct look){VIEW_COLOUR_NEVER, false, true, 80, false});

	g_assert_cmpstr(text, ==,
			"NAME                    SIZE NOTE\n"
			"数据/a-long-name.csv 1.5 KiB new\n"
			"b                       10 B \n");
}

static void markdown_keeps_cells_apart(void)
{
	g_autofree char *text = print((struct look){.colour = VIEW_COLOUR_NEVER, .markdown = true, .width = 80});

	g_assert_cmpstr(text, ==,
			"| NAME                 | SIZE    | NOTE   |\n"
			"|----------------------|---------|--------|\n"
			"| 数据/a-long-name.csv | 1.5 KiB | new    |\n"
			"| b\\|                  | 10 B    |        |\n\n");
}

static void headings_can_be_left_out(void)
{
	g_autofree char *text = print((struct look){VIEW_COLOUR_NEVER, false, false, 80, false});

	g_assert_null(strstr(text, "NAME"));
	g_assert_nonnull(strstr(text, "1.5 KiB new\n"));
}

static void only_a_terminal_is_narrow(void)
{
	g_autofree char *cut = print((struct look){VIEW_COLOUR_NEVER, true, false, 24, false});
	g_autofree char *whole = print((struct look){VIEW_COLOUR_NEVER, false, false, 24, false});

	g_assert_null(strstr(cut, "a-long-name.csv"));
	g_assert_nonnull(strstr(cut, "1.5 KiB"));
	g_assert_nonnull(strstr(whole, "a-long-name.csv"));
}

static void rows_have_colour(void)
{
	g_autofree char *text = print((struct look){VIEW_COLOUR_ALWAYS, false, false, 80, false});

	g_assert_true(g_str_has_prefix(text, "\033[32m"));
	g_assert_null(strstr(strchr(text, '\n'), "\033[32m"));
}

static void numbers_keep_their_point(void)
{
	g_autofree char *text = NULL;
	char number[8];

	g_setenv("LC_ALL", "de_DE.UTF-8", true);
	text = print((struct look){VIEW_COLOUR_NEVER, false, true, 80, false});
	g_snprintf(number, sizeof(number), "%.1f", 1.5);
	g_assert_cmpstr(number, ==, "1.5");
}

static void an_empty_table_is_not_printed(void)
{
	FILE *out = tmpfile();
	struct view *view = view_new(out, stderr, VIEW_COLOUR_NEVER, false, 0, false);
	autoptr(table) table = table_new(names, aligns, 3);

	table_print(table, view, true);
	g_assert_true(view_close(view));
	g_assert_cmpint(ftell(out), ==, 0);
	fclose(out);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/table/columns_line_up", columns_line_up);
	g_test_add_func("/table/markdown", markdown_keeps_cells_apart);
	g_test_add_func("/table/headings_can_be_left_out", headings_can_be_left_out);
	g_test_add_func("/table/only_a_terminal_is_narrow", only_a_terminal_is_narrow);
	g_test_add_func("/table/rows_have_colour", rows_have_colour);
	g_test_add_func("/table/numbers_keep_their_point", numbers_keep_their_point);
	g_test_add_func("/table/an_empty_table_is_not_printed", an_empty_table_is_not_printed);
	return g_test_run();
}
