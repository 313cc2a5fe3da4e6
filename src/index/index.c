/* Opening, and look-ups in the snapshot. */
#include "index/index.h"
#include "base/error.h"
#include "index/index-int.h"
#include "index/record.h"

#include <errno.h>
#include <string.h>

/* Paths that wait for the commit are allocated in blocks of this size. */
#define PATH_BLOCK 65536

/* How far the cursor steps before it seeks. */
#define STEPS_MAX 16

struct index *index_open(const char *dir, int root, GError **error)
{
	struct index *index;
	struct stat st;

	if (fstat(root, &st) < 0) {
		error_set_errno(error, errno, "open the index of an unknown directory");
		return NULL;
	}
	index = g_new0(struct index, 1);
	index->db = db_open(dir);
	index->root = root;
	index->puts = g_array_new(FALSE, FALSE, sizeof(struct pending));
	index->drops = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	index->outs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	index->paths = g_string_chunk_new(PATH_BLOCK);
	return index;
}

void index_free(struct index *index)
{
	db_free(index->db);
	g_array_free(index->puts, TRUE);
	g_hash_table_destroy(index->drops);
	g_hash_table_destroy(index->outs);
	g_string_chunk_free(index->paths);
	g_free(index);
}

/* Whether the value is of a file with this stamp, hashed by this algorithm. */
static bool matches(const MDB_val *value, const struct stamp *stamp, enum oid_algo algo, struct oid *oid)
{
	struct stamp then;
	struct oid found;

	if (!record_read_file(value->mv_data, value->mv_size, &then, &found))
		return false;
	if (!stamp_same(&then, stamp) || found.algo != algo)
		return false;
	*oid = found;
	return true;
}

/* A cursor that follows ascending keys. */
struct sweep {
	struct db *db;
	MDB_cursor *cursor;
	MDB_val key, value; /* where it stands */
	bool placed;        /* it stands somewhere */
	bool ended;         /* every key is less than the last one asked for */
};

static int compare_key(const MDB_val *found, const struct record_key *key)
{
	int order = memcmp(found->mv_data, key->data, MIN(found->mv_size, key->length));

	return order ? order : found->mv_size < key->length ? -1 : found->mv_size > key->length;
}

static bool move(struct sweep *sweep, MDB_cursor_op op)
{
	sweep->placed = db_found(sweep->db, mdb_cursor_get(sweep->cursor, &sweep->key, &sweep->value, op));
	return sweep->placed;
}

/* Whether the table has the key: then sweep->value is its value. */
static bool sweep_to(struct sweep *sweep, const struct record_key *key)
{
	bool found;

	if (key->hashed) {
		/* These are not in the order of their paths: from here the cursor must seek again. */
		sweep->key = (MDB_val){key->length, (void *)key->data};
		found = move(sweep, MDB_SET_KEY);
		sweep->placed = false;
		return found;
	}
	for (int i = 0; i < STEPS_MAX && sweep->placed && compare_key(&sweep->key, key) < 0; i++)
		sweep->ended = !move(sweep, MDB_NEXT);
	if (sweep->ended)
		return false;
	if (!sweep->placed || compare_key(&sweep->key, key) < 0) {
		sweep->key = (MDB_val){key->length, (void *)key->data};
		sweep->ended = !move(sweep, MDB_SET_RANGE);
	}
	return sweep->placed && compare_key(&sweep->key, key) == 0;
}

void index_lookup(struct index *index, struct index_query *queries, size_t count, enum oid_algo algo)
{
	MDB_txn *txn = db_read(index->db);
	struct sweep sweep = {.db = index->db};
	bool readable = txn && db_found(index->db, mdb_cursor_open(txn, index->db->files, &sweep.cursor));
	struct record_key key;

	for (size_t i = 0; i < count; i++) {
		struct index_query *query = &queries[i];

		query->found = false;
		if (!readable)
			continue;
		record_key(&key, query->path);
		query->found = sweep_to(&sweep, &key) && matches(&sweep.value, query->stamp, algo, &query->oid);
	}
	if (readable)
		mdb_cursor_close(sweep.cursor);
}

bool index_knows(struct index *index, const char *path)
{
	MDB_txn *txn = db_read(index->db);
	struct record_key key;
	MDB_val k, value;

	if (!txn)
		return false;
	record_key(&key, path);
	k = (MDB_val){key.length, (void *)key.data};
	return db_found(index->db, mdb_get(txn, index->db->files, &k, &value));
}

bool index_get_out(struct index *index, const char *path, struct oid *oid)
{
	MDB_txn *txn = db_read(index->db);
	struct record_key key;
	size_t length;
	const char *found;
	MDB_val k, value;

	if (!txn)
		return false;
	record_key(&key, path);
	k = (MDB_val){key.length, (void *)key.data};
	return db_found(index->db, mdb_get(txn, index->db->outs, &k, &value)) &&
	       record_read_out(value.mv_data, value.mv_size, oid, &found, &length);
}

void index_each_out(struct index *index, index_out_visit visit, void *user)
{
	MDB_txn *txn = db_read(index->db);
	MDB_val key, value;
	MDB_cursor *cursor;

	if (!txn || !db_found(index->db, mdb_cursor_open(txn, index->db->outs, &cursor)))
		return;
	while (db_found(index->db, mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
		const char *path;
		size_t length;
		struct oid oid;

		if (record_read_out(value.mv_data, value.mv_size, &oid, &path, &length)) {
			g_autofree char *own = g_strndup(path, length);

			visit(own, &oid, user);
		}
	}
	mdb_cursor_close(cursor);
}
