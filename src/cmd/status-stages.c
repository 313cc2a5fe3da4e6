#include "cmd/status-stages.h"

#include "base/error.h"
#include "cmd/show.h"
#include "cmd/status-options.h"
#include "pipeline/graph.h"
#include "workspace/target.h"

#include <string.h>

static void clear_report(gpointer data)
{
	g_ptr_array_unref(((struct stage_report *)data)->reasons);
}

void stage_reports_free(struct stage_reports *reports)
{
	g_clear_pointer(&reports->stages, stages_free);
	g_clear_pointer(&reports->targets, g_ptr_array_unref);
	g_array_unref(reports->list);
	g_free(reports->wanted);
	g_free(reports);
}

/* Whether an argument names tracked data; ERROR_NOT_FOUND if not. */
static bool names_data(struct context *context, const struct outputs *outputs, char *argument, GError **error)
{
	const struct status_arguments *options = context->options;
	const struct target_options how = { .glob = options->glob };
	char *one[] = { argument, NULL };
	g_autoptr(GPtrArray) targets = target_resolve(context->ws, outputs, one, &how, error);

	return targets;
}

/* Mark the stages that the arguments name; those that name data are added to `data`. */
static bool mark(struct context *context, struct stage_reports *reports, GPtrArray *data, GError **error)
{
	const struct status_arguments *options = context->options;
	const struct graph_options how = { .glob = options->glob, .recursive = options->recursive };

	for (char **argument = context->args; *argument; argument++) {
		bool marked = graph_mark(reports->stages, *argument, &how, reports->wanted);

		if (names_data(context, reports->stages->outputs, *argument, marked ? NULL : error))
			g_ptr_array_add(data, *argument);
		else if (!marked)
			return false;
	}
	g_ptr_array_add(data, NULL);
	return true;
}

/* All that the wanted stages write. */
static GPtrArray *outputs_of_wanted(const struct stage_reports *reports)
{
	GPtrArray *targets = targets_new();

	for (guint i = 0; i < reports->stages->list->len; i++) {
		const struct stage *stage = g_ptr_array_index(reports->stages->list, i);

		for (guint j = 0; reports->wanted[i] && j < stage->outs->len; j++) {
			const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, j);

			if (out->output)
				targets_add(targets, out->output, "");
		}
	}
	targets_sort(targets);
	return targets;
}

/* Want what the wanted stages need, too. */
static bool add_needs(struct stage_reports *reports, GError **error)
{
	static const struct graph_options how = { .past_frozen = true };
	autoptr(graph) graph = graph_new(reports->stages, error);

	if (!graph)
		return false;
	graph_spread(graph, &how, reports->wanted);
	return true;
}

static bool select_stages(struct context *context, struct stage_reports *reports, GError **error)
{
	const struct status_arguments *options = context->options;
	const struct target_options how = { .glob = options->glob };
	g_autoptr(GPtrArray) data = g_ptr_array_new();

	if (context->arg_count == 0) {
		memset(reports->wanted, true, reports->stages->list->len * sizeof(*reports->wanted));
		return true;
	}
	if (!mark(context, reports, data, error) || (options->with_deps && !add_needs(reports, error)))
		return false;
	if (options->with_deps || options->recursive)
		reports->targets = outputs_of_wanted(reports);
	else if (data->len > 1)
		reports->targets = target_resolve(context->ws, reports->stages->outputs, (char **)data->pdata, &how,
						  error);
	else
		reports->targets = g_ptr_array_new();
	return reports->targets;
}

struct stage_reports *stage_reports_new(struct context *context, const struct outputs *outputs, GError **error)
{
	autoptr(stage_reports) reports = g_new0(struct stage_reports, 1);

	reports->list = g_array_new(false, false, sizeof(struct stage_report));
	g_array_set_clear_func(reports->list, clear_report);
	reports->clean = true;
	reports->stages = stages_new(context->ws, outputs, error);
	if (!reports->stages)
		return NULL;
	reports->wanted = g_new0(bool, reports->stages->list->len + 1);
	for (guint i = 0; i < reports->stages->problems->len; i++)
		view_error(context->view, g_ptr_array_index(reports->stages->problems, i));
	reports->problems = reports->stages->problems->len;
	return select_stages(context, reports, error) ? g_steal_pointer(&reports) : NULL;
}

/* What looking at all stages needs. */
struct look {
	struct context *context;
	struct stage_reports *reports;
	struct facts *facts;
	GHashTable *outputs; /* from outputs to what the status found out about them; NULL without a status */
	GHashTable *told;    /* the texts of errors */
};

/* What a status found out is known to who reads the same path. */
static void learn(struct look *look, const struct status *status)
{
	look->outputs = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < status->outputs->len; i++) {
		struct status_output *found = &g_array_index(status->outputs, struct status_output, i);
		const struct output *output = found->output;
		struct fact fact = { .oid = found->now };

		if (status_word(found) || !g_hash_table_contains(look->outputs, output))
			g_hash_table_insert(look->outputs, (gpointer)output, found);
		if (*found->inside || oid_is_none(&output->oid) ||
		    (oid_is_none(&found->now) && found->state != OUTPUT_DELETED))
			continue;
		fact.kept = !oid_is_none(&found->now);
		fact.kind = !fact.kept ? SCAN_ABSENT : found->now.dir ? SCAN_DIR : SCAN_FILE;
		facts_know(look->facts, output->path, (enum oid_algo)output->oid.algo, &fact);
	}
}

/* What a status found out about an output, as a reason; NULL if all is well. */
static struct reason *reason_of(const struct look *look, const struct output *output)
{
	const struct status_output *found = g_hash_table_lookup(look->outputs, output);
	const char *word = found ? status_word(found) : NULL;

	if (!word)
		return NULL;
	return reason_new_out(look->reports->stages->ws, output->path, word, &output->oid, &found->now);
}

static bool is_before_outputs(const struct reason *reason)
{
	return reason_is_input(reason) || reason->kind == REASON_NEVER_RAN;
}

/* Put what is known of its outputs among the reasons of a stage, where DVC has them: behind what it reads. */
static void add_outputs(const struct look *look, const struct stage *stage, GPtrArray *reasons)
{
	guint at = 0;

	if (!look->outputs)
		return;
	while (at < reasons->len && is_before_outputs(g_ptr_array_index(reasons, at)))
		at++;
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);
		struct reason *reason = out->output ? reason_of(look, out->output) : NULL;

		if (reason)
			g_ptr_array_insert(reasons, (gint)at++, reason);
	}
}

/* Tell what could not be read; many stages may stumble over the same file. */
static void tell(struct look *look, GError *error)
{
	if (g_hash_table_add(look->told, g_strdup(error->message))) {
		view_error(look->context->view, error);
		look->reports->problems++;
	}
	g_error_free(error);
}

static bool look_at(struct look *look, const struct stage *stage, GError **error)
{
	const struct stale_options how = { .no_outs = look->outputs,
					   .first_only = look->context->view->quiet,
					   .inside = !look->outputs };
	struct stage_report report = { .stage = stage };
	GError *problem = NULL;

	report.reasons = stale_reasons(stage, stage->lock, look->facts, &how, &problem);
	if (!report.reasons) {
		if (error_is(problem, ERROR_CANCELLED)) {
			g_propagate_error(error, problem);
			return false;
		}
		tell(look, problem);
		return true;
	}
	add_outputs(look, stage, report.reasons);
	look->reports->clean &= report.reasons->len == 0;
	look->reports->any_stage |= stage_can_run(stage);
	g_array_append_val(look->reports->list, report);
	return true;
}

static bool look_at_all(struct look *look, GError **error)
{
	const struct stage_reports *reports = look->reports;

	for (guint i = 0; i < reports->stages->list->len; i++) {
		const struct stage *stage = g_ptr_array_index(reports->stages->list, i);

		/* Without its lock nothing can be said of a stage, and that it cannot be read was said. */
		if (!reports->wanted[i] || stage->lock_broken)
			continue;
		if (!look_at(look, stage, error))
			return false;
		if (look->context->view->quiet && !reports->clean)
			break;
	}
	return true;
}

bool stage_reports_look(struct context *context, struct stage_reports *reports, const struct status *status,
			GError **error)
{
	autoptr(facts) facts = facts_new(context->ws);
	g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct look look = { context, reports, facts, NULL, told };
	struct index *index;
	bool ok;

	if (status)
		learn(&look, status);
	ok = look_at_all(&look, error);
	g_clear_pointer(&look.outputs, g_hash_table_unref);
	index = ok ? workspace_index(context->ws, error) : NULL;
	return index && index_commit(index, error);
}
