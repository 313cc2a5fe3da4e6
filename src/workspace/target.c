#include "workspace/target.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

static void target_free(struct target *target)
{
	g_free(target->inside);
	g_free(target);
}

GPtrArray *targets_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)target_free);
}

void targets_add(GPtrArray *targets, const struct output *output, const char *inside)
{
	struct target *target = g_new(struct target, 1);

	target->output = (struct output *)output;
	target->inside = g_strdup(inside);
	g_ptr_array_add(targets, target);
}

/* Add every output that the pointer or pipeline file `file` makes, or only those of one stage (or of one group of
 * generated stages). */
static bool add_of_file(GPtrArray *targets, const struct outputs *outputs, const char *file, const char *stage)
{
	bool any = false;

	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = outputs->list->pdata[i];

		if (!g_str_equal(output->file, file))
			continue;
		if (stage) {
			size_t length = strlen(stage);

			if (!output->stage || strncmp(output->stage, stage, length) ||
			    (output->stage[length] && output->stage[length] != '@'))
				continue;
		}
		targets_add(targets, output, "");
		any = true;
	}
	return any;
}

/* Add every output below the folder `dir`. */
static bool add_below(GPtrArray *targets, const struct outputs *outputs, const char *dir)
{
	bool any = false;

	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = outputs->list->pdata[i];

		if (path_is_inside(output->path, dir)) {
			targets_add(targets, output, "");
			any = true;
		}
	}
	return any;
}

static bool add_matching(GPtrArray *targets, const struct outputs *outputs, const char *pattern)
{
	bool any = false;

	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = outputs->list->pdata[i];

		if (ignore_glob(pattern, output->path) || ignore_glob(pattern, output->file)) {
			targets_add(targets, output, "");
			any = true;
		}
	}
	return any;
}

/* Add what a path names: a pointer or pipeline file, tracked data, a part of them, or a folder above some. */
static bool add_path(GPtrArray *targets, const struct outputs *outputs, const char *path)
{
	const char *inside;
	struct output *output;

	if (add_of_file(targets, outputs, path, NULL))
		return true;
	output = outputs_covering(outputs, path, &inside);
	if (output)
		targets_add(targets, output, inside);
	return output || add_below(targets, outputs, path);
}

void target_stage_free(struct target_stage *stage)
{
	g_free(stage->file);
	g_free(stage->name);
	g_free(stage);
}

GPtrArray *target_stages_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)target_stage_free);
}

/* Split "dir/pipeline:stage" or "stage" into the file (new string, NULL if it lies outside) and the name within. */
static char *split_stage(struct workspace *ws, const char *argument, const char **name)
{
	const char *colon = strrchr(argument, ':');
	g_autofree char *given = colon ? g_strndup(argument, (gsize)(colon - argument)) : NULL;

	*name = colon ? colon + 1 : argument;
	return workspace_path(ws, given && *given ? given : ws->dialect->pipeline_name, NULL);
}

struct target_stage *target_find_stage(struct workspace *ws, const struct outputs *outputs, const char *argument)
{
	const char *name;
	g_autofree char *file = split_stage(ws, argument, &name);

	for (guint i = 0; file && i < outputs->pipelines->len; i++) {
		const struct outputs_pipeline *kept = outputs->pipelines->pdata[i];
		const struct node *body = node_get(node_get(kept->pipeline->doc->root, "stages"), name);
		bool made = pipeline_find(kept->pipeline, name);
		struct target_stage *stage;

		if (!g_str_equal(kept->file, file) || !(body || made))
			continue;
		stage = g_new(struct target_stage, 1);
		stage->file = g_steal_pointer(&file);
		stage->name = g_strdup(name);
		stage->loop = !made || !body;
		return stage;
	}
	return NULL;
}

/* Add what "stage" or "dir/pipeline:stage" names. */
static bool add_stage(GPtrArray *targets, struct workspace *ws, const struct outputs *outputs, const char *argument)
{
	const char *name;
	g_autofree char *file = split_stage(ws, argument, &name);

	return file && add_of_file(targets, outputs, file, name);
}

/* Add a stage to the list of them. */
static bool list_stage(GPtrArray *stages, struct workspace *ws, const struct outputs *outputs, const char *argument)
{
	struct target_stage *stage = target_find_stage(ws, outputs, argument);

	if (stage)
		g_ptr_array_add(stages, stage);
	return stage;
}

static void set_not_tracked(struct workspace *ws, const char *argument, const char *path, bool glob, GError **error)
{
	g_autofree char *quoted = quote_path(argument), *full = path ? path_join(ws->root, path) : NULL;

	if (glob) {
		error_set(error, ERROR_NOT_FOUND, "'%s' matches nothing that is tracked", quoted);
		error_hint(error, "git mlv ls shows what is");
	} else if (full && !access(full, F_OK)) {
		error_set(error, ERROR_NOT_FOUND, "'%s' is not tracked", quoted);
		error_hint(error, "git mlv add %s", quoted);
	} else {
		error_set(error, ERROR_NOT_FOUND, "'%s' is neither a tracked path nor a pointer nor a stage", quoted);
		error_hint(error, "git mlv ls shows what is tracked");
	}
}

static bool resolve(GPtrArray *targets, struct workspace *ws, const struct outputs *outputs, const char *argument,
		    const struct target_options *options, GError **error)
{
	bool glob = options && options->glob;
	g_autoptr(GError) reason = NULL;
	g_autofree char *path = workspace_path(ws, argument, &reason);
	bool found = false;

	if (path)
		found = glob ? add_matching(targets, outputs, path) : add_path(targets, outputs, path);
	if (!found && !glob && options && options->stages)
		found = list_stage(options->stages, ws, outputs, argument);
	if (found || (!glob && add_stage(targets, ws, outputs, argument)))
		return true;
	if (reason && strchr(argument, '/'))
		g_propagate_error(error, g_steal_pointer(&reason));
	else
		set_not_tracked(ws, argument, path, glob, error);
	return false;
}

static int compare(const void *a, const void *b)
{
	const struct target *const *x = a, *const *y = b;
	int order = strcmp((*x)->output->path, (*y)->output->path);

	return order ? order : strcmp((*x)->inside, (*y)->inside);
}

void targets_sort(GPtrArray *targets)
{
	if (targets->len)
		qsort(targets->pdata, targets->len, sizeof(*targets->pdata), compare);
}

/* Whether one of the kept targets of the same output already covers this one. */
static bool is_covered(const GPtrArray *kept, const struct target *target)
{
	for (guint i = kept->len; i-- > 0;) {
		const struct target *other = kept->pdata[i];

		if (other->output != target->output)
			return false;
		if (path_is_inside(target->inside, other->inside))
			return true;
	}
	return false;
}

/* Sort, and drop doubles and parts of what is named as a whole. */
static GPtrArray *settle(GPtrArray *targets)
{
	GPtrArray *kept = targets_new();

	targets_sort(targets);
	for (guint i = 0; i < targets->len; i++) {
		if (is_covered(kept, targets->pdata[i]))
			target_free(targets->pdata[i]);
		else
			g_ptr_array_add(kept, targets->pdata[i]);
	}
	g_ptr_array_set_free_func(targets, NULL);
	return kept;
}

GPtrArray *target_resolve(struct workspace *ws, const struct outputs *outputs, char **arguments,
			  const struct target_options *options, GError **error)
{
	g_autoptr(GPtrArray) targets = targets_new();

	if (!arguments || !*arguments)
		add_below(targets, outputs, "");
	for (char **argument = arguments; argument && *argument; argument++) {
		if (!resolve(targets, ws, outputs, *argument, options, error))
			return NULL;
	}
	return settle(targets);
}
