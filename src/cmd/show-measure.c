#include "cmd/show-measure.h"

#include "base/error.h"
#include "repo/revision.h"
#include "view/table.h"

#include <string.h>

/* The name of what is no revision. */
#define WORKSPACE "workspace"

/* What a value that is not there looks like. */
#define NO_VALUE "-"

/* Most columns of a table of differences. */
#define COLUMNS 5

void show_measure_error(struct json_out *json, const GError *error)
{
	/* The names that DVC's users look for. */
	const char *type = error_is(error, ERROR_NOT_FOUND) ? "FileNotFoundError"
			   : error_is(error, ERROR_CORRUPT) ? "ParseError"
			   : error_is(error, ERROR_DENIED)  ? "PermissionError"
							    : "Error";

	json_out_object(json, "error");
	json_out_string(json, "type", type);
	json_out_string(json, "msg", error->message);
	json_out_end(json);
}

void show_measure_errors(struct context *context, const char *revision, const struct measure *measure)
{
	if (measure->error)
		view_warn(context->view, "%s cannot be read: %s", revision, measure->error->message);
	for (guint i = 0; i < measure->files->len; i++) {
		const struct measure_file *file = measure->files->pdata[i];

		if (file->error)
			view_warn(context->view, "%s: '%s' cannot be read: %s", revision, file->path, file->error->message);
	}
}

static void json_value(struct json_out *json, const char *key, const struct node *value)
{
	if (value)
		json_out_node(json, key, value);
	else
		json_out_null(json, key);
}

static void print_json(struct context *context, const struct comparison *comparison)
{
	struct json_out *json = json_out_new(context->view);

	json_out_object(json, NULL);
	for (guint i = 0; i < comparison->files->len; i++) {
		const struct compare_file *file = comparison->files->pdata[i];
		g_autofree char *path = workspace_show_path(context->ws, file->path);

		json_out_object(json, path);
		for (guint j = 0; j < file->changes->len; j++) {
			const struct compare_change *change = &g_array_index(file->changes, struct compare_change, j);

			json_out_object(json, change->name);
			json_value(json, "old", change->before);
			json_value(json, "new", change->after);
			if (change->change)
				json_out_node(json, "diff", change->change);
			json_out_end(json);
		}
		json_out_end(json);
	}
	json_out_end(json);
	json_out_finish(json);
}

/* The text of a cell. New string. */
static char *cell(const struct node *value, int precision)
{
	GString *text = g_string_new(NULL);

	if (!value || value->kind == NODE_NULL)
		g_string_append(text, NO_VALUE);
	else
		compare_append_text(text, value, precision);
	return g_string_free(text, FALSE);
}

static enum view_style style_of(const struct compare_change *change)
{
	if (!change->before)
		return VIEW_ADDED;
	return change->after ? VIEW_PLAIN : VIEW_DELETED;
}

static void add_row(struct table *table, const struct show_measure *how, const char *path,
		    const struct compare_change *change)
{
	g_autofree char *before = cell(change->before, how->precision), *after = cell(change->after, how->precision);
	g_autofree char *difference = cell(change->change, how->precision);
	const char *cells[COLUMNS] = {path, change->name, before, after, difference};

	table_row(table, style_of(change), how->no_path ? cells + 1 : cells);
}

static void print_table(struct context *context, const struct show_measure *how, const char *const revisions[2],
			const struct comparison *comparison)
{
	static const enum table_align aligns[COLUMNS] = {TABLE_LEFT, TABLE_LEFT, TABLE_LEFT, TABLE_LEFT, TABLE_LEFT};
	const char *names[COLUMNS] = {"Path", how->noun, revisions[0], revisions[1], "Change"};
	unsigned columns = COLUMNS - how->no_path - !how->change;
	autoptr(table) table = table_new(how->no_path ? names + 1 : names, aligns, columns);

	for (guint i = 0; i < comparison->files->len; i++) {
		const struct compare_file *file = comparison->files->pdata[i];
		g_autofree char *path = workspace_show_path(context->ws, file->path);

		for (guint j = 0; j < file->changes->len; j++)
			add_row(table, how, path, &g_array_index(file->changes, struct compare_change, j));
	}
	if (how->markdown)
		table_print_markdown(table, context->view);
	else
		table_print(table, context->view, true);
}

/* Read one side. */
static struct measure *read_side(struct context *context, const struct show_measure *how, const char *name,
				 GError **error)
{
	char id[REVISION_ID_MAX];
	bool workspace = strcmp(name, WORKSPACE) == 0;
	struct measure *measure;

	if (!workspace && !revision_resolve(context->repo, name, id, error))
		return NULL;
	measure = how->read(context, workspace ? NULL : id, how->user, error);
	if (measure)
		show_measure_errors(context, name, measure);
	return measure;
}

int show_measure_diff(struct context *context, const struct show_measure *how, GError **error)
{
	const char *revisions[2] = {"HEAD", WORKSPACE};
	autoptr(measure) before = NULL;
	autoptr(measure) after = NULL;
	autoptr(comparison) comparison = NULL;

	for (unsigned i = 0; i < context->arg_count; i++)
		revisions[i] = context->args[i];
	if (revision_has_head(context->repo) || context->arg_count > 0) {
		before = read_side(context, how, revisions[0], error);
		after = before ? read_side(context, how, revisions[1], error) : NULL;
		if (!after)
			return -1;
	} else {
		/* Nothing was committed yet, so nothing changed. */
		before = measure_new();
		after = measure_new();
	}
	comparison = compare(before, after, how->all);
	if (how->json)
		print_json(context, comparison);
	else
		print_table(context, how, revisions, comparison);
	return EXIT_DONE;
}
