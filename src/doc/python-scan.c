#include "doc/python-int.h"
#include "doc/python.h"

#include <string.h>

bool python_is_name_start(char c)
{
	return g_ascii_isalpha(c) || c == '_' || (unsigned char)c >= 0x80;
}

bool python_is_name(char c)
{
	return python_is_name_start(c) || g_ascii_isdigit(c);
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* Step over a backslash and the line end behind it. */
static bool skip_continuation(struct python *python)
{
	const char *at = python->at;

	if (at[0] != '\\' || !is_line_end(at[1]))
		return false;
	python->at += at[1] == '\r' && at[2] == '\n' ? 3 : 2;
	return true;
}

void python_skip_blanks(struct python *python)
{
	while (*python->at == ' ' || *python->at == '\t' || *python->at == '\f' || skip_continuation(python))
		if (*python->at == ' ' || *python->at == '\t' || *python->at == '\f')
			python->at++;
}

/* Step over a string. Whether it is raw does not matter: a backslash keeps a quote from ending it in any case. */
static bool skip_string(struct python *python, GError **error)
{
	const char *start = python->at;
	char quote = *start;
	bool lines = start[1] == quote && start[2] == quote;

	python->at += lines ? 3 : 1;
	for (; python->at < python->end; python->at++) {
		const char *at = python->at;

		if (*at == '\\' && at + 1 < python->end) {
			python->at += at[1] == '\r' && at[2] == '\n' ? 2 : 1;
		} else if (*at == quote && (!lines || (at[1] == quote && at[2] == quote))) {
			python->at += lines ? 3 : 1;
			return true;
		} else if (is_line_end(*at) && !lines) {
			break;
		}
	}
	return places_fail(&python->places, start, error, "this string has no end");
}

/* The brackets that are open, with where they stand. */
struct open_brackets {
	const char *at[PYTHON_DEPTH_LIMIT];
	size_t count;
};

/* Keep the books of open brackets. */
static bool count_bracket(struct python *python, struct open_brackets *open, GError **error)
{
	static const char opening[] = "([{", closing[] = ")]}";
	const char *closes = strchr(closing, *python->at);

	if (!closes) {
		if (open->count == PYTHON_DEPTH_LIMIT)
			return places_fail(&python->places, python->at, error, "nested more than %d deep",
					   PYTHON_DEPTH_LIMIT);
		open->at[open->count++] = python->at;
	} else if (open->count == 0 || *open->at[open->count - 1] != opening[closes - closing]) {
		return places_fail(&python->places, python->at, error, "this '%c' closes nothing", *closes);
	} else {
		open->count--;
	}
	python->at++;
	return true;
}

static void skip_comment(struct python *python)
{
	while (python->at < python->end && !is_line_end(*python->at))
		python->at++;
}

bool python_scan(struct python *python, const char *stops, GError **error)
{
	struct open_brackets open = {.count = 0};

	while (python->at < python->end) {
		char c = *python->at;

		if (open.count == 0 && (is_line_end(c) || strchr(stops, c)))
			return true;
		if (c == '"' || c == '\'') {
			if (!skip_string(python, error))
				return false;
		} else if (strchr("()[]{}", c)) {
			if (!count_bracket(python, &open, error))
				return false;
		} else if (c == '#') {
			skip_comment(python);
		} else if (!skip_continuation(python)) {
			python->at++;
		}
	}
	if (open.count > 0)
		return places_fail(&python->places, open.at[open.count - 1], error, "this '%c' is never closed",
				   *open.at[open.count - 1]);
	return true;
}
