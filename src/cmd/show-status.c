#include "cmd/show-status.h"

#include "view/json-out.h"

#include <string.h>

/* The path as the user would type it; a folder keeps its '/'. */
static char *shown_path(struct context *context, const char *path)
{
	gsize length = strlen(path);
	g_autofree char *bare = NULL, *shown = NULL;

	if (length == 0 || path[length - 1] != '/')
		return workspace_show_path(context->ws, path);
	bare = g_strndup(path, length - 1);
	shown = workspace_show_path(context->ws, bare);
	return g_strconcat(shown, "/", NULL);
}

static const enum change_kind listed_kinds[] = { CHANGE_MODIFIED, CHANGE_ADDED, CHANGE_DELETED, CHANGE_UNKNOWN };

/* One group of changes: {"modified": […], …, "renamed": [{"old", "new"}]}; nothing if it is empty. */
static void json_changes(struct json_out *json, const char *key, const struct changes *changes)
{
	size_t total = 0;

	for (int kind = 0; changes && kind < CHANGE_UNCHANGED; kind++)
		total += changes->counts[kind];
	if (total == 0)
		return;
	json_out_object(json, key);
	for (gsize k = 0; k < G_N_ELEMENTS(listed_kinds); k++) {
		if (changes->counts[listed_kinds[k]] == 0)
			continue;
		json_out_array(json, change_kind_name(listed_kinds[k]));
		for (guint i = 0; i < changes->list->len; i++) {
			const struct change *change = changes_get(changes, i);

			if (change->kind == listed_kinds[k])
				json_out_string(json, NULL, change->path);
		}
		json_out_end(json);
	}
	if (changes->counts[CHANGE_RENAMED] > 0) {
		json_out_array(json, "renamed");
		for (guint i = 0; i < changes->list->len; i++) {
			const struct change *change = changes_get(changes, i);

			if (change->kind != CHANGE_RENAMED)
				continue;
			json_out_object(json, NULL);
			json_out_string(json, "old", change->old_path);
			json_out_string(json, "new", change->path);
			json_out_end(json);
		}
		json_out_end(json);
	}
	json_out_end(json);
}

/* A list of paths; nothing if it is empty. */
static void json_paths(struct json_out *json, const char *key, const GPtrArray *paths)
{
	if (!paths || paths->len == 0)
		return;
	json_out_array(json, key);
	for (guint i = 0; i < paths->len; i++)
		json_out_string(json, NULL, g_ptr_array_index(paths, i));
	json_out_end(json);
}

void show_data_status_json(struct context *context, const struct status *status, const GPtrArray *not_in_remote)
{
	struct json_out *json = json_out_new(context->view);

	json_out_object(json, NULL);
	json_paths(json, "not_in_cache", status->not_in_store);
	json_paths(json, "not_in_remote", not_in_remote);
	json_changes(json, "committed", status->committed);
	json_changes(json, "uncommitted", status->uncommitted);
	json_paths(json, "untracked", status->untracked);
	if (status->uncommitted->counts[CHANGE_UNCHANGED] > 0) {
		json_out_array(json, "unchanged");
		for (guint i = 0; i < status->uncommitted->list->len; i++) {
			const struct change *change = changes_get(status->uncommitted, i);

			if (change->kind == CHANGE_UNCHANGED)
				json_out_string(json, NULL, change->path);
		}
		json_out_end(json);
	}
	json_out_end(json);
	json_out_finish(json);
}

static const char kind_letters[CHANGE_KINDS] = {
	[CHANGE_ADDED] = 'A', [CHANGE_DELETED] = 'D', [CHANGE_MODIFIED] = 'M',
	[CHANGE_RENAMED] = 'R', [CHANGE_UNKNOWN] = 'U', [CHANGE_UNCHANGED] = ' ',
};

static void porcelain_line(struct context *context, const char *letters, const char *path, const char *old, bool nul)
{
	struct view *view = context->view;
	g_autofree char *shown = shown_path(context, path), *shown_old = old ? shown_path(context, old) : NULL;

	view_print(view, VIEW_PLAIN, "%s ", letters);
	if (nul) {
		view_path(view, VIEW_PLAIN, shown, '\0');
		if (old)
			view_path(view, VIEW_PLAIN, shown_old, '\0');
		return;
	}
	if (old) {
		view_path(view, VIEW_PLAIN, shown_old, -1);
		view_print(view, VIEW_PLAIN, " -> ");
	}
	view_path(view, VIEW_PLAIN, shown, '\n');
}

static void porcelain_changes(struct context *context, const struct changes *changes, unsigned column, bool nul)
{
	char letters[3] = "  ";

	for (guint i = 0; changes && i < changes->list->len; i++) {
		const struct change *change = changes_get(changes, i);

		letters[column] = kind_letters[change->kind];
		porcelain_line(context, letters, change->path, change->kind == CHANGE_RENAMED ? change->old_path : NULL,
			       nul);
	}
}

void show_status_porcelain(struct context *context, const struct status *status, bool nul)
{
	porcelain_changes(context, status->committed, 0, nul);
	porcelain_changes(context, status->uncommitted, 1, nul);
	for (guint i = 0; i < status->not_in_store->len; i++)
		porcelain_line(context, " !", g_ptr_array_index(status->not_in_store, i), NULL, nul);
	for (guint i = 0; status->untracked && i < status->untracked->len; i++)
		porcelain_line(context, "??", g_ptr_array_index(status->untracked, i), NULL, nul);
}

static const enum view_style kind_styles[CHANGE_KINDS] = {
	[CHANGE_ADDED] = VIEW_ADDED,     [CHANGE_DELETED] = VIEW_DELETED, [CHANGE_MODIFIED] = VIEW_MODIFIED,
	[CHANGE_RENAMED] = VIEW_RENAMED, [CHANGE_UNKNOWN] = VIEW_MISSING, [CHANGE_UNCHANGED] = VIEW_PLAIN,
};

/* A heading and a line for each change of the wanted kinds; nothing without any. Returns whether there was one. */
static bool text_changes(struct context *context, const char *heading, const struct changes *changes, bool unchanged)
{
	bool any = false;

	for (guint i = 0; changes && i < changes->list->len; i++) {
		const struct change *change = changes_get(changes, i);
		g_autofree char *shown = NULL;

		if ((change->kind == CHANGE_UNCHANGED) != unchanged)
			continue;
		if (!any)
			view_print(context->view, VIEW_HEADING, "%s\n", heading);
		any = true;
		shown = shown_path(context, change->path);
		view_print(context->view, kind_styles[change->kind], "        %-12s",
			   unchanged ? "" : change->mode_only ? "mode:" : change_kind_name(change->kind));
		if (change->kind == CHANGE_RENAMED) {
			g_autofree char *old = shown_path(context, change->old_path);

			view_path(context->view, VIEW_PLAIN, old, -1);
			view_print(context->view, VIEW_PLAIN, " -> ");
		}
		view_path(context->view, VIEW_PLAIN, shown, '\n');
	}
	return any;
}

static bool text_paths(struct context *context, const char *heading, enum view_style style, const GPtrArray *paths)
{
	if (!paths || paths->len == 0)
		return false;
	view_print(context->view, VIEW_HEADING, "%s\n", heading);
	for (guint i = 0; i < paths->len; i++) {
		g_autofree char *shown = shown_path(context, g_ptr_array_index(paths, i));

		view_print(context->view, style, "        ");
		view_path(context->view, VIEW_PLAIN, shown, '\n');
	}
	return true;
}

bool show_status_text(struct context *context, const struct status *status, const GPtrArray *not_in_remote)
{
	bool any = false;

	any |= text_changes(context, "Recorded since HEAD (git commit makes it part of the history):", status->committed,
			    false);
	any |= text_changes(context, "Changed, not recorded (git mlv commit records it, git mlv checkout undoes it):",
			    status->uncommitted, false);
	any |= text_paths(context, "Not in the store (git mlv fetch brings it):", VIEW_MISSING, status->not_in_store);
	any |= text_paths(context, "Not on the remote (git mlv push sends it):", VIEW_MISSING, not_in_remote);
	any |= text_paths(context, "Not tracked (git mlv add or git add tracks it):", VIEW_DIM, status->untracked);
	text_changes(context, "Unchanged:", status->uncommitted, true);
	for (guint i = 0; i < status->notes->len; i++)
		view_note(context->view, "%s", (const char *)g_ptr_array_index(status->notes, i));
	return any;
}

void show_status_nothing(struct context *context, const struct status *status)
{
	if (status->outputs->len == 0)
		view_print(context->view, VIEW_PLAIN, "Nothing is tracked yet (git mlv add tracks a file or folder).\n");
	else
		view_print(context->view, VIEW_OK, "Data is up to date with its pointers.\n");
}
