#include "measure/measure.h"

#include "base/error.h"
#include "base/path.h"
#include "doc/arithmetic.h"
#include "format/param-file.h"

static void file_free(gpointer data)
{
	struct measure_file *file = data;

	if (file->doc)
		doc_free(file->doc);
	g_clear_error(&file->error);
	g_free(file->path);
	g_free(file);
}

struct measure *measure_new(void)
{
	struct measure *measure = g_new0(struct measure, 1);

	measure->files = g_ptr_array_new_with_free_func(file_free);
	measure->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	return measure;
}

void measure_free(struct measure *measure)
{
	if (!measure)
		return;
	g_hash_table_unref(measure->by_path);
	g_ptr_array_unref(measure->files);
	g_clear_error(&measure->error);
	g_free(measure);
}

/*
 * The first problem with a document. Outputs that have no place in this project are no business of ours: their documents
 * could be read.
 */
static const GError *find_problem(const struct outputs *outputs)
{
	for (guint i = 0; i < outputs->problems->len; i++) {
		const GError *problem = outputs->problems->pdata[i];

		if (!error_is(problem, ERROR_UNSAFE) && !error_is(problem, ERROR_INVALID))
			return problem;
	}
	return NULL;
}

struct snapshot *measure_open(struct measure *measure, struct workspace *ws, const char *revision, GError **error)
{
	GError *failure = NULL;
	autoptr(snapshot) snapshot = snapshot_open(ws, revision, &failure);
	const GError *problem;

	if (!snapshot) {
		if (error_is(failure, ERROR_CANCELLED))
			g_propagate_error(error, failure);
		else
			measure->error = failure;
		return NULL;
	}
	problem = find_problem(snapshot->outputs);
	if (problem) {
		measure->error = g_error_copy(problem);
		return NULL;
	}
	return g_steal_pointer(&snapshot);
}

static struct measure_file *add_file(struct measure *measure, const char *path)
{
	struct measure_file *file = g_new0(struct measure_file, 1);

	file->path = g_strdup(path);
	g_ptr_array_add(measure->files, file);
	g_hash_table_insert(measure->by_path, file->path, file);
	return file;
}

struct measure_file *measure_add(struct measure *measure, const char *path)
{
	struct measure_file *file = add_file(measure, path);

	file->doc = doc_new();
	file->doc->root = node_map(file->doc);
	file->value = file->doc->root;
	return file;
}

struct measure_file *measure_read(struct measure *measure, struct snapshot *snapshot, const char *path, GError **error)
{
	g_autofree char *text = NULL;
	struct measure_file *file;
	GError *failure = NULL;
	struct doc *doc = NULL;
	size_t length;

	if (snapshot_read(snapshot, path, MEASURE_SIZE_LIMIT, &text, &length, &failure))
		doc = param_file_read(text, length, path, &failure);
	if (error_is(failure, ERROR_CANCELLED)) {
		g_propagate_error(error, failure);
		return NULL;
	}
	file = add_file(measure, path);
	file->doc = doc;
	file->value = doc ? doc->root : NULL;
	file->error = failure;
	return file;
}

const struct measure_file *measure_find(const struct measure *measure, const char *path)
{
	return g_hash_table_lookup(measure->by_path, path);
}

bool measure_has_errors(const struct measure *measure)
{
	for (guint i = 0; i < measure->files->len; i++)
		if (((const struct measure_file *)measure->files->pdata[i])->error)
			return true;
	return measure->error != NULL;
}

bool measure_equal(const struct measure *a, const struct measure *b)
{
	if (a->error || b->error || a->files->len != b->files->len)
		return false;
	for (guint i = 0; i < a->files->len; i++) {
		const struct measure_file *file = a->files->pdata[i], *other = measure_find(b, file->path);

		if (!other || file->error || other->error || !arithmetic_equal(file->value, other->value))
			return false;
	}
	return true;
}

char *measure_path(const char *file, const char *wdir, const char *path)
{
	g_autofree char *dir = path_parent(file), *work = NULL, *joined = NULL;

	if (path_is_url(path))
		return NULL;
	work = path_join(dir, wdir ? wdir : "");
	joined = path_join(work, path);
	return path_normal(joined);
}
