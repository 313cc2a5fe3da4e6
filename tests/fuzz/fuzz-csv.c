/*
 * Input: a table. What was read, written with every field in quotes, must read back as the same rows.
 */
#include "fuzz.h"
#include "measure/csv.h"
#include "measure/points.h"

#include <string.h>

/* Append a row with every field quoted. */
static bool write_row(char **fields, size_t count, size_t line, void *user, GError **error)
{
	GString *out = user;

	(void)line;
	(void)error;
	for (size_t i = 0; i < count; i++) {
		g_string_append(out, i ? ",\"" : "\"");
		for (const char *c = fields[i]; *c; c++)
			g_string_append_printf(out, *c == '"' ? "\"\"" : "%c", *c);
		g_string_append_c(out, '"');
	}
	g_string_append_c(out, '\n');
	return true;
}

/* Read a copy of text as rows into out. */
static bool read_rows(const char *text, size_t length, GString *out)
{
	g_autofree char *copy = g_malloc(length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return csv_read(copy, length, ',', "input", write_row, out, NULL);
}

/* Every value can be asked for. */
static void touch_points(const char *text, size_t length, const char *name, bool header)
{
	char *copy = g_malloc(length + 1);
	g_autoptr(GString) out = g_string_new(NULL);
	autoptr(points) points = NULL;
	double number;

	memcpy(copy, text, length);
	copy[length] = '\0';
	points = points_read(copy, length, name, header, NULL);
	for (size_t row = 0; points && row < points->count; row++)
		for (guint field = 0; field < points->fields->len; field++) {
			point_text(out, points_get(points, row, (int)field));
			point_number(points_get(points, row, (int)field), &number);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	g_autoptr(GString) once = g_string_new(NULL), twice = g_string_new(NULL);

	if (read_rows(text, size, once)) {
		if (!read_rows(once->str, once->len, twice))
			fuzz_fail("rows do not read back:\n%s", once->str);
		if (strcmp(once->str, twice->str) != 0)
			fuzz_fail("rows read back as others:\n%s\n%s", once->str, twice->str);
	}
	touch_points(text, size, "input.csv", true);
	touch_points(text, size, "input.tsv", false);
	return 0;
}
