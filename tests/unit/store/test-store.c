#include "store-kit.h"

#include "store/manifest.h"

#include <string.h>
#include <sys/wait.h>

static void names(void)
{
	struct oid oid;
	g_autofree char *sha = NULL, *dir = NULL, *old = NULL;

	g_assert_true(oid_parse(&oid, OID_SHA256, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", NULL));
	sha = store_object_path(&oid);
	g_assert_cmpstr(sha, ==, "files/sha256/9f/86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
	g_assert_true(oid_parse(&oid, OID_MD5, "404dc319148f25bad2d86209a9644b47.dir", NULL));
	dir = store_object_path(&oid);
	g_assert_cmpstr(dir, ==, "files/md5/40/4dc319148f25bad2d86209a9644b47.dir");
	g_assert_true(oid_parse(&oid, OID_MD5_2X, "dd8c6a395b5dd36c56d23275028f526c", NULL));
	old = store_object_path(&oid);
	g_assert_cmpstr(old, ==, "dd/8c6a395b5dd36c56d23275028f526c");
}

static void link_names(void)
{
	for (enum link_kind kind = 0; kind < LINK_KINDS; kind++)
		g_assert_cmpint(link_kind_named(link_kind_name(kind)), ==, kind);
	g_assert_cmpint(link_kind_named("magic"), ==, LINK_KINDS);
}

static void put_and_read(void)
{
	autoptr(store) store = kit_store("s1", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello"), absent = {.algo = OID_SHA256};
	g_autofree char *path = kit_path(store, &oid), *data = NULL;
	g_autoptr(GError) error = NULL;
	struct stat st = kit_stat(path);
	size_t length;

	g_assert_cmpint(st.st_mode & 07777, ==, 0444);
	g_assert_cmpint(st.st_mtim.tv_nsec, ==, 0);
	g_assert_true(store_has(store, &oid, 5));
	g_assert_true(store_has(store, &oid, STORE_ANY_SIZE));
	g_assert_true(store_read(store, &oid, 5, &data, &length, &error));
	g_assert_cmpmem(data, length, "hello", 5);
	g_assert_false(store_has(store, &absent, STORE_ANY_SIZE));
	g_assert_cmpint(store_open_object(store, &absent, NULL, &error), ==, -1);
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
}

static void read_limit(void)
{
	autoptr(store) store = kit_store("s2", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autoptr(GError) error = NULL;
	char *data;
	size_t length;

	g_assert_false(store_read(store, &oid, 4, &data, &length, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_assert_null(data);
}

/* The number of files below bad/ in all of the trash. */
static unsigned count_bad(const struct store *store)
{
	g_autofree char *trash = g_build_filename(store->root, ".mlv/trash", NULL);
	GDir *d = g_dir_open(trash, 0, NULL);
	const char *name;
	unsigned count = 0;

	while (d && (name = g_dir_read_name(d))) {
		g_autofree char *bad = g_build_filename(trash, name, "bad", NULL);

		count += kit_count(bad);
	}
	if (d)
		g_dir_close(d);
	return count;
}

/* Root writes to the 0444 object through another name and keeps its size: only the mark tells. */
static void tampering_is_seen(void)
{
	autoptr(store) store = kit_store("s3", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = kit_path(store, &oid);
	g_autoptr(GError) error = NULL;
	int fd;

	g_assert_cmpint(link(path, "hard"), ==, 0);
	g_assert_cmpint(chmod("hard", 0644), ==, 0);
	fd = open("hard", O_WRONLY | O_CLOEXEC);
	g_assert_cmpint(pwrite(fd, "J", 1, 0), ==, 1);
	close(fd);
	g_assert_cmpint(chmod("hard", 0444), ==, 0);

	g_assert_false(store_has(store, &oid, 5));
	g_assert_false(store_verify(store, &oid, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_clear_error(&error);
	/* A link may lead there, so what the user wrote stays until the right bytes come. */
	g_assert_cmpint(access(path, F_OK), ==, 0);
	g_assert_cmpuint(count_bad(store), ==, 0);
	kit_put(store, "hello");
	g_assert_cmpuint(count_bad(store), ==, 1);
	g_assert_cmpint(kit_stat("hard").st_size, ==, 5);
	g_assert_true(store_verify(store, &oid, &error));
}

static void lost_mark_is_healed(void)
{
	autoptr(store) store = kit_store("s4", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = kit_path(store, &oid);
	const struct timespec odd[2] = {{.tv_sec = 1, .tv_nsec = 1}, {.tv_sec = 1, .tv_nsec = 1}};

	g_assert_cmpint(utimensat(AT_FDCWD, path, odd, 0), ==, 0);
	g_assert_cmpint(chmod(path, 0644), ==, 0);
	g_assert_true(store_has(store, &oid, 5));
	g_assert_cmpint(kit_stat(path).st_mode & 07777, ==, 0444);
	g_assert_cmpint(kit_stat(path).st_mtim.tv_nsec, ==, 0);
}

static void truncated_object_is_refused(void)
{
	autoptr(store) store = kit_store("s5", false, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = kit_path(store, &oid);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(truncate(path, 3), ==, 0);
	g_assert_false(store_has(store, &oid, 5));
	g_assert_false(store_verify(store, &oid, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	/* Its mode is right, and this store has no marks. */
	kit_put(store, "hello");
	g_assert_true(store_has(store, &oid, 5));
	g_assert_cmpuint(count_bad(store), ==, 1);
}

static void object_paths(void)
{
	static const char sha256[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd";
	g_autofree char *native = g_strconcat("/a b/.git/mlv/files/sha256/ab/", sha256, NULL);
	g_autofree char *odd = g_strconcat("/a b/files/sha256/abc/", sha256, NULL);

	g_assert_true(store_is_object_path(native));
	g_assert_true(store_is_object_path("/cache/files/md5/dd/8c6a395b5dd36c56d23275028f526c"));
	g_assert_true(store_is_object_path("/cache/files/md5/dd/8c6a395b5dd36c56d23275028f526c.dir"));
	g_assert_false(store_is_object_path(odd));
	g_assert_false(store_is_object_path("files/md5/dd/8c6a395b5dd36c56d23275028f526c"));
	g_assert_false(store_is_object_path("/dd/8c6a395b5dd36c56d23275028f526c"));
	g_assert_false(store_is_object_path("/data/a/b/c"));
	g_assert_false(store_is_object_path(""));
}

/* A size from a wrong pointer does not make a right object vanish. */
static void hash_beats_size(void)
{
	autoptr(store) store = kit_store("s6", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");

	g_assert_true(store_has(store, &oid, 6));
	g_assert_true(store_has(store, &oid, 5));
}

static void verify_names_and_hints(void)
{
	autoptr(store) store = kit_store("s7", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = kit_path(store, &oid);
	g_autoptr(GError) error = NULL;
	char text[OID_TEXT_MAX];

	g_assert_cmpint(chmod(path, 0644), ==, 0);
	kit_write(path, "other", 5);
	g_assert_false(store_verify(store, &oid, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
	g_assert_nonnull(strstr(error->message, oid_text(&oid, text)));
	g_assert_nonnull(error_get_hint(error));
}

/* A symbolic link or fifo in place of an object is neither followed nor waited for nor moved. */
static void strangers_are_not_objects(void)
{
	autoptr(store) store = kit_store("s8", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = kit_path(store, &oid);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(rename(path, "moved"), ==, 0);
	g_assert_cmpint(symlink("/etc/passwd", path), ==, 0);
	g_assert_false(store_has(store, &oid, STORE_ANY_SIZE));
	g_assert_cmpint(store_open_object(store, &oid, NULL, &error), ==, -1);
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_assert_true(S_ISLNK(kit_stat(path).st_mode));
	g_assert_cmpint(unlink(path), ==, 0);
	g_assert_cmpint(mkfifo(path, 0444), ==, 0);
	g_assert_false(store_has(store, &oid, STORE_ANY_SIZE));
}

static void identify(void)
{
	autoptr(store) store = kit_store("s9", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello"), other = kit_put(store, "other"), got;
	g_autofree char *path = kit_path(store, &oid);
	struct stat st;
	struct stamp stamp;

	g_assert_cmpint(link(path, "linked"), ==, 0);
	st = kit_stat("linked");
	stamp = stamp_of(&st);
	g_assert_true(store_identify(store, &stamp, NULL, &oid, &got));
	g_assert_true(oid_equal(&oid, &got));
	g_assert_false(store_identify(store, &stamp, NULL, &other, &got));
	g_assert_false(store_identify(store, &stamp, NULL, NULL, &got));

	g_assert_cmpint(symlink(path, "symbolic"), ==, 0);
	st = kit_stat("symbolic");
	stamp = stamp_of(&st);
	g_assert_true(store_identify(store, &stamp, path, NULL, &got));
	g_assert_true(oid_equal(&oid, &got));
	g_assert_false(store_identify(store, &stamp, "/etc/passwd", NULL, &got));
	g_assert_false(store_identify(store, &stamp, "relative", NULL, &got));
}

static bool count_object(const struct oid *oid, const struct stamp *stamp, void *user, GError **error)
{
	unsigned *counts = user;

	(void)error;
	g_assert_cmpuint(stamp->size, ==, 5);
	counts[oid->algo]++;
	return true;
}

static bool stop(const struct oid *oid, const struct stamp *stamp, void *user, GError **error)
{
	(void)oid;
	(void)stamp;
	++*(unsigned *)user;
	error_set(error, ERROR_FAILED, "stop");
	return false;
}

static void each(void)
{
	autoptr(store) store = kit_store("s10", true, LINK_COPY);
	g_autoptr(GError) error = NULL;
	unsigned counts[OID_MD5_2X + 1] = {0}, calls = 0;

	g_assert_true(store_each(store, count_object, counts, &error));
	kit_put(store, "hello");
	kit_put(store, "world");
	g_assert_cmpint(g_mkdir_with_parents("s10/dd", 0777), ==, 0);
	kit_write("s10/dd/8c6a395b5dd36c56d23275028f526c", "12345", 5);
	kit_write("s10/dd/.x.tmp", "1", 1);
	kit_write("s10/dd/8C6A395B5DD36C56D23275028F526C", "1", 1);
	g_assert_cmpint(g_mkdir_with_parents("s10/runs/71", 0777), ==, 0);
	g_assert_true(store_each(store, count_object, counts, &error));
	g_assert_cmpuint(counts[OID_SHA256], ==, 2);
	g_assert_cmpuint(counts[OID_MD5_2X], ==, 1);
	g_assert_cmpuint(counts[OID_MD5], ==, 0);
	g_assert_false(store_each(store, stop, &calls, &error));
	g_assert_cmpuint(calls, ==, 1);
	g_assert_error(error, MLV_ERROR, ERROR_FAILED);
}

static void manifest_in_store(void)
{
	const struct manifest_format format = {.text = true, .algo = OID_SHA256};
	autoptr(store) store = kit_store("s11", true, LINK_COPY);
	autoptr(manifest) m = manifest_new(&format);
	autoptr(manifest) back = NULL;
	g_autoptr(GString) bytes = NULL;
	g_autoptr(GError) error = NULL;
	autoptr(put) put = put_begin(store, &error);
	struct oid file = {.algo = OID_SHA256}, oid, expected;

	manifest_add(m, "a", &file, MANIFEST_FILE, 1);
	bytes = manifest_write(m);
	g_assert_true(put_bytes(put, bytes->str, bytes->len, OID_SHA256, true, &oid, &error));
	g_assert_true(put_commit(put, &error));
	manifest_oid(m, &expected);
	g_assert_true(oid_equal(&oid, &expected));
	back = manifest_load(store, &oid, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(manifest_count(back), ==, 1);
}

static void open_fails(void)
{
	const struct store_options options = {.links = {LINK_COPY}, .link_count = 1};
	g_autoptr(GError) error = NULL;

	kit_write("plain", "x", 1);
	g_assert_null(store_open("plain", &options, &error));
	g_assert_nonnull(strstr(error->message, "plain"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/store/object-paths", object_paths);
	g_test_add_func("/store/names", names);
	g_test_add_func("/store/link-names", link_names);
	g_test_add_func("/store/put-and-read", put_and_read);
	g_test_add_func("/store/read-limit", read_limit);
	g_test_add_func("/store/tampering-is-seen", tampering_is_seen);
	g_test_add_func("/store/lost-mark-is-healed", lost_mark_is_healed);
	g_test_add_func("/store/truncated-object-is-refused", truncated_object_is_refused);
	g_test_add_func("/store/hash-beats-size", hash_beats_size);
	g_test_add_func("/store/verify-names-and-hints", verify_names_and_hints);
	g_test_add_func("/store/strangers-are-not-objects", strangers_are_not_objects);
	g_test_add_func("/store/identify", identify);
	g_test_add_func("/store/each", each);
	g_test_add_func("/store/manifest-in-store", manifest_in_store);
	g_test_add_func("/store/open-fails", open_fails);
	return g_test_run();
}
