/* Pipelines that DVC read too: its lists of stages, its dry runs and the lock files that it wrote must say what we say.
 */
#include "../tap.h"
#include "fixture.h"

#include "doc/yaml.h"
#include "format/pipeline.h"

#include <string.h>

/* Load a file beside the pipeline file; user is its folder. */
static char *load(const char *path, size_t *length, void *user, GError **error)
{
	g_autofree char *full = g_build_filename(user, path, NULL);
	char *text = NULL;

	(void)error; /* what is absent is not an error, and nothing else happens here */
	return g_file_get_contents(full, &text, length, NULL) ? text : NULL;
}

static struct pipeline *read_in(const char *folder, const struct pipeline_options *options, GError **error)
{
	size_t length;
	g_autofree char *text = fixture_read(folder, "dvc.yaml", &length);

	const struct pipeline_files files = {load, (void *)folder};

	return pipeline_read(text, length, "dvc.yaml", &dialect_dvc, &files, options, error);
}

static struct pipeline *read_good(const char *folder, const struct pipeline_options *options)
{
	g_autoptr(GError) error = NULL;
	struct pipeline *pipeline = read_in(folder, options, &error);

	if (!pipeline)
		g_error("%s: %s", folder, error->message);
	return pipeline;
}

static int compare_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The texts sorted and joined. The array is emptied for the next use. */
static char *join_sorted(GPtrArray *texts)
{
	char *joined;

	g_ptr_array_sort(texts, compare_text);
	g_ptr_array_add(texts, NULL);
	joined = g_strjoinv("\n", (char **)texts->pdata);
	g_ptr_array_set_size(texts, 0);
	return joined;
}

static char *locked_paths(const struct node *entries)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();

	for (size_t i = 0; entries && i < entries->count; i++)
		g_ptr_array_add(paths, (char *)node_get_string(entries->items[i], "path"));
	return join_sorted(paths);
}

/* Each parameter file that is not tracked as a whole has the keys that the lock has. */
static void check_params(const struct pipeline_stage *stage, const struct node *locked)
{
	g_assert_cmpuint(stage->params->len, ==, locked ? locked->count : 0);
	for (guint i = 0; i < stage->params->len; i++) {
		const struct pipeline_params *params = stage->params->pdata[i];
		const struct node *values = node_get(locked, params->file);

		g_assert_nonnull(values);
		if (!params->keys)
			continue;
		g_assert_cmpuint(g_strv_length(params->keys), ==, values->count);
		for (char **key = params->keys; *key; key++)
			g_assert_nonnull(node_get(values, *key));
	}
}

static void check_stage(const struct pipeline_stage *stage, const struct node *locked)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	g_autofree char *ours = NULL, *theirs = locked_paths(node_get(locked, "outs"));
	g_autofree char *our_deps = NULL, *their_deps = locked_paths(node_get(locked, "deps"));

	g_assert_true(node_equal(stage->cmd, node_get(locked, "cmd")));
	for (guint i = 0; i < stage->outs->len; i++)
		g_ptr_array_add(paths, ((struct entry *)stage->outs->pdata[i])->path);
	ours = join_sorted(paths);
	g_assert_cmpstr(ours, ==, theirs);
	for (char **dep = stage->deps; *dep; dep++)
		g_ptr_array_add(paths, *dep);
	our_deps = join_sorted(paths);
	g_assert_cmpstr(our_deps, ==, their_deps);
	check_params(stage, node_get(locked, "params"));
}

/* Compare a folder's pipeline with the lock that DVC wrote after it ran everything. */
static void check_lock(const char *folder)
{
	autoptr(pipeline) pipeline = read_good(folder, NULL);
	size_t length;
	g_autofree char *text = fixture_read(folder, "dvc.lock", &length);
	g_autoptr(GError) error = NULL;
	autoptr(doc) lock = yaml_read(text, length, "dvc.lock", &error);
	const struct node *stages;

	g_assert_no_error(error);
	stages = node_get(lock->root, "stages");
	g_assert_cmpuint(stages->count, >, 0);
	for (size_t i = 0; i < stages->count; i++) {
		const struct pipeline_stage *stage = pipeline_find(pipeline, stages->keys[i]->text);

		g_test_message("%s: %s", folder, stages->keys[i]->text);
		g_assert_nonnull(stage);
		check_stage(stage, stages->items[i]);
	}
}

static void test_locks(void)
{
	static const char *const projects[][2] = {
		{"03-legacy2x", "."},    {"04-pipeline", "."},     {"05-templating", "."},   {"06-multi", "."},
		{"06-multi", "data"},    {"06-multi", "models/a"}, {"06-multi", "models/b"}, {"07-flags", "."},
		{"08-imports", "."},     {"10-yaml", "."},         {"11-dvcignore", "."},    {"12-runcache", "."},
		{"13-experiments", "."},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(projects); i++) {
		g_autofree char *project = fixture_unpack(projects[i][0], NULL);
		g_autofree char *folder = NULL;

		if (!project)
			return;
		folder = g_build_filename(project, projects[i][1], NULL);
		check_lock(folder);
	}
}

static void test_artifacts(void)
{
	g_autofree char *project = fixture_unpack("14-registry", NULL);
	autoptr(pipeline) pipeline = NULL;

	if (!project)
		return;
	pipeline = read_good(project, NULL);
	g_assert_cmpuint(pipeline->stages->len, ==, 0);
	g_assert_cmpuint(pipeline->artifacts->count, ==, 3);
}

static void test_names(void)
{
	g_autofree char *project = fixture_unpack("05-templating", NULL), *answer = NULL;
	g_autoptr(GString) names = g_string_new(NULL);
	autoptr(pipeline) pipeline = NULL;

	if (!project)
		return;
	pipeline = read_good(project, NULL);
	answer = fixture_answer("05-templating", "stage-list-names.txt");
	for (guint i = 0; i < pipeline->stages->len; i++)
		g_string_append_printf(names, "%s\n", ((struct pipeline_stage *)pipeline->stages->pdata[i])->name);
	g_assert_cmpstr(names->str, ==, answer);
}

/* Append what `dvc repro --dry --force` prints for a stage. */
static void append_dry_run(GString *text, const struct pipeline_stage *stage)
{
	const struct node *cmd = stage->cmd;

	g_string_append_printf(text, "Running stage '%s':\n", stage->name);
	if (cmd->kind == NODE_STRING)
		g_string_append_printf(text, "> %s\n", cmd->text);
	for (size_t i = 0; cmd->kind == NODE_LIST && i < cmd->count; i++)
		g_string_append_printf(text, "> %s\n", cmd->items[i]->text);
}

/* Compare the commands of the stages whose name starts with `prefix` with DVC's dry run. */
static void check_dry_run(const char *state, const char *answer, const char *prefix,
			  const struct pipeline_options *options)
{
	g_autofree char *project = fixture_unpack("05-templating", state), *theirs = NULL;
	g_autoptr(GString) ours = g_string_new(NULL);
	autoptr(pipeline) pipeline = NULL;

	if (!project)
		return;
	pipeline = read_good(project, options);
	theirs = fixture_answer("05-templating", answer);
	for (guint i = 0; i < pipeline->stages->len; i++) {
		const struct pipeline_stage *stage = pipeline->stages->pdata[i];

		if (!g_str_has_prefix(stage->name, prefix))
			continue;
		append_dry_run(ours, stage);
		g_string_append_c(ours, '\n');
	}
	g_string_truncate(ours, ours->len - 1);
	g_string_append(ours, "Use `dvc push` to send your updates to remote storage.\n");
	g_assert_cmpstr(ours->str, ==, theirs);
}

static void test_dry_run(void)
{
	check_dry_run(NULL, "repro-dry-force.txt", "", NULL);
}

static void test_parsing_options(void)
{
	static const struct pipeline_options options = {.bool_optional = true, .list_append = true};

	check_dry_run("parsing-options", "states/parsing-options/repro-dry-force.txt", "opts", &options);
}

/* What DVC refuses, and where we see it. */
static void test_refused(void)
{
	static const char *const states[][2] = {
		{"bad-expression", "dvc.yaml:11:12: 'item each-${item' is not defined"},
		{"date-in-params", "params.yaml:"},
		{"foreach-scalar", "dvc.yaml:9:14: foreach needs a list or a map, not an integer"},
		{"key-in-list", "'key' is not defined (in stage 'jobs@0')"},
		{"list-in-text", "'regions' is a list"},
		{"templated-out-flag", "dvc.yaml:70:18: 'persist' needs true or false, not a string"},
		{"templated-stage-flag", "dvc.yaml:58:13: 'frozen' needs true or false, not a string"},
		{"undefined", "'nope' is not defined"},
		{"vars-clash", "vars[3] redefines 'word', which comes from params.yaml"},
		{"vars-missing-file", "there is no file 'conf/c.yaml'"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		g_autofree char *project = fixture_unpack("05-templating", states[i][0]);
		g_autoptr(GError) error = NULL;

		if (!project)
			return;
		g_assert_null(read_in(project, NULL, &error));
		if (!strstr(error->message, states[i][1]))
			g_error("%s: no '%s' in: %s", states[i][0], states[i][1], error->message);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/pipeline-dvc/locks", test_locks);
	g_test_add_func("/pipeline-dvc/artifacts", test_artifacts);
	g_test_add_func("/pipeline-dvc/names", test_names);
	g_test_add_func("/pipeline-dvc/dry-run", test_dry_run);
	g_test_add_func("/pipeline-dvc/parsing-options", test_parsing_options);
	g_test_add_func("/pipeline-dvc/refused", test_refused);
	return g_test_run();
}
