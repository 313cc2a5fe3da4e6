#include "cmd/transfer.h"
#include "sync/runs.h"

struct push_options {
	bool all_branches, all_tags, all_commits, glob, dry_run, verify, run_cache;
	char *remote, **revisions;
	int64_t jobs;
};

static const struct option_spec push_specs[] = {
	{ .kind = OPTION_STRING, .short_name = 'r', .long_name = "remote", .offset = offsetof(struct push_options, remote),
	  .value = "<name>", .help = "the remote to send to", .completion = COMPLETE_REMOTE },
	OPT_INT(push_options, 'j', "jobs", jobs, "<n>", "transfers at once"),
	OPT_FLAG(push_options, 'a', "all-branches", all_branches, "also what all branches track"),
	OPT_FLAG(push_options, 'T', "all-tags", all_tags, "also what all tags track"),
	OPT_FLAG(push_options, 'A', "all-commits", all_commits, "also what any commit tracks"),
	{ .kind = OPTION_STRINGS, .long_name = "rev", .offset = offsetof(struct push_options, revisions), .value = "<commit>",
	  .help = "what this commit tracks, not the workspace", .completion = COMPLETE_REVISION },
	OPT_FLAG(push_options, 'n', "dry-run", dry_run, "only say what would be sent"),
	OPT_FLAG(push_options, 0, "verify", verify, "look for every single file on the remote"),
	OPT_FLAG(push_options, 0, "run-cache", run_cache, "send the run cache, too, and what its runs made"),
	OPT_NO(push_options, 0, "no-run-cache", run_cache, "leave the run cache out: the default"),
	OPT_FLAG(push_options, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_END,
};

/* Send the runs of the run cache; what they made was sent before. */
static int push_runs(struct context *context, const struct sync_options *how, GError **error)
{
	struct sync_result result;
	int code = -1;

	sync_result_init(&result);
	if (sync_push_runs(context->ws, how, &result, error))
		code = transfer_report_runs(context, "sent", &result, how->dry_run);
	sync_result_clear(&result);
	return code;
}

static int push_run(struct context *context, GError **error)
{
	const struct push_options *options = context->options;
	const struct transfer_scope scope = { options->all_branches, options->all_tags, options->all_commits,
					      options->revisions };
	struct sync_options how = transfer_options(options->remote, options->jobs, options->dry_run, context);
	struct sync_result result;
	g_autoptr(GPtrArray) wants = NULL;
	size_t problems = 0;
	int code = -1;

	how.verify = options->verify;
	wants = transfer_wants(context, &scope, options->glob, SYNC_USE_PUSH, options->remote, &problems, error);
	if (!wants || (options->run_cache && !sync_wants_from_runs(wants, context->ws, error)))
		return -1;
	sync_result_init(&result);
	if (sync_push(context->ws, wants, &how, &result, error))
		code = transfer_report(context, "sent", &result, options->dry_run, problems);
	sync_result_clear(&result);
	if (options->run_cache && code >= 0) {
		int runs = push_runs(context, &how, error);

		code = runs == EXIT_DONE ? code : runs;
	}
	return code;
}

const struct command cmd_push = {
	.name = "push",
	.group = "Sharing",
	.synopsis = "[-r <remote>] [-j <n>] [-a] [-T] [-A] [--rev <commit>]... [-n] [--verify] [--run-cache] [--glob] [--] [<target>...]",
	.summary = "Send tracked data to a remote",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct push_options),
	.options = push_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = push_run,
};
