#include "store-kit.h"

#include "base/pool.h"

#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

static struct put *begin_ok(struct store *store)
{
	g_autoptr(GError) error = NULL;
	struct put *put = put_begin(store, &error);

	g_assert_no_error(error);
	return put;
}

static struct put_result file_ok(struct put *put, const char *name)
{
	g_autoptr(GError) error = NULL;
	struct put_result result;

	put_file(put, AT_FDCWD, name, true, OID_SHA256, &result, &error);
	g_assert_no_error(error);
	return result;
}

static void commit_ok(struct put *put)
{
	g_autoptr(GError) error = NULL;

	put_commit(put, &error);
	g_assert_no_error(error);
}

/* So many bytes that no two 4 KiB of them are alike. */
static char *bytes_of(size_t length, unsigned seed)
{
	char *data = g_malloc(length + 8);

	for (size_t i = 0; i < length; i += 8) {
		uint64_t word = (i + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ seed;

		memcpy(data + i, &word, 8);
	}
	return data;
}

/* Sizes around the steps in which files are read. */
static void sizes(void)
{
	static const size_t lengths[] = {0, 1, 4095, 100000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20};
	autoptr(store) store = kit_store("p1", true, LINK_COPY);
	autoptr(put) put = begin_ok(store);

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		g_autofree char *data = bytes_of(lengths[i], 1), *path = NULL;
		struct put_result result;
		struct oid oid;

		kit_write("source", data, lengths[i]);
		digest_bytes(data, lengths[i], OID_SHA256, &oid);
		result = file_ok(put, "source");
		g_assert_true(oid_equal(&oid, &result.oid));
		g_assert_cmpuint(result.size, ==, lengths[i]);
		g_assert_false(result.present);
		path = kit_path(store, &oid);
		g_assert_cmpint(access(path, F_OK), ==, -1);
		commit_ok(put);
		g_assert_true(store_verify(store, &oid, NULL));
		g_assert_cmpint(kit_stat(path).st_mode & 07777, ==, 0444);
		g_assert_cmpint(kit_stat(path).st_mtim.tv_nsec, ==, 0);
	}
}

static void present_is_told(void)
{
	autoptr(store) store = kit_store("p2", true, LINK_COPY);
	g_autofree char *large = bytes_of(3 << 20, 2);

	kit_write("small", "hello", 5);
	kit_write("large", large, 3 << 20);
	for (int i = 0; i < 2; i++) {
		autoptr(put) put = begin_ok(store);

		g_assert_cmpint(file_ok(put, "small").present, ==, i);
		g_assert_cmpint(file_ok(put, "large").present, ==, i);
		g_assert_cmpint(file_ok(put, "small").present, ==, i);
		commit_ok(put);
	}
	g_assert_cmpuint(kit_count("p2/.mlv/tmp"), ==, 0);
}

static void no_commit_no_object(void)
{
	autoptr(store) store = kit_store("p3", true, LINK_COPY);
	autoptr(put) put = begin_ok(store);
	struct put_result result;

	kit_write("source", "hello", 5);
	result = file_ok(put, "source");
	put_free(g_steal_pointer(&put));
	g_assert_false(store_has(store, &result.oid, 5));
	g_assert_cmpuint(kit_count("p3/.mlv/tmp"), ==, 0);
}

static void algorithms(void)
{
	autoptr(store) store = kit_store("p4", false, LINK_COPY);
	autoptr(put) put = begin_ok(store);
	g_autoptr(GError) error = NULL;
	struct put_result md5, old;
	char text[OID_TEXT_MAX];
	struct oid dir;

	kit_write("crlf", "a\r\nb\r\n", 6);
	g_assert_true(put_file(put, AT_FDCWD, "crlf", false, OID_MD5, &md5, &error));
	g_assert_true(put_file(put, AT_FDCWD, "crlf", false, OID_MD5_2X, &old, &error));
	g_assert_true(put_bytes(put, "[]", 2, OID_MD5_2X, true, &dir, &error));
	commit_ok(put);
	g_assert_cmpint(memcmp(md5.oid.digest, old.oid.digest, 16), !=, 0);
	g_assert_true(store_verify(store, &md5.oid, &error));
	g_assert_true(store_verify(store, &old.oid, &error));
	g_assert_true(store_verify(store, &dir, &error));
	g_assert_cmpuint(old.size, ==, 6);
	g_assert_cmpstr(oid_text(&dir, text), ==, "d751713988987e9331980363e24189ce.dir");
	g_assert_cmpint(access("p4/d7/51713988987e9331980363e24189ce.dir", F_OK), ==, 0);
}

static void refuses(void)
{
	autoptr(store) store = kit_store("p5", true, LINK_COPY);
	autoptr(put) put = begin_ok(store);
	struct put_result result;
	GError *error = NULL;

	kit_write("plain", "hello", 5);
	g_assert_cmpint(symlink("plain", "link"), ==, 0);
	g_assert_cmpint(mkfifo("fifo", 0644), ==, 0);
	g_assert_true(put_file(put, AT_FDCWD, "link", true, OID_SHA256, &result, &error));
	g_assert_false(put_file(put, AT_FDCWD, "link", false, OID_SHA256, &result, &error));
	g_assert_nonnull(strstr(error->message, "link"));
	g_clear_error(&error);
	g_assert_false(put_file(put, AT_FDCWD, "fifo", true, OID_SHA256, &result, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_clear_error(&error);
	g_assert_false(put_file(put, AT_FDCWD, ".", true, OID_SHA256, &result, &error));
	g_assert_error(error, MLV_ERROR, ERROR_UNSAFE);
	g_clear_error(&error);
	g_assert_false(put_file(put, AT_FDCWD, "absent", true, OID_SHA256, &result, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_clear_error(&error);
}

/* A file of slots, into which a thread writes ascending numbers, one slot after the other. */
enum { SLOTS = 100, SLOT_SIZE = 80000, SLOT_DIGITS = 8 };

static void *keep_writing(void *data)
{
	const int *stop = data;
	int fd = open("busy", O_WRONLY | O_CLOEXEC);

	for (unsigned i = SLOTS; !__atomic_load_n(stop, __ATOMIC_RELAXED); i++) {
		g_autofree char *text = g_strdup_printf("%08u", i);

		g_assert_cmpint(pwrite(fd, text, SLOT_DIGITS, (off_t)(i % SLOTS) * SLOT_SIZE), ==, SLOT_DIGITS);
	}
	close(fd);
	return NULL;
}

/* Whether the bytes are what the file was at one moment: then the numbers in the slots follow each other. */
static bool is_one_moment(const char *data)
{
	unsigned long low = ULONG_MAX, high = 0;

	for (unsigned i = 0; i < SLOTS; i++) {
		g_autofree char *text = g_strndup(data + (size_t)i * SLOT_SIZE, SLOT_DIGITS);
		unsigned long number = strtoul(text, NULL, 10);

		low = MIN(low, number);
		high = MAX(high, number);
	}
	return high - low == SLOTS - 1;
}

/*
 * It is never stored half and half: either its bytes are those of one moment, when the writer had no turn, or it is refused. The
 * writer gets its turn some time, so that it is refused in the end.
 */
static void changing_file(void)
{
	enum { SIZE = SLOTS * SLOT_SIZE, TRIES = 1000 };
	autoptr(store) store = kit_store("p6", true, LINK_COPY);
	g_autofree char *data = bytes_of(SIZE, 3);
	bool refused = false;
	int stop = 0;
	GThread *thread;

	for (unsigned i = 0; i < SLOTS; i++) {
		g_autofree char *text = g_strdup_printf("%08u", i);

		memcpy(data + (size_t)i * SLOT_SIZE, text, SLOT_DIGITS);
	}
	kit_write("busy", data, SIZE);
	thread = g_thread_new("writer", keep_writing, &stop);
	for (unsigned i = 0; i < TRIES && !refused; i++) {
		autoptr(put) put = begin_ok(store);
		g_autoptr(GError) error = NULL;
		g_autofree char *stored = NULL;
		struct put_result result;
		size_t length;

		refused = !put_file(put, AT_FDCWD, "busy", true, OID_SHA256, &result, &error);
		if (refused) {
			g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
			g_assert_nonnull(error_get_hint(error));
			continue;
		}
		commit_ok(put);
		g_assert_true(store_read(store, &result.oid, SIZE, &stored, &length, &error));
		g_assert_true(is_one_moment(stored));
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	g_thread_join(thread);
	g_assert_true(refused);
}

static void downloads(void)
{
	autoptr(store) store = kit_store("p7", true, LINK_COPY);
	autoptr(put) put = begin_ok(store);
	g_autoptr(GError) error = NULL;
	struct oid oid;
	char *name;
	int fd;

	digest_bytes("hello", 5, OID_SHA256, &oid);
	fd = put_open(put, &name, &error);
	g_assert_cmpint(write(fd, "half", 4), ==, 4);
	put_discard(put, fd, name);
	for (int i = 0; i < 2; i++) {
		fd = put_open(put, &name, &error);
		g_assert_cmpint(write(fd, "hello", 5), ==, 5);
		g_assert_true(put_adopt(put, fd, name, &oid, &error));
		g_assert_false(store_has(store, &oid, 5));
	}
	commit_ok(put);
	g_assert_true(store_verify(store, &oid, &error));
	g_assert_true(store_has(store, &oid, 5));
}

struct job {
	struct put *put;
	unsigned number;
	struct put_result result;
};

static void put_job(void *job, void *shared)
{
	struct job *j = job;
	g_autofree char *name = g_strdup_printf("same%u", j->number % 10);

	(void)shared;
	j->result = file_ok(j->put, name);
}

/* Workers that put the same objects at once. */
static void threads(void)
{
	enum { JOBS = 400 };
	autoptr(store) store = kit_store("p8", true, LINK_COPY);
	autoptr(put) put = begin_ok(store);
	autoptr(pool) pool = pool_new(8, put_job, NULL);
	g_autofree struct job *jobs = g_new0(struct job, JOBS);

	for (unsigned i = 0; i < 10; i++) {
		g_autofree char *name = g_strdup_printf("same%u", i), *data = bytes_of(i * 200000, i);

		kit_write(name, data, i * 200000);
	}
	for (unsigned i = 0; i < JOBS; i++) {
		jobs[i] = (struct job){.put = put, .number = i};
		pool_push(pool, &jobs[i]);
	}
	while (pool_pop(pool, -1))
		;
	commit_ok(put);
	for (unsigned i = 0; i < JOBS; i++)
		g_assert_true(store_has(store, &jobs[i].result.oid, jobs[i].result.size));
	for (unsigned i = 0; i < 10; i++)
		g_assert_true(store_verify(store, &jobs[i].result.oid, NULL));
}

/* Processes that put the same objects at once, batch after batch. */
static void processes(void)
{
	enum { PROCESSES = 4 };
	pid_t children[PROCESSES];
	struct oid oid;

	for (unsigned p = 0; p < PROCESSES; p++) {
		children[p] = fork();
		if (children[p])
			continue;
		for (unsigned i = 0; i < 15; i++) {
			autoptr(store) store = kit_store("p9", true, LINK_COPY);
			g_autofree char *text = g_strdup_printf("text %u", i);

			oid = kit_put(store, text);
			g_assert_true(store_has(store, &oid, strlen(text)));
		}
		_exit(0);
	}
	for (unsigned p = 0; p < PROCESSES; p++) {
		int status;

		g_assert_cmpint(waitpid(children[p], &status, 0), ==, children[p]);
		g_assert_cmpint(status, ==, 0);
	}
	autoptr(store) store = kit_store("p9", true, LINK_COPY);
	g_assert_cmpuint(kit_count("p9/.mlv/tmp"), ==, 0);
	for (unsigned i = 0; i < 15; i++) {
		g_autofree char *text = g_strdup_printf("text %u", i);

		digest_bytes(text, strlen(text), OID_SHA256, &oid);
		g_assert_true(store_verify(store, &oid, NULL));
	}
}

static bool verify_object(const struct oid *oid, const struct stamp *stamp, void *user, GError **error)
{
	(void)stamp;
	return store_verify(user, oid, error);
}

/* Killed at any moment: what can be seen is right, and the next batch clears away the left-overs. */
static void killed(void)
{
	g_autofree char *large = bytes_of(4 << 20, 7);
	autoptr(store) store = kit_store("p10", true, LINK_COPY);

	for (unsigned i = 0; i < 50; i++) {
		g_autofree char *name = g_strdup_printf("kill%u", i);

		kit_write(name, large + i, i % 5 ? 30000 : (3 << 20));
	}
	for (unsigned round = 0; round < 12; round++) {
		g_autoptr(GError) error = NULL;
		pid_t child = fork();

		if (child == 0) {
			for (unsigned turn = 0;; turn++) {
				struct put *put = begin_ok(store);

				for (unsigned i = 0; i < 50; i++) {
					g_autofree char *name = g_strdup_printf("kill%u", i);

					file_ok(put, name);
				}
				commit_ok(put);
				put_free(put);
				file_remove_tree(store->fd, "files", NULL);
			}
		}
		g_usleep(2000 + round * 9000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		store_each(store, verify_object, store, &error);
		g_assert_no_error(error);
	}
	kit_put(store, "after");
	g_assert_cmpuint(kit_count("p10/.mlv/tmp"), ==, 0);
}

/* The batch of a living process is not taken for a left-over, nor is a file that is no batch. */
static void living_batches_stay(void)
{
	autoptr(store) store = kit_store("p11", true, LINK_COPY);
	autoptr(put) first = begin_ok(store);
	struct put_result result;

	kit_write("source", "hello", 5);
	result = file_ok(first, "source");
	g_assert_cmpint(mkdir("p11/.mlv/tmp/.mlv-tmp-dead", 0777), ==, 0);
	kit_write("p11/.mlv/tmp/.mlv-tmp-dead/7", "left", 4);
	kit_write("p11/.mlv/tmp/note", "mine", 4);
	kit_put(store, "other");
	g_assert_cmpint(access("p11/.mlv/tmp/.mlv-tmp-dead", F_OK), ==, -1);
	g_assert_cmpint(access("p11/.mlv/tmp/note", F_OK), ==, 0);
	commit_ok(first);
	g_assert_true(store_has(store, &result.oid, 5));
}

/* A full disk: a clear error with a hint, no object, no left-over; and room again once it is over. */
static void full_disk(void)
{
	g_autofree char *data = bytes_of(2 << 20, 9);

	g_assert_cmpint(mkdir("tiny", 0777), ==, 0);
	if (mount("none", "tiny", "tmpfs", 0, "size=1m") < 0) {
		g_test_skip("cannot mount a tmpfs");
		return;
	}
	for (size_t length = 900 << 10; length <= 2 << 20; length += 574 << 10) {
		autoptr(store) store = kit_store("tiny/store", true, LINK_COPY);
		autoptr(put) put = begin_ok(store);
		g_autoptr(GError) error = NULL;
		struct put_result result;
		struct oid oid;

		g_assert_true(put_bytes(put, data, 300 << 10, OID_SHA256, false, &oid, &error));
		kit_write("big", data, length);
		g_assert_false(put_file(put, AT_FDCWD, "big", true, OID_SHA256, &result, &error));
		g_assert_error(error, MLV_ERROR, ERROR_IO);
		g_assert_nonnull(strstr(error->message, "tiny/store"));
		g_assert_nonnull(error_get_hint(error));
		put_free(g_steal_pointer(&put));
		g_assert_cmpuint(kit_count("tiny/store/.mlv/tmp"), ==, 0);
		g_assert_cmpuint(kit_count("tiny/store/files"), ==, 0);
		oid = kit_put(store, "small");
		g_assert_true(store_has(store, &oid, 5));
		g_assert_true(file_remove_tree(store->fd, "files", NULL));
	}
	g_assert_cmpint(umount2("tiny", MNT_DETACH), ==, 0);
}

/* A wrong object under the right name, as a crash of another program may leave: replaced, not believed. */
static void wrong_object_is_replaced(void)
{
	autoptr(store) store = kit_store("p12", true, LINK_COPY);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = kit_path(store, &oid);
	g_autoptr(GError) error = NULL;
	struct put_result result;

	g_assert_cmpint(chmod(path, 0644), ==, 0);
	kit_write(path, "jello", 5);
	kit_write("source", "hello", 5);
	{
		autoptr(put) put = begin_ok(store);

		result = file_ok(put, "source");
		g_assert_false(result.present);
		commit_ok(put);
	}
	store_verify(store, &oid, &error);
	g_assert_no_error(error);
}

/* Appears between the look and the commit: the one that is there stays, or is replaced if it is wrong. */
static void overtaken(void)
{
	static const char *const texts[] = {"hello", "jello"};

	for (size_t i = 0; i < 2; i++) {
		g_autofree char *dir = g_strdup_printf("p13-%zu", i), *path = NULL, *parent = NULL;
		autoptr(store) store = kit_store(dir, true, LINK_COPY);
		autoptr(put) put = begin_ok(store);
		struct put_result result;

		kit_write("source", "hello", 5);
		result = file_ok(put, "source");
		path = kit_path(store, &result.oid);
		parent = g_path_get_dirname(path);
		g_assert_cmpint(g_mkdir_with_parents(parent, 0777), ==, 0);
		kit_write(path, texts[i], 5);
		commit_ok(put);
		g_assert_true(store_verify(store, &result.oid, NULL));
	}
}

/* Group stores: directories with the set-group bit, objects 0444 whatever the umask. */
static void shared_group(void)
{
	const struct store_options options = {.shared_group = true, .links = {LINK_COPY}, .link_count = 1};
	g_autoptr(GError) error = NULL;
	mode_t mask = umask(077);
	autoptr(store) store = store_open("p14", &options, &error);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *path = kit_path(store, &oid), *dir = g_path_get_dirname(path);

	umask(mask);
	g_assert_cmpint(kit_stat(path).st_mode & 07777, ==, 0444);
	g_assert_cmpint(kit_stat(dir).st_mode & 07777, ==, 02775);
	g_assert_cmpint(kit_stat("p14").st_mode & 07777, ==, 02775);
}

static void begin_fails(void)
{
	g_autoptr(GError) error = NULL;
	autoptr(store) store = kit_store("p15", true, LINK_COPY);

	kit_write("p15/.mlv", "x", 1);
	g_assert_null(put_begin(store, &error));
	g_assert_nonnull(strstr(error->message, "p15"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/put/sizes", sizes);
	g_test_add_func("/put/present-is-told", present_is_told);
	g_test_add_func("/put/no-commit-no-object", no_commit_no_object);
	g_test_add_func("/put/algorithms", algorithms);
	g_test_add_func("/put/refuses", refuses);
	g_test_add_func("/put/changing-file", changing_file);
	g_test_add_func("/put/downloads", downloads);
	g_test_add_func("/put/threads", threads);
	g_test_add_func("/put/processes", processes);
	g_test_add_func("/put/killed", killed);
	g_test_add_func("/put/living-batches-stay", living_batches_stay);
	g_test_add_func("/put/full-disk", full_disk);
	g_test_add_func("/put/wrong-object-is-replaced", wrong_object_is_replaced);
	g_test_add_func("/put/overtaken", overtaken);
	g_test_add_func("/put/shared-group", shared_group);
	g_test_add_func("/put/begin-fails", begin_fails);
	return g_test_run();
}
