#include "workspace/listing.h"

#include "base/error.h"
#include "base/path.h"
#include "base/walk.h"
#include "format/ignore.h"
#include "repo/revision.h"
#include "store/manifest.h"
#include "workspace/scan.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static void entry_clear(gpointer data)
{
	struct listing_entry *entry = data;

	g_free(entry->path);
	g_free(entry);
}

/* Everything that is gathered: all files, before folders are folded. */
struct gather {
	struct workspace *ws;
	const struct listing_options *options;
	GPtrArray *entries; /* of struct listing_entry */
	GHashTable *seen;   /* paths of entries */
};

static struct listing_entry *gather_add(struct gather *gather, const char *path)
{
	struct listing_entry *entry;

	if (!path_is_inside(path, gather->options->path) || g_hash_table_contains(gather->seen, path))
		return NULL;
	entry = g_new0(struct listing_entry, 1);
	entry->path = g_strdup(path);
	entry->size = LISTING_NO_SIZE;
	g_ptr_array_add(gather->entries, entry);
	g_hash_table_add(gather->seen, entry->path);
	return entry;
}

/* Size and exec bit of what stands in the workspace, if it does. */
static void gather_stat(struct gather *gather, struct listing_entry *entry)
{
	struct stat st;

	if (!entry || gather->options->revision || gather->ws->root_fd < 0 ||
	    fstatat(gather->ws->root_fd, entry->path, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(st.st_mode))
		return;
	entry->size = (uint64_t)st.st_size;
	entry->executable = S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR);
}

/* List a folder whose files nobody knows. */
static void gather_unknown(struct gather *gather, const struct output *output)
{
	struct listing_entry *entry = gather_add(gather, output->path);

	if (!entry)
		return;
	entry->tracked = entry->is_dir = entry->unknown = true;
	entry->oid = output->oid;
	entry->size = output->has_size ? output->size : LISTING_NO_SIZE;
}

static void gather_manifest(struct gather *gather, const struct output *output, const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *file = manifest_get(manifest, i);
		g_autofree char *path = path_join(output->path, file->path);
		struct listing_entry *entry = file->mode == MANIFEST_EMPTY_DIR ? NULL : gather_add(gather, path);

		if (!entry)
			continue;
		entry->tracked = true;
		entry->oid = file->oid;
		gather_stat(gather, entry);
		if (file->size != MANIFEST_NO_SIZE)
			entry->size = file->size;
		entry->executable |= file->mode == MANIFEST_EXEC;
	}
}

/* What the folder in the workspace holds, if that is exactly what is recorded. NULL with no error set if it is not. */
static struct manifest *manifest_of_workspace(struct gather *gather, const struct output *output, GError **error)
{
	const struct scan_options options = {.path = output->path, .algo = (enum oid_algo)output->oid.algo};
	autoptr(scan) scan = gather->options->revision ? NULL : scan_path(gather->ws, &options, error);

	return scan && oid_equal(&scan->oid, &output->oid) ? g_steal_pointer(&scan->manifest) : NULL;
}

/* The files of a tracked folder, from its manifest or, if the store does not have it, from the folder that it describes. */
static bool gather_folder(struct gather *gather, const struct output *output, GError **error)
{
	struct store *store = workspace_store(gather->ws, error);
	g_autoptr(GError) reason = NULL;
	autoptr(manifest) manifest = NULL;

	if (!store)
		return false;
	manifest = manifest_load(store, &output->oid, NULL);
	if (!manifest)
		manifest = manifest_of_workspace(gather, output, &reason);
	if (reason) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return false;
	}
	if (manifest)
		gather_manifest(gather, output, manifest);
	else
		gather_unknown(gather, output);
	return true;
}

static bool gather_outputs(struct gather *gather, const struct outputs *outputs, GError **error)
{
	for (guint i = 0; i < outputs->list->len; i++) {
		const struct output *output = g_ptr_array_index(outputs->list, i);
		struct listing_entry *entry;

		/* Git has what is not cached. */
		if (output->no_cache || (!path_is_inside(output->path, gather->options->path) &&
					 !path_is_inside(gather->options->path, output->path)))
			continue;
		if (output->oid.dir) {
			if (!gather_folder(gather, output, error))
				return false;
			continue;
		}
		entry = gather_add(gather, output->path);
		if (!entry)
			continue;
		entry->tracked = true;
		entry->oid = *output_expected(output);
		gather_stat(gather, entry);
		if (output->has_size && entry->size == LISTING_NO_SIZE)
			entry->size = output->size;
		entry->executable |= output->isexec;
	}
	return true;
}

/* A file of Git's tree at a revision. */
static bool gather_tree_file(const struct revision_file *file, void *user, GError **error)
{
	struct gather *gather = user;
	const char *path = path_below(file->path, gather->ws->git_prefix);
	bool ours = path && *path && !path_is_inside(path, gather->ws->dialect == &dialect_dvc ? dialect_dvc.marker : ".git");
	struct listing_entry *entry = ours ? gather_add(gather, path) : NULL;

	(void)error;
	if (entry)
		entry->executable = file->mode == 0100755;
	return true;
}

/* What the filter of a walk reads. */
struct filter {
	const struct ignore *ignore;
	const char *base; /* what is walked, relative to the project, as rules see paths */
};

/* What the ignore rules leave out of a walk. */
static enum walk_verdict leave_out(const char *path, enum walk_kind kind, void *user)
{
	const struct filter *filter = user;
	g_autofree char *full = path_join(filter->base, path);

	return kind == WALK_TEMP || ignore_match_leaf(filter->ignore, full, kind == WALK_DIR) ? WALK_SKIP : WALK_KEEP;
}

/* Everything in the workspace that the ignore rules do not leave out. */
static bool gather_workspace(struct gather *gather, GError **error)
{
	struct workspace *ws = gather->ws;
	struct filter filter = {workspace_ignore(ws, error), gather->options->path};
	g_autofree char *full = path_join(ws->root, gather->options->path);
	autoptr(walk) walk = NULL;

	if (!filter.ignore)
		return false;
	if (!g_file_test(full, G_FILE_TEST_IS_DIR) || g_file_test(full, G_FILE_TEST_IS_SYMLINK)) {
		if (g_file_test(full, G_FILE_TEST_EXISTS))
			gather_stat(gather, gather_add(gather, gather->options->path));
		return true;
	}
	walk = walk_tree(ws->root_fd, gather->options->path, leave_out, &filter, ws->settings->threads, error);
	for (size_t i = 0; walk && i < walk_count(walk); i++) {
		const struct walk_entry *found = walk_get(walk, i);
		g_autofree char *path = path_join(gather->options->path, found->path);
		struct listing_entry *entry = found->kind == WALK_DIR ? NULL : gather_add(gather, path);

		if (!entry)
			continue;
		entry->size = found->stamp.size;
		entry->executable = S_ISREG(found->stamp.mode) && (found->stamp.mode & S_IXUSR);
	}
	return walk != NULL;
}

/* The files that are not tracked by us: of the revision's tree, or of the workspace. */
static bool gather_others(struct gather *gather, GError **error)
{
	if (gather->options->tracked_only)
		return true;
	if (!gather->options->revision)
		return gather_workspace(gather, error);
	return revision_walk(gather->ws->repo, gather->options->revision, gather->ws->git_prefix, NULL, gather_tree_file,
			     gather, error);
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	const struct listing_entry *const *left = a, *const *right = b;

	return strcmp((*left)->path, (*right)->path);
}

/* Add a file to the folder entry at `path` (borrowed for the call), making that on first need. */
static void fold_into(GPtrArray *folded, GHashTable *folders, const char *path, const struct listing_entry *file)
{
	struct listing_entry *folder = g_hash_table_lookup(folders, path);

	if (!folder) {
		folder = g_new0(struct listing_entry, 1);
		folder->path = g_strdup(path);
		folder->is_dir = true;
		g_ptr_array_add(folded, folder);
		g_hash_table_insert(folders, folder->path, folder);
	}
	folder->tracked |= file->tracked;
	if (file->size == LISTING_NO_SIZE || folder->size == LISTING_NO_SIZE)
		folder->size = LISTING_NO_SIZE;
	else
		folder->size += file->size;
}

/* Only what stands directly below options->path: files as they are, folders as one entry with their sum. */
static GPtrArray *fold(const struct gather *gather, const struct outputs *outputs)
{
	GPtrArray *folded = g_ptr_array_new_with_free_func(entry_clear);
	g_autoptr(GHashTable) folders = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < gather->entries->len; i++) {
		struct listing_entry *entry = g_ptr_array_index(gather->entries, i);
		const char *below = path_below(entry->path, gather->options->path), *slash = strchr(below, '/');

		if (slash) {
			g_autofree char *path = g_strndup(entry->path, (gsize)(slash - entry->path));

			fold_into(folded, folders, path, entry);
		} else {
			g_ptr_array_add(folded, entry);
			gather->entries->pdata[i] = NULL;
		}
	}
	for (guint i = 0; i < folded->len; i++) {
		struct listing_entry *entry = g_ptr_array_index(folded, i);
		const struct output *output = outputs_find(outputs, entry->path);

		if (output)
			entry->oid = output->oid;
	}
	return folded;
}

static void entry_clear_any(gpointer data)
{
	if (data)
		entry_clear(data);
}

GPtrArray *listing_read(struct workspace *ws, const struct listing_options *options, GError **error)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_clear_any);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	struct gather gather = { .ws = ws, .options = options, .entries = entries, .seen = seen };
	autoptr(outputs) outputs = outputs_load(ws, options->revision, error);
	GPtrArray *result;

	if (!outputs || !outputs_check(outputs, error) || !gather_outputs(&gather, outputs, error) ||
	    !gather_others(&gather, error))
		return NULL;
	if (entries->len == 0 && *options->path) {
		error_set(error, ERROR_NOT_FOUND, "'%s' names nothing here", options->path);
		error_hint(error, "git mlv ls");
		return NULL;
	}
	result = options->recursive ? g_steal_pointer(&entries) : fold(&gather, outputs);
	g_ptr_array_sort(result, by_path);
	return result;
}
