/* track-rewrite: pipeline files before and after a change; stages by name; their removal */
#include "../tap.h"
#include "project.h"

#include <string.h>

/* The outputs as they would be with this text in `path`. */
static struct outputs *drafted(struct project *project, const char *path, const char *text)
{
	const struct outputs_draft draft = {path, text, strlen(text)};
	g_autoptr(GError) error = NULL;
	struct outputs *outputs = outputs_load_draft(project->ws, &draft, &error);

	g_assert_no_error(error);
	return outputs;
}

static void drafts_are_seen_and_not_written(struct project *project, gconstpointer dialect)
{
	const char *name = ((const struct dialect *)dialect)->pipeline_name;
	g_autofree char *sub = g_strconcat("sub/", name, NULL);
	autoptr(outputs) instead = NULL;
	autoptr(outputs) new_file = NULL;
	autoptr(outputs) clashing = NULL;

	project_write(project, name, "stages:\n  a: {cmd: x, outs: [old]}\n");
	project_write(project, "sub/file", "");
	instead = drafted(project, name, "stages:\n  a: {cmd: x, outs: [new]}\n");
	g_assert_null(outputs_find(instead, "old"));
	g_assert_nonnull(outputs_find(instead, "new"));
	new_file = drafted(project, sub, "stages:\n  b: {cmd: x, outs: [o]}\n");
	g_assert_nonnull(outputs_find(new_file, "old"));
	g_assert_nonnull(outputs_find(new_file, "sub/o"));
	clashing = drafted(project, sub, "stages:\n  b: {cmd: x, outs: [../old/inner]}\n");
	g_assert_false(outputs_check_clashes(clashing, NULL));
	g_assert_false(project_has(project, sub));
	project_assert(project, name, "stages:\n  a: {cmd: x, outs: [old]}\n");
}

static GArray *one_text(const char *path, const char *text)
{
	GArray *texts = g_array_new(FALSE, FALSE, sizeof(struct track_text));
	struct track_text entry = {path, text, strlen(text)};

	g_array_append_val(texts, entry);
	return texts;
}

static void rewriting(struct project *project, gconstpointer dialect)
{
	const char *name = ((const struct dialect *)dialect)->pipeline_name;
	g_autoptr(GArray) texts = one_text(name, "stages: {}\n");
	g_autoptr(GPtrArray) ignore = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	autoptr(track_result) result = NULL;
	autoptr(track_result) again = NULL;

	g_ptr_array_add(ignore, (gpointer) "d/out");
	result = track_rewrite(project->ws, texts, ignore, &error);
	g_assert_no_error(error);
	project_assert(project, name, "stages: {}\n");
	project_assert(project, "d/.gitignore", "/out\n");
	g_assert_cmpuint(result->touched->len, ==, 2);
	again = track_rewrite(project->ws, texts, ignore, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(again->touched->len, ==, 0);
}

static void refused_before_anything_is_written(struct project *project, gconstpointer dialect)
{
	const char *name = ((const struct dialect *)dialect)->pipeline_name;
	g_autoptr(GArray) texts = one_text(name, "stages: {}\n");
	g_autoptr(GPtrArray) ignore = g_ptr_array_new();
	g_autoptr(GError) tracked = NULL, ignored = NULL;
	g_autofree char *rule = g_strdup_printf("/%s\n", name);

	project_write(project, "mine", "x");
	project_commit(project, "mine");
	g_ptr_array_add(ignore, (gpointer) "other");
	g_ptr_array_add(ignore, (gpointer) "mine");
	g_assert_null(track_rewrite(project->ws, texts, ignore, &tracked));
	g_assert_true(error_is(tracked, ERROR_USAGE));
	g_assert_false(project_has(project, name));
	g_assert_false(project_has(project, ".gitignore"));
	project_write(project, ".gitignore", rule);
	g_assert_null(track_rewrite(project->ws, texts, NULL, &ignored));
	g_assert_true(error_is(ignored, ERROR_USAGE));
	g_assert_false(project_has(project, name));
}

static void stages_are_found_by_name(struct project *project, gconstpointer dialect)
{
	const char *name = ((const struct dialect *)dialect)->pipeline_name;
	g_autofree char *sub = g_strconcat("sub/", name, NULL), *address = g_strconcat(sub, ":b", NULL);
	autoptr(outputs) outputs = NULL;
	const struct {
		const char *argument, *file;
		bool loop;
	} cases[] = {{"a", name, false}, {address, sub, false}, {"l", name, true}, {"l@1", name, true}};

	project_write(project, name, "stages:\n  a: {cmd: x}\n  l: {foreach: [1], do: {cmd: x}}\n");
	project_write(project, sub, "stages:\n  b: {cmd: x}\n");
	outputs = project_outputs(project);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct target_stage *stage = target_find_stage(project->ws, outputs, cases[i].argument);

		g_assert_nonnull(stage);
		g_assert_cmpstr(stage->file, ==, cases[i].file);
		g_assert_true(stage->loop == cases[i].loop);
		target_stage_free(stage);
	}
	g_assert_null(target_find_stage(project->ws, outputs, "b"));
	g_assert_null(target_find_stage(project->ws, outputs, "l@2"));
	g_assert_null(target_find_stage(project->ws, outputs, "stages"));
	g_assert_null(target_find_stage(project->ws, outputs, "../x:a"));
}

/* A stage without outputs is no target, but can go. */
static void stages_go_without_outputs(struct project *project, gconstpointer dialect)
{
	const char *name = ((const struct dialect *)dialect)->pipeline_name;
	g_autoptr(GPtrArray) stages = target_stages_new(), targets = NULL;
	const struct target_options named = {.stages = stages};
	const struct track_remove_options how = {.stages = stages};
	char bare[] = "bare", *arguments[] = {bare, NULL};
	g_autoptr(GError) error = NULL;
	autoptr(outputs) outputs = NULL;
	autoptr(track_result) result = NULL;

	project_write(project, name, "stages:\n  a: {cmd: x} # a\n  bare:\n    cmd: y\n  c: {cmd: z}\n");
	outputs = project_outputs(project);
	g_assert_null(target_resolve(project->ws, outputs, arguments, NULL, NULL));
	targets = target_resolve(project->ws, outputs, arguments, &named, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(targets->len, ==, 0);
	g_assert_cmpuint(stages->len, ==, 1);
	result = track_remove(project->ws, outputs, targets, &how, &error);
	g_assert_no_error(error);
	project_assert(project, name, "stages:\n  a: {cmd: x} # a\n  c: {cmd: z}\n");
}

#define ADD(function, dialect)                                                                                          \
	g_test_add("/track-rewrite/" #dialect "/" #function, struct project, &dialect_##dialect, project_set_up,        \
		   function, project_tear_down)

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	ADD(drafts_are_seen_and_not_written, native);
	ADD(drafts_are_seen_and_not_written, dvc);
	ADD(rewriting, native);
	ADD(rewriting, dvc);
	ADD(refused_before_anything_is_written, native);
	ADD(stages_are_found_by_name, native);
	ADD(stages_are_found_by_name, dvc);
	ADD(stages_go_without_outputs, native);
	return g_test_run();
}
