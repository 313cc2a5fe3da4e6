#include "remote/credential-ask.h"

#include "base/error.h"
#include "base/proc.h"
#include "base/trace.h"

#include <string.h>

/* The longest answer taken. */
#define ANSWER_LIMIT ((gsize)64 << 10)

void credential_wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

void credential_query_clear(struct credential_query *query)
{
	g_free(query->protocol);
	g_free(query->host);
	g_free(query->path);
	g_free(query->user);
	credential_wipe(query->password);
	*query = (struct credential_query){0};
}

/* Add "key=value"; a line break in the value would be read as another key, so that a secret of another host is told. */
static bool add_line(GString *text, const char *key, const char *value, GError **error)
{
	if (!value)
		return true;
	if (strpbrk(value, "\r\n")) {
		error_set(error, ERROR_UNSAFE, "the %s of the URL has a line break in it", key);
		return false;
	}
	g_string_append_printf(text, "%s=%s\n", key, value);
	return true;
}

/* What git credential reads. NULL with the error set. */
static GString *describe(const struct credential_query *query, GError **error)
{
	GString *text = g_string_sized_new(1024);

	if (add_line(text, "protocol", query->protocol, error) && add_line(text, "host", query->host, error) &&
	    add_line(text, "path", query->path, error) && add_line(text, "username", query->user, error) &&
	    add_line(text, "password", query->password, error)) {
		g_string_append_c(text, '\n');
		return text;
	}
	g_string_free(text, TRUE);
	return NULL;
}

static bool run(const char *dir, const char *action, const struct credential_query *query, struct proc_result *result,
		GError **error)
{
	const char *const argv[] = {"git", "credential", action, NULL};
	GString *text = describe(query, error);
	bool ran;

	if (!text)
		return false;
	trace("credential", "git credential %s for %s://%s", action, query->protocol, query->host ? query->host : "");
	ran = proc_run(argv, dir, text->str, text->len, ANSWER_LIMIT, result, error);
	explicit_bzero(text->str, text->len);
	g_string_free(text, TRUE);
	return ran;
}

static void forget(struct proc_result *result)
{
	if (result->out)
		explicit_bzero(result->out, result->out_length);
	proc_result_clear(result);
}

/* Take user and password from the answer; false for one that cannot be right. */
static bool parse(struct credential_query *query, const struct proc_result *result)
{
	g_auto(GStrv) lines = NULL;

	if (strlen(result->out) != result->out_length || strchr(result->out, '\r'))
		return false;
	lines = g_strsplit(result->out, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (g_str_has_prefix(*line, "username=")) {
			g_free(query->user);
			query->user = g_strdup(*line + strlen("username="));
		} else if (g_str_has_prefix(*line, "password=")) {
			credential_wipe(query->password);
			query->password = g_strdup(*line + strlen("password="));
		}
		explicit_bzero(*line, strlen(*line));
	}
	return query->user && query->password;
}

/* The last line of what git said, without the word before it. New string. */
static char *git_words(const char *err)
{
	g_autofree char *text = g_strstrip(g_strdup(err ? err : ""));
	const char *line = strrchr(text, '\n');

	line = line ? line + 1 : text;
	return g_strdup(g_str_has_prefix(line, "fatal: ") ? line + strlen("fatal: ") : line);
}

bool credential_ask_fill(const char *dir, struct credential_query *query, GError **error)
{
	struct proc_result result = {0};
	bool filled = false;

	if (!run(dir, "fill", query, &result, error))
		return false;
	if (result.status != 0) {
		g_autofree char *words = git_words(result.err);

		error_set(error, ERROR_DENIED, "%s", *words ? words : "git credential has none");
	} else if (!parse(query, &result)) {
		error_set(error, ERROR_UNSAFE, "git credential gave an answer that makes no sense");
	} else {
		filled = true;
	}
	forget(&result);
	return filled;
}

void credential_ask_tell(const char *dir, const char *action, const struct credential_query *query)
{
	g_autoptr(GError) error = NULL;
	struct proc_result result = {0};

	if (!run(dir, action, query, &result, &error))
		trace("credential", "git credential %s: %s", action, error->message);
	else if (result.status != 0)
		trace("credential", "git credential %s ended with %d", action, result.status);
	forget(&result);
}

char *credential_ask_for_key(const char *dir, const char *path, GError **error)
{
	struct credential_query query = {
		.protocol = g_strdup("cert"), .host = g_strdup(""), .path = g_strdup(path), .user = g_strdup("")};
	char *password = credential_ask_fill(dir, &query, error) ? g_steal_pointer(&query.password) : NULL;

	credential_query_clear(&query);
	if (!password)
		g_prefix_error(error, "the password of '%s': ", path);
	return password;
}
