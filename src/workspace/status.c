#include "workspace/status.h"

#include "base/error.h"
#include "base/path.h"
#include "repo/revision.h"
#include "repo/worktree.h"
#include "workspace/sides.h"

/* What all steps of one status need. */
struct gathering {
	struct workspace *ws;
	const struct outputs *outputs;
	const struct status_options *options;
	struct status *status;
};

static struct status *status_new(const struct status_options *options)
{
	struct status *status = g_new0(struct status, 1);

	status->outputs = g_array_new(false, false, sizeof(struct status_output));
	status->committed = options->committed ? changes_new() : NULL;
	status->uncommitted = changes_new();
	status->not_in_store = g_ptr_array_new_with_free_func(g_free);
	status->untracked = options->untracked ? g_ptr_array_new_with_free_func(g_free) : NULL;
	status->notes = g_ptr_array_new_with_free_func(g_free);
	status->refusals = g_ptr_array_new_with_free_func(g_free);
	status->strings = g_string_chunk_new(1024);
	status->clean = true;
	return status;
}

void status_free(struct status *status)
{
	if (!status)
		return;
	g_array_unref(status->outputs);
	changes_free(status->committed);
	changes_free(status->uncommitted);
	g_ptr_array_unref(status->not_in_store);
	g_clear_pointer(&status->untracked, g_ptr_array_unref);
	g_ptr_array_unref(status->notes);
	g_ptr_array_unref(status->refusals);
	g_string_chunk_free(status->strings);
	g_free(status);
}

const char *status_word(const struct status_output *output)
{
	if (!output->in_store && !oid_is_none(&output->output->oid))
		return "not in cache";
	if (output->state == OUTPUT_DELETED)
		return "deleted";
	return output->state == OUTPUT_MODIFIED ? "modified" : NULL;
}

/* Where missing objects are counted and listed. */
struct missing {
	struct gathering *gathering;
	struct status_output *entry;
	const char *path; /* of the output */
};

static void take_missing(const char *path, const struct oid *oid, void *user)
{
	struct missing *missing = user;
	struct gathering *gathering = missing->gathering;
	GPtrArray *list = gathering->status->not_in_store;

	(void)oid;
	missing->entry->in_store = false;
	if (gathering->options->granular) {
		g_ptr_array_add(list, g_strdup(path));
	} else if (!missing->entry->missing) {
		bool dir = missing->entry->output->oid.dir;

		g_ptr_array_add(list, g_strconcat(missing->path, dir ? "/" : "", NULL));
	}
	missing->entry->missing++;
}

static void find_missing(struct gathering *gathering, struct status_output *entry, const struct side *recorded)
{
	const struct output *output = entry->output;
	struct missing missing = {gathering, entry, output->path};

	if (gathering->options->no_store || output->no_cache)
		return;
	/* What an origin promised counts as missing until it was fetched from there, whoever else has the same bytes. */
	if (oid_is_none(&output->oid) && !oid_is_none(&output->promised))
		take_missing(output->path, &output->promised, &missing);
	else
		side_find_missing(recorded, gathering->ws, entry->output->path, entry->inside, take_missing, &missing);
}

/* The state of a whole output, or of the part that was asked for. */
static enum output_state judge(const struct gathering *gathering, const struct output *output, const char *inside,
			       const struct scan *scan, const struct changes *changes, guint first_change)
{
	bool modes = gathering->ws->dialect->keeps_modes;

	if (*inside) {
		for (guint i = first_change; i < changes->list->len; i++) {
			if (changes_get(changes, i)->kind != CHANGE_UNCHANGED)
				return scan->files->len ? OUTPUT_MODIFIED : OUTPUT_DELETED;
		}
		return OUTPUT_UNCHANGED;
	}
	if (scan->kind == SCAN_ABSENT)
		return OUTPUT_DELETED;
	if (oid_is_none(&output->oid) || !oid_equal(&output->oid, &scan->oid))
		return OUTPUT_MODIFIED;
	return modes && !output->oid.dir && output->isexec != scan_is_exec(scan) ? OUTPUT_MODIFIED : OUTPUT_UNCHANGED;
}

static void take_notes(struct gathering *gathering, const struct scan *scan)
{
	for (guint i = 0; i < scan->unkept->len; i++)
		g_ptr_array_add(gathering->status->notes, g_strdup(scan->unkept->pdata[i]));
	if (scan->refusal)
		g_ptr_array_add(gathering->status->refusals, g_strdup(scan->refusal));
}

/* Compare what is recorded with what stands there. */
static void compare(struct gathering *gathering, struct status_output *entry, const struct scan *scan)
{
	const struct status_options *options = gathering->options;
	const struct output *output = entry->output;
	struct changes *list = gathering->status->uncommitted, *parts = output->no_cache ? changes_new() : list;
	guint first = parts->list->len;
	struct side before, after;
	struct change_request request = {.path = output->path,
					 .inside = entry->inside,
					 .before = &before.side,
					 .after = &after.side,
					 .granular = options->granular || *entry->inside,
					 .modes = gathering->ws->dialect->keeps_modes,
					 .unchanged = options->unchanged};

	side_of_output(&before, output);
	side_of_scan(&after, scan);
	/* An unchanged folder has its manifest from the scan: it serves for the look into the store. */
	if (request.granular || oid_equal(&before.side.oid, &after.side.oid))
		sides_load(&before, &after, gathering->ws, true);
	changes_compare(parts, &request);
	entry->state = judge(gathering, output, entry->inside, scan, parts, first);
	find_missing(gathering, entry, &before);
	if (parts != list)
		changes_free(parts);
	side_clear(&before);
	side_clear(&after);
}

static bool look_at(struct gathering *gathering, const struct output *output, const char *inside, GError **error)
{
	struct status *status = gathering->status;
	struct scan_options options = {.path = output->path, .inside = inside};
	struct status_output entry = {.output = output, .in_store = true};
	autoptr(scan) scan = NULL;

	options.algo = oid_is_none(&output->oid) ? gathering->ws->dialect->algo : (enum oid_algo)output->oid.algo;
	scan = scan_path(gathering->ws, &options, error);
	if (!scan)
		return false;
	take_notes(gathering, scan);
	entry.inside = g_string_chunk_insert(status->strings, inside);
	entry.now = scan->oid;
	compare(gathering, &entry, scan);
	if (entry.state != OUTPUT_UNCHANGED || !entry.in_store)
		status->clean = false;
	g_array_append_val(status->outputs, entry);
	return true;
}

/* Go through the outputs that were asked for. */
static bool look_at_all(struct gathering *gathering, const GPtrArray *targets, GError **error)
{
	const GPtrArray *list = targets ? targets : gathering->outputs->list;

	for (guint i = 0; i < list->len; i++) {
		const struct target *target = targets ? targets->pdata[i] : NULL;
		const struct output *output = target ? target->output : list->pdata[i];

		if (!target && output->left_out)
			continue;
		if (!look_at(gathering, output, target ? target->inside : "", error))
			return false;
		if (gathering->options->quick && !gathering->status->clean)
			return true;
	}
	return true;
}

/* Whether an output of HEAD lies in what was asked for. */
static bool is_asked_for(const GPtrArray *targets, const char *path)
{
	if (!targets)
		return true;
	for (guint i = 0; i < targets->len; i++) {
		const struct target *target = targets->pdata[i];

		if (g_str_equal(target->output->path, path))
			return true;
	}
	return false;
}

/* What part of the output at path was asked for. */
static const char *part_of(const GPtrArray *targets, const char *path)
{
	for (guint i = 0; targets && i < targets->len; i++) {
		const struct target *target = targets->pdata[i];

		if (g_str_equal(target->output->path, path))
			return target->inside;
	}
	return "";
}

static void compare_recorded(struct gathering *gathering, const struct output *old, const struct output *now,
			     const GPtrArray *targets)
{
	const char *path = now ? now->path : old->path;
	struct side before, after;
	const struct change_request request = {.path = path,
					       .inside = part_of(targets, path),
					       .before = &before.side,
					       .after = &after.side,
					       .granular = gathering->options->granular,
					       .modes = gathering->ws->dialect->keeps_modes};

	side_of_output(&before, old && !old->no_cache ? old : NULL);
	side_of_output(&after, now && !now->no_cache ? now : NULL);
	if (request.granular)
		sides_load(&before, &after, gathering->ws, false);
	changes_compare(gathering->status->committed, &request);
	side_clear(&before);
	side_clear(&after);
}

/* HEAD against the pointers. */
static bool compare_head(struct gathering *gathering, const GPtrArray *targets, GError **error)
{
	autoptr(outputs) head = NULL;
	char id[REVISION_ID_MAX];

	if (revision_has_head(gathering->ws->repo)) {
		if (!revision_resolve(gathering->ws->repo, "HEAD", id, error))
			return false;
		head = outputs_load(gathering->ws, id, error);
		if (!head || !outputs_check(head, error)) {
			g_prefix_error(error, "in HEAD: ");
			return false;
		}
	}
	for (guint i = 0; i < gathering->outputs->list->len; i++) {
		const struct output *now = gathering->outputs->list->pdata[i];

		if (is_asked_for(targets, now->path))
			compare_recorded(gathering, head ? outputs_find(head, now->path) : NULL, now, targets);
	}
	for (guint i = 0; head && i < head->list->len; i++) {
		const struct output *old = head->list->pdata[i];

		if (!outputs_find(gathering->outputs, old->path) && is_asked_for(targets, old->path))
			compare_recorded(gathering, old, NULL, targets);
	}
	changes_pair_renames(gathering->status->committed);
	return true;
}

static bool drop_known(const struct revision_file *file, void *user, GError **error)
{
	(void)error;
	g_hash_table_remove(user, file->path);
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What Git would list as untracked, without what pointers track. */
static bool list_untracked(struct gathering *gathering, GError **error)
{
	struct workspace *ws = gathering->ws;
	GPtrArray *list = gathering->status->untracked;
	g_autofree char *spec = g_strconcat(":(top,literal)", ws->git_prefix, NULL);
	const char *const all[] = {*ws->git_prefix ? spec : ":/", NULL};
	g_autoptr(GPtrArray) files = worktree_files(ws->repo, all, error);
	g_autoptr(GHashTable) unknown = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter iter;
	gpointer key;

	if (!files)
		return false;
	for (guint i = 0; i < files->len; i++)
		g_hash_table_add(unknown, files->pdata[i]);
	if (!worktree_index(ws->repo, ws->repo->git_dir, drop_known, unknown, error))
		return false;
	g_hash_table_iter_init(&iter, unknown);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const char *path = path_below(key, ws->git_prefix);

		if (path && *path && !outputs_covering(gathering->outputs, path, NULL))
			g_ptr_array_add(list, g_strdup(path));
	}
	if (list->len)
		qsort(list->pdata, list->len, sizeof(*list->pdata), compare_texts);
	return true;
}

struct status *status_read(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
			   const struct status_options *options, GError **error)
{
	autoptr(status) status = status_new(options);
	struct gathering gathering = {ws, outputs, options, status};
	struct index *index = workspace_index(ws, error);

	if (!index || !workspace_store(ws, error) || !look_at_all(&gathering, targets, error))
		return NULL;
	changes_pair_renames(status->uncommitted);
	if (options->committed && !compare_head(&gathering, targets, error))
		return NULL;
	if (options->untracked && !list_untracked(&gathering, error))
		return NULL;
	if (!index_commit(index, error))
		return NULL;
	return g_steal_pointer(&status);
}
