/* What is put and dropped between commits, and the commits. */
#include "base/clock.h"
#include "index/index-int.h"
#include "index/racy.h"
#include "index/record.h"

#include <fcntl.h>
#include <string.h>

/* Fresh files of so many bytes together are worth waiting a tick for: hashing them again takes longer. */
#define WORTH_WAITING ((uint64_t)16 << 20)

void index_put_out(struct index *index, const char *path, const struct oid *oid)
{
	g_hash_table_replace(index->outs, g_strdup(path), oid ? g_memdup2(oid, sizeof(*oid)) : NULL);
}

void index_put(struct index *index, const char *path, const struct stamp *stamp, const struct oid *oid)
{
	const struct pending pending = {
		.path = g_string_chunk_insert(index->paths, path),
		.stamp = *stamp,
		.oid = *oid,
		.fresh = racy_is_fresh(stamp, clock_file_now()),
		.moment = index->moment,
	};

	g_array_append_val(index->puts, pending);
}

void index_drop(struct index *index, const char *path)
{
	g_hash_table_replace(index->drops, g_strdup(path), GUINT_TO_POINTER(++index->moment));
}

/* Whether the path, or a directory above it, was dropped after it was put. */
static bool was_dropped(const struct index *index, const struct pending *pending)
{
	g_autofree char *path = NULL;

	if (g_hash_table_size(index->drops) == 0)
		return false;
	path = g_strdup(pending->path);
	for (char *end = path + strlen(path); end; end = strrchr(path, '/')) {
		*end = '\0';
		if (GPOINTER_TO_UINT(g_hash_table_lookup(index->drops, path)) > pending->moment)
			return true;
	}
	return GPOINTER_TO_UINT(g_hash_table_lookup(index->drops, "")) > pending->moment;
}

static gint compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(((const struct pending *)a)->path, ((const struct pending *)b)->path);
}

/* In the order of the table, of each path the last, and none that was dropped. */
static void settle_puts(struct index *index)
{
	struct pending *all = (struct pending *)index->puts->data;
	guint kept = 0;

	/* A stable sort: the later of two stays the later. */
	g_array_sort(index->puts, compare_paths);
	for (guint i = 0; i < index->puts->len; i++) {
		bool later = i + 1 < index->puts->len && strcmp(all[i].path, all[i + 1].path) == 0;

		if (!later && !was_dropped(index, &all[i]))
			all[kept++] = all[i];
	}
	g_array_set_size(index->puts, kept);
}

/* Whether large files are too fresh to be stored now, and will not be in a tick. */
static bool is_worth_waiting(const struct index *index, int64_t now)
{
	uint64_t bytes = 0;

	for (guint i = 0; i < index->puts->len; i++) {
		const struct pending *p = &g_array_index(index->puts, struct pending, i);

		if (p->fresh && racy_is_short(&p->stamp) && racy_is_fresh(&p->stamp, now))
			bytes += p->stamp.size;
	}
	return bytes >= WORTH_WAITING;
}

/* Look again at the files that were fresh when they were put: only those that still are what they were, and old by now, may stay. */
static void check_fresh(struct index *index)
{
	int64_t now = clock_file_now();

	if (is_worth_waiting(index, now)) {
		/* Half as long again: file stamps may be finer than the clock that we compare them with. */
		g_usleep(RACY_TICK_NS * 3 / 2 / 1000 + 1000);
		now = clock_file_now();
	}
	for (guint i = 0; i < index->puts->len; i++) {
		struct pending *p = &g_array_index(index->puts, struct pending, i);
		struct stamp stamp;
		struct stat st;

		if (!p->fresh)
			continue;
		p->stale = fstatat(index->root, *p->path ? p->path : ".", &st, AT_SYMLINK_NOFOLLOW) < 0;
		if (p->stale)
			continue;
		stamp = stamp_of(&st);
		p->stale = !stamp_same(&stamp, &p->stamp) || racy_is_fresh(&stamp, now);
	}
}

/* Delete all keys that begin so. */
static int delete_prefix(MDB_cursor *cursor, const void *prefix, size_t length)
{
	for (;;) {
		MDB_val key = {length, (void *)prefix}, value;
		int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

		if (rc == MDB_NOTFOUND || (rc == 0 && (key.mv_size < length || memcmp(key.mv_data, prefix, length) != 0)))
			return 0;
		if (rc == 0)
			rc = mdb_cursor_del(cursor, 0);
		if (rc)
			return rc;
	}
}

/* Delete the path and what is below it. Where keys are hashed, neighbours may go, too: they are hashed again, no more. */
static int drop_path(const struct index *index, MDB_txn *txn, MDB_cursor *cursor, const char *path)
{
	g_autofree char *below = g_strconcat(path, "/", NULL);
	size_t length = strlen(below);
	struct record_key key;
	MDB_val k;
	int rc;

	if (!*path)
		return mdb_drop(txn, index->db->files, 0);
	record_key(&key, path);
	k = (MDB_val){key.length, (void *)key.data};
	rc = mdb_del(txn, index->db->files, &k, NULL);
	if (rc == MDB_NOTFOUND)
		rc = 0;
	if (rc == 0 && length <= RECORD_KEY_MAX)
		rc = delete_prefix(cursor, below, length);
	if (rc == 0 && length > RECORD_KEY_HEAD) {
		below[RECORD_KEY_HEAD] = '\0';
		rc = delete_prefix(cursor, below, RECORD_KEY_HEAD + 1);
	}
	return rc;
}

static int apply_drops(const struct index *index, MDB_txn *txn, MDB_cursor *cursor)
{
	GHashTableIter iter;
	gpointer path;
	int rc = 0;

	g_hash_table_iter_init(&iter, index->drops);
	while (rc == 0 && g_hash_table_iter_next(&iter, &path, NULL))
		rc = drop_path(index, txn, cursor, path);
	return rc;
}

static int apply_puts(const struct index *index, MDB_cursor *cursor)
{
	/* Behind the last key LMDB fills pages to the brim; elsewhere it splits them in halves. */
	unsigned append = MDB_APPEND;
	int rc = 0;

	for (guint i = 0; rc == 0 && i < index->puts->len; i++) {
		const struct pending *p = &g_array_index(index->puts, struct pending, i);
		unsigned char bytes[RECORD_FILE_MAX];
		MDB_val k, value = {record_file(bytes, &p->stamp, &p->oid), bytes};
		struct record_key key;

		if (p->stale)
			continue;
		record_key(&key, p->path);
		k = (MDB_val){key.length, (void *)key.data};
		rc = mdb_cursor_put(cursor, &k, &value, append);
		if (rc == MDB_KEYEXIST) {
			append = 0;
			rc = mdb_cursor_put(cursor, &k, &value, 0);
		}
	}
	return rc;
}

static int apply_out(const struct index *index, MDB_txn *txn, const char *path, const struct oid *oid)
{
	g_autofree unsigned char *bytes = NULL;
	size_t head, length = strlen(path);
	struct record_key key;
	MDB_val k, value;
	int rc;

	record_key(&key, path);
	k = (MDB_val){key.length, (void *)key.data};
	if (!oid) {
		rc = mdb_del(txn, index->db->outs, &k, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	}
	bytes = g_malloc(RECORD_OUT_MAX + length);
	head = record_out(bytes, oid);
	memcpy(bytes + head, path, length);
	value = (MDB_val){head + length, bytes};
	return mdb_put(txn, index->db->outs, &k, &value, 0);
}

static int apply_outs(const struct index *index, MDB_txn *txn)
{
	GHashTableIter iter;
	gpointer path, oid;
	int rc = 0;

	g_hash_table_iter_init(&iter, index->outs);
	while (rc == 0 && g_hash_table_iter_next(&iter, &path, &oid))
		rc = apply_out(index, txn, path, oid);
	return rc;
}

/* Everything pending; a db_change. */
static int apply(struct db *db, MDB_txn *txn, void *user)
{
	const struct index *index = user;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn, db->files, &cursor);

	if (rc)
		return rc;
	rc = apply_drops(index, txn, cursor);
	if (rc == 0)
		rc = apply_puts(index, cursor);
	mdb_cursor_close(cursor);
	return rc ? rc : apply_outs(index, txn);
}

static void forget_pending(struct index *index)
{
	g_array_set_size(index->puts, 0);
	g_hash_table_remove_all(index->drops);
	g_hash_table_remove_all(index->outs);
	g_string_chunk_clear(index->paths);
}

bool index_commit(struct index *index, GError **error)
{
	bool ok = true;

	settle_puts(index);
	check_fresh(index);
	if (index->puts->len || g_hash_table_size(index->drops) || g_hash_table_size(index->outs))
		ok = db_write(index->db, apply, index, error);
	db_end_read(index->db);
	forget_pending(index);
	return ok;
}

