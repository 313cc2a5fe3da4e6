#include "../tap.h"

#include "base/error.h"
#include "format/pointer.h"

#define OLD "d41d8cd98f00b204e9800998ecf8427e"
#define NEW "0123456789abcdef0123456789abcdef"

static struct pointer *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct pointer *pointer = pointer_read(text, strlen(text), "x.dvc", &dialect_dvc, &error);

	g_assert_no_error(error);
	return pointer;
}

static struct entry *first(GPtrArray *entries)
{
	return g_ptr_array_index(entries, 0);
}

static void assert_text(const struct pointer *pointer, const char *wanted)
{
	size_t length;
	g_autofree char *text = pointer_write(pointer, &length);

	g_assert_cmpstr(text, ==, wanted);
	g_assert_cmpuint(length, ==, strlen(wanted));
}

static void fresh(void)
{
	autoptr(pointer) pointer = pointer_new(&dialect_dvc, "data.csv");
	struct entry *out = first(pointer->outs);

	oid_parse(&out->oid, OID_MD5, OLD, NULL);
	out->has_size = true;
	out->size = 12;
	assert_text(pointer, "outs:\n- md5: " OLD "\n  size: 12\n  hash: md5\n  path: data.csv\n");
	g_assert_false(pointer_is_import(pointer));
}

static void unchanged_text_stays(void)
{
	static const char *const texts[] = {
		"# c\nouts:\n  -  {path:   x,  md5: " OLD "}\n\n",
		"meta: {any: [1]}\ndesc: d\nwdir: ..\nouts:\n- path: x\n  md5: ''\n  remote: null\n  isexec: false\n",
		"deps:\n- path: d\n  md5: " OLD "\nouts: []\ncmd: echo\nalways_changed: true\nlocked: true\nmd5: " OLD "\n",
		"outs:\n- &a {path: x}\n- *a\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		autoptr(pointer) pointer = read_text(texts[i]);

		assert_text(pointer, texts[i]);
	}
}

static void a_2x_entry_gets_its_hash_last(void)
{
	autoptr(pointer) pointer = read_text("outs:\n- md5: " OLD "\n  size: 9\n  path: bin.dat # a comment\n");
	struct entry *out = first(pointer->outs);

	oid_parse(&out->oid, OID_MD5, NEW, NULL);
	out->size = 11;
	assert_text(pointer, "outs:\n- md5: " NEW "\n  size: 11\n  path: bin.dat # a comment\n  hash: md5\n");
}

static void digits_are_quoted(void)
{
	autoptr(pointer) pointer = read_text("outs:\n- md5: " OLD " # c\n  hash: md5\n  path: x\n");

	oid_parse(&first(pointer->outs)->oid, OID_MD5, "12345678901234567890123456789012", NULL);
	assert_text(pointer, "outs:\n- md5: '12345678901234567890123456789012' # c\n  hash: md5\n  path: x\n");
}

/* What cannot be edited in place is written anew, with the same values. */
static void aliases_are_written_out(void)
{
	autoptr(pointer) pointer = read_text("outs:\n- &a {path: x, md5: " OLD ", hash: md5}\n- *a\n");

	oid_parse(&first(pointer->outs)->oid, OID_MD5, NEW, NULL);
	assert_text(pointer, "outs:\n- md5: " NEW "\n  hash: md5\n  path: x\n- md5: " OLD "\n  hash: md5\n  path: x\n");
}

static void outputs_come_and_go(void)
{
	autoptr(pointer) pointer = read_text("outs:\n- path: a\n- path: b\n");

	g_ptr_array_remove_index(pointer->outs, 0);
	pointer->frozen = true;
	assert_text(pointer, "outs:\n- path: b\nfrozen: true\n");
}

/* The checksum is the one that DVC wrote for the same import. */
static void imports(void)
{
	static const char source[] = "md5: 106b9a24d19395d2c67338f5b873d5d8\n"
				     "frozen: true\n"
				     "deps:\n"
				     "- md5: 4af2f0b8022955a79e96c9f1fbec54b2\n"
				     "  size: 6\n"
				     "  hash: md5\n"
				     "  path: ../ext/file.txt\n"
				     "outs:\n"
				     "- md5: 4af2f0b8022955a79e96c9f1fbec54b2\n"
				     "  size: 6\n"
				     "  hash: md5\n"
				     "  path: url_file.txt\n";
	autoptr(pointer) pointer = read_text(source);
	struct entry *dep = first(pointer->deps), *out = first(pointer->outs);
	struct oid right = out->oid;

	g_assert_true(pointer_is_import(pointer));
	g_assert_false(pointer_is_repo_import(pointer));
	g_assert_true(pointer->frozen);
	dep->oid.digest[0] ^= 1;
	out->oid.digest[0] ^= 1;
	autoptr(pointer) changed = NULL;
	{
		size_t length;
		g_autofree char *text = pointer_write(pointer, &length);

		g_assert_null(strstr(text, "106b9a24d19395d2c67338f5b873d5d8"));
		changed = read_text(text);
	}
	first(changed->deps)->oid = right;
	first(changed->outs)->oid = right;
	assert_text(changed, source);
}

static void an_import_without_content_gets_its_checksum_last(void)
{
	autoptr(pointer) pointer = read_text("frozen: true\ndeps:\n- hash: md5\n  path: ../ext/file.txt\n"
					     "outs:\n- hash: md5\n  path: x\n");
	struct entry *dep = first(pointer->deps), *out = first(pointer->outs);
	size_t length;

	assert_text(pointer, pointer->doc->source);
	oid_parse(&dep->oid, OID_MD5, NEW, NULL);
	out->oid = dep->oid;
	g_autofree char *text = pointer_write(pointer, &length);
	g_assert_true(g_str_has_prefix(text, "frozen: true\ndeps:\n- hash: md5\n  path: ../ext/file.txt\n  md5: " NEW "\n"
					     "outs:\n- hash: md5\n  path: x\n  md5: " NEW "\nmd5: "));
}

static void repo_imports(void)
{
	autoptr(pointer) pointer = read_text("deps:\n- path: d\n  repo:\n    url: ../s\nouts:\n- path: x\n");

	g_assert_true(pointer_is_repo_import(pointer));
	g_assert_cmpstr(node_get_string(first(pointer->deps)->repo, "url"), ==, "../s");
}

static void refused(void)
{
	static const char *const texts[] = {"outs:\n- path: x\nstages: {}\n", "[]", "outs: x\n", "outs:\n- x\n",
					    "frozen: 1\n", "cmd: [[]]\n", "desc: 1\n", "outs:\n- path: x\n path: y\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(pointer_read(texts[i], strlen(texts[i]), "x.dvc", &dialect_dvc, &error));
		g_assert_true(error_is(error, ERROR_CORRUPT));
		g_assert_true(g_str_has_prefix(error->message, "x.dvc:"));
	}
}

static void commands_and_wdir(void)
{
	autoptr(pointer) pointer = read_text("cmd: [a, b]\nwdir: sub\n");

	g_assert_cmpstr(pointer->cmd, ==, "a\nb");
	g_assert_cmpstr(pointer->wdir, ==, "sub");
	g_assert_false(pointer_is_import(pointer));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/pointer/fresh", fresh);
	g_test_add_func("/pointer/unchanged_text_stays", unchanged_text_stays);
	g_test_add_func("/pointer/a_2x_entry_gets_its_hash_last", a_2x_entry_gets_its_hash_last);
	g_test_add_func("/pointer/digits_are_quoted", digits_are_quoted);
	g_test_add_func("/pointer/aliases_are_written_out", aliases_are_written_out);
	g_test_add_func("/pointer/outputs_come_and_go", outputs_come_and_go);
	g_test_add_func("/pointer/imports", imports);
	g_test_add_func("/pointer/an_import_without_content_gets_its_checksum_last",
			an_import_without_content_gets_its_checksum_last);
	g_test_add_func("/pointer/repo_imports", repo_imports);
	g_test_add_func("/pointer/refused", refused);
	g_test_add_func("/pointer/commands_and_wdir", commands_and_wdir);
	return g_test_run();
}
