#include "backend/aws/aws-ini.h"

#include "base/error.h"

#include <string.h>

/* The longest value that goes on over several lines. */
#define VALUE_LIMIT ((size_t)8 << 10)

struct aws_ini {
	GHashTable *sections; /* name to a GHashTable of key to value; the key of a nested setting is "block\nkey" */
};

/* Where in a text the reader stands. */
struct reader {
	const char *name;
	unsigned line;
	GHashTable *sections;
	GHashTable *section; /* NULL before the first */
	char *key;           /* that an indented line goes on with; NULL: none */
};

static void free_secret(gpointer text)
{
	explicit_bzero(text, strlen(text));
	g_free(text);
}

static bool fail(const struct reader *reader, const char *what, GError **error)
{
	error_set(error, ERROR_CORRUPT, "%s:%u: %s", reader->name, reader->line, what);
	return false;
}

/* A value without the comment behind it and the blanks around it. New string. */
static char *clean_value(const char *text)
{
	const char *end = text;
	for (; *end; end++)
		if (g_ascii_isspace(*end) && (end[1] == '#' || end[1] == ';'))
			break;
	/* A value may be nothing but a comment. */
	if (*text == '#' || *text == ';')
		end = text;
	return g_strstrip(g_strndup(text, (gsize)(end - text)));
}

/* The name of a section as it is looked for: one blank between type and name, the name without quotes. New string. */
static char *section_name(const char *text, size_t length)
{
	g_autofree char *whole = g_strstrip(g_strndup(text, length));
	size_t type = strcspn(whole, " \t");
	char *name = g_strchug(whole + type);
	size_t end = strlen(name);
	if (!end)
		return g_steal_pointer(&whole);
	if (end > 1 && (*name == '"' || *name == '\'') && name[end - 1] == *name) {
		name[end - 1] = '\0';
		name++;
	}
	return g_strdup_printf("%.*s %s", (int)MIN(type, G_MAXINT), whole, name);
}

static bool read_section(struct reader *reader, const char *line, GError **error)
{
	const char *end = strchr(line, ']');
	if (!end)
		return fail(reader, "']' is missing", error);
	g_autofree char *name = section_name(line + 1, (size_t)(end - line - 1));
	reader->section = g_hash_table_lookup(reader->sections, name);
	g_clear_pointer(&reader->key, g_free);
	if (reader->section)
		return true;
	reader->section = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_secret);
	g_hash_table_insert(reader->sections, g_steal_pointer(&name), reader->section);
	return true;
}

/* Split "key = value"; the key in lower case. */
static bool split(const struct reader *reader, const char *line, char **key, char **value, GError **error)
{
	size_t length = strcspn(line, "=:");
	*key = NULL;
	if (!line[length])
		return fail(reader, "neither a section nor a setting", error);
	g_autofree char *name = g_strndup(line, length);
	if (!*g_strstrip(name))
		return fail(reader, "a setting without a name", error);
	*key = g_ascii_strdown(name, -1);
	*value = clean_value(line + length + 1);
	return true;
}

static bool read_setting(struct reader *reader, const char *line, GError **error)
{
	char *key, *value;
	if (!reader->section)
		return fail(reader, "a setting outside of any section", error);
	if (!split(reader, line, &key, &value, error))
		return false;
	g_free(reader->key);
	reader->key = g_strdup(key);
	g_hash_table_replace(reader->section, key, value);
	return true;
}

/* An indented line below a setting. */
static bool read_more(struct reader *reader, const char *line, GError **error)
{
	const char *before = g_hash_table_lookup(reader->section, reader->key);
	char *key, *value;
	if (strlen(before) > VALUE_LIMIT)
		return fail(reader, "the value above is too long", error);
	if (*before) {
		g_autofree char *more = clean_value(line);
		g_hash_table_replace(reader->section, g_strdup(reader->key), g_strconcat(before, "\n", more, NULL));
		return true;
	}
	if (!split(reader, line, &key, &value, error))
		return false;
	g_hash_table_replace(reader->section, g_strconcat(reader->key, "\n", key, NULL), value);
	g_free(key);
	return true;
}

static bool read_line(struct reader *reader, char *line, GError **error)
{
	bool indented = g_ascii_isspace(*line);
	g_strstrip(line);
	if (!*line || *line == '#' || *line == ';')
		return true;
	if (indented && reader->key)
		return read_more(reader, line, error);
	return *line == '[' ? read_section(reader, line, error) : read_setting(reader, line, error);
}

struct aws_ini *aws_ini_read(const char *text, size_t length, const char *name, GError **error)
{
	struct reader reader = {.name = name, .line = 1};
	const char *end = text + length;
	bool ok = true;
	autoptr(aws_ini) ini = g_new0(struct aws_ini, 1);
	ini->sections = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
	reader.sections = ini->sections;
	if (memchr(text, '\0', length)) {
		error_set(error, ERROR_CORRUPT, "%s: not a text file", name);
		return NULL;
	}
	/* Editors of Windows begin a file with a byte order mark. */
	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	for (; ok && text < end; reader.line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t bytes = (size_t)((newline ? newline : end) - text);
		char *line = g_strndup(text, bytes);
		ok = read_line(&reader, line, error);
		explicit_bzero(line, bytes);
		g_free(line);
		text += bytes + 1;
	}
	g_free(reader.key);
	return ok ? g_steal_pointer(&ini) : NULL;
}

bool aws_ini_has(const struct aws_ini *ini, const char *section)
{
	return g_hash_table_contains(ini->sections, section);
}

const char *aws_ini_get(const struct aws_ini *ini, const char *section, const char *key)
{
	GHashTable *settings = g_hash_table_lookup(ini->sections, section);
	const char *value = settings ? g_hash_table_lookup(settings, key) : NULL;
	return value && *value ? value : NULL;
}

const char *aws_ini_get_nested(const struct aws_ini *ini, const char *section, const char *block, const char *key)
{
	g_autofree char *path = g_strconcat(block, "\n", key, NULL);
	return aws_ini_get(ini, section, path);
}

const char *aws_ini_find_other(const struct aws_ini *ini, const char *const *known)
{
	GHashTableIter sections, settings;
	gpointer section, key;
	g_hash_table_iter_init(&sections, ini->sections);
	while (g_hash_table_iter_next(&sections, NULL, &section)) {
		g_hash_table_iter_init(&settings, section);
		while (g_hash_table_iter_next(&settings, &key, NULL))
			if (!g_strv_contains(known, key))
				return key;
	}
	return NULL;
}

void aws_ini_free(struct aws_ini *ini)
{
	if (!ini)
		return;
	g_hash_table_unref(ini->sections);
	g_free(ini);
}
