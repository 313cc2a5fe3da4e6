#include "../tap.h"
#include "index/racy.h"
#include "index/record.h"
#include "kit.h"

/* Longer than any stamp is fresh. */
#define SETTLE_US 45000

static struct stamp stamp_at(const char *path)
{
	struct stat st;

	g_assert_cmpint(lstat(path, &st), ==, 0);
	return stamp_of(&st);
}

static void remembers(void)
{
	struct stamp a = old_stamp(1), changed = a;
	struct oid oid = oid_of("a"), got;

	{
		autoptr(index) index = open_ok("i1");

		index_put(index, "dir/a", &a, &oid);
		g_assert_false(known(index, "dir/a", &a));
		commit_ok(index);
		g_assert_true(known(index, "dir/a", &a));
	}
	autoptr(index) again = open_ok("i1");
	g_assert_true(look_up(again, "dir/a", &a, OID_SHA256, &got));
	g_assert_true(oid_equal(&oid, &got));
	g_assert_false(look_up(again, "dir/a", &a, OID_MD5, &got));
	g_assert_false(known(again, "dir", &a));
	changed.ctime_ns++;
	g_assert_false(known(again, "dir/a", &changed));
	changed = a;
	changed.ino++;
	g_assert_false(known(again, "dir/a", &changed));
	changed = a;
	changed.mode = S_IFREG | 0755;
	g_assert_true(known(again, "dir/a", &changed));
}

static void last_put_wins(void)
{
	struct stamp one = old_stamp(1), two = old_stamp(2);
	struct oid oid = oid_of("a");
	autoptr(index) index = open_ok("i2");

	index_put(index, "a", &one, &oid);
	index_put(index, "a", &two, &oid);
	commit_ok(index);
	g_assert_true(known(index, "a", &two));
	g_assert_false(known(index, "a", &one));
}

static void drops(void)
{
	static const char *const paths[] = {"d", "d-x", "d/a", "d/b/c", "d0"};
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");
	autoptr(index) index = open_ok("i3");

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		index_put(index, paths[i], &stamp, &oid);
	commit_ok(index);
	index_put(index, "d/new", &stamp, &oid);
	index_drop(index, "d");
	index_put(index, "d/newer", &stamp, &oid);
	commit_ok(index);
	g_assert_false(known(index, "d", &stamp));
	g_assert_true(known(index, "d-x", &stamp));
	g_assert_false(known(index, "d/a", &stamp));
	g_assert_false(known(index, "d/b/c", &stamp));
	g_assert_true(known(index, "d0", &stamp));
	g_assert_false(known(index, "d/new", &stamp));
	g_assert_true(known(index, "d/newer", &stamp));
	index_put(index, "e", &stamp, &oid);
	index_drop(index, "");
	commit_ok(index);
	g_assert_false(known(index, "d0", &stamp));
	g_assert_false(known(index, "e", &stamp));
}

static void without_commit_nothing(void)
{
	struct stamp stamp = old_stamp(1);
	struct oid oid = oid_of("a");

	{
		autoptr(index) index = open_ok("i4");

		index_put(index, "a", &stamp, &oid);
		index_put_out(index, "out", &oid);
	}
	autoptr(index) again = open_ok("i4");
	g_assert_false(known(again, "a", &stamp));
	g_assert_false(index_get_out(again, "out", &oid));
}

/* A path of so many bytes, in components of 100, that ends with `tail`. */
static char *long_path(size_t length, const char *tail)
{
	GString *path = g_string_new(NULL);

	while (path->len + strlen(tail) < length)
		g_string_append_c(path, path->len % 101 == 100 ? '/' : 'p');
	g_string_append(path, tail);
	return g_string_free(path, FALSE);
}

static void long_paths(void)
{
	static const size_t lengths[] = {477, 478, 479, 510, 511, 512, 600, 4095};
	struct oid oid = oid_of("a");
	g_autofree char *dir = long_path(600, "x"), *below = g_strconcat(dir, "/file", NULL);
	struct stamp stamp = old_stamp(77);
	autoptr(index) index = open_ok("i5");

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
		for (unsigned tail = 0; tail < 3; tail++) {
			g_autofree char *end = g_strdup_printf("%u", tail), *path = long_path(lengths[i], end);
			struct stamp own = old_stamp(10 * i + tail);

			g_assert_cmpuint(strlen(path), ==, lengths[i]);
			index_put(index, path, &own, &oid);
			index_put_out(index, path, &oid);
		}
	commit_ok(index);
	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
		for (unsigned tail = 0; tail < 3; tail++) {
			g_autofree char *end = g_strdup_printf("%u", tail), *path = long_path(lengths[i], end);
			struct stamp own = old_stamp(10 * i + tail);

			g_assert_true(known(index, path, &own));
			g_assert_true(index_get_out(index, path, &oid));
		}
	index_put(index, below, &stamp, &oid);
	commit_ok(index);
	g_assert_true(known(index, below, &stamp));
	index_drop(index, dir);
	commit_ok(index);
	g_assert_false(known(index, below, &stamp));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One pass must answer as single look-ups do, also with gaps, foreign entries and hashed keys between. */
static void sorted_lookups(void)
{
	enum { COUNT = 3000 };
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autofree struct stamp *stamps = g_new(struct stamp, COUNT);
	g_autofree struct index_query *queries = g_new0(struct index_query, COUNT);
	struct oid oid = oid_of("a");
	autoptr(index) index = open_ok("i6");
	unsigned hits = 0;

	for (unsigned i = 0; i < COUNT; i++) {
		g_autofree char *end = g_strdup_printf("%u", i);

		g_ptr_array_add(paths, i % 10 == 3 ? long_path(500 + i % 40, end) : g_strdup_printf("d%u/f%u", i % 7, i));
	}
	qsort(paths->pdata, COUNT, sizeof(*paths->pdata), compare_texts);
	for (unsigned i = 0; i < COUNT; i++) {
		stamps[i] = old_stamp(i);
		/* Runs of present and absent ones, longer than the cursor steps. */
		if (i % 100 < 60 || i % 3 == 0)
			index_put(index, paths->pdata[i], &stamps[i], &oid);
		if (i % 17 == 0)
			stamps[i].size++;
		queries[i] = (struct index_query){.path = paths->pdata[i], .stamp = &stamps[i]};
	}
	commit_ok(index);
	index_lookup(index, queries, COUNT, OID_SHA256);
	for (unsigned i = 0; i < COUNT; i++) {
		g_assert_cmpint(queries[i].found, ==, known(index, paths->pdata[i], &stamps[i]));
		hits += queries[i].found;
		if (queries[i].found)
			g_assert_true(oid_equal(&queries[i].oid, &oid));
	}
	g_assert_cmpuint(hits, >, COUNT / 2);
	g_assert_cmpuint(hits, <, COUNT);
}

static void add_name(const char *path, const struct oid *oid, void *user)
{
	g_assert_false(oid_is_none(oid));
	g_string_append_printf(user, "%s ", path);
}

static void outs(void)
{
	struct oid oid = oid_of("a"), got;
	autoptr(index) index = open_ok("i7");
	g_autoptr(GString) names = g_string_new(NULL);

	index_put_out(index, "b/x", &oid);
	index_put_out(index, "a", &oid);
	index_put_out(index, "c", &oid);
	commit_ok(index);
	index_put_out(index, "c", NULL);
	index_put_out(index, "never", NULL);
	commit_ok(index);
	g_assert_true(index_get_out(index, "b/x", &got));
	g_assert_true(oid_equal(&oid, &got));
	g_assert_false(index_get_out(index, "c", &got));
	index_each_out(index, add_name, names);
	g_assert_cmpstr(names->str, ==, "a b/x ");
}

/* An edit that keeps size and modification time does not keep the change time. */
static void edit_with_old_mtime(void)
{
	struct oid oid = oid_of("one");
	struct timespec times[2];
	struct stamp before;
	struct stat st;
	autoptr(index) index = open_ok("i8");

	write_file("f8", "one");
	g_usleep(SETTLE_US);
	before = stamp_at("f8");
	index_put(index, "f8", &before, &oid);
	commit_ok(index);
	g_assert_true(known(index, "f8", &before));
	g_assert_cmpint(stat("f8", &st), ==, 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	write_file("f8", "two");
	g_assert_cmpint(utimensat(AT_FDCWD, "f8", times, 0), ==, 0);
	struct stamp after = stamp_at("f8");
	g_assert_cmpint(after.mtime_ns, ==, before.mtime_ns);
	g_assert_false(known(index, "f8", &after));
}

/* A file written just now is not stored: one more write could leave the same stamp. */
static void fresh_file_is_left_out(void)
{
	struct oid oid = oid_of("one");
	struct stamp stamp;
	autoptr(index) index = open_ok("i9");

	write_file("f9", "one");
	stamp = stamp_at("f9");
	index_put(index, "f9", &stamp, &oid);
	commit_ok(index);
	g_assert_false(known(index, "f9", &stamp));
}

/* It is stored if it has become old by the time of the commit and is still the same. */
static void fresh_file_grows_old(void)
{
	struct oid oid = oid_of("one");
	struct stamp same, changed;
	autoptr(index) index = open_ok("i10");

	write_file("f10a", "one");
	write_file("f10b", "one");
	same = stamp_at("f10a");
	changed = stamp_at("f10b");
	index_put(index, "f10a", &same, &oid);
	index_put(index, "f10b", &changed, &oid);
	index_put(index, "f10c", &changed, &oid);
	g_usleep(SETTLE_US);
	write_file("f10b", "two");
	g_usleep(SETTLE_US);
	commit_ok(index);
	g_assert_true(known(index, "f10a", &same));
	g_assert_false(known(index, "f10b", &changed));
	g_assert_false(known(index, "f10c", &changed));
}

/* Large fresh files are waited for, since hashing them again takes longer. */
static void large_fresh_file_is_waited_for(void)
{
	struct oid oid = oid_of("one");
	struct stamp stamp;
	autoptr(index) index = open_ok("i11");

	write_file("f11", "one");
	g_assert_cmpint(truncate("f11", 64 << 20), ==, 0);
	stamp = stamp_at("f11");
	index_put(index, "f11", &stamp, &oid);
	commit_ok(index);
	g_assert_true(known(index, "f11", &stamp));
}

static void racy_rule(void)
{
	const int64_t second = 1000000000, now = 1000 * second + 5;
	struct stamp fine = {.mtime_ns = now - second, .ctime_ns = now - second}, s = fine;

	g_assert_false(racy_is_fresh(&fine, now));
	s.ctime_ns = now - 1;
	g_assert_true(racy_is_fresh(&s, now));
	s = fine;
	s.mtime_ns = now - 1;
	g_assert_true(racy_is_fresh(&s, now));
	/* Set by hand to next year: not fresh for a year. */
	s.mtime_ns = now + 86400 * 365 * second;
	g_assert_false(racy_is_fresh(&s, now));
	s = fine;
	s.ctime_ns = now + 5 * second;
	g_assert_true(racy_is_fresh(&s, now));
	/* Whole seconds only: the file system knows no others. */
	s.mtime_ns = s.ctime_ns = 999 * second;
	g_assert_true(racy_is_fresh(&s, now));
	s.mtime_ns = s.ctime_ns = 990 * second;
	g_assert_false(racy_is_fresh(&s, now));
	/* The whole modification time of our own objects is no such sign. */
	s.mtime_ns = 999 * second;
	s.ctime_ns = 999 * second + 1;
	g_assert_false(racy_is_fresh(&s, now));
}

static void records(void)
{
	struct oid oid = oid_of("a"), got;
	struct stamp stamp = old_stamp(9), back;
	unsigned char bytes[RECORD_FILE_MAX];
	size_t length = record_file(bytes, &stamp, &oid), path_length;
	const char *path;

	g_assert_true(record_read_file(bytes, length, &back, &got));
	g_assert_true(stamp_same(&stamp, &back));
	g_assert_true(oid_equal(&oid, &got));
	for (size_t i = 0; i < length; i++)
		g_assert_false(record_read_file(bytes, i, &back, &got));
	bytes[44] = 9;
	g_assert_false(record_read_file(bytes, length, &back, &got));
	g_assert_false(record_read_out("", 0, &got, &path, &path_length));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/index/remembers", remembers);
	g_test_add_func("/index/last-put-wins", last_put_wins);
	g_test_add_func("/index/drops", drops);
	g_test_add_func("/index/without-commit-nothing", without_commit_nothing);
	g_test_add_func("/index/long-paths", long_paths);
	g_test_add_func("/index/sorted-lookups", sorted_lookups);
	g_test_add_func("/index/outs", outs);
	g_test_add_func("/index/edit-with-old-mtime", edit_with_old_mtime);
	g_test_add_func("/index/fresh-file-is-left-out", fresh_file_is_left_out);
	g_test_add_func("/index/fresh-file-grows-old", fresh_file_grows_old);
	g_test_add_func("/index/large-fresh-file-is-waited-for", large_fresh_file_is_waited_for);
	g_test_add_func("/index/racy-rule", racy_rule);
	g_test_add_func("/index/records", records);
	return g_test_run();
}
