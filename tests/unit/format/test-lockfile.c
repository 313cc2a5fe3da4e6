#include "../tap.h"

#include "base/error.h"
#include "format/lockfile.h"

#define OLD "d41d8cd98f00b204e9800998ecf8427e"
#define NEW "0123456789abcdef0123456789abcdef"

static struct lockfile *read_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct lockfile *lockfile = lockfile_read(text, strlen(text), "dvc.lock", &dialect_dvc, &error);

	g_assert_no_error(error);
	return lockfile;
}

static void assert_text(const struct lockfile *lockfile, const char *wanted)
{
	size_t length;
	g_autofree char *text = lockfile_write(lockfile, &length);

	g_assert_cmpstr(text, ==, wanted);
	g_assert_cmpuint(length, ==, strlen(wanted));
}

static const char two_stages[] = "schema: \"2.0\"  # odd quotes\n"
				 "stages:\n"
				 "  a:\n"
				 "    cmd: \"echo a\"  # kept\n"
				 "    outs:\n"
				 "    - path: x\n"
				 "      md5: " OLD "\n"
				 "  b:\n"
				 "    cmd: echo b\n"
				 "    deps:\n"
				 "    - path: x\n"
				 "      md5: " OLD "\n"
				 "      size: 0\n"
				 "    params:\n"
				 "      params.yaml:\n"
				 "        lr: 0.1\n";

static void unchanged_text_stays(void)
{
	autoptr(lockfile) lockfile = read_text(two_stages);
	const struct lockfile_stage *stage = lockfile_find(lockfile, "b");

	g_assert_cmpuint(lockfile->stages->len, ==, 2);
	g_assert_cmpstr(stage->cmd->text, ==, "echo b");
	g_assert_cmpuint(stage->deps->len, ==, 1);
	g_assert_nonnull(node_get(stage->params, "params.yaml"));
	g_assert_null(lockfile_find(lockfile, "c"));
	assert_text(lockfile, two_stages);
}

/* A stage that changed is written as a whole, in DVC's order; the other one keeps its bytes. */
static void a_changed_stage_is_replaced(void)
{
	autoptr(lockfile) lockfile = read_text(two_stages);
	struct entry *dep = g_ptr_array_index(lockfile_find(lockfile, "b")->deps, 0);

	oid_parse(&dep->oid, OID_MD5, NEW, NULL);
	dep->size = 5;
	assert_text(lockfile, "schema: \"2.0\"  # odd quotes\n"
			      "stages:\n"
			      "  a:\n"
			      "    cmd: \"echo a\"  # kept\n"
			      "    outs:\n"
			      "    - path: x\n"
			      "      md5: " OLD "\n"
			      "  b:\n"
			      "    cmd: echo b\n"
			      "    deps:\n"
			      "    - path: x\n"
			      "      hash: md5\n"
			      "      md5: " NEW "\n"
			      "      size: 5\n"
			      "    params:\n"
			      "      params.yaml:\n"
			      "        lr: 0.1\n");
}

static void stages_come_and_go(void)
{
	autoptr(doc) doc = doc_new();
	autoptr(lockfile) lockfile = read_text(two_stages);
	struct lockfile_stage *stage = lockfile_add(lockfile, "c@1");

	stage->cmd = node_string(doc, "echo c");
	g_assert_true(lockfile_remove(lockfile, "a"));
	g_assert_false(lockfile_remove(lockfile, "a"));
	assert_text(lockfile, "schema: \"2.0\"  # odd quotes\n"
			      "stages:\n"
			      "  b:\n"
			      "    cmd: echo b\n"
			      "    deps:\n"
			      "    - path: x\n"
			      "      md5: " OLD "\n"
			      "      size: 0\n"
			      "    params:\n"
			      "      params.yaml:\n"
			      "        lr: 0.1\n"
			      "  c@1:\n"
			      "    cmd: echo c\n");
	g_assert_true(lockfile_remove(lockfile, "b"));
	assert_text(lockfile, "schema: '2.0'\nstages:\n  c@1:\n    cmd: echo c\n");
}

static void fresh(void)
{
	autoptr(doc) doc = doc_new();
	autoptr(lockfile) lockfile = lockfile_new(&dialect_native);
	struct lockfile_stage *stage = lockfile_add(lockfile, "a");
	struct entry *out = entry_new("m.bin");

	stage->cmd = node_list(doc);
	node_append(doc, (struct node *)stage->cmd, node_string(doc, "true: 1"));
	g_ptr_array_add(stage->outs, out);
	oid_parse(&out->oid, OID_MD5, OLD, NULL);
	assert_text(lockfile, "schema: '2.0'\nstages:\n  a:\n    cmd:\n    - 'true: 1'\n"
			      "    outs:\n    - path: m.bin\n      hash: md5\n      md5: " OLD "\n");
}

static void an_empty_file_is_a_new_one(void)
{
	autoptr(lockfile) lockfile = read_text("");

	g_assert_cmpuint(lockfile->stages->len, ==, 0);
	lockfile_add(lockfile, "a")->cmd = NULL;
	assert_text(lockfile, "schema: '2.0'\nstages:\n  a: {}\n");
}

static void refused(void)
{
	static const char *const texts[][2] = {
		{"a:\n  cmd: x\n", "has no 'schema'"},
		{"schema: '3.0'\nstages: {}\n", "must be '2.0'"},
		{"schema: 2.0\nstages: {}\n", "'schema' must be a string"},
		{"schema: '2.0'\nextra: 1\n", "unknown key 'extra'"},
		{"schema: '2.0'\nstages:\n  a:\n    deps: []\n", "has no cmd"},
		{"schema: '2.0'\nstages:\n  a:\n    cmd: x\n    wdir: y\n", "unknown key 'wdir'"},
		{"schema: '2.0'\nstages:\n  a:\n    cmd: x\n    params: {p: 1}\n", "must be a map"},
		{"schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs: [{path: x, nope: 1}]\n", "unknown key 'nope'"},
		{"[]", "must be a map"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(lockfile_read(texts[i][0], strlen(texts[i][0]), "dvc.lock", &dialect_dvc, &error));
		g_assert_true(error_is(error, ERROR_CORRUPT));
		if (!strstr(error->message, texts[i][1]))
			g_error("%s: not in: %s", texts[i][1], error->message);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/lockfile/unchanged_text_stays", unchanged_text_stays);
	g_test_add_func("/lockfile/a_changed_stage_is_replaced", a_changed_stage_is_replaced);
	g_test_add_func("/lockfile/stages_come_and_go", stages_come_and_go);
	g_test_add_func("/lockfile/fresh", fresh);
	g_test_add_func("/lockfile/an_empty_file_is_a_new_one", an_empty_file_is_a_new_one);
	g_test_add_func("/lockfile/refused", refused);
	return g_test_run();
}
