#include "workspace/outputs-int.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

void output_free(struct output *output)
{
	g_free(output->path);
	g_free(output->file);
	g_free(output->stage);
	g_free(output->address);
	g_free(output->remote);
	g_free(output);
}

const struct oid *output_expected(const struct output *output)
{
	return oid_is_none(&output->oid) ? &output->promised : &output->oid;
}

static void free_pipeline(void *data)
{
	struct outputs_pipeline *kept = data;

	g_free(kept->file);
	pipeline_free(kept->pipeline);
	if (kept->lock)
		lockfile_free(kept->lock);
	g_free(kept);
}

static void free_pointer(void *data)
{
	struct outputs_pointer *kept = data;

	g_free(kept->file);
	pointer_free(kept->pointer);
	g_free(kept);
}

struct outputs *outputs_new(void)
{
	struct outputs *outputs = g_new0(struct outputs, 1);

	outputs->list = g_ptr_array_new_with_free_func((GDestroyNotify)output_free);
	outputs->problems = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	outputs->clashes = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	outputs->pipelines = g_ptr_array_new_with_free_func(free_pipeline);
	outputs->pointers = g_ptr_array_new_with_free_func(free_pointer);
	outputs->locks = g_ptr_array_new_with_free_func((GDestroyNotify)lockfile_free);
	return outputs;
}

bool outputs_check(const struct outputs *outputs, GError **error)
{
	return error_join(outputs->problems, error);
}

bool outputs_check_clashes(const struct outputs *outputs, GError **error)
{
	return error_join(outputs->clashes, error);
}

static int compare_paths(const void *a, const void *b)
{
	const struct output *const *x = a, *const *y = b;
	int order = strcmp((*x)->path, (*y)->path);

	return order ? order : g_strcmp0((*x)->file, (*y)->file);
}

/* The output of that length of path, by binary search. */
static struct output *search(const struct outputs *outputs, const char *path, size_t length)
{
	guint low = 0, high = outputs->list->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		struct output *output = outputs->list->pdata[middle];
		int order = strncmp(output->path, path, length);

		if (!order)
			order = (unsigned char)output->path[length];
		if (!order)
			return output;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct output *outputs_find(const struct outputs *outputs, const char *path)
{
	return search(outputs, path, strlen(path));
}

struct output *outputs_covering(const struct outputs *outputs, const char *path, const char **inside)
{
	for (const char *end = path;; end++) {
		struct output *output;

		end += strcspn(end, "/");
		output = search(outputs, path, (size_t)(end - path));
		if (output) {
			if (inside)
				*inside = *end ? end + 1 : end;
			return output;
		}
		if (!*end)
			return NULL;
	}
}

const struct doc *outputs_doc(const struct outputs *outputs, const char *file)
{
	for (guint i = 0; i < outputs->pipelines->len; i++) {
		const struct outputs_pipeline *pipeline = outputs->pipelines->pdata[i];

		if (g_str_equal(pipeline->file, file))
			return pipeline->pipeline->doc;
	}
	return NULL;
}

/* Say that two documents claim the same data. */
static void add_clash(struct outputs *outputs, const struct output *one, const struct output *other)
{
	g_autofree char *a = quote_path(one->path), *b = quote_path(other->path), *text = NULL;
	/* A pointer says nothing else: the place in a pipeline file helps more. */
	const struct output *shown = other->place ? other : one;
	const struct doc *doc = shown->place ? outputs_doc(outputs, shown->file) : NULL;
	GError *clash = NULL;

	if (g_str_equal(one->path, other->path))
		text = g_strdup_printf("'%s' is an output of both '%s' and '%s'", a, one->address, other->address);
	else
		text = g_strdup_printf("'%s' of '%s' lies inside '%s' of '%s'", b, other->address, a, one->address);
	if (doc)
		node_error_as(&clash, ERROR_INVALID, doc, shown->place, text);
	else
		error_set(&clash, ERROR_INVALID, "%s", text);
	g_ptr_array_add(outputs->clashes, clash);
}

void outputs_settle(struct outputs *outputs)
{
	GPtrArray *list = outputs->list;

	if (list->len)
		qsort(list->pdata, list->len, sizeof(*list->pdata), compare_paths);
	for (guint i = 0; i < list->len; i++) {
		const struct output *output = list->pdata[i], *last = i ? list->pdata[i - 1] : NULL;
		g_autofree char *parent = path_parent(output->path);
		const struct output *above = *parent ? outputs_covering(outputs, parent, NULL) : NULL;

		if (last && g_str_equal(last->path, output->path))
			add_clash(outputs, last, output);
		if (above)
			add_clash(outputs, above, output);
	}
}

void outputs_free(struct outputs *outputs)
{
	g_ptr_array_unref(outputs->list);
	g_ptr_array_unref(outputs->problems);
	g_ptr_array_unref(outputs->clashes);
	g_ptr_array_unref(outputs->pipelines);
	g_ptr_array_unref(outputs->pointers);
	g_ptr_array_unref(outputs->locks);
	g_free(outputs);
}
