#include "../tap.h"

#include "base/error.h"
#include "measure/csv.h"

#include <string.h>

/* Writes rows as "line:a|b|c;" so that a test can compare one text. */
static bool write_row(char **fields, size_t count, size_t line, void *user, GError **error)
{
	GString *out = user;

	(void)error;
	g_string_append_printf(out, "%zu:", line);
	for (size_t i = 0; i < count; i++)
		g_string_append_printf(out, "%s%s", i ? "|" : "", fields[i]);
	g_string_append_c(out, ';');
	return true;
}

static void assert_read(const char *text, const char *expected)
{
	g_autofree char *copy = g_strdup(text);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	bool done = csv_read(copy, strlen(text), ',', "t.csv", write_row, out, &error);

	g_assert_no_error(error);
	g_assert_true(done);
	g_assert_cmpstr(out->str, ==, expected);
}

static void assert_refused(const char *text, size_t length, enum error_code code, const char *message)
{
	g_autofree char *copy = g_malloc(length + 1);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	memcpy(copy, text, length);
	copy[length] = '\0';
	g_assert_false(csv_read(copy, length, ',', "t.csv", write_row, out, &error));
	g_assert_true(error_is(error, code));
	g_assert_nonnull(strstr(error->message, message));
}

static void plain(void)
{
	assert_read("a,b\n1,2\n", "1:a|b;2:1|2;");
	assert_read("a,b\n1,2", "1:a|b;2:1|2;");
	assert_read("a,b\r\n1,2\r\n", "1:a|b;2:1|2;");
	assert_read("a,b\r1,2\r", "1:a|b;2:1|2;");
	assert_read("\xEF\xBB\xBFx\n1\n", "1:x;2:1;");
	assert_read("", "");
}

static void blank_lines_and_ragged_rows(void)
{
	assert_read("\n\na\n\n1\n\n", "3:a;5:1;");
	assert_read("a,b\n1\n1,2,3\n,\n", "1:a|b;2:1;3:1|2|3;4:|;");
	assert_read("a\n\"\"\n", "1:a;2:;");
	assert_read("a,", "1:a|;");
}

static void quotes(void)
{
	assert_read("\"a,b\",\"c\nd\"\n\"e\"\"f\"\n", "1:a,b|c\nd;3:e\"f;");
	assert_read("\"a\"b,c\"d\"\n", "1:ab|c\"d\";");
	assert_read("\"a\r\nb\"\nc\n", "1:a\r\nb;3:c;");
	assert_refused("a\n\"b\nc\n", 7, ERROR_CORRUPT, "t.csv:2: a quoted field has no end");
	assert_refused("\"a\"\"", 4, ERROR_CORRUPT, "no end");
}

static void what_is_no_text(void)
{
	assert_refused("a\nb\n\xE9\n", 6, ERROR_CORRUPT, "t.csv:3: a byte that is not UTF-8");
	assert_refused("a\n\0b\n", 5, ERROR_CORRUPT, "t.csv:2: a NUL byte");
}

static void a_row_without_end(void)
{
	g_autoptr(GString) text = g_string_new("a\n");

	for (size_t i = 0; i < CSV_FIELD_LIMIT; i++)
		g_string_append_c(text, ',');
	assert_refused(text->str, text->len, ERROR_UNSAFE, "fields");
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/csv/plain", plain);
	g_test_add_func("/csv/blank-lines-and-ragged-rows", blank_lines_and_ragged_rows);
	g_test_add_func("/csv/quotes", quotes);
	g_test_add_func("/csv/what-is-no-text", what_is_no_text);
	g_test_add_func("/csv/a-row-without-end", a_row_without_end);
	return g_test_run();
}
