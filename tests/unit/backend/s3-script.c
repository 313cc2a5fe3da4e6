#include "s3-script.h"

#include "backend/s3/s3.h"

#include <string.h>

static bool answer(const struct http_ask *ask, GByteArray *reply, void *user)
{
	struct s3_script *script = user;
	static const struct s3_line beyond = {.status = "500 Beyond The Script"};
	g_mutex_lock(&script->mutex);
	const struct s3_line *line = script->asks->len < script->count ? &script->lines[script->asks->len] : &beyond;
	g_autofree char *body = g_strndup((const char *)ask->body->data, ask->body->len);
	g_ptr_array_add(script->asks, g_strdup_printf("%s %s\n%s\n\n%s", ask->method, ask->path, ask->head, body));
	g_mutex_unlock(&script->mutex);
	const char *text = line->body ? line->body : "";
	http_reply(reply, line->status, line->headers ? line->headers : "", text, strlen(text));
	if (strcmp(ask->method, "HEAD") == 0)
		g_byte_array_set_size(reply, reply->len - (guint)strlen(text));
	return true;
}

struct s3_script *s3_script_new(const struct s3_line *lines, gsize count)
{
	struct s3_script *script = g_new0(struct s3_script, 1);
	g_mutex_init(&script->mutex);
	script->lines = lines;
	script->count = count;
	script->asks = g_ptr_array_new_with_free_func(g_free);
	script->server = http_server_new(answer, script);
	script->spec = remote_spec_new("origin", "s3://bucket/pre");
	script->engine = kit_engine();
	script->mode = REMOTE_WRITE;
	g_autofree char *url = http_server_url(script->server, "");
	s3_script_option(script, "endpointurl", url);
	s3_script_option(script, "access_key_id", "AKTEST");
	s3_script_option(script, "secret_access_key", "the-secret");
	return script;
}

void s3_script_option(struct s3_script *script, const char *name, const char *value)
{
	g_hash_table_insert(script->spec->options, g_strdup(name), g_strdup(value));
}

enum transfer_status s3_script_run(struct s3_script *script, struct transfer *transfer)
{
	const struct remote_ops *const table[] = {&remote_s3, NULL};
	g_autoptr(GError) error = NULL;
	if (!script->remote)
		script->remote = remote_open(script->spec, script->mode, table, &error);
	g_assert_no_error(error);
	return kit_run(script->engine, script->remote, transfer);
}

const char *s3_script_ask(struct s3_script *script, guint i)
{
	g_mutex_lock(&script->mutex);
	g_assert_cmpuint(i, <, script->asks->len);
	const char *ask = script->asks->pdata[i];
	g_mutex_unlock(&script->mutex);
	return ask;
}

void s3_script_end(struct s3_script *script, guint asked)
{
	engine_free(script->engine);
	remote_free(script->remote);
	remote_spec_free(script->spec);
	if (asked != S3_SCRIPT_ANY)
		g_assert_cmpuint(script->asks->len, ==, asked);
	http_server_free(script->server); /* its threads end first */
	for (guint i = 0; i < script->asks->len; i++)
		g_assert_null(strstr(script->asks->pdata[i], "the-secret"));
	g_ptr_array_unref(script->asks);
	g_mutex_clear(&script->mutex);
	g_free(script);
}
