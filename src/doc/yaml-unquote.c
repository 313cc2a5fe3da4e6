#include "doc/yaml-parse-int.h"

/* A place in quoted text. */
struct quoted {
	const char *at, *end;
};

static bool is_white(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
	return c == '\n' || c == '\r';
}

/* Step over one line break, "\r\n" included. */
static void skip_break(struct quoted *in)
{
	if (*in->at == '\r' && in->at + 1 < in->end && in->at[1] == '\n')
		in->at++;
	in->at++;
}

/* Step over the white space that begins a line, and over empty lines, each of which is a newline of the value. */
static size_t skip_empty_lines(GString *out, struct quoted *in)
{
	size_t count = 0;

	for (;;) {
		while (in->at < in->end && is_white(*in->at))
			in->at++;
		if (in->at == in->end || !is_break(*in->at))
			return count;
		skip_break(in);
		g_string_append_c(out, '\n');
		count++;
	}
}

/* The character of `digits` hexadecimal digits; false if there are fewer or they name none. */
static bool take_code(GString *out, struct quoted *in, int digits)
{
	gunichar c = 0;

	for (int i = 0; i < digits; i++, in->at++) {
		if (in->at == in->end || !g_ascii_isxdigit(*in->at))
			return false;
		c = c << 4 | (gunichar)g_ascii_xdigit_value(*in->at);
	}
	if (!g_unichar_validate(c))
		return false;
	if (c == 0)
		g_string_append_c(out, '\0');
	else
		g_string_append_unichar(out, c);
	return true;
}

/* What follows a backslash. */
static bool take_escape(GString *out, struct quoted *in)
{
	static const char from[] = "0abtnvfre \"/\\\t", to[] = "\0\a\b\t\n\v\f\r\033 \"/\\\t";
	const char *simple;

	if (in->at == in->end)
		return false;
	if (is_break(*in->at)) {
		skip_break(in);
		skip_empty_lines(out, in);
		return true;
	}
	simple = memchr(from, *in->at, sizeof from - 1);
	if (simple) {
		g_string_append_c(out, to[simple - from]);
		in->at++;
		return true;
	}
	switch (*in->at++) {
	case 'N':
		g_string_append_unichar(out, 0x85);
		return true;
	case '_':
		g_string_append_unichar(out, 0xa0);
		return true;
	case 'L':
		g_string_append_unichar(out, 0x2028);
		return true;
	case 'P':
		g_string_append_unichar(out, 0x2029);
		return true;
	case 'x':
		return take_code(out, in, 2);
	case 'u':
		return take_code(out, in, 4);
	case 'U':
		return take_code(out, in, 8);
	default:
		return false;
	}
}

/* White space inside a line stays; before a line break it goes, and the break becomes a blank or newlines. */
static void take_white(GString *out, struct quoted *in)
{
	const char *start = in->at;

	while (in->at < in->end && is_white(*in->at))
		in->at++;
	if (in->at == in->end || !is_break(*in->at)) {
		g_string_append_len(out, start, in->at - start);
		return;
	}
	skip_break(in);
	if (skip_empty_lines(out, in) == 0)
		g_string_append_c(out, ' ');
}

bool yaml_unquote(GString *out, const char *text, size_t length)
{
	struct quoted in = {text, text + length};

	while (in.at < in.end) {
		if (*in.at == '\\') {
			in.at++;
			if (!take_escape(out, &in))
				return false;
		} else if (is_white(*in.at) || is_break(*in.at)) {
			take_white(out, &in);
		} else {
			g_string_append_c(out, *in.at++);
		}
	}
	return true;
}
