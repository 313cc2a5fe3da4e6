#include "../tap.h"
#include "base/file.h"
#include "hash/digest.h"
#include "sync/hints.h"

#include <string.h>

static struct oid oid_of(const char *text)
{
	struct oid oid;
	digest_bytes(text, strlen(text), OID_SHA256, &oid);
	oid.dir = 1;
	return oid;
}

static struct remote_spec *spec_of(const char *url, const char *endpoint)
{
	struct remote_spec *spec = remote_spec_new("r", url);
	if (endpoint)
		g_hash_table_insert(spec->options, g_strdup("endpointurl"), g_strdup(endpoint));
	return spec;
}

static void remembers_the_latest_first(void)
{
	autoptr(remote_spec) spec = spec_of("s3://bucket", NULL);
	autoptr(remote_spec) other = spec_of("s3://other", NULL);
	autoptr(remote_spec) elsewhere = spec_of("s3://bucket", "http://localhost");
	struct oid a = oid_of("a"), b = oid_of("b"), c = oid_of("c");
	struct hints *hints = hints_load("state/remotes", spec);
	g_assert_cmpuint(hints_count(hints), ==, 0);
	hints_note(hints, &a, "folder");
	hints_note(hints, &b, "odd \"name\"\nwith a line");
	hints_note(hints, &c, "folder");
	hints_note(hints, &a, "folder");
	hints_drop(hints, &c);
	hints_free(hints);

	hints = hints_load("state/remotes", spec);
	g_assert_cmpuint(hints_count(hints), ==, 2);
	g_assert_true(oid_equal(&hints_get(hints, 0)->oid, &a));
	g_assert_true(oid_equal(&hints_get(hints, 1)->oid, &b));
	g_assert_cmpstr(hints_get(hints, 1)->path, ==, "odd \"name\"\nwith a line");
	hints_free(hints);

	hints = hints_load("state/remotes", other);
	g_assert_cmpuint(hints_count(hints), ==, 0);
	hints_free(hints);
	hints = hints_load("state/remotes", elsewhere);
	g_assert_cmpuint(hints_count(hints), ==, 0);
	hints_free(hints);
}

static void remembers_use(void)
{
	autoptr(remote_spec) spec = spec_of("s3://used", NULL);
	struct oid a = oid_of("a");
	struct hints *hints = hints_load("use/remotes", spec);
	g_assert_false(hints_has_use(hints));
	hints_free(hints);
	hints = hints_load("use/remotes", spec);
	g_assert_false(hints_has_use(hints)); /* looking is no use */
	hints_note_use(hints);
	hints_free(hints);
	hints = hints_load("use/remotes", spec);
	g_assert_true(hints_has_use(hints));
	g_assert_cmpuint(hints_count(hints), ==, 0);
	hints_note(hints, &a, "folder");
	hints_drop(hints, &a);
	hints_free(hints);
	hints = hints_load("use/remotes", spec);
	g_assert_true(hints_has_use(hints));
	hints_free(hints);
}

static void is_bounded(void)
{
	autoptr(remote_spec) spec = spec_of("s3://many", NULL);
	struct hints *hints = hints_load("state/remotes", spec);
	for (unsigned i = 0; i < 3 * HINTS_MAX; i++) {
		g_autofree char *text = g_strdup_printf("%u", i);
		struct oid oid = oid_of(text);
		hints_note(hints, &oid, text);
	}
	hints_free(hints);
	hints = hints_load("state/remotes", spec);
	g_assert_cmpuint(hints_count(hints), ==, HINTS_MAX);
	g_assert_cmpstr(hints_get(hints, 0)->path, ==, "191");
	hints_free(hints);
}

/* The only file in a directory. New string. */
static char *only_file(const char *dir)
{
	g_autoptr(GDir) opened = g_dir_open(dir, 0, NULL);
	return g_build_filename(dir, g_dir_read_name(opened), NULL);
}

static void ignores_what_it_cannot_read(void)
{
	static const char *const texts[] = {
		"",
		"something else\n",
		"mlv-remote-hints 2\nsha256 00 x\n",
		"mlv-remote-hints 1\nsha256 0011 x\nsha1 00.dir x\n\n \n",
		"mlv-remote-hints 1\nmd5 d41d8cd98f00b204e9800998ecf8427e a file is no hint\n",
		"mlv-remote-hints 1\nmd5 d41d8cd98f00b204e9800998ecf8427e.dir \"no end\n",
	};
	autoptr(remote_spec) spec = spec_of("s3://broken", NULL);
	struct oid a = oid_of("a");
	struct hints *hints = hints_load("broken", spec);
	hints_note(hints, &a, "folder");
	hints_free(hints);
	g_autofree char *file = only_file("broken");
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_true(file_replace(file, texts[i], strlen(texts[i]), 0600, &error));
		hints = hints_load("broken", spec);
		g_assert_cmpuint(hints_count(hints), ==, 0);
		hints_note(hints, &a, "folder");
		hints_free(hints);
		hints = hints_load("broken", spec);
		g_assert_cmpuint(hints_count(hints), ==, 1);
		hints_free(hints);
	}
}

static void nowhere_is_fine(void)
{
	autoptr(remote_spec) spec = spec_of("s3://bucket", NULL);
	struct oid a = oid_of("a");
	g_assert_true(g_file_set_contents("file", "x", 1, NULL));
	const char *const dirs[] = {NULL, "file/remotes"};
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
		struct hints *hints = hints_load(dirs[i], spec);
		hints_note(hints, &a, "folder");
		g_assert_cmpuint(hints_count(hints), ==, 1);
		hints_free(hints);
	}
	hints_free(NULL);
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/hints/remembers-the-latest-first", remembers_the_latest_first);
	g_test_add_func("/hints/remembers-use", remembers_use);
	g_test_add_func("/hints/is-bounded", is_bounded);
	g_test_add_func("/hints/ignores-what-it-cannot-read", ignores_what_it_cannot_read);
	g_test_add_func("/hints/nowhere-is-fine", nowhere_is_fine);
	return g_test_run();
}
