#include "cmd/submit.h"

#include "base/error.h"
#include "cmd/show.h"

static void tell_failure(struct view *view, const struct submission_news *news)
{
	g_autoptr(GError) error = NULL;

	error_set(&error, ERROR_FAILED, "stage '%s' failed: %s (job %s)", news->title, news->why, news->job);
	error_hint(&error, "all that it printed is in '%s'", news->log);
	view_error(view, error);
}

static void tell(const struct submission_news *news, void *user)
{
	struct context *context = user;
	struct view *view = context->view;

	switch (news->fate) {
	case SUBMISSION_SUBMITTED:
		view_print(view, VIEW_PLAIN, "Stage '%s' is submitted: job %s\n", news->title, news->job);
		break;
	case SUBMISSION_RUNS:
		view_print(view, VIEW_PLAIN, "Stage '%s' is still running: job %s\n", news->title, news->job);
		break;
	case SUBMISSION_RECORDED:
		view_print(view, VIEW_PLAIN, "Stage '%s' ended well and is recorded: job %s\n", news->title, news->job);
		break;
	case SUBMISSION_HELD:
		view_print(view, VIEW_PLAIN, "Stage '%s' ended well; it is recorded when the jobs that read its outputs are over\n",
			   news->title);
		break;
	case SUBMISSION_FAILED:
		tell_failure(view, news);
		break;
	case SUBMISSION_SKIPPED:
		view_warn(view, "stage '%s' did not run: a stage that it needs failed", news->title);
		break;
	case SUBMISSION_CHANGED:
		view_warn(view, "stage '%s' ended well, but is not recorded, and will run again: %s", news->title, news->why);
		break;
	}
}

/* The last words of a collection, and the exit code. */
static int conclude(struct context *context, const struct submission_result *result)
{
	if (result->touched->len)
		show_next(context, result->touched);
	if (result->failed && !result->running)
		view_note(context->view, "`git mlv repro` runs what failed again");
	else if (result->running)
		view_note(context->view, "nothing else runs until then; `scancel` ends a job");
	return result->failed || result->running ? EXIT_DIFFERENT : EXIT_DONE;
}

int submit_collect(struct context *context, const struct submission_options *options, GError **error)
{
	const struct submission_listener listener = {.tell = tell, .user = context};
	autoptr(outputs) outputs = show_load(context, error);
	autoptr(stages) stages = outputs ? stages_new(context->ws, outputs, error) : NULL;
	autoptr(graph) graph = stages ? graph_new(stages, error) : NULL;
	struct submission_result result = {0};
	int code;

	if (!graph)
		return -1;
	code = submission_collect(graph, options, &listener, &result, error) ? conclude(context, &result) : -1;
	submission_result_clear(&result);
	return code;
}

int submit_stages(struct context *context, const struct graph *graph, const GArray *selected,
		  const struct submission_options *options, GError **error)
{
	const struct submission_listener listener = {.tell = tell, .user = context};
	struct submission_result result = {0};

	if (!submission_start(graph, selected, options, &listener, &result, error))
		return -1;
	if (!result.submitted)
		view_print(context->view, VIEW_PLAIN, "Data and pipelines are up to date.\n");
	else
		view_note(context->view, "`git mlv repro` collects what they make");
	submission_result_clear(&result);
	return EXIT_DONE;
}
