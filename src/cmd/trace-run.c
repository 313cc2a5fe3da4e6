#include "base/error.h"
#include "cmd/commands.h"
#include "pipeline/tracer.h"

struct trace_run_options {
	char *report;
};

static const struct option_spec trace_run_specs[] = {
	OPT_STRING(trace_run_options, 0, "report", report, "<file>", "append to <file> which files were used"),
	OPT_END,
};

/* Where the project is that a stage belongs to: its environment says so. */
static const char *find_root(void)
{
	const char *root = g_getenv("MLV_ROOT");

	return root ? root : g_getenv("DVC_ROOT");
}

static int trace_run_run(struct context *context, GError **error)
{
	const struct trace_run_options *options = context->options;
	const char *root = find_root();

	if (!options->report || !root)
		error_set(error, ERROR_USAGE, "%s", options->report ? "MLV_ROOT is not set" : "--report is missing");
	else
		tracer_exec(root, options->report, context->args, error);
	return -1;
}

const struct command cmd_trace_run = {
	.name = "trace-run",
	.group = "Pipelines",
	.synopsis = "--report <file> -- <command> [<argument>...]",
	.summary = "Run a command of a stage and note which files it uses; run by repro --trace",
	.options_size = sizeof(struct trace_run_options),
	.options = trace_run_specs,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.run = trace_run_run,
};
