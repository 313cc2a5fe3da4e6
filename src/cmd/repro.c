#include "cli/command.h"

#include "base/error.h"
#include "base/quote.h"
#include "cmd/show.h"
#include "cmd/submit.h"
#include "pipeline/repro.h"
#include "pipeline/slurm-run.h"
#include "pipeline/tracer.h"

#include <string.h>

/* As many stages at once as a machine can take; more would be a slip. */
#define JOBS_MAX 1024

struct repro_arguments {
	bool force, interactive, single, pipeline, all_pipelines, recursive, downstream, force_downstream;
	bool pull, allow_missing, dry, explain, keep_going, ignore_errors, glob, no_commit, no_run_cache, submit;
	int64_t jobs;
	char *executor, *trace;
};

/* What is printed on the way. */
struct printer {
	struct context *context;
	bool done; /* the stage before was run: DVC leaves a line free after it */
	const struct stage *last;
	bool line_open; /* what a stage printed did not end with a newline */
};

/* How DVC calls it in sentences: "Stage 'train'", or "'data.dvc'" for a pointer. */
static const char *prefix_of(const struct stage *stage)
{
	return stage->name ? "Stage " : "";
}

/* Whether the event is told with -q, too. */
static bool is_loud(enum repro_kind kind)
{
	return kind == REPRO_FAILED || kind == REPRO_NOTES;
}

/* What is told of another stage begins on a line of its own, after a free one if the stage before ran. */
static void turn_to(struct printer *printer, const struct stage *stage)
{
	if (printer->line_open)
		view_print(printer->context->view, VIEW_PLAIN, "\n");
	printer->line_open = false;
	if (stage == printer->last)
		return;
	if (printer->done)
		view_print(printer->context->view, VIEW_PLAIN, "\n");
	printer->done = false;
	printer->last = stage;
}

/* Why a stage runs: on standard error, since DVC does not say so. */
static void print_reasons(struct printer *printer, const struct repro_event *event)
{
	struct view *view = printer->context->view;
	g_autofree char *title = stage_title(event->stage);

	fflush(view->out);
	for (guint i = 0; i < event->reasons->len; i++) {
		const struct reason *reason = event->reasons->pdata[i];
		g_autofree char *text = reason_text(reason);

		view_note(view, "%s: %s", title, text);
		for (guint k = 0; reason->inside && k < reason->inside->len; k++)
			view_note(view, "\t%s", (const char *)reason->inside->pdata[k]);
	}
}

static void print_failure(struct printer *printer, const struct repro_event *event)
{
	struct view *view = printer->context->view;
	g_autofree char *title = stage_title(event->stage);
	g_autoptr(GError) error = g_error_copy(event->error);

	fflush(view->out);
	if (event->tail)
		view_note(view, "%s", event->tail);
	g_prefix_error(&error, "failed to reproduce %s: ", title);
	if (event->log)
		error_hint(&error, "all that it printed is in '%s'", event->log);
	view_error(view, error);
}

static void print_waiting(struct printer *printer, const struct repro_event *event)
{
	g_autofree char *title = stage_title(event->stage);

	view_note(printer->context->view, "%s waits for %s", title, event->text);
}

static void print_recorded(struct printer *printer, const struct repro_event *event)
{
	g_autofree char *shown = workspace_show_path(printer->context->ws, event->text);

	if (event->first)
		view_print(printer->context->view, VIEW_PLAIN, "Generating lock file '%s'\n", shown);
	view_print(printer->context->view, VIEW_PLAIN, "Updating lock file '%s'\n", shown);
}

/* A command that is only shown, as somebody may read it before running it: nothing in it may hide the rest. */
static void print_command(struct view *view, const struct repro_event *event)
{
	g_autofree char *text = g_memdup2(event->text, event->length);

	for (size_t i = 0; i < event->length; i++)
		if (g_ascii_iscntrl(text[i]) && text[i] != '\n' && text[i] != '\t')
			text[i] = '?';
	view_write(view, text, event->length);
}

static void print_output(struct printer *printer, const struct repro_event *event)
{
	const struct repro_arguments *arguments = printer->context->options;

	if (arguments->dry)
		print_command(printer->context->view, event);
	else
		view_write(printer->context->view, event->text, event->length);
	if (event->length)
		printer->line_open = event->text[event->length - 1] != '\n';
	fflush(printer->context->view->out);
}

static void tell(const struct repro_event *event, void *user)
{
	struct printer *printer = user;
	struct view *view = printer->context->view;
	const struct stage *stage = event->stage;
	g_autofree char *name = quote_path(stage->address);

	if (view->quiet && !is_loud(event->kind))
		return;
	if (event->kind != REPRO_PRINTS && event->kind != REPRO_STARTS && event->kind != REPRO_WAITS)
		turn_to(printer, stage);
	switch (event->kind) {
	case REPRO_SAME:
		view_print(view, VIEW_PLAIN, "%s'%s' didn't change, skipping\n", prefix_of(stage), name);
		break;
	case REPRO_VERIFIES:
		view_print(view, VIEW_PLAIN, "Verifying %s in %sstage: '%s'\n",
			   stage->frozen ? "outputs" : "data sources", stage->frozen ? "frozen " : "", name);
		printer->done = true;
		break;
	case REPRO_STARTS:
		print_reasons(printer, event);
		break;
	case REPRO_RUNS:
		view_print(view, VIEW_PLAIN, "Running stage '%s':\n", name);
		printer->done = true;
		break;
	case REPRO_PRINTS:
		print_output(printer, event);
		break;
	case REPRO_CACHED:
		view_print(view, VIEW_PLAIN, "Stage '%s' is cached - skipping run, checking out outputs\n", name);
		printer->done = true;
		break;
	case REPRO_PULLS:
		view_print(view, VIEW_PLAIN, "Pulling data for %s'%s'\n", stage->name ? "stage: " : "", name);
		break;
	case REPRO_RECORDED:
		print_recorded(printer, event);
		break;
	case REPRO_FAILED:
		print_failure(printer, event);
		break;
	case REPRO_WAITS:
		print_waiting(printer, event);
		break;
	case REPRO_NOTES:
		view_warn(view, "%s: %s", name, event->text);
		break;
	}
}

static bool confirm(const struct stage *stage, void *user)
{
	struct printer *printer = user;
	g_autofree char *title = stage_title(stage);

	return view_confirm(printer->context->view, "Going to reproduce %s. Are you sure you want to continue?", title);
}

static bool read_trace(const char *word, enum repro_trace *trace, GError **error)
{
	*trace = REPRO_TRACE_OFF;
	if (!word)
		return true;
	*trace = g_str_equal(word, "strict") ? REPRO_TRACE_STRICT : REPRO_TRACE_TELL;
	if (!*word || *trace == REPRO_TRACE_STRICT)
		return tracer_available(error);
	error_set(error, ERROR_USAGE, "--trace takes 'strict' or nothing, not '%s'", word);
	return false;
}

/* How many stages at once: -j, or mlv.jobs of stages, or one. */
static bool read_jobs(struct context *context, int64_t given, unsigned *jobs, GError **error)
{
	int64_t value = given;

	if (!value && !config_get_int(context->config, "mlv.stagejobs", 1, &value, error))
		return false;
	if (value < 1 || value > JOBS_MAX) {
		error_set(error, ERROR_USAGE, "the number of stages at once must be from 1 to %d", JOBS_MAX);
		return false;
	}
	*jobs = (unsigned)value;
	return true;
}

/* What goes with --submit: nothing that wants somebody to wait. */
static bool check_submit(const struct repro_arguments *arguments, const struct repro_options *options, GError **error)
{
	if (!arguments->submit)
		return true;
	if (options->executor != &exec_slurm) {
		error_set(error, ERROR_USAGE, "--submit needs the executor slurm");
		return false;
	}
	if (arguments->dry || arguments->interactive || arguments->pull || arguments->trace || arguments->keep_going ||
	    arguments->ignore_errors || arguments->allow_missing || arguments->force_downstream) {
		error_set(error, ERROR_USAGE, "of the options that say how stages run, only --force goes with --submit");
		return false;
	}
	return true;
}

static bool read_options(struct context *context, struct repro_options *options, GError **error)
{
	const struct repro_arguments *arguments = context->options;
	const char *executor = arguments->executor ? arguments->executor : config_get(context->config, "mlv.executor");

	*options = (struct repro_options){
		.force = arguments->force,
		.force_downstream = arguments->force_downstream,
		.keep_going = arguments->keep_going,
		.ignore_errors = arguments->ignore_errors,
		.dry = arguments->dry,
		.explain = arguments->explain,
		.pull = arguments->pull,
		.allow_missing = arguments->allow_missing,
		.no_commit = arguments->no_commit,
		.no_run_cache = arguments->no_run_cache,
		.interactive = arguments->interactive,
	};
	if (arguments->submit && !arguments->executor)
		executor = exec_slurm.name;
	options->executor = exec_named(executor ? executor : "local", error);
	return options->executor && check_submit(arguments, options, error) && read_jobs(context, arguments->jobs, &options->jobs, error) &&
	       read_trace(arguments->trace, &options->trace, error);
}

/* The last words, and the exit code. */
static int conclude(struct context *context, const struct repro_result *result, const struct repro_options *options)
{
	struct view *view = context->view;

	if (result->touched->len)
		show_next(context, result->touched);
	if (result->failed) {
		g_autofree char *failed = show_count(result->failed, "stage", "stages");

		view_note(view, "%s failed; %u were left out", failed, result->skipped + result->left);
		return options->ignore_errors ? EXIT_DONE : EXIT_DIFFERENT;
	}
	if (view->quiet)
		return EXIT_DONE;
	if (!result->ran)
		view_print(view, VIEW_PLAIN, "Data and pipelines are up to date.\n");
	else if (!options->dry)
		view_print(view, VIEW_PLAIN, "Use `git mlv push` to send your updates to remote storage.\n");
	return EXIT_DONE;
}

static int run_selected(struct context *context, const struct graph *graph, struct claims *claims,
			const GArray *selected, const struct repro_options *options, GError **error)
{
	struct printer printer = {.context = context};
	const struct repro_listener listener = {.tell = tell, .confirm = confirm, .user = &printer};
	struct repro_result result = {0};
	bool ok = repro_run(graph, claims, selected, options, &listener, &result, error);
	int code;

	turn_to(&printer, printer.last);
	code = ok ? conclude(context, &result, options) : -1;
	repro_result_clear(&result);
	return code;
}

static int repro_command(struct context *context, GError **error)
{
	const struct repro_arguments *arguments = context->options;
	const struct graph_options how = {.glob = arguments->glob,
					  .recursive = arguments->recursive,
					  .single = arguments->single,
					  .pipeline = arguments->pipeline,
					  .all_pipelines = arguments->all_pipelines,
					  .downstream = arguments->downstream};
	g_autofree char *what = g_strconcat("git mlv ", context->argv[0], NULL), *program = NULL;
	autoptr(claims) claims = NULL;
	autoptr(outputs) outputs = NULL;
	autoptr(stages) stages = NULL;
	autoptr(graph) graph = NULL;
	g_autoptr(GArray) selected = NULL;
	struct submission_options submission;
	struct repro_options options;
	int code;

	if (!read_options(context, &options, error))
		return -1;
	submission = (struct submission_options){.force = options.force,
						 .no_commit = options.no_commit,
						 .no_run_cache = options.no_run_cache,
						 .what = what};
	/* What a killed one left in Slurm's queue would write to what we are going to make. */
	if (!options.dry && !slurm_run_sweep(context->ws->state_dir, error))
		return -1;
	if (!options.dry && submission_exists(context->ws)) {
		code = submit_collect(context, &submission, error);
		if (code != EXIT_DONE)
			return code;
	}
	claims = submission.claims = claims_new(context->ws, what);
	program = g_file_read_link("/proc/self/exe", NULL);
	options.what = what;
	options.program = program;
	outputs = show_load(context, error);
	stages = outputs ? stages_new(context->ws, outputs, error) : NULL;
	graph = stages ? graph_new_sound(stages, error) : NULL;
	selected = graph ? graph_select(graph, context->args, &how, error) : NULL;
	if (selected && arguments->submit)
		return submit_stages(context, graph, selected, &submission, error);
	return selected ? run_selected(context, graph, claims, selected, &options, error) : -1;
}

static const struct option_spec repro_specs[] = {
	OPT_FLAG(repro_arguments, 'f', "force", force, "run stages whether or not they changed"),
	OPT_FLAG(repro_arguments, 'i', "interactive", interactive, "ask before each stage"),
	OPT_FLAG(repro_arguments, 's', "single-item", single, "run the targets only, not what they need"),
	OPT_FLAG(repro_arguments, 'p', "pipeline", pipeline, "run all of the pipelines that hold the targets"),
	OPT_FLAG(repro_arguments, 'P', "all-pipelines", all_pipelines, "run all pipelines of the project"),
	OPT_FLAG(repro_arguments, 'R', "recursive", recursive, "take targets as folders: all stages below"),
	OPT_FLAG(repro_arguments, 0, "downstream", downstream, "run the targets and what depends on them"),
	OPT_FLAG(repro_arguments, 0, "force-downstream", force_downstream, "run what depends on a stage that ran"),
	OPT_FLAG(repro_arguments, 0, "pull", pull, "fetch what is missing from the remote"),
	OPT_FLAG(repro_arguments, 0, "allow-missing", allow_missing, "data that is only missing is no change"),
	OPT_FLAG(repro_arguments, 0, "dry", dry, "print what would run"),
	OPT_FLAG(repro_arguments, 0, "explain", explain, "tell all reasons why a stage runs"),
	OPT_FLAG(repro_arguments, 'k', "keep-going", keep_going, "go on with stages that do not need a failed one"),
	OPT_FLAG(repro_arguments, 0, "ignore-errors", ignore_errors, "go on as if a failed stage had gone well"),
	OPT_FLAG(repro_arguments, 0, "glob", glob, "targets are patterns over stages and paths"),
	OPT_FLAG(repro_arguments, 0, "no-commit", no_commit, "do not store what stages make"),
	OPT_FLAG(repro_arguments, 0, "no-run-cache", no_run_cache, "neither use nor keep earlier runs"),
	OPT_INT(repro_arguments, 'j', "jobs", jobs, "<n>", "run so many stages at once"),
	OPT_STRING(repro_arguments, 0, "executor", executor, "<name>", "where stages run: local or slurm"),
	OPT_FLAG(repro_arguments, 0, "submit", submit, "leave all stages to Slurm, and exit"),
	{.kind = OPTION_STRING,
	 .long_name = "trace",
	 .offset = offsetof(struct repro_arguments, trace),
	 .value = "<how>",
	 .help = "tell what stages use undeclared; strict: that fails them",
	 .fallback = "",
	 .completion = COMPLETE_WORDS,
	 .words = "strict"},
	OPT_END,
};

const struct command cmd_repro = {
	.name = "repro",
	.group = "Pipelines",
	.synopsis = "[<options>] [--] [<target>...]",
	.summary = "Run the stages whose inputs changed",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE,
	.options_size = sizeof(struct repro_arguments),
	.options = repro_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = repro_command,
};
