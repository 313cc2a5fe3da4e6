#include "base/error.h"
#include "base/quote.h"
#include "format/configobj-int.h"

/* How deep %(name)s may refer to values that have %(name)s themselves, and how long a value may become by it. */
#define INTERPOLATION_DEPTH 10
#define VALUE_LIMIT ((size_t)1 << 20)

struct reader {
	const char *name;                  /* of the file */
	char **lines;                      /* without their line ends */
	unsigned at;                       /* index of the line that is read */
	struct configobj *config;
	struct configobj_section *section; /* NULL before the first one */
};

/* Set ERROR_CORRUPT with the current line's number and text. */
static bool fail(const struct reader *reader, const char *what, GError **error)
{
	g_autofree char *file = quote_path(reader->name);
	g_autofree char *line = quote_path(reader->lines[reader->at]);

	error_set(error, ERROR_CORRUPT, "%s:%u: %s\n    %s", file, reader->at + 1, what, line);
	return false;
}

static const char *skip_white(const char *text)
{
	return text + strspn(text, " \t\v\f");
}

/* Whether nothing but a comment is left. */
static bool is_rest(const char *text)
{
	text = skip_white(text);
	return *text == '\0' || *text == '#';
}

/* A copy of [start, end) without white space at its end and without the quotes around it. */
static char *unquoted(const char *start, const char *end)
{
	while (end > start && strchr(" \t\v\f", end[-1]))
		end--;
	if (end - start >= 2 && (*start == '"' || *start == '\'') && end[-1] == *start)
		return g_strndup(start + 1, end - start - 2);
	return g_strndup(start, end - start);
}

/* "[name]" with a comment behind it. */
static bool read_section(struct reader *reader, const char *line, GError **error)
{
	const char *start = skip_white(line + 1), *end = start;
	g_autofree char *raw = NULL;
	g_autofree char *name = NULL;

	if (*start == '[')
		return fail(reader, "sections inside sections are not allowed", error);
	/* The name ends at the first ']' behind its quotes that leaves nothing but a comment. */
	do {
		end = strchr(end, ']');
		if (!end)
			return fail(reader, "the section's name has no end", error);
	} while (!is_rest(++end));
	raw = unquoted(start, end - 1);
	name = configobj_canonical(raw);
	if (!*name)
		return fail(reader, "the section has no name", error);
	if (configobj_find(reader->config, name))
		return fail(reader, "this section is there twice", error);
	reader->section = configobj_add(reader->config, name);
	reader->section->read = true;
	return true;
}

/* Behind the '=' that ends the option's name, NULL if there is none; *name becomes the name (g_free()). */
static const char *read_name(const char *line, char **name)
{
	const char *end = line;

	if (*line == '"' || *line == '\'') {
		/* The name ends at the first such quote that has '=' behind it. */
		do {
			end = strchr(end + 1, *line);
			if (!end)
				return NULL;
		} while (*skip_white(end + 1) != '=');
		*name = g_strndup(line + 1, end - line - 1);
		return skip_white(end + 1) + 1;
	}
	end = strchr(line, '=');
	if (!end || end == line)
		return NULL;
	*name = unquoted(line, end);
	return end + 1;
}

/* The first three quotes in line that leave nothing but a comment; NULL if there are none, *seen if there are others. */
static const char *triple_end(const char *line, const char *mark, bool *seen)
{
	const char *end = strstr(line, mark);

	*seen = end != NULL;
	while (end && !is_rest(end + 3))
		end = strstr(end + 1, mark);
	return end;
}

/* A value in triple quotes, which may go on over lines; text stands on the opening quotes. NULL if it has no end. */
static char *read_triple(struct reader *reader, const char *text)
{
	char mark[] = {*text, *text, *text, '\0'};
	g_autoptr(GString) value = g_string_new(NULL);
	const char *line = text + 3;
	bool seen;

	for (;;) {
		const char *end = triple_end(line, mark, &seen);

		if (end) {
			g_string_append_len(value, line, end - line);
			return g_string_free(g_steal_pointer(&value), FALSE);
		}
		if (seen || !reader->lines[reader->at + 1])
			return NULL;
		g_string_append_printf(value, "%s\n", line);
		line = reader->lines[++reader->at];
	}
}

/* Behind a list item or value that starts at `text`: on a comma, a comment or the end. NULL if it is badly quoted. */
static const char *item_end(const char *text)
{
	const char *end = text;

	if (*text != '"' && *text != '\'')
		return text + strcspn(text, ",#");
	/* The item ends at the first such quote with nothing else behind it. */
	do {
		end = strchr(end + 1, *text);
		if (!end)
			return NULL;
	} while (!is_rest(end + 1) && *skip_white(end + 1) != ',');
	return skip_white(end + 1);
}

/* A value on one line; a list is joined with commas. NULL if it is badly quoted or an item is missing. */
static char *read_plain(const char *text)
{
	GString *value = g_string_new(NULL);

	text = skip_white(text);
	if (*text == ',' && is_rest(text + 1))
		return g_string_free(value, FALSE);
	for (bool first = true;; first = false) {
		const char *end = item_end(text);
		g_autofree char *item = end ? unquoted(text, end) : NULL;

		if (!end || (end == text && *end == ',')) {
			g_string_free(value, TRUE);
			return NULL;
		}
		/* A comma at the end makes a list of what is before it. */
		if (end > text || first)
			g_string_append_printf(value, "%s%s", first ? "" : ",", item);
		if (*end != ',')
			return g_string_free(value, FALSE);
		text = skip_white(end + 1);
	}
}

static bool read_option(struct reader *reader, const char *line, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *lower = NULL;
	g_autofree char *value = NULL;
	const char *text = read_name(line, &name);

	if (!text)
		return fail(reader, "this is neither a section nor 'name = value'", error);
	if (!reader->section)
		return fail(reader, "an option must stand in a section", error);
	text = skip_white(text);
	if (strncmp(text, "'''", 3) == 0 || strncmp(text, "\"\"\"", 3) == 0)
		value = read_triple(reader, text);
	else
		value = read_plain(text);
	if (!value)
		return fail(reader, "the value is badly quoted", error);
	lower = g_ascii_strdown(name, -1);
	if (configobj_find_option(reader->section, lower))
		return fail(reader, "this option is there twice", error);
	configobj_add_option(reader->section, lower, value);
	return true;
}

static bool read_lines(struct reader *reader, GError **error)
{
	for (; reader->lines[reader->at]; reader->at++) {
		const char *line = skip_white(reader->lines[reader->at]);

		if (is_rest(line))
			continue;
		if (*line == '[' ? !read_section(reader, line, error) : !read_option(reader, line, error))
			return false;
	}
	return true;
}

/* Append text to out with every %(name)s replaced by that option of the section. */
static bool interpolate(GString *out, const struct configobj_section *section, const char *text, unsigned depth,
			GError **error)
{
	while (*text) {
		const char *close = text[0] == '%' && text[1] == '(' ? strchr(text, ')') : NULL;
		const struct configobj_option *option;
		g_autofree char *name = NULL;
		g_autofree char *lower = NULL;

		if (!close || close[1] != 's') {
			g_string_append_c(out, *text++);
			continue;
		}
		name = g_strndup(text + 2, close - text - 2);
		lower = g_ascii_strdown(name, -1);
		option = configobj_find_option(section, lower);
		if (!option) {
			error_set(error, ERROR_CORRUPT, "'%%(%s)s' names no option of this section", name);
			return false;
		}
		if (depth == INTERPOLATION_DEPTH || out->len > VALUE_LIMIT) {
			error_set(error, ERROR_CORRUPT, "'%%(%s)s' never comes to an end", name);
			return false;
		}
		if (!interpolate(out, section, option->value, depth + 1, error))
			return false;
		text = close + 2;
	}
	return true;
}

/* Fill in all values of a section. */
static bool interpolate_section(const struct configobj_section *section, GError **error)
{
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < section->options->len; i++) {
		const struct configobj_option *option = g_ptr_array_index(section->options, i);
		GString *value = g_string_new(NULL);
		bool ok = interpolate(value, section, option->value, 0, error);

		g_ptr_array_add(values, g_string_free(value, FALSE));
		if (!ok) {
			g_prefix_error(error, "[%s] %s: ", section->name, option->name);
			return false;
		}
	}
	for (guint i = 0; i < section->options->len; i++) {
		struct configobj_option *option = g_ptr_array_index(section->options, i);

		g_free(option->value);
		option->value = g_steal_pointer(&values->pdata[i]);
	}
	return true;
}

/* The lines of a text; "\n", "\r\n" and "\r" end one, as Python has it. */
static char **split_lines(const char *text, size_t length)
{
	g_autoptr(GString) copy = g_string_sized_new(length);

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\r')
			g_string_append_c(copy, text[i]);
		else if (i + 1 == length || text[i + 1] != '\n')
			g_string_append_c(copy, '\n');
	}
	return g_strsplit(copy->str, "\n", -1);
}

struct configobj *configobj_read(const char *text, size_t length, const char *name, GError **error)
{
	autoptr(configobj) config = configobj_new();
	g_auto(GStrv) lines = NULL;
	struct reader reader = {.name = name, .config = config};

	if (!g_utf8_validate_len(text, length, NULL)) {
		g_autofree char *file = quote_path(name);

		error_set(error, ERROR_CORRUPT, "%s: not UTF-8 text", file);
		return NULL;
	}
	lines = reader.lines = split_lines(text, length);
	if (!read_lines(&reader, error))
		return NULL;
	for (guint i = 0; i < config->sections->len; i++) {
		if (!interpolate_section(g_ptr_array_index(config->sections, i), error)) {
			g_prefix_error(error, "%s: ", name);
			return NULL;
		}
	}
	return g_steal_pointer(&config);
}
