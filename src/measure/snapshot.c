#include "measure/snapshot.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/walk.h"
#include "repo/revision.h"
#include "store/manifest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct snapshot *snapshot_open(struct workspace *ws, const char *revision, GError **error)
{
	autoptr(snapshot) snapshot = g_new0(struct snapshot, 1);
	char head[REVISION_ID_MAX];

	if (!revision && !ws->root) {
		if (!revision_resolve(ws->repo, "HEAD", head, error))
			return NULL;
		revision = head;
	}
	snapshot->ws = ws;
	snapshot->revision = g_strdup(revision);
	snapshot->manifests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)manifest_free);
	snapshot->outputs = outputs_load(ws, revision, error);
	return snapshot->outputs ? g_steal_pointer(&snapshot) : NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	if (snapshot->outputs)
		outputs_free(snapshot->outputs);
	g_hash_table_unref(snapshot->manifests);
	g_free(snapshot->revision);
	g_free(snapshot);
}

/* Whether the store keeps an output. One with `cache: false` may be there by chance, as a copy for the run cache. */
static bool is_kept(const struct output *output)
{
	return !output->no_cache && !oid_is_none(&output->oid);
}

/* The bytes that the work tree or the commit has. */
static bool read_plain(const struct snapshot *snapshot, const char *path, size_t limit, char **data, size_t *length,
		       GError **error)
{
	const struct workspace *ws = snapshot->ws;
	g_autofree char *full = snapshot->revision ? workspace_git_path(ws, path) : path_join(ws->root, path);

	if (snapshot->revision)
		return revision_read(ws->repo, snapshot->revision, full, limit, data, length, error);
	return file_read(full, limit, data, length, error);
}

/* The manifest of a tracked folder, read once. Owned by the snapshot. */
static const struct manifest *find_manifest(struct snapshot *snapshot, const struct oid *oid, GError **error)
{
	struct store *store = workspace_store(snapshot->ws, error);
	struct manifest *manifest;
	char id[OID_TEXT_MAX];

	if (!store)
		return NULL;
	manifest = g_hash_table_lookup(snapshot->manifests, oid_text(oid, id));
	if (manifest)
		return manifest;
	manifest = manifest_load(store, oid, error);
	if (manifest)
		g_hash_table_insert(snapshot->manifests, g_strdup(id), manifest);
	return manifest;
}

/* The object that holds the file `inside` of an output. */
static bool find_object(struct snapshot *snapshot, const struct output *output, const char *inside, struct oid *oid,
			GError **error)
{
	const struct manifest_entry *entry;
	const struct manifest *manifest;

	*oid = output->oid;
	if (!output->oid.dir && !*inside)
		return true;
	manifest = output->oid.dir ? find_manifest(snapshot, &output->oid, error) : NULL;
	if (output->oid.dir && !manifest)
		return false;
	entry = manifest && *inside ? manifest_find(manifest, inside) : NULL;
	if (!entry || entry->mode == MANIFEST_EMPTY_DIR || entry->mode == MANIFEST_LINK) {
		error_set(error, ERROR_NOT_FOUND, "'%s' has no file '%s'", output->path, inside);
		return false;
	}
	*oid = entry->oid;
	return true;
}

/* The bytes that the store has of a tracked file. */
static bool read_tracked(struct snapshot *snapshot, const struct output *output, const char *inside, size_t limit,
			 char **data, size_t *length, GError **error)
{
	struct store *store = workspace_store(snapshot->ws, error);
	struct oid oid;

	if (store && find_object(snapshot, output, inside, &oid, error) &&
	    store_read(store, &oid, limit, data, length, error))
		return true;
	error_hint(error, "git mlv fetch %s", output->path);
	return false;
}

bool snapshot_read(struct snapshot *snapshot, const char *path, size_t limit, char **data, size_t *length,
		   GError **error)
{
	const struct output *output;
	const char *inside = "";
	GError *problem = NULL;

	*data = NULL;
	if (*path == '/' || strcmp(path, "..") == 0 || g_str_has_prefix(path, "../")) {
		error_set(error, ERROR_UNSAFE, "'%s' leads out of the project", path);
		return false;
	}
	if (read_plain(snapshot, path, limit, data, length, &problem))
		return true;
	output = error_is(problem, ERROR_NOT_FOUND) ? outputs_covering(snapshot->outputs, path, &inside) : NULL;
	if (!output || !is_kept(output)) {
		g_propagate_error(error, problem);
		return false;
	}
	g_clear_error(&problem);
	return read_tracked(snapshot, output, inside, limit, data, length, error);
}

/* What snapshot_expand() collects. */
struct expansion {
	const struct snapshot *snapshot;
	GPtrArray *files;
};

/* Add a file unless it only describes the project. */
static void add_file(const struct expansion *expansion, char *path)
{
	const struct dialect *dialect = expansion->snapshot->ws->dialect;

	if (dialect_is_pointer(dialect, path) || dialect_is_pipeline(dialect, path))
		g_free(path);
	else
		g_ptr_array_add(expansion->files, path);
}

static bool visit_file(const struct revision_file *file, void *user, GError **error)
{
	const struct expansion *expansion = user;
	const char *path = path_below(file->path, expansion->snapshot->ws->git_prefix);

	(void)error; /* nothing fails here */
	if (path && S_ISREG(file->mode))
		add_file(expansion, g_strdup(path));
	return true;
}

/* A walk through a folder of the work tree. */
struct folder {
	const char *path;
	const struct ignore *ignore;
};

static enum walk_verdict leave_out_ignored(const char *path, enum walk_kind kind, void *user)
{
	const struct folder *folder = user;
	g_autofree char *full = path_join(folder->path, path);

	return ignore_match_leaf(folder->ignore, full, kind == WALK_DIR) ? WALK_SKIP : WALK_KEEP;
}

/* Whether an entry of the work tree is a file, maybe one behind a link. */
static bool is_file(const struct workspace *ws, const struct walk_entry *entry, const char *path)
{
	struct stat st;

	return entry->kind == WALK_FILE ||
	       (entry->kind == WALK_LINK && fstatat(ws->root_fd, path, &st, 0) == 0 && S_ISREG(st.st_mode));
}

/* The files of a folder of the work tree. */
static bool list_work_tree(const struct expansion *expansion, const char *path, GError **error)
{
	struct workspace *ws = expansion->snapshot->ws;
	g_autofree char *full = path_join(ws->root, path);
	struct folder folder = {.path = path};
	autoptr(walk) walk = NULL;
	struct stat st;

	if (lstat(full, &st) < 0 || !S_ISDIR(st.st_mode))
		return true;
	folder.ignore = workspace_ignore(ws, error);
	walk = folder.ignore ? walk_tree(ws->root_fd, path, leave_out_ignored, &folder, 1, error) : NULL;
	for (size_t i = 0; walk && i < walk_count(walk); i++) {
		g_autofree char *file = path_join(path, walk_get(walk, i)->path);

		if (is_file(ws, walk_get(walk, i), file))
			add_file(expansion, g_steal_pointer(&file));
	}
	return walk != NULL;
}

/* The files of one tracked output that are at or below `inside` of it. */
static void list_output(struct snapshot *snapshot, const struct expansion *expansion, const struct output *output,
			const char *inside)
{
	const struct manifest *manifest;
	size_t first, end;

	if (!output->oid.dir) {
		add_file(expansion, g_strdup(output->path));
		return;
	}
	manifest = find_manifest(snapshot, &output->oid, NULL);
	if (!manifest || !manifest_range(manifest, inside, &first, &end))
		return;
	for (size_t i = first; i < end; i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);

		if (entry->mode != MANIFEST_EMPTY_DIR && entry->mode != MANIFEST_LINK)
			add_file(expansion, path_join(output->path, entry->path));
	}
}

/* The tracked files below a folder, and those of an output around it. What has no manifest here has no files. */
static void list_tracked(struct snapshot *snapshot, const struct expansion *expansion, const char *path)
{
	const struct outputs *outputs = snapshot->outputs;
	const char *inside = "";
	const struct output *around = outputs_covering(outputs, path, &inside);

	if (around && is_kept(around) && around->oid.dir)
		list_output(snapshot, expansion, around, inside);
	for (guint i = 0; i < outputs->list->len; i++) {
		const struct output *output = outputs->list->pdata[i];

		if (output != around && is_kept(output) && path_is_inside(output->path, path))
			list_output(snapshot, expansion, output, "");
	}
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void drop_doubles(GPtrArray *files)
{
	guint kept = 0;

	g_ptr_array_sort(files, by_name);
	for (guint i = 0; i < files->len; i++) {
		char *path = g_steal_pointer(&files->pdata[i]);

		if (kept > 0 && strcmp(files->pdata[kept - 1], path) == 0)
			g_free(path);
		else
			files->pdata[kept++] = path;
	}
	g_ptr_array_set_size(files, (gint)kept);
}

GPtrArray *snapshot_expand(struct snapshot *snapshot, const char *path, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	struct workspace *ws = snapshot->ws;
	struct expansion expansion = {snapshot, files};
	const struct output *output = outputs_find(snapshot->outputs, path);
	g_autofree char *git_path = workspace_git_path(ws, path);

	if (output && !oid_is_none(&output->oid) && !output->oid.dir) {
		g_ptr_array_add(files, g_strdup(path));
		return g_steal_pointer(&files);
	}
	if (snapshot->revision
		    ? !revision_walk(ws->repo, snapshot->revision, git_path, NULL, visit_file, &expansion, error)
		    : !list_work_tree(&expansion, path, error))
		return NULL;
	list_tracked(snapshot, &expansion, path);
	drop_doubles(files);
	if (files->len == 0)
		g_ptr_array_add(files, g_strdup(path));
	return g_steal_pointer(&files);
}
