#include "cmd/show.h"
#include "cmd/transfer.h"

struct pull_options {
	bool all_branches, all_tags, all_commits, glob, run_cache, force, allow_missing;
	char *remote;
	int64_t jobs;
};

static const struct option_spec pull_specs[] = {
	{ .kind = OPTION_STRING, .short_name = 'r', .long_name = "remote", .offset = offsetof(struct pull_options, remote),
	  .value = "<name>", .help = "the remote to fetch from", .completion = COMPLETE_REMOTE },
	OPT_INT(pull_options, 'j', "jobs", jobs, "<n>", "transfers at once"),
	OPT_FLAG(pull_options, 'a', "all-branches", all_branches, "also fetch what all branches track"),
	OPT_FLAG(pull_options, 'T', "all-tags", all_tags, "also fetch what all tags track"),
	OPT_FLAG(pull_options, 'A', "all-commits", all_commits, "also fetch what any commit tracks"),
	OPT_FLAG(pull_options, 'f', "force", force, "overwrite and remove data that is not stored"),
	OPT_FLAG(pull_options, 0, "allow-missing", allow_missing, "leave out data that the remote does not have"),
	OPT_FLAG(pull_options, 0, "run-cache", run_cache, "fetch the run cache, too, and what its runs made"),
	OPT_NO(pull_options, 0, "no-run-cache", run_cache, "leave the run cache out: the default"),
	OPT_FLAG(pull_options, 0, "glob", glob, "arguments are patterns over tracked paths"),
	OPT_END,
};

static int pull_run(struct context *context, GError **error)
{
	const struct pull_options *options = context->options;
	const struct transfer_scope scope = { options->all_branches, options->all_tags, options->all_commits, NULL };
	const struct sync_options how = transfer_options(options->remote, options->jobs, false, context);
	const struct show_checkout place = {
		.how = { .force = options->force, .allow_missing = options->allow_missing }, .glob = options->glob,
	};
	struct sync_result result;
	g_autoptr(GPtrArray) wants = NULL;
	size_t problems = 0;
	int fetched = -1, placed, runs = EXIT_DONE;

	wants = transfer_wants(context, &scope, options->glob, SYNC_USE_FETCH, options->remote, &problems, error);
	if (wants && options->run_cache)
		runs = transfer_fetch_runs(context, wants, &how, error);
	if (!wants || runs < 0)
		return -1;
	sync_result_init(&result);
	if (sync_fetch(context->ws, wants, &how, &result, error))
		fetched = transfer_report(context, "fetched", &result, false, problems);
	sync_result_clear(&result);
	if (fetched < 0)
		return -1;
	placed = show_checkout(context, &place, error);
	if (placed < 0)
		return -1;
	if (fetched != EXIT_DONE && !options->allow_missing)
		return fetched;
	return problems > 0 || runs != EXIT_DONE ? EXIT_DIFFERENT : placed;
}

const struct command cmd_pull = {
	.name = "pull",
	.group = "Sharing",
	.synopsis = "[-r <remote>] [-j <n>] [-a] [-T] [-A] [-f] [--allow-missing] [--run-cache] [--glob] [--] [<target>...]",
	.summary = "Fetch tracked data and check it out",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | NEEDS_LOCK,
	.options_size = sizeof(struct pull_options),
	.options = pull_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = pull_run,
};
