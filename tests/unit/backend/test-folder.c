/*
 * What only a folder remote does: modes, clean-up, where it may be made.
 */
#include "../remote/kit.h"
#include "../tap.h"
#include "backend/table.h"
#include "base/auto.h"
#include "base/error.h"
#include "remote/layout.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static struct remote *try_open(const char *url, enum remote_mode mode, GError **error)
{
	autoptr(remote_spec) spec = remote_spec_new("disk", url);
	return remote_open(spec, mode, remote_table, error);
}

/* A fresh directory below the test's own. New string. */
static char *fresh_dir(void)
{
	char *dir = g_strdup_printf("%s/remote-XXXXXX", tap_tmpdir());
	g_assert_nonnull(g_mkdtemp(dir));
	return dir;
}

static void put_in(const char *dir, const char *text)
{
	g_autoptr(GError) error = NULL;
	autoptr(remote) remote = try_open(dir, REMOTE_WRITE, &error);
	g_assert_no_error(error);
	autoptr(engine) engine = kit_engine();
	struct load load;
	autoptr(transfer) put = kit_put(&load, text, strlen(text));
	g_assert_cmpint(kit_run(engine, remote, put), ==, TRANSFER_DONE);
	load_clear(&load);
}

/* The path of the object with these bytes. New string. */
static char *object_file(const char *dir, const char *text)
{
	autoptr(transfer) named = kit_transfer(TRANSFER_STAT, text, strlen(text));
	return g_build_filename(dir, named->key, NULL);
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	g_assert_cmpint(stat(path, &st), ==, 0);
	return st.st_mode & 07777;
}

static void writes_read_only_objects_where_dvc_looks(void)
{
	g_autofree char *dir = fresh_dir();
	put_in(dir, "hello");
	g_autofree char *path = g_strdup_printf(
		"%s/files/sha256/2c/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", dir);
	g_assert_cmpint(mode_of(path), ==, 0444);
	g_autofree char *batches = g_build_filename(dir, ".mlv/tmp", NULL);
	g_assert_cmpint(rmdir(batches), ==, 0); /* nothing half-made is left in it */
}

static void makes_group_directories(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = fresh_dir();
	autoptr(remote_spec) spec = remote_spec_new("disk", dir);
	g_hash_table_insert(spec->options, g_strdup("shared"), g_strdup("group"));
	autoptr(remote) remote = remote_open(spec, REMOTE_WRITE, remote_table, &error);
	autoptr(engine) engine = kit_engine();
	struct load load;
	autoptr(transfer) put = kit_put(&load, "ours", 4);
	g_assert_cmpint(kit_run(engine, remote, put), ==, TRANSFER_DONE);
	load_clear(&load);
	g_autofree char *files = g_build_filename(dir, "files", NULL);
	g_assert_cmpint(mode_of(files), ==, 02775);
}

/* Overwrite an object in place, as a broken disk or a careless user would. */
static void spoil(const char *path, const char *text, mode_t mode)
{
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(chmod(path, mode), ==, 0);
}

static enum transfer_status stat_in(const char *dir, const char *text, bool *damaged)
{
	autoptr(remote) remote = try_open(dir, REMOTE_WRITE, NULL);
	autoptr(engine) engine = kit_engine();
	autoptr(transfer) stat = kit_transfer(TRANSFER_STAT, text, strlen(text));
	enum transfer_status status = kit_run(engine, remote, stat);
	*damaged = stat->damaged;
	return status;
}

static void hashes_what_does_not_look_sound(void)
{
	bool damaged;
	g_autofree char *dir = fresh_dir();
	put_in(dir, "hello");
	g_autofree char *path = object_file(dir, "hello");
	spoil(path, "hello", 0644); /* right, but written to */
	g_assert_cmpint(stat_in(dir, "hello", &damaged), ==, TRANSFER_DONE);
	g_assert_cmpint(mode_of(path), ==, 0444);
	spoil(path, "jello", 0644);
	g_assert_cmpint(stat_in(dir, "hello", &damaged), ==, TRANSFER_ABSENT);
	g_assert_true(damaged);
	spoil(path, "hell", 0444); /* a wrong size */
	g_assert_cmpint(stat_in(dir, "hello", &damaged), ==, TRANSFER_ABSENT);
	g_assert_true(damaged);
	put_in(dir, "hello");
	g_assert_cmpint(stat_in(dir, "hello", &damaged), ==, TRANSFER_DONE);
}

static void never_follows_an_object_that_is_a_link(void)
{
	bool damaged;
	g_autofree char *dir = fresh_dir();
	put_in(dir, "hello");
	g_autofree char *path = object_file(dir, "hello");
	g_assert_cmpint(unlink(path), ==, 0);
	g_assert_cmpint(symlink("/etc/passwd", path), ==, 0);
	g_assert_cmpint(stat_in(dir, "hello", &damaged), ==, TRANSFER_ABSENT);
	put_in(dir, "hello");
	struct stat st;
	g_assert_cmpint(lstat(path, &st), ==, 0);
	g_assert_true(S_ISREG(st.st_mode));
}

static void does_not_wait_for_a_fifo(void)
{
	g_autofree char *dir = fresh_dir();
	put_in(dir, "hello");
	g_autofree char *path = object_file(dir, "hello");
	g_assert_cmpint(unlink(path), ==, 0);
	g_assert_cmpint(mkfifo(path, 0444), ==, 0);
	autoptr(remote) remote = try_open(dir, REMOTE_READ, NULL);
	autoptr(engine) engine = kit_engine();
	struct load load;
	autoptr(transfer) get = kit_get(&load, "hello", 5);
	g_assert_cmpint(kit_run(engine, remote, get), ==, TRANSFER_FAILED);
}

static void makes_its_directory_but_not_those_above(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = fresh_dir();
	g_autofree char *inside = g_build_filename(dir, "new", NULL);
	g_assert_null(try_open(inside, REMOTE_READ, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(error_get_hint(error));
	g_clear_error(&error);
	put_in(inside, "hello");
	g_autofree char *far = g_build_filename(dir, "not/mounted", NULL);
	g_assert_null(try_open(far, REMOTE_WRITE, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(error->message, "remote 'disk'"));
}

static void knows_its_urls(void)
{
	static const char *const wrong[] = {"relative/path", "file://host/path", "ftp://host/path", "file://relative"};
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(try_open(wrong[i], REMOTE_READ, &error));
		g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	}
	g_autofree char *dir = fresh_dir();
	g_autofree char *local = g_strdup_printf("file://localhost%s", dir);
	autoptr(remote) remote = try_open(local, REMOTE_READ, NULL);
	g_assert_nonnull(remote);
	g_assert_true(remote_can(remote, REMOTE_CAN_LIST | REMOTE_CHEAP_STAT));
}

/* A killed push leaves a directory; the next push removes it, but not that of a push that still runs. */
static void sweeps_what_the_dead_left(void)
{
	g_autofree char *dir = fresh_dir();
	put_in(dir, "first");
	g_autofree char *dead = g_build_filename(dir, ".mlv/tmp/.mlv-tmp-dead", NULL);
	g_assert_cmpint(mkdir(dead, 0700), ==, 0);
	g_autofree char *half = g_build_filename(dead, "1", NULL);
	spoil(half, "half", 0600);
	autoptr(remote) living = try_open(dir, REMOTE_WRITE, NULL);
	autoptr(engine) engine = kit_engine();
	struct load load;
	autoptr(transfer) put = kit_put(&load, "second", 6);
	g_assert_cmpint(kit_run(engine, living, put), ==, TRANSFER_DONE);
	load_clear(&load);
	g_assert_cmpint(access(dead, F_OK), ==, -1);
	put_in(dir, "third");
	g_autofree char *batches = g_build_filename(dir, ".mlv/tmp", NULL);
	g_assert_cmpint(rmdir(batches), ==, -1); /* the living one's is in it */
}

/* Who only reads leaves no trace. */
static void changes_nothing_without_need(void)
{
	g_autofree char *dir = fresh_dir();
	autoptr(remote) remote = try_open(dir, REMOTE_READ, NULL);
	autoptr(engine) engine = kit_engine();
	autoptr(transfer) ask = kit_transfer(TRANSFER_STAT, "absent", 6);
	g_assert_cmpint(kit_run(engine, remote, ask), ==, TRANSFER_ABSENT);
	g_assert_cmpint(rmdir(dir), ==, 0);
}

/* Whether another process could take the remote's lock in this way now. */
static bool is_free(const char *dir, int operation)
{
	g_autofree char *path = g_build_filename(dir, ".mlv/lock", NULL);
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);
	return fd >= 0 && flock(fd, operation | LOCK_NB) == 0;
}

static void keeps_collectors_and_writers_apart(void)
{
	g_autofree char *dir = fresh_dir();
	struct remote *one = try_open(dir, REMOTE_WRITE, NULL), *two = try_open(dir, REMOTE_WRITE, NULL);
	g_assert_true(one && two);
	g_assert_true(is_free(dir, LOCK_SH));
	g_assert_false(is_free(dir, LOCK_EX));
	remote_free(one);
	remote_free(two);
	g_autoptr(GError) error = NULL;
	autoptr(remote) collector = try_open(dir, REMOTE_COLLECT, &error);
	g_assert_no_error(error);
	g_assert_nonnull(collector);
	g_assert_false(is_free(dir, LOCK_SH));
	autoptr(remote) reader = try_open(dir, REMOTE_READ, NULL);
	g_assert_nonnull(reader);
}

static void does_not_make_again_what_is_gone(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = fresh_dir();
	put_in(dir, "hello");
	g_autofree char *away = g_strconcat(dir, "-away", NULL);
	g_assert_cmpint(rename(dir, away), ==, 0);
	g_assert_null(try_open(dir, REMOTE_WRITE_AGAIN, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(error->message, dir));
	g_assert_nonnull(strstr(error_get_hint(error), "mkdir"));
	g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
	g_assert_cmpint(rename(away, dir), ==, 0);
	g_clear_error(&error);
	autoptr(remote) remote = try_open(dir, REMOTE_WRITE_AGAIN, &error);
	g_assert_no_error(error);
	g_assert_nonnull(remote);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/folder/writes-read-only-objects-where-dvc-looks", writes_read_only_objects_where_dvc_looks);
	g_test_add_func("/folder/makes-group-directories", makes_group_directories);
	g_test_add_func("/folder/hashes-what-does-not-look-sound", hashes_what_does_not_look_sound);
	g_test_add_func("/folder/never-follows-an-object-that-is-a-link", never_follows_an_object_that_is_a_link);
	g_test_add_func("/folder/does-not-wait-for-a-fifo", does_not_wait_for_a_fifo);
	g_test_add_func("/folder/does-not-make-again-what-is-gone", does_not_make_again_what_is_gone);
	g_test_add_func("/folder/makes-its-directory-but-not-those-above", makes_its_directory_but_not_those_above);
	g_test_add_func("/folder/knows-its-urls", knows_its_urls);
	g_test_add_func("/folder/sweeps-what-the-dead-left", sweeps_what_the_dead_left);
	g_test_add_func("/folder/changes-nothing-without-need", changes_nothing_without_need);
	g_test_add_func("/folder/keeps-collectors-and-writers-apart", keeps_collectors_and_writers_apart);
	return g_test_run();
}
