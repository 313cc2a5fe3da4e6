#include "../tap.h"

#include "base/error.h"
#include "pipeline/trace-report.h"

#include <string.h>

/* The report as one line of text: "r data/a; w out". */
static char *summary(const struct trace_report *report)
{
	g_autoptr(GPtrArray) files = trace_report_list(report);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < files->len; i++) {
		const struct trace_file *file = g_ptr_array_index(files, i);

		g_string_append_printf(text, "%s%s%s%s %s", i ? "; " : "", file->use & TRACE_READ ? "r" : "",
				       file->use & TRACE_WROTE ? "w" : "", file->use & TRACE_LISTED ? "l" : "", file->path);
		if (file->real)
			g_string_append_printf(text, " = %s", file->real);
	}
	return g_string_free(text, FALSE);
}

static void assert_summary(const struct trace_report *report, const char *expected)
{
	g_autofree char *text = summary(report);

	g_assert_cmpstr(text, ==, expected);
}

/* Written and parsed again, it is the same. */
static void assert_round_trip(const struct trace_report *report)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *expected = summary(report);
	autoptr(trace_report) again = NULL;

	trace_report_write(report, text);
	again = trace_report_parse(text->str, text->len, &error);
	g_assert_no_error(error);
	assert_summary(again, expected);
	g_assert_cmpuint(g_hash_table_size(again->notes), ==, g_hash_table_size(report->notes));
}

static void temporary_files_are_no_inputs(void)
{
	autoptr(trace_report) report = trace_report_new();

	trace_report_wrote(report, "tmp", NULL);
	trace_report_read(report, "tmp", NULL);
	trace_report_read(report, "both", NULL);
	trace_report_wrote(report, "both", NULL);
	assert_summary(report, "rw both; w tmp");
	assert_round_trip(report);
}

static void renames_carry_what_was_written(void)
{
	autoptr(trace_report) report = trace_report_new();

	trace_report_wrote(report, "out.tmp", NULL);
	trace_report_renamed(report, "out.tmp", "out");
	trace_report_wrote(report, "new/a", NULL);
	trace_report_wrote(report, "new/b/c", NULL);
	trace_report_renamed(report, "new", "old");
	trace_report_read(report, "old/a", NULL);
	assert_summary(report, "w old/a; w old/b/c; w out");
	trace_report_renamed(report, "input", "moved");
	trace_report_renamed(report, NULL, "from-outside");
	trace_report_renamed(report, "out", NULL);
	assert_summary(report, "w from-outside; r input; w moved; w old/a; w old/b/c");
	assert_round_trip(report);
}

static void links_have_two_names(void)
{
	autoptr(trace_report) report = trace_report_new();

	trace_report_read(report, "data/a", "store/xy");
	trace_report_read(report, "same", "same");
	/* Written by one name and read by the other. */
	trace_report_wrote(report, "link/out", "real/out");
	trace_report_read(report, "real/out", NULL);
	/* Read through a link that the stage itself made. */
	trace_report_wrote(report, "own-link", NULL);
	trace_report_read(report, "own-link", "source");
	assert_summary(report, "r data/a = store/xy; w link/out = real/out; w own-link; r same; r source");
	/* Read, and then written by a name that sorts before it. */
	trace_report_read(report, "z", NULL);
	trace_report_wrote(report, "a", "z");
	assert_summary(report, "w a = z; r data/a = store/xy; w link/out = real/out; w own-link; r same; r source; r z");
	assert_round_trip(report);
}

static void blocks_add_up_in_order(void)
{
	static const char text[] = "w\0tmp\0\0end\0001\0\0"
				   "r\0tmp\0\0rl\0dir\0\0note\0odd\0\0end\0003\0\0";
	g_autoptr(GError) error = NULL;
	autoptr(trace_report) report = trace_report_parse(text, sizeof(text) - 1, &error);

	g_assert_no_error(error);
	assert_summary(report, "rl dir; w tmp");
	g_assert_true(g_hash_table_contains(report->notes, "odd"));
}

static void assert_refused(const char *text, size_t length)
{
	g_autoptr(GError) error = NULL;
	autoptr(trace_report) report = trace_report_parse(text, length, &error);

	g_assert_null(report);
	g_assert_true(error_is(error, ERROR_CORRUPT));
}

#define REFUSED(text) assert_refused(text, sizeof(text) - 1)

static void damaged_texts_are_refused(void)
{
	REFUSED("");
	REFUSED("r\0a\0\0");
	REFUSED("r\0a\0\0end\0002\0\0");
	REFUSED("r\0a\0\0end\0001\0");
	REFUSED("r\0a\0\0end\0x\0\0");
	REFUSED("r\0a\0\0end\0001\0\0r\0b\0\0");
	REFUSED("z\0a\0\0end\0001\0\0");
	REFUSED("\0a\0\0end\0001\0\0");
	REFUSED("r\0/etc/passwd\0\0end\0001\0\0");
	REFUSED("r\0../x\0\0end\0001\0\0");
	REFUSED("r\0a\0../x\0end\0001\0\0");
	REFUSED("r\0a//b\0\0end\0001\0\0");
}

static void many_files_are_told_by_a_note(void)
{
	autoptr(trace_report) report = trace_report_new();

	for (unsigned i = 0; i <= TRACE_REPORT_FILES; i++) {
		char name[16];

		g_snprintf(name, sizeof(name), "f%u", i);
		trace_report_read(report, name, NULL);
	}
	g_assert_cmpuint(g_hash_table_size(report->files), ==, TRACE_REPORT_FILES);
	g_assert_cmpuint(g_hash_table_size(report->notes), ==, 1);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/trace-report/temporaries", temporary_files_are_no_inputs);
	g_test_add_func("/trace-report/renames", renames_carry_what_was_written);
	g_test_add_func("/trace-report/links", links_have_two_names);
	g_test_add_func("/trace-report/blocks", blocks_add_up_in_order);
	g_test_add_func("/trace-report/damaged", damaged_texts_are_refused);
	g_test_add_func("/trace-report/many", many_files_are_told_by_a_note);
	return g_test_run();
}
