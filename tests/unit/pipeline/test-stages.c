/* stages: what runs and what was added, as nodes with what they read and write */
#include "pipeline-kit.h"

#include <string.h>

static const struct stage_dep *dep_at(const struct stage *stage, guint i)
{
	g_assert_cmpuint(i, <, stage->deps->len);
	return &g_array_index(stage->deps, struct stage_dep, i);
}

static const struct stage_params *params_at(const struct stage *stage, guint i)
{
	g_assert_cmpuint(i, <, stage->params->len);
	return &g_array_index(stage->params, struct stage_params, i);
}

static const struct stage_out *out_at(const struct stage *stage, guint i)
{
	g_assert_cmpuint(i, <, stage->outs->len);
	return &g_array_index(stage->outs, struct stage_out, i);
}

static void paths_are_relative_to_the_project(struct project *project, gconstpointer dialect)
{
	const struct stage *stage;
	struct loaded loaded;

	(void)dialect;
	project_write(project, "sub/dvc.yaml",
		      "stages:\n  t:\n    wdir: ../w\n    cmd: 'true'\n    deps: [../a, /etc/passwd, 's3://b/k', ../../out]\n"
		      "    params: [z.json: [k], lr, 'm.yaml:']\n    outs: [o]\n    metrics: [m: {cache: false}]\n");
	kit_load(&loaded, project);
	stage = kit_stage(&loaded, "sub/dvc.yaml:t");
	g_assert_cmpstr(stage->wdir, ==, "w");
	g_assert_cmpstr(dep_at(stage, 0)->path, ==, "a");
	g_assert_null(dep_at(stage, 1)->path);
	g_assert_cmpstr(dep_at(stage, 1)->written, ==, "/etc/passwd");
	g_assert_null(dep_at(stage, 2)->path);
	g_assert_null(dep_at(stage, 3)->path);
	g_assert_cmpstr(params_at(stage, 0)->path, ==, "w/params.yaml");
	g_assert_cmpstr(params_at(stage, 1)->path, ==, "w/z.json");
	g_assert_cmpstr(out_at(stage, 0)->output->path, ==, "w/o");
	g_assert_cmpint(out_at(stage, 1)->kind, ==, PIPELINE_METRIC);
	g_assert_true(out_at(stage, 1)->declared->no_cache);
	g_assert_true(stages_find(loaded.stages, "sub/dvc.yaml", "t") == stage);
	g_assert_null(stages_find(loaded.stages, "sub/dvc.yaml", NULL));
	kit_unload(&loaded);
}

static void records_are_found_by_the_path_as_written(struct project *project, gconstpointer dialect)
{
	const struct stage *stage;
	struct loaded loaded;

	(void)dialect;
	project_write(project, "dvc.yaml",
		      "stages:\n  t:\n    cmd: 'true'\n    deps: [a, b]\n    params: [lr]\n    outs: [o]\n  n: {cmd: x}\n");
	project_write(project, "dvc.lock",
		      "schema: '2.0'\nstages:\n  t:\n    cmd: 'true'\n    deps:\n    - path: b\n      hash: md5\n"
		      "      md5: c4ca4238a0b923820dcc509a6f75849b\n    params:\n      params.yaml:\n        lr: 1\n"
		      "    outs:\n    - path: o\n      md5: c4ca4238a0b923820dcc509a6f75849b\n");
	kit_load(&loaded, project);
	stage = kit_stage(&loaded, "t");
	g_assert_null(dep_at(stage, 0)->recorded);
	g_assert_cmpint(dep_at(stage, 1)->recorded->oid.algo, ==, OID_MD5);
	g_assert_cmpint(out_at(stage, 0)->recorded->oid.algo, ==, OID_MD5_2X);
	g_assert_cmpint((int)node_get(params_at(stage, 0)->recorded, "lr")->integer, ==, 1);
	g_assert_nonnull(stage->lock);
	g_assert_true(stage_can_run(stage));
	g_assert_false(stage_is_callback(stage));
	g_assert_null(kit_stage(&loaded, "n")->lock);
	g_assert_true(stage_is_callback(kit_stage(&loaded, "n")));
	kit_unload(&loaded);
}

static void files_come_before_those_of_sub_directories(struct project *project, gconstpointer dialect)
{
	static const guint all[] = {0, 1, 2, 3, 4};
	g_autofree char *addresses = NULL, *title = NULL;
	struct loaded loaded;

	(void)dialect;
	project_write(project, "b/x.dvc", "outs:\n- path: x\n");
	project_write(project, "dvc.yaml", "stages:\n  r2: {cmd: x}\n  r1: {cmd: x}\n");
	project_write(project, "a/z/dvc.yaml", "stages:\n  deep: {cmd: x}\n");
	project_write(project, "a/dvc.yaml", "stages:\n  t: {cmd: x}\n");
	kit_load(&loaded, project);
	addresses = kit_addresses(&loaded, all, loaded.stages->list->len);
	g_assert_cmpstr(addresses, ==, "r2 r1 a/dvc.yaml:t a/z/dvc.yaml:deep b/x.dvc");
	title = stage_title(kit_stage(&loaded, "b/x.dvc"));
	g_assert_cmpstr(title, ==, "'b/x.dvc'");
	g_assert_false(stage_can_run(kit_stage(&loaded, "b/x.dvc")));
	kit_unload(&loaded);
}

static void what_no_stage_may_read_is_a_problem(struct project *project, gconstpointer dialect)
{
	g_autoptr(GString) texts = g_string_new(NULL);
	struct loaded loaded;

	(void)dialect;
	project_write(project, "dvc.yaml",
		      "stages:\n  git: {cmd: x, deps: [.git/config]}\n  out: {cmd: x, wdir: ../..}\n"
		      "  self: {cmd: x, deps: [o], outs: [./o]}\n  par: {cmd: x, params: [../p.yaml: [a]]}\n");
	kit_load(&loaded, project);
	for (guint i = 0; i < loaded.stages->problems->len; i++)
		g_string_append_printf(texts, "%s\n", ((GError *)loaded.stages->problems->pdata[i])->message);
	g_assert_cmpstr(texts->str, ==,
			"dvc.yaml:2:24: stage 'git': '.git/config' cannot be a dependency\n"
			"      git: {cmd: x, deps: [.git/config]}\n"
			"                           ^\n"
			"dvc.yaml:3:23: stage 'out': '../..' leads out of the project\n"
			"      out: {cmd: x, wdir: ../..}\n"
			"                          ^\n"
			"dvc.yaml:4:25: stage 'self': 'o' is both a dependency and an output\n"
			"      self: {cmd: x, deps: [o], outs: [./o]}\n"
			"                            ^\n"
			"dvc.yaml: stage 'par': '../p.yaml' leads out of the project\n");
	g_assert_cmpuint(loaded.stages->list->len, ==, 3);
	kit_unload(&loaded);
}

#define ADD(test) g_test_add("/stages/" #test, struct project, &dialect_dvc, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(paths_are_relative_to_the_project);
	ADD(records_are_found_by_the_path_as_written);
	ADD(files_come_before_those_of_sub_directories);
	ADD(what_no_stage_may_read_is_a_problem);
	return g_test_run();
}
