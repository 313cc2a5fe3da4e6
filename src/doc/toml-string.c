#include "doc/node-int.h"
#include "doc/toml-int.h"

#include <string.h>

/* A string that is being read. */
struct reading {
	struct toml *toml;
	GString *text;
	char quote;  /* '"' knows escapes, '\'' does not */
	bool lines;  /* between three quotes */
};

/* Step over a line end, which CRLF is, too. */
static bool skip_line_end(struct toml *toml)
{
	if (*toml->at == '\n')
		toml->at++;
	else if (toml->at[0] == '\r' && toml->at[1] == '\n')
		toml->at += 2;
	else
		return false;
	return true;
}

/* The character that `digits` hexadecimal digits name. */
static bool read_code(struct reading *reading, unsigned digits, GError **error)
{
	struct toml *toml = reading->toml;
	const char *escape = toml->at - 2;
	gunichar code = 0;

	for (unsigned i = 0; i < digits; i++, toml->at++) {
		if (!g_ascii_isxdigit(*toml->at))
			return toml_fail(toml, error, "a hexadecimal digit is expected here");
		code = code << 4 | (gunichar)g_ascii_xdigit_value(*toml->at);
	}
	if (code == 0)
		return places_fail(&toml->places, escape, error, "a NUL character is not allowed");
	if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
		return places_fail(&toml->places, escape, error, "there is no such character");
	g_string_append_unichar(reading->text, code);
	return true;
}

/* A backslash at the end of a line: all white space after it goes. */
static bool skip_continuation(struct reading *reading)
{
	struct toml *toml = reading->toml;
	const char *backslash = toml->at;

	toml->at++;
	toml_skip_blanks(toml);
	if (!reading->lines || !skip_line_end(toml)) {
		toml->at = backslash;
		return false;
	}
	do
		toml_skip_blanks(toml);
	while (skip_line_end(toml));
	return true;
}

/* What a backslash begins. */
static bool read_escape(struct reading *reading, GError **error)
{
	static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
	struct toml *toml = reading->toml;
	char name = toml->at[1];
	const char *found = name ? strchr(names, name) : NULL;

	if (skip_continuation(reading))
		return true;
	if (!found && name != 'u' && name != 'U')
		return toml_fail(toml, error, "this escape is none of \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX");
	toml->at += 2;
	if (!found)
		return read_code(reading, name == 'u' ? 4 : 8, error);
	g_string_append_c(reading->text, values[found - names]);
	return true;
}

/*
 * Step over the end of the string if it comes next. Of up to five quotes in a row, the last three end a string of several
 * lines.
 */
static bool skip_end(struct reading *reading)
{
	struct toml *toml = reading->toml;
	size_t count = 0;

	if (!reading->lines)
		return toml_skip(toml, reading->quote);
	while (count < 5 && toml->at[count] == reading->quote)
		count++;
	if (count < 3)
		return false;
	for (size_t i = 3; i < count; i++)
		g_string_append_c(reading->text, reading->quote);
	toml->at += count;
	return true;
}

/* Everything up to the closing quotes. */
static bool read_body(struct reading *reading, const char *start, GError **error)
{
	struct toml *toml = reading->toml;

	while (!skip_end(reading)) {
		unsigned char c = (unsigned char)*toml->at;

		if (toml->at == toml->end)
			return places_fail(&toml->places, start, error, "this string has no end");
		if (c == '\\' && reading->quote == '"') {
			if (!read_escape(reading, error))
				return false;
		} else if (c == '\n' || (c == '\r' && toml->at[1] == '\n')) {
			if (!reading->lines)
				return places_fail(&toml->places, start, error, "this string has no end on its line");
			skip_line_end(toml);
			g_string_append_c(reading->text, '\n');
		} else if ((c < 0x20 && c != '\t') || c == 0x7F) {
			return toml_fail(toml, error, "a control character must be written as an escape");
		} else {
			g_string_append_c(reading->text, (char)c);
			toml->at++;
		}
	}
	return true;
}

struct node *toml_read_string(struct toml *toml, bool key, GError **error)
{
	struct reading reading = {.toml = toml, .quote = *toml->at};
	const char *start = toml->at;
	struct node *node = NULL;

	reading.lines = !key && start[1] == reading.quote && start[2] == reading.quote;
	toml->at += reading.lines ? 3 : 1;
	if (reading.lines)
		skip_line_end(toml);
	reading.text = g_string_new(NULL);
	if (read_body(&reading, start, error)) {
		node = doc_node(toml->doc, NODE_STRING);
		node->text = doc_text(toml->doc, reading.text->str, reading.text->len);
		node->place = places_find(&toml->places, start, toml->at);
	}
	g_string_free(reading.text, TRUE);
	return node;
}
