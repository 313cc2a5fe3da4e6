/*
 * A Git LFS remote and a server whose behaviour the test sets: what real servers do rarely.
 */
#include "../remote/http-server.h"
#include "../remote/kit.h"
#include "../tap.h"
#include "backend/lfs/lfs.h"
#include "base/cancel.h"
#include "base/error.h"
#include "doc/json.h"
#include "remote/layout.h"

#include <string.h>

/* "user:secret" */
#define LOGIN "Basic dXNlcjpzZWNyZXQ="

/* An object's error that says nothing but its message. */
#define NO_CODE 1

/* What the server does, and what it saw. */
struct script {
	char *url;             /* of the server */
	char *elsewhere;       /* where the bytes are; NULL: on the same server */
	GHashTable *has;       /* ids that it has, to their text */
	const char *login;     /* the Authorization that it wants; NULL: none */
	bool strict_sizes;     /* 422 for a size that is not right */
	bool verifies;         /* uploads have a verify action */
	bool wrong_bytes;      /* always */
	unsigned cut_answers;  /* so many answers end too soon, without saying so */
	unsigned cut_bytes;
	unsigned leave_out;    /* so many answers have no objects */
	unsigned stale;        /* so many addresses have run out before they are used */
	unsigned refuse_bytes; /* so often 403 for bytes */
	const char *fail_verify; /* its status line; NULL: fine */
	unsigned fail_verifies;  /* so often */
	const char *fail_batch; /* the status line of so many answers */
	const char *fail_text;  /* their body */
	unsigned fail_times;
	unsigned objects_max;  /* of a question: else 413; 0: any */
	unsigned object_error; /* for each object */
	const char *fail_bytes;  /* status line of all answers to bytes; NULL: fine */
	const char *bytes_type;  /* header line of the bytes; NULL: none */
	unsigned cancel_at;    /* the question at which the user interrupts; 0: none */
	unsigned batches, largest, direct, verified, bytes;
	bool leaked;           /* the login came where it was not meant for */
};

struct fixture {
	struct script script;
	struct http_server *server, *other;
	struct remote_spec *spec;
	struct remote *remote;
	struct engine *engine;
};

static void answer_object(struct script *script, const struct node *asked, bool upload, GString *out)
{
	const char *oid = node_get_string(asked, "oid"), *text = g_hash_table_lookup(script->has, oid);
	gint64 size = node_get(asked, "size")->integer;
	g_string_append_printf(out, "%s{\"oid\":\"%s\",\"size\":%" G_GINT64_FORMAT, out->str[out->len - 1] == '[' ? "" : ",",
			       oid, size);
	if (script->object_error == NO_CODE)
		g_string_append(out, ",\"error\":{\"message\":\"so it is\"}");
	else if (script->object_error)
		g_string_append_printf(out, ",\"error\":{\"code\":%u,\"message\":\"so it is\"}", script->object_error);
	else if (!text && !upload)
		g_string_append(out, ",\"error\":{\"code\":404,\"message\":\"not there\"}");
	else if (text && script->strict_sizes && size != (gint64)strlen(text))
		g_string_append(out, ",\"error\":{\"code\":422,\"message\":\"wrong size\"}");
	else if (!text || !upload) {
		const char *base = script->elsewhere ? script->elsewhere : script->url;
		g_string_append_printf(out, ",\"actions\":{\"%s\":{\"href\":\"%s/bytes/%s\",\"header\":{\"X-Token\":\"t\"}",
				       upload ? "upload" : "download", base, oid);
		if (script->stale) {
			g_string_append(out, ",\"expires_in\":1");
			script->stale--;
		}
		g_string_append_c(out, '}');
		if (upload && script->verifies)
			g_string_append_printf(out, ",\"verify\":{\"href\":\"%s/verify\"}", script->url);
		g_string_append_c(out, '}');
	}
	g_string_append_c(out, '}');
}

static void answer_batch(struct script *script, const struct http_ask *ask, GByteArray *reply)
{
	script->batches++;
	if (script->cancel_at == script->batches)
		cancel_request();
	if (script->fail_times) {
		script->fail_times--;
		http_reply(reply, script->fail_batch, "Retry-After: 0\r\n", script->fail_text, strlen(script->fail_text));
		return;
	}
	autoptr(doc) doc = json_read((const char *)ask->body->data, ask->body->len, "question", NULL);
	const struct node *objects = node_get(doc->root, "objects");
	bool upload = strcmp(node_get_string(doc->root, "operation"), "upload") == 0;
	if (script->objects_max && objects->count > script->objects_max) {
		http_reply(reply, "413 Content Too Large", "", "", 0);
		return;
	}
	script->largest = MAX(script->largest, (unsigned)objects->count);
	g_autoptr(GString) out = g_string_new("{\"transfer\":\"basic\",\"objects\":[");
	for (size_t i = objects->count; i-- > 0 && !script->leave_out;) /* in another order */
		answer_object(script, objects->items[i], upload, out);
	g_string_append(out, "]}");
	if (script->leave_out)
		script->leave_out--;
	if (script->cut_answers) {
		script->cut_answers--;
		g_string_truncate(out, out->len / 2);
	}
	http_reply(reply, "200 OK", "Content-Type: application/vnd.git-lfs+json\r\n", out->str, out->len);
}

static void answer_bytes(struct script *script, const struct http_ask *ask, GByteArray *reply)
{
	const char *oid = strrchr(ask->path, '/') + 1, *text = g_hash_table_lookup(script->has, oid);
	g_autofree char *token = http_ask_header(ask, "X-Token");
	script->bytes++;
	if (g_str_has_prefix(ask->path, "/bytes/"))
		g_assert_cmpstr(token, ==, "t");
	else
		script->direct++;
	if (script->refuse_bytes) {
		script->refuse_bytes--;
		http_reply(reply, "403 Forbidden", "", "", 0);
	} else if (script->fail_bytes) {
		http_reply(reply, script->fail_bytes, "", "", 0);
	} else if (strcmp(ask->method, "PUT") == 0) {
		g_hash_table_insert(script->has, g_strdup(oid),
				    g_strndup((const char *)ask->body->data, ask->body->len));
		http_reply(reply, "200 OK", "", "", 0);
	} else if (text && script->cut_bytes) {
		script->cut_bytes--;
		http_reply(reply, "200 OK", "", text, strlen(text) - 1);
	} else if (text) {
		http_reply(reply, "200 OK", script->bytes_type ? script->bytes_type : "", script->wrong_bytes ? "nonsense" : text,
			   script->wrong_bytes ? 8 : strlen(text));
	} else {
		http_reply(reply, "404 Not Found", "", "", 0);
	}
}

static bool answer(const struct http_ask *ask, GByteArray *reply, void *user)
{
	struct script *script = user;
	g_autofree char *login = http_ask_header(ask, "Authorization");
	if (script->login && g_strcmp0(login, script->login) != 0)
		http_reply(reply, "401 Unauthorized", "LFS-Authenticate: Basic realm=\"x\"\r\n", "", 0);
	else if (g_str_has_suffix(ask->path, "/objects/batch"))
		answer_batch(script, ask, reply);
	else if (strcmp(ask->path, "/verify") == 0) {
		script->verified++;
		http_reply(reply, script->fail_verifies ? script->fail_verify : "200 OK", "", "", 0);
		if (script->fail_verifies)
			script->fail_verifies--;
	} else
		answer_bytes(script, ask, reply);
	return true;
}

/* A server of bytes alone, to which nobody's login was given. */
static bool answer_elsewhere(const struct http_ask *ask, GByteArray *reply, void *user)
{
	struct script *script = user;
	g_autofree char *login = http_ask_header(ask, "Authorization");
	script->leaked |= login != NULL;
	answer_bytes(script, ask, reply);
	return true;
}

static void connect_with(struct fixture *fixture, const char *option, const char *value)
{
	g_autoptr(GError) error = NULL;
	const struct remote_ops *table[] = {&remote_lfs, NULL};
	if (option)
		g_hash_table_insert(fixture->spec->options, g_strdup(option), g_strdup(value));
	g_clear_pointer(&fixture->remote, remote_free);
	fixture->remote = remote_open(fixture->spec, REMOTE_WRITE, table, &error);
	g_assert_no_error(error);
}

static void set_up(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	struct script *script = &fixture->script;
	script->fail_text = "{\"message\":\"no luck\"}";
	script->has = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	fixture->server = http_server_new(answer, script);
	fixture->other = http_server_new(answer_elsewhere, script);
	script->url = http_server_url(fixture->server, "");
	g_autofree char *url = g_strdup_printf("lfs::%s/r.git/info/lfs", script->url);
	fixture->spec = remote_spec_new("lfs", url);
	fixture->engine = kit_engine();
	connect_with(fixture, NULL, NULL);
}

static void tear_down(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	engine_free(fixture->engine);
	remote_free(fixture->remote);
	remote_spec_free(fixture->spec);
	http_server_free(fixture->server);
	http_server_free(fixture->other);
	g_hash_table_unref(fixture->script.has);
	g_free(fixture->script.url);
	g_free(fixture->script.elsewhere);
}

/* The server gets an object behind our back. */
static void plant(struct fixture *fixture, const char *text)
{
	struct oid oid = kit_oid(text, strlen(text));
	char id[OID_TEXT_MAX];
	g_hash_table_insert(fixture->script.has, g_strdup(oid_text(&oid, id)), g_strdup(text));
}

static enum transfer_status run(struct fixture *fixture, struct transfer *transfer)
{
	return kit_run(fixture->engine, fixture->remote, transfer);
}

static enum transfer_status put_text(struct fixture *fixture, const char *text, GError **error)
{
	struct load load;
	autoptr(transfer) put = kit_put(&load, text, strlen(text));
	enum transfer_status status = run(fixture, put);
	load_clear(&load);
	if (put->error)
		g_propagate_error(error, g_steal_pointer(&put->error));
	return status;
}

static enum transfer_status get_text(struct fixture *fixture, const char *text, GError **error)
{
	struct load load;
	autoptr(transfer) get = kit_get(&load, text, strlen(text));
	enum transfer_status status = run(fixture, get);
	load_clear(&load);
	if (get->error)
		g_propagate_error(error, g_steal_pointer(&get->error));
	return status;
}

#define MANY 500

static GPtrArray *make_stats(void)
{
	GPtrArray *stats = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < MANY; i++) {
		g_autofree char *text = g_strdup_printf("object %u", i);
		g_ptr_array_add(stats, kit_transfer(TRANSFER_STAT, text, strlen(text)));
	}
	return stats;
}

static void asks_about_many_at_once(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stats = make_stats();
	for (unsigned i = 0; i < MANY; i += 2) {
		g_autofree char *text = g_strdup_printf("object %u", i);
		plant(fixture, text);
	}
	g_assert_true(kit_run_all(fixture->engine, fixture->remote, stats, &error));
	for (unsigned i = 0; i < MANY; i++) {
		const struct transfer *stat = g_ptr_array_index(stats, i);
		g_assert_cmpint(stat->status, ==, i % 2 ? TRANSFER_ABSENT : TRANSFER_DONE);
	}
	g_assert_cmpuint(fixture->script.largest, ==, 100);
	g_assert_cmpuint(fixture->script.batches, <=, MANY / 20);
}

/* Not as often as there are objects: what a question was about fails with it. */
static void gives_up_together(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stats = make_stats();
	fixture->script.fail_batch = "500 Internal Server Error";
	fixture->script.fail_times = 1000;
	g_assert_false(kit_run_all(fixture->engine, fixture->remote, stats, &error));
	g_assert_error(error, MLV_ERROR, ERROR_TRANSIENT);
	g_assert_cmpuint(fixture->script.batches, <=, 20);
}

static void asks_in_smaller_groups(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GPtrArray) stats = make_stats();
	fixture->script.objects_max = 7;
	g_assert_true(kit_run_all(fixture->engine, fixture->remote, stats, NULL));
	for (unsigned i = 0; i < MANY; i++)
		g_assert_cmpint(((struct transfer *)g_ptr_array_index(stats, i))->status, ==, TRANSFER_ABSENT);
	g_assert_cmpuint(fixture->script.largest, <=, 7);
}

static void waits_as_told(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	fixture->script.fail_batch = "429 Too Many Requests";
	fixture->script.fail_times = 2;
	g_assert_cmpint(put_text(fixture, "patience", NULL), ==, TRANSFER_DONE);
	g_assert_cmpuint(fixture->script.batches, ==, 3);
}

static void asks_anew_when_an_address_runs_out(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	fixture->script.stale = 1;
	g_assert_cmpint(put_text(fixture, "later", NULL), ==, TRANSFER_DONE);
	fixture->script.refuse_bytes = 1;
	g_assert_cmpint(get_text(fixture, "later", NULL), ==, TRANSFER_DONE);
	g_assert_cmpuint(fixture->script.batches, ==, 4);
	g_autoptr(GError) error = NULL;
	fixture->script.refuse_bytes = 100;
	g_assert_cmpint(get_text(fixture, "later", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	fixture->script.refuse_bytes = 0;
	fixture->script.stale = 100; /* for ever: then it is tried nevertheless */
	g_assert_cmpint(get_text(fixture, "later", NULL), ==, TRANSFER_DONE);
	g_assert_null(strstr(error->message, "/bytes/")); /* such an address can be a secret */
}

static void verifies_uploads(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	fixture->script.verifies = true;
	g_assert_cmpint(put_text(fixture, "sure", NULL), ==, TRANSFER_DONE);
	g_assert_cmpuint(fixture->script.verified, ==, 1);
	fixture->script.fail_verify = "403 Forbidden"; /* the word for it ran out meanwhile */
	fixture->script.fail_verifies = 1;
	g_assert_cmpint(put_text(fixture, "slow", NULL), ==, TRANSFER_DONE);
	fixture->script.fail_verify = "404 Not Found";
	fixture->script.fail_verifies = 1;
	g_assert_cmpint(put_text(fixture, "unsure", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
}

/* No pointer has the size of a manifest: a server that wants it is asked for the object itself. */
static void finds_objects_of_unknown_size(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	fixture->script.strict_sizes = true;
	plant(fixture, "manifest");
	struct load load;
	autoptr(transfer) get = kit_get(&load, "manifest", 8);
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "manifest", 8);
	get->size = stat->size = TRANSFER_ANY_SIZE;
	get->oid.dir = 1;
	g_free(get->key);
	get->key = layout_key(&get->oid);
	g_assert_true(g_str_has_suffix(get->key, ".dir"));
	get->oid.dir = 0; /* the load's bytes are no manifest */
	g_assert_cmpint(run(fixture, get), ==, TRANSFER_DONE);
	g_assert_cmpuint(fixture->script.direct, ==, 1);
	g_assert_cmpint(run(fixture, stat), ==, TRANSFER_DONE);
	g_assert_cmpuint(fixture->script.direct, ==, 2);
	load_clear(&load);
	/* there is always a page */
	autoptr(transfer) page = kit_transfer(TRANSFER_STAT, "manifest", 8);
	page->size = TRANSFER_ANY_SIZE;
	fixture->script.bytes_type = "Content-Type: text/html; charset=utf-8\r\n";
	g_assert_cmpint(run(fixture, page), ==, TRANSFER_FAILED);
	g_assert_error(page->error, MLV_ERROR, ERROR_CORRUPT);
	/* where the size is known, the server's word holds */
	autoptr(transfer) wrong = kit_transfer(TRANSFER_STAT, "manifest", 8);
	wrong->size = 9;
	g_assert_cmpint(run(fixture, wrong), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(wrong->error->message, "wrong size"));
}

static void shows_logins_only_where_they_belong(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	fixture->script.login = LOGIN;
	connect_with(fixture, "user", "user");
	connect_with(fixture, "password", "secret");
	fixture->script.verifies = true;
	g_assert_cmpint(put_text(fixture, "here", NULL), ==, TRANSFER_DONE);
	fixture->script.elsewhere = http_server_url(fixture->other, "");
	g_assert_cmpint(put_text(fixture, "there", NULL), ==, TRANSFER_DONE);
	g_assert_cmpint(get_text(fixture, "there", NULL), ==, TRANSFER_DONE);
	g_assert_cmpuint(http_server_count(fixture->other), ==, 2);
	g_assert_false(fixture->script.leaked);
	g_autoptr(GError) error = NULL;
	connect_with(fixture, "password", "wrong");
	g_assert_cmpint(put_text(fixture, "never", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_null(strstr(error->message, "secret"));
}

/* Nothing may count as absent, and be sent again or given up, because the server is another one than thought. */
static void tells_missing_servers_from_missing_objects(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	fixture->script.fail_batch = "404 Not Found";
	fixture->script.fail_times = 2;
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "x", 1);
	g_assert_cmpint(run(fixture, stat), ==, TRANSFER_FAILED);
	g_autoptr(GError) error = NULL;
	g_assert_cmpint(get_text(fixture, "x", &error), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(error->message, "/r.git/info/lfs"));
	g_assert_nonnull(error_get_hint(error));
}

static void repeats_what_the_server_says(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	fixture->script.object_error = 507;
	g_assert_cmpint(put_text(fixture, "full", &error), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(error->message, "507 Insufficient Storage: so it is"));
	fixture->script.object_error = 0;
	fixture->script.fail_batch = "403 Forbidden";
	fixture->script.fail_times = 1;
	g_clear_error(&error);
	g_assert_cmpint(put_text(fixture, "full", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_DENIED);
	g_assert_nonnull(strstr(error->message, "no luck"));
}

/* A server that fails for an object alone answers well in between: that must not go on for ever. */
static void bears_failures_of_an_object_a_few_times(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	static const unsigned codes[] = {500, 503, NO_CODE};
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
		g_autoptr(GError) error = NULL;
		fixture->script.object_error = codes[i];
		fixture->script.batches = 0;
		g_assert_cmpint(put_text(fixture, "trouble", &error), ==, TRANSFER_FAILED);
		g_assert_nonnull(strstr(error->message, "so it is"));
		g_assert_cmpuint(fixture->script.batches, <=, 3);
		g_clear_error(&error);
		g_assert_cmpint(get_text(fixture, "trouble", &error), ==, TRANSFER_FAILED);
		g_assert_nonnull(strstr(error->message, "so it is"));
		g_assert_cmpuint(fixture->script.batches, <=, 6);
	}
	g_autoptr(GError) error = NULL;
	fixture->script.object_error = 0;
	fixture->script.batches = 0;
	fixture->script.fail_bytes = "500 Internal Server Error";
	g_assert_cmpint(put_text(fixture, "trouble", &error), ==, TRANSFER_FAILED);
	g_assert_cmpuint(fixture->script.batches, <=, 3);
}

/* The local file is longer, or shorter, than the object. */
static void sends_no_file_of_another_size(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	for (size_t size = 8; size <= 10; size += 2) {
		struct load load;
		autoptr(transfer) put = kit_put(&load, "nine is 9", 9);
		put->size = size;
		g_assert_cmpint(run(fixture, put), ==, TRANSFER_FAILED);
		g_assert_error(put->error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_cmpstr(error_get_hint(put->error), ==, "git mlv fsck");
		load_clear(&load);
	}
	g_assert_cmpuint(fixture->script.bytes, ==, 0);
}

static void keeps_no_wrong_bytes(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	plant(fixture, "8 bytes!");
	fixture->script.wrong_bytes = true;
	g_assert_cmpint(get_text(fixture, "8 bytes!", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	plant(fixture, "short");
	g_clear_error(&error);
	g_assert_cmpint(get_text(fixture, "short", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
}

/* Half an answer may be whole the next time; a page for people is no answer. */
static void bears_half_answers(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	fixture->script.cut_answers = 2;
	g_assert_cmpint(put_text(fixture, "whole", NULL), ==, TRANSFER_DONE);
	fixture->script.cut_bytes = 2;
	g_assert_cmpint(get_text(fixture, "whole", NULL), ==, TRANSFER_DONE);
	fixture->script.leave_out = 1;
	g_assert_cmpint(get_text(fixture, "whole", NULL), ==, TRANSFER_DONE);
	fixture->script.cut_bytes = 100;
	g_assert_cmpint(get_text(fixture, "whole", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	fixture->script.leave_out = 100;
	g_clear_error(&error);
	g_assert_cmpint(get_text(fixture, "whole", &error), ==, TRANSFER_FAILED);
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	unsigned asked = fixture->script.batches;
	fixture->script.leave_out = 0;
	fixture->script.fail_batch = "200 OK";
	fixture->script.fail_text = "<html>";
	fixture->script.fail_times = 1;
	g_clear_error(&error);
	g_assert_cmpint(get_text(fixture, "whole", &error), ==, TRANSFER_FAILED);
	g_assert_nonnull(strstr(error_get_hint(error), "/r.git/info/lfs"));
	g_assert_cmpuint(fixture->script.batches, ==, asked + 1);
	/* as little what only looks like an answer, without saying that it is one */
	fixture->script.fail_text = "{\"objects\":[]}";
	fixture->script.fail_times = 1;
	g_assert_cmpint(get_text(fixture, "whole", NULL), ==, TRANSFER_FAILED);
	g_assert_cmpuint(fixture->script.batches, ==, asked + 2);
}

/* DVC's objects have no place there, nor have other keys. */
static void refuses_other_objects(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	static const char *const keys[] = {"files/md5/d4/1d8cd98f00b204e9800998ecf8427e", ".mlv/trash/x", "x/"};
	static const enum transfer_kind kinds[] = {TRANSFER_STAT, TRANSFER_DELETE, TRANSFER_LIST};
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		autoptr(transfer) transfer = transfer_new(kinds[i], keys[i]);
		g_assert_cmpint(run(fixture, transfer), ==, TRANSFER_FAILED);
		g_assert_error(transfer->error, MLV_ERROR, ERROR_USAGE);
		g_assert_nonnull(error_get_hint(transfer->error));
	}
	g_assert_cmpuint(fixture->script.batches, ==, 0);
	g_assert_false(remote_can(fixture->remote, REMOTE_CAN_LIST) || remote_can(fixture->remote, REMOTE_CAN_DELETE));
}

/* The last test: the flag stays up. */
static void ends_when_interrupted(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stats = make_stats();
	fixture->script.cancel_at = 2;
	g_assert_false(kit_run_all(fixture->engine, fixture->remote, stats, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CANCELLED);
	g_assert_cmpuint(fixture->script.batches, <=, 3);
}

static const struct {
	const char *name;
	void (*test)(struct fixture *fixture, gconstpointer unused);
} tests[] = {
	{"asks-about-many-at-once", asks_about_many_at_once},
	{"gives-up-together", gives_up_together},
	{"asks-in-smaller-groups", asks_in_smaller_groups},
	{"waits-as-told", waits_as_told},
	{"asks-anew-when-an-address-runs-out", asks_anew_when_an_address_runs_out},
	{"verifies-uploads", verifies_uploads},
	{"finds-objects-of-unknown-size", finds_objects_of_unknown_size},
	{"shows-logins-only-where-they-belong", shows_logins_only_where_they_belong},
	{"tells-missing-servers-from-missing-objects", tells_missing_servers_from_missing_objects},
	{"repeats-what-the-server-says", repeats_what_the_server_says},
	{"bears-failures-of-an-object-a-few-times", bears_failures_of_an_object_a_few_times},
	{"sends-no-file-of-another-size", sends_no_file_of_another_size},
	{"keeps-no-wrong-bytes", keeps_no_wrong_bytes},
	{"bears-half-answers", bears_half_answers},
	{"refuses-other-objects", refuses_other_objects},
	{"ends-when-interrupted", ends_when_interrupted},
};

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_setenv("GIT_TERMINAL_PROMPT", "0", TRUE);
	g_setenv("GIT_CONFIG_NOSYSTEM", "1", TRUE);
	g_setenv("HOME", tap_tmpdir(), TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *path = g_strdup_printf("/lfs/%s", tests[i].name);
		g_test_add(path, struct fixture, NULL, set_up, tests[i].test, tear_down);
	}
	return g_test_run();
}
