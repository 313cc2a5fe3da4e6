#include "backend/sftp/sftp-int.h"
#include "backend/sftp/sftp-temp.h"
#include "backend/sftp/sftp-url.h"
#include "base/error.h"

#include <string.h>

/* A listing of one directory: some 600,000 names. */
#define LISTING_LIMIT ((size_t)64 << 20)

struct request *sftp_request(const struct remote_conn *conn, const char *method, const char *key)
{
	g_autofree char *escaped = g_uri_escape_string(key, "/", FALSE);
	g_autofree char *url = g_strconcat(conn->url, escaped, NULL);
	struct request *request = request_new(method, url, conn->access);
	request->user = g_strdup(conn->user);
	request->password = g_strdup(conn->password);
	return request;
}

struct request *sftp_commands(const struct remote_conn *conn)
{
	return sftp_request(conn, "HEAD", "");
}

static void add_command(const struct remote_conn *conn, GPtrArray **commands, const char *name, const char *const *keys)
{
	g_autofree char *first = g_strconcat(conn->root, keys[0], NULL);
	g_autofree char *second = keys[1] ? g_strconcat(conn->root, keys[1], NULL) : NULL;
	if (!*commands)
		*commands = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(*commands, sftp_command(name, *first ? first : ".", second));
}

void sftp_before(const struct remote_conn *conn, struct request *request, const char *name, const char *first,
		 const char *second)
{
	add_command(conn, &request->before, name, (const char *const[]){first, second});
}

void sftp_after(const struct remote_conn *conn, struct request *request, const char *name, const char *first,
		const char *second)
{
	add_command(conn, &request->after, name, (const char *const[]){first, second});
}

struct request *sftp_list(const struct remote_conn *conn, const char *key)
{
	struct request *request = sftp_request(conn, "GET", key);
	request_take_bytes(request, LISTING_LIMIT);
	return request;
}

char *sftp_temp_key(struct remote_conn *conn, const char *object)
{
	g_autofree char *name = sftp_temp_name(conn->session, conn->serial++, object);
	return g_strconcat(SFTP_TEMP, name, NULL);
}

/* Words of libcurl's that say more than its codes do: those of SFTP's statuses, and of connections that break off. */
static const struct {
	const char *words;
	enum error_code code;
} meanings[] = {
	{"No such file or directory", ERROR_NOT_FOUND},
	{"Permission denied", ERROR_DENIED},
	{"Write protected", ERROR_DENIED},
	{"Failure establishing ssh session", ERROR_TRANSIENT},
	{"Failure initializing sftp session", ERROR_TRANSIENT},
};

void sftp_explain(const struct remote_conn *conn, GError **error)
{
	for (size_t i = 0; error_is(*error, ERROR_FAILED) && i < G_N_ELEMENTS(meanings); i++) {
		if (!strstr((*error)->message, meanings[i].words))
			continue;
		GError *better = NULL;
		error_set(&better, meanings[i].code, "%s", (*error)->message);
		if (meanings[i].code == ERROR_DENIED)
			error_hint(&better, "may '%s' write in %s?", conn->user, conn->place);
		g_error_free(*error);
		*error = better;
	}
}

bool sftp_error_is_key(const GError *error)
{
	return error_is(error, ERROR_DENIED) && strstr(error->message, "SSH remote key");
}

bool sftp_error_is_login(const GError *error)
{
	return error_is(error, ERROR_DENIED) &&
	       (strstr(error->message, "Authentication failure") || strstr(error->message, "Login denied"));
}
