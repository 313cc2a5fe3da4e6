#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "cmd/commands.h"
#include "cmd/show-plots.h"
#include "report/plot-page.h"
#include "repo/revision.h"

/* The page in the folder that --out names. */
#define PAGE_NAME "index.html"

/* Most that a browser's starter may say. */
#define OPEN_LIMIT ((gsize)64 << 10)

struct plots_arguments {
	bool json, tsv, no_header, open;
	char *out, *template, *x, *y, *title, *x_label, *y_label;
	char **targets;
};

/* What `show` and `diff` have in common. */
/* clang-format off: one a line */
#define PLOTS_OPTIONS                                                                                                     \
	{.kind = OPTION_STRING, .short_name = 'o', .long_name = "out", .offset = offsetof(struct plots_arguments, out), \
	 .value = "<folder>", .help = "where to write the page", .completion = COMPLETE_DIR},                            \
	OPT_FLAG(plots_arguments, 0, "open", open, "show the page in a browser"),                                         \
	OPT_STRING(plots_arguments, 't', "template", template, "<name>", "how to draw: linear, scatter, confusion ..."),  \
	OPT_STRING(plots_arguments, 'x', NULL, x, "<field>", "the field on the x axis"),                                  \
	OPT_STRING(plots_arguments, 'y', NULL, y, "<field>", "the field on the y axis"),                                  \
	OPT_FLAG(plots_arguments, 0, "no-header", no_header, "the first line of a CSV or TSV is data, too"),              \
	OPT_STRING(plots_arguments, 0, "title", title, "<text>", "the title of the plots"),                               \
	OPT_STRING(plots_arguments, 0, "x-label", x_label, "<text>", "what to write along the x axis"),                   \
	OPT_STRING(plots_arguments, 0, "y-label", y_label, "<text>", "what to write along the y axis"),                   \
	OPT_FLAG(plots_arguments, 0, "json", json, "print the data as JSON instead"),                                     \
	OPT_FLAG(plots_arguments, 0, "tsv", tsv, "print the points as a table instead, with tabs between"),               \
	OPT_END

static const struct option_spec show_specs[] = {
	PLOTS_OPTIONS
};

static const struct option_spec diff_specs[] = {
	OPT_STRINGS(plots_arguments, 0, "targets", targets, "<target>", "only this plot"),
	PLOTS_OPTIONS
};
/* clang-format on */

/* Show the page in the user's browser, as `git web--browse` finds it. */
static bool open_page(const char *url, GError **error)
{
	/* What it starts goes on in the background, and must not keep our pipes open. */
	const char *const argv[] = {"sh", "-c", "exec git web--browse \"$1\" >/dev/null 2>&1", "sh", url, NULL};
	struct proc_result result;
	bool opened;

	if (!proc_run(argv, NULL, NULL, 0, OPEN_LIMIT, &result, error))
		return false;
	opened = result.status == 0;
	proc_result_clear(&result);
	if (!opened) {
		error_set(error, ERROR_FAILED, "git web--browse found no browser for %s", url);
		error_hint(error, "git config --global web.browser <program>");
	}
	return opened;
}

/* Write the page and print where it is. */
static bool write_page(struct context *context, const struct plots *plots, GError **error)
{
	const struct plots_arguments *arguments = context->options;
	const char *out = arguments->out ? arguments->out : context->ws->dialect->plots_dir;
	g_autofree char *here = g_get_current_dir(), *joined = path_join(here, out), *dir = path_normal(joined);
	g_autofree char *path = path_join(dir, PAGE_NAME), *url = NULL;
	g_autoptr(GString) page = plot_page(plots);

	if (!file_make_dirs(dir, error) || !file_replace(path, page->str, page->len, 0666, error)) {
		g_prefix_error(error, "write the page: ");
		return false;
	}
	url = g_filename_to_uri(path, NULL, error);
	if (!url)
		return false;
	view_print(context->view, VIEW_PLAIN, "%s\n", url);
	return !arguments->open || open_page(url, error);
}

/* Print each problem. */
static void tell_problems(struct context *context, const struct plots *plots)
{
	for (guint i = 0; i < plots->problems->len; i++) {
		const struct plot_problem *problem = plots->problems->pdata[i];
		g_autoptr(GError) copy = g_error_copy(problem->error);

		if (*problem->id)
			g_prefix_error(&copy, "plot '%s' at %s: ", problem->id, problem->revision);
		view_error(context->view, copy);
	}
}

/* Print or draw what was read: an exit code, or -1. */
static int tell(struct context *context, const struct plots *plots, GError **error)
{
	const struct plots_arguments *arguments = context->options;

	tell_problems(context, plots);
	if (arguments->json)
		show_plots_json(context->view, plots);
	else if (arguments->tsv)
		show_plots_tsv(context->view, plots);
	else if (plots->list->len == 0 && plots->problems->len == 0)
		view_note(context->view, "there are no plots; `plots:` in %s defines them", context->ws->dialect->pipeline_name);
	else if (plots->list->len > 0 && !write_page(context, plots, error))
		return -1;
	return plots->problems->len > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

static int plots_common(struct context *context, char **revisions, char **targets, GError **error)
{
	const struct plots_arguments *arguments = context->options;
	const struct plots_options options = {
		.revisions = revisions,
		.targets = targets,
		.properties = {arguments->template, arguments->x, arguments->y, arguments->title, arguments->x_label,
			       arguments->y_label, arguments->no_header},
	};
	autoptr(plots) plots = NULL;

	if (arguments->json && arguments->tsv) {
		error_set(error, ERROR_USAGE, "--json and --tsv are two forms of the same: give one");
		return -1;
	}
	plots = plots_read(context->ws, &options, error);
	return plots ? tell(context, plots, error) : -1;
}

static int plots_show_run(struct context *context, GError **error)
{
	return plots_common(context, NULL, context->args, error);
}

/* Without revisions HEAD and the workspace are compared, with one that and the workspace, as DVC does. */
static int plots_diff_run(struct context *context, GError **error)
{
	const struct plots_arguments *arguments = context->options;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) revisions = NULL;

	if (context->arg_count == 0 && revision_has_head(context->repo))
		g_strv_builder_add(builder, "HEAD");
	g_strv_builder_addv(builder, (const char **)context->args);
	if (context->arg_count <= 1)
		g_strv_builder_add(builder, PLOTS_WORKSPACE);
	revisions = g_strv_builder_end(builder);
	return plots_common(context, revisions, arguments->targets, error);
}

static const struct command plots_show = {
	.name = "show",
	.synopsis = "[<options>] [--] [<target>...]",
	.summary = "Draw plots of the workspace",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct plots_arguments),
	.options = show_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = plots_show_run,
};

static const struct command plots_diff = {
	.name = "diff",
	.synopsis = "[<options>] [--targets <target>]... [--] [<revision>...]",
	.summary = "Draw plots of several revisions on top of each other",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct plots_arguments),
	.options = diff_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_REVISION,
	.run = plots_diff_run,
};

static const struct command *const plots_commands[] = {&plots_show, &plots_diff, NULL};

const struct command cmd_plots = {
	.name = "plots",
	.group = "Pipelines",
	.synopsis = "show [<options>] [<target>...]\ndiff [<options>] [<revision>...]",
	.summary = "Draw plots of the workspace and of revisions",
	.subcommands = plots_commands,
};
