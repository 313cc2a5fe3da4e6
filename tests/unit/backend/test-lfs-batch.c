#include "../tap.h"
#include "backend/lfs/lfs-batch.h"
#include "base/error.h"

#include <string.h>

#define OID "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define NOW ((int64_t)1700000000)

static GPtrArray *read_text(const char *text, GError **error)
{
	return lfs_batch_read(text, strlen(text), NOW, error);
}

/* The one object of an answer with these members. */
static GPtrArray *read_one(const char *members)
{
	g_autofree char *text = g_strdup_printf("{\"objects\":[{\"oid\":\"" OID "\",\"size\":5%s}]}", members);
	g_autoptr(GError) error = NULL;
	GPtrArray *list = read_text(text, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(list->len, ==, 1);
	return list;
}

static void asks(void)
{
	struct lfs_want wants[] = {{OID, 5}, {OID, 0}};
	g_autoptr(GString) text = lfs_batch_ask(true, wants, 2);
	g_assert_cmpstr(text->str, ==,
			"{\"operation\": \"upload\", \"transfers\": [\"basic\"], \"objects\": [{\"oid\": \"" OID
			"\", \"size\": 5}, {\"oid\": \"" OID "\", \"size\": 0}], \"hash_algo\": \"sha256\"}");
	g_autoptr(GString) verify = lfs_verify_ask(wants);
	g_assert_cmpstr(verify->str, ==, "{\"oid\": \"" OID "\", \"size\": 5}");
}

static void reads_actions(void)
{
	g_autoptr(GPtrArray) list =
		read_one(",\"actions\":{\"upload\":{\"href\":\"https://h/o?sig=1\",\"header\":{\"authorization\":\"Basic "
			 "eA==\",\"X-A\":\"b\",\"Content-Length\":\"7\"},\"expires_in\":60},\"verify\":{\"href\":\"http://h/v\","
			 "\"expires_at\":\"2033-05-18T03:33:20Z\"}}");
	const struct lfs_object *object = g_ptr_array_index(list, 0);
	g_assert_cmpstr(object->oid, ==, OID);
	g_assert_cmpuint(object->size, ==, 5);
	g_assert_cmpuint(object->error, ==, 0);
	g_assert_null(object->download.href);
	g_assert_cmpstr(object->upload.href, ==, "https://h/o?sig=1");
	g_assert_true(object->upload.authorizes);
	g_assert_cmpuint(object->upload.headers->len, ==, 2);
	g_assert_cmpstr(g_ptr_array_index(object->upload.headers, 1), ==, "X-A: b");
	g_assert_cmpint(object->upload.expires, ==, NOW + 60);
	g_assert_false(object->verify.authorizes);
	g_assert_cmpint(object->verify.expires, ==, 2000000000);
}

static void reads_errors(void)
{
	g_autoptr(GPtrArray) list = read_one(",\"error\":{\"code\":404,\"message\":\"not \\u001b[31mthere\\n\"}");
	const struct lfs_object *object = g_ptr_array_index(list, 0);
	g_assert_cmpuint(object->error, ==, 404);
	g_assert_cmpstr(object->message, ==, "not  [31mthere");
	g_autoptr(GPtrArray) odd = read_one(",\"error\":{\"code\":\"x\"}");
	g_assert_cmpuint(((struct lfs_object *)g_ptr_array_index(odd, 0))->error, ==, 500);
	g_assert_null(((struct lfs_object *)g_ptr_array_index(odd, 0))->message);
}

/* What a server may leave out, or write as null. */
static void bears_what_is_missing(void)
{
	g_autoptr(GPtrArray) nulls = read_one(",\"actions\":null,\"error\":null,\"authenticated\":null");
	g_assert_null(((struct lfs_object *)g_ptr_array_index(nulls, 0))->upload.href);
	g_autoptr(GPtrArray) never =
		read_one(",\"actions\":{\"download\":{\"href\":\"http://h\",\"header\":null,\"expires_at\":\"0001-01-01T00:00:00Z\"}}");
	g_assert_cmpint(((struct lfs_object *)g_ptr_array_index(never, 0))->download.expires, ==, 0);
	g_autoptr(GPtrArray) past = read_one(",\"actions\":{\"download\":{\"href\":\"http://h\",\"expires_in\":-9223372036854775808}}");
	g_assert_cmpint(((struct lfs_object *)g_ptr_array_index(past, 0))->download.expires, ==, 0);
	g_autoptr(GPtrArray) ahead = read_one(
		",\"actions\":{\"download\":{\"href\":\"http://h\",\"expires_at\":\"2020-01-01T00:00:00Z\"}}");
	g_assert_cmpint(((struct lfs_object *)g_ptr_array_index(ahead, 0))->download.expires, ==, 0);
}

static void refuses_nonsense(void)
{
	static const char *const texts[] = {
		"",
		"<html>",
		"[]",
		"{}",
		"{\"objects\":{}}",
		"{\"objects\":[1]}",
		"{\"objects\":[{\"oid\":\"2CF2\"}]}",
		"{\"transfer\":\"tus\",\"objects\":[]}",
		"{\"hash_algo\":\"sha512\",\"objects\":[]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":[]}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"file:///etc/passwd\"}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"http://h/\\r\\nX: y\"}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"https://good\\\\@evil/\"}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"https://good@evil/\"}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"https:///x\"}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"http://h\",\"header\":{\"A\":\"b\\nc\"}}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"http://h\",\"header\":{\"A:\":\"b\"}}}}]}",
		"{\"objects\":[{\"oid\":\"" OID "\",\"actions\":{\"download\":{\"href\":\"http://h\",\"header\":{\"A\":1}}}}]}",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) list = read_text(texts[i], &error);
		g_assert_null(list);
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	}
}

/* A text that cannot be read may still hold a token. */
static void errors_hold_no_secrets(void)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(read_text("{\"objects\":[{\"Authorization\":\"hunter2\"", &error));
	g_assert_null(strstr(error->message, "hunter2"));
}

static void reads_logins(void)
{
	static const char text[] = "{\"href\":\"https://h/lfs\",\"header\":{\"Authorization\":\"RemoteAuth t\"},\"expires_in\":86400}";
	struct lfs_action action;
	g_autoptr(GError) error = NULL;
	g_assert_true(lfs_login_read(text, strlen(text), NOW, &action, &error));
	g_assert_cmpstr(action.href, ==, "https://h/lfs");
	g_assert_true(action.authorizes);
	g_assert_cmpint(action.expires, ==, NOW + 86400);
	lfs_action_clear(&action);
	g_assert_true(lfs_login_read("{}", 2, NOW, &action, &error));
	g_assert_null(action.href);
	lfs_action_clear(&action);
	static const char *const nonsense[] = {"3", "{", "{\"href\":\"file:///x\"}", "{\"header\":{\"A=\":\"b\"}}"};
	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
		g_clear_error(&error);
		g_assert_false(lfs_login_read(nonsense[i], strlen(nonsense[i]), NOW, &action, &error));
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_null(action.href);
	}
}

static void reads_messages(void)
{
	struct reply reply = {.body = g_byte_array_new()};
	static const char text[] = "{\"message\":\"over quota\"}";
	g_byte_array_append(reply.body, (const guint8 *)text, sizeof(text));
	g_autofree char *message = lfs_reply_message(&reply);
	g_assert_cmpstr(message, ==, "over quota");
	reply_clear(&reply);
	g_assert_null(lfs_reply_message(&reply));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/lfs-batch/asks", asks);
	g_test_add_func("/lfs-batch/reads-actions", reads_actions);
	g_test_add_func("/lfs-batch/reads-errors", reads_errors);
	g_test_add_func("/lfs-batch/bears-what-is-missing", bears_what_is_missing);
	g_test_add_func("/lfs-batch/refuses-nonsense", refuses_nonsense);
	g_test_add_func("/lfs-batch/errors-hold-no-secrets", errors_hold_no_secrets);
	g_test_add_func("/lfs-batch/reads-logins", reads_logins);
	g_test_add_func("/lfs-batch/reads-messages", reads_messages);
	return g_test_run();
}
