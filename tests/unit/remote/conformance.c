#include "conformance.h"

#include "base/error.h"
#include "base/file.h"
#include "kit.h"
#include "remote/layout.h"

#include <string.h>
#include <sys/mman.h>

struct fixture {
	const struct body *body;
	struct place place;
	struct remote *remote;
	struct engine *engine;
};

static struct remote *connect_to(const struct fixture *fixture, const struct remote_spec *spec, enum remote_mode mode)
{
	g_autoptr(GError) error = NULL;
	const struct remote_ops *table[] = {fixture->body->ops, NULL};
	struct remote *remote = remote_open(spec, mode, table, &error);
	g_assert_no_error(error);
	return remote;
}

static void set_options(struct remote_spec *spec, const char *const *options)
{
	for (; spec && options && *options; options++) {
		g_auto(GStrv) pair = g_strsplit(*options, "=", 2);
		g_hash_table_insert(spec->options, g_strdup(pair[0]), g_strdup(pair[1]));
	}
}

static void make_place(const struct body *body, struct place *place)
{
	if (!body->server) {
		body->make(place);
		return;
	}
	place->served = server_place_new(server_get(body->server, NULL), body->kind);
	place->spec = place->served->spec;
	set_options(place->served->spec, body->options);
	set_options(place->served->readonly, body->options);
	set_options(place->served->wrong, body->options);
	set_options(place->served->missing, body->options);
}

static void set_up(struct fixture *fixture, gconstpointer body)
{
	fixture->body = body;
	make_place(fixture->body, &fixture->place);
	fixture->remote = connect_to(fixture, fixture->place.spec, REMOTE_WRITE);
	fixture->engine = kit_engine();
}

static void tear_down(struct fixture *fixture, gconstpointer body)
{
	(void)body;
	engine_free(fixture->engine);
	remote_free(fixture->remote);
	if (fixture->body->server) {
		server_place_free(fixture->place.served);
		return;
	}
	fixture->body->unmake(&fixture->place);
	remote_spec_free(fixture->place.spec);
}

static enum transfer_status run(struct fixture *fixture, struct transfer *transfer)
{
	return kit_run(fixture->engine, fixture->remote, transfer);
}

static void put_text(struct fixture *fixture, const char *text)
{
	struct load load;
	autoptr(transfer) put = kit_put(&load, text, strlen(text));
	g_assert_cmpint(run(fixture, put), ==, TRANSFER_DONE);
	g_assert_true(put->sent);
	load_clear(&load);
}

static void check_get(struct fixture *fixture, const void *data, size_t length)
{
	struct load load;
	autoptr(transfer) get = kit_get(&load, data, length);
	g_assert_cmpint(run(fixture, get), ==, TRANSFER_DONE);
	g_assert_no_error(get->error);
	gsize got;
	const void *bytes = g_bytes_get_data(load.bytes, &got);
	g_assert_cmpmem(bytes, got, data, length);
	g_assert_cmpuint(get->found_size, ==, length);
	load_clear(&load);
}

static void puts_and_gets(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "hello");
	check_get(fixture, "hello", 5);
}

static void keeps_empty_objects(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "");
	check_get(fixture, "", 0);
}

/* Zeros in the middle and at the end, more than fits in one read. */
static void keeps_large_sparse_objects(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	size_t length = ((size_t)36 << 20) + 17; /* S3 fetches it in parts */
	g_autofree char *data = g_malloc0(length);
	data[0] = 'a';
	data[length / 2] = 'b';
	struct load load;
	autoptr(transfer) put = kit_put(&load, data, length);
	g_assert_cmpint(run(fixture, put), ==, TRANSFER_DONE);
	load_clear(&load);
	check_get(fixture, data, length);
}

/* A local end of which an earlier run has left the first bytes, perhaps wrong ones. */
struct half {
	struct load load; /* first: the end's close() finds it here */
	const char *left;
	size_t have;
};

static int half_open(struct transfer *transfer, GError **error)
{
	const struct half *half = transfer->user;
	int fd = load_end.open(transfer, error);
	g_assert_true(file_write_all(fd, half->left, half->have, error));
	return fd;
}

static int half_journal(struct transfer *transfer)
{
	const struct half *half = transfer->user;
	g_autofree char *text = g_strdup_printf("mlv-journal 1\nhave 0 %" G_GSIZE_FORMAT "\n", half->have);
	int fd = memfd_create("journal", MFD_CLOEXEC);
	g_assert_true(file_write_all(fd, text, strlen(text), NULL));
	return fd;
}

/* Fetch what has `length` bytes of `data`, with what is left of it here. */
static void check_goes_on(struct fixture *fixture, const char *data, size_t length, const char *left)
{
	const struct transfer_end end = {half_open, load_end.close, half_journal, true};
	struct half half = {.left = left, .have = length - length / 3};
	struct load load;
	autoptr(transfer) get = kit_get(&load, data, length);
	get->end = &end;
	get->user = &half;
	g_assert_cmpint(run(fixture, get), ==, TRANSFER_DONE);
	g_assert_no_error(get->error);
	gsize got;
	const void *bytes = g_bytes_get_data(half.load.bytes, &got);
	g_assert_cmpmem(bytes, got, data, length);
	load_clear(&half.load);
}

/* By a range of the rest; of wrong bytes nothing may be left in what comes out. */
static void goes_on_where_it_stopped(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	size_t length = ((size_t)3 << 20) + 5;
	g_autofree char *data = g_malloc(length), *wrong = g_malloc0(length);
	for (size_t i = 0; i < length; i++)
		data[i] = (char)(i * 7 + i / 251);
	struct load load;
	autoptr(transfer) put = kit_put(&load, data, length);
	g_assert_cmpint(run(fixture, put), ==, TRANSFER_DONE);
	load_clear(&load);
	check_goes_on(fixture, data, length, data);
	check_goes_on(fixture, data, length, wrong);
}

static void sends_nothing_twice(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "once");
	struct load load;
	autoptr(transfer) again = kit_put(&load, "once", 4);
	g_assert_cmpint(run(fixture, again), ==, TRANSFER_DONE);
	g_assert_false(again->sent);
	load_clear(&load);
}

static void replaces_on_demand(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "anew");
	struct load load;
	autoptr(transfer) again = kit_put(&load, "anew", 4);
	again->replace = true;
	if (fixture->body->keeps_first) { /* then it must not say that it did */
		g_assert_cmpint(run(fixture, again), ==, TRANSFER_FAILED);
		load_clear(&load);
		return;
	}
	g_assert_cmpint(run(fixture, again), ==, TRANSFER_DONE);
	g_assert_true(again->sent);
	load_clear(&load);
	check_get(fixture, "anew", 4);
}

static void stats(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "there");
	autoptr(transfer) there = kit_transfer(TRANSFER_STAT, "there", 5);
	g_assert_cmpint(run(fixture, there), ==, TRANSFER_DONE);
	g_assert_cmpuint(there->found_size, ==, 5);
	autoptr(transfer) absent = kit_transfer(TRANSFER_STAT, "absent", 6);
	g_assert_cmpint(run(fixture, absent), ==, TRANSFER_ABSENT);
	g_assert_false(absent->damaged);
	g_assert_no_error(absent->error);
}

static void tells_absent_objects(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	struct load load;
	autoptr(transfer) get = kit_get(&load, "absent", 6);
	g_assert_cmpint(run(fixture, get), ==, TRANSFER_ABSENT);
	g_assert_error(get->error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(get->error->message, fixture->remote->name));
	g_assert_null(load.bytes);
}

/* A local object that does not have the bytes of its name must not leave this machine. */
static void refuses_wrong_local_bytes(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	struct load load;
	autoptr(transfer) put = kit_put(&load, "right", 5);
	load_clear(&load);
	load.bytes = g_bytes_new_static("wrong", 5);
	g_assert_cmpint(run(fixture, put), ==, TRANSFER_FAILED);
	g_assert_error(put->error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_cmpstr(error_get_hint(put->error), ==, "git mlv fsck");
	load_clear(&load);
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "right", 5);
	g_assert_cmpint(run(fixture, stat), ==, TRANSFER_ABSENT);
}

/* Bytes that hash to something else are not kept, however they came there. */
static void refuses_wrong_remote_bytes(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "other");
	struct load load;
	autoptr(transfer) get = kit_get(&load, "right", 5);
	struct oid other = kit_oid("other", 5);
	g_free(get->key);
	get->key = layout_key(&other);
	g_assert_cmpint(run(fixture, get), ==, TRANSFER_FAILED);
	g_assert_error(get->error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_true(load.dropped);
	g_assert_null(load.bytes);
}

static struct transfer *put_key(struct load *load, const char *key, const char *text)
{
	struct transfer *put = transfer_new(TRANSFER_PUT, key);
	load->bytes = g_bytes_new(text, strlen(text));
	put->size = strlen(text);
	put->end = &load_end;
	put->user = load;
	return put;
}

/* The sizes of listed keys; each key once. */
static GHashTable *list_prefix(struct fixture *fixture, const char *prefix)
{
	GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, prefix);
	g_assert_cmpint(run(fixture, list), ==, TRANSFER_DONE);
	for (guint i = 0; list->items && i < list->items->len; i++) {
		const struct transfer_item *item = g_ptr_array_index(list->items, i);
		g_assert_true(g_hash_table_insert(found, g_strdup(item->key), GSIZE_TO_POINTER(item->size)));
	}
	return found;
}

#define MANY 1100

static void lists_many(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	struct load *loads = g_new0(struct load, MANY);
	g_autoptr(GPtrArray) puts = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < MANY; i++) {
		g_autofree char *key = g_strdup_printf("many/%u/x", i);
		g_ptr_array_add(puts, put_key(&loads[i], key, "12345"));
	}
	g_autoptr(GError) error = NULL;
	g_assert_true(kit_run_all(fixture->engine, fixture->remote, puts, &error));
	for (unsigned i = 0; i < MANY; i++)
		g_assert_no_error(((const struct transfer *)g_ptr_array_index(puts, i))->error);
	g_autoptr(GHashTable) found = list_prefix(fixture, "many/");
	g_assert_cmpuint(g_hash_table_size(found), ==, MANY);
	g_assert_cmpuint(GPOINTER_TO_SIZE(g_hash_table_lookup(found, "many/1099/x")), ==, 5);
	g_autoptr(GHashTable) one = list_prefix(fixture, "many/7/");
	g_assert_cmpuint(g_hash_table_size(one), ==, 1);
	g_autoptr(GHashTable) none = list_prefix(fixture, "nothing/here/");
	g_assert_cmpuint(g_hash_table_size(none), ==, 0);
	for (unsigned i = 0; i < MANY; i++)
		load_clear(&loads[i]);
	g_free(loads);
}

static void takes_odd_keys(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	static const char *const keys[] = {"odd/sp ace",   "odd/plus+&=?#;",  "odd/%41%2F", "odd/\xc3\xa4\xe2\x82\xac",
					   "odd/\"quote'", "odd/back\\slash", "odd/~:@*()", "odd/.dot"};
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		struct load load;
		autoptr(transfer) put = put_key(&load, keys[i], "x");
		g_assert_cmpint(run(fixture, put), ==, TRANSFER_DONE);
		load_clear(&load);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		autoptr(transfer) stat = transfer_new(TRANSFER_STAT, keys[i]);
		g_assert_cmpint(run(fixture, stat), ==, TRANSFER_DONE);
	}
	if (!remote_can(fixture->remote, REMOTE_CAN_LIST))
		return;
	g_autoptr(GHashTable) found = list_prefix(fixture, "odd/");
	size_t listed = G_N_ELEMENTS(keys) - (fixture->body->hides_dots ? 1 : 0); /* the last one */
	g_assert_cmpuint(g_hash_table_size(found), ==, listed);
	for (size_t i = 0; i < listed; i++)
		g_assert_true(g_hash_table_contains(found, keys[i]));
}

static void deletes(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "gone");
	autoptr(transfer) first = kit_transfer(TRANSFER_DELETE, "gone", 4);
	g_assert_cmpint(run(fixture, first), ==, TRANSFER_DONE);
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "gone", 4);
	g_assert_cmpint(run(fixture, stat), ==, TRANSFER_ABSENT);
	autoptr(transfer) second = kit_transfer(TRANSFER_DELETE, "gone", 4);
	g_assert_cmpint(run(fixture, second), ==, TRANSFER_ABSENT);
	g_assert_no_error(second->error);
}

/* Into the trash, where only those see it who ask for it, and back. */
static void moves(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "moved");
	autoptr(transfer) away = kit_transfer(TRANSFER_MOVE, "moved", 5);
	away->to = layout_trash_key(away->key, "2024-01-31");
	g_assert_cmpint(run(fixture, away), ==, TRANSFER_DONE);
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, "moved", 5);
	g_assert_cmpint(run(fixture, stat), ==, TRANSFER_ABSENT);
	g_autoptr(GHashTable) trash = list_prefix(fixture, LAYOUT_TRASH);
	g_assert_true(g_hash_table_contains(trash, away->to));
	g_autoptr(GHashTable) all = list_prefix(fixture, "");
	g_assert_cmpuint(g_hash_table_size(all), ==, 0);
	autoptr(transfer) back = transfer_new(TRANSFER_MOVE, away->to);
	back->to = g_strdup(away->key);
	g_assert_cmpint(run(fixture, back), ==, TRANSFER_DONE);
	check_get(fixture, "moved", 5);
	autoptr(transfer) absent = transfer_new(TRANSFER_MOVE, away->to);
	absent->to = g_strdup(away->key);
	g_assert_cmpint(run(fixture, absent), ==, TRANSFER_ABSENT);
	g_assert_error(absent->error, MLV_ERROR, ERROR_NOT_FOUND);
}

/* From now on (`on`) nothing can be written, at least not by us. */
static void lock(struct fixture *fixture, bool on)
{
	if (fixture->body->lock) {
		fixture->body->lock(&fixture->place, on);
		return;
	}
	const struct server_place *served = fixture->place.served;
	remote_free(fixture->remote);
	fixture->remote = connect_to(fixture, on ? served->readonly : served->spec, REMOTE_WRITE);
}

static void tells_denial(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	put_text(fixture, "before");
	lock(fixture, true);
	struct load load;
	autoptr(transfer) put = kit_put(&load, "after", 5);
	/* a new directory is needed for it, and cannot be made */
	put->key[strlen("files/")] = 'x';
	enum transfer_status status = run(fixture, put);
	if (!fixture->body->lock)
		check_get(fixture, "before", 6);
	lock(fixture, false);
	g_assert_cmpint(status, ==, TRANSFER_FAILED);
	g_assert_error(put->error, MLV_ERROR, ERROR_DENIED);
	load_clear(&load);
	check_get(fixture, "before", 6);
}

/* What a PUT and then a LIST end with, or opening already. */
static void check_all_fails(struct fixture *fixture, const struct remote_spec *spec, enum error_code code)
{
	g_autoptr(GError) error = NULL;
	const struct remote_ops *table[] = {fixture->body->ops, NULL};
	autoptr(remote) remote = remote_open(spec, REMOTE_WRITE, table, &error);
	if (!remote) {
		g_assert_error(error, MLV_ERROR, (int)code);
		return;
	}
	struct load load;
	autoptr(transfer) put = kit_put(&load, "secret", 6);
	g_assert_cmpint(kit_run(fixture->engine, remote, put), !=, TRANSFER_DONE);
	g_assert_error(put->error, MLV_ERROR, (int)code);
	load_clear(&load);
	if (!remote_can(remote, REMOTE_CAN_LIST))
		return;
	/* Not an empty list. */
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, "");
	g_assert_cmpint(kit_run(fixture->engine, remote, list), ==, TRANSFER_FAILED);
	g_assert_error(list->error, MLV_ERROR, (int)code);
}

static void tells_wrong_credentials(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	check_all_fails(fixture, fixture->place.served->wrong, ERROR_DENIED);
}

static void tells_missing_places(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	check_all_fails(fixture, fixture->place.served->missing, ERROR_NOT_FOUND);
}

#define WRITERS 4
#define OBJECTS 40

/* One of several processes, as it were, that push the same objects. */
static gpointer write_all(gpointer data)
{
	const struct fixture *fixture = data;
	autoptr(remote) remote = connect_to(fixture, fixture->place.spec, REMOTE_WRITE);
	/* A server may answer 500 as long as another writer is at the same object. */
	autoptr(engine) engine =
		engine_new(&(struct engine_options){.jobs = 4, .attempts = 8, .backoff_ms = 20}, NULL);
	struct load loads[OBJECTS];
	g_autoptr(GPtrArray) puts = g_ptr_array_new_with_free_func((GDestroyNotify)transfer_free);
	for (unsigned i = 0; i < OBJECTS; i++) {
		char text[32];
		g_snprintf(text, sizeof(text), "object %u", i);
		g_ptr_array_add(puts, kit_put(&loads[i], text, strlen(text)));
	}
	g_assert_true(kit_run_all(engine, remote, puts, NULL));
	for (unsigned i = 0; i < OBJECTS; i++) {
		const struct transfer *put = g_ptr_array_index(puts, i);

		g_assert_no_error(put->error);
		g_assert_cmpint(put->status, ==, TRANSFER_DONE);
		load_clear(&loads[i]);
	}
	return NULL;
}

static void bears_concurrent_writers(struct fixture *fixture, gconstpointer unused)
{
	(void)unused;
	GThread *writers[WRITERS];
	for (unsigned i = 0; i < WRITERS; i++)
		writers[i] = g_thread_new("writer", write_all, fixture);
	for (unsigned i = 0; i < WRITERS; i++)
		g_thread_join(writers[i]);
	for (unsigned i = 0; i < OBJECTS; i++) {
		char text[32];
		g_snprintf(text, sizeof(text), "object %u", i);
		check_get(fixture, text, strlen(text));
	}
}

/* Another way to the place that a test takes. */
enum variant { NONE, READONLY, WRONG, MISSING };

static const struct conformance {
	const char *name;
	void (*test)(struct fixture *fixture, gconstpointer unused);
	unsigned abilities; /* enum remote_ability that it needs */
	bool any_key;       /* it needs keys that no object has */
	enum variant variant;
} tests[] = {
	{"puts-and-gets", puts_and_gets},
	{"keeps-empty-objects", keeps_empty_objects},
	{"keeps-large-sparse-objects", keeps_large_sparse_objects},
	{"goes-on-where-it-stopped", goes_on_where_it_stopped},
	{"sends-nothing-twice", sends_nothing_twice},
	{"replaces-on-demand", replaces_on_demand},
	{"stats", stats},
	{"tells-absent-objects", tells_absent_objects},
	{"refuses-wrong-local-bytes", refuses_wrong_local_bytes},
	{"refuses-wrong-remote-bytes", refuses_wrong_remote_bytes},
	{"lists-many", lists_many, .abilities = REMOTE_CAN_LIST},
	{"takes-odd-keys", takes_odd_keys, .any_key = true},
	{"deletes", deletes, .abilities = REMOTE_CAN_DELETE},
	{"moves", moves, .abilities = REMOTE_CAN_LIST | REMOTE_CAN_DELETE},
	{"tells-denial", tells_denial, .variant = READONLY},
	{"tells-wrong-credentials", tells_wrong_credentials, .variant = WRONG},
	{"tells-missing-places", tells_missing_places, .variant = MISSING},
	{"bears-concurrent-writers", bears_concurrent_writers},
};

/* Whether a test is one for this body; `served` is a place of its server, NULL without one. */
static bool applies(const struct conformance *test, const struct body *body, const struct server_place *served)
{
	if ((body->ops->abilities & test->abilities) != test->abilities || (test->any_key && body->objects_only))
		return false;
	switch (test->variant) {
	case READONLY:
		return body->lock || (served && served->readonly);
	case WRONG:
		return served && served->wrong;
	case MISSING:
		return served && served->missing;
	default:
		return true;
	}
}

static void skipped(gconstpointer why)
{
	g_test_skip(why);
}

void conformance_add(const struct body *bodies, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *why;
		if (bodies[i].server && !server_get(bodies[i].server, &why)) {
			g_autofree char *path = g_strdup_printf("/remote/%s", bodies[i].name);
			g_test_add_data_func(path, why, skipped);
			continue;
		}
		autoptr(server_place) served =
			bodies[i].server ? server_place_new(server_get(bodies[i].server, NULL), bodies[i].kind) : NULL;
		for (size_t j = 0; j < G_N_ELEMENTS(tests); j++) {
			if (!applies(&tests[j], &bodies[i], served))
				continue;
			g_autofree char *path = g_strdup_printf("/remote/%s/%s", bodies[i].name, tests[j].name);
			g_test_add(path, struct fixture, &bodies[i], set_up, tests[j].test, tear_down);
		}
	}
}
