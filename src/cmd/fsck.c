#include "cmd/fsck.h"

#include "cmd/show.h"
#include "workspace/audit.h"

static const struct {
	const char *word;
	enum view_style style;
} looks[] = {
	[AUDIT_MISSING] = { "missing", VIEW_MISSING },
	[AUDIT_DAMAGED] = { "damaged", VIEW_BAD },
	[AUDIT_REPAIRED] = { "repaired", VIEW_OK },
};

/* One line a finding: the word, the object, the path. Returns how many are not mended. */
static guint show_findings(struct context *context, const struct audit *audit)
{
	guint bad = 0;
	char text[OID_TEXT_MAX];

	for (guint i = 0; i < audit->items->len; i++) {
		const struct audit_item *item = g_ptr_array_index(audit->items, i);

		bad += item->kind != AUDIT_REPAIRED;
		view_print(context->view, looks[item->kind].style, "%-9s", looks[item->kind].word);
		view_print(context->view, VIEW_PLAIN, "%s%s", oid_text(&item->oid, text), item->path ? "  " : "\n");
		if (item->path)
			view_path(context->view, VIEW_PLAIN, item->path, '\n');
	}
	return bad;
}

static int fsck_run(struct context *context, GError **error)
{
	const struct fsck_arguments *options = context->options;
	const struct audit_options how = { .data = options->data, .repair = options->repair };
	size_t problems = 0;
	autoptr(outputs) outputs = NULL;
	g_autoptr(GPtrArray) targets = NULL;
	autoptr(audit) audit = NULL;
	g_autofree char *hashed = NULL, *checked = NULL, *findings = NULL;
	guint bad;
	char size[16];

	if (options->repair && !workspace_lock(context->ws, "git mlv fsck --repair", false, error))
		return -1;
	outputs = show_load_some(context, &problems, error);
	targets = outputs ? show_targets_of(context, outputs, false, error) : NULL;
	audit = targets ? audit_run(context->ws, targets, &how, error) : NULL;
	if (!audit)
		return -1;
	bad = show_findings(context, audit);
	hashed = show_count(audit->objects, "object", "objects");
	checked = show_count(audit->checked, "recorded object", "recorded objects");
	findings = show_count(audit->items->len, "finding", "findings");
	if (options->data)
		view_note(context->view, "hashed %s (%s)", hashed, view_size(size, audit->bytes));
	view_note(context->view, "looked for %s: %s", checked, findings);
	if (bad > 0)
		view_note(context->view, "git mlv fetch brings missing objects from a remote, git mlv fsck --repair takes them from the workspace");
	return bad > 0 || problems > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

const struct command cmd_fsck = {
	.name = "fsck",
	.group = "Care",
	.synopsis = fsck_synopsis,
	.summary = "Check that data is complete and unharmed",
	.needs = NEEDS_WORKSPACE,
	.options_size = sizeof(struct fsck_arguments),
	.options = fsck_specs,
	.max_args = ARGS_ANY,
	.arguments = COMPLETE_FILE,
	.run = fsck_run,
};
