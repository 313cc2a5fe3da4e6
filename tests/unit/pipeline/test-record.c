#include "pipeline-kit.h"

#include "base/cancel.h"
#include "hash/digest.h"
#include "pipeline/record.h"
#include "pipeline/run-cache.h"
#include "pipeline/stale.h"

#include <sys/stat.h>

/* All that recording needs, for one test. */
struct recording {
	struct loaded loaded;
	struct facts *facts;
	struct record *record;
};

static void begin(struct recording *recording, struct project *project, const struct record_options *options)
{
	const struct record_options usual = {.what = "test"};

	kit_load(&recording->loaded, project);
	recording->facts = facts_new(project->ws);
	recording->record = record_begin(project->ws, recording->facts, options ? options : &usual);
}

static void end(struct recording *recording)
{
	record_free(recording->record);
	facts_free(recording->facts);
	kit_unload(&recording->loaded);
}

static struct lockfile *inputs_ok(struct recording *recording, const char *address)
{
	g_autoptr(GError) error = NULL;
	struct lockfile *inputs = record_inputs(recording->record, kit_stage(&recording->loaded, address), &error);

	g_assert_no_error(error);
	return inputs;
}

/* The stage, whose outputs the test has written, ran well; whether they are the same as before. */
static bool add_ok(struct recording *recording, const char *address, struct lockfile *inputs)
{
	g_autoptr(GError) error = NULL;
	bool same = false;

	record_add(recording->record, kit_stage(&recording->loaded, address), inputs, &same, &error);
	g_assert_no_error(error);
	return same;
}

static void flush_ok(struct recording *recording)
{
	g_autoptr(GError) error = NULL;

	record_flush(recording->record, &error);
	g_assert_no_error(error);
}

/* Record a stage as if it had run and left what is there. */
static void record_now(struct project *project, const char *address)
{
	struct recording recording;

	begin(&recording, project, NULL);
	add_ok(&recording, address, inputs_ok(&recording, address));
	flush_ok(&recording);
	end(&recording);
}

static void assert_in_store(struct project *project, const char *text, bool there)
{
	struct oid oid;

	digest_bytes(text, strlen(text), project->ws->dialect->algo, &oid);
	g_assert_cmpint(store_has(workspace_store(project->ws, NULL), &oid, strlen(text)), ==, there);
}

#define ONE                                        \
	"stages:\n"                                \
	"  train:\n"                               \
	"    cmd: ./train\n"                       \
	"    deps: [z.csv, dir]\n"                 \
	"    params: [lr, other.json: [a.b]]\n"    \
	"    outs: [model, adir]\n"                \
	"    metrics:\n"                           \
	"    - m.json: {cache: false}\n"

static void make_one(struct project *project, const char *pipeline)
{
	project_write(project, pipeline, ONE);
	project_write(project, "z.csv", "z\n");
	project_write(project, "dir/1", "one\n");
	project_write(project, "params.yaml", "lr: 0.001\nother: 1\n");
	project_write(project, "other.json", "{\"a\": {\"b\": [1, 2]}}");
	project_write(project, "model", "model\n");
	project_write(project, "adir/x", "x\n");
	project_write(project, "m.json", "{}");
}

/* DVC's own words for this stage. */
static const char one_lock[] =
	"schema: '2.0'\n"
	"stages:\n"
	"  train:\n"
	"    cmd: ./train\n"
	"    deps:\n"
	"    - path: dir\n"
	"      hash: md5\n"
	"      md5: 571d80b3b484413a539a40fea0823350.dir\n"
	"      size: 4\n"
	"      nfiles: 1\n"
	"    - path: z.csv\n"
	"      hash: md5\n"
	"      md5: a8a78d0ff555c931f045b6f448129846\n"
	"      size: 2\n"
	"    params:\n"
	"      params.yaml:\n"
	"        lr: 0.001\n"
	"      other.json:\n"
	"        a.b:\n"
	"        - 1\n"
	"        - 2\n"
	"    outs:\n"
	"    - path: adir\n"
	"      hash: md5\n"
	"      md5: 3bf3fa1ca4277e87b5193c2612d8eb3c.dir\n"
	"      size: 2\n"
	"      nfiles: 1\n"
	"    - path: m.json\n"
	"      hash: md5\n"
	"      md5: 99914b932bd37a50b983c5e7c90ae93b\n"
	"      size: 2\n"
	"    - path: model\n"
	"      hash: md5\n"
	"      md5: 458d5f1afc81ae7291a7aaad852dc12a\n"
	"      size: 6\n"
	"      isexec: true\n";

static void lock_as_dvc(struct project *project, gconstpointer dialect)
{
	g_autofree char *exec = path_join(project->root, "model");
	const GPtrArray *touched;
	struct recording recording;
	struct stat st;
	int64_t since;

	(void)dialect;
	make_one(project, "dvc.yaml");
	g_assert_cmpint(chmod(exec, 0755), ==, 0);
	begin(&recording, project, NULL);
	g_assert_null(record_entry(recording.record, kit_stage(&recording.loaded, "train")));
	g_assert_false(add_ok(&recording, "train", inputs_ok(&recording, "train")));
	g_assert_cmpuint(record_pending(recording.record, &since), ==, 1);
	g_assert_cmpint(since, >, 0);
	g_assert_false(project_has(project, "dvc.lock"));
	flush_ok(&recording);
	g_assert_cmpuint(record_pending(recording.record, &since), ==, 0);
	g_assert_cmpint(since, ==, 0);
	g_assert_nonnull(record_entry(recording.record, kit_stage(&recording.loaded, "train")));
	project_assert(project, "dvc.lock", one_lock);
	project_assert(project, ".gitignore", "/model\n/adir\n");
	touched = record_touched(recording.record);
	g_assert_cmpuint(touched->len, ==, 2);
	end(&recording);
	assert_in_store(project, "model\n", true);
	assert_in_store(project, "x\n", true);
	assert_in_store(project, "{}", true);
	g_assert_cmpint(stat(exec, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0111, !=, 0);
}

/* Native projects have the same layout with their own hash; a link is placed where the settings ask for one. */
static void links(struct project *project, gconstpointer dialect)
{
	g_autofree char *model = NULL, *text = NULL;
	struct stat st;

	(void)dialect;
	kit_git(project->dir, "config", "mlv.links", "hardlink");
	make_one(project, "mlv.yaml");
	project_reopen(project);
	record_now(project, "train");
	text = project_read(project, "mlv.lock");
	g_assert_nonnull(strstr(text, "      hash: sha256\n      sha256: "));
	model = path_join(project->root, "model");
	g_assert_cmpint(lstat(model, &st), ==, 0);
	g_assert_cmpuint(st.st_nlink, ==, 2);
	model = (g_free(model), path_join(project->root, "m.json"));
	g_assert_cmpint(lstat(model, &st), ==, 0);
	g_assert_cmpuint(st.st_nlink, ==, 1);
}

#define TWO                             \
	"stages:\n"                     \
	"  a: {cmd: x, deps: [in], outs: [a.out]}\n" \
	"  b: {cmd: x, deps: [a.out], outs: [b.out]}\n"

static void make_two(struct project *project)
{
	project_write(project, "dvc.yaml", TWO);
	project_write(project, "in", "in\n");
	project_write(project, "a.out", "a\n");
	project_write(project, "b.out", "b\n");
}

/* What others wrote into the lock file meanwhile stays, and so do the bytes of what says the same already. */
static void merges(struct project *project, gconstpointer dialect)
{
	static const char theirs[] = "# mine\n"
				     "schema: '2.0'\n"
				     "stages:\n"
				     "  z:\n"
				     "    cmd: \"z\"   # odd\n"
				     "  a: {cmd: x, outs: [{size: 2, path: a.out, hash: md5,\n"
				     "    md5: 60b725f10c9c85c70d97880dfe8191b3}],\n"
				     "    deps: [{path: in, hash: md5, md5: ba8d2b9408ed255ee92a112fe7ba59be, size: 3}]}\n";
	struct recording recording;
	g_autofree char *text = NULL;

	(void)dialect;
	make_two(project);
	begin(&recording, project, NULL);
	add_ok(&recording, "a", inputs_ok(&recording, "a"));
	add_ok(&recording, "b", inputs_ok(&recording, "b"));
	project_write(project, "dvc.lock", theirs);
	flush_ok(&recording);
	end(&recording);
	text = project_read(project, "dvc.lock");
	g_assert_true(g_str_has_prefix(text, theirs));
	g_assert_true(g_str_has_prefix(text + strlen(theirs), "  b:\n    cmd: x\n    deps:\n    - path: a.out\n"));
	record_now(project, "b");
	project_assert(project, "dvc.lock", text);
}

static void early_cut_off(struct project *project, gconstpointer dialect)
{
	struct recording recording;

	(void)dialect;
	make_two(project);
	record_now(project, "a");
	project_write(project, "in", "other\n");
	begin(&recording, project, NULL);
	g_assert_true(add_ok(&recording, "a", inputs_ok(&recording, "a")));
	project_write(project, "a.out", "other\n");
	g_assert_false(add_ok(&recording, "a", inputs_ok(&recording, "a")));
	flush_ok(&recording);
	end(&recording);
	assert_in_store(project, "other\n", true);
}

/* Everything that is missing is named at once. */
static void missing(struct project *project, gconstpointer dialect)
{
	g_autoptr(GError) error = NULL;
	struct recording recording;
	struct lockfile *inputs;
	bool same;

	(void)dialect;
	make_one(project, "dvc.yaml");
	begin(&recording, project, NULL);
	inputs = inputs_ok(&recording, "train");
	project_delete(project, "model");
	project_delete(project, "adir");
	g_assert_false(
		record_add(recording.record, kit_stage(&recording.loaded, "train"), inputs, &same, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_cmpstr(error->message, ==, "the stage train did not make 'model', 'adir'");
	g_clear_error(&error);
	end(&recording);
	project_delete(project, "z.csv");
	project_delete(project, "other.json");
	project_write(project, "params.yaml", "{}");
	begin(&recording, project, NULL);
	g_assert_null(record_inputs(recording.record, kit_stage(&recording.loaded, "train"), &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_nonnull(strstr(error->message, "'z.csv' does not exist"));
	g_assert_nonnull(strstr(error->message, "'params.yaml' has no parameter lr"));
	g_assert_nonnull(strstr(error->message, "'other.json' does not exist"));
	end(&recording);
}

/* Of two stages the one whose output was changed before the flush is not recorded; the other is. */
static void spoilt(struct project *project, gconstpointer dialect)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	struct recording recording;

	(void)dialect;
	make_two(project);
	begin(&recording, project, NULL);
	add_ok(&recording, "a", inputs_ok(&recording, "a"));
	add_ok(&recording, "b", inputs_ok(&recording, "b"));
	project_write(project, "a.out", "spoilt\n");
	g_assert_false(record_flush(recording.record, &error));
	g_assert_nonnull(strstr(error->message, "'a.out' was changed after the stage a had made it"));
	g_assert_null(record_entry(recording.record, kit_stage(&recording.loaded, "a")));
	g_assert_nonnull(record_entry(recording.record, kit_stage(&recording.loaded, "b")));
	end(&recording);
	text = project_read(project, "dvc.lock");
	g_assert_null(strstr(text, "  a:\n"));
	g_assert_nonnull(strstr(text, "  b:\n"));
}

static void no_commit(struct project *project, gconstpointer dialect)
{
	const struct record_options options = {.no_commit = true, .what = "test"};
	struct recording recording;

	(void)dialect;
	make_one(project, "dvc.yaml");
	begin(&recording, project, &options);
	add_ok(&recording, "train", inputs_ok(&recording, "train"));
	flush_ok(&recording);
	end(&recording);
	g_assert_true(project_has(project, "dvc.lock"));
	g_assert_true(project_has(project, ".gitignore"));
	g_assert_false(project_has(project, ".dvc/cache/runs"));
	assert_in_store(project, "model\n", false);
	assert_in_store(project, "{}", false);
}

/* What ran before Ctrl-C is recorded after it. The last test, since nobody takes a request to stop back. */
static void interrupted(struct project *project, gconstpointer dialect)
{
	struct recording recording;
	struct lockfile *inputs;

	(void)dialect;
	make_two(project);
	begin(&recording, project, NULL);
	inputs = inputs_ok(&recording, "a");
	cancel_request();
	add_ok(&recording, "a", inputs);
	flush_ok(&recording);
	g_assert_true(cancel_requested());
	end(&recording);
	g_assert_true(project_has(project, "dvc.lock"));
	assert_in_store(project, "a\n", true);
}

/* A large output is stored as it is added; nothing of it can be seen before the flush but in the store. */
static void large(struct project *project, gconstpointer dialect)
{
	g_autofree char *path = path_join(project->root, "a.out"), *stored = NULL;
	struct recording recording;
	struct oid oid;

	(void)dialect;
	make_two(project);
	g_assert_cmpint(truncate(path, 9 << 20), ==, 0);
	begin(&recording, project, NULL);
	add_ok(&recording, "a", inputs_ok(&recording, "a"));
	oid = project_oid(project, "a.out");
	g_assert_true(store_has(workspace_store(project->ws, NULL), &oid, 9 << 20));
	g_assert_false(project_has(project, "dvc.lock"));
	/* Nothing refers to it yet, so that it may be collected meanwhile. */
	stored = store_object_path(&oid);
	g_assert_cmpint(unlinkat(workspace_store(project->ws, NULL)->fd, stored, 0), ==, 0);
	flush_ok(&recording);
	end(&recording);
	g_assert_true(project_has(project, "dvc.lock"));
	g_assert_true(store_has(workspace_store(project->ws, NULL), &oid, 9 << 20));
}

/* Whether the run cache has a run of the stage with what it would read now. */
static bool is_remembered(struct project *project, const char *address, bool any)
{
	struct recording recording;
	g_autoptr(GError) error = NULL;
	bool found;

	begin(&recording, project, NULL);
	{
		const struct stage *stage = kit_stage(&recording.loaded, address);
		autoptr(lockfile) inputs = inputs_ok(&recording, address);
		autoptr(lockfile) run =
			run_cache_find(project->ws, stage, inputs->stages->pdata[0], any, &error);

		g_assert_no_error(error);
		found = run;
		g_assert_true(!found || lockfile_find(run, stage->name)->outs->len == stage->outs->len);
	}
	end(&recording);
	return found;
}

/* Stages of DVC before 1.0 are pointers with a command: there is no lock to record them in. */
static void old_stage(struct project *project, gconstpointer dialect)
{
	g_autoptr(GError) error = NULL;
	struct recording recording;

	(void)dialect;
	project_write(project, "o.dvc", "cmd: cp i o\ndeps:\n- path: i\nouts:\n- path: o\n");
	project_write(project, "i", "1");
	begin(&recording, project, NULL);
	g_assert_null(record_inputs(recording.record, kit_stage(&recording.loaded, "o.dvc"), &error));
	g_assert_error(error, MLV_ERROR, ERROR_INVALID);
	end(&recording);
}

#define TRAP "stages:\n  train: {cmd: x, params: [size], outs: [model]}\n"

static void run_cache(struct project *project, gconstpointer dialect)
{
	struct oid oid;

	(void)dialect;
	make_one(project, "dvc.yaml");
	g_assert_false(is_remembered(project, "train", true));
	record_now(project, "train");
	g_assert_true(is_remembered(project, "train", false));
	project_write(project, "z.csv", "other\n");
	g_assert_false(is_remembered(project, "train", true));
	project_write(project, "z.csv", "z\n");
	digest_bytes("x\n", 2, OID_MD5, &oid);
	project_lose(project, &oid);
	g_assert_false(is_remembered(project, "train", false));
	g_assert_true(is_remembered(project, "train", true));

	project_write(project, "dvc.yaml", TRAP);
	project_write(project, "params.yaml", "size: 1\n");
	record_now(project, "train");
	g_assert_true(is_remembered(project, "train", false));
	project_write(project, "params.yaml", "size: 2\n");
	g_assert_false(is_remembered(project, "train", true));
}

/* Which stages are remembered at all. */
static void wanted(struct project *project, gconstpointer dialect)
{
	static const struct {
		const char *body;
		bool wanted;
	} cases[] = {
		{"{cmd: x, deps: [in], outs: [o]}", true},
		{"{cmd: x, params: [lr], outs: [o]}", true},
		{"{cmd: x, deps: [in], metrics: [o: {cache: false}]}", true},
		{"{cmd: x, deps: [in], plots: [o: {cache: false}]}", true},
		{"{cmd: x, deps: [in], outs: [o: {cache: false}]}", false},
		{"{cmd: x, deps: [in], outs: [o: {persist: true}]}", false},
		{"{cmd: x, deps: [in], outs: [o], always_changed: true}", false},
		{"{cmd: x, deps: [in]}", false},
		{"{cmd: x, outs: [o]}", false},
		{"{cmd: x, deps: ['https://example.org/x'], outs: [o]}", false},
		{"{cmd: x, deps: ['../elsewhere'], outs: [o]}", true},
	};

	(void)dialect;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("stages:\n  s: %s\n", cases[i].body);
		struct loaded loaded;

		project_write(project, "dvc.yaml", text);
		kit_load(&loaded, project);
		g_assert_cmpint(run_cache_wants(kit_stage(&loaded, "s")), ==, cases[i].wanted);
		kit_unload(&loaded);
	}
}

/* Entries of DVC 2.x stay what they are as long as the data do. */
static void sticky(struct project *project, gconstpointer dialect)
{
	static const char old[] = "schema: '2.0'\n"
				  "stages:\n"
				  "  a:\n"
				  "    cmd: before\n"
				  "    deps:\n"
				  "    - path: in\n"
				  "      md5: ba8d2b9408ed255ee92a112fe7ba59be\n"
				  "      size: 3\n"
				  "    outs:\n"
				  "    - path: a.out\n"
				  "      md5: 60b725f10c9c85c70d97880dfe8191b3\n"
				  "      size: 2\n";
	g_autofree char *new = NULL;
	g_auto(GStrv) parts = g_strsplit(old, "before", 2);

	(void)dialect;
	make_two(project);
	project_write(project, "dvc.lock", old);
	record_now(project, "a");
	new = g_strjoinv("x", parts);
	project_assert(project, "dvc.lock", new);
	project_write(project, "a.out", "new\n");
	record_now(project, "a");
	g_free(new);
	new = project_read(project, "dvc.lock");
	g_assert_nonnull(strstr(new, "    - path: in\n      md5"));
	g_assert_nonnull(strstr(new, "    - path: a.out\n      hash: md5\n"));
}

int main(int argc, char **argv)
{
	kit_init(argc, argv);
#define ADD(path, dialect, test) \
	g_test_add(path, struct project, dialect, project_set_up, test, project_tear_down)
	ADD("/record/lock-as-dvc", &dialect_dvc, lock_as_dvc);
	ADD("/record/links", &dialect_native, links);
	ADD("/record/merges", &dialect_dvc, merges);
	ADD("/record/early-cut-off", &dialect_dvc, early_cut_off);
	ADD("/record/missing", &dialect_dvc, missing);
	ADD("/record/spoilt", &dialect_dvc, spoilt);
	ADD("/record/no-commit", &dialect_dvc, no_commit);
	ADD("/record/large", &dialect_dvc, large);
	ADD("/record/sticky", &dialect_dvc, sticky);
	ADD("/record/old-stage", &dialect_dvc, old_stage);
	ADD("/run-cache/find", &dialect_dvc, run_cache);
	ADD("/run-cache/wanted", &dialect_dvc, wanted);
	ADD("/cancel/interrupted", &dialect_dvc, interrupted);
	return g_test_run();
}
