#include "store-kit.h"

#include "store/runs.h"

#define A "aa00000000000000000000000000000000000000000000000000000000000001"
#define B "bb00000000000000000000000000000000000000000000000000000000000002"
#define C "cc00000000000000000000000000000000000000000000000000000000000003"

static void add_ok(struct store *store, const char *key, const char *value, const char *text)
{
	g_autoptr(GError) error = NULL;
	autoptr(runs_writer) writer = runs_begin(store, &error);

	g_assert_no_error(error);
	g_assert_true(runs_add(writer, key, value, text, strlen(text), &error));
}

static void set_time(struct store *store, const char *key, const char *value, time_t seconds)
{
	const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
	g_autofree char *path = runs_path(key, value);

	g_assert_cmpint(utimensat(store->fd, path, times, 0), ==, 0);
}

static void round_trip(void)
{
	autoptr(store) store = kit_store("s1", true, LINK_COPY);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL, *path = runs_path(A, B), *full = g_build_filename(store->root, path, NULL);
	g_autofree char *none = NULL;
	size_t length;

	g_assert_cmpstr(path, ==, "runs/aa/" A "/" B);
	add_ok(store, A, B, "one\n");
	text = runs_read(store, A, B, &length, &error);
	g_assert_cmpstr(text, ==, "one\n");
	g_assert_cmpuint(length, ==, 4);
	g_assert_cmpint(kit_stat(full).st_mode & 07777, ==, 0644);
	g_assert_true(runs_has(store, A, B, 4));
	g_assert_false(runs_has(store, A, B, 5));
	g_assert_false(runs_has(store, A, C, 4));
	none = runs_read(store, A, C, &length, &error);
	g_assert_no_error(error);
	g_assert_null(none);
}

/* What is there stays the same file; what a power failure cut off is replaced. */
static void add_again(void)
{
	autoptr(store) store = kit_store("s2", true, LINK_COPY);
	g_autofree char *path = runs_path(A, B), *full = g_build_filename(store->root, path, NULL), *text = NULL;
	ino_t first;

	add_ok(store, A, B, "one\n");
	first = kit_stat(full).st_ino;
	add_ok(store, A, B, "one\n");
	g_assert_cmpuint(kit_stat(full).st_ino, ==, first);
	g_assert_cmpint(truncate(full, 0), ==, 0);
	add_ok(store, A, B, "one\n");
	text = runs_read(store, A, B, NULL, NULL);
	g_assert_cmpstr(text, ==, "one\n");
}

static void newest_first(void)
{
	autoptr(store) store = kit_store("s3", true, LINK_COPY);
	g_autofree char *stray = NULL;
	g_autoptr(GPtrArray) values = NULL, none = runs_values(store, A);

	g_assert_cmpuint(none->len, ==, 0);
	add_ok(store, A, A, "1");
	add_ok(store, A, B, "2");
	add_ok(store, A, C, "3");
	set_time(store, A, A, 100);
	set_time(store, A, B, 300);
	set_time(store, A, C, 200);
	stray = g_build_filename(store->root, "runs", "aa", A, ".half.tmp", NULL);
	kit_write(stray, "x", 1);
	values = runs_values(store, A);
	g_assert_cmpuint(values->len, ==, 3);
	g_assert_cmpstr(values->pdata[0], ==, B);
	g_assert_cmpstr(values->pdata[1], ==, C);
	g_assert_cmpstr(values->pdata[2], ==, A);
}

static bool collect(const char *key, const char *value, uint64_t size, void *user, GError **error)
{
	g_string_append_printf(user, "%.2s/%.2s %u\n", key, value, (unsigned)size);
	if (size != 9)
		return true;
	error_set(error, ERROR_FAILED, "enough");
	return false;
}

static void each(void)
{
	autoptr(store) store = kit_store("s4", true, LINK_COPY);
	g_autoptr(GString) seen = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(runs_each(store, collect, seen, &error));
	g_assert_cmpstr(seen->str, ==, "");
	add_ok(store, B, A, "12");
	add_ok(store, A, C, "1");
	add_ok(store, A, B, "123");
	g_assert_true(runs_each(store, collect, seen, &error));
	g_assert_cmpstr(seen->str, ==, "aa/bb 3\naa/cc 1\nbb/aa 2\n");
	add_ok(store, A, A, "123456789");
	g_assert_false(runs_each(store, collect, seen, &error));
	g_assert_true(error_is(error, ERROR_FAILED));
}

/* One that is huge is not read, and nothing is left behind by a writer. */
static void limits(void)
{
	autoptr(store) store = kit_store("s5", true, LINK_COPY);
	g_autofree char *path = runs_path(A, B), *full = g_build_filename(store->root, path, NULL), *temp = NULL;
	g_autoptr(GError) error = NULL;

	add_ok(store, A, B, "one\n");
	g_assert_cmpint(truncate(full, (off_t)RUNS_SIZE_LIMIT + 1), ==, 0);
	g_assert_null(runs_read(store, A, B, NULL, &error));
	g_assert_true(error_is(error, ERROR_UNSAFE));
	temp = g_build_filename(store->root, ".mlv", "tmp", NULL);
	g_assert_cmpint(rmdir(temp), ==, 0);
}

static void parse(void)
{
	char key[RUNS_HEX + 1];
	const char *value;

	g_assert_true(runs_parse("runs/aa/" A "/" B, key, &value));
	g_assert_cmpstr(key, ==, A);
	g_assert_cmpstr(value, ==, B);
	g_assert_true(runs_parse("aa/" A "/" C, key, &value));
	g_assert_cmpstr(value, ==, C);
	g_assert_false(runs_parse("ab/" A "/" C, key, &value));
	g_assert_false(runs_parse("xaa/" A "/" C, key, &value));
	g_assert_false(runs_parse(A "/" C, key, &value));
	g_assert_false(runs_parse("aa/" A "/" C ".tmp", key, &value));
	g_assert_false(runs_parse("AA/AA" A "/" C, key, &value));
	g_assert_false(runs_parse("", key, &value));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	umask(022);
	g_test_add_func("/runs/round-trip", round_trip);
	g_test_add_func("/runs/add-again", add_again);
	g_test_add_func("/runs/newest-first", newest_first);
	g_test_add_func("/runs/each", each);
	g_test_add_func("/runs/limits", limits);
	g_test_add_func("/runs/parse", parse);
	return g_test_run();
}
