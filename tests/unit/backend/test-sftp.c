/*
 * An SFTP remote and what others may have left there: files that lie there already, and links.
 */
#include "../remote/kit.h"
#include "../remote/server.h"
#include "../tap.h"
#include "backend/sftp/sftp.h"
#include "base/error.h"
#include "remote/layout.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE ((size_t)3 << 20)

/* No process has it. */
#define NO_PID 2147483647

struct fixture {
	struct server_place *place;
	const char *root; /* of the place, here */
	struct remote *remote;
	struct engine *engine;
};

static bool set_up(struct fixture *fixture)
{
	const char *why;
	const struct remote_ops *const table[] = {&remote_ssh, NULL};
	g_autoptr(GError) error = NULL;
	struct server *sshd = server_get("sshd", &why);
	if (!sshd) {
		g_test_skip(why);
		return false;
	}
	fixture->place = server_place_new(sshd, NULL);
	fixture->root = g_hash_table_lookup(fixture->place->values, "PLACE_ROOT");
	fixture->remote = remote_open(fixture->place->spec, REMOTE_WRITE, table, &error);
	g_assert_no_error(error);
	fixture->engine = kit_engine();
	return true;
}

static void tear_down(struct fixture *fixture)
{
	engine_free(fixture->engine);
	remote_free(fixture->remote);
	server_place_free(fixture->place);
}

static void write_file(const char *path, const void *data, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *parent = g_path_get_dirname(path);
	g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
	g_file_set_contents(path, data, (gssize)length, &error);
	g_assert_no_error(error);
}

static char *make_bytes(char seed)
{
	char *data = g_malloc(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		data[i] = (char)(seed + (char)(i * 2654435761u >> 13));
	return data;
}

/* An upload of the object with these bytes that a killed process left so. Its path; new string. */
static char *leave(const struct fixture *fixture, const char *data, const void *bytes, size_t length)
{
	struct oid oid = kit_oid(data, LARGE);
	char id[OID_TEXT_MAX];
	g_autofree char *host = g_strcanon(
		g_strdup(g_get_host_name()), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", '_');
	char *path = g_strdup_printf("%s/.mlv/tmp/1700000000.%s.%d.abcdefgh.0.%s", fixture->root, host, NO_PID,
				     oid_text(&oid, id));
	write_file(path, bytes, length);
	return path;
}

/* Push the object; its inode on the server. */
static ino_t push(const struct fixture *fixture, const char *data)
{
	struct load load;
	struct stat st;
	autoptr(transfer) put = kit_put(&load, data, LARGE);
	g_assert_cmpint(kit_run(fixture->engine, fixture->remote, put), ==, TRANSFER_DONE);
	g_autofree char *path = g_build_filename(fixture->root, put->key, NULL), *found = NULL;
	gsize length;
	g_assert_true(g_file_get_contents(path, &found, &length, NULL));
	g_assert_cmpmem(found, length, data, LARGE);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_autofree char *temp = g_build_filename(fixture->root, ".mlv/tmp", NULL);
	g_autoptr(GDir) dir = g_dir_open(temp, 0, NULL);
	g_assert_null(dir ? g_dir_read_name(dir) : NULL);
	load_clear(&load);
	return st.st_ino;
}

static ino_t inode(const char *path)
{
	struct stat st;
	g_assert_cmpint(stat(path, &st), ==, 0);
	return st.st_ino;
}

static void goes_on_with_right_bytes(void)
{
	struct fixture fixture;
	if (!set_up(&fixture))
		return;
	const size_t lengths[] = {1, LARGE / 2, LARGE};
	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		remote_free(fixture.remote); /* which looks for uploads once */
		const struct remote_ops *const table[] = {&remote_ssh, NULL};
		fixture.remote = remote_open(fixture.place->spec, REMOTE_WRITE, table, NULL);
		g_autofree char *data = make_bytes((char)i), *left = leave(&fixture, data, data, lengths[i]);
		ino_t before = inode(left);
		g_assert_cmpuint(push(&fixture, data), ==, before);
	}
	tear_down(&fixture);
}

/* As after a crash of the server, or by another writer: the length is right, the bytes are not. */
static void sends_wrong_bytes_anew(void)
{
	struct fixture fixture;
	if (!set_up(&fixture))
		return;
	const size_t lengths[] = {LARGE / 2, LARGE};
	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		remote_free(fixture.remote);
		const struct remote_ops *const table[] = {&remote_ssh, NULL};
		fixture.remote = remote_open(fixture.place->spec, REMOTE_WRITE, table, NULL);
		g_autofree char *data = make_bytes((char)(10 + i)), *wrong = g_memdup2(data, LARGE);
		memset(wrong + lengths[i] - 4096, 0, 4096);
		g_free(leave(&fixture, data, wrong, lengths[i]));
		push(&fixture, data);
	}
	tear_down(&fixture);
}

/* Whether single questions and the listing find it, with which size. */
static void check_found(const struct fixture *fixture, const char *text, gint64 expected)
{
	autoptr(transfer) ask = kit_transfer(TRANSFER_STAT, text, strlen(text));
	g_autofree char *dir = g_path_get_dirname(ask->key), *prefix = g_strconcat(dir, "/", NULL);
	autoptr(transfer) list = transfer_new(TRANSFER_LIST, prefix);
	gint64 found = -1;
	g_assert_cmpint(kit_run(fixture->engine, fixture->remote, ask), ==,
			expected < 0 ? TRANSFER_ABSENT : TRANSFER_DONE);
	g_assert_cmpint(kit_run(fixture->engine, fixture->remote, list), ==, TRANSFER_DONE);
	for (guint i = 0; list->items && i < list->items->len; i++) {
		const struct transfer_item *item = g_ptr_array_index(list->items, i);
		if (strcmp(item->key, ask->key) == 0)
			found = (gint64)item->size;
	}
	g_assert_cmpint(found, ==, expected);
}

static void make_link(const struct fixture *fixture, const char *text, const char *target)
{
	struct oid oid = kit_oid(text, strlen(text));
	g_autofree char *key = layout_key(&oid), *path = g_build_filename(fixture->root, key, NULL);
	g_autofree char *parent = g_path_get_dirname(path);
	g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
	g_assert_cmpint(symlink(target, path), ==, 0);
}

static void lists_what_links_lead_to(void)
{
	struct fixture fixture;
	if (!set_up(&fixture))
		return;
	g_autofree char *target = g_build_filename(fixture.root, "elsewhere", NULL);
	write_file(target, "linked text", 11);
	make_link(&fixture, "linked text", target);
	make_link(&fixture, "lost text", "nowhere");
	check_found(&fixture, "linked text", 11);
	check_found(&fixture, "lost text", -1);
	tear_down(&fixture);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	const struct server *sshd = server_get("sshd", NULL);
	/* its keys are known to this user alone */
	if (sshd)
		g_assert_true(g_setenv("HOME", server_value(sshd, "SSH_HOME"), TRUE));
	g_test_add_func("/sftp/goes-on-with-right-bytes", goes_on_with_right_bytes);
	g_test_add_func("/sftp/sends-wrong-bytes-anew", sends_wrong_bytes_anew);
	g_test_add_func("/sftp/lists-what-links-lead-to", lists_what_links_lead_to);
	return g_test_run();
}
