#include "cmd/show-stages.h"

#include "view/json-out.h"

#include <string.h>

/* So many reasons of a stage are listed unless all are asked for. */
#define REASONS_SHOWN 3

static const struct stage_report *report_at(const struct stage_reports *reports, guint i)
{
	return &g_array_index(reports->list, struct stage_report, i);
}

/* The reasons of one kind of thing as the member of an object: path to word, or file to parameters to words. */
static void json_group(struct json_out *json, const GPtrArray *reasons, guint first, guint end, const char *key)
{
	json_out_object(json, NULL);
	json_out_object(json, key);
	for (guint i = first; i < end; i++) {
		const struct reason *reason = g_ptr_array_index(reasons, i), *next = NULL, *last = NULL;

		if (!reason->key) {
			json_out_string(json, reason->what, reason->word);
			continue;
		}
		last = i > first ? g_ptr_array_index(reasons, i - 1) : NULL;
		next = i + 1 < end ? g_ptr_array_index(reasons, i + 1) : NULL;
		if (!last || !last->key || strcmp(last->what, reason->what) != 0)
			json_out_object(json, reason->what);
		json_out_string(json, reason->key, reason->word);
		if (!next || !next->key || strcmp(next->what, reason->what) != 0)
			json_out_end(json);
	}
	json_out_end(json);
	json_out_end(json);
}

static const char *json_word(enum reason_kind kind)
{
	switch (kind) {
	case REASON_COMMAND:
		return "changed command";
	case REASON_CHECKSUM:
		return "changed checksum";
	case REASON_ALWAYS:
	case REASON_CALLBACK:
		return "always changed";
	default:
		return NULL; /* DVC has no word for it */
	}
}

static void json_stage(struct json_out *json, const struct stage_report *report)
{
	const GPtrArray *reasons = report->reasons;

	json_out_array(json, report->stage->address);
	for (guint i = 0; i < reasons->len;) {
		const struct reason *reason = g_ptr_array_index(reasons, i);
		bool out = reason->kind == REASON_OUT;
		guint end = i;

		while (end < reasons->len && (out ? ((struct reason *)g_ptr_array_index(reasons, end))->kind == REASON_OUT
						  : reason_is_input(g_ptr_array_index(reasons, end))))
			end++;
		if (end > i && reason->kind != REASON_NEVER_RAN) {
			json_group(json, reasons, i, end, out ? "changed outs" : "changed deps");
			i = end;
			continue;
		}
		if (json_word(reason->kind))
			json_out_string(json, NULL, json_word(reason->kind));
		i++;
	}
	json_out_end(json);
}

void show_stages_json(struct context *context, const struct stage_reports *reports)
{
	struct json_out *json = json_out_new(context->view);

	json_out_object(json, NULL);
	for (guint i = 0; i < reports->list->len; i++) {
		if (report_at(reports, i)->reasons->len > 0)
			json_stage(json, report_at(reports, i));
	}
	json_out_end(json);
	json_out_finish(json);
}

void show_stages_porcelain(struct context *context, const struct stage_reports *reports, bool nul)
{
	for (guint i = 0; i < reports->list->len; i++) {
		const struct stage_report *report = report_at(reports, i);

		if (report->reasons->len == 0 || !stage_can_run(report->stage))
			continue;
		view_print(context->view, VIEW_PLAIN, " S ");
		view_path(context->view, VIEW_PLAIN, report->stage->address, nul ? '\0' : '\n');
	}
}

/* The reasons of one stage below each other. A stage that never ran has one that says it all. */
static void text_reasons(struct context *context, const GPtrArray *reasons, guint most, bool inside)
{
	for (guint i = 0; i < reasons->len && i < most; i++) {
		const struct reason *reason = g_ptr_array_index(reasons, i);
		g_autofree char *text = reason_text(reason);

		view_print(context->view, VIEW_PLAIN, "            %s\n", text);
		for (guint j = 0; inside && reason->inside && j < reason->inside->len; j++)
			view_print(context->view, VIEW_DIM, "                %s\n",
				   (const char *)g_ptr_array_index(reason->inside, j));
		if (reason->kind == REASON_NEVER_RAN && !inside)
			return;
	}
	if (reasons->len > most)
		view_print(context->view, VIEW_DIM, "            and %u more\n", reasons->len - most);
}

static void text_address(struct context *context, enum view_style style, const struct stage *stage)
{
	view_print(context->view, VIEW_PLAIN, "        ");
	view_path(context->view, style, stage->address, '\n');
}

void show_stages_text(struct context *context, const struct stage_reports *reports)
{
	bool any = false;

	for (guint i = 0; i < reports->list->len; i++) {
		const struct stage_report *report = report_at(reports, i);

		/* What changed of a pointer is data, and listed as such. */
		if (report->reasons->len == 0 || !stage_can_run(report->stage))
			continue;
		if (!any)
			view_print(context->view, VIEW_HEADING,
				   "Stages that are not up to date (git mlv repro runs them):\n");
		any = true;
		text_address(context, VIEW_MODIFIED, report->stage);
		text_reasons(context, report->reasons, REASONS_SHOWN, false);
	}
}

static void explain_text(struct context *context, const struct stage_reports *reports)
{
	for (guint i = 0; i < reports->list->len; i++) {
		const struct stage_report *report = report_at(reports, i);
		bool same = report->reasons->len == 0;

		view_path(context->view, same ? VIEW_PLAIN : VIEW_MODIFIED, report->stage->address, -1);
		view_print(context->view, same ? VIEW_OK : VIEW_PLAIN, same ? ": up to date\n" : ":\n");
		text_reasons(context, report->reasons, G_MAXUINT, true);
	}
}

static const char *const kind_names[] = {
	[REASON_NEVER_RAN] = "never ran", [REASON_COMMAND] = "command", [REASON_DEP] = "dependency",
	[REASON_PARAM] = "parameter",	  [REASON_OUT] = "output",	[REASON_ALWAYS] = "always changed",
	[REASON_CALLBACK] = "no inputs",  [REASON_CHECKSUM] = "checksum", [REASON_FORCED] = "forced",
	[REASON_UPSTREAM] = "upstream",
};

static void explain_reason(struct json_out *json, const struct reason *reason)
{
	g_autofree char *text = reason_text(reason);

	json_out_object(json, NULL);
	json_out_string(json, "reason", kind_names[reason->kind]);
	json_out_string(json, "text", text);
	if (reason->what)
		json_out_string(json, "path", reason->what);
	if (reason->key)
		json_out_string(json, "key", reason->key);
	if (reason->word)
		json_out_string(json, "state", reason->word);
	if (reason->old)
		json_out_string(json, "old", reason->old);
	if (reason->new)
		json_out_string(json, "new", reason->new);
	if (reason->inside) {
		json_out_array(json, "files");
		for (guint i = 0; i < reason->inside->len; i++)
			json_out_string(json, NULL, g_ptr_array_index(reason->inside, i));
		json_out_end(json);
	}
	json_out_end(json);
}

void show_stages_explained(struct context *context, const struct stage_reports *reports, bool json)
{
	struct json_out *out;

	if (!json) {
		explain_text(context, reports);
		return;
	}
	out = json_out_new(context->view);
	json_out_object(out, NULL);
	for (guint i = 0; i < reports->list->len; i++) {
		const struct stage_report *report = report_at(reports, i);

		json_out_array(out, report->stage->address);
		for (guint j = 0; j < report->reasons->len; j++)
			explain_reason(out, g_ptr_array_index(report->reasons, j));
		json_out_end(out);
	}
	json_out_end(out);
	json_out_finish(out);
}
