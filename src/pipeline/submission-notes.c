#include "pipeline/submission-int.h"

#include "pipeline/slurm-call.h"
#include "pipeline/slurm-run.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "doc/json.h"

#include <string.h>

/* The file that tells that jobs were let go. */
#define RELEASED "released"

#define NOTES_LIMIT ((size_t)256 << 20)

struct submission_notes *submission_notes_new(void)
{
	struct submission_notes *notes = g_new0(struct submission_notes, 1);

	notes->jobs = g_ptr_array_new();
	return notes;
}

struct submission_job *submission_notes_add(struct submission_notes *notes)
{
	struct submission_job *job = g_new0(struct submission_job, 1);

	job->needs = g_array_new(FALSE, FALSE, sizeof(guint));
	g_ptr_array_add(notes->jobs, job);
	return job;
}

static void job_free(void *data)
{
	struct submission_job *job = data;

	g_free(job->id);
	g_free(job->file);
	g_free(job->name);
	g_free(job->title);
	g_free(job->wdir);
	g_free(job->log);
	g_array_unref(job->needs);
	g_free(job);
}

void submission_notes_free(struct submission_notes *notes)
{
	if (!notes)
		return;
	g_ptr_array_foreach(notes->jobs, (GFunc)(void (*)(void))job_free, NULL);
	g_ptr_array_unref(notes->jobs);
	g_clear_pointer(&notes->doc, doc_free);
	g_free(notes);
}

static struct node *job_node(struct doc *doc, const struct submission_job *job)
{
	struct node *map = node_map(doc), *needs = node_list(doc);

	for (guint i = 0; i < job->needs->len; i++)
		node_append(doc, needs, node_int(doc, g_array_index(job->needs, guint, i)));
	node_set(doc, map, "number", node_int(doc, job->number));
	node_set(doc, map, "id", node_string(doc, job->id));
	node_set(doc, map, "file", node_string(doc, job->file));
	node_set(doc, map, "name", node_string(doc, job->name));
	node_set(doc, map, "title", node_string(doc, job->title));
	node_set(doc, map, "wdir", node_string(doc, job->wdir));
	node_set(doc, map, "log", node_string(doc, job->log));
	node_set(doc, map, "cmd", node_copy(doc, job->cmd));
	node_set(doc, map, "needs", needs);
	node_set(doc, map, "told", node_bool(doc, job->told));
	return map;
}

bool submission_notes_write(const struct submission_notes *notes, const char *dir, GError **error)
{
	g_autofree char *path = path_join(dir, SLURM_SUBMITTED);
	autoptr(doc) doc = doc_new();
	g_autoptr(GString) text = NULL;

	doc->root = node_list(doc);
	for (guint i = 0; i < notes->jobs->len; i++)
		node_append(doc, doc->root, job_node(doc, notes->jobs->pdata[i]));
	text = json_write(doc->root, JSON_INDENTED);
	return file_replace(path, text->str, text->len, 0600, error);
}

/* Take a job from its map; false for one that is none. */
static bool read_job(struct submission_job *job, const struct node *map)
{
	static const char *const keys[] = {"id", "file", "name", "title", "wdir", "log"};
	char **const texts[] = {&job->id, &job->file, &job->name, &job->title, &job->wdir, &job->log};
	const struct node *number = node_get(map, "number"), *needs = node_get(map, "needs"), *told = node_get(map, "told");

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		*texts[i] = g_strdup(node_get_string(map, keys[i]));
		if (!*texts[i])
			return false;
	}
	job->cmd = node_get(map, "cmd");
	if (!job->cmd || !number || number->kind != NODE_INT || !needs || needs->kind != NODE_LIST || !told)
		return false;
	job->number = (guint)number->integer;
	job->told = told->boolean;
	for (size_t i = 0; i < needs->count; i++) {
		guint need = (guint)needs->items[i]->integer;

		g_array_append_val(job->needs, need);
	}
	return true;
}

struct submission_notes *submission_notes_read(const char *dir, GError **error)
{
	g_autofree char *path = path_join(dir, SLURM_SUBMITTED), *text = NULL;
	autoptr(submission_notes) notes = submission_notes_new();
	size_t length;

	if (!file_read(path, NOTES_LIMIT, &text, &length, error))
		return NULL;
	notes->doc = json_read(text, length, path, error);
	if (!notes->doc)
		return NULL;
	for (size_t i = 0; i < notes->doc->root->count; i++) {
		if (read_job(submission_notes_add(notes), notes->doc->root->items[i]))
			continue;
		error_set(error, ERROR_CORRUPT, "'%s' is damaged", path);
		return NULL;
	}
	return g_steal_pointer(&notes);
}

void submission_files(const struct stage *stage, struct slurm_notes *files)
{
	g_autoptr(GStrvBuilder) inputs = g_strv_builder_new(), params = g_strv_builder_new(), outputs = g_strv_builder_new();

	for (guint i = 0; i < stage->deps->len; i++) {
		const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, i);

		if (dep->path)
			g_strv_builder_add(inputs, dep->path);
	}
	for (guint i = 0; i < stage->params->len; i++)
		g_strv_builder_add(params, g_array_index(stage->params, struct stage_params, i).path);
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);

		if (out->output)
			g_strv_builder_add(outputs, out->output->path);
	}
	*files = (struct slurm_notes){.inputs = g_strv_builder_end(inputs),
				      .params = g_strv_builder_end(params),
				      .outputs = g_strv_builder_end(outputs)};
}

void submission_files_clear(struct slurm_notes *files)
{
	g_strfreev(files->inputs);
	g_strfreev(files->params);
	g_strfreev(files->outputs);
}

bool submission_release(GPtrArray *ids, const char *dir, GError **error)
{
	g_autofree char *path = path_join(dir, RELEASED);

	if (!slurm_release(ids, error))
		return false;
	/* Without the note they are let go again, which is no harm. */
	file_replace(path, "", 0, 0600, NULL);
	return true;
}

bool submission_is_released(const char *dir)
{
	g_autofree char *path = path_join(dir, RELEASED);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}
