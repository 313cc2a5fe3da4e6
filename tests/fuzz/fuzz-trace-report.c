/*
 * Input: a trace report. What was read of it is the same after it was written and read again.
 */
#include "fuzz.h"
#include "pipeline/trace-report.h"

#include <string.h>

static void assert_same(const struct trace_report *one, const struct trace_report *two)
{
	g_autoptr(GPtrArray) a = trace_report_list(one), b = trace_report_list(two);

	g_assert_cmpuint(a->len, ==, b->len);
	g_assert_cmpuint(g_hash_table_size(one->notes), ==, g_hash_table_size(two->notes));
	for (guint i = 0; i < a->len; i++) {
		const struct trace_file *x = a->pdata[i], *y = b->pdata[i];

		g_assert_cmpstr(x->path, ==, y->path);
		g_assert_cmpuint(x->use & ~(unsigned)TRACE_MADE, ==, y->use & ~(unsigned)TRACE_MADE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoptr(trace_report) report = trace_report_parse((const char *)data, size, NULL);
	autoptr(trace_report) again = NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	if (!report)
		return 0;
	trace_report_write(report, text);
	again = trace_report_parse(text->str, text->len, NULL);
	g_assert_nonnull(again);
	assert_same(report, again);
	return 0;
}
