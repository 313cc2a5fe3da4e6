#include "measure/csv.h"

#include "base/cancel.h"
#include "base/error.h"

#include <string.h>

struct csv {
	char *at;  /* what is read next */
	char *end; /* the NUL behind the text */
	char delimiter;
	size_t line;
	const char *name;
	GPtrArray *fields; /* of the row in hand, pointing into the text */
	bool quoted;       /* the row has a quoted field, so it is not blank */
};

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* Step over one line end: \n, \r\n or \r. */
static void skip_line_end(struct csv *csv)
{
	if (csv->at[0] == '\r' && csv->at[1] == '\n')
		csv->at++;
	csv->at++;
	csv->line++;
}

/* Move the text between quotes to *to, which goes on behind it; at the opening quote before, behind the closing one after. */
static bool read_quoted(struct csv *csv, char **to, GError **error)
{
	size_t opened = csv->line;

	csv->quoted = true;
	for (csv->at++; csv->at < csv->end; csv->at++) {
		if (*csv->at == '"' && csv->at[1] != '"') {
			csv->at++;
			return true;
		}
		if (*csv->at == '"')
			csv->at++;
		if (*csv->at == '\n' || (*csv->at == '\r' && csv->at[1] != '\n'))
			csv->line++;
		*(*to)++ = *csv->at;
	}
	error_set(error, ERROR_CORRUPT, "%s:%zu: a quoted field has no end", csv->name, opened);
	return false;
}

/*
 * Read one field and what ends it; *more tells whether another one follows in the row. The text shrinks while its quotes go, so
 * it always fits where it stood, and its NUL falls on what ended it at the latest.
 */
static bool read_field(struct csv *csv, bool *more, GError **error)
{
	char *start = csv->at, *to = csv->at;

	if (*csv->at == '"' && !read_quoted(csv, &to, error))
		return false;
	while (csv->at < csv->end && *csv->at != csv->delimiter && !is_line_end(*csv->at))
		*to++ = *csv->at++;
	*more = csv->at < csv->end && *csv->at == csv->delimiter;
	if (*more)
		csv->at++;
	else if (csv->at < csv->end)
		skip_line_end(csv);
	*to = '\0';
	if (csv->fields->len >= CSV_FIELD_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s:%zu: a row of more than %zu fields", csv->name, csv->line, CSV_FIELD_LIMIT);
		return false;
	}
	g_ptr_array_add(csv->fields, start);
	return true;
}

static bool read_row(struct csv *csv, GError **error)
{
	bool more = true;

	g_ptr_array_set_size(csv->fields, 0);
	csv->quoted = false;
	while (more)
		if (!read_field(csv, &more, error))
			return false;
	return cancel_check(error);
}

/* Whether all of it is UTF-8 without NULs. */
static bool check_text(const struct csv *csv, GError **error)
{
	const char *bad;
	size_t line = 1;

	if (g_utf8_validate_len(csv->at, (gsize)(csv->end - csv->at), &bad))
		return true;
	for (const char *c = csv->at; c < bad; c++)
		line += *c == '\n' || (*c == '\r' && c[1] != '\n');
	error_set(error, ERROR_CORRUPT, "%s:%zu: %s", csv->name, line,
		  *bad ? "a byte that is not UTF-8; save the file in that encoding" : "a NUL byte: this is no text");
	return false;
}

bool csv_read(char *text, size_t length, char delimiter, const char *name, csv_row row, void *user, GError **error)
{
	g_autoptr(GPtrArray) fields = g_ptr_array_new();
	struct csv csv = {text, text + length, delimiter, 1, name, fields, false};

	if (!check_text(&csv, error))
		return false;
	if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
		csv.at += strlen("\xEF\xBB\xBF");
	while (csv.at < csv.end) {
		size_t line = csv.line;

		if (!read_row(&csv, error))
			return false;
		if (fields->len == 1 && !csv.quoted && !*(const char *)fields->pdata[0])
			continue;
		if (!row((char **)fields->pdata, fields->len, line, user, error))
			return false;
	}
	return true;
}
