/* record, stale: what a stage reads and what changes while it runs, or before it is recorded */
#include "pipeline-kit.h"

#include "pipeline/record.h"
#include "pipeline/run-cache.h"
#include "pipeline/stale.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Stages that run at the same time, for one test. */
struct runs {
	struct project *project;
	struct loaded loaded;
	struct facts *facts;
	struct record *record;
	GPtrArray *stages, *inputs;
};

static void begin(struct runs *runs, struct project *project)
{
	const struct record_options options = {.what = "test"};

	project_reopen(project);
	runs->project = project;
	kit_load(&runs->loaded, project);
	runs->facts = facts_new(project->ws);
	runs->record = record_begin(project->ws, runs->facts, &options);
	runs->stages = g_ptr_array_new();
	runs->inputs = g_ptr_array_new();
}

/* A stage begins. */
static void start(struct runs *runs, const char *address)
{
	const struct stage *stage = kit_stage(&runs->loaded, address);
	g_autoptr(GError) error = NULL;
	struct lockfile *inputs = record_inputs(runs->record, stage, &error);

	g_assert_no_error(error);
	g_ptr_array_add(runs->stages, (gpointer)stage);
	g_ptr_array_add(runs->inputs, inputs);
}

/* All of them have ended; they are not recorded yet. */
static void finish(struct runs *runs)
{
	for (guint i = 0; i < runs->stages->len; i++) {
		g_autoptr(GError) error = NULL;
		bool same;

		record_add(runs->record, runs->stages->pdata[i], runs->inputs->pdata[i], &same, &error);
		g_assert_no_error(error);
	}
}

static void end(struct runs *runs)
{
	g_autoptr(GError) error = NULL;

	record_flush(runs->record, &error);
	g_assert_no_error(error);
	g_ptr_array_unref(runs->stages);
	g_ptr_array_unref(runs->inputs);
	record_free(runs->record);
	facts_free(runs->facts);
	kit_unload(&runs->loaded);
}

/* The stage runs, and nothing changes. */
static void run(struct project *project, const char *address)
{
	struct runs runs;

	begin(&runs, project);
	start(&runs, address);
	finish(&runs);
	end(&runs);
}

/* Why a stage is not up to date, as its lock file says now, one reason a line. */
static void assert_told(struct project *project, const char *address, bool allow_missing, const char *expected)
{
	const struct stale_options options = {.allow_missing = allow_missing};
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) reasons = NULL;
	struct runs runs;
	const struct stage *stage;

	begin(&runs, project);
	stage = kit_stage(&runs.loaded, address);
	reasons = stale_reasons(stage, stage->lock, runs.facts, &options, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < reasons->len; i++) {
		g_autofree char *line = reason_text(reasons->pdata[i]);

		g_string_append_printf(text, "%s\n", line);
	}
	end(&runs);
	g_assert_cmpstr(text->str, ==, expected);
}

#define UNKNOWN(path) "what it read of '" path "' is not known: it changed while the stage ran\n"

/* Whether the run cache has a run of the stage with what it would read now. */
static bool is_remembered(struct project *project, const char *address)
{
	g_autoptr(GError) error = NULL;
	struct runs runs;
	bool found;

	begin(&runs, project);
	start(&runs, address);
	{
		autoptr(lockfile) inputs = runs.inputs->pdata[0];
		autoptr(lockfile) earlier =
			run_cache_find(project->ws, runs.stages->pdata[0], inputs->stages->pdata[0], true, &error);

		found = earlier;
	}
	g_assert_no_error(error);
	end(&runs);
	return found;
}

/* A pipeline of the project's dialect. */
static void write_pipeline(struct project *project, const char *text)
{
	project_write(project, project->ws->dialect->pipeline_name, text);
}

static char *read_lock(struct project *project)
{
	return project_read(project, project->ws->dialect->lock_name);
}

/* That the lock has an entry with this path, and whether it has an id. */
static void assert_entry(struct project *project, const char *path, bool whole)
{
	g_autofree char *lock = read_lock(project);
	const char *hash = oid_algo_name(project->ws->dialect->algo);
	g_autofree char *head = g_strdup_printf("    - path: %s\n      hash: %s\n", path, hash);
	const char *entry = strstr(lock, head);

	g_assert_nonnull(entry);
	g_assert_cmpint(g_str_has_prefix(entry + strlen(head), "      "), ==, whole);
}

static void write_two(struct project *project)
{
	write_pipeline(project, "stages:\n"
				"  a: {cmd: x, deps: [in, other], outs: [a.out]}\n"
				"  b: {cmd: y, deps: [other], outs: [b.out]}\n");
	project_write(project, "in", "1");
	project_write(project, "other", "o");
	project_write(project, "a.out", "a");
	project_write(project, "b.out", "b");
}

/* A file that was put back: nobody knows whether the stage read it before or after it was another. */
static void file(struct project *project, gconstpointer dialect)
{
	g_autofree char *before = NULL, *after = NULL;
	struct runs runs;

	(void)dialect;
	write_two(project);
	run(project, "b");
	before = read_lock(project);
	begin(&runs, project);
	start(&runs, "a");
	project_write(project, "in", "changed");
	finish(&runs);
	end(&runs);
	project_write(project, "in", "1");
	assert_entry(project, "in", false);
	assert_entry(project, "other", true);
	assert_entry(project, "a.out", true);
	assert_told(project, "a", false, UNKNOWN("in"));
	assert_told(project, "b", false, "");
	g_assert_false(is_remembered(project, "a"));
	after = read_lock(project);
	g_assert_true(g_str_has_prefix(after, before));
	run(project, "b");
	before = (g_free(before), read_lock(project));
	g_assert_cmpstr(before, ==, after);
	run(project, "a");
	assert_entry(project, "in", true);
	assert_told(project, "a", false, "");
	g_assert_true(is_remembered(project, "a"));
}

/* To be touched, or written with what it had, is no change; and to be gone is one that --allow-missing does not excuse. */
static void file_gone(struct project *project, gconstpointer dialect)
{
	struct runs runs;

	(void)dialect;
	write_two(project);
	begin(&runs, project);
	start(&runs, "a");
	project_delete(project, "in");
	project_write(project, "other", "o");
	finish(&runs);
	end(&runs);
	assert_entry(project, "in", false);
	assert_entry(project, "other", true);
	assert_told(project, "a", false, "'in' is missing\n");
	assert_told(project, "a", true, UNKNOWN("in"));
	project_write(project, "in", "1");
	run(project, "a");
	project_delete(project, "in");
	assert_told(project, "a", true, "");
}

/* What a link leads to counts. */
static void behind_link(struct project *project, gconstpointer dialect)
{
	g_autofree char *one = path_join(project->root, "in"), *two = path_join(project->root, "other");
	struct runs runs;

	(void)dialect;
	write_two(project);
	project_write(project, "real", "1");
	project_write(project, "folder/x", "1");
	project_delete(project, "in");
	project_delete(project, "other");
	g_assert_cmpint(symlink("real", one), ==, 0);
	g_assert_cmpint(symlink("folder", two), ==, 0);
	begin(&runs, project);
	start(&runs, "a");
	project_write(project, "real", "2");
	project_write(project, "folder/x", "2");
	finish(&runs);
	end(&runs);
	assert_told(project, "a", false, UNKNOWN("in") UNKNOWN("other"));
}

static void parameters(struct project *project, gconstpointer dialect)
{
	g_autofree char *lock = NULL;
	struct runs runs;

	(void)dialect;
	write_pipeline(project, "stages:\n"
				"  a:\n"
				"    cmd: x\n"
				"    params: [k, broken.json: [k], whole.yaml: null, gone.yaml: [k], same.yaml: [k], empty.yaml: null]\n"
				"    outs: [a.out]\n");
	project_write(project, "params.yaml", "k: 1\n");
	project_write(project, "broken.json", "{\"k\": 1}");
	project_write(project, "whole.yaml", "k: 1\n");
	project_write(project, "gone.yaml", "k: 1\n");
	project_write(project, "same.yaml", "k: 1\n");
	project_write(project, "empty.yaml", "{}\n");
	project_write(project, "a.out", "a");
	begin(&runs, project);
	start(&runs, "a");
	project_write(project, "params.yaml", "k: 2\n");
	project_write(project, "whole.yaml", "k: 1\nnew: 1\n");
	project_delete(project, "gone.yaml");
	project_write(project, "same.yaml", "k: 1\nnew: 1\n");
	finish(&runs);
	end(&runs);
	lock = read_lock(project);
	g_assert_nonnull(strstr(lock, "      params.yaml: {}\n"));
	g_assert_nonnull(strstr(lock, "      broken.json:\n        k: 1\n"));
	g_assert_nonnull(strstr(lock, "      same.yaml:\n        k: 1\n"));
	assert_told(project, "a", true,
		    UNKNOWN("params.yaml") "the parameters of 'empty.yaml' are not recorded yet\n" UNKNOWN("gone.yaml")
			    UNKNOWN("whole.yaml"));
	project_write(project, "params.yaml", "k: 1\n");
	project_write(project, "whole.yaml", "k: 1\n");
	project_write(project, "gone.yaml", "k: 1\n");
	g_assert_false(is_remembered(project, "a"));
	assert_told(project, "a", false,
		    UNKNOWN("params.yaml") "the parameters of 'empty.yaml' are not recorded yet\n" UNKNOWN("gone.yaml")
			    UNKNOWN("whole.yaml"));
	run(project, "a");
	assert_told(project, "a", false, "the parameters of 'empty.yaml' are not recorded yet\n");
	begin(&runs, project);
	start(&runs, "a");
	project_write(project, "broken.json", "{");
	finish(&runs);
	end(&runs);
	project_write(project, "broken.json", "{\"k\": 1}");
	assert_told(project, "a", false,
		    UNKNOWN("broken.json") "the parameters of 'empty.yaml' are not recorded yet\n");
}

/* A file that had no parameters when the stage began. */
static void no_parameters(struct project *project, gconstpointer dialect)
{
	struct runs runs;

	(void)dialect;
	write_pipeline(project, "stages:\n  a: {cmd: x, params: [empty.yaml: null], outs: [a.out]}\n");
	project_write(project, "empty.yaml", "{}\n");
	project_write(project, "a.out", "a");
	begin(&runs, project);
	start(&runs, "a");
	project_write(project, "empty.yaml", "k: 1\n");
	finish(&runs);
	end(&runs);
	assert_told(project, "a", false, UNKNOWN("empty.yaml"));
	project_write(project, "empty.yaml", "{}\n");
	g_assert_false(is_remembered(project, "a"));
	run(project, "a");
	g_assert_true(is_remembered(project, "a"));
}

static void write_folders(struct project *project)
{
	write_pipeline(project, "stages:\n"
				"  a: {cmd: x, deps: [dir], outs: [a.out]}\n"
				"  b: {cmd: y, deps: [dir/sub, other], outs: [b.out]}\n"
				"  c: {cmd: z, deps: [dir/sub, dir/one], outs: [c.out]}\n");
	project_write(project, "dir/one", "1");
	project_write(project, "dir/sub/two", "2");
	project_write(project, "other/three", "3");
	project_write(project, "a.out", "a");
	project_write(project, "b.out", "b");
	project_write(project, "c.out", "c");
}

/* A file in a folder changes while stages run: those that read it are told from those that do not. */
static void folder(struct project *project, gconstpointer dialect)
{
	struct runs runs;

	(void)dialect;
	write_folders(project);
	begin(&runs, project);
	start(&runs, "a");
	start(&runs, "b");
	start(&runs, "c");
	project_write(project, "dir/one", "changed");
	finish(&runs);
	end(&runs);
	project_write(project, "dir/one", "1");
	assert_entry(project, "dir", false);
	assert_entry(project, "dir/sub", true);
	assert_told(project, "a", false, UNKNOWN("dir"));
	assert_told(project, "b", false, "");
	assert_told(project, "c", false, UNKNOWN("dir/one"));
	g_assert_false(is_remembered(project, "a"));
	g_assert_true(is_remembered(project, "b"));
	run(project, "a");
	assert_told(project, "a", false, "");
	g_assert_true(is_remembered(project, "a"));
}

/* The same for a change after the stage has ended, new files, and folders that are gone. */
static void folder_since(struct project *project, gconstpointer dialect)
{
	struct runs runs;

	(void)dialect;
	write_folders(project);
	begin(&runs, project);
	start(&runs, "a");
	start(&runs, "b");
	finish(&runs);
	project_write(project, "dir/new", "n");
	project_delete(project, "other");
	end(&runs);
	assert_told(project, "a", false, UNKNOWN("dir"));
	assert_told(project, "b", false, "'other' is missing\n");
	assert_told(project, "b", true, UNKNOWN("other"));
}

/* What another stage made in a folder, before the one that reads it began, is no change; nor are links in its place. */
static void folder_of_others(struct project *project, gconstpointer dialect)
{
	g_autoptr(GError) error = NULL;
	struct runs runs;

	(void)dialect;
	kit_git(project->dir, "config", "mlv.links", "hardlink");
	write_pipeline(project, "stages:\n"
				"  make: {cmd: x, deps: [in], outs: [dir/made]}\n"
				"  fill: {cmd: x, deps: [in], outs: [whole]}\n"
				"  read: {cmd: y, deps: [dir, whole], outs: [out]}\n"
				"  file: {cmd: y, deps: [in, whole/x], outs: [out2]}\n");
	project_write(project, "in", "1");
	project_write(project, "dir/source", "s");
	project_write(project, "dir/made", "m");
	project_write(project, "whole/x", "x");
	project_write(project, "out", "o");
	project_write(project, "out2", "o");
	begin(&runs, project);
	start(&runs, "make");
	start(&runs, "fill");
	finish(&runs);
	g_ptr_array_set_size(runs.stages, 0);
	g_ptr_array_set_size(runs.inputs, 0);
	/* The flush puts a .gitignore there. */
	g_assert_true(record_concerns(runs.record, kit_stage(&runs.loaded, "read")));
	g_assert_false(record_concerns(runs.record, kit_stage(&runs.loaded, "file")));
	record_flush(runs.record, &error);
	g_assert_no_error(error);
	g_assert_true(project_has(project, "dir/.gitignore"));
	g_assert_false(record_concerns(runs.record, kit_stage(&runs.loaded, "read")));
	start(&runs, "read");
	finish(&runs);
	end(&runs);
	assert_told(project, "read", false, "");
	g_assert_true(is_remembered(project, "read"));
}

static void outside(struct project *project, gconstpointer dialect)
{
	struct runs runs;

	(void)dialect;
	project_enter(project, "inner");
	write_pipeline(project, "stages:\n  a: {cmd: x, deps: [../ext, ../dir, ../same], outs: [a.out]}\n");
	project_write(project, "../ext", "1");
	project_write(project, "../dir/x", "1");
	project_write(project, "../same", "1");
	project_write(project, "a.out", "a");
	begin(&runs, project);
	start(&runs, "a");
	project_write(project, "../ext", "2");
	project_write(project, "../dir/x", "2");
	finish(&runs);
	end(&runs);
	assert_entry(project, "../ext", false);
	assert_entry(project, "../dir", false);
	assert_entry(project, "../same", true);
	project_write(project, "../ext", "1");
	project_write(project, "../dir/x", "1");
	g_assert_false(is_remembered(project, "a"));
	run(project, "a");
	assert_told(project, "a", false, "");
	g_assert_true(is_remembered(project, "a"));
}

/* Entries that are a path and nothing else, as DVC's schema allows, mean the same, and stay as they are. */
static void path_alone(struct project *project, gconstpointer dialect)
{
	static const char lock[] = "schema: '2.0'\nstages:\n  b:\n    cmd: y\n    deps:\n    - path: other\n"
				   "    outs:\n    - path: b.out\n";
	g_autofree char *text = NULL;

	(void)dialect;
	write_two(project);
	project_write(project, project->ws->dialect->lock_name, lock);
	assert_told(project, "b", false, UNKNOWN("other") "output 'b.out' is not recorded yet\n");
	run(project, "a");
	text = read_lock(project);
	g_assert_true(g_str_has_prefix(text, lock));
	run(project, "b");
	assert_told(project, "b", false, "");
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
#define ADD(path, test)                                                                                                   \
	g_test_add("/record/native/" path, struct project, &dialect_native, project_set_up, test, project_tear_down);     \
	g_test_add("/record/dvc/" path, struct project, &dialect_dvc, project_set_up, test, project_tear_down)
	ADD("file", file);
	ADD("file-gone", file_gone);
	ADD("behind-link", behind_link);
	ADD("parameters", parameters);
	ADD("no-parameters", no_parameters);
	ADD("folder", folder);
	ADD("folder-since", folder_since);
	ADD("folder-of-others", folder_of_others);
	ADD("outside", outside);
	ADD("path-alone", path_alone);
	return g_test_run();
}
