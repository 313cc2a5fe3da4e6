#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"
#include "cmd/show.h"
#include "cmd/stage.h"
#include "pipeline/graph.h"
#include "view/json-out.h"
#include "view/text.h"

#include <string.h>

/* The longest description, in characters. */
#define DESCRIPTION_LIMIT 80

struct stage_list_options {
	bool all, fail, recursive, name_only, json;
};

static const struct option_spec list_specs[] = {
	OPT_FLAG(stage_list_options, 0, "all", all, "list all stages and pointers of the project"),
	OPT_FLAG(stage_list_options, 0, "fail", fail, "stop at files that cannot be read, instead of leaving them out"),
	OPT_FLAG(stage_list_options, 'R', "recursive", recursive, "targets are folders: list what is in files below"),
	OPT_FLAG(stage_list_options, 0, "name-only", name_only, "print names alone"),
	OPT_FLAG(stage_list_options, 0, "json", json, "print JSON (git-mlv-json(5))"),
	OPT_END,
};

static void append_path(GString *text, const char *start, const char *path)
{
	g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : start, path);
}

/* "Outputs a, b; Reports c", metrics before plots. */
static void describe_outs(const struct stage *stage, GString *text)
{
	g_autoptr(GString) reports = g_string_new(NULL);

	for (enum pipeline_out_kind kind = PIPELINE_OUT; kind <= PIPELINE_PLOT; kind++) {
		for (guint i = 0; i < stage->outs->len; i++) {
			const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);

			if (out->kind == kind && kind == PIPELINE_OUT)
				append_path(text, "Outputs ", out->written);
			else if (out->kind == kind)
				append_path(reports, "Reports ", out->written);
		}
	}
	if (reports->len > 0)
		g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", reports->str);
}

static void describe_deps(const struct stage *stage, GString *text)
{
	for (guint i = 0; i < stage->deps->len; i++)
		append_path(text, "Depends on ", g_array_index(stage->deps, struct stage_dep, i).written);
	for (guint i = 0; i < stage->params->len; i++)
		append_path(text, "Depends on ", g_array_index(stage->params, struct stage_params, i).written);
}

/* The first line of what the user says of it, NULL if that is nothing. New string. */
static char *own_description(const struct stage *stage)
{
	const char *desc = stage->body ? stage->body->desc : node_get_string(stage->pointer->doc->root, "desc");

	if (!desc)
		return NULL;
	desc += strspn(desc, "\r\n");
	return *desc ? g_strndup(desc, strcspn(desc, "\r\n")) : NULL;
}

/* What DVC says of a stage in one line. New string. */
static char *description(const struct stage *stage)
{
	g_autofree char *own = own_description(stage);
	g_autoptr(GString) text = g_string_new(own);

	if (text->len == 0)
		describe_outs(stage, text);
	if (text->len == 0)
		describe_deps(stage, text);
	if (text->len == 0)
		g_string_append(text, "No outputs or dependencies");
	if (g_utf8_validate(text->str, -1, NULL) && g_utf8_strlen(text->str, -1) > DESCRIPTION_LIMIT) {
		g_string_truncate(text, (gsize)(g_utf8_offset_to_pointer(text->str, DESCRIPTION_LIMIT - 1) - text->str));
		g_string_append(text, "…");
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void show_json(struct context *context, const GPtrArray *list)
{
	struct json_out *json = json_out_new(context->view);

	json_out_array(json, NULL);
	for (guint i = 0; i < list->len; i++) {
		const struct stage *stage = list->pdata[i];
		g_autofree char *text = description(stage);

		json_out_object(json, NULL);
		json_out_string(json, "name", stage->address);
		json_out_string(json, "file", stage->file);
		json_out_string(json, "description", text);
		json_out_bool(json, "frozen", stage->frozen);
		json_out_end(json);
	}
	json_out_end(json);
	json_out_finish(json);
}

/* Two columns as DVC has them: names as wide as the longest. */
static void show_lines(struct context *context, const GPtrArray *list, bool name_only)
{
	unsigned widest = 0;

	for (guint i = 0; i < list->len; i++)
		widest = MAX(widest, text_width(((const struct stage *)list->pdata[i])->address));
	for (guint i = 0; i < list->len; i++) {
		const struct stage *stage = list->pdata[i];
		g_autofree char *text = description(stage);
		g_autoptr(GString) safe = g_string_new(NULL);
		int blanks = (int)(widest - text_width(stage->address)) + 2;

		view_path(context->view, VIEW_HEADING, stage->address, name_only ? '\n' : -1);
		if (name_only)
			continue;
		text_append_safe(safe, text, 0);
		view_print(context->view, VIEW_PLAIN, "%*s%s\n", blanks, "", safe->str);
	}
}

/* Add the stages of one file, or of all files below a folder. */
static bool add_of_file(GPtrArray *list, const struct stages *stages, const char *file, bool below)
{
	bool any = false;

	for (guint i = 0; i < stages->list->len; i++) {
		struct stage *stage = stages->list->pdata[i];

		if (below ? !path_is_inside(stage->file, file) : !g_str_equal(stage->file, file))
			continue;
		g_ptr_array_add(list, stage);
		any = true;
	}
	return any;
}

/* Add the stages of a folder and of all below. */
static bool add_folder(GPtrArray *list, const struct stages *stages, char *argument, GError **error)
{
	g_autofree char *path = workspace_path(stages->ws, argument, error), *quoted = quote_path(argument);

	if (!path)
		return false;
	if (!add_of_file(list, stages, path, true))
		error_set(error, ERROR_NOT_FOUND, "'%s' is no folder with stages below", quoted);
	return list->len > 0;
}

/* Add what an argument names, in the order of the files. */
static bool add_named(GPtrArray *list, const struct stages *stages, char *argument, GError **error)
{
	const struct graph_options how = { .no_needs = true };
	char *arguments[] = { argument, NULL };
	autoptr(graph) graph = graph_new(stages, error);
	g_autoptr(GArray) selected = graph ? graph_select(graph, arguments, &how, error) : NULL;
	g_autofree bool *marks = g_new0(bool, stages->list->len);

	if (!selected)
		return false;
	for (guint i = 0; i < selected->len; i++)
		marks[g_array_index(selected, guint, i)] = true;
	for (guint i = 0; i < stages->list->len; i++) {
		if (marks[i])
			g_ptr_array_add(list, stages->list->pdata[i]);
	}
	return true;
}

/* What is to be listed, each once. */
static GPtrArray *chosen(struct context *context, const struct stages *stages, GError **error)
{
	const struct stage_list_options *options = context->options;
	g_autoptr(GPtrArray) list = g_ptr_array_new(), once = g_ptr_array_new();
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	g_autofree char *here = workspace_path(context->ws, context->ws->dialect->pipeline_name, NULL);

	if (options->all)
		add_of_file(list, stages, "", true);
	else if (context->arg_count == 0 && !options->recursive && here)
		add_of_file(list, stages, here, false);
	else if (context->arg_count == 0)
		add_of_file(list, stages, context->ws->cwd, true);
	for (char **argument = context->args; *argument && !options->all; argument++) {
		if (!(options->recursive ? add_folder : add_named)(list, stages, *argument, error))
			return NULL;
	}
	for (guint i = 0; i < list->len; i++) {
		if (g_hash_table_add(seen, list->pdata[i]))
			g_ptr_array_add(once, list->pdata[i]);
	}
	return g_steal_pointer(&once);
}

/* Load what there is; without --fail what cannot be read is told and left out. */
static struct outputs *load(struct context *context, bool fail, GError **error)
{
	struct outputs *outputs = fail ? show_load(context, error) : outputs_load(context->ws, NULL, error);

	for (guint i = 0; outputs && i < outputs->problems->len; i++)
		view_warn(context->view, "%s", ((const GError *)outputs->problems->pdata[i])->message);
	return outputs;
}

static int list_run(struct context *context, GError **error)
{
	const struct stage_list_options *options = context->options;
	autoptr(outputs) outputs = load(context, options->fail, error);
	autoptr(stages) stages = outputs ? stages_new(context->ws, outputs, error) : NULL;
	g_autoptr(GPtrArray) list = stages ? chosen(context, stages, error) : NULL;

	if (!list)
		return -1;
	if (options->json)
		show_json(context, list);
	else
		show_lines(context, list, options->name_only);
	return EXIT_DONE;
}

const struct command stage_list_command = {
	.name = "list",
	.synopsis = "[--all] [--fail] [-R] [--name-only] [--json] [--] [<target>...]",
	.summary = "List stages",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | WANTS_PAGER,
	.options_size = sizeof(struct stage_list_options),
	.options = list_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_STAGE,
	.run = list_run,
};
