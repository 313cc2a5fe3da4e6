#include "workspace/diff.h"

#include "base/error.h"
#include "cmd/show.h"
#include "repo/revision.h"
#include "view/json-out.h"
#include "view/table.h"

struct diff_arguments {
	bool json, show_hash, hide_missing, stat, exit_code;
	char **targets;
};

static const struct option_spec diff_specs[] = {
	OPT_STRINGS(diff_arguments, 0, "targets", targets, "<path>", "only what is at or below this path"),
	OPT_FLAG(diff_arguments, 0, "json", json, "print JSON (git-mlv-json(5))"),
	OPT_FLAG(diff_arguments, 0, "show-hash", show_hash, "print object ids, too"),
	OPT_FLAG(diff_arguments, 0, "hide-missing", hide_missing, "leave out what is not in the store"),
	OPT_FLAG(diff_arguments, 0, "stat", stat, "print sizes and totals"),
	OPT_FLAG(diff_arguments, 0, "exit-code", exit_code, "exit with 1 if there are differences"),
	OPT_END,
};

/* The kinds in the order and with the keys that DVC prints. */
static const enum change_kind json_kinds[] = { CHANGE_ADDED, CHANGE_DELETED, CHANGE_MODIFIED, CHANGE_RENAMED };

static void json_hash(struct json_out *json, const struct change *change)
{
	char before[OID_TEXT_MAX], after[OID_TEXT_MAX];

	if (change->kind == CHANGE_MODIFIED) {
		json_out_object(json, "hash");
		json_out_string(json, "old", oid_is_none(&change->before) ? NULL : oid_text(&change->before, before));
		json_out_string(json, "new", oid_is_none(&change->after) ? NULL : oid_text(&change->after, after));
		json_out_end(json);
	} else {
		const struct oid *oid = oid_is_none(&change->after) ? &change->before : &change->after;

		json_out_string(json, "hash", oid_is_none(oid) ? NULL : oid_text(oid, after));
	}
}

static void json_change(struct json_out *json, const struct change *change, bool show_hash)
{
	json_out_object(json, NULL);
	if (change->kind == CHANGE_RENAMED) {
		json_out_object(json, "path");
		json_out_string(json, "old", change->old_path);
		json_out_string(json, "new", change->path);
		json_out_end(json);
	} else {
		json_out_string(json, "path", change->path);
	}
	if (show_hash)
		json_hash(json, change);
	json_out_end(json);
}

static void show_json(struct context *context, const struct diff *diff, bool workspace)
{
	const struct diff_arguments *options = context->options;
	struct json_out *json = json_out_new(context->view);

	json_out_object(json, NULL);
	for (gsize k = 0; diff->changes->list->len + diff->not_in_store->len > 0 && k < G_N_ELEMENTS(json_kinds); k++) {
		json_out_array(json, change_kind_name(json_kinds[k]));
		for (guint i = 0; i < diff->changes->list->len; i++)
			if (changes_get(diff->changes, i)->kind == json_kinds[k])
				json_change(json, changes_get(diff->changes, i), options->show_hash);
		json_out_end(json);
	}
	if (workspace && diff->changes->list->len + diff->not_in_store->len > 0) {
		json_out_array(json, "not in cache");
		for (guint i = 0; i < diff->not_in_store->len; i++)
			json_change(json, &g_array_index(diff->not_in_store, struct change, i), options->show_hash);
		json_out_end(json);
	}
	json_out_end(json);
	json_out_finish(json);
}

static const struct {
	char letter;
	enum view_style style;
} looks[CHANGE_KINDS] = {
	[CHANGE_ADDED] = { 'A', VIEW_ADDED },     [CHANGE_DELETED] = { 'D', VIEW_DELETED },
	[CHANGE_MODIFIED] = { 'M', VIEW_MODIFIED }, [CHANGE_RENAMED] = { 'R', VIEW_RENAMED },
	[CHANGE_UNKNOWN] = { 'U', VIEW_MISSING }, [CHANGE_UNCHANGED] = { ' ', VIEW_PLAIN },
};

static void show_line(struct context *context, const struct change *change)
{
	const struct diff_arguments *options = context->options;
	struct view *view = context->view;
	char text[OID_TEXT_MAX];

	view_print(view, looks[change->kind].style, "%c", looks[change->kind].letter);
	if (options->show_hash) {
		view_print(view, VIEW_DIM, " %s", oid_is_none(&change->before) ? "-" : oid_text(&change->before, text));
		view_print(view, VIEW_DIM, " %s", oid_is_none(&change->after) ? "-" : oid_text(&change->after, text));
	}
	view_print(view, VIEW_PLAIN, "\t");
	if (change->kind == CHANGE_RENAMED) {
		view_path(view, VIEW_PLAIN, change->old_path, -1);
		view_print(view, VIEW_PLAIN, " -> ");
	}
	view_path(view, VIEW_PLAIN, change->path, '\n');
}

/* Sizes for --stat: "1.2 MiB", "" where it is not known. Returns buffer. */
static const char *size_or_blank(char buffer[16], uint64_t size)
{
	if (size == MANIFEST_NO_SIZE)
		return "";
	return view_size(buffer, size);
}

static void show_stat(struct context *context, const struct diff *diff)
{
	static const char *const names[] = { "", "Path", "Before", "After" };
	static const enum table_align aligns[] = { TABLE_LEFT, TABLE_SHRINK, TABLE_RIGHT, TABLE_RIGHT };
	autoptr(table) table = table_new(names, aligns, G_N_ELEMENTS(names));

	for (guint i = 0; i < diff->changes->list->len; i++) {
		const struct change *change = changes_get(diff->changes, i);
		char letter[2] = { looks[change->kind].letter, '\0' }, before[16], after[16];
		g_autofree char *path = change->kind == CHANGE_RENAMED
						? g_strdup_printf("%s -> %s", change->old_path, change->path)
						: g_strdup(change->path);
		const char *cells[] = {
			letter, path,
			change->kind == CHANGE_ADDED ? "" : size_or_blank(before, change->old_size),
			change->kind == CHANGE_DELETED ? "" : size_or_blank(after, change->size),
		};

		table_row(table, looks[change->kind].style, cells);
	}
	table_print(table, context->view, true);
	view_print(context->view, VIEW_PLAIN, "%zu added, %zu deleted, %zu modified, %zu renamed\n",
		   diff->changes->counts[CHANGE_ADDED], diff->changes->counts[CHANGE_DELETED],
		   diff->changes->counts[CHANGE_MODIFIED], diff->changes->counts[CHANGE_RENAMED]);
}

static void show_text(struct context *context, const struct diff *diff)
{
	for (guint i = 0; i < diff->changes->list->len; i++)
		show_line(context, changes_get(diff->changes, i));
	for (guint i = 0; i < diff->not_in_store->len; i++) {
		view_print(context->view, VIEW_MISSING, "!\t");
		view_path(context->view, VIEW_PLAIN, g_array_index(diff->not_in_store, struct change, i).path, '\n');
	}
	for (guint i = 0; i < diff->notes->len; i++)
		view_warn(context->view, "%s", (const char *)g_ptr_array_index(diff->notes, i));
}

static int diff_run(struct context *context, GError **error)
{
	const struct diff_arguments *options = context->options;
	char before[REVISION_ID_MAX], after[REVISION_ID_MAX];
	g_auto(GStrv) paths = NULL;
	struct diff_options how = { .before = before, .hide_missing = options->hide_missing };
	autoptr(diff) diff = NULL;

	if (!revision_resolve(context->repo, context->arg_count > 0 ? context->args[0] : "HEAD", before, error))
		return -1;
	if (context->arg_count == 2) {
		if (!revision_resolve(context->repo, context->args[1], after, error))
			return -1;
		how.after = after;
	}
	if (options->targets) {
		paths = show_paths(context, options->targets, error);
		if (!paths)
			return -1;
		how.paths = paths;
	}
	diff = diff_read(context->ws, &how, error);
	if (!diff)
		return -1;
	if (options->json)
		show_json(context, diff, how.after == NULL);
	else if (options->stat)
		show_stat(context, diff);
	else if (!context->view->quiet)
		show_text(context, diff);
	return options->exit_code && diff->changes->list->len > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

const struct command cmd_diff = {
	.name = "diff",
	.group = "Data",
	.synopsis = "[--json | --stat] [--show-hash] [--hide-missing] [--exit-code] [--targets <path>]... [<before> [<after>]]",
	.summary = "Show what tracked data changed between revisions or since one",
	.needs = NEEDS_WORKSPACE | NEEDS_WORK_TREE | WANTS_PAGER,
	.options_size = sizeof(struct diff_arguments),
	.options = diff_specs,
	.max_args = 2,
	.arguments = COMPLETE_REVISION,
	.run = diff_run,
};
