#include "cmd/show.h"

#include "base/error.h"
#include "base/quote.h"

struct outputs *show_load(struct context *context, GError **error)
{
	autoptr(outputs) outputs = outputs_load(context->ws, NULL, error);

	if (!outputs || !outputs_check(outputs, error))
		return NULL;
	return g_steal_pointer(&outputs);
}

struct outputs *show_load_some(struct context *context, size_t *problems, GError **error)
{
	struct outputs *outputs = outputs_load(context->ws, NULL, error);

	if (!outputs)
		return NULL;
	for (guint i = 0; i < outputs->problems->len; i++)
		view_error(context->view, g_ptr_array_index(outputs->problems, i));
	for (guint i = 0; i < outputs->clashes->len; i++)
		view_warn(context->view, "%s", ((const GError *)g_ptr_array_index(outputs->clashes, i))->message);
	if (problems)
		*problems = outputs->problems->len;
	return outputs;
}

GPtrArray *show_targets_of(struct context *context, const struct outputs *outputs, bool glob, GError **error)
{
	const struct target_options options = { .glob = glob };

	return target_resolve(context->ws, outputs, context->args, &options, error);
}

GPtrArray *show_targets(struct context *context, bool glob, struct outputs **outputs, GError **error)
{
	*outputs = show_load(context, error);
	return *outputs ? show_targets_of(context, *outputs, glob, error) : NULL;
}

char **show_paths(struct context *context, char **arguments, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

	for (; *arguments; arguments++) {
		char *path = workspace_path(context->ws, *arguments, error);

		if (!path)
			return NULL;
		g_ptr_array_add(paths, path);
	}
	g_ptr_array_add(paths, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&paths), FALSE);
}

char *show_count(uint64_t count, const char *one, const char *many)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT " %s", count, count == 1 ? one : many);
}

static const char *const verb_words[] = {
	[TRACK_ADDED] = "added", [TRACK_UPDATED] = "updated", [TRACK_UNCHANGED] = "unchanged",
	[TRACK_REMOVED] = "no longer tracked:", [TRACK_MOVED] = "moved",
};

static void show_item(struct context *context, const struct track_item *item)
{
	g_autofree char *shown = workspace_show_path(context->ws, item->path);
	char size[16];

	if (item->verb == TRACK_MOVED) {
		g_autofree char *old = workspace_show_path(context->ws, item->old_path);

		view_note(context->view, "moved '%s' to '%s'", old, shown);
	} else if (item->verb == TRACK_REMOVED) {
		view_note(context->view, "%s '%s'", verb_words[item->verb], shown);
	} else if (item->oid.dir) {
		g_autofree char *files = show_count(item->nfiles, "file", "files");

		view_note(context->view, "%s '%s' (%s, %s)", verb_words[item->verb], shown, files,
			  view_size(size, item->size));
	} else {
		view_note(context->view, "%s '%s' (%s)", verb_words[item->verb], shown, view_size(size, item->size));
	}
}

void show_next(struct context *context, const GPtrArray *touched)
{
	g_autoptr(GString) files = g_string_new(NULL);

	for (guint i = 0; i < touched->len; i++) {
		g_autofree char *shown = workspace_show_path(context->ws, g_ptr_array_index(touched, i));
		g_autofree char *quoted = g_shell_quote(shown);

		g_string_append_printf(files, " %s", strpbrk(shown, " '\"\\$`*?[]()<>|&;!#~\n\t") ? quoted : shown);
	}
	view_note(context->view, "to record this in Git:\n\tgit add%s", files->str);
}

int show_track(struct context *context, struct track_result *taken)
{
	autoptr(track_result) result = taken;

	if (!result)
		return -1;
	for (guint i = 0; i < result->notes->len; i++)
		view_warn(context->view, "%s", (const char *)g_ptr_array_index(result->notes, i));
	for (guint i = 0; i < result->items->len; i++)
		show_item(context, g_ptr_array_index(result->items, i));
	if (!result->staged && result->touched->len > 0)
		show_next(context, result->touched);
	return EXIT_DONE;
}

int show_removal(struct context *context, const struct outputs *outputs, const GPtrArray *targets,
		 const struct track_remove_options *how, GError **error)
{
	struct track_result *result = track_remove(context->ws, outputs, targets, how, error);

	for (guint i = 0; result && i < how->stages->len; i++) {
		const struct target_stage *stage = how->stages->pdata[i];
		g_autofree char *file = workspace_show_path(context->ws, stage->file);

		view_note(context->view, "removed stage '%s' from '%s'", stage->name, file);
	}
	return show_track(context, result);
}

/* What can come of an output, in the order of the summary. */
static const struct {
	char letter;
	enum view_style style;
	const char *word;
} fate_looks[] = {
	{ 'M', VIEW_MODIFIED, "modified" },
	{ 'A', VIEW_ADDED, "added" },
	{ 'D', VIEW_DELETED, "deleted" },
	{ 'C', VIEW_BAD, "in conflict" },
};

/* The letter for output i, '\0' if nothing was done. In what is in conflict something may have been done all the same. */
static char letter_of(const struct checkout_plan *plan, guint i, const struct checkout_result *result)
{
	static const char letters[] = {
		[CHECKOUT_KEPT] = '\0', [CHECKOUT_ADDED] = 'A', [CHECKOUT_MODIFIED] = 'M', [CHECKOUT_DELETED] = 'D'
	};
	const struct checkout_output *output = &g_array_index(plan->outputs, struct checkout_output, i);

	if (output->conflicts > 0)
		return 'C';
	/* A dry run has the plan alone to go by. */
	if (result->changed && !g_hash_table_contains(result->changed, GUINT_TO_POINTER(i)))
		return '\0';
	return letters[output->fate];
}

static void show_fates(struct context *context, const struct checkout_plan *plan, const struct checkout_result *result)
{
	for (guint i = 0; i < plan->outputs->len; i++) {
		const struct checkout_output *output = &g_array_index(plan->outputs, struct checkout_output, i);
		g_autofree char *shown = NULL;
		gsize look = 0;
		char letter = letter_of(plan, i, result);

		if (!letter)
			continue;
		while (fate_looks[look].letter != letter)
			look++;
		shown = workspace_show_path(context->ws, output->path);
		view_print(context->view, fate_looks[look].style, "%c\t", letter);
		view_path(context->view, VIEW_PLAIN, shown, -1);
		view_print(context->view, VIEW_PLAIN, "%s\n", output->is_dir ? "/" : "");
	}
}

static void show_summary(struct context *context, const struct checkout_plan *plan, const struct checkout_result *result)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (gsize look = 0; look < G_N_ELEMENTS(fate_looks); look++) {
		unsigned count = 0;

		for (guint i = 0; i < plan->outputs->len; i++)
			count += letter_of(plan, i, result) == fate_looks[look].letter;
		if (count > 0)
			g_string_append_printf(line, "%s%u %s", line->len > 0 ? ", " : "", count, fate_looks[look].word);
	}
	view_print(context->view, VIEW_PLAIN, "%s\n", line->len > 0 ? line->str : "no changes");
}

static void show_steps(struct context *context, const struct checkout_plan *plan)
{
	for (guint i = 0; i < plan->steps->len; i++) {
		const struct checkout_step *step = &g_array_index(plan->steps, struct checkout_step, i);
		g_autofree char *shown = workspace_show_path(context->ws, step->path);

		view_print(context->view, VIEW_PLAIN, "%-8s", checkout_verb_name(step->verb));
		view_path(context->view, VIEW_PLAIN, shown, '\n');
	}
}

/* How many files and lists the store lacks, also where that is no obstacle. */
static size_t count_missing(const struct checkout_plan *plan)
{
	size_t missing = 0;

	for (guint i = 0; i < plan->outputs->len; i++)
		missing += g_array_index(plan->outputs, struct checkout_output, i).missing;
	return missing;
}

/* What no pointer names any more and is left alone: from now on it is the user's. */
static void show_orphans(struct context *context, const struct checkout_plan *plan)
{
	for (guint i = 0; i < plan->orphans->len; i++) {
		g_autofree char *shown = workspace_show_path(context->ws, g_ptr_array_index(plan->orphans, i));
		g_autofree char *quoted = quote_path(shown);

		view_warn(context->view, "'%s' stays: no commit has the pointer that tracked it; git mlv add tracks it again", quoted);
	}
}

/* Run the plan, or print it; say what it leaves undone. */
static int follow_plan(struct context *context, const struct checkout_plan *plan, const struct show_checkout *options,
		       GError **error)
{
	struct checkout_result result = { 0 };
	g_autoptr(GError) obstacle = NULL;
	bool complete = plan->conflicts->len + plan->missing->len == 0 || checkout_plan_check(plan, &obstacle);
	guint failures = plan->failed->len;

	if (options->dry_run || context->view->verbose > 0)
		show_steps(context, plan);
	if (!options->dry_run && !checkout_plan_run(context->ws, plan, &result, error)) {
		checkout_result_clear(&result);
		return -1;
	}
	if (options->summary)
		show_summary(context, plan, &result);
	else if (!options->dry_run && !context->view->quiet)
		show_fates(context, plan, &result);
	show_orphans(context, plan);
	for (guint i = 0; i < plan->failed->len; i++)
		view_error(context->view, g_ptr_array_index(plan->failed, i));
	for (guint i = 0; result.failed && i < result.failed->len; i++, failures++)
		view_error(context->view, g_ptr_array_index(result.failed, i));
	checkout_result_clear(&result);
	if (!complete)
		view_error(context->view, obstacle);
	else if (count_missing(plan) > 0)
		view_note(context->view, "not in the store: %zu; git mlv pull brings what a remote has", count_missing(plan));
	return complete && failures == 0 ? EXIT_DONE : EXIT_DIFFERENT;
}

int show_checkout(struct context *context, const struct show_checkout *options, GError **error)
{
	size_t problems = 0;
	autoptr(outputs) outputs = show_load_some(context, &problems, error);
	g_autoptr(GPtrArray) targets = NULL;
	autoptr(checkout_plan) plan = NULL;
	int code;

	if (!outputs)
		return -1;
	/* With an unreadable pointer its data would look like left-overs: then only what is named, or known, is touched. */
	if (context->arg_count > 0 || problems > 0) {
		targets = show_targets_of(context, outputs, options->glob, error);
		if (!targets)
			return -1;
	}
	plan = checkout_plan_new(context->ws, outputs, targets, &options->how, error);
	if (!plan)
		return -1;
	code = follow_plan(context, plan, options, error);
	return code == EXIT_DONE && problems > 0 ? EXIT_DIFFERENT : code;
}
