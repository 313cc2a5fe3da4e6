#include "pipeline/stages.h"

#include "pipeline/stage-error.h"

#include "base/error.h"
#include "base/path.h"
#include "base/quote.h"

/* The file of parameters that comes before all others. */
#define DEFAULT_PARAMS "params.yaml"

/* Lists of entries up to this length are searched one by one. */
#define FEW 16

struct stages_private {
	GHashTable *by_place; /* set of struct stage, by file and name; borrowed */
};

static void stage_free(void *data)
{
	struct stage *stage = data;

	for (guint i = 0; i < stage->deps->len; i++)
		g_free(g_array_index(stage->deps, struct stage_dep, i).path);
	for (guint i = 0; i < stage->params->len; i++)
		g_free(g_array_index(stage->params, struct stage_params, i).path);
	g_array_unref(stage->deps);
	g_array_unref(stage->params);
	g_array_unref(stage->outs);
	g_free(stage->address);
	g_free(stage->wdir);
	g_free(stage);
}

static struct stage *stage_new(const char *file, const char *name)
{
	struct stage *stage = g_new0(struct stage, 1);

	stage->file = file;
	stage->name = name;
	stage->deps = g_array_new(false, true, sizeof(struct stage_dep));
	stage->params = g_array_new(false, true, sizeof(struct stage_params));
	stage->outs = g_array_new(false, true, sizeof(struct stage_out));
	return stage;
}

static guint place_hash(gconstpointer data)
{
	const struct stage *stage = data;

	return g_str_hash(stage->file) * 31 + (stage->name ? g_str_hash(stage->name) : 0);
}

static gboolean place_equal(gconstpointer a, gconstpointer b)
{
	const struct stage *x = a, *y = b;

	return g_str_equal(x->file, y->file) && g_strcmp0(x->name, y->name) == 0;
}

/* One of the files that stages come from. */
struct source {
	const char *file;
	const struct outputs_pipeline *pipeline; /* or NULL: then a pointer */
	const struct outputs_pointer *pointer;
};

/* What the stages of one file have in common while they are made. */
struct making {
	struct stages *stages;
	const char *file;   /* relative to the project */
	const char *prefix; /* of addresses: "" in the current directory, else "sub/dvc.yaml:" */
	char *dir;          /* of the file */
	char *wdir;         /* as last resolved, and what it was resolved from: most stages of a file have the same */
	const char *written_wdir;
};

/* Whether a normal path leaves the project. */
static bool leads_out(const char *path)
{
	return *path == '/' || g_str_equal(path, "..") || g_str_has_prefix(path, "../");
}

static void add_problem(struct stages *stages, enum error_code code, const struct stage *stage, const char *text,
			const char *path)
{
	g_autofree char *title = stage_title(stage), *quoted = quote_path(path);
	g_autofree char *sentence = g_strdup_printf("%s: '%s' %s", title, quoted, text);
	const struct stage_place place = {
		.outputs = stages->outputs, .file = stage->file, .body = stage->body, .written = path};
	GError *problem = NULL;

	stage_error(&problem, code, &place, sentence);
	g_ptr_array_add(stages->problems, problem);
}

/* Where a path of a stage lies, relative to the project; NULL for one that is elsewhere. New string. */
static char *place_of(const struct stage *stage, const char *path)
{
	g_autofree char *joined = NULL, *place = NULL;

	if (path_is_url(path) || *path == '/')
		return NULL;
	joined = path_join(stage->wdir, path);
	place = path_normal(joined);
	return leads_out(place) ? NULL : g_steal_pointer(&place);
}

/* The same for something to be read; *ok becomes false, after noting why, for what no stage may read. */
static char *readable_place(struct stages *stages, const struct stage *stage, const char *path, bool *ok)
{
	g_autofree char *place = place_of(stage, path);
	g_autoptr(GError) reason = NULL;

	*ok = !place || !*place || path_check(place, &reason);
	if (!*ok)
		add_problem(stages, ERROR_UNSAFE, stage, "cannot be a dependency", path);
	return g_steal_pointer(&place);
}

/* Entries by their path as written: many are put into a table first. */
struct entry_finder {
	const GPtrArray *entries; /* of struct entry; NULL: none */
	GHashTable *table;
};

static void finder_init(struct entry_finder *finder, const GPtrArray *entries)
{
	finder->entries = entries;
	finder->table = NULL;
	if (!entries || entries->len <= FEW)
		return;
	finder->table = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < entries->len; i++) {
		struct entry *entry = entries->pdata[i];

		g_hash_table_insert(finder->table, entry->path, entry);
	}
}

static const struct entry *finder_find(const struct entry_finder *finder, const char *path)
{
	if (finder->table)
		return g_hash_table_lookup(finder->table, path);
	for (guint i = 0; finder->entries && i < finder->entries->len; i++) {
		const struct entry *entry = finder->entries->pdata[i];

		if (g_str_equal(entry->path, path))
			return entry;
	}
	return NULL;
}

static void finder_clear(struct entry_finder *finder)
{
	g_clear_pointer(&finder->table, g_hash_table_unref);
}

/* The output at this path that belongs to this stage, should several claim it; NULL if it was unsafe. */
static const struct output *find_output(const struct stages *stages, const struct stage *stage, const char *path)
{
	const struct output *output = outputs_find(stages->outputs, path);
	const GPtrArray *list = stages->outputs->list;

	if (!output || (g_str_equal(output->file, stage->file) && g_strcmp0(output->stage, stage->name) == 0))
		return output;
	for (guint i = 0; i < list->len; i++) {
		const struct output *other = list->pdata[i];

		if (g_str_equal(other->path, path) && g_str_equal(other->file, stage->file) &&
		    g_strcmp0(other->stage, stage->name) == 0)
			return other;
	}
	return NULL;
}

static void add_out(struct stages *stages, struct stage *stage, const struct entry *declared,
		    const struct entry *recorded, enum pipeline_out_kind kind)
{
	g_autofree char *place = place_of(stage, declared->path);
	struct stage_out out = {.written = declared->path, .declared = declared, .recorded = recorded, .kind = kind};

	if (place)
		out.output = find_output(stages, stage, place);
	/* What may not be written where it says is among the problems of the outputs. */
	if (out.output || (!place && path_is_url(declared->path)))
		g_array_append_val(stage->outs, out);
}

static void add_dep(struct stages *stages, struct stage *stage, const char *written, const struct entry *recorded)
{
	struct stage_dep dep = {.written = written, .recorded = recorded};
	bool ok;

	dep.path = readable_place(stages, stage, written, &ok);
	if (!ok) {
		g_free(dep.path);
		return;
	}
	g_array_append_val(stage->deps, dep);
}

static void add_params(struct stages *stages, struct stage *stage, const struct pipeline_params *params)
{
	struct stage_params added = {.written = params->file, .keys = params->keys};
	bool ok;

	added.path = readable_place(stages, stage, params->file, &ok);
	if (ok && !added.path)
		add_problem(stages, ERROR_UNSAFE, stage, "leads out of the project", params->file);
	if (!added.path || !ok) {
		g_free(added.path);
		return;
	}
	if (stage->lock)
		added.recorded = node_get(stage->lock->params, params->file);
	g_array_append_val(stage->params, added);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	const struct stage_params *x = a, *y = b;
	bool first = g_str_equal(x->written, DEFAULT_PARAMS), second = g_str_equal(y->written, DEFAULT_PARAMS);

	return first != second ? second - first : strcmp(x->written, y->written);
}

/* A dependency that the stage writes itself would make it out of date for ever. */
static void check_own_outputs(struct stages *stages, const struct stage *stage)
{
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct stage_out *out = &g_array_index(stage->outs, struct stage_out, i);

		for (guint j = 0; out->output && j < stage->deps->len; j++) {
			const struct stage_dep *dep = &g_array_index(stage->deps, struct stage_dep, j);

			if (dep->path && g_str_equal(dep->path, out->output->path))
				add_problem(stages, ERROR_INVALID, stage, "is both a dependency and an output",
					    dep->written);
		}
		/* It would be deleted before the stage runs. */
		if (out->output && !out->declared->persist && path_is_inside(stage->wdir, out->output->path))
			add_problem(stages, ERROR_UNSAFE, stage, "is an output, but holds the working directory of its stage",
				    out->written);
		/* It would change again as soon as it is recorded. */
		if (out->output && !out->declared->no_cache && g_str_equal(path_base(out->written), ".gitignore"))
			add_problem(stages, ERROR_INVALID, stage, "cannot be an output: outputs are listed in it", out->written);
	}
}

/* Files that say what to run must not be made, or deleted, by what they say. */
static void check_holder(struct stages *stages, const char *file)
{
	g_autofree char *path = g_strdup(file);

	while (*path) {
		const struct output *output = outputs_find(stages->outputs, path);
		const struct stage *stage = output && output->stage ? stages_find(stages, output->file, output->stage) : NULL;
		g_autofree char *parent = path_parent(path), *text = NULL;

		if (stage) {
			text = g_strdup_printf("cannot be an output: it is or holds '%s'", file);
			add_problem(stages, ERROR_UNSAFE, stage, text, path);
		}
		g_free(path);
		path = g_steal_pointer(&parent);
	}
}

static void check_holders(struct stages *stages, const struct source *source)
{
	g_autofree char *dir = path_parent(source->file), *lock = path_join(dir, stages->ws->dialect->lock_name);
	const struct output *output = source->pipeline ? outputs_find(stages->outputs, lock) : NULL;

	check_holder(stages, source->file);
	if (output && output->stage)
		check_holder(stages, lock);
}

static void add_to_list(struct stages *stages, struct stage *stage)
{
	check_own_outputs(stages, stage);
	stage->index = stages->list->len;
	g_ptr_array_add(stages->list, stage);
	/* Of stages with the same name the first is found; the graph refuses them. */
	if (!g_hash_table_contains(stages->private->by_place, stage))
		g_hash_table_add(stages->private->by_place, stage);
}

/* The working directory of a stage relative to the project; NULL if it leads out of it. Borrowed. */
static const char *resolve_wdir(struct making *making, const char *written)
{
	g_autofree char *joined = NULL;

	if (!making->written_wdir || !g_str_equal(making->written_wdir, written)) {
		joined = path_join(making->dir, written);
		g_free(making->wdir);
		making->wdir = path_normal(joined);
		making->written_wdir = written;
	}
	return leads_out(making->wdir) ? NULL : making->wdir;
}

static void fill_stage(struct stages *stages, struct stage *stage)
{
	const struct pipeline_stage *body = stage->body;
	struct entry_finder deps, outs;

	finder_init(&deps, stage->lock ? stage->lock->deps : NULL);
	finder_init(&outs, stage->lock ? stage->lock->outs : NULL);
	for (char **dep = body->deps; *dep; dep++)
		add_dep(stages, stage, *dep, finder_find(&deps, *dep));
	for (guint i = 0; i < body->params->len; i++)
		add_params(stages, stage, body->params->pdata[i]);
	g_array_sort(stage->params, by_name);
	for (guint i = 0; i < body->outs->len; i++) {
		const struct entry *declared = body->outs->pdata[i];

		add_out(stages, stage, declared, finder_find(&outs, declared->path), body->out_info[i].kind);
	}
	finder_clear(&deps);
	finder_clear(&outs);
}

static void make_stage(struct making *making, const struct pipeline_stage *body, const struct lockfile *lock)
{
	struct stages *stages = making->stages;
	struct stage *stage = stage_new(making->file, body->name);
	const char *wdir = resolve_wdir(making, body->wdir);

	stage->body = body;
	stage->lock_broken = !lock;
	stage->lock = lock ? lockfile_find(lock, body->name) : NULL;
	stage->address = g_strconcat(making->prefix, body->name, NULL);
	if (!wdir) {
		add_problem(stages, ERROR_UNSAFE, stage, "leads out of the project", body->wdir);
		stage_free(stage);
		return;
	}
	stage->wdir = g_strdup(wdir);
	stage->frozen = body->frozen;
	stage->always_changed = body->always_changed;
	fill_stage(stages, stage);
	add_to_list(stages, stage);
}

static void make_pipeline(struct stages *stages, const struct outputs_pipeline *file)
{
	g_autofree char *shown = workspace_show_path(stages->ws, file->file), *prefix = NULL;
	struct making making = {.stages = stages, .file = file->file, .dir = path_parent(file->file)};

	if (!g_str_equal(shown, stages->ws->dialect->pipeline_name))
		prefix = g_strconcat(shown, ":", NULL);
	making.prefix = prefix ? prefix : "";
	for (guint i = 0; i < file->pipeline->stages->len; i++)
		make_stage(&making, file->pipeline->stages->pdata[i], file->lock);
	g_free(making.dir);
	g_free(making.wdir);
}

static void make_pointer(struct stages *stages, const struct outputs_pointer *file)
{
	const struct pointer *pointer = file->pointer;
	struct stage *stage = stage_new(file->file, NULL);
	struct making making = {.stages = stages, .file = file->file, .dir = path_parent(file->file)};
	const struct node *always = pointer->doc ? node_get(pointer->doc->root, "always_changed") : NULL;
	const char *wdir = resolve_wdir(&making, pointer->wdir);

	stage->pointer = pointer;
	stage->address = workspace_show_path(stages->ws, file->file);
	stage->frozen = pointer->frozen;
	stage->always_changed = always && always->kind == NODE_BOOL && always->boolean;
	/* Where it leads out of the project, the problems of the outputs say so. */
	stage->wdir = g_strdup(wdir ? wdir : making.dir);
	for (guint i = 0; i < pointer->deps->len; i++) {
		const struct entry *entry = pointer->deps->pdata[i];

		if (entry->repo) {
			struct stage_dep dep = {.written = entry->path, .recorded = entry};

			g_array_append_val(stage->deps, dep);
		} else {
			add_dep(stages, stage, entry->path, entry);
		}
	}
	for (guint i = 0; i < pointer->outs->len; i++)
		add_out(stages, stage, pointer->outs->pdata[i], pointer->outs->pdata[i], PIPELINE_OUT);
	add_to_list(stages, stage);
	g_free(making.dir);
	g_free(making.wdir);
}

/* A directory's own files come before those of its sub-directories, as DVC walks; otherwise by name. */
static gint by_walk(gconstpointer a, gconstpointer b)
{
	const char *x = ((const struct source *)a)->file, *y = ((const struct source *)b)->file;

	for (;;) {
		size_t m = strcspn(x, "/"), n = strcspn(y, "/");
		int order;

		if (!x[m] != !y[n])
			return x[m] ? 1 : -1;
		order = strncmp(x, y, MIN(m, n));
		if (order || m != n || !x[m])
			return order ? order : (m > n) - (m < n);
		x += m + 1;
		y += n + 1;
	}
}

struct stages *stages_new(struct workspace *ws, const struct outputs *outputs, GError **error)
{
	struct stages *stages = g_new0(struct stages, 1);
	g_autoptr(GArray) sources = g_array_new(false, true, sizeof(struct source));

	(void)error;
	stages->ws = ws;
	stages->outputs = outputs;
	stages->list = g_ptr_array_new_with_free_func(stage_free);
	stages->problems = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
	stages->private = g_new(struct stages_private, 1);
	stages->private->by_place = g_hash_table_new(place_hash, place_equal);
	for (guint i = 0; i < outputs->pipelines->len; i++) {
		const struct outputs_pipeline *file = outputs->pipelines->pdata[i];

		g_array_append_vals(sources, &(struct source){file->file, file, NULL}, 1);
	}
	for (guint i = 0; i < outputs->pointers->len; i++) {
		const struct outputs_pointer *file = outputs->pointers->pdata[i];

		g_array_append_vals(sources, &(struct source){file->file, NULL, file}, 1);
	}
	g_array_sort(sources, by_walk);
	for (guint i = 0; i < sources->len; i++) {
		const struct source *source = &g_array_index(sources, struct source, i);

		if (source->pipeline)
			make_pipeline(stages, source->pipeline);
		else
			make_pointer(stages, source->pointer);
	}
	for (guint i = 0; i < sources->len; i++)
		check_holders(stages, &g_array_index(sources, struct source, i));
	return stages;
}

const struct stage *stages_find(const struct stages *stages, const char *file, const char *name)
{
	const struct stage key = {.file = file, .name = name};

	return g_hash_table_lookup(stages->private->by_place, &key);
}

char *stage_title(const struct stage *stage)
{
	return g_strdup_printf(stage->name ? "stage '%s'" : "'%s'", stage->address);
}

bool stage_can_run(const struct stage *stage)
{
	return stage->body || (stage->pointer && stage->pointer->cmd);
}

bool stage_is_callback(const struct stage *stage)
{
	return stage_can_run(stage) && !stage->deps->len && !stage->params->len && !stage->outs->len;
}

void stages_free(struct stages *stages)
{
	g_hash_table_unref(stages->private->by_place);
	g_free(stages->private);
	g_ptr_array_unref(stages->list);
	g_ptr_array_unref(stages->problems);
	g_free(stages);
}
