#include "sync/fsck-remote.h"

#include "cmd/fsck.h"
#include "cmd/show.h"
#include "cmd/transfer.h"

static const struct {
	const char *word;
	enum view_style style;
} looks[] = {
	[FSCK_MISSING] = { "missing", VIEW_MISSING },
	[FSCK_DAMAGED] = { "damaged", VIEW_BAD },
	[FSCK_REPAIRED] = { "repaired", VIEW_OK },
};

static int fsck_remote_command(struct context *context, GError **error)
{
	const struct fsck_arguments *options = context->options;
	const struct sync_options how = transfer_options(options->remote, options->jobs, false, context);
	const struct fsck_remote_options what = { .data = options->data, .repair = options->repair };
	const struct transfer_scope scope = { 0 };
	size_t problems = 0;
	g_autoptr(GPtrArray) wants = transfer_wants(context, &scope, false, SYNC_USE_PUSH, options->remote, &problems, error);
	autoptr(fsck_remote) fsck = wants ? fsck_remote_run(context->ws, wants, &what, &how, error) : NULL;
	g_autofree char *checked = NULL, *findings = NULL;
	guint bad = 0;
	char text[OID_TEXT_MAX], size[16];

	if (!fsck)
		return -1;
	for (guint i = 0; i < fsck->items->len; i++) {
		const struct fsck_remote_item *item = g_ptr_array_index(fsck->items, i);

		bad += item->finding != FSCK_REPAIRED;
		view_print(context->view, looks[item->finding].style, "%-9s", looks[item->finding].word);
		view_print(context->view, VIEW_PLAIN, "%s  ", oid_text(&item->oid, text));
		view_path(context->view, VIEW_PLAIN, item->path, '\n');
	}
	transfer_failures(context, &fsck->result);
	checked = show_count(fsck->checked, "object", "objects");
	findings = show_count(fsck->items->len, "finding", "findings");
	view_note(context->view, "looked for %s on the remote (%s hashed): %s", checked, view_size(size, fsck->bytes),
		  findings);
	if (bad > 0 && !options->repair)
		view_note(context->view, "git mlv fsck --remote <name> --repair sends them anew from the store");
	return bad > 0 || problems > 0 || fsck->result.failed > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

const struct command cmd_fsck_remote = {
	.name = "fsck",
	.group = "Care",
	.synopsis = fsck_synopsis,
	.summary = "Check that data is complete and unharmed",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct fsck_arguments),
	.options = fsck_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = fsck_remote_command,
};
