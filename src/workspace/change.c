#include "workspace/change.h"

#include "base/path.h"

#include <string.h>

struct changes *changes_new(void)
{
	struct changes *changes = g_new0(struct changes, 1);

	changes->list = g_array_new(false, false, sizeof(struct change));
	changes->strings = g_string_chunk_new(4096);
	return changes;
}

void changes_free(struct changes *changes)
{
	if (!changes)
		return;
	g_array_unref(changes->list);
	g_string_chunk_free(changes->strings);
	g_free(changes);
}

void changes_add(struct changes *changes, const struct change *change)
{
	struct change copy = *change;

	copy.path = g_string_chunk_insert(changes->strings, change->path);
	if (change->old_path)
		copy.old_path = g_string_chunk_insert(changes->strings, change->old_path);
	g_array_append_val(changes->list, copy);
	changes->counts[change->kind]++;
}

const struct change *changes_get(const struct changes *changes, size_t i)
{
	return &g_array_index(changes->list, struct change, i);
}

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[CHANGE_KINDS] = {"added",   "deleted", "modified",
							"renamed", "unknown", "unchanged"};

	return names[kind];
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	const struct change *x = a, *y = b;
	int order = strcmp(x->old_path ? x->old_path : x->path, y->old_path ? y->old_path : y->path);

	return order ? order : (int)x->kind - (int)y->kind;
}

void changes_sort(struct changes *changes)
{
	g_array_sort(changes->list, by_path);
}

/* One comparison under way. */
struct comparison {
	struct changes *changes;
	const struct change_request *request;
	GString *path; /* scratch */
};

/* The path of a manifest's entry, in scratch. */
static const char *full_path(const struct comparison *comparison, const struct manifest_entry *entry)
{
	g_string_printf(comparison->path, "%s/%s%s", comparison->request->path, entry->path,
			entry->mode == MANIFEST_EMPTY_DIR ? "/" : "");
	return comparison->path->str;
}

static bool is_wanted(const struct comparison *comparison, const struct manifest_entry *entry)
{
	return entry && path_is_inside(entry->path, comparison->request->inside);
}

/* List one difference between two manifests. */
static void add_entry(struct comparison *comparison, const struct manifest_entry *before,
		      const struct manifest_entry *after)
{
	struct change change = {.old_size = MANIFEST_NO_SIZE, .size = MANIFEST_NO_SIZE};

	if (!is_wanted(comparison, before) && !is_wanted(comparison, after))
		return;
	change.kind = !before ? CHANGE_ADDED : !after ? CHANGE_DELETED : CHANGE_MODIFIED;
	change.path = full_path(comparison, after ? after : before);
	if (before) {
		change.before = before->oid;
		change.old_size = before->size;
	}
	if (after) {
		change.after = after->oid;
		change.size = after->size;
	}
	change.mode_only = change.kind == CHANGE_MODIFIED && oid_equal(&change.before, &change.after);
	changes_add(comparison->changes, &change);
}

/* List every entry of a manifest as `kind`. */
static void add_all(struct comparison *comparison, const struct manifest *manifest, enum change_kind kind)
{
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		struct change change = {
			.kind = kind, .after = entry->oid, .size = entry->size, .old_size = MANIFEST_NO_SIZE};

		if (!is_wanted(comparison, entry))
			continue;
		if (kind == CHANGE_UNCHANGED) {
			change.before = entry->oid;
			change.old_size = entry->size;
		}
		change.path = full_path(comparison, entry);
		changes_add(comparison->changes, &change);
	}
}

/* List what two manifests have in common. */
static void add_common(struct comparison *comparison, const struct manifest *before, const struct manifest *after)
{
	for (size_t i = 0; i < manifest_count(after); i++) {
		const struct manifest_entry *entry = manifest_get(after, i), *old = manifest_find(before, entry->path);
		struct change change = {.kind = CHANGE_UNCHANGED, .before = entry->oid, .after = entry->oid};

		if (!is_wanted(comparison, entry) || !old || old->mode != entry->mode ||
		    !oid_equal(&old->oid, &entry->oid))
			continue;
		change.size = change.old_size = entry->size;
		change.path = full_path(comparison, entry);
		changes_add(comparison->changes, &change);
	}
}

/* List the files of two folders, of which one may be absent or no folder. */
static void compare_files(struct comparison *comparison, const struct manifest *before, const struct manifest *after)
{
	g_autoptr(GArray) found = manifest_diff(before, after, false);

	for (guint i = 0; i < found->len; i++) {
		const struct manifest_change *change = &g_array_index(found, struct manifest_change, i);

		add_entry(comparison, change->before, change->after);
	}
	if (comparison->request->unchanged && before && after)
		add_common(comparison, before, after);
}

static bool is_dir(const struct change_side *side)
{
	return side->present && side->oid.dir;
}

/* Whether nothing at all differs. */
static bool is_same(const struct change_request *request)
{
	const struct change_side *a = request->before, *b = request->after;

	if (a->present != b->present)
		return false;
	if (!a->present)
		return true;
	return oid_equal(&a->oid, &b->oid) && !oid_is_none(&a->oid) &&
	       (!request->modes || a->oid.dir || a->isexec == b->isexec);
}

/* List the output itself. */
static void add_whole(struct comparison *comparison, bool same)
{
	const struct change_side *a = comparison->request->before, *b = comparison->request->after;
	struct change change = {.old_size = MANIFEST_NO_SIZE, .size = MANIFEST_NO_SIZE};

	change.kind = same          ? CHANGE_UNCHANGED
		      : !a->present ? CHANGE_ADDED
		      : !b->present ? CHANGE_DELETED
				    : CHANGE_MODIFIED;
	g_string_printf(comparison->path, "%s%s", comparison->request->path, is_dir(b->present ? b : a) ? "/" : "");
	change.path = comparison->path->str;
	if (a->present) {
		change.before = a->oid;
		change.old_size = a->size;
	}
	if (b->present) {
		change.after = b->oid;
		change.size = b->size;
	}
	change.mode_only = change.kind == CHANGE_MODIFIED && oid_equal(&change.before, &change.after);
	changes_add(comparison->changes, &change);
}

/* List the files of the output if it is, or was, a folder. */
static void add_inner(struct comparison *comparison, bool same)
{
	const struct change_request *request = comparison->request;
	const struct manifest *before = is_dir(request->before) ? request->before->manifest : NULL;
	const struct manifest *after = is_dir(request->after) ? request->after->manifest : NULL;

	if (same) {
		if (request->unchanged && (after || before))
			add_all(comparison, after ? after : before, CHANGE_UNCHANGED);
		return;
	}
	if (is_dir(request->before) && !before) {
		if (after)
			add_all(comparison, after, CHANGE_UNKNOWN);
		return;
	}
	if (is_dir(request->after) && !after)
		return;
	if (before || after)
		compare_files(comparison, before, after);
}

void changes_compare(struct changes *changes, const struct change_request *request)
{
	struct comparison comparison = {changes, request, g_string_new(NULL)};
	bool same = is_same(request);

	if (request->before->present || request->after->present) {
		if (!*request->inside && (!same || request->unchanged))
			add_whole(&comparison, same);
		if (request->granular)
			add_inner(&comparison, same);
	}
	g_string_free(comparison.path, true);
}

/* Whether this entry may be half of a rename. */
static bool is_half(const struct change *change, enum change_kind kind)
{
	return change->kind == kind && !oid_is_none(kind == CHANGE_DELETED ? &change->before : &change->after);
}

/* The deleted entries by object, those of each object in path order: struct oid * -> GQueue of struct change *. */
static GHashTable *deleted_by_object(GArray *list)
{
	GHashTable *deleted = g_hash_table_new_full(oid_hash, oid_equal_key, NULL, (GDestroyNotify)g_queue_free);

	for (guint i = 0; i < list->len; i++) {
		struct change *change = &g_array_index(list, struct change, i);
		GQueue *queue;

		if (!is_half(change, CHANGE_DELETED))
			continue;
		queue = g_hash_table_lookup(deleted, &change->before);
		if (!queue) {
			queue = g_queue_new();
			g_hash_table_insert(deleted, &change->before, queue);
		}
		g_queue_push_tail(queue, change);
	}
	return deleted;
}

/* Drop the entries that became the first half of a rename (their kind is CHANGE_KINDS), and count anew. */
static void drop_paired(struct changes *changes)
{
	GArray *kept = g_array_sized_new(false, false, sizeof(struct change), changes->list->len);

	memset(changes->counts, 0, sizeof(changes->counts));
	for (guint i = 0; i < changes->list->len; i++) {
		const struct change *change = &g_array_index(changes->list, struct change, i);

		if (change->kind == CHANGE_KINDS)
			continue;
		g_array_append_val(kept, *change);
		changes->counts[change->kind]++;
	}
	g_array_unref(changes->list);
	changes->list = kept;
}

void changes_pair_renames(struct changes *changes)
{
	g_autoptr(GHashTable) deleted = NULL;

	changes_sort(changes);
	deleted = deleted_by_object(changes->list);
	for (guint i = 0; i < changes->list->len; i++) {
		struct change *change = &g_array_index(changes->list, struct change, i);
		GQueue *from = is_half(change, CHANGE_ADDED) ? g_hash_table_lookup(deleted, &change->after) : NULL;
		struct change *old = from ? g_queue_pop_head(from) : NULL;

		if (!old)
			continue;
		change->kind = CHANGE_RENAMED;
		change->old_path = old->path;
		change->before = old->before;
		change->old_size = old->old_size;
		old->kind = CHANGE_KINDS;
	}
	drop_paired(changes);
	changes_sort(changes);
}
