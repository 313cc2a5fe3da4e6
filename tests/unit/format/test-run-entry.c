#include "../tap.h"

#include "base/error.h"
#include "fixture.h"
#include "format/run-entry.h"

/* A stage whose parameters have names of every kind; size and nfiles stand where they count and where they do not. */
#define INPUTS                                          \
	"cmd: cp in.txt out\n"                          \
	"deps:\n"                                       \
	"- path: in.txt\n"                              \
	"  hash: md5\n"                                 \
	"  md5: c193497a1a06b2c72230e6146ff47080\n"     \
	"  size: 4\n"                                   \
	"params:\n"                                     \
	"  params.yaml:\n"                              \
	"    lr: 1e-05\n"                               \
	"    size: 3\n"                                 \
	"    ü: true\n"
#define OUTPUTS                                         \
	"outs:\n"                                       \
	"- path: out\n"                                 \
	"  hash: md5\n"                                 \
	"  md5: c193497a1a06b2c72230e6146ff47080\n"     \
	"  size: 4\n"

/* Python's sha256(json.dumps(…, sort_keys=True)) of that without sizes, with the path and with the entry of the output. */
#define KEY "96803029fc64fe67791d2f68aa0b45495517dbbaa683f6cd295b94688c577ed0"
#define VALUE "ef589bb895d9298e0e6109649e76d96fcb445e761d83440e1b285293d3d483aa"

static struct lockfile *read_ok(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct lockfile *lockfile = run_entry_read(text, strlen(text), "entry", "train", &dialect_dvc, &error);

	g_assert_no_error(error);
	return lockfile;
}

static void assert_refused(const char *text, const char *part)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(run_entry_read(text, strlen(text), "entry", "train", &dialect_dvc, &error));
	g_assert_true(error_is(error, ERROR_CORRUPT));
	g_assert_nonnull(strstr(error->message, part));
}

static void names(void)
{
	autoptr(lockfile) lockfile = read_ok(INPUTS OUTPUTS);
	const struct lockfile_stage *entry = lockfile_find(lockfile, "train");
	g_autofree char *again = NULL;
	char text[RUN_ENTRY_HEX + 1];
	size_t length;

	run_entry_key(entry, &dialect_dvc, false, text);
	g_assert_cmpstr(text, ==, KEY);
	run_entry_key(entry, &dialect_dvc, true, text);
	g_assert_cmpstr(text, ==, VALUE);
	again = run_entry_write(entry, &dialect_dvc, &length);
	g_assert_cmpstr(again, ==, INPUTS OUTPUTS);
	g_assert_cmpuint(length, ==, strlen(again));
}

/* The trap of DVC's keys: another parameter that is called size gives the same key. The full text of the inputs differs. */
static void sizes_count_in_full(void)
{
	autoptr(lockfile) a = read_ok("cmd: x\nparams:\n  p.yaml:\n    size: 1\n    m: {a: 1, b: 2}\n" OUTPUTS);
	autoptr(lockfile) b = read_ok("cmd: x\nparams:\n  p.yaml:\n    size: 2\n    m: {a: 1, b: 2}\n" OUTPUTS);
	autoptr(lockfile) c = read_ok("cmd: x\nparams:\n  p.yaml:\n    m: {b: 2, a: 1}\n    size: 1\n" OUTPUTS);
	g_autofree char *in_a = run_entry_inputs(lockfile_find(a, "train"), &dialect_dvc);
	g_autofree char *in_b = run_entry_inputs(lockfile_find(b, "train"), &dialect_dvc);
	g_autofree char *in_c = run_entry_inputs(lockfile_find(c, "train"), &dialect_dvc);
	char key_a[RUN_ENTRY_HEX + 1], key_b[RUN_ENTRY_HEX + 1];

	run_entry_key(lockfile_find(a, "train"), &dialect_dvc, false, key_a);
	run_entry_key(lockfile_find(b, "train"), &dialect_dvc, false, key_b);
	g_assert_cmpstr(key_a, ==, key_b);
	g_assert_cmpstr(in_a, !=, in_b);
	g_assert_cmpstr(in_a, ==, in_c);
}

static void refusals(void)
{
	assert_refused("", "cmd");
	assert_refused("- 1\n", "a stage");
	assert_refused("cmd: x\nouts:\n- path: a\n  md5: zz\n", "md5");
	assert_refused("cmd: x\n", "no outputs");
	assert_refused("cmd: x\nouts:\n- path: a\n", "without a hash");
	assert_refused("cmd: x\nevil: 1\n" OUTPUTS, "evil");
	assert_refused("cmd: x\nouts: [{path: a", "entry:");
}

/* Entries that DVC wrote: their names follow from what they say, and they are written again byte for byte. */
static void from_dvc(void)
{
	g_autofree char *project = fixture_unpack("12-runcache", NULL), *list = NULL, *command = NULL;
	g_auto(GStrv) paths = NULL;

	if (!project)
		return;
	command = g_strdup_printf("find %s/.dvc/cache/runs -type f", project);
	g_assert_true(g_spawn_command_line_sync(command, &list, NULL, NULL, NULL));
	paths = g_strsplit(g_strchomp(list), "\n", -1);
	g_assert_cmpuint(g_strv_length(paths), ==, 6);
	for (char **path = paths; *path; path++) {
		size_t length, again_length;
		g_autofree char *text = fixture_read(".", *path, &length), *again = NULL, *folder = NULL;
		autoptr(lockfile) lockfile = read_ok(text);
		const struct lockfile_stage *entry = lockfile_find(lockfile, "train");
		char name[RUN_ENTRY_HEX + 1];

		run_entry_key(entry, &dialect_dvc, true, name);
		g_assert_cmpstr(name, ==, path_base(*path));
		run_entry_key(entry, &dialect_dvc, false, name);
		folder = path_parent(*path);
		g_assert_cmpstr(name, ==, path_base(folder));
		again = run_entry_write(entry, &dialect_dvc, &again_length);
		g_assert_cmpmem(text, length, again, again_length);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/run-entry/names", names);
	g_test_add_func("/run-entry/sizes-count-in-full", sizes_count_in_full);
	g_test_add_func("/run-entry/refusals", refusals);
	g_test_add_func("/run-entry/from-dvc", from_dvc);
	return g_test_run();
}
