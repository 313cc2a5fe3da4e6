/* The conformance suite of link_ops, which every body runs, and link_place() on top. */
#include "store-kit.h"

#include "store/link.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

/* One body under test, with an object to place. */
struct bench {
	const struct link_ops *ops;
	struct store *store;
	struct oid oid;
	struct link_source source;
	char *name, *absolute;
};

static void set_up(struct bench *bench, gconstpointer data)
{
	const struct link_ops *const *ops = data;
	g_autofree char *text = g_strnfill(300000, 'x'), *dir = g_strdup_printf("bench-%s", link_kind_name((*ops)->kind));

	bench->ops = *ops;
	bench->store = kit_store(dir, true, (*ops)->kind);
	bench->oid = kit_put(bench->store, text);
	bench->name = store_object_path(&bench->oid);
	bench->absolute = kit_path(bench->store, &bench->oid);
	bench->source = (struct link_source){
		.root = bench->store->fd,
		.name = bench->name,
		.absolute = bench->absolute,
		.fd = open(bench->absolute, O_RDONLY | O_CLOEXEC),
		.size = 300000,
	};
}

static void tear_down(struct bench *bench, gconstpointer data)
{
	(void)data;
	close(bench->source.fd);
	store_free(bench->store);
	g_free(bench->name);
	g_free(bench->absolute);
}

/* Make it, or skip the test where the file system cannot. */
static bool make(struct bench *bench, const char *name)
{
	int errnum = 0;

	unlink(name);
	if (bench->ops->make(&bench->source, AT_FDCWD, name, 0666, &errnum))
		return true;
	g_assert_true(link_cannot(errnum));
	g_assert_cmpint(access(name, F_OK), ==, -1);
	g_test_skip("this file system cannot");
	return false;
}

static void body_is_listed(struct bench *bench, gconstpointer data)
{
	(void)data;
	g_assert_true(link_table[bench->ops->kind] == bench->ops);
}

static void body_has_the_bytes(struct bench *bench, gconstpointer data)
{
	g_autofree char *text = NULL;
	gsize length;

	(void)data;
	if (!make(bench, "made"))
		return;
	g_assert_true(g_file_get_contents("made", &text, &length, NULL));
	g_assert_cmpuint(length, ==, 300000);
	g_assert_cmpuint(strspn(text, "x"), ==, 300000);
}

/* "shared" tells the truth: is it the object itself, or a file of its own that the umask shaped? */
static void body_tells_what_is_shared(struct bench *bench, gconstpointer data)
{
	struct stat object, made;
	mode_t mask = umask(027);

	(void)data;
	if (make(bench, "made")) {
		g_assert_cmpint(stat(bench->absolute, &object), ==, 0);
		g_assert_cmpint(stat("made", &made), ==, 0);
		g_assert_cmpint(object.st_ino == made.st_ino, ==, bench->ops->shared);
		if (!bench->ops->shared)
			g_assert_cmpint(made.st_mode & 07777, ==, 0640);
		g_assert_cmpint(object.st_mode & 07777, ==, 0444);
	}
	umask(mask);
}

static void body_does_not_replace(struct bench *bench, gconstpointer data)
{
	g_autofree char *text = NULL;
	int errnum = 0;

	(void)data;
	if (!make(bench, "made"))
		return;
	unlink("made");
	kit_write("made", "mine", 4);
	g_assert_false(bench->ops->make(&bench->source, AT_FDCWD, "made", 0666, &errnum));
	g_assert_cmpint(errnum, ==, EEXIST);
	g_assert_true(g_file_get_contents("made", &text, NULL, NULL));
	g_assert_cmpstr(text, ==, "mine");
}

static void body_leaves_nothing_behind(struct bench *bench, gconstpointer data)
{
	int errnum = 0;

	(void)data;
	g_assert_false(bench->ops->make(&bench->source, AT_FDCWD, "nowhere/made", 0666, &errnum));
	g_assert_cmpint(errnum, ==, ENOENT);
	g_assert_false(link_cannot(errnum));
}

/* Writing to a file of its own leaves the object alone. */
static void body_is_independent(struct bench *bench, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	int fd;

	(void)data;
	if (bench->ops->shared || !make(bench, "made"))
		return;
	fd = open("made", O_WRONLY | O_CLOEXEC);
	g_assert_cmpint(pwrite(fd, "y", 1, 0), ==, 1);
	close(fd);
	store_verify(bench->store, &bench->oid, &error);
	g_assert_no_error(error);
}

static void body_makes_the_empty_file(struct bench *bench, gconstpointer data)
{
	struct link_source empty = bench->source;
	int errnum = 0;

	(void)data;
	if (bench->ops->shared)
		return;
	unlink("empty");
	empty.size = 0;
	g_assert_true(bench->ops->make(&empty, AT_FDCWD, "empty", 0777, &errnum));
	g_assert_cmpint(kit_stat("empty").st_size, ==, 0);
	g_assert_cmpint(kit_stat("empty").st_mode & 0100, ==, 0100);
}

static struct stamp place(struct store *store, const struct oid *oid, bool executable, const char *name,
			  enum link_kind *used)
{
	const struct link_request request = {.oid = oid, .size = STORE_ANY_SIZE, .executable = executable};
	g_autoptr(GError) error = NULL;
	struct stamp stamp;

	link_place(store, &request, AT_FDCWD, name, &stamp, used, &error);
	g_assert_no_error(error);
	return stamp;
}

static unsigned count_temps(void)
{
	GDir *dir = g_dir_open(".", 0, NULL);
	const char *name;
	unsigned count = 0;

	while ((name = g_dir_read_name(dir)))
		count += g_str_has_prefix(name, FILE_TEMP_PREFIX);
	g_dir_close(dir);
	return count;
}

/* Every kind, onto nothing, onto a file, onto a symbolic link, onto itself. */
static void place_all_kinds(void)
{
	for (enum link_kind kind = 0; kind < LINK_KINDS; kind++) {
		g_autofree char *dir = g_strdup_printf("place-%u", kind);
		autoptr(store) store = kit_store(dir, true, kind);
		struct oid oid = kit_put(store, "hello");
		g_autofree char *text = NULL, *path = kit_path(store, &oid);
		enum link_kind used;
		struct stamp stamp;

		place(store, &oid, false, "target", &used);
		if (used != kind)
			g_test_message("%s: not here", link_kind_name(kind));
		unlink("target");
		kit_write("target", "mine", 4);
		place(store, &oid, false, "target", &used);
		unlink("target");
		g_assert_cmpint(symlink("/etc/passwd", "target"), ==, 0);
		place(store, &oid, false, "target", &used);
		stamp = place(store, &oid, false, "target", &used);
		g_assert_true(used == kind || used == LINK_COPY);
		g_assert_cmpint(S_ISLNK(stamp.mode), ==, used == LINK_SYMLINK);
		g_assert_cmpuint(stamp.nlink, ==, used == LINK_HARDLINK ? 2 : 1);
		g_assert_true(g_file_get_contents("target", &text, NULL, NULL));
		g_assert_cmpstr(text, ==, "hello");
		g_assert_cmpuint(count_temps(), ==, 0);
		g_assert_cmpint(link_is_wanted(store, &oid, &stamp, used == LINK_SYMLINK ? path : NULL), ==,
				used == kind || kind == LINK_REFLINK);
		unlink("target");
	}
}

static void place_executable_is_own(void)
{
	autoptr(store) store = kit_store("exec", true, LINK_HARDLINK);
	struct oid oid = kit_put(store, "#!/bin/sh\n");
	enum link_kind used;
	struct stamp stamp = place(store, &oid, true, "run", &used);

	g_assert_cmpint(used, ==, LINK_COPY);
	g_assert_cmpuint(stamp.mode & 0100, ==, 0100);
	g_assert_true(link_is_wanted(store, &oid, &stamp, NULL));
	g_assert_true(store_has(store, &oid, 10));
}

static void place_empty_is_own(void)
{
	autoptr(store) store = kit_store("empty-store", true, LINK_HARDLINK);
	struct oid oid = kit_put(store, "");
	enum link_kind used;
	struct stamp stamp = place(store, &oid, false, "void", &used);

	g_assert_cmpint(used, ==, LINK_COPY);
	g_assert_cmpuint(stamp.size, ==, 0);
	g_assert_cmpuint(stamp.nlink, ==, 1);
	g_assert_true(link_is_wanted(store, &oid, &stamp, NULL));
}

static void place_keep_copy(void)
{
	autoptr(store) store = kit_store("keep", true, LINK_SYMLINK);
	struct oid oid = kit_put(store, "hello");
	const struct link_request request = {.oid = &oid, .size = 5, .keep_copy = true};
	g_autoptr(GError) error = NULL;
	enum link_kind used;
	struct stamp stamp = place(store, &oid, false, "kept", &used);

	g_assert_cmpint(used, ==, LINK_SYMLINK);
	g_assert_true(link_place(store, &request, AT_FDCWD, "kept", &stamp, &used, &error));
	g_assert_cmpint(used, ==, LINK_COPY);
	g_assert_true(S_ISREG(stamp.mode));
	g_assert_false(link_is_wanted(store, &oid, &stamp, NULL));
}

/* What was judged may be replaced; anything else that stands there by now stays, whatever the kind of link. */
static void place_is_guarded(void)
{
	for (enum link_kind kind = 0; kind < LINK_KINDS; kind++) {
		g_autofree char *dir = g_strdup_printf("guard-%s", link_kind_name(kind));
		autoptr(store) store = kit_store(dir, true, kind);
		struct oid oid = kit_put(store, "hello");
		struct stat st;
		struct stamp stamp, found;
		struct link_request request = {.oid = &oid, .size = 5, .guarded = true};
		GError *error = NULL;

		kit_write("guarded", "mine", 4);
		g_assert_false(link_place(store, &request, AT_FDCWD, "guarded", &stamp, NULL, &error));
		g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
		g_clear_error(&error);
		st = kit_stat("guarded");
		request.over = &found;
		found = stamp_of(&st);
		found.mtime_ns--;
		g_assert_false(link_place(store, &request, AT_FDCWD, "guarded", &stamp, NULL, &error));
		g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
		g_clear_error(&error);
		g_assert_cmpint(kit_stat("guarded").st_size, ==, 4);
		g_assert_cmpuint(count_temps(), ==, 0);
		found.mtime_ns++;
		g_assert_true(link_place(store, &request, AT_FDCWD, "guarded", &stamp, NULL, &error));
		g_assert_cmpint(unlink("guarded"), ==, 0);
		request.over = NULL;
		g_assert_true(link_place(store, &request, AT_FDCWD, "guarded", &stamp, NULL, &error));
		g_assert_cmpint(unlink("guarded"), ==, 0);
	}
}

static void place_refuses(void)
{
	autoptr(store) store = kit_store("refuse", true, LINK_HARDLINK);
	struct oid oid = kit_put(store, "hello"), absent = {.algo = OID_SHA256};
	struct link_request request = {.oid = &oid, .size = 5};
	GError *error = NULL;
	struct stamp stamp;

	g_assert_cmpint(g_mkdir_with_parents("full/x", 0777), ==, 0);
	g_assert_false(link_place(store, &request, AT_FDCWD, "full", &stamp, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_CONFLICT);
	g_clear_error(&error);
	g_assert_false(link_place(store, &request, AT_FDCWD, "no/where", &stamp, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_clear_error(&error);
	request.oid = &absent;
	kit_write("stays", "mine", 4);
	g_assert_false(link_place(store, &request, AT_FDCWD, "stays", &stamp, NULL, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_assert_cmpint(kit_stat("stays").st_size, ==, 4);
	g_assert_cmpuint(count_temps(), ==, 0);
}

/* An object that somebody wrote to is not handed out, whatever the kind. */
static void place_refuses_tampered(void)
{
	static const enum link_kind kinds[] = {LINK_HARDLINK, LINK_COPY};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *dir = g_strdup_printf("tampered-%zu", i);
		autoptr(store) store = kit_store(dir, true, kinds[i]);
		struct oid oid = kit_put(store, "hello");
		const struct link_request request = {.oid = &oid, .size = 5};
		g_autofree char *path = kit_path(store, &oid);
		g_autoptr(GError) error = NULL;
		struct stamp stamp;

		kit_write(path, "jello", 5);
		g_assert_cmpint(chmod(path, 0444), ==, 0);
		g_assert_false(link_place(store, &request, AT_FDCWD, "tampered", &stamp, NULL, &error));
		g_assert_error(error, MLV_ERROR, ERROR_CORRUPT);
		g_assert_cmpint(access("tampered", F_OK), ==, -1);
	}
}

/* Readers of a name that is being placed again and again see the old or the new content, always whole. */
static void place_is_atomic(void)
{
	autoptr(store) store = kit_store("atomic", true, LINK_COPY);
	g_autofree char *as = g_strnfill(200000, 'a'), *bs = g_strnfill(200000, 'b');
	struct oid a = kit_put(store, as), b = kit_put(store, bs);
	pid_t child;

	place(store, &a, false, "busy", NULL);
	child = fork();
	if (child == 0)
		for (;;) {
			place(store, &b, false, "busy", NULL);
			place(store, &a, false, "busy", NULL);
		}
	for (int i = 0; i < 200; i++) {
		g_autofree char *text = NULL;
		gsize length;

		g_assert_true(g_file_get_contents("busy", &text, &length, NULL));
		g_assert_cmpuint(length, ==, 200000);
		g_assert_cmpuint(strspn(text, text[0] == 'a' ? "a" : "b"), ==, 200000);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* What a killed run left under the temporary name is taken over. */
static void place_after_a_kill(void)
{
	autoptr(store) store = kit_store("killed", true, LINK_HARDLINK);
	struct oid oid = kit_put(store, "hello");
	g_autofree char *temp = file_temp_name_for("after-kill");
	enum link_kind used;

	kit_write("after-kill", "old", 3);
	for (int executable = 0; executable <= 1; executable++) {
		kit_write(temp, "hal", 3);
		place(store, &oid, executable, "after-kill", &used);
		g_assert_cmpint(used, ==, executable ? LINK_COPY : LINK_HARDLINK);
		g_assert_cmpint(kit_stat("after-kill").st_size, ==, 5);
		g_assert_cmpint(access(temp, F_OK), ==, -1);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	for (enum link_kind kind = 0; kind < LINK_KINDS; kind++) {
		static const struct {
			const char *name;
			void (*test)(struct bench *, gconstpointer);
		} checks[] = {
			{"is-listed", body_is_listed},
			{"has-the-bytes", body_has_the_bytes},
			{"tells-what-is-shared", body_tells_what_is_shared},
			{"does-not-replace", body_does_not_replace},
			{"leaves-nothing-behind", body_leaves_nothing_behind},
			{"is-independent", body_is_independent},
			{"makes-the-empty-file", body_makes_the_empty_file},
		};

		for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
			g_autofree char *path = g_strdup_printf("/link/%s/%s", link_kind_name(kind), checks[i].name);

			g_test_add(path, struct bench, &link_table[kind], set_up, checks[i].test, tear_down);
		}
	}
	g_test_add_func("/link/place/all-kinds", place_all_kinds);
	g_test_add_func("/link/place/executable-is-own", place_executable_is_own);
	g_test_add_func("/link/place/empty-is-own", place_empty_is_own);
	g_test_add_func("/link/place/keep-copy", place_keep_copy);
	g_test_add_func("/link/place/is-guarded", place_is_guarded);
	g_test_add_func("/link/place/refuses", place_refuses);
	g_test_add_func("/link/place/refuses-tampered", place_refuses_tampered);
	g_test_add_func("/link/place/is-atomic", place_is_atomic);
	g_test_add_func("/link/place/after-a-kill", place_after_a_kill);
	return g_test_run();
}
