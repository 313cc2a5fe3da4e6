#include "workspace/outputs-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/trace.h"
#include "doc/yaml.h"

bool outputs_source_read(const struct outputs_source *source, const char *path, size_t limit, char **data,
			 size_t *length, GError **error)
{
	g_autofree char *full = NULL;

	if (source->draft && g_str_equal(path, source->draft->path)) {
		*data = g_strndup(source->draft->text, source->draft->length);
		*length = source->draft->length;
		return true;
	}
	if (source->revision) {
		full = workspace_git_path(source->ws, path);
		return revision_read(source->ws->repo, source->revision, full, limit, data, length, error);
	}
	full = path_join(source->ws->root, path);
	return file_read(full, limit, data, length, error);
}

/* Where entries stand. */
struct origin {
	struct workspace *ws;
	const char *file; /* relative to the project */
	const char *wdir; /* relative to the folder of the file */
	const struct doc *doc;   /* of the file, with `path` */
	const struct node *path; /* of one entry; NULL: not known */
};

/*
 * Where the entry's data lie, relative to the project; NULL with *error set for a place that no project may claim, NULL
 * alone for data that are kept elsewhere (an URL in a DVC project).
 */
static char *place_of(const struct origin *origin, const char *path, GError **error)
{
	g_autofree char *dir = path_parent(origin->file), *work = NULL, *joined = NULL, *place = NULL,
			*quoted = quote_path(path);
	const struct dialect *dialect = origin->ws->dialect;

	if (dialect == &dialect_dvc && strstr(path, "://")) {
		trace("outputs", "%s: '%s' is kept elsewhere", origin->file, path);
		return NULL;
	}
	if (*path == '/' || *origin->wdir == '/') {
		error_set(error, ERROR_UNSAFE, "the path '%s' is absolute", quoted);
		return NULL;
	}
	work = path_join(dir, origin->wdir);
	joined = path_join(work, path);
	place = path_normal(joined);
	if (!*place) {
		error_set(error, ERROR_UNSAFE, "the path '%s' is the project itself", quoted);
		return NULL;
	}
	if (g_str_equal(place, "..") || g_str_has_prefix(place, "../")) {
		error_set(error, ERROR_UNSAFE, "the path '%s' leads out of the project", quoted);
		return NULL;
	}
	if (!path_check(place, error))
		return NULL;
	if (path_is_inside(place, dialect->marker)) {
		error_set(error, ERROR_UNSAFE, "the path '%s' belongs to the project itself", quoted);
		return NULL;
	}
	return g_steal_pointer(&place);
}

/* Keep what is wrong with an entry (taken over), told with its place where that is known. */
static void add_problem(struct outputs *outputs, const struct origin *origin, GError *problem)
{
	GError *placed = NULL;

	if (origin->path) {
		node_error_as(&placed, (enum error_code)problem->code, origin->doc, origin->path, problem->message);
		g_error_free(problem);
		problem = placed;
	} else {
		g_prefix_error(&problem, "%s: ", origin->file);
	}
	g_ptr_array_add(outputs->problems, problem);
}

/* Make an output for an entry; unsafe ones become problems. NULL if there is none to list. Owned by the list. */
static struct output *add_entry(struct outputs *outputs, const struct origin *origin, const struct entry *entry)
{
	GError *problem = NULL;
	char *place = place_of(origin, entry->path, &problem);
	struct output *output;

	if (problem)
		add_problem(outputs, origin, problem);
	if (!place)
		return NULL;
	output = g_new0(struct output, 1);
	output->path = place;
	output->file = g_strdup(origin->file);
	output->place = origin->path;
	output->no_cache = entry->no_cache;
	output->no_push = entry->no_push;
	output->persist = entry->persist;
	output->remote = g_strdup(entry->remote);
	g_ptr_array_add(outputs->list, output);
	return output;
}

/* Take over what an entry records about the data. */
static void take_record(struct output *output, const struct entry *entry)
{
	output->entry = entry;
	output->oid = entry->oid;
	output->has_size = entry->has_size;
	output->size = entry->size;
	output->has_nfiles = entry->has_nfiles;
	output->nfiles = entry->nfiles;
	output->isexec = entry->isexec;
}

/* An import that was never downloaded records what its origin had. */
static void take_promise(struct output *output, const struct pointer *pointer)
{
	const struct entry *origin = pointer->deps->pdata[0];

	if (output->repo_import || !oid_is_none(&output->oid))
		return;
	output->promised = origin->oid;
	output->has_size = origin->has_size;
	output->size = origin->size;
}

static void keep_pointer(struct outputs *outputs, const char *path, struct pointer *pointer)
{
	struct outputs_pointer *kept = g_new(struct outputs_pointer, 1);

	kept->file = g_strdup(path);
	kept->pointer = pointer;
	g_ptr_array_add(outputs->pointers, kept);
}

bool outputs_add_pointer(struct outputs *outputs, struct workspace *ws, const char *path, const char *text,
			 size_t length, GError **error)
{
	struct pointer *pointer = pointer_read(text, length, path, ws->dialect, error);
	struct origin origin = {.ws = ws, .file = path};

	if (!pointer)
		return false;
	keep_pointer(outputs, path, pointer);
	origin.wdir = pointer->wdir;
	for (guint i = 0; i < pointer->outs->len; i++) {
		const struct entry *entry = pointer->outs->pdata[i];
		struct output *output = add_entry(outputs, &origin, entry);

		if (!output)
			continue;
		take_record(output, entry);
		output->address = workspace_show_path(ws, path);
		output->import = pointer_is_import(pointer);
		output->repo_import = pointer_is_repo_import(pointer);
		output->frozen = pointer->frozen;
		output->pointer = pointer;
		if (output->import)
			take_promise(output, pointer);
	}
	return true;
}

/* How a stage is named from the current directory: its name alone if its pipeline file is right here. */
static char *stage_address(const struct workspace *ws, const char *file, const char *stage)
{
	g_autofree char *shown = workspace_show_path(ws, file);

	return g_str_equal(shown, ws->dialect->pipeline_name) ? g_strdup(stage) : g_strconcat(shown, ":", stage, NULL);
}

static const struct entry *find_entry(const struct lockfile_stage *stage, const char *path)
{
	for (guint i = 0; stage && i < stage->outs->len; i++) {
		const struct entry *entry = stage->outs->pdata[i];

		if (g_str_equal(entry->path, path))
			return entry;
	}
	return NULL;
}

static void add_stage(struct outputs *outputs, struct origin *origin, const struct pipeline_stage *stage,
		      const struct lockfile_stage *locked)
{
	origin->wdir = stage->wdir;
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct entry *entry = stage->outs->pdata[i], *record = find_entry(locked, entry->path);
		struct output *output;

		origin->path = stage->out_info[i].path;
		output = add_entry(outputs, origin, entry);
		if (!output)
			continue;
		take_record(output, record ? record : entry);
		output->stage = g_strdup(stage->name);
		output->address = stage_address(origin->ws, origin->file, stage->name);
		output->frozen = stage->frozen;
		output->wdir = stage->wdir;
	}
}

/* What a template needs to load other files. */
struct loader {
	const struct outputs_source *source;
	char *dir; /* of the pipeline file */
};

static char *load_for_template(const char *path, size_t *length, void *user, GError **error)
{
	const struct loader *loader = user;
	g_autofree char *joined = path_join(loader->dir, path), *place = path_normal(joined);
	g_autoptr(GError) reason = NULL;
	char *data;

	if (*path == '/' || g_str_equal(place, "..") || g_str_has_prefix(place, "../")) {
		error_set(error, ERROR_UNSAFE, "'%s' lies outside of the project", path);
		return NULL;
	}
	if (outputs_source_read(loader->source, place, YAML_SIZE_LIMIT, &data, length, &reason))
		return data;
	if (!error_is(reason, ERROR_NOT_FOUND))
		g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

static struct pipeline *read_pipeline(const struct outputs_source *source, const char *path, GError **error)
{
	const struct settings *settings = source->ws->settings;
	const struct pipeline_options options = {settings->parsing.bool_optional, settings->parsing.list_append};
	g_autofree char *text = NULL, *dir = path_parent(path);
	struct loader loader = {source, dir};
	const struct pipeline_files files = {load_for_template, &loader};
	size_t length;

	if (!outputs_source_read(source, path, YAML_SIZE_LIMIT, &text, &length, error))
		return NULL;
	return pipeline_read(text, length, path, source->ws->dialect, &files, &options, error);
}

/* The lock file beside a pipeline; an empty one if there is none. */
static struct lockfile *read_lock(const struct outputs_source *source, const char *pipeline, GError **error)
{
	g_autofree char *dir = path_parent(pipeline), *path = path_join(dir, source->ws->dialect->lock_name),
			*text = NULL;
	g_autoptr(GError) reason = NULL;
	size_t length;

	if (outputs_source_read(source, path, YAML_SIZE_LIMIT, &text, &length, &reason))
		return lockfile_read(text, length, path, source->ws->dialect, error);
	if (error_is(reason, ERROR_NOT_FOUND))
		return lockfile_new(source->ws->dialect);
	g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

/* Note what is wrong with the lock of a pipeline that cannot be read itself: both are told at once. */
static void check_lock(struct outputs *outputs, const struct outputs_source *source, const char *pipeline)
{
	GError *problem = NULL;
	struct lockfile *lock = read_lock(source, pipeline, &problem);

	if (lock)
		lockfile_free(lock);
	else
		g_ptr_array_add(outputs->problems, problem);
}

static void keep_pipeline(struct outputs *outputs, const char *path, struct pipeline *pipeline, struct lockfile *lock)
{
	struct outputs_pipeline *kept = g_new(struct outputs_pipeline, 1);

	kept->file = g_strdup(path);
	kept->pipeline = pipeline;
	kept->lock = lock;
	g_ptr_array_add(outputs->pipelines, kept);
}

bool outputs_add_pipeline(struct outputs *outputs, const struct outputs_source *source, const char *path,
			  GError **error)
{
	struct pipeline *pipeline = read_pipeline(source, path, error);
	struct origin origin = {.ws = source->ws, .file = path, .doc = pipeline ? pipeline->doc : NULL};
	struct lockfile *lock;

	if (!pipeline) {
		check_lock(outputs, source, path);
		return false;
	}
	lock = read_lock(source, path, error);
	keep_pipeline(outputs, path, pipeline, lock);
	for (guint i = 0; i < pipeline->stages->len; i++) {
		const struct pipeline_stage *stage = pipeline->stages->pdata[i];

		add_stage(outputs, &origin, stage, lock ? lockfile_find(lock, stage->name) : NULL);
	}
	return lock;
}

bool outputs_add_lock(struct outputs *outputs, struct workspace *ws, const char *path, const char *text, size_t length,
		      GError **error)
{
	struct lockfile *lock = lockfile_read(text, length, path, ws->dialect, error);
	const struct origin origin = {.ws = ws, .file = path, .wdir = "."};

	if (!lock)
		return false;
	g_ptr_array_add(outputs->locks, lock);
	for (guint i = 0; i < lock->stages->len; i++) {
		const struct lockfile_stage *stage = lock->stages->pdata[i];

		for (guint j = 0; j < stage->outs->len; j++) {
			const struct entry *entry = stage->outs->pdata[j];
			struct output *output = add_entry(outputs, &origin, entry);

			if (!output)
				continue;
			take_record(output, entry);
			output->stage = g_strdup(stage->name);
			output->address = stage_address(ws, path, stage->name);
		}
	}
	return true;
}

struct outputs *outputs_read(struct workspace *ws, const char *path, const char *text, size_t length, GError **error)
{
	autoptr(outputs) outputs = outputs_new();
	bool ok = g_str_equal(path_base(path), ws->dialect->lock_name)
			  ? outputs_add_lock(outputs, ws, path, text, length, error)
			  : outputs_add_pointer(outputs, ws, path, text, length, error);

	return ok ? g_steal_pointer(&outputs) : NULL;
}
