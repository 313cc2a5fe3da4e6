#include "base/error.h"
#include "cmd/gc.h"

#include <string.h>

const char gc_synopsis[] = "[-w] [-a] [-T] [-A] [--all-experiments] [--rev <commit>]... [-n <n>] [--date <when>] [--dry] [--prune=now] [-f]\n"
			   "(-c | -r <remote>) [<scope>] [--dry] [--prune=now] [-f] [-j <n>]\n--undelete [-c | -r <remote>]";

const struct option_spec gc_specs[] = {
	OPT_FLAG(gc_arguments, 'w', "workspace", workspace, "keep what the workspace tracks"),
	OPT_FLAG(gc_arguments, 'a', "all-branches", all_branches, "keep what all branches track"),
	OPT_FLAG(gc_arguments, 'T', "all-tags", all_tags, "keep what all tags track"),
	OPT_FLAG(gc_arguments, 'A', "all-commits", all_commits, "keep what any commit tracks"),
	OPT_FLAG(gc_arguments, 0, "all-experiments", all_experiments, "keep what all experiments track"),
	{ .kind = OPTION_STRINGS, .long_name = "rev", .offset = offsetof(struct gc_arguments, revisions), .value = "<commit>",
	  .help = "keep what this commit tracks", .completion = COMPLETE_REVISION },
	OPT_INT(gc_arguments, 'n', "num", ancestors, "<n>", "with --rev: and that many commits before it"),
	OPT_STRING(gc_arguments, 0, "date", since, "<when>", "keep what commits since then track"),
	OPT_FLAG(gc_arguments, 0, "dry", dry_run, "only say what would be collected"),
	{ .kind = OPTION_FLAG, .long_name = "dry-run", .offset = offsetof(struct gc_arguments, dry_run),
	  .help = "the same as --dry", .hidden = true },
	{ .kind = OPTION_STRING, .long_name = "prune", .offset = offsetof(struct gc_arguments, prune), .value = "<when>",
	  .help = "now: delete at once instead of by way of the trash", .completion = COMPLETE_WORDS, .words = "now" },
	OPT_FLAG(gc_arguments, 0, "undelete", undelete, "put everything in the trash back"),
	OPT_FLAG(gc_arguments, 'f', "force", yes, "do not ask"),
	{ .kind = OPTION_FLAG, .short_name = 'y', .long_name = "yes", .offset = offsetof(struct gc_arguments, yes),
	  .help = "the same as --force", .hidden = true },
	{ .kind = OPTION_FLAG, .short_name = 'c', .long_name = "cloud", .offset = offsetof(struct gc_arguments, cloud),
	  .help = "collect on the default remote, not in the store", .elsewhere = true },
	{ .kind = OPTION_STRING, .short_name = 'r', .long_name = "remote", .offset = offsetof(struct gc_arguments, remote),
	  .value = "<name>", .help = "collect on this remote, not in the store", .completion = COMPLETE_REMOTE,
	  .elsewhere = true },
	OPT_INT(gc_arguments, 'j', "jobs", jobs, "<n>", "with a remote: requests at once"),
	OPT_END,
};

void gc_scope(const struct gc_arguments *options, struct roots_scope *scope, bool *narrow)
{
	*narrow = options->workspace || options->all_branches || options->all_tags || options->all_commits ||
		  options->all_experiments || options->revisions || options->since;
	if (!*narrow) {
		*scope = roots_scope_all;
		return;
	}
	*scope = (struct roots_scope){
		/* What is on disk is never collected, whatever the scope: DVC keeps it, too. */
		.workspace = true,
		.worktrees = true,
		.branches = options->all_branches,
		.tags = options->all_tags,
		.commits = options->all_commits,
		.experiments = options->all_experiments,
		.revisions = options->revisions,
		.ancestors = options->ancestors,
		.since = options->since,
	};
}

bool gc_prune(const struct gc_arguments *options, bool *now, GError **error)
{
	*now = options->prune && strcmp(options->prune, "now") == 0;
	if (!options->prune || *now)
		return true;
	error_set(error, ERROR_USAGE, "--prune takes 'now', not '%s'", options->prune);
	error_hint(error, "git config mlv.gcGrace sets how long the trash is kept");
	return false;
}

struct roots *gc_roots(struct context *context, const struct roots_scope *scope, GError **error)
{
	struct roots *roots = roots_collect(context->ws, scope, error);

	if (!roots)
		return NULL;
	for (guint i = 0; i < roots->problems->len; i++) {
		const struct roots_problem *problem = g_ptr_array_index(roots->problems, i);

		if (!*problem->file)
			view_warn(context->view, "%s: %s", problem->where, problem->text);
		else
			view_warn(context->view, "%s in %s cannot be read (%s); what looks like a hash in it is kept", problem->file,
				  problem->where, problem->text);
	}
	if (roots->unknown->len > 0)
		view_note(context->view, "manifests of folders that are recorded but not here: %u; files of theirs that are here alone can be collected",
			  roots->unknown->len);
	return roots;
}
