/*
 * Servers with quirks, which no real one of tests/services/ has: http and webdav against a server that the test plays.
 */
#include "../remote/http-server.h"
#include "../remote/kit.h"
#include "../tap.h"
#include "backend/web/http.h"
#include "backend/web/webdav.h"
#include "base/error.h"

#include <string.h>

#define USER_PASSWORD "Basic dTpw" /* u:p */

/* A server of files in memory. */
struct shelf {
	GHashTable *files; /* path -> GBytes */
	GString *log;      /* "METHOD path status\n" of each request */
	bool no_head, no_move, no_put, forgets, wants_path, locked;
	bool wants_login;
	unsigned lost;    /* so many MOVEs are done, but 504 says otherwise */
	unsigned down;    /* so many MOVEs are answered with 502 */
	bool busy;        /* all MOVEs are answered with 503 */
	bool no_path;     /* a Destination must be an URL */
	const char *type; /* header line of the files */
	const char *says; /* answer everything with 200 and these header lines, without a length */
	const char *away; /* redirect reads there */
	bool saw_login;
	struct http_server *server;
};

static void answer_with(struct shelf *shelf, const struct http_ask *ask, GByteArray *reply, const char *status,
			const char *headers, GBytes *body)
{
	gsize length = 0;
	const void *data = body ? g_bytes_get_data(body, &length) : NULL;
	g_string_append_printf(shelf->log, "%s %s %.3s\n", ask->method, ask->path, status);
	if (strcmp(ask->method, "HEAD") != 0) {
		http_reply(reply, status, headers, data, length);
		return;
	}
	g_autofree char *text = g_strdup_printf("HTTP/1.1 %s\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n", status,
						headers, length);
	g_byte_array_append(reply, (const guint8 *)text, (guint)strlen(text));
}

static void read_file(struct shelf *shelf, const struct http_ask *ask, GByteArray *reply)
{
	GBytes *file = g_hash_table_lookup(shelf->files, ask->path);
	g_autofree char *range = http_ask_header(ask, "Range");
	if (strcmp(ask->method, "HEAD") == 0 && shelf->no_head) {
		answer_with(shelf, ask, reply, "405 Method Not Allowed", "", NULL);
	} else if (!file) {
		answer_with(shelf, ask, reply, "404 Not Found", "", NULL);
	} else if (range && strcmp(range, "bytes=0-0") == 0) {
		g_autoptr(GBytes) first = g_bytes_new_from_bytes(file, 0, 1);
		g_autofree char *line =
			g_strdup_printf("Content-Range: bytes 0-0/%" G_GSIZE_FORMAT "\r\n", g_bytes_get_size(file));
		answer_with(shelf, ask, reply, "206 Partial Content", line, first);
	} else {
		answer_with(shelf, ask, reply, "200 OK", shelf->type ? shelf->type : "", file);
	}
}

static void move_file(struct shelf *shelf, const struct http_ask *ask, GByteArray *reply)
{
	g_autofree char *to = http_ask_header(ask, "Destination");
	GBytes *file = g_hash_table_lookup(shelf->files, ask->path);
	const char *path = to && *to != '/' ? strchr(strstr(to, "://") + 3, '/') : to;
	if (shelf->no_move) {
		answer_with(shelf, ask, reply, "405 Method Not Allowed", "", NULL);
	} else if (shelf->busy) {
		answer_with(shelf, ask, reply, "503 Service Unavailable", "", NULL);
	} else if (shelf->down || (shelf->wants_path && path != to)) {
		shelf->down -= shelf->down > 0;
		answer_with(shelf, ask, reply, "502 Bad Gateway", "", NULL);
	} else if (shelf->no_path && path == to) {
		answer_with(shelf, ask, reply, "400 Bad Request", "", NULL);
	} else if (!file) {
		answer_with(shelf, ask, reply, "404 Not Found", "", NULL);
	} else {
		bool lost = shelf->lost > 0;
		shelf->lost -= lost;
		g_hash_table_insert(shelf->files, g_strdup(path), g_bytes_ref(file));
		g_hash_table_remove(shelf->files, ask->path);
		answer_with(shelf, ask, reply, lost ? "504 Gateway Timeout" : "201 Created", "", NULL);
	}
}

static void write_file(struct shelf *shelf, const struct http_ask *ask, GByteArray *reply)
{
	if (shelf->no_put) {
		answer_with(shelf, ask, reply, "405 Method Not Allowed", "", NULL);
		return;
	}
	if (shelf->locked) {
		shelf->locked = false;
		answer_with(shelf, ask, reply, "423 Locked", "", NULL);
		return;
	}
	if (!shelf->forgets)
		g_hash_table_insert(shelf->files, g_strdup(ask->path), g_bytes_new(ask->body->data, ask->body->len));
	answer_with(shelf, ask, reply, "201 Created", "", NULL);
}

/* "200 OK", and the end of the body is that of the connection. */
static bool say(struct shelf *shelf, const struct http_ask *ask, GByteArray *reply)
{
	bool head = strcmp(ask->method, "HEAD") == 0;
	g_autofree char *text =
		g_strdup_printf("HTTP/1.1 200 OK\r\n%sConnection: close\r\n\r\n%s", shelf->says, head ? "" : "hello");
	g_string_append_printf(shelf->log, "%s %s 200\n", ask->method, ask->path);
	g_byte_array_append(reply, (const guint8 *)text, (guint)strlen(text));
	return false;
}

static bool answer(const struct http_ask *ask, GByteArray *reply, void *user)
{
	struct shelf *shelf = user;
	g_autofree char *login = http_ask_header(ask, "Authorization");
	shelf->saw_login |= login != NULL;
	if (shelf->says)
		return say(shelf, ask, reply);
	if (shelf->wants_login && g_strcmp0(login, USER_PASSWORD) != 0) {
		answer_with(shelf, ask, reply, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", NULL);
	} else if (strcmp(ask->method, "GET") == 0 || strcmp(ask->method, "HEAD") == 0) {
		g_autofree char *line =
			shelf->away ? g_strdup_printf("Location: %s%s\r\n", shelf->away, ask->path) : NULL;
		if (line)
			answer_with(shelf, ask, reply, "302 Found", line, NULL);
		else
			read_file(shelf, ask, reply);
	} else if (strcmp(ask->method, "MOVE") == 0) {
		move_file(shelf, ask, reply);
	} else if (strcmp(ask->method, "MKCOL") == 0) { /* keys are paths: all collections are there */
		answer_with(shelf, ask, reply, "405 Method Not Allowed", "", NULL);
	} else if (strcmp(ask->method, "DELETE") == 0) {
		g_hash_table_remove(shelf->files, ask->path);
		answer_with(shelf, ask, reply, "204 No Content", "", NULL);
	} else {
		write_file(shelf, ask, reply);
	}
	return true;
}

static void shelf_open(struct shelf *shelf)
{
	shelf->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	shelf->log = g_string_new(NULL);
	shelf->server = http_server_new(answer, shelf);
}

static void shelf_close(struct shelf *shelf)
{
	http_server_free(shelf->server);
	g_hash_table_unref(shelf->files);
	g_string_free(shelf->log, TRUE);
}

static struct remote_spec *spec_of(const struct shelf *shelf, const char *scheme, const char *login)
{
	g_autofree char *url = http_server_url(shelf->server, "/base");
	g_autofree char *full = g_strdup_printf("%s://%s%s", scheme, login, url + strlen("http://"));
	return remote_spec_new("r", full);
}

static struct remote *open_remote(const struct remote_spec *spec)
{
	static const struct remote_ops *const table[] = {&remote_http, &remote_webdav, NULL};
	g_autoptr(GError) error = NULL;
	struct remote *remote = remote_open(spec, REMOTE_WRITE, table, &error);
	g_assert_no_error(error);
	return remote;
}

/* Send "hello"; how that ended, with the error as a copy in *error. */
static enum transfer_status send_hello(const struct remote_spec *spec, GError **error)
{
	struct load load;
	autoptr(engine) engine = kit_engine();
	autoptr(remote) remote = open_remote(spec);
	autoptr(transfer) put = kit_put(&load, "hello", 5);
	enum transfer_status status = kit_run(engine, remote, put);
	if (put->error)
		g_propagate_error(error, g_error_copy(put->error));
	load_clear(&load);
	return status;
}

static char *path_of_hello(void)
{
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "hello", 5);
	return g_strconcat("/base/", stat->key, NULL);
}

static enum transfer_status look_for_hello(const struct remote_spec *spec, struct transfer *stat)
{
	autoptr(engine) engine = kit_engine();
	autoptr(remote) remote = open_remote(spec);
	return kit_run(engine, remote, stat);
}

static void servers_without_head_are_asked_for_a_byte(void)
{
	struct shelf shelf = {.no_head = true};
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "");
	autoptr(transfer) there = kit_transfer(TRANSFER_STAT, "hello", 5);
	autoptr(transfer) shorter = kit_transfer(TRANSFER_STAT, "hello", 5);
	g_assert_cmpint(send_hello(spec, NULL), ==, TRANSFER_DONE);
	g_assert_cmpint(look_for_hello(spec, there), ==, TRANSFER_DONE);
	g_assert_cmpuint(there->found_size, ==, 5);
	g_hash_table_insert(shelf.files, path_of_hello(), g_bytes_new_static("hell", 4));
	g_assert_cmpint(look_for_hello(spec, shorter), ==, TRANSFER_ABSENT);
	g_assert_true(shorter->damaged);
	shelf_close(&shelf);
}

/* The end of a question of which nothing can be said. */
static void check_doubt(const char *says, uint64_t size, const char *told)
{
	struct shelf shelf = {.says = says};
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "");
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "hello", 5);
	stat->size = size;
	g_assert_cmpint(look_for_hello(spec, stat), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(stat->error->message, told));
	g_assert_nonnull(error_get_hint(stat->error));
	g_autoptr(GError) error = NULL;
	g_assert_cmpint(send_hello(spec, &error), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(error->message, told));
	shelf_close(&shelf);
}

/* A hotel's network, or a login page: everything is there, if one believes it. */
static void what_says_yes_to_everything_is_no_evidence(void)
{
	check_doubt("Content-Type: text/html; charset=utf-8\r\n", TRANSFER_ANY_SIZE, "text/html");
	check_doubt("Content-Type: text/html\r\n", 5, "text/html");
	check_doubt("", TRANSFER_ANY_SIZE, "does not tell sizes");
	check_doubt("", 5, "does not tell sizes");
}

/* Objects may be pages, too. */
static void a_page_of_the_right_size_is_the_object(void)
{
	struct shelf shelf = {.type = "Content-Type: text/html\r\n"};
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "");
	autoptr(transfer) right = kit_transfer(TRANSFER_STAT, "hello", 5);
	autoptr(transfer) any = kit_transfer(TRANSFER_STAT, "hello", 5);
	g_hash_table_insert(shelf.files, path_of_hello(), g_bytes_new_static("hello", 5));
	g_assert_cmpint(look_for_hello(spec, right), ==, TRANSFER_DONE);
	any->size = TRANSFER_ANY_SIZE;
	g_assert_cmpint(look_for_hello(spec, any), ==, TRANSFER_FAILED);
	shelf_close(&shelf);
}

/* What a redirect to another server finds is believed if it has the size. */
static void a_redirect_is_evidence_with_the_size_alone(void)
{
	struct shelf other = {0}, shelf = {0};
	shelf_open(&shelf);
	shelf_open(&other);
	g_autofree char *away = http_server_url(other.server, "");
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "");
	autoptr(transfer) right = kit_transfer(TRANSFER_STAT, "hello", 5);
	autoptr(transfer) wrong = kit_transfer(TRANSFER_STAT, "hello", 5);
	autoptr(transfer) any = kit_transfer(TRANSFER_STAT, "hello", 5);
	shelf.away = away;
	wrong->size = 6;
	any->size = TRANSFER_ANY_SIZE;
	g_hash_table_insert(other.files, path_of_hello(), g_bytes_new_static("hello", 5));
	g_assert_cmpint(look_for_hello(spec, right), ==, TRANSFER_DONE);
	g_assert_cmpint(look_for_hello(spec, wrong), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(wrong->error->message, away));
	g_assert_cmpint(look_for_hello(spec, any), ==, TRANSFER_FAILED);
	shelf_close(&shelf);
	shelf_close(&other);
}

/* A server that answers anything with "201" has nothing afterwards. */
static void what_is_accepted_must_be_there(void)
{
	g_autoptr(GError) error = NULL;
	struct shelf shelf = {.forgets = true};
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "");
	g_assert_cmpint(send_hello(spec, &error), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(error->message, "does not have it"));
	shelf_close(&shelf);
}

static void a_server_that_takes_nothing_is_explained(void)
{
	g_autoptr(GError) error = NULL;
	struct shelf shelf = {.no_put = true};
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "");
	g_assert_cmpint(send_hello(spec, &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_nonnull(strstr(error_get_hint(error), "webdav"));
	shelf_close(&shelf);
}

static void post_is_used_where_it_is_wanted(void)
{
	struct shelf shelf = {0};
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "");
	g_hash_table_insert(spec->options, g_strdup("method"), g_strdup("POST"));
	g_assert_cmpint(send_hello(spec, NULL), ==, TRANSFER_DONE);
	g_assert_nonnull(strstr(shelf.log->str, "POST "));
	g_assert_null(strstr(shelf.log->str, "PUT "));
	shelf_close(&shelf);
}

/* The password is the url's; where it is refused, no message has it, and nobody is asked. */
static void a_refused_password_is_not_told(void)
{
	g_autoptr(GError) error = NULL;
	struct shelf shelf = {.wants_login = true};
	shelf_open(&shelf);
	autoptr(remote_spec) right = spec_of(&shelf, "http", "u:p@");
	autoptr(remote_spec) wrong = spec_of(&shelf, "http", "u:sesame@");
	g_assert_cmpint(send_hello(right, NULL), ==, TRANSFER_DONE);
	g_string_truncate(shelf.log, 0);
	g_assert_cmpint(send_hello(wrong, &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_null(strstr(error->message, "sesame"));
	g_assert_nonnull(strstr(error_get_hint(error), "git mlv remote modify --local r password"));
	g_assert_cmpuint(strlen(shelf.log->str), <, 200); /* one request */
	shelf_close(&shelf);
}

/* Nor does it go to where a redirect leads, and what is asked for there is not answered. */
static void a_redirect_takes_no_login_along(void)
{
	struct shelf other = {.wants_login = true}, shelf = {.wants_login = true};
	shelf_open(&shelf);
	shelf_open(&other);
	g_autofree char *away = http_server_url(other.server, "");
	autoptr(remote_spec) spec = spec_of(&shelf, "http", "u:p@");
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "hello", 5);
	shelf.away = away;
	g_assert_cmpint(look_for_hello(spec, stat), ==, TRANSFER_FAILED);
	g_assert_error(stat->error, MLV_ERROR, ERROR_DENIED);
	g_assert_true(shelf.saw_login);
	g_assert_false(other.saw_login);
	g_assert_cmpuint(http_server_count(other.server), ==, 1);
	shelf_close(&shelf);
	shelf_close(&other);
}

static void check_dav(struct shelf *shelf, const char *last)
{
	g_autofree char *path = path_of_hello();
	shelf_open(shelf);
	autoptr(remote_spec) spec = spec_of(shelf, "webdav", "");
	g_assert_cmpint(send_hello(spec, NULL), ==, TRANSFER_DONE);
	g_assert_true(g_hash_table_contains(shelf->files, path));
	g_assert_cmpuint(g_hash_table_size(shelf->files), ==, 1); /* nothing is left over */
	g_assert_nonnull(strstr(shelf->log->str, last));
	shelf_close(shelf);
}

static void webdav_moves_from_a_temporary_name(void)
{
	struct shelf shelf = {0};
	check_dav(&shelf, "PUT /base/.mlv/tmp/");
}

static void webdav_behind_a_proxy_is_told_the_path(void)
{
	struct shelf shelf = {.wants_path = true};
	check_dav(&shelf, "502\nMOVE ");
}

static void webdav_without_move_is_sent_to_the_key(void)
{
	struct shelf shelf = {.no_move = true};
	check_dav(&shelf, "PUT /base/files/");
}

static void a_lock_is_waited_for(void)
{
	struct shelf shelf = {.locked = true};
	check_dav(&shelf, "423\nPUT ");
}

static unsigned count_of(const struct shelf *shelf, const char *method)
{
	unsigned count = 0;
	for (const char *at = shelf->log->str; (at = strstr(at, method)); at++)
		count++;
	return count;
}

/* The object has its name, although the reply that said so was lost. */
static void a_lost_reply_sends_nothing_twice(void)
{
	struct shelf shelf = {.lost = 1};
	g_autofree char *path = path_of_hello();
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "webdav", "");
	g_assert_cmpint(send_hello(spec, NULL), ==, TRANSFER_DONE);
	g_assert_true(g_hash_table_contains(shelf.files, path));
	g_assert_cmpuint(count_of(&shelf, "PUT "), ==, 1);
	shelf_close(&shelf);
}

/* "hello" under a name of the trash. */
static enum transfer_status move_hello(const struct shelf *shelf)
{
	autoptr(remote_spec) spec = spec_of(shelf, "webdav", "");
	autoptr(engine) engine = kit_engine();
	autoptr(remote) remote = open_remote(spec);
	autoptr(transfer) move = kit_transfer(TRANSFER_MOVE, "hello", 5);
	move->to = g_strdup("trash/hello");
	return kit_run(engine, remote, move);
}

/* Who asked for the move must know what was moved: it may have to be brought back. */
static void a_move_whose_reply_was_lost_is_done(void)
{
	struct shelf shelf = {.lost = 1};
	shelf_open(&shelf);
	g_assert_cmpint(move_hello(&shelf), ==, TRANSFER_ABSENT);
	g_hash_table_insert(shelf.files, path_of_hello(), g_bytes_new_static("hello", 5));
	g_assert_cmpint(move_hello(&shelf), ==, TRANSFER_DONE);
	g_assert_cmpuint(shelf.lost, ==, 0);
	g_assert_true(g_hash_table_contains(shelf.files, "/base/trash/hello"));
	shelf_close(&shelf);
}

/* A server that is busy for long is not to be made busier, and it is that which is told. */
static void a_busy_server_is_asked_a_few_times(void)
{
	struct shelf shelf = {.busy = true};
	g_autoptr(GError) error = NULL;
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "webdav", "");
	g_assert_cmpint(send_hello(spec, &error), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(error->message, "503"));
	g_assert_cmpuint(count_of(&shelf, "MOVE "), <=, 6);
	g_assert_cmpuint(count_of(&shelf, "MKCOL "), <=, 3);
	shelf_close(&shelf);
}

/* A proxy whose server was down for a moment wants URLs as before. */
static void one_bad_gateway_changes_no_destination(void)
{
	struct shelf shelf = {.down = 1, .no_path = true};
	shelf_open(&shelf);
	autoptr(remote_spec) spec = spec_of(&shelf, "webdav", "");
	autoptr(engine) engine = kit_engine();
	autoptr(remote) remote = open_remote(spec);
	struct load first_load, load;
	autoptr(transfer) first = kit_put(&first_load, "first", 5);
	autoptr(transfer) put = kit_put(&load, "hello", 5);
	g_assert_cmpint(kit_run(engine, remote, first), ==, TRANSFER_DONE);
	g_assert_cmpuint(count_of(&shelf, "MOVE "), ==, 3); /* 502, 400 for the path, done */
	g_assert_cmpint(kit_run(engine, remote, put), ==, TRANSFER_DONE);
	g_assert_cmpuint(count_of(&shelf, "MOVE "), ==, 4);
	load_clear(&first_load);
	load_clear(&load);
	engine_free(g_steal_pointer(&engine)); /* its connections are what the server waits for */
	remote_free(g_steal_pointer(&remote));
	shelf_close(&shelf);
}

static void urls_that_make_no_sense_are_refused(void)
{
	static const char *const urls[] = {"http://", "http://h/x?y=1", "http://h/x#y", "webdav:///x"};
	static const struct remote_ops *const table[] = {&remote_http, &remote_webdav, NULL};
	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_autoptr(GError) error = NULL;
		autoptr(remote_spec) spec = remote_spec_new("r", urls[i]);
		g_assert_null(remote_open(spec, REMOTE_READ, table, &error));
		g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/http/servers-without-head", servers_without_head_are_asked_for_a_byte);
	g_test_add_func("/http/what-says-yes-to-everything", what_says_yes_to_everything_is_no_evidence);
	g_test_add_func("/http/a-page-of-the-right-size", a_page_of_the_right_size_is_the_object);
	g_test_add_func("/http/a-redirect-is-evidence", a_redirect_is_evidence_with_the_size_alone);
	g_test_add_func("/http/what-is-accepted-must-be-there", what_is_accepted_must_be_there);
	g_test_add_func("/http/a-server-that-takes-nothing", a_server_that_takes_nothing_is_explained);
	g_test_add_func("/http/post-where-it-is-wanted", post_is_used_where_it_is_wanted);
	g_test_add_func("/http/a-refused-password-is-not-told", a_refused_password_is_not_told);
	g_test_add_func("/http/a-redirect-takes-no-login-along", a_redirect_takes_no_login_along);
	g_test_add_func("/http/webdav-moves-from-a-temporary-name", webdav_moves_from_a_temporary_name);
	g_test_add_func("/http/webdav-behind-a-proxy", webdav_behind_a_proxy_is_told_the_path);
	g_test_add_func("/http/webdav-without-move", webdav_without_move_is_sent_to_the_key);
	g_test_add_func("/http/a-lock-is-waited-for", a_lock_is_waited_for);
	g_test_add_func("/http/a-lost-reply-sends-nothing-twice", a_lost_reply_sends_nothing_twice);
	g_test_add_func("/http/a-move-whose-reply-was-lost", a_move_whose_reply_was_lost_is_done);
	g_test_add_func("/http/a-busy-server", a_busy_server_is_asked_a_few_times);
	g_test_add_func("/http/one-bad-gateway", one_bad_gateway_changes_no_destination);
	g_test_add_func("/http/urls-that-make-no-sense", urls_that_make_no_sense_are_refused);
	return g_test_run();
}
