#include "store-kit.h"

#include "store/collect.h"
#include "store/part.h"

#include <grp.h>
#include <string.h>
#include <sys/wait.h>

/* Somebody whom permissions bind. */
#define NOBODY 65534

/* A text as large as what is worth a part, and its id. */
static char *large(char fill, struct oid *oid)
{
	char *data = g_malloc(PART_SIZE_MIN);

	memset(data, fill, PART_SIZE_MIN);
	digest_bytes(data, PART_SIZE_MIN, OID_SHA256, oid);
	return data;
}

static void write_part(const struct store *store, const struct oid *oid, const char *data, size_t length)
{
	int fd = part_open(store, oid), journal;

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(pwrite(fd, data, length, 0), ==, length);
	journal = part_journal(store, oid);
	g_assert_cmpint(journal, >=, 0);
	g_assert_cmpint(write(journal, "so far", 6), ==, 6);
	close(journal);
	part_close(store, oid, fd);
}

/* The part's path, or its journal's. New string. */
static char *path_of(const struct store *store, const struct oid *oid, const char *suffix)
{
	char text[OID_TEXT_MAX];

	return g_strdup_printf("%s/.mlv/part/sha256-%s%s", store->root, oid_text(oid, text), suffix);
}

static bool exists(const struct store *store, const struct oid *oid, const char *suffix)
{
	g_autofree char *path = path_of(store, oid, suffix);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void is_found_again(void)
{
	autoptr(store) store = kit_store("again", true, LINK_COPY);
	struct oid oid;
	g_autofree char *data = large('a', &oid);
	char got[8] = "";
	int fd, journal;

	write_part(store, &oid, data, 1000);
	fd = part_open(store, &oid);
	g_assert_cmpint(pread(fd, got, 3, 997), ==, 3);
	g_assert_cmpstr(got, ==, "aaa");
	journal = part_journal(store, &oid);
	g_assert_cmpint(read(journal, got, sizeof(got)), ==, 6);
	close(journal);
	part_close(store, &oid, fd);
}

static void belongs_to_one_at_a_time(void)
{
	autoptr(store) store = kit_store("one", true, LINK_COPY);
	struct oid oid;
	g_autofree char *data = large('a', &oid);
	int fd = part_open(store, &oid);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(part_open(store, &oid), ==, -1);
	g_assert_cmpint(pwrite(fd, data, 1, 0), ==, 1);
	part_close(store, &oid, fd);
	fd = part_open(store, &oid);
	g_assert_cmpint(fd, >=, 0);
	part_close(store, &oid, fd);
}

/* A journal that speaks of bytes which are not there must not be believed. */
static void empty_ones_leave_nothing(void)
{
	autoptr(store) store = kit_store("empty", true, LINK_COPY);
	struct oid oid;
	g_autofree char *data = large('a', &oid), *path = NULL;
	int fd;

	write_part(store, &oid, data, 1000);
	path = path_of(store, &oid, "");
	g_assert_cmpint(unlink(path), ==, 0);
	fd = part_open(store, &oid);
	g_assert_false(exists(store, &oid, ".journal"));
	part_close(store, &oid, fd);
	g_assert_false(exists(store, &oid, ""));
}

static void adopt(struct store *store, struct put *put, const struct oid *oid)
{
	g_autoptr(GError) error = NULL;
	int fd = part_open(store, oid);

	g_assert_cmpint(fd, >=, 0);
	g_assert_true(put_adopt_part(put, fd, oid, &error));
	g_assert_no_error(error);
}

static void becomes_an_object(void)
{
	for (int marks = 0; marks < 2; marks++) {
		g_autofree char *name = g_strdup_printf("object%d", marks);
		autoptr(store) store = kit_store(name, marks, LINK_COPY);
		g_autoptr(GError) error = NULL;
		autoptr(put) put = put_begin(store, &error);
		struct oid oid, small;
		g_autofree char *data = large('a', &oid), *object = kit_path(store, &oid);

		digest_bytes("aaa", 3, OID_SHA256, &small);
		write_part(store, &oid, data, PART_SIZE_MIN);
		write_part(store, &small, data, 3);
		adopt(store, put, &oid);
		adopt(store, put, &small);
		g_assert_false(exists(store, &small, ""));
		g_assert_false(store_has(store, &oid, PART_SIZE_MIN));
		g_assert_true(put_commit(put, &error));
		g_assert_true(store_has(store, &oid, PART_SIZE_MIN));
		g_assert_true(store_has(store, &small, 3));
		g_assert_cmpint(kit_stat(object).st_mode & 07777, ==, 0444);
		g_assert_true(store_verify(store, &oid, &error));
		g_assert_false(exists(store, &oid, ""));
		g_assert_false(exists(store, &oid, ".journal"));
		g_assert_false(exists(store, &small, ".journal"));
	}
}

/* Another process was quicker. */
static void gives_way_to_the_same_object(void)
{
	autoptr(store) store = kit_store("twin", true, LINK_COPY);
	g_autoptr(GError) error = NULL;
	struct oid oid, put_oid;
	g_autofree char *data = large('a', &oid);
	autoptr(put) put = put_begin(store, &error);
	autoptr(put) other = put_begin(store, &error);

	write_part(store, &oid, data, PART_SIZE_MIN);
	adopt(store, put, &oid);
	g_assert_true(put_bytes(other, data, PART_SIZE_MIN, OID_SHA256, false, &put_oid, &error));
	g_assert_true(put_commit(other, &error));
	g_assert_true(put_commit(put, &error));
	g_assert_true(store_has(store, &oid, PART_SIZE_MIN));
	g_assert_false(exists(store, &oid, ""));
	g_assert_false(exists(store, &oid, ".journal"));
}

/* What was complete when the process died is found by the next one, read-only or not. */
static void survives_a_kill_before_the_commit(void)
{
	autoptr(store) store = kit_store("kill", true, LINK_COPY);
	struct oid oid;
	g_autofree char *data = large('a', &oid), *path = path_of(store, &oid, "");
	struct stat st;
	int status, fd;
	pid_t child;

	write_part(store, &oid, data, PART_SIZE_MIN);
	child = fork();
	if (child == 0) {
		struct put *put = put_begin(store, NULL);

		fd = part_open(store, &oid);
		if (put && fd >= 0 && put_adopt_part(put, fd, &oid, NULL))
			raise(SIGKILL);
		_exit(1);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_true(WIFSIGNALED(status));
	g_assert_cmpint(chmod(path, 0444), ==, 0);
	fd = part_open(store, &oid);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(fstat(fd, &st), ==, 0);
	g_assert_cmpint(st.st_size, ==, PART_SIZE_MIN);
	g_assert_true(exists(store, &oid, ".journal"));
	part_close(store, &oid, fd);
}

/* In a process of its own, as one whom permissions bind: what a put has sealed and not named yet stays sealed. */
static void check_sealed(void)
{
	g_assert_cmpint(mkdir("bound", 0755), ==, 0);
	if (geteuid() == 0) {
		g_assert_cmpint(chmod(".", 0755), ==, 0);
		g_assert_cmpint(chown("bound", NOBODY, NOBODY), ==, 0);
		g_assert_cmpint(setgroups(0, NULL), ==, 0);
		g_assert_cmpint(setgid(NOBODY), ==, 0);
		g_assert_cmpint(setuid(NOBODY), ==, 0);
	}
	autoptr(store) store = kit_store("bound/store", true, LINK_COPY);
	struct oid oid;
	g_autofree char *data = large('a', &oid), *path = path_of(store, &oid, "");

	write_part(store, &oid, data, 1000);
	int fd = part_open(store, &oid);
	g_assert_cmpint(fchmod(fd, 0444), ==, 0);
	g_assert_cmpint(part_open(store, &oid), ==, -1);
	g_assert_cmpint(kit_stat(path).st_mode & 07777, ==, 0444);
	part_close(store, &oid, fd);
	fd = part_open(store, &oid);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(pwrite(fd, "b", 1, 0), ==, 1);
	part_close(store, &oid, fd);
}

static void stays_sealed_for_others(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		check_sealed();
		_exit(0);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
}

static void make_old(const struct store *store, const struct oid *oid)
{
	g_autofree char *path = path_of(store, oid, "");
	struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

	g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

static void is_collected_when_old(void)
{
	autoptr(store) store = kit_store("old", true, LINK_COPY);
	g_autoptr(GHashTable) live = g_hash_table_new(oid_hash, oid_equal_key);
	g_autoptr(GError) error = NULL;
	struct collect_result result;
	struct part_usage usage;
	struct oid old, young, busy;
	g_autofree char *a = large('a', &old), *b = large('b', &young), *c = large('c', &busy);
	int fd;

	g_assert_true(part_survey(store, &usage, &error));
	g_assert_cmpuint(usage.parts, ==, 0);
	write_part(store, &old, a, 1000);
	write_part(store, &young, b, 500);
	write_part(store, &busy, c, 100);
	make_old(store, &old);
	make_old(store, &busy);
	fd = part_open(store, &busy);
	g_assert_true(part_survey(store, &usage, &error));
	g_assert_cmpuint(usage.parts, ==, 2);
	g_assert_cmpuint(usage.bytes, ==, 1500);
	g_assert_true(collect_run(store, live, COLLECT_GRACE, false, true, &result, &error));
	g_assert_cmpuint(result.parts, ==, 1);
	g_assert_true(exists(store, &old, ""));
	g_assert_true(collect_run(store, live, COLLECT_GRACE, false, false, &result, &error));
	g_assert_cmpuint(result.parts, ==, 1);
	g_assert_cmpuint(result.parts_bytes, ==, 1000);
	g_assert_false(exists(store, &old, ""));
	g_assert_false(exists(store, &old, ".journal"));
	g_assert_true(exists(store, &young, ""));
	g_assert_true(exists(store, &busy, ""));
	part_close(store, &busy, fd);
	g_assert_true(collect_run(store, live, COLLECT_GRACE, true, false, &result, &error));
	g_assert_cmpuint(result.parts, ==, 2);
	g_assert_no_error(error);
}

/* Left by a kill between two steps. */
static void journals_without_a_part_go(void)
{
	autoptr(store) store = kit_store("orphan", true, LINK_COPY);
	g_autoptr(GError) error = NULL;
	struct part_usage usage;
	struct oid oid;
	g_autofree char *data = large('a', &oid), *path = path_of(store, &oid, "");

	write_part(store, &oid, data, 1000);
	g_assert_cmpint(unlink(path), ==, 0);
	g_assert_true(part_collect(store, COLLECT_GRACE, false, &usage, &error));
	g_assert_cmpuint(usage.parts, ==, 0);
	g_assert_false(exists(store, &oid, ".journal"));
}

/* Strangers in the directory, and a link that would lead out of it. */
static void follows_no_link(void)
{
	autoptr(store) store = kit_store("link", true, LINK_COPY);
	g_autoptr(GError) error = NULL;
	struct part_usage usage;
	struct oid oid;
	g_autofree char *data = large('a', &oid), *path = path_of(store, &oid, "");

	write_part(store, &oid, data, 1000);
	kit_write("precious", "text", 4);
	g_assert_cmpint(unlink(path), ==, 0);
	g_assert_cmpint(symlink("../../../precious", path), ==, 0);
	g_assert_cmpint(part_open(store, &oid), ==, -1);
	g_assert_true(part_collect(store, INT64_MIN, false, &usage, &error));
	g_assert_cmpint(kit_stat("precious").st_size, ==, 4);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/part/is-found-again", is_found_again);
	g_test_add_func("/part/belongs-to-one-at-a-time", belongs_to_one_at_a_time);
	g_test_add_func("/part/empty-ones-leave-nothing", empty_ones_leave_nothing);
	g_test_add_func("/part/becomes-an-object", becomes_an_object);
	g_test_add_func("/part/gives-way-to-the-same-object", gives_way_to_the_same_object);
	g_test_add_func("/part/survives-a-kill-before-the-commit", survives_a_kill_before_the_commit);
	g_test_add_func("/part/stays-sealed-for-others", stays_sealed_for_others);
	g_test_add_func("/part/is-collected-when-old", is_collected_when_old);
	g_test_add_func("/part/journals-without-a-part-go", journals_without_a_part_go);
	g_test_add_func("/part/follows-no-link", follows_no_link);
	return g_test_run();
}
