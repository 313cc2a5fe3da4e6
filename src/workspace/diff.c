#include "workspace/diff.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"
#include "workspace/outputs.h"
#include "workspace/sides.h"

/* What all steps of one diff need. */
struct diffing {
	struct workspace *ws;
	const struct diff_options *options;
	struct outputs *before, *after;
	struct diff *diff;
};

static struct diff *diff_new(void)
{
	struct diff *diff = g_new0(struct diff, 1);

	diff->changes = changes_new();
	diff->missing = changes_new();
	diff->not_in_store = diff->missing->list;
	diff->notes = g_ptr_array_new_with_free_func(g_free);
	return diff;
}

void diff_free(struct diff *diff)
{
	if (!diff)
		return;
	changes_free(diff->changes);
	changes_free(diff->missing);
	g_ptr_array_unref(diff->notes);
	g_free(diff);
}

static void take_missing(const char *path, const struct oid *oid, void *user)
{
	const struct change change = {.kind = CHANGE_DELETED,
				      .path = path,
				      .before = *oid,
				      .old_size = MANIFEST_NO_SIZE,
				      .size = MANIFEST_NO_SIZE};

	changes_add(user, &change);
}

/* Say that the files of a folder are not known. */
static void note_unknown(struct diffing *diffing, const char *path, const struct side *side)
{
	g_autofree char *quoted = quote_path(path);
	char text[OID_TEXT_MAX];

	if (side->side.present && side->side.oid.dir && !side->side.manifest)
		g_ptr_array_add(diffing->diff->notes,
				g_strdup_printf("the list of files of '%s' (%s) is not in the store", quoted,
						oid_text(&side->side.oid, text)));
}

/* The part of the output that a path of the options asks for: "" for all, NULL for nothing. */
static const char *part_for(const char *output, const char *asked)
{
	if (path_is_inside(output, asked))
		return "";
	return path_below(output[0] ? asked : "", output);
}

static void compare_sides(struct diffing *diffing, const char *path, struct side *before, struct side *after)
{
	struct change_request request = {.path = path,
					 .inside = "",
					 .before = &before->side,
					 .after = &after->side,
					 .granular = true,
					 .modes = diffing->ws->dialect->keeps_modes};
	bool workspace = !diffing->options->after && !diffing->options->hide_missing;

	sides_load(before, after, diffing->ws, workspace);
	if (before->side.present != after->side.present || !oid_equal(&before->side.oid, &after->side.oid)) {
		note_unknown(diffing, path, before);
		note_unknown(diffing, path, after);
	}
	for (char **asked = diffing->options->paths; !asked || *asked; asked++) {
		request.inside = asked ? part_for(path, *asked) : "";
		if (request.inside) {
			changes_compare(diffing->diff->changes, &request);
			if (workspace)
				side_find_missing(before, diffing->ws, path, request.inside, take_missing,
						  diffing->diff->missing);
		}
		if (!asked || (request.inside && !*request.inside))
			break;
	}
}

static bool is_asked_for(const struct diffing *diffing, const char *path)
{
	for (char **asked = diffing->options->paths; asked && *asked; asked++) {
		if (part_for(path, *asked))
			return true;
	}
	return !diffing->options->paths;
}

/* Compare one output; `now` is NULL if the later side does not have it, `old` if the earlier one does not. */
static bool compare_output(struct diffing *diffing, const struct output *old, const struct output *now, GError **error)
{
	const char *path = now ? now->path : old->path;
	autoptr(scan) scan = NULL;
	struct side before, after;

	if (!is_asked_for(diffing, path))
		return true;
	side_of_output(&before, old && !old->no_cache ? old : NULL);
	if (!diffing->options->after && now && !now->no_cache) {
		struct scan_options options = {.path = path, .algo = diffing->ws->dialect->algo};

		if (!oid_is_none(&now->oid))
			options.algo = (enum oid_algo)now->oid.algo;
		scan = scan_path(diffing->ws, &options, error);
		if (!scan)
			return false;
		side_of_scan(&after, scan);
	} else {
		side_of_output(&after, now && !now->no_cache ? now : NULL);
	}
	compare_sides(diffing, path, &before, &after);
	side_clear(&before);
	side_clear(&after);
	return true;
}

/* Load one side's pointers; an unreadable one would make the answer untrue. */
static struct outputs *load(struct workspace *ws, const char *revision, GError **error)
{
	autoptr(outputs) outputs = outputs_load(ws, revision, error);

	if (outputs && outputs_check(outputs, error))
		return g_steal_pointer(&outputs);
	if (revision)
		g_prefix_error(error, "in %.10s: ", revision);
	return NULL;
}

static bool compare_all(struct diffing *diffing, GError **error)
{
	for (guint i = 0; i < diffing->after->list->len; i++) {
		const struct output *now = diffing->after->list->pdata[i];

		if (!compare_output(diffing, outputs_find(diffing->before, now->path), now, error))
			return false;
	}
	for (guint i = 0; i < diffing->before->list->len; i++) {
		const struct output *old = diffing->before->list->pdata[i];

		if (!outputs_find(diffing->after, old->path) && !compare_output(diffing, old, NULL, error))
			return false;
	}
	changes_pair_renames(diffing->diff->changes);
	changes_sort(diffing->diff->missing);
	return true;
}

struct diff *diff_read(struct workspace *ws, const struct diff_options *options, GError **error)
{
	autoptr(diff) diff = diff_new();
	struct diffing diffing = {.ws = ws, .options = options, .diff = diff};
	autoptr(outputs) before = load(ws, options->before, error);
	autoptr(outputs) after = before ? load(ws, options->after, error) : NULL;

	if (!after || !workspace_store(ws, error))
		return NULL;
	diffing.before = before;
	diffing.after = after;
	if (!compare_all(&diffing, error))
		return NULL;
	if (!options->after) {
		struct index *index = workspace_index(ws, error);

		if (!index || !index_commit(index, error))
			return NULL;
	}
	return g_steal_pointer(&diff);
}
