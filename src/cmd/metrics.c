#include "measure/metrics.h"

#include "base/cancel.h"
#include "base/error.h"
#include "cmd/show-measure.h"
#include "cmd/show.h"
#include "measure/revisions.h"
#include "repo/revision.h"
#include "view/table.h"

#include <string.h>

/* Places that numbers are rounded to unless told. */
#define PRECISION 5

/* What a metric that is not there looks like. */
#define NO_VALUE "-"

struct metrics_arguments {
	bool branches, tags, commits, json, markdown, all, no_path;
	bool recursive; /* folders are always gone through; DVC has the flag */
	int64_t precision;
	char **targets;
};

/* Two options that both commands have. */
#define SHARED_SPECS                                                                                                   \
	OPT_FLAG(metrics_arguments, 0, "json", json, "print JSON (git-mlv-json(5))"),                                  \
		OPT_FLAG(metrics_arguments, 0, "md", markdown, "print a table of Markdown"),                           \
		OPT_INT(metrics_arguments, 0, "precision", precision, "<n>", "round numbers to this many places (5)"), \
	{                                                                                                              \
		.kind = OPTION_FLAG, .short_name = 'R', .long_name = "recursive",                                      \
		.offset = offsetof(struct metrics_arguments, recursive), .hidden = true                                \
	}

static const struct option_spec show_specs[] = {
	OPT_FLAG(metrics_arguments, 'a', "all-branches", branches, "show the metrics of all branches"),
	OPT_FLAG(metrics_arguments, 'T', "all-tags", tags, "show the metrics of all tags"),
	OPT_FLAG(metrics_arguments, 'A', "all-commits", commits, "show the metrics of all commits"),
	SHARED_SPECS,
	OPT_END,
};

static const struct option_spec diff_specs[] = {
	OPT_STRINGS(metrics_arguments, 0, "targets", targets, "<path>", "only this file or folder; may be repeated"),
	OPT_FLAG(metrics_arguments, 0, "all", all, "show metrics that did not change, too"),
	OPT_FLAG(metrics_arguments, 0, "no-path", no_path, "leave out the column of files"),
	SHARED_SPECS,
	OPT_END,
};

/* The metrics of one revision, to be shown. */
struct shown {
	const char *name; /* borrowed from the list of revisions */
	struct measure *measure;
};

static void shown_clear(gpointer data)
{
	struct shown *shown = data;

	g_clear_pointer(&shown->measure, measure_free);
}

/* How many places; ERROR_USAGE for a number that makes no sense. */
static bool get_precision(const struct metrics_arguments *options, int *precision, GError **error)
{
	if (options->precision < 0 || options->precision > G_MAXINT) {
		error_set(error, ERROR_USAGE, "--precision takes a number from 1 on");
		return false;
	}
	*precision = options->precision > 0 ? (int)options->precision : PRECISION;
	return true;
}

/* Read all revisions into an array of struct shown. */
static GArray *read_revisions(struct context *context, const GPtrArray *revisions, char **targets, GError **error)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct shown));

	g_array_set_clear_func(all, shown_clear);
	for (guint i = 0; i < revisions->len; i++) {
		const struct revisions_entry *entry = revisions->pdata[i];
		struct shown shown = {.name = entry->name};

		if (!cancel_check(error))
			return NULL;
		shown.measure = metrics_read(context->ws, entry->id, (const char *const *)targets, error);
		if (!shown.measure)
			return NULL;
		g_array_append_val(all, shown);
	}
	return g_steal_pointer(&all);
}

/* A workspace that says the same as the branch it stands on says nothing, as in DVC. */
static void hide_workspace(struct context *context, GArray *all)
{
	g_autofree char *branch = revision_branch(context->repo);
	const struct measure *workspace = g_array_index(all, struct shown, 0).measure;

	for (guint i = 1; branch && i < all->len; i++) {
		const struct shown *shown = &g_array_index(all, struct shown, i);

		if (strcmp(shown->name, branch) != 0)
			continue;
		if (measure_equal(workspace, shown->measure))
			g_array_remove_index(all, 0);
		return;
	}
}

static void json_file(struct context *context, struct json_out *json, const struct measure_file *file)
{
	g_autofree char *path = workspace_show_path(context->ws, file->path);

	json_out_object(json, path);
	if (file->error)
		show_measure_error(json, file->error);
	else
		json_out_node(json, "data", file->value);
	json_out_end(json);
}

static void print_json(struct context *context, const GArray *all)
{
	struct json_out *json = json_out_new(context->view);

	json_out_object(json, NULL);
	for (guint i = 0; i < all->len; i++) {
		const struct shown *shown = &g_array_index(all, struct shown, i);

		json_out_object(json, shown->name);
		if (shown->measure->error) {
			show_measure_error(json, shown->measure->error);
		} else {
			json_out_object(json, "data");
			for (guint j = 0; j < shown->measure->files->len; j++)
				json_file(context, json, shown->measure->files->pdata[j]);
			json_out_end(json);
		}
		json_out_end(json);
	}
	json_out_end(json);
	json_out_finish(json);
}

/* One line of the table: a file at a revision. */
struct row {
	const char *revision;
	const struct measure_file *file;
	GArray *values; /* of struct compare_value, sorted by name */
};

static void row_clear(gpointer data)
{
	struct row *row = data;

	g_array_unref(row->values);
}

/* The rows of all files of all revisions; texts are in doc's arena. */
static GArray *make_rows(struct doc *doc, const GArray *all)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct row));

	g_array_set_clear_func(rows, row_clear);
	for (guint i = 0; i < all->len; i++) {
		const struct shown *shown = &g_array_index(all, struct shown, i);

		for (guint j = 0; j < shown->measure->files->len; j++) {
			struct row row = {.revision = shown->name, .file = shown->measure->files->pdata[j]};

			row.values = row.file->value ? compare_flatten(doc, row.file->value)
						     : g_array_new(FALSE, FALSE, sizeof(struct compare_value));
			g_array_append_val(rows, row);
		}
	}
	return rows;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of all metrics, sorted; borrowed. */
static GPtrArray *metric_names(const GArray *rows)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < rows->len; i++) {
		const GArray *values = g_array_index(rows, struct row, i).values;

		for (guint j = 0; j < values->len; j++) {
			const char *name = g_array_index(values, struct compare_value, j).name;

			if (g_hash_table_add(seen, (gpointer)name))
				g_ptr_array_add(names, (gpointer)name);
		}
	}
	g_ptr_array_sort(names, by_text);
	return names;
}

/* Append the cells of a row's metrics, in the order of the names. */
static void add_cells(GPtrArray *cells, const struct row *row, const GPtrArray *names, int precision)
{
	guint at = 0;

	for (guint i = 0; i < names->len; i++) {
		const struct compare_value *value =
			at < row->values->len ? &g_array_index(row->values, struct compare_value, at) : NULL;
		GString *text = g_string_new(NULL);

		if (value && strcmp(value->name, names->pdata[i]) == 0) {
			compare_append_text(text, value->value, precision);
			/* Of equal names, as of {"a.b": 1, "a": {"b": 2}}, one is shown. */
			while (at < row->values->len &&
			       strcmp(g_array_index(row->values, struct compare_value, at).name, names->pdata[i]) == 0)
				at++;
		} else {
			g_string_append(text, NO_VALUE);
		}
		g_ptr_array_add(cells, g_string_free(text, FALSE));
	}
}

/* A table with the headings "Revision", "Path" and the names. */
static struct table *make_table(const GPtrArray *names, bool revisions)
{
	unsigned columns = names->len + 1 + revisions;
	g_autofree const char **headings = g_new(const char *, columns);
	g_autofree enum table_align *aligns = g_new(enum table_align, columns);
	unsigned used = 0;

	if (revisions)
		headings[used++] = "Revision";
	headings[used++] = "Path";
	for (guint i = 0; i < names->len; i++)
		headings[used++] = names->pdata[i];
	for (unsigned i = 0; i < columns; i++)
		aligns[i] = TABLE_LEFT;
	return table_new(headings, aligns, columns);
}

static void print_table(struct context *context, const GArray *all, bool revisions, int precision)
{
	const struct metrics_arguments *options = context->options;
	autoptr(doc) doc = doc_new();
	g_autoptr(GArray) rows = make_rows(doc, all);
	g_autoptr(GPtrArray) names = metric_names(rows);
	autoptr(table) table = make_table(names, revisions);

	for (guint i = 0; i < rows->len; i++) {
		const struct row *row = &g_array_index(rows, struct row, i);
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		if (revisions)
			g_ptr_array_add(cells, g_strdup(row->revision));
		g_ptr_array_add(cells, workspace_show_path(context->ws, row->file->path));
		add_cells(cells, row, names, precision);
		table_row(table, row->file->error ? VIEW_MISSING : VIEW_PLAIN, (const char *const *)cells->pdata);
	}
	if (options->markdown)
		table_print_markdown(table, context->view);
	else
		table_print(table, context->view, true);
}

/* Say what could not be read: all of it for the workspace alone, else how many revisions are concerned. */
static void tell_errors(struct context *context, const GArray *all)
{
	guint count = 0;

	for (guint i = 0; i < all->len; i++)
		count += measure_has_errors(g_array_index(all, struct shown, i).measure);
	if (all->len == 1)
		show_measure_errors(context, "the workspace", g_array_index(all, struct shown, 0).measure);
	else if (count > 0)
		view_warn(context->view, "metrics of %u of %u revisions cannot be read: --json tells why", count, all->len);
}

static int metrics_show_run(struct context *context, GError **error)
{
	const struct metrics_arguments *options = context->options;
	unsigned scopes = (options->branches ? REVISIONS_BRANCHES : 0) | (options->tags ? REVISIONS_TAGS : 0) |
			  (options->commits ? REVISIONS_COMMITS : 0);
	g_autoptr(GPtrArray) revisions = NULL;
	g_autoptr(GArray) all = NULL;
	g_auto(GStrv) targets = NULL;
	int precision;

	if (!get_precision(options, &precision, error))
		return -1;
	if (context->arg_count > 0 && !(targets = show_paths(context, context->args, error)))
		return -1;
	revisions = revisions_list(context->repo, scopes, error);
	all = revisions ? read_revisions(context, revisions, targets, error) : NULL;
	if (!all)
		return -1;
	tell_errors(context, all);
	hide_workspace(context, all);
	if (options->json)
		print_json(context, all);
	else
		print_table(context, all, scopes != 0, precision);
	return EXIT_DONE;
}

static struct measure *read_metrics(struct context *context, const char *revision, const void *user, GError **error)
{
	return metrics_read(context->ws, revision, user, error);
}

static int metrics_diff_run(struct context *context, GError **error)
{
	const struct metrics_arguments *options = context->options;
	g_auto(GStrv) targets = NULL;
	struct show_measure how = {
		.noun = "Metric",
		.all = options->all,
		.json = options->json,
		.markdown = options->markdown,
		.no_path = options->no_path,
		.change = true,
		.read = read_metrics,
	};

	if (!get_precision(options, &how.precision, error))
		return -1;
	if (options->targets && !(targets = show_paths(context, options->targets, error)))
		return -1;
	how.user = targets;
	return show_measure_diff(context, &how, error);
}

static const struct command metrics_show = {
	.name = "show",
	.synopsis = "[-a] [-T] [-A] [--json | --md] [--precision <n>] [--] [<path>...]",
	.summary = "Show metrics, now and at branches, tags or all commits",
	.needs = NEEDS_WORKSPACE | WANTS_PAGER,
	.options_size = sizeof(struct metrics_arguments),
	.options = show_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = metrics_show_run,
};

static const struct command metrics_diff = {
	.name = "diff",
	.synopsis = "[--targets <path>]... [--all] [--json | --md] [--no-path] [--precision <n>] [<before> [<after>]]",
	.summary = "Show metrics that changed between revisions or since one",
	.needs = NEEDS_WORKSPACE | WANTS_PAGER,
	.options_size = sizeof(struct metrics_arguments),
	.options = diff_specs,
	.max_args = 2,
	.arguments = COMPLETE_REVISION,
	.run = metrics_diff_run,
};

static const struct command *const subcommands[] = {&metrics_show, &metrics_diff, NULL};

const struct command cmd_metrics = {
	.name = "metrics",
	.group = "Pipelines",
	.synopsis = "show [<options>] [--] [<path>...]\ndiff [<options>] [<before> [<after>]]",
	.summary = "Show and compare metrics",
	.subcommands = subcommands,
};
