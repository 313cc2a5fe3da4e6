#include "repo/config-int.h"
#include "repo/plumbing-int.h"
#include "repo/repo-int.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* The most that one file of settings may hold. */
#define FILE_LIMIT ((size_t)8 << 20)

struct config {
	grefcount references; /* the repository keeps what it handed out */
	GArray *values;       /* of struct config_value */
	GHashTable *last;     /* key -> index + 1 of the value that holds */
	GStringChunk *strings;
};

const char *const config_list_args[] = {"config", "--list", "-z", "--show-scope", "--show-origin", NULL};

struct config *config_new(void)
{
	struct config *config = g_new0(struct config, 1);

	g_ref_count_init(&config->references);
	config->values = g_array_new(FALSE, FALSE, sizeof(struct config_value));
	config->last = g_hash_table_new(g_str_hash, g_str_equal);
	config->strings = g_string_chunk_new(4096);
	return config;
}

void config_free(struct config *config)
{
	if (!config || !g_ref_count_dec(&config->references))
		return;
	g_array_free(config->values, TRUE);
	g_hash_table_destroy(config->last);
	g_string_chunk_free(config->strings);
	g_free(config);
}

void config_add(struct config *config, const char *scope, const char *origin, const char *key, const char *value)
{
	struct config_value added = {
		.key = g_string_chunk_insert_const(config->strings, key),
		.value = g_string_chunk_insert(config->strings, value),
		.scope = g_string_chunk_insert_const(config->strings, scope),
		.origin = g_string_chunk_insert_const(config->strings, origin),
	};

	g_array_append_val(config->values, added);
	g_hash_table_insert(config->last, (gpointer)added.key, GUINT_TO_POINTER(config->values->len));
}

/* The next NUL-terminated word of *text before end, which it is advanced over; NULL at the end. */
static char *next_word(char **text, const char *end)
{
	char *word = *text, *stop = word < end ? memchr(word, '\0', end - word) : NULL;

	if (!stop)
		return NULL;
	*text = stop + 1;
	return word;
}

/* Take in what `git config --list -z --show-scope --show-origin` prints: SCOPE NUL ORIGIN NUL KEY [LF VALUE] NUL … */
static void take_list(struct config *config, char *text, gsize length)
{
	const char *end = text + length, *scope, *origin;
	char *setting;

	while ((scope = next_word(&text, end)) && (origin = next_word(&text, end)) &&
	       (setting = next_word(&text, end))) {
		char *value = strchr(setting, '\n');

		if (value)
			*value++ = '\0';
		config_add(config, scope, origin, setting, value ? value : "true");
	}
}

/* All that the child of repo_open() prints. */
static char *read_child(struct proc *child, gsize *length, GError **error)
{
	GString *text = g_string_new(NULL);
	char buffer[16384];
	size_t got;
	bool whole;

	while (text->len < PLUMBING_LIMIT && (got = fread(buffer, 1, sizeof(buffer), child->from)) > 0)
		g_string_append_len(text, buffer, got);
	whole = feof(child->from);
	if (proc_finish(child) != 0 || !whole) {
		g_string_free(text, TRUE);
		error_set(error, ERROR_FAILED, "git config could not read the settings");
		return NULL;
	}
	*length = text->len;
	return g_string_free(text, FALSE);
}

struct config *config_read(const struct repo *repo, GError **error)
{
	struct repo_backend *backend = repo ? repo->backend : NULL;
	g_autofree char *text = NULL;
	struct config *config;
	gsize length = 0;

	if (backend && backend->config) {
		g_ref_count_inc(&backend->config->references);
		return backend->config;
	}
	if (backend && backend->config_child)
		text = read_child(g_steal_pointer(&backend->config_child), &length, error);
	else
		text = plumbing_output(repo, config_list_args, &length, error);
	if (!text)
		return NULL;
	config = config_new();
	take_list(config, text, length);
	if (backend) {
		g_ref_count_inc(&config->references);
		backend->config = config;
	}
	return config;
}

struct config *config_read_file(const char *path, GError **error)
{
	autoptr(config) config = config_new();
	g_autoptr(GError) failure = NULL;
	g_autofree char *text = NULL;
	size_t length;

	if (!file_read(path, FILE_LIMIT, &text, &length, &failure)) {
		if (error_is(failure, ERROR_NOT_FOUND))
			return g_steal_pointer(&config);
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
	return config_parse(config, path, text, length, error) ? g_steal_pointer(&config) : NULL;
}

const struct config_value *config_find(const struct config *config, const char *key)
{
	guint index = GPOINTER_TO_UINT(g_hash_table_lookup(config->last, key));

	return index ? &g_array_index(config->values, struct config_value, index - 1) : NULL;
}

const char *config_get(const struct config *config, const char *key)
{
	const struct config_value *found = config_find(config, key);

	return found ? found->value : NULL;
}

size_t config_count(const struct config *config)
{
	return config->values->len;
}

const struct config_value *config_at(const struct config *config, size_t i)
{
	return &g_array_index(config->values, struct config_value, i);
}

/* A whole number in decimal, octal (0) or hexadecimal (0x), times k, m or g. */
static bool parse_number(const char *text, int64_t *number)
{
	int64_t factor = 1;
	char *end;

	errno = 0;
	*number = strtoimax(text, &end, 0);
	if (end == text || errno != 0)
		return false;
	switch (g_ascii_tolower(*end)) {
	case 'g':
		factor <<= 10; /* fall through */
	case 'm':
		factor <<= 10; /* fall through */
	case 'k':
		factor <<= 10;
		end++;
	}
	return *end == '\0' && !__builtin_mul_overflow(*number, factor, number);
}

static bool bad_value(const struct config_value *found, const char *kind, GError **error)
{
	error_set(error, ERROR_USAGE, "setting %s is no %s: '%s' (%s, %s)", found->key, kind, found->value,
		  found->scope, found->origin);
	return false;
}

bool config_get_bool(const struct config *config, const char *key, bool fallback, bool *value, GError **error)
{
	static const char *const yes[] = {"true", "yes", "on", NULL};
	static const char *const no[] = {"false", "no", "off", "", NULL};
	const struct config_value *found = config_find(config, key);
	int64_t number;

	*value = fallback;
	if (!found)
		return true;
	for (int i = 0; yes[i]; i++) {
		if (g_ascii_strcasecmp(found->value, yes[i]) == 0) {
			*value = true;
			return true;
		}
	}
	for (int i = 0; no[i]; i++) {
		if (g_ascii_strcasecmp(found->value, no[i]) == 0) {
			*value = false;
			return true;
		}
	}
	if (!parse_number(found->value, &number))
		return bad_value(found, "boolean", error);
	*value = number != 0;
	return true;
}

bool config_get_int(const struct config *config, const char *key, int64_t fallback, int64_t *value, GError **error)
{
	const struct config_value *found = config_find(config, key);

	*value = fallback;
	if (!found || parse_number(found->value, value))
		return true;
	*value = fallback;
	return bad_value(found, "number", error);
}
