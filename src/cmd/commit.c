#include "base/error.h"
#include "cmd/show.h"
#include "pipeline/commit.h"
#include "pipeline/graph.h"

#include <string.h>

struct commit_arguments {
	bool force, glob, no_relink, with_deps, recursive;
};

static const struct option_spec commit_specs[] = {
	OPT_FLAG(commit_arguments, 'f', "force", force, "record stages, too, whose inputs are not those of their last run"),
	OPT_FLAG(commit_arguments, 'd', "with-deps", with_deps, "commit what the targets depend on, too"),
	OPT_FLAG(commit_arguments, 'R', "recursive", recursive, "arguments are folders: all stages and pointers below"),
	OPT_FLAG(commit_arguments, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_FLAG(commit_arguments, 0, "no-relink", no_relink, "leave the files as they are instead of linking them to the store"),
	OPT_END,
};

/* What is to be committed. */
struct commit_scope {
	struct stages *stages;
	GPtrArray *data; /* of char *: arguments that name data, borrowed */
	bool *marked;    /* for each of stages, among which pointers are */
};

/* Whether an argument names tracked data. */
static bool names_data(struct context *context, const struct commit_scope *scope, char *argument, GError **error)
{
	const struct commit_arguments *options = context->options;
	const struct target_options how = { .glob = options->glob };
	char *one[] = { argument, NULL };
	g_autoptr(GPtrArray) targets = target_resolve(context->ws, scope->stages->outputs, one, &how, error);

	return targets;
}

/* Take what the arguments name, and with -d what that needs. None: everything. */
static bool take_arguments(struct context *context, struct commit_scope *scope, const struct graph *graph, GError **error)
{
	const struct commit_arguments *options = context->options;
	const struct graph_options how = { .glob = options->glob, .recursive = options->recursive,
					   .no_needs = !options->with_deps, .all_pipelines = context->arg_count == 0 };

	for (char **argument = context->args; *argument; argument++) {
		bool marked = graph_mark(scope->stages, *argument, &how, scope->marked);

		if (names_data(context, scope, *argument, marked ? NULL : error))
			g_ptr_array_add(scope->data, *argument);
		else if (!marked)
			return false;
	}
	g_ptr_array_add(scope->data, NULL);
	graph_spread(graph, &how, scope->marked);
	return true;
}

/* Add the data of a pointer that was marked as stages are, unless it, or a part of it, was named. */
static void add_pointer(GPtrArray *targets, GHashTable *named, const struct stage *pointer)
{
	for (guint i = 0; i < pointer->outs->len; i++) {
		const struct output *output = g_array_index(pointer->outs, struct stage_out, i).output;

		if (output && !g_hash_table_contains(named, output))
			targets_add(targets, output, "");
	}
}

/* All data that are wanted, sorted by path. */
static GPtrArray *data_targets(struct context *context, const struct commit_scope *scope, GError **error)
{
	const struct commit_arguments *options = context->options;
	const struct target_options how = { .glob = options->glob };
	const struct stages *stages = scope->stages;
	g_autoptr(GPtrArray) all = targets_new();
	g_autoptr(GHashTable) named = g_hash_table_new(NULL, NULL);
	g_autoptr(GPtrArray) targets = NULL;

	if (scope->data->len > 1) {
		targets = target_resolve(context->ws, stages->outputs, (char **)scope->data->pdata, &how, error);
		if (!targets)
			return NULL;
	}
	for (guint i = 0; targets && i < targets->len; i++) {
		const struct target *target = g_ptr_array_index(targets, i);

		g_hash_table_add(named, target->output);
		targets_add(all, target->output, target->inside);
	}
	for (guint i = 0; i < stages->list->len; i++) {
		const struct stage *stage = g_ptr_array_index(stages->list, i);

		if (stage->pointer && scope->marked[i])
			add_pointer(all, named, stage);
	}
	targets_sort(all);
	return g_steal_pointer(&all);
}

/* Commit what was taken: the stages first, since they may be refused. */
static struct track_result *commit(struct context *context, const struct commit_scope *scope,
				   const struct graph *graph, GError **error)
{
	const struct commit_arguments *options = context->options;
	const struct commit_options of_stages = { .force = options->force, .pass_over = context->arg_count == 0,
						  .no_relink = options->no_relink, .what = "git mlv commit" };
	const struct track_options of_data = { .no_relink = options->no_relink, .absent = options->force };
	autoptr(facts) facts = facts_new(context->ws);
	g_autoptr(GPtrArray) wanted = g_ptr_array_new();
	g_autoptr(GPtrArray) targets = context->arg_count > 0 ? data_targets(context, scope, error) : NULL;
	autoptr(track_result) stages = track_result_new();
	struct track_result *result;

	if (context->arg_count > 0 && !targets)
		return NULL;
	for (guint i = 0; i < graph->count; i++)
		if (scope->marked[graph->order[i]])
			g_ptr_array_add(wanted, g_ptr_array_index(scope->stages->list, graph->order[i]));
	if (!commit_stages(facts, wanted, &of_stages, stages, error))
		return NULL;
	result = track_commit(context->ws, scope->stages->outputs, targets, &of_data, error);
	if (result)
		track_result_merge(result, stages);
	return result;
}

static int commit_run(struct context *context, GError **error)
{
	autoptr(outputs) outputs = show_load(context, error);
	autoptr(stages) stages = outputs ? stages_new(context->ws, outputs, error) : NULL;
	autoptr(graph) graph = stages ? graph_new(stages, error) : NULL;
	g_autoptr(GPtrArray) data = g_ptr_array_new();
	g_autofree bool *marked = graph ? g_new0(bool, graph->count + 1) : NULL;
	struct commit_scope scope = { stages, data, marked };

	if (!graph || !take_arguments(context, &scope, graph, error))
		return -1;
	return show_track(context, commit(context, &scope, graph, error));
}

const struct command cmd_commit = {
	.name = "commit",
	.group = "Data",
	.synopsis = "[-f] [-d] [-R] [--no-relink] [--glob] [--] [<target>...]",
	.summary = "Store changed data and record it in its pointers and lock files",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct commit_arguments),
	.options = commit_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = commit_run,
};
