#include "workspace/outputs-int.h"

#include "base/error.h"
#include "base/path.h"
#include "repo/worktree.h"
#include "workspace/workspace-int.h"

#include <sys/stat.h>

/* Longest ignore file accepted from a commit, in bytes. */
#define IGNORE_SIZE_LIMIT ((size_t)16 << 20)

/* A file of a tree or of the index that may matter. */
struct found {
	char *path; /* relative to the project */
	char *id;   /* of the blob */
};

static void found_free(struct found *found)
{
	g_free(found->path);
	g_free(found->id);
	g_free(found);
}

/* What a look through a tree collects. */
struct collector {
	const struct workspace *ws;
	GPtrArray *documents; /* of struct found: pointers and pipelines */
	GPtrArray *ignores;   /* of struct found: ignore files */
	GPtrArray *nested;    /* folders of nested projects */
};

static void collector_clear(struct collector *collector)
{
	g_ptr_array_unref(collector->documents);
	g_ptr_array_unref(collector->ignores);
	g_ptr_array_unref(collector->nested);
}

static void collector_init(struct collector *collector, const struct workspace *ws)
{
	collector->ws = ws;
	collector->documents = g_ptr_array_new_with_free_func((GDestroyNotify)found_free);
	collector->ignores = g_ptr_array_new_with_free_func((GDestroyNotify)found_free);
	collector->nested = g_ptr_array_new_with_free_func(g_free);
}

static void collect(GPtrArray *list, const char *path, const char *id)
{
	struct found *found = g_new(struct found, 1);

	found->path = g_strdup(path);
	found->id = g_strdup(id);
	g_ptr_array_add(list, found);
}

/* The folder that this file makes a nested project; NULL if it does not. New string. */
static char *nested_by(const char *path)
{
	g_autofree char *parent = path_parent(path);

	if (g_str_equal(path_base(path), dialect_native.marker))
		return g_steal_pointer(&parent);
	return g_str_equal(path_base(parent), dialect_dvc.marker) ? path_parent(parent) : NULL;
}

static bool visit_file(const struct revision_file *file, void *user, GError **error)
{
	struct collector *collector = user;
	const struct dialect *dialect = collector->ws->dialect;
	const char *path = path_below(file->path, collector->ws->git_prefix);
	char *nested;

	(void)error;
	if (!path || !*path || (file->mode & S_IFMT) != S_IFREG)
		return true;
	if (dialect_is_pointer(dialect, path) || dialect_is_pipeline(dialect, path))
		collect(collector->documents, path, file->id);
	else if (g_str_equal(path_base(path), dialect->ignore_name))
		collect(collector->ignores, path, file->id);
	nested = nested_by(path);
	if (nested && *nested)
		g_ptr_array_add(collector->nested, nested);
	else
		g_free(nested);
	return true;
}

static bool is_below_any(const GPtrArray *dirs, const char *path)
{
	for (guint i = 0; i < dirs->len; i++) {
		if (path_is_inside(path, dirs->pdata[i]))
			return true;
	}
	return false;
}

static gint by_length(gconstpointer a, gconstpointer b)
{
	const struct found *const *x = a, *const *y = b;
	size_t m = strlen((*x)->path), n = strlen((*y)->path);

	return m < n ? -1 : m > n;
}

/* The ignore rules of a commit. Outer files come first since their paths are shorter than those of the inner ones. */
static struct ignore *read_ignores(struct collector *collector, GError **error)
{
	autoptr(ignore) ignore = ignore_new();

	g_ptr_array_sort(collector->ignores, by_length);
	for (guint i = 0; i < collector->ignores->len; i++) {
		const struct found *found = collector->ignores->pdata[i];
		g_autofree char *dir = path_parent(found->path), *text = NULL;
		size_t length;

		if (ignore_match(ignore, found->path, false, NULL))
			continue;
		if (!revision_read_blob(collector->ws->repo, found->id, IGNORE_SIZE_LIMIT, &text, &length, error))
			return NULL;
		ignore_add(ignore, dir, found->path, text, length);
	}
	return g_steal_pointer(&ignore);
}

/* Parse one document; what cannot be read becomes a problem. false only for Ctrl-C. */
static bool add_document(struct outputs *outputs, const struct outputs_source *source, const char *path,
			 const char *blob, GError **error)
{
	struct workspace *ws = source->ws;
	g_autofree char *text = NULL;
	GError *problem = NULL;
	size_t length;

	if (dialect_is_pipeline(ws->dialect, path))
		outputs_add_pipeline(outputs, source, path, &problem);
	else if (blob ? revision_read_blob(ws->repo, blob, POINTER_SIZE_LIMIT, &text, &length, &problem)
		      : outputs_source_read(source, path, POINTER_SIZE_LIMIT, &text, &length, &problem))
		outputs_add_pointer(outputs, ws, path, text, length, &problem);
	if (!problem)
		return true;
	if (error_is(problem, ERROR_CANCELLED)) {
		g_propagate_error(error, problem);
		return false;
	}
	g_ptr_array_add(outputs->problems, problem);
	return true;
}

static bool load_revision(struct outputs *outputs, const struct outputs_source *source, GError **error)
{
	struct workspace *ws = source->ws;
	autoptr(ignore) ignore = NULL;
	struct collector collector;
	bool ok;

	collector_init(&collector, ws);
	ok = revision_walk(ws->repo, source->revision, ws->git_prefix, NULL, visit_file, &collector, error);
	ignore = ok ? read_ignores(&collector, error) : NULL;
	ok = ignore;
	for (guint i = 0; ok && i < collector.documents->len; i++) {
		const struct found *found = collector.documents->pdata[i];

		if (!is_below_any(collector.nested, found->path) && !ignore_match(ignore, found->path, false, NULL))
			ok = add_document(outputs, source, found->path, found->id, error);
	}
	collector_clear(&collector);
	return ok;
}

/* Add pointers that sparse checkout keeps out of the work tree: Git's index has them. */
static bool load_sparse(struct outputs *outputs, const struct outputs_source *source, GError **error)
{
	struct workspace *ws = source->ws;
	struct collector collector;
	bool ok;

	collector_init(&collector, ws);
	ok = worktree_index(ws->repo, ws->repo->git_dir, visit_file, &collector, error);
	for (guint i = 0; ok && i < collector.documents->len; i++) {
		const struct found *found = collector.documents->pdata[i];
		g_autofree char *git_path = workspace_git_path(ws, found->path),
				*full = path_join(ws->root, found->path);
		bool left_out = false;
		guint known;

		if (!access(full, F_OK) || dialect_is_pipeline(ws->dialect, found->path))
			continue;
		ok = worktree_is_sparse(ws->repo, git_path, &left_out, error);
		if (!ok || !left_out || is_below_any(collector.nested, found->path))
			continue;
		known = outputs->list->len;
		ok = add_document(outputs, source, found->path, found->id, error);
		for (guint j = known; j < outputs->list->len; j++)
			((struct output *)outputs->list->pdata[j])->left_out = true;
	}
	collector_clear(&collector);
	return ok;
}

/* Data that the project's own rules ignore would look empty to every scan. */
static void check_ignored(struct outputs *outputs, const struct ignore *ignore)
{
	for (guint i = 0; i < outputs->list->len; i++) {
		const struct output *output = outputs->list->pdata[i];
		const struct ignore_rule *rule = NULL;
		GError *problem = NULL;

		if (!ignore_match(ignore, output->path, output->oid.dir, &rule))
			continue;
		error_set(&problem, ERROR_INVALID, "'%s' of '%s' is ignored by %s:%u", output->path, output->address,
			  rule && *rule->source ? rule->source : "a built-in rule", rule ? rule->line : 0);
		error_hint(&problem, "change the ignore rule");
		g_ptr_array_add(outputs->problems, problem);
	}
}

static bool load_workspace(struct outputs *outputs, const struct outputs_source *source, GError **error)
{
	struct workspace *ws = source->ws;
	struct ignore *ignore = workspace_ignore(ws, error);
	g_autoptr(GPtrArray) documents = NULL;
	bool drafted = !source->draft;

	if (!ignore || !workspace_documents(ws, error))
		return false;
	documents = g_steal_pointer(&ws->lazy->documents);
	for (guint i = 0; i < documents->len; i++) {
		const char *path = documents->pdata[i];

		if (!dialect_is_pointer(ws->dialect, path) && !dialect_is_pipeline(ws->dialect, path))
			continue;
		if (workspace_is_nested(ws, path) || ignore_match(ignore, path, false, NULL))
			continue;
		drafted = drafted || g_str_equal(path, source->draft->path);
		if (!add_document(outputs, source, path, NULL, error))
			return false;
	}
	if (!drafted && !add_document(outputs, source, source->draft->path, NULL, error))
		return false;
	check_ignored(outputs, ignore);
	return !(repo_traits(ws->repo) & REPO_SPARSE) || load_sparse(outputs, source, error);
}

struct outputs *outputs_load(struct workspace *ws, const char *revision, GError **error)
{
	autoptr(outputs) outputs = outputs_new();
	const struct outputs_source source = {.ws = ws, .revision = revision};
	char head[REVISION_ID_MAX];
	bool ok;

	if (revision)
		ok = load_revision(outputs, &source, error);
	else if (ws->root)
		ok = load_workspace(outputs, &source, error);
	else {
		const struct outputs_source bare = {.ws = ws, .revision = head};

		ok = revision_resolve(ws->repo, "HEAD", head, error) && load_revision(outputs, &bare, error);
	}
	if (!ok)
		return NULL;
	outputs_settle(outputs);
	return g_steal_pointer(&outputs);
}

struct outputs *outputs_load_draft(struct workspace *ws, const struct outputs_draft *draft, GError **error)
{
	autoptr(outputs) outputs = outputs_new();
	const struct outputs_source source = {.ws = ws, .draft = draft};

	if (!load_workspace(outputs, &source, error))
		return NULL;
	outputs_settle(outputs);
	return g_steal_pointer(&outputs);
}
