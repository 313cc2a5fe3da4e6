#include "cmd/transfer.h"

struct fetch_options {
	bool all_branches, all_tags, all_commits, glob, run_cache, dry_run;
	char *remote, **revisions;
	int64_t jobs;
};

static const struct option_spec fetch_specs[] = {
	{ .kind = OPTION_STRING, .short_name = 'r', .long_name = "remote", .offset = offsetof(struct fetch_options, remote),
	  .value = "<name>", .help = "the remote to fetch from", .completion = COMPLETE_REMOTE },
	OPT_INT(fetch_options, 'j', "jobs", jobs, "<n>", "transfers at once"),
	OPT_FLAG(fetch_options, 'a', "all-branches", all_branches, "also what all branches track"),
	OPT_FLAG(fetch_options, 'T', "all-tags", all_tags, "also what all tags track"),
	OPT_FLAG(fetch_options, 'A', "all-commits", all_commits, "also what any commit tracks"),
	{ .kind = OPTION_STRINGS, .long_name = "rev", .offset = offsetof(struct fetch_options, revisions), .value = "<commit>",
	  .help = "what this commit tracks, not the workspace", .completion = COMPLETE_REVISION },
	OPT_FLAG(fetch_options, 'n', "dry-run", dry_run, "only say what would be fetched"),
	OPT_FLAG(fetch_options, 0, "run-cache", run_cache, "fetch the run cache, too, and what its runs made"),
	OPT_NO(fetch_options, 0, "no-run-cache", run_cache, "leave the run cache out: the default"),
	OPT_FLAG(fetch_options, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_END,
};

static int fetch_run(struct context *context, GError **error)
{
	const struct fetch_options *options = context->options;
	const struct transfer_scope scope = { options->all_branches, options->all_tags, options->all_commits,
					      options->revisions };
	const struct sync_options how = transfer_options(options->remote, options->jobs, options->dry_run, context);
	struct sync_result result;
	g_autoptr(GPtrArray) wants = NULL;
	size_t problems = 0;
	int code = -1, runs = EXIT_DONE;

	wants = transfer_wants(context, &scope, options->glob, SYNC_USE_FETCH, options->remote, &problems, error);
	if (wants && options->run_cache)
		runs = transfer_fetch_runs(context, wants, &how, error);
	if (!wants || runs < 0)
		return -1;
	sync_result_init(&result);
	if (sync_fetch(context->ws, wants, &how, &result, error))
		code = transfer_report(context, "fetched", &result, options->dry_run, problems);
	sync_result_clear(&result);
	return code == EXIT_DONE ? runs : code;
}

const struct command cmd_fetch = {
	.name = "fetch",
	.group = "Sharing",
	.synopsis = "[-r <remote>] [-j <n>] [-a] [-T] [-A] [--rev <commit>]... [-n] [--run-cache] [--glob] [--] [<target>...]",
	.summary = "Bring tracked data from a remote into the store",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct fetch_options),
	.options = fetch_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = fetch_run,
};
