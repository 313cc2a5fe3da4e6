#include "cmd/stage.h"

#include "base/error.h"
#include "base/quote.h"
#include "cmd/show.h"
#include "doc/json.h"
#include "doc/yaml.h"
#include "pipeline/graph.h"

struct stage_show_options {
	bool json;
};

static const struct option_spec show_specs[] = {
	OPT_FLAG(stage_show_options, 0, "json", json, "print JSON instead of YAML"),
	OPT_END,
};

/* What the file says of the stage, with all templates resolved. */
static const struct node *body_of(const struct stage *stage)
{
	return stage->body ? stage->body->body : stage->pointer->doc->root;
}

static void show_bodies(struct context *context, const struct graph *graph, const GArray *selected)
{
	const struct stage_show_options *options = context->options;
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) text = NULL;

	doc->root = node_map(doc);
	for (guint i = 0; i < selected->len; i++) {
		const struct stage *stage = graph->stages->list->pdata[g_array_index(selected, guint, i)];

		node_set(doc, doc->root, stage->address, node_copy(doc, body_of(stage)));
	}
	text = options->json ? json_write(doc->root, JSON_INDENTED) : yaml_write(doc->root);
	if (options->json)
		g_string_append_c(text, '\n');
	view_write(context->view, text->str, text->len);
}

static int show_run(struct context *context, GError **error)
{
	const struct graph_options how = { .no_needs = true };
	autoptr(outputs) outputs = show_load(context, error);
	autoptr(stages) stages = outputs ? stages_new(context->ws, outputs, error) : NULL;
	autoptr(graph) graph = stages ? graph_new(stages, error) : NULL;
	g_autoptr(GArray) selected = graph ? graph_select(graph, context->args, &how, error) : NULL;

	if (!selected)
		return -1;
	show_bodies(context, graph, selected);
	return EXIT_DONE;
}

static const struct command stage_show_command = {
	.name = "show",
	.synopsis = "[--json] [--] <stage>...",
	.summary = "Print stages as they are once templates are resolved",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | WANTS_PAGER,
	.options_size = sizeof(struct stage_show_options),
	.options = show_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_STAGE,
	.run = show_run,
};

struct stage_remove_options {
	bool outs, force;
};

static const struct option_spec remove_specs[] = {
	OPT_FLAG(stage_remove_options, 0, "outs", outs, "delete the outputs in the workspace, too"),
	OPT_FLAG(stage_remove_options, 'f', "force", force, "with --outs: also data that is not stored"),
	OPT_END,
};

/* The stages that the arguments name. */
static GPtrArray *named_stages(struct context *context, const struct outputs *outputs, GError **error)
{
	g_autoptr(GPtrArray) stages = target_stages_new();

	for (char **argument = context->args; *argument; argument++) {
		struct target_stage *stage = target_find_stage(context->ws, outputs, *argument);
		g_autofree char *quoted = quote_path(*argument);

		if (!stage) {
			error_set(error, ERROR_NOT_FOUND, "there is no stage '%s'", quoted);
			error_hint(error, "git mlv stage list --all");
			return NULL;
		}
		g_ptr_array_add(stages, stage);
	}
	return g_steal_pointer(&stages);
}

static int remove_run(struct context *context, GError **error)
{
	const struct stage_remove_options *options = context->options;
	autoptr(outputs) outputs = show_load(context, error);
	g_autoptr(GPtrArray) stages = outputs ? named_stages(context, outputs, error) : NULL;
	g_autoptr(GPtrArray) targets = g_ptr_array_new();
	const struct track_remove_options how = { .stages = stages, .outs = options->outs, .force = options->force };

	return stages ? show_removal(context, outputs, targets, &how, error) : -1;
}

static const struct command stage_remove_command = {
	.name = "remove",
	.synopsis = "[--outs [-f]] [--] <stage>...",
	.summary = "Take stages out of the pipeline file and its lock",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct stage_remove_options),
	.options = remove_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_STAGE,
	.run = remove_run,
};

static const struct command *const stage_commands[] = {
	&stage_add_command, &stage_list_command, &stage_show_command, &stage_remove_command, NULL,
};

const struct command cmd_stage = {
	.name = "stage",
	.group = "Pipelines",
	.synopsis = "add -n <name> [<options>] [--] <command>...\nlist [<options>] [<target>...]\n"
		    "show [--json] [--] <stage>...\nremove [--outs [-f]] [--] <stage>...",
	.summary = "Add, list, show and remove stages of a pipeline",
	.subcommands = stage_commands,
};
