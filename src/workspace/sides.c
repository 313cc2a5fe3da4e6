#include "workspace/sides.h"

#include "base/path.h"
#include "store/presence.h"
#include "workspace/crew.h"

/* More objects than this are looked for by name alone. */
#define MANY 2048

void side_of_output(struct side *side, const struct output *output)
{
	memset(side, 0, sizeof(*side));
	side->side.size = MANIFEST_NO_SIZE;
	if (!output || oid_is_none(output_expected(output)))
		return;
	side->side.present = true;
	side->side.oid = *output_expected(output);
	side->side.isexec = output->isexec;
	if (output->has_size)
		side->side.size = output->size;
}

void side_of_scan(struct side *side, const struct scan *scan)
{
	memset(side, 0, sizeof(*side));
	side->side.size = MANIFEST_NO_SIZE;
	if (scan->kind == SCAN_ABSENT)
		return;
	side->side.present = true;
	side->side.oid = scan->oid;
	side->side.isexec = scan_is_exec(scan);
	side->side.size = scan->size;
	side->side.manifest = scan->manifest;
}

bool side_load(struct side *side, struct workspace *ws)
{
	struct store *store = workspace_store(ws, NULL);

	if (!side->side.manifest && side->side.present && side->side.oid.dir && store) {
		side->manifest = manifest_load(store, &side->side.oid, NULL);
		side->side.manifest = side->manifest;
	}
	return side->side.manifest || !side->side.present || !side->side.oid.dir;
}

void sides_load(struct side *before, struct side *after, struct workspace *ws, bool all)
{
	const struct change_side *a = &before->side, *b = &after->side;
	bool same = a->present && b->present && oid_equal(&a->oid, &b->oid);

	if (same && !all)
		return;
	/* The same folder needs one manifest only. */
	if (same && b->manifest)
		before->side.manifest = b->manifest;
	side_load(before, ws);
	if (same && a->manifest)
		after->side.manifest = a->manifest;
	side_load(after, ws);
}

void side_clear(struct side *side)
{
	g_clear_pointer(&side->manifest, manifest_free);
	side->side.manifest = NULL;
}

/* One object to look for. */
struct want {
	const struct oid *oid;
	size_t position; /* in the manifest */
};

/* The wants whose digests begin with one byte. */
struct look_job {
	struct want *wants;
	size_t count;
	GArray *lost; /* of size_t: positions of those that are not there */
};

static int by_oid(const void *a, const void *b)
{
	const struct want *x = a, *y = b;

	return oid_compare(x->oid, y->oid);
}

/* The pool's work. */
static void look(void *data, void *shared)
{
	struct look_job *job = data;
	g_autofree const struct oid **ids = g_new(const struct oid *, job->count);
	g_autofree bool *has = g_new0(bool, job->count);
	size_t distinct = 0;

	qsort(job->wants, job->count, sizeof(*job->wants), by_oid);
	for (size_t i = 0; i < job->count; i++) {
		if (!i || !oid_equal(job->wants[i].oid, job->wants[i - 1].oid))
			ids[distinct++] = job->wants[i].oid;
	}
	presence_look(shared, ids, distinct, has);
	for (size_t i = 0, at = 0; i < job->count; i++) {
		if (!oid_equal(job->wants[i].oid, ids[at]))
			at++;
		if (!has[at])
			g_array_append_val(job->lost, job->wants[i].position);
	}
}

static void take_back(void *data, void *user)
{
	struct look_job *job = data;

	g_array_append_vals(user, job->lost->data, job->lost->len);
	g_array_unref(job->lost);
	g_free(job->wants);
	g_free(job);
}

static gint by_position(gconstpointer a, gconstpointer b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/* Look for many entries by name: one job for each first byte of a digest. */
static void find_lost_by_name(struct workspace *ws, struct store *store, const struct manifest *manifest, size_t first,
			      size_t end, GArray *lost)
{
	struct look_job *jobs[256] = {NULL};
	size_t counts[256] = {0};
	struct crew crew;

	for (size_t i = first; i < end; i++)
		counts[manifest_get(manifest, i)->oid.digest[0]]++;
	for (size_t i = first; i < end; i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		struct look_job **job = &jobs[entry->oid.digest[0]];

		if (entry->mode == MANIFEST_EMPTY_DIR)
			continue;
		if (!*job) {
			*job = g_new0(struct look_job, 1);
			(*job)->wants = g_new(struct want, counts[entry->oid.digest[0]]);
			(*job)->lost = g_array_new(false, false, sizeof(size_t));
		}
		(*job)->wants[(*job)->count++] = (struct want){&entry->oid, i};
	}
	crew_init(&crew, ws->settings->threads, look, store, take_back, lost);
	for (size_t i = 0; i < G_N_ELEMENTS(jobs); i++) {
		if (jobs[i])
			crew_push(&crew, jobs[i]);
	}
	crew_finish(&crew);
	g_array_sort(lost, by_position);
}

/* The positions of the entries in [first, end) that the store lacks, ascending. */
static GArray *find_lost(struct workspace *ws, struct store *store, const struct manifest *manifest, size_t first,
			 size_t end)
{
	GArray *lost = g_array_new(false, false, sizeof(size_t));

	if (end - first > MANY) {
		find_lost_by_name(ws, store, manifest, first, end, lost);
		return lost;
	}
	for (size_t i = first; i < end; i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);
		uint64_t size = entry->size == MANIFEST_NO_SIZE ? STORE_ANY_SIZE : entry->size;

		if (entry->mode != MANIFEST_EMPTY_DIR && !store_has(store, &entry->oid, size))
			g_array_append_val(lost, i);
	}
	return lost;
}

void side_find_missing(const struct side *side, struct workspace *ws, const char *path, const char *inside,
		       side_missing missing, void *user)
{
	struct store *store = workspace_store(ws, NULL);
	const struct manifest *manifest = side->side.manifest;
	g_autoptr(GString) full = g_string_new(path);
	g_autoptr(GArray) lost = NULL;
	uint64_t size = side->side.oid.dir || side->side.size == MANIFEST_NO_SIZE ? STORE_ANY_SIZE : side->side.size;
	size_t first, end;

	if (!store || !side->side.present || oid_is_none(&side->side.oid))
		return;
	if (side->side.oid.dir)
		g_string_append_c(full, '/');
	if (!store_has(store, &side->side.oid, size))
		missing(full->str, &side->side.oid, user);
	if (!manifest || !manifest_range(manifest, inside, &first, &end))
		return;
	lost = find_lost(ws, store, manifest, first, end);
	for (guint i = 0; i < lost->len; i++) {
		const struct manifest_entry *entry = manifest_get(manifest, g_array_index(lost, size_t, i));

		g_string_printf(full, "%s/%s", path, entry->path);
		missing(full->str, &entry->oid, user);
	}
}
