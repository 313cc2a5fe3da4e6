#include "measure/plots.h"

#include "base/error.h"
#include "base/path.h"
#include "measure/plots-int.h"
#include "repo/revision.h"

#include <string.h>

/* In which column of its rows a plot names their revision. */
#define REVISION_COLUMN "rev"

static void free_problem(void *data)
{
	struct plot_problem *problem = data;

	g_clear_error(&problem->error);
	g_free(problem->id);
	g_free(problem->file);
	g_free(problem);
}

void plots_free(struct plots *plots)
{
	if (!plots)
		return;
	g_ptr_array_unref(plots->list);
	g_ptr_array_unref(plots->problems);
	g_hash_table_unref(plots->files);
	g_strfreev(plots->revisions);
	g_free(plots);
}

void plots_tell(struct plots *plots, const char *id, const char *revision, const char *file, GError *error)
{
	struct plot_problem *problem = g_new0(struct plot_problem, 1);

	problem->id = g_strdup(id);
	problem->revision = revision;
	problem->file = g_strdup(file);
	problem->error = error;
	g_ptr_array_add(plots->problems, problem);
}

/* The names of the revisions, each once, the workspace if there are none. */
static char **revisions_of(char **names)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	for (char **name = names; name && *name; name++)
		if (g_hash_table_add(known, *name))
			g_strv_builder_add(builder, *name);
	if (g_hash_table_size(known) == 0)
		g_strv_builder_add(builder, PLOTS_WORKSPACE);
	return g_strv_builder_end(builder);
}

/* Look at one revision; pipeline files that cannot be read there are problems. */
static struct snapshot *open_revision(struct plots *plots, struct workspace *ws, const char *name, GError **error)
{
	bool workspace = strcmp(name, PLOTS_WORKSPACE) == 0;
	struct snapshot *snapshot;
	char id[REVISION_ID_MAX];

	if (!workspace && !revision_resolve(ws->repo, name, id, error))
		return NULL;
	snapshot = snapshot_open(ws, workspace ? NULL : id, error);
	for (guint i = 0; snapshot && i < snapshot->outputs->problems->len; i++)
		plots_tell(plots, "", name, NULL, g_error_copy(snapshot->outputs->problems->pdata[i]));
	return snapshot;
}

static GPtrArray *open_revisions(struct plots *plots, struct workspace *ws, GError **error)
{
	g_autoptr(GPtrArray) snapshots = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);

	for (char **name = plots->revisions; *name; name++) {
		struct snapshot *snapshot = open_revision(plots, ws, *name, error);

		if (!snapshot)
			return NULL;
		g_ptr_array_add(snapshots, snapshot);
	}
	return g_steal_pointer(&snapshots);
}

/* All definitions, those that the project has before files that only a target names. */
static struct plot_definitions *define_all(GPtrArray *snapshots, const struct plots_options *options, GError **error)
{
	autoptr(plot_definitions) definitions = plot_definitions_new();
	size_t count = options->targets ? g_strv_length(options->targets) : 0;
	g_autofree bool *hits = g_new0(bool, count + 1);

	for (guint i = 0; i < snapshots->len; i++)
		if (!plots_define(definitions, snapshots->pdata[i], options, hits, error))
			return NULL;
	for (size_t t = 0; t < count; t++)
		for (guint i = 0; !hits[t] && i < snapshots->len; i++)
			if (!plots_define_file(definitions, snapshots->pdata[i], options, options->targets[t], error))
				return NULL;
	return g_steal_pointer(&definitions);
}

/* Put the pipeline file before ids that several definitions use. */
static void make_ids_unique(GPtrArray *definitions)
{
	g_autoptr(GHashTable) uses = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < definitions->len; i++) {
		const struct plot_definition *definition = definitions->pdata[i];
		guint count = GPOINTER_TO_UINT(g_hash_table_lookup(uses, definition->id));

		g_hash_table_insert(uses, definition->id, GUINT_TO_POINTER(count + 1));
	}
	for (guint i = 0; i < definitions->len; i++) {
		struct plot_definition *definition = definitions->pdata[i];

		if (definition->source && GPOINTER_TO_UINT(g_hash_table_lookup(uses, definition->id)) > 1)
			definition->full_id = g_strdup_printf("%s::%s", definition->source, definition->id);
		else
			definition->full_id = g_strdup(definition->id);
	}
}

struct plots *plots_read(struct workspace *ws, const struct plots_options *options, GError **error)
{
	autoptr(plots) plots = g_new0(struct plots, 1);
	autoptr(plot_definitions) definitions = NULL;
	g_autoptr(GPtrArray) snapshots = NULL;

	plots->list = g_ptr_array_new_with_free_func(plot_free);
	plots->problems = g_ptr_array_new_with_free_func(free_problem);
	plots->files = plots_new_files();
	plots->revisions = revisions_of(options->revisions);
	snapshots = open_revisions(plots, ws, error);
	definitions = snapshots ? define_all(snapshots, options, error) : NULL;
	if (!definitions)
		return NULL;
	make_ids_unique(definitions->list);
	for (guint i = 0; i < definitions->list->len; i++) {
		const struct plot_definition *definition = definitions->list->pdata[i];
		struct plot *plot;

		if (!definition->is_wanted)
			continue;
		plot = plot_make(plots, snapshots, definition);
		if (plot->series->len > 0 || plot->images->len > 0)
			g_ptr_array_add(plots->list, plot);
		else
			plot_free(plot);
	}
	return g_steal_pointer(&plots);
}

const char *plot_series_column(const struct plot *plot)
{
	if (plot->by_file && plot->by_field)
		return "filename::field";
	return plot->by_file ? "filename" : plot->by_field ? "field" : NULL;
}

char *plot_series_name(const struct plot *plot, const struct plot_series *series)
{
	if (plot->by_file && plot->by_field)
		return g_strdup_printf("%s::%s", series->file, series->field);
	return g_strdup(plot->by_file ? series->file : series->field);
}

struct point_value plot_series_x(const struct plot_series *series, size_t row)
{
	if (series->x < 0)
		return (struct point_value){.kind = POINT_INT, .integer = (int64_t)row};
	return *points_get(series->x_points, row, series->x);
}

/* Whether rows get a column of that name from us, in place of one that the file may have. */
static bool is_ours(const char *field, const char *column)
{
	return strcmp(field, REVISION_COLUMN) == 0 || g_strcmp0(field, column) == 0;
}

void plot_row(const struct plot *plot, const struct plot_series *series, size_t row, plot_visit visit, void *user)
{
	const struct points *points = series->points;
	const struct point_value x = plot_series_x(series, row), *y = points_get(points, row, series->y);
	const struct point_value revision = {.kind = POINT_TEXT, .text = series->revision};
	g_autofree char *name = plot_series_name(plot, series);
	const struct point_value names = {.kind = POINT_TEXT, .text = name};
	const char *column = plot_series_column(plot);

	for (guint i = 0; i < points->fields->len; i++) {
		const char *field = points->fields->pdata[i];
		const struct point_value *value = points_get(points, row, (int)i);

		if (value->kind != POINT_ABSENT && strcmp(field, plot->x_name) != 0 && strcmp(field, plot->y_name) != 0 &&
		    !is_ours(field, column))
			visit(field, value, user);
	}
	if (x.kind != POINT_ABSENT && !is_ours(plot->x_name, column))
		visit(plot->x_name, &x, user);
	if (y->kind != POINT_ABSENT && strcmp(plot->y_name, plot->x_name) != 0 && !is_ours(plot->y_name, column))
		visit(plot->y_name, y, user);
	visit(REVISION_COLUMN, &revision, user);
	if (column)
		visit(column, &names, user);
}
