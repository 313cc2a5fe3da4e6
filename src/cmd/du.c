#include "cmd/source.h"

struct du_options {
	bool summarize;
	char *rev;
};

static const struct option_spec du_specs[] = {
	OPT_FLAG(du_options, 's', "summarize", summarize, "only the total"),
	{ .kind = OPTION_STRING, .long_name = "rev", .offset = offsetof(struct du_options, rev), .value = "<commit>",
	  .help = "at this commit, not in the workspace", .completion = COMPLETE_REVISION },
	OPT_END,
};

static int du_run(struct context *context, GError **error)
{
	const struct du_options *options = context->options;
	struct listing_options how = { .tracked_only = true };
	autoptr(source) source = NULL;
	g_autofree char *path = NULL;
	g_autoptr(GPtrArray) entries = source_list(context, options->rev, &how, &source, &path, error);
	uint64_t total = 0;
	bool complete = true;
	char size[16];

	if (!entries)
		return -1;
	for (guint i = 0; i < entries->len; i++) {
		const struct listing_entry *entry = g_ptr_array_index(entries, i);

		if (entry->size == LISTING_NO_SIZE)
			complete = false;
		else
			total += entry->size;
		if (options->summarize)
			continue;
		view_print(context->view, VIEW_PLAIN, "%10s\t",
			   entry->size == LISTING_NO_SIZE ? "-" : view_size(size, entry->size));
		view_path(context->view, VIEW_PLAIN, entry->path, '\n');
	}
	view_print(context->view, VIEW_HEADING, "%10s\t", view_size(size, total));
	view_path(context->view, VIEW_PLAIN, *path ? path : ".", '\n');
	if (!complete)
		view_warn(context->view, "some sizes are not known: their folders' manifests are not in the store");
	return EXIT_DONE;
}

const struct command cmd_du = {
	.name = "du",
	.group = "Data",
	.synopsis = "[-s] [--rev <commit>] [<repository>] [<path>]",
	.summary = "Show how much space tracked data takes",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct du_options),
	.options = du_specs,
	.max_args = 2,
	.arguments = COMPLETE_FILE,
	.run = du_run,
};
