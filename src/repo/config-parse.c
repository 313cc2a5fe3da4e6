/*
 * Git-config syntax, after git-config(1). A process for each .mlvconfig would cost as much as all the rest of a start,
 * and git would follow the includes of a file that came with a clone.
 */
#include "repo/config-int.h"

#include "base/error.h"
#include "base/quote.h"

#include <string.h>

struct parser {
	const char *next, *end;
	unsigned line;    /* of `next`, from 1 */
	GString *section; /* "mlv-remote.Name." */
	GString *key;     /* section and name of the setting */
	GString *value;
	const char *origin; /* "file:…" */
	struct config *config;
};

/* The next character, '\n' also for CR LF and for the end of the text, which is not passed. */
static int take(struct parser *parser)
{
	if (parser->next == parser->end)
		return '\n';
	if (*parser->next == '\r' && parser->next + 1 < parser->end && parser->next[1] == '\n')
		parser->next++;
	if (*parser->next == '\n')
		parser->line++;
	return (unsigned char)*parser->next++;
}

/* What take() would give. */
static int peek(const struct parser *parser)
{
	struct parser ahead = *parser;

	return take(&ahead);
}

static void skip_comment(struct parser *parser)
{
	while (take(parser) != '\n')
		;
}

static void skip_blanks(struct parser *parser)
{
	while (peek(parser) == ' ' || peek(parser) == '\t')
		take(parser);
}

static bool is_name_char(int c)
{
	return g_ascii_isalnum(c) || c == '-';
}

/* "Name"] of a section's header, behind its opening quote. */
static bool parse_subsection(struct parser *parser)
{
	for (;;) {
		int c = take(parser);

		if (c == '"')
			break;
		if (c == '\\')
			c = take(parser);
		if (c == '\n')
			return false;
		g_string_append_c(parser->section, c);
	}
	g_string_append_c(parser->section, '.');
	return take(parser) == ']';
}

/* [section], [section.middle] or [section "Middle"], behind the bracket. */
static bool parse_section(struct parser *parser)
{
	g_string_truncate(parser->section, 0);
	for (;;) {
		int c = take(parser);

		if (c == ']' && parser->section->len > 0) {
			g_string_append_c(parser->section, '.');
			return true;
		}
		if (c == ' ' || c == '\t') {
			skip_blanks(parser);
			g_string_append_c(parser->section, '.');
			return take(parser) == '"' && parse_subsection(parser);
		}
		if (!is_name_char(c) && c != '.')
			return false;
		g_string_append_c(parser->section, g_ascii_tolower(c));
	}
}

/* The character for a backslash and `c`, 0 for none, -1 for an unknown one. */
static int unescape(int c)
{
	switch (c) {
	case '\n':
		return 0;
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case '\\':
	case '"':
		return c;
	default:
		return -1;
	}
}

/* What follows the '=': quotes taken off, blanks at both ends and a comment dropped, lines joined at a backslash. */
static bool parse_value(struct parser *parser)
{
	bool quoted = false;
	size_t kept = 0; /* blanks behind here are at the end, for all that is known */

	g_string_truncate(parser->value, 0);
	for (;;) {
		int c = take(parser);

		if (c == '\n')
			break;
		if (!quoted && (c == '#' || c == ';')) {
			skip_comment(parser);
			break;
		}
		if (!quoted && g_ascii_isspace(c)) {
			if (parser->value->len > 0)
				g_string_append_c(parser->value, c);
			continue;
		}
		if (c == '"') {
			quoted = !quoted;
		} else {
			if (c == '\\')
				c = unescape(take(parser));
			if (c < 0)
				return false;
			if (c > 0)
				g_string_append_c(parser->value, c);
		}
		kept = parser->value->len;
	}
	g_string_truncate(parser->value, kept);
	return !quoted;
}

/* name = value, or a name alone, of which the first character was taken. */
static bool parse_setting(struct parser *parser, int first)
{
	if (!g_ascii_isalpha(first))
		return false;
	g_string_assign(parser->key, parser->section->str);
	g_string_append_c(parser->key, g_ascii_tolower(first));
	while (is_name_char(peek(parser)))
		g_string_append_c(parser->key, g_ascii_tolower(take(parser)));
	skip_blanks(parser);
	switch (take(parser)) {
	case '\n':
		g_string_assign(parser->value, "true");
		break;
	case '=':
		if (!parse_value(parser))
			return false;
		break;
	default:
		return false;
	}
	config_add(parser->config, "file", parser->origin, parser->key->str, parser->value->str);
	return true;
}

/* One section header, setting, comment or blank. */
static bool parse_item(struct parser *parser)
{
	int c = take(parser);

	if (c == '#' || c == ';')
		skip_comment(parser);
	else if (c == '[')
		return parse_section(parser);
	else if (!g_ascii_isspace(c))
		return parse_setting(parser, c);
	return true;
}

bool config_parse(struct config *config, const char *path, const char *text, size_t length, GError **error)
{
	g_autofree char *origin = g_strconcat("file:", path, NULL), *shown = NULL;
	struct parser parser = {
		.next = text,
		.end = text + length,
		.line = 1,
		.section = g_string_new(NULL),
		.key = g_string_new(NULL),
		.value = g_string_new(NULL),
		.origin = origin,
		.config = config,
	};
	bool good = !memchr(text, '\0', length);
	unsigned line = 1;

	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		parser.next += 3;
	while (good && parser.next < parser.end) {
		line = parser.line;
		good = parse_item(&parser);
	}
	g_string_free(parser.section, TRUE);
	g_string_free(parser.key, TRUE);
	g_string_free(parser.value, TRUE);
	if (!good) {
		shown = quote_path(path);
		error_set(error, ERROR_CORRUPT, "'%s' line %u is not in the form of a Git config file", shown, line);
	}
	return good;
}
