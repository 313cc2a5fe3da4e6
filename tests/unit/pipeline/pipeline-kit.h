/*
 * pipeline-kit: a project with stages, made for a test.
 */
#ifndef TESTS_UNIT_PIPELINE_KIT_H
#define TESTS_UNIT_PIPELINE_KIT_H

#include "../workspace/project.h"
#include "pipeline/graph.h"

/* What is loaded of a project, in the order in which it must be freed. */
struct loaded {
	struct outputs *outputs;
	struct stages *stages;
	struct graph *graph;
};

/* Load the outputs and stages of the project; its graph, if it can be made. */
static inline void kit_load(struct loaded *loaded, struct project *project)
{
	g_autoptr(GError) error = NULL;

	loaded->outputs = project_outputs(project);
	g_assert_true(outputs_check(loaded->outputs, &error));
	g_assert_no_error(error);
	loaded->stages = stages_new(project->ws, loaded->outputs, &error);
	g_assert_no_error(error);
	loaded->graph = graph_new(loaded->stages, NULL);
}

static inline void kit_unload(struct loaded *loaded)
{
	g_clear_pointer(&loaded->graph, graph_free);
	g_clear_pointer(&loaded->stages, stages_free);
	g_clear_pointer(&loaded->outputs, outputs_free);
}

/* The stage at this address. */
static inline const struct stage *kit_stage(const struct loaded *loaded, const char *address)
{
	for (guint i = 0; i < loaded->stages->list->len; i++) {
		const struct stage *stage = loaded->stages->list->pdata[i];

		if (g_str_equal(stage->address, address))
			return stage;
	}
	g_error("there is no '%s'", address);
}

/* The addresses of these stages, separated by blanks. New string. */
static inline char *kit_addresses(const struct loaded *loaded, const guint *indexes, guint count)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < count; i++) {
		const struct stage *stage = loaded->stages->list->pdata[indexes[i]];

		g_string_append_printf(text, "%s%s", i ? " " : "", stage->address);
	}
	return g_string_free(text, false);
}

#endif
