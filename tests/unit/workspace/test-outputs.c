#include "project.h"

#include "repo/revision.h"

#define HASH          "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
#define POINTER(path) "outs:\n- sha256: " HASH "\n  size: 3\n  hash: sha256\n  path: " path "\n"

/* "path address" of each output, joined by '|'. */
static char *list(const struct outputs *outputs)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < outputs->list->len; i++) {
		const struct output *output = outputs->list->pdata[i];

		g_string_append_printf(text, "%s%s %s", i ? "|" : "", output->path, output->address);
	}
	return g_string_free(text, FALSE);
}

static void assert_list(struct project *project, const char *expected)
{
	autoptr(outputs) outputs = project_outputs(project);
	g_autofree char *now = list(outputs);

	g_assert_cmpstr(now, ==, expected);
}

static void pointers_are_found_where_they_count(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_write(project, "b.mlv", POINTER("b"));
	project_write(project, "sub/a.mlv", POINTER("a"));
	project_write(project, "skip/c.mlv", POINTER("c"));
	project_write(project, "hidden/d.mlv", POINTER("d"));
	project_write(project, "nested/.mlvconfig", "");
	project_write(project, "nested/e.mlv", POINTER("e"));
	project_write(project, "other/.dvc/config", "");
	project_write(project, "other/f.mlv", POINTER("f"));
	project_write(project, ".mlvignore", "/skip/\n");
	project_write(project, ".gitignore", "/hidden/\n");
	assert_list(project, "b b.mlv|sub/a sub/a.mlv");

	g_assert_cmpint(chdir("sub"), ==, 0);
	workspace_free(project->ws);
	project->ws = workspace_open(project->repo, project->config, NULL);
	assert_list(project, "b ../b.mlv|sub/a a.mlv");
}

static void stages_take_their_record_from_the_lock(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;
	const struct output *model, *plot;

	(void)dialect;
	project_write(project, "p/mlv.yaml",
		      "stages:\n  train:\n    cmd: x\n    wdir: ..\n    outs:\n    - model\n    - plot:\n"
		      "        cache: false\n        push: false\n");
	project_write(project, "p/mlv.lock",
		      "schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n    - path: model\n      hash: sha256\n"
		      "      sha256: " HASH "\n      size: 3\n");
	outputs = project_outputs(project);
	g_assert_cmpuint(outputs->problems->len, ==, 0);
	model = outputs_find(outputs, "model");
	plot = outputs_find(outputs, "plot");
	g_assert_cmpstr(model->address, ==, "p/mlv.yaml:train");
	g_assert_cmpuint(model->size, ==, 3);
	g_assert_false(oid_is_none(&model->oid));
	g_assert_true(oid_is_none(&plot->oid));
	g_assert_true(plot->no_cache && plot->no_push);
}

static void templates_may_read_the_project_only(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;

	(void)dialect;
	project_write(project, "params.yaml", "name: model\n");
	project_write(project, "mlv.yaml", "stages:\n  train:\n    cmd: x\n    outs:\n    - ${name}.bin\n");
	assert_list(project, "model.bin train");
	project_write(project, "mlv.yaml",
		      "vars:\n- ../../secret.yaml\nstages:\n  train:\n    cmd: x\n    outs:\n    - ${name}.bin\n");
	outputs = project_outputs(project);
	g_assert_cmpuint(outputs->list->len, ==, 0);
	g_assert_cmpuint(outputs->problems->len, ==, 1);
}

static void unsafe_places_are_problems(struct project *project, gconstpointer dialect)
{
	static const char *const places[] = {"../out", "/etc/passwd", ".git/config", "sub/../../x",
					     ".",      ".mlvconfig",  "a/.GIT/b"};

	(void)dialect;
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *text =
			g_strdup_printf("outs:\n- sha256: " HASH "\n  hash: sha256\n  path: %s\n", places[i]);
		autoptr(outputs) outputs = NULL;
		g_autoptr(GError) error = NULL;

		project_write(project, "bad.mlv", text);
		outputs = project_outputs(project);
		g_assert_cmpuint(outputs->list->len, ==, 0);
		g_assert_cmpuint(outputs->problems->len, ==, 1);
		g_assert_false(outputs_check(outputs, &error));
		g_assert_true(error_is(error, ERROR_UNSAFE));
		g_assert_nonnull(strstr(error->message, "bad.mlv"));
	}
}

static void one_broken_pointer_does_not_hide_the_rest(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;

	(void)dialect;
	project_write(project, "good.mlv", POINTER("good"));
	project_write(project, "broken.mlv", "outs: [\n");
	project_write(project, "none.mlv", "");
	outputs = project_outputs(project);
	g_assert_nonnull(outputs_find(outputs, "good"));
	g_assert_cmpuint(outputs->problems->len, >=, 1);
}

static void clashes_are_listed_and_told(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;
	g_autoptr(GError) error = NULL;

	(void)dialect;
	project_write(project, "a.mlv", POINTER("same"));
	project_write(project, "b.mlv", POINTER("same"));
	project_write(project, "c.mlv", POINTER("dir"));
	project_write(project, "dir-x.mlv", POINTER("dir-x"));
	project_write(project, "d.mlv", "wdir: dir\n" POINTER("in"));
	outputs = project_outputs(project);
	g_assert_true(outputs_check(outputs, NULL));
	g_assert_cmpuint(outputs->list->len, ==, 5);
	g_assert_cmpuint(outputs->clashes->len, ==, 2);
	g_assert_false(outputs_check_clashes(outputs, &error));
	g_assert_nonnull(strstr(error->message, "a.mlv"));
	g_assert_nonnull(strstr(error->message, "lies inside"));
}

static void an_output_that_rules_ignore_is_a_problem(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;

	(void)dialect;
	project_write(project, "data.mlv", POINTER("data"));
	project_write(project, ".mlvignore", "data\n");
	outputs = project_outputs(project);
	g_assert_cmpuint(outputs->problems->len, ==, 1);
	g_assert_nonnull(strstr(((GError *)outputs->problems->pdata[0])->message, ".mlvignore:1"));
}

static void a_revision_is_read_as_it_was(struct project *project, gconstpointer dialect)
{
	g_autoptr(GError) error = NULL;
	autoptr(outputs) outputs = NULL;
	g_autofree char *now = NULL;
	char id[REVISION_ID_MAX];

	(void)dialect;
	project_write(project, "a.mlv", POINTER("a"));
	project_write(project, "skip/b.mlv", POINTER("b"));
	project_write(project, "nested/.mlvconfig", "");
	project_write(project, "nested/c.mlv", POINTER("c"));
	project_write(project, ".mlvignore", "skip\n");
	project_write(project, "mlv.yaml", "stages:\n  train:\n    cmd: x\n    outs: ['${out}']\n");
	project_write(project, "params.yaml", "out: old\n");
	project_commit(project, "old");
	project_write(project, "params.yaml", "out: new\n");
	project_delete(project, "a.mlv");
	g_assert_true(revision_resolve(project->repo, "HEAD", id, NULL));
	outputs = outputs_load(project->ws, id, &error);
	g_assert_no_error(error);
	now = list(outputs);
	g_assert_cmpstr(now, ==, "a a.mlv|old train");
	assert_list(project, "new train");
}

static void sparse_pointers_come_from_the_index(struct project *project, gconstpointer dialect)
{
	autoptr(outputs) outputs = NULL;

	(void)dialect;
	project_write(project, "in/a.mlv", POINTER("a"));
	project_write(project, "out/b.mlv", POINTER("b"));
	project_commit(project, "both");
	kit_git(project->dir, "sparse-checkout", "set", "--cone", "in");
	project_reopen(project);
	g_assert_false(project_has(project, "out/b.mlv"));
	outputs = project_outputs(project);
	g_assert_false(outputs_find(outputs, "in/a")->left_out);
	g_assert_true(outputs_find(outputs, "out/b")->left_out);
}

static void one_text_is_read_alone(struct project *project, gconstpointer dialect)
{
	static const char lock[] = "schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n    - path: m\n"
				   "      hash: sha256\n      sha256: " HASH "\n";
	g_autoptr(GError) error = NULL;
	autoptr(outputs) pointer = NULL;
	autoptr(outputs) locked = NULL;
	g_autofree char *a = NULL, *b = NULL;

	(void)dialect;
	pointer = outputs_read(project->ws, "d/x.mlv", POINTER("x"), strlen(POINTER("x")), &error);
	g_assert_no_error(error);
	locked = outputs_read(project->ws, "d/mlv.lock", lock, strlen(lock), &error);
	g_assert_no_error(error);
	a = list(pointer);
	b = list(locked);
	g_assert_cmpstr(a, ==, "d/x d/x.mlv");
	g_assert_cmpstr(b, ==, "d/m d/mlv.lock:train");
	g_assert_null(outputs_read(project->ws, "x.mlv", "outs: 1\n", 8, &error));
	g_assert_true(error_is(error, ERROR_CORRUPT));
}

/* "path inside" of each target, joined by '|'. */
static void assert_targets(struct project *project, const char *argument, bool glob, const char *expected)
{
	char *arguments[] = {(char *)argument, NULL};
	const struct target_options options = {.glob = glob};
	autoptr(outputs) outputs = project_outputs(project);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) targets = target_resolve(project->ws, outputs, arguments, &options, &error);
	g_autoptr(GString) text = g_string_new(NULL);

	if (!expected) {
		g_assert_null(targets);
		g_assert_nonnull(error_get_hint(error));
		return;
	}
	g_assert_no_error(error);
	for (guint i = 0; i < targets->len; i++) {
		const struct target *target = targets->pdata[i];

		g_string_append_printf(text, "%s%s:%s", i ? "|" : "", target->output->path, target->inside);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

static void targets_are_named_in_many_ways(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	project_write(project, "data/a.mlv", POINTER("a"));
	project_write(project, "data/b.mlv", POINTER("b"));
	project_write(project, "mlv.yaml",
		      "stages:\n  train:\n    cmd: x\n    outs: [model]\n  each:\n    foreach: [1, 2]\n    do:\n"
		      "      cmd: y\n      outs: ['out${item}']\n");
	assert_targets(project, "data/a", false, "data/a:");
	assert_targets(project, "./data//a/", false, "data/a:");
	assert_targets(project, "data/a/in/side", false, "data/a:in/side");
	assert_targets(project, "data/a.mlv", false, "data/a:");
	assert_targets(project, "data", false, "data/a:|data/b:");
	assert_targets(project, ".", false, "data/a:|data/b:|model:|out1:|out2:");
	assert_targets(project, "train", false, "model:");
	assert_targets(project, "mlv.yaml:train", false, "model:");
	assert_targets(project, "each", false, "out1:|out2:");
	assert_targets(project, "each@2", false, "out2:");
	assert_targets(project, "mlv.yaml", false, "model:|out1:|out2:");
	assert_targets(project, "data/*", true, "data/a:|data/b:");
	assert_targets(project, "**/b", true, "data/b:");
	assert_targets(project, "nothing", false, NULL);
	assert_targets(project, "none*", true, NULL);
	assert_targets(project, "trai", false, NULL);
}

static void a_whole_output_swallows_its_parts(struct project *project, gconstpointer dialect)
{
	char *arguments[] = {(char *)"d/x/y", (char *)"d/x", (char *)"d/z", (char *)"d/x", NULL};
	char *whole[] = {(char *)"d/x", (char *)"d", NULL};
	g_autoptr(GPtrArray) parts = NULL, all = NULL;
	autoptr(outputs) outputs = NULL;

	(void)dialect;
	project_write(project, "d.mlv", POINTER("d"));
	outputs = project_outputs(project);
	parts = target_resolve(project->ws, outputs, arguments, NULL, NULL);
	all = target_resolve(project->ws, outputs, whole, NULL, NULL);
	g_assert_cmpuint(parts->len, ==, 2);
	g_assert_cmpuint(all->len, ==, 1);
	g_assert_cmpstr(((struct target *)all->pdata[0])->inside, ==, "");
}

#define ADD(test)                                                                                                      \
	g_test_add("/outputs/" #test, struct project, &dialect_native, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(pointers_are_found_where_they_count);
	ADD(stages_take_their_record_from_the_lock);
	ADD(templates_may_read_the_project_only);
	ADD(unsafe_places_are_problems);
	ADD(one_broken_pointer_does_not_hide_the_rest);
	ADD(clashes_are_listed_and_told);
	ADD(an_output_that_rules_ignore_is_a_problem);
	ADD(a_revision_is_read_as_it_was);
	ADD(sparse_pointers_come_from_the_index);
	ADD(one_text_is_read_alone);
	ADD(targets_are_named_in_many_ways);
	ADD(a_whole_output_swallows_its_parts);
	return g_test_run();
}
