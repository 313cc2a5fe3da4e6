/* graph: which stage needs which, in which order they run, and which ones arguments select */
#include "pipeline-kit.h"

#include <string.h>

/* Two files; `top` needs what `sub` makes, `alone` needs nothing, and data.dvc feeds all. */
static void write_pipelines(struct project *project)
{
	project_write(project, "dvc.yaml",
		      "stages:\n"
		      "  top: {cmd: x, deps: [sub/out/b, sub/out/a], outs: [top.txt]}\n"
		      "  alone: {cmd: x, outs: [alone.txt]}\n"
		      "  gen:\n    foreach: [1, 2]\n    do: {cmd: 'x ${item}', deps: [top.txt], outs: ['g${item}']}\n");
	project_write(project, "sub/dvc.yaml",
		      "stages:\n"
		      "  last: {cmd: x, deps: [out, ../top.txt], outs: [last.txt]}\n"
		      "  a: {cmd: x, deps: [../data/x], params: [p], outs: [out/a]}\n"
		      "  b: {cmd: x, deps: [../data], outs: [out/b]}\n");
	project_write(project, "data.dvc", "outs:\n- path: data\n");
}

/* What the arguments (separated by blanks) select. New string. */
static char *selected(const struct loaded *loaded, const char *arguments, const struct graph_options *options)
{
	g_auto(GStrv) list = g_strsplit(arguments, " ", -1);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) order = graph_select(loaded->graph, *arguments ? list : NULL, options, &error);

	g_assert_no_error(error);
	return kit_addresses(loaded, (const guint *)(const void *)order->data, order->len);
}

static void assert_selected(const struct loaded *loaded, const char *arguments, const struct graph_options *options,
			    const char *expected)
{
	g_autofree char *now = selected(loaded, arguments, options);

	g_assert_cmpstr(now, ==, expected);
}

static void stages_run_after_what_they_need(struct project *project, gconstpointer dialect)
{
	g_autofree char *order = NULL;
	struct loaded loaded;

	(void)dialect;
	write_pipelines(project);
	kit_load(&loaded, project);
	order = kit_addresses(&loaded, loaded.graph->order, loaded.graph->count);
	/* `top` reads b before a. */
	g_assert_cmpstr(order, ==,
			"data.dvc sub/dvc.yaml:b sub/dvc.yaml:a top alone gen@1 gen@2 sub/dvc.yaml:last");
	kit_unload(&loaded);
}

static void arguments_select_stages(struct project *project, gconstpointer dialect)
{
	const struct graph_options plain = {0}, single = {.single = true}, glob = {.glob = true, .no_needs = true},
				   recursive = {.recursive = true, .no_needs = true};
	struct loaded loaded;

	(void)dialect;
	write_pipelines(project);
	kit_load(&loaded, project);
	assert_selected(&loaded, "", &single, "top alone gen@1 gen@2");
	assert_selected(&loaded, "top", &plain, "data.dvc sub/dvc.yaml:b sub/dvc.yaml:a top");
	assert_selected(&loaded, "gen", &single, "gen@1 gen@2");
	assert_selected(&loaded, "gen@2", &single, "gen@2");
	assert_selected(&loaded, ":gen@2", &single, "gen@2");
	assert_selected(&loaded, "sub/dvc.yaml:a alone", &single, "alone sub/dvc.yaml:a");
	assert_selected(&loaded, "sub/dvc.yaml", &single, "sub/dvc.yaml:a sub/dvc.yaml:b sub/dvc.yaml:last");
	assert_selected(&loaded, "data.dvc", &single, "data.dvc");
	assert_selected(&loaded, "data/in/it", &single, "data.dvc");
	assert_selected(&loaded, "sub/out", &single, "sub/dvc.yaml:a sub/dvc.yaml:b");
	assert_selected(&loaded, "g*", &glob, "gen@1 gen@2");
	assert_selected(&loaded, "sub/dvc.yaml:?", &glob, "sub/dvc.yaml:a sub/dvc.yaml:b");
	assert_selected(&loaded, "sub/out/*", &glob, "sub/dvc.yaml:a sub/dvc.yaml:b");
	assert_selected(&loaded, "sub", &recursive, "sub/dvc.yaml:a sub/dvc.yaml:b sub/dvc.yaml:last");
	kit_unload(&loaded);
}

static void options_widen_a_selection(struct project *project, gconstpointer dialect)
{
	const struct graph_options pipeline = {.pipeline = true}, all = {.all_pipelines = true},
				   downstream = {.downstream = true};
	struct loaded loaded;

	(void)dialect;
	write_pipelines(project);
	kit_load(&loaded, project);
	assert_selected(&loaded, "alone", &pipeline, "alone");
	assert_selected(&loaded, "gen@1", &pipeline,
			"data.dvc sub/dvc.yaml:b sub/dvc.yaml:a top gen@1 gen@2 sub/dvc.yaml:last");
	assert_selected(&loaded, "", &all,
			"data.dvc sub/dvc.yaml:b sub/dvc.yaml:a top alone gen@1 gen@2 sub/dvc.yaml:last");
	assert_selected(&loaded, "sub/dvc.yaml:a", &downstream,
			"sub/dvc.yaml:a top gen@1 gen@2 sub/dvc.yaml:last");
	kit_unload(&loaded);
}

static void frozen_stages_stand_apart(struct project *project, gconstpointer dialect)
{
	const struct graph_options run = {0}, show = {.past_frozen = true}, downstream = {.downstream = true};
	struct loaded loaded;

	(void)dialect;
	project_write(project, "dvc.yaml",
		      "stages:\n  a: {cmd: x, outs: [a.txt]}\n"
		      "  b: {cmd: x, frozen: true, deps: [a.txt], outs: [b.txt]}\n  c: {cmd: x, deps: [b.txt]}\n");
	kit_load(&loaded, project);
	assert_selected(&loaded, "c", &run, "b c");
	assert_selected(&loaded, "c", &show, "a b c");
	assert_selected(&loaded, "a", &downstream, "a");
	kit_unload(&loaded);
}

static void closures_are_in_running_order(struct project *project, gconstpointer dialect)
{
	g_autofree char *up = NULL, *down = NULL;
	g_autoptr(GArray) needs = NULL, feeds = NULL;
	struct loaded loaded;

	(void)dialect;
	write_pipelines(project);
	kit_load(&loaded, project);
	needs = graph_closure(loaded.graph, kit_stage(&loaded, "top")->index, false);
	up = kit_addresses(&loaded, (const guint *)(const void *)needs->data, needs->len);
	g_assert_cmpstr(up, ==, "data.dvc sub/dvc.yaml:b sub/dvc.yaml:a");
	feeds = graph_closure(loaded.graph, kit_stage(&loaded, "sub/dvc.yaml:b")->index, true);
	down = kit_addresses(&loaded, (const guint *)(const void *)feeds->data, feeds->len);
	g_assert_true(g_str_has_prefix(down, "top ") || strstr(down, " top "));
	g_assert_cmpuint(feeds->len, ==, 4);
	g_assert_cmpuint(g_array_index(feeds, guint, 0), ==, kit_stage(&loaded, "top")->index);
	kit_unload(&loaded);
}

/* The lines of a message that begin with a place. New string. */
static char *without_excerpts(const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
	g_autoptr(GString) kept = g_string_new(NULL);

	for (char **line = lines; *line; line++) {
		if (**line != ' ')
			g_string_append_printf(kept, "%s%s", kept->len ? "\n" : "", *line);
	}
	return g_string_free(g_steal_pointer(&kept), FALSE);
}

/* The pipeline is refused in these words, without the excerpts. */
static void assert_refused(struct project *project, const char *pipeline, const char *text)
{
	g_autofree char *words = NULL;
	g_autoptr(GError) error = NULL;
	struct loaded loaded;

	project_write(project, "dvc.yaml", pipeline);
	kit_load(&loaded, project);
	g_assert_null(loaded.graph);
	g_assert_null(graph_new(loaded.stages, &error));
	g_assert_error(error, MLV_ERROR, ERROR_INVALID);
	words = without_excerpts(error->message);
	g_assert_cmpstr(words, ==, text);
	kit_unload(&loaded);
}

static void what_cannot_be_run_is_refused(struct project *project, gconstpointer dialect)
{
	(void)dialect;
	assert_refused(project,
		       "stages:\n  z: {cmd: x, deps: [c]}\n  a: {cmd: x, deps: [b], outs: [a]}\n"
		       "  b: {cmd: x, deps: [c/in], outs: [b]}\n  c: {cmd: x, deps: [a], outs: [c]}\n",
		       "dvc.yaml:4:22: the stages go round in a circle: 'c' needs 'a' needs 'b' needs 'c'");
	assert_refused(project,
		       "stages:\n  a: {cmd: x, deps: [b], outs: [a]}\n  b: {cmd: x, deps: [a], outs: [b]}\n"
		       "  c: {cmd: x, deps: [d], outs: [c]}\n  d: {cmd: x, deps: [c], outs: [d]}\n",
		       "dvc.yaml:3:22: the stages go round in a circle: 'a' needs 'b' needs 'a'\n"
		       "dvc.yaml:5:22: the stages go round in a circle: 'c' needs 'd' needs 'c'");
	assert_refused(project, "stages:\n  a: {cmd: x, deps: [o/x], outs: [o]}\n",
		       "dvc.yaml:2:22: the stages go round in a circle: 'a' needs 'a'");
	assert_refused(project, "stages:\n  a: {cmd: x, outs: [o]}\n  b: {cmd: x, outs: [o]}\n",
		       "dvc.yaml:3:22: 'o' is an output of both 'a' and 'b'");
	assert_refused(project, "stages:\n  a: {cmd: x, outs: [o]}\n  b: {cmd: x, outs: [o/p]}\n",
		       "dvc.yaml:3:22: 'o/p' of 'b' lies inside 'o' of 'a'");
	assert_refused(project,
		       "stages:\n  a: {cmd: x, outs: [o]}\n  b: {cmd: x, outs: [o, p]}\n  c: {cmd: x, outs: [p/q]}\n",
		       "dvc.yaml:3:22: 'o' is an output of both 'a' and 'b'\n"
		       "dvc.yaml:4:22: 'p/q' of 'c' lies inside 'p' of 'b'");
}

static void what_nothing_names_is_told_with_the_nearest(struct project *project, gconstpointer dialect)
{
	char name[] = "tpo", *list[] = {name, NULL};
	const struct graph_options plain = {0};
	g_autoptr(GError) error = NULL;
	struct loaded loaded;

	(void)dialect;
	write_pipelines(project);
	kit_load(&loaded, project);
	g_assert_null(graph_select(loaded.graph, list, &plain, &error));
	g_assert_error(error, MLV_ERROR, ERROR_NOT_FOUND);
	g_assert_cmpstr(error_get_hint(error), ==, "did you mean 'top'?");
	kit_unload(&loaded);
}

static void names_with_shared_beginnings_do_not_meet(struct project *project, gconstpointer dialect)
{
	g_autofree char *order = NULL;
	struct loaded loaded;

	(void)dialect;
	project_write(project, "dvc.yaml",
		      "stages:\n  r: {cmd: x, deps: [out]}\n  a: {cmd: x, outs: [out-1]}\n  b: {cmd: x, outs: [out/in]}\n"
		      "  c: {cmd: x, outs: [out0, ou]}\n");
	kit_load(&loaded, project);
	g_assert_cmpuint(loaded.graph->needs[0]->len, ==, 1);
	order = kit_addresses(&loaded, loaded.graph->order, loaded.graph->count);
	g_assert_cmpstr(order, ==, "b r a c");
	kit_unload(&loaded);
}

#define ADD(test) g_test_add("/graph/" #test, struct project, &dialect_dvc, project_set_up, test, project_tear_down)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(stages_run_after_what_they_need);
	ADD(arguments_select_stages);
	ADD(options_widen_a_selection);
	ADD(frozen_stages_stand_apart);
	ADD(closures_are_in_running_order);
	ADD(what_cannot_be_run_is_refused);
	ADD(what_nothing_names_is_told_with_the_nearest);
	ADD(names_with_shared_beginnings_do_not_meet);
	return g_test_run();
}
