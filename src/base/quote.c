#include "base/quote.h"
#include "base/error.h"

#include <string.h>

/* The letter after the backslash that stands for byte c, 0 if it has none. */
static char letter_of(unsigned char c)
{
	switch (c) {
	case '\a':
		return 'a';
	case '\b':
		return 'b';
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\v':
		return 'v';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	case '"':
	case '\\':
		return (char)c;
	default:
		return 0;
	}
}

/* The reverse of letter_of(); -1 if the letter stands for nothing. */
static int byte_of(char letter)
{
	switch (letter) {
	case 'a':
		return '\a';
	case 'b':
		return '\b';
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'v':
		return '\v';
	case 'f':
		return '\f';
	case 'r':
		return '\r';
	case '"':
	case '\\':
		return letter;
	default:
		return -1;
	}
}

static bool needs_escape(unsigned char c, bool ascii)
{
	return c < 0x20 || c == 0x7f || c == '"' || c == '\\' || (ascii && c > 0x7f);
}

void quote_append(GString *out, const char *text, bool ascii)
{
	const char *p = text;

	while (*p && !needs_escape((unsigned char)*p, ascii))
		p++;
	if (!*p) {
		g_string_append_len(out, text, p - text);
		return;
	}
	g_string_append_c(out, '"');
	g_string_append_len(out, text, p - text);
	for (; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (!needs_escape(c, ascii))
			g_string_append_c(out, *p);
		else if (letter_of(c))
			g_string_append_printf(out, "\\%c", letter_of(c));
		else
			g_string_append_printf(out, "\\%03o", c);
	}
	g_string_append_c(out, '"');
}

/* Whether a terminal shows the text as it is: valid UTF-8, no C1 controls, no marks that turn text round. */
static bool is_showable(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return false;
	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if ((c >= 0x80 && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
			return false;
	}
	return true;
}

char *quote_path(const char *text)
{
	GString *out = g_string_sized_new(strlen(text) + 8);

	quote_append(out, text, !is_showable(text));
	return g_string_free(out, FALSE);
}

/*
 * Decode the escape behind the backslash at *p, which is moved behind it; -1 if it is none. `end` is the end of the
 * text. A NUL, as \000, counts as none: no path has one.
 */
static int decode_escape(const char **p, const char *end)
{
	const char *s = *p + 1;
	int value;

	if (s < end && (value = byte_of(*s)) >= 0) {
		*p = s + 1;
		return value;
	}
	if (end - s < 3)
		return -1;
	value = 0;
	for (int i = 0; i < 3; i++) {
		if (s[i] < '0' || s[i] > '7')
			return -1;
		value = value * 8 + (s[i] - '0');
	}
	if (value == 0 || value > 0xff)
		return -1;
	*p = s + 3;
	return value;
}

char *quote_decode(const char *text, gsize length, GError **error)
{
	const char *p = text, *end = text + length;
	g_autoptr(GString) out = NULL;

	if (length && memchr(text, '\0', length)) {
		error_set(error, ERROR_CORRUPT, "name with a NUL byte");
		return NULL;
	}
	if (length == 0 || *p != '"')
		return g_strndup(text, length);
	out = g_string_sized_new(length);
	for (p++; p < end && *p != '"';) {
		int c = (unsigned char)*p;

		if (c != '\\') {
			g_string_append_c(out, (char)c);
			p++;
			continue;
		}
		c = decode_escape(&p, end);
		if (c < 0) {
			error_set(error, ERROR_CORRUPT, "quoted name with an unknown escape");
			return NULL;
		}
		g_string_append_c(out, (char)c);
	}
	if (p == end) {
		error_set(error, ERROR_CORRUPT, "quoted name without its closing quote");
		return NULL;
	}
	if (p + 1 != end) {
		error_set(error, ERROR_CORRUPT, "text behind a quoted name");
		return NULL;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
