#include "measure/params.h"

#include "cmd/show-measure.h"
#include "cmd/show.h"

struct params_arguments {
	bool all, deps, json, markdown, no_path;
	char **targets;
};

static const struct option_spec diff_specs[] = {
	OPT_STRINGS(params_arguments, 0, "targets", targets, "<path>", "only this file, whole; may be repeated"),
	OPT_FLAG(params_arguments, 0, "all", all, "show parameters that did not change, too"),
	OPT_FLAG(params_arguments, 0, "deps", deps, "show only what stages depend on"),
	OPT_FLAG(params_arguments, 0, "json", json, "print JSON (git-mlv-json(5))"),
	OPT_FLAG(params_arguments, 0, "md", markdown, "print a table of Markdown"),
	OPT_FLAG(params_arguments, 0, "no-path", no_path, "leave out the column of files"),
	OPT_END,
};

static struct measure *read_params(struct context *context, const char *revision, const void *user, GError **error)
{
	return params_read(context->ws, revision, user, error);
}

static int params_diff_run(struct context *context, GError **error)
{
	const struct params_arguments *options = context->options;
	g_auto(GStrv) targets = NULL;
	struct params_options which = {.deps_only = options->deps};
	const struct show_measure how = {
		.noun = "Param",
		.all = options->all,
		.json = options->json,
		.markdown = options->markdown,
		.no_path = options->no_path,
		.precision = -1,
		.read = read_params,
		.user = &which,
	};

	if (options->targets) {
		targets = show_paths(context, options->targets, error);
		if (!targets)
			return -1;
		which.targets = (const char *const *)targets;
	}
	return show_measure_diff(context, &how, error);
}

static const struct command params_diff = {
	.name = "diff",
	.synopsis = "[--targets <path>]... [--all] [--deps] [--json | --md] [--no-path] [<before> [<after>]]",
	.summary = "Show parameters that changed between revisions or since one",
	.needs = NEEDS_WORKSPACE | WANTS_PAGER,
	.options_size = sizeof(struct params_arguments),
	.options = diff_specs,
	.max_args = 2,
	.arguments = COMPLETE_REVISION,
	.run = params_diff_run,
};

static const struct command *const subcommands[] = {&params_diff, NULL};

const struct command cmd_params = {
	.name = "params",
	.group = "Pipelines",
	.synopsis = "diff [<options>] [<before> [<after>]]",
	.summary = "Compare parameters",
	.subcommands = subcommands,
};
