/* What changed between two manifests, and paths that only some file systems can tell apart. */
#include "base/path.h"
#include "store/manifest-int.h"

#include <string.h>

static void add_change(GArray *changes, const struct manifest_entry *before, const struct manifest_entry *after)
{
	const struct manifest_change change = {before, after};

	g_array_append_val(changes, change);
}

/* Whether the entries, of one path, differ; `modes`: both manifests know them. */
static bool differs(const struct manifest_entry *a, const struct manifest_entry *b, bool modes)
{
	return !oid_equal(&a->oid, &b->oid) || (modes && a->mode != b->mode);
}

/* One merge of the two lists into changes of single paths. */
static GArray *merge(const struct manifest *a, const struct manifest *b)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct manifest_change));
	size_t i = 0, j = 0, a_count = a ? manifest_count(a) : 0, b_count = b ? manifest_count(b) : 0;
	bool modes = a && b && a->format.text && b->format.text;

	while (i < a_count || j < b_count) {
		int order = i == a_count ? 1 : j == b_count ? -1 : strcmp(a->entries[i].path, b->entries[j].path);

		if (order == 0 && differs(&a->entries[i], &b->entries[j], modes))
			add_change(changes, &a->entries[i], &b->entries[j]);
		else if (order)
			add_change(changes, order < 0 ? &a->entries[i] : NULL, order < 0 ? NULL : &b->entries[j]);
		i += order <= 0;
		j += order >= 0;
	}
	return changes;
}

/* The one side of an addition or a deletion. */
static const struct manifest_entry *only_side(const struct manifest_change *change)
{
	return change->before ? change->before : change->after;
}

/* By object, then by path; pointers to changes with one side. */
static int compare_objects(const void *a, const void *b)
{
	const struct manifest_entry *x = only_side(*(struct manifest_change *const *)a);
	const struct manifest_entry *y = only_side(*(struct manifest_change *const *)b);
	int order = oid_compare(&x->oid, &y->oid);

	return order ? order : strcmp(x->path, y->path);
}

/* The changes with only a `before`, or only an `after`, by object. Empty directories have no object to know them by. */
static GPtrArray *list_sides(GArray *changes, bool before)
{
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; i < changes->len; i++) {
		struct manifest_change *change = &g_array_index(changes, struct manifest_change, i);
		bool one = before ? !change->after : !change->before;

		if (one && !oid_is_none(&only_side(change)->oid))
			g_ptr_array_add(list, change);
	}
	if (list->len)
		qsort(list->pdata, list->len, sizeof(*list->pdata), compare_objects);
	return list;
}

/* Join each deletion with an addition of the same object; what it left behind has neither side. */
static void pair_renames(GArray *changes)
{
	g_autoptr(GPtrArray) gone = list_sides(changes, true), come = list_sides(changes, false);
	guint i = 0, j = 0;

	while (i < gone->len && j < come->len) {
		struct manifest_change *deleted = gone->pdata[i], *added = come->pdata[j];
		int order = oid_compare(&deleted->before->oid, &added->after->oid);

		if (order == 0) {
			added->before = deleted->before;
			deleted->before = NULL;
		}
		i += order <= 0;
		j += order >= 0;
	}
}

static void drop_empty(GArray *changes)
{
	guint kept = 0;

	for (guint i = 0; i < changes->len; i++) {
		struct manifest_change change = g_array_index(changes, struct manifest_change, i);

		if (change.before || change.after)
			g_array_index(changes, struct manifest_change, kept++) = change;
	}
	g_array_set_size(changes, kept);
}

GArray *manifest_diff(const struct manifest *a, const struct manifest *b, bool renames)
{
	GArray *changes = merge(a, b);

	if (!renames)
		return changes;
	/* A rename stays where its new path was, so the order holds. */
	pair_renames(changes);
	drop_empty(changes);
	return changes;
}

/* A path and the hash of its folded form. */
struct folded {
	uint64_t hash;
	const char *path;
};

/* The path as a file system that knows neither case nor composition compares it. New string. */
static char *fold(const char *path)
{
	g_autofree char *plain = NULL;

	if (g_str_is_ascii(path) || !path_is_utf8(path))
		return g_ascii_strdown(path, -1);
	plain = g_utf8_normalize(path, -1, G_NORMALIZE_NFD);
	return g_utf8_casefold(plain, -1);
}

/* FNV-1a. */
static uint64_t hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

static int compare_folded(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash ? 1 : strcmp(x->path, y->path);
}

bool manifest_folded_clash(const struct manifest *manifest, const char **a, const char **b)
{
	size_t count = manifest_count(manifest);
	g_autofree struct folded *all = g_new(struct folded, count + 1);

	for (size_t i = 0; i < count; i++) {
		g_autofree char *folded = fold(manifest->entries[i].path);

		all[i] = (struct folded){hash_text(folded), manifest->entries[i].path};
	}
	qsort(all, count, sizeof(*all), compare_folded);
	for (size_t i = 1; i < count; i++) {
		g_autofree char *one = NULL, *other = NULL;

		if (all[i].hash != all[i - 1].hash)
			continue;
		one = fold(all[i - 1].path);
		other = fold(all[i].path);
		if (strcmp(one, other) == 0) {
			*a = all[i - 1].path;
			*b = all[i].path;
			return true;
		}
	}
	return false;
}
