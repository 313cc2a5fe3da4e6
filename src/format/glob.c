#include "format/glob-int.h"

#include <glib.h>
#include <string.h>

/* What is left of a pattern. */
struct cursor {
	const char *at, *end;
	const char
		*open; /* the first `[` that is never closed, if one was met: it and later ones stand for themselves */
};

/* What one element of a pattern says about one character. */
enum verdict {
	NO,
	YES,
	STAR,
};

/* Take one character; a byte that is not UTF-8 becomes a value of its own, beyond Unicode. */
static gunichar take(const char **at, const char *end)
{
	unsigned char byte = (unsigned char)**at;
	gunichar c;

	if (byte < 0x80) {
		++*at;
		return byte;
	}
	c = g_utf8_get_char_validated(*at, end - *at);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		++*at;
		return 0x110000 + byte;
	}
	*at = g_utf8_next_char(*at);
	return c;
}

/* Past the `:]` of a class name whose `[:` is at `at`; NULL if it is none. */
static const char *class_name_end(const char *at, const char *end)
{
	if (end - at < 4 || at[0] != '[' || at[1] != ':')
		return NULL;
	for (at += 2; at < end && g_ascii_isalpha(*at); at++)
		continue;
	return end - at >= 2 && at[0] == ':' && at[1] == ']' ? at + 2 : NULL;
}

/* The `]` that closes the bracket expression whose first byte after the `[` is at `at`; NULL if there is none. */
static const char *bracket_end(const char *at, const char *end)
{
	if (at < end && (*at == '!' || *at == '^'))
		at++;
	if (at < end && *at == ']')
		at++;
	while (at < end && *at != ']') {
		const char *past_name = class_name_end(at, end);

		if (past_name)
			at = past_name;
		else
			at += *at == '\\' && end - at > 1 ? 2 : 1;
	}
	return at < end ? at : NULL;
}

static bool has_class(const char *name, size_t length, gunichar c)
{
	static const struct {
		const char *name;
		GAsciiType types;
	} classes[] = {
		{"alnum", G_ASCII_ALNUM}, {"alpha", G_ASCII_ALPHA},   {"cntrl", G_ASCII_CNTRL},
		{"digit", G_ASCII_DIGIT}, {"graph", G_ASCII_GRAPH},   {"lower", G_ASCII_LOWER},
		{"print", G_ASCII_PRINT}, {"punct", G_ASCII_PUNCT},   {"space", G_ASCII_SPACE},
		{"upper", G_ASCII_UPPER}, {"xdigit", G_ASCII_XDIGIT},
	};

	if (length == 5 && memcmp(name, "blank", 5) == 0)
		return c == ' ' || c == '\t';
	for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
		if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
			return c < 0x80 && (g_ascii_table[c] & classes[i].types);
	return false;
}

/* A character of a bracket expression, `\` taken away. */
static gunichar take_quoted(const char **at, const char *end)
{
	if (**at == '\\' && end - *at > 1)
		++*at;
	return take(at, end);
}

/* Whether c is in the expression between `at` (after the `[`) and `end` (the closing `]`). */
static bool bracket_match(const char *at, const char *end, gunichar c)
{
	bool negated = at < end && (*at == '!' || *at == '^');
	bool found = false;

	if (negated)
		at++;
	while (at < end) {
		const char *past_name = class_name_end(at, end);
		gunichar low, high;

		if (past_name) {
			found = has_class(at + 2, past_name - at - 4, c) || found;
			at = past_name;
			continue;
		}
		low = high = take_quoted(&at, end);
		if (end - at > 1 && *at == '-') {
			at++;
			high = take_quoted(&at, end);
		}
		found = found || (low <= c && c <= high);
	}
	return found != negated;
}

/* Move past one element of the pattern and say whether c satisfies it. */
static enum verdict element_match(struct cursor *pattern, gunichar c)
{
	const char *close;

	switch (*pattern->at) {
	case '*':
		pattern->at++;
		return STAR;
	case '?':
		pattern->at++;
		return YES;
	case '[':
		close = pattern->open && pattern->at >= pattern->open ? NULL
								      : bracket_end(pattern->at + 1, pattern->end);
		if (close) {
			const char *first = pattern->at + 1;

			pattern->at = close + 1;
			return bracket_match(first, close, c) ? YES : NO;
		}
		pattern->open = pattern->open ? pattern->open : pattern->at;
		break;
	case '\\':
		if (++pattern->at == pattern->end)
			return NO;
		break;
	default:
		break;
	}
	return take(&pattern->at, pattern->end) == c ? YES : NO;
}

bool glob_component(const char *pattern, size_t pattern_length, const char *text, size_t length)
{
	struct cursor cursor = {pattern, pattern + pattern_length, NULL};
	const char *end = text + length, *after_star = NULL, *star_text = NULL;

	while (text < end) {
		enum verdict verdict = NO;
		const char *next = text;

		if (cursor.at < cursor.end)
			verdict = element_match(&cursor, take(&next, end));
		if (verdict == STAR) {
			after_star = cursor.at;
			star_text = text;
			if (after_star == cursor.end)
				return true;
		} else if (verdict == YES) {
			text = next;
		} else if (!after_star) {
			return false;
		} else { /* the last star takes one character more */
			take(&star_text, end);
			text = star_text;
			cursor.at = after_star;
		}
	}
	while (cursor.at < cursor.end && *cursor.at == '*')
		cursor.at++;
	return cursor.at == cursor.end;
}

/* The end of the component that starts at `at`. */
static const char *component_end(const char *at, const char *end)
{
	const char *slash = memchr(at, '/', end - at);

	return slash ? slash : end;
}

/* The component after the one that ends at `at`; NULL if that was the last. */
static const char *component_next(const char *at, const char *end)
{
	return at < end ? at + 1 : NULL;
}

bool glob_path(const char *pattern, size_t pattern_length, const char *path, size_t length)
{
	const char *pattern_end = pattern + pattern_length, *path_end = path + length;
	const char *after_stars = NULL, *stars_path = NULL;

	while (path) {
		const char *part_end = component_end(path, path_end);
		const char *glob_end = pattern ? component_end(pattern, pattern_end) : NULL;

		if (pattern && glob_end - pattern == 2 && memcmp(pattern, "**", 2) == 0) {
			pattern = after_stars = component_next(glob_end, pattern_end);
			stars_path = path;
			if (!after_stars)
				return true;
		} else if (pattern && glob_component(pattern, glob_end - pattern, path, part_end - path)) {
			pattern = component_next(glob_end, pattern_end);
			path = component_next(part_end, path_end);
		} else if (!after_stars) {
			return false;
		} else { /* the last double star takes one component more */
			path = stars_path = component_next(component_end(stars_path, path_end), path_end);
			pattern = after_stars;
		}
	}
	return !pattern;
}
