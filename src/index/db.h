/*
 * db: the LMDB environment of the index: opening, rebuilding, snapshots, growing. Knows nothing of what the tables hold.
 *
 * The open directory is flock()ed shared as long as the environment is open, so that nobody takes the files from under another
 * process: who wants to rebuild needs it exclusive, and does without an index if it cannot have it.
 */
#ifndef INDEX_DB_H
#define INDEX_DB_H

#include "base/auto.h"

#include <glib.h>
#include <lmdb.h>
#include <stdbool.h>

struct db {
	char *path;      /* of the data file */
	int dir;         /* its directory, locked */
	MDB_env *env;    /* NULL: there is no index */
	MDB_dbi files, outs;
	MDB_txn *read;   /* the snapshot, NULL if none was taken */
	bool read_only;
	bool damaged;    /* found while reading: the next db_write() begins anew */
};

/*
 * Open or make the tables in directory `dir`. Never fails because of what is on disk: where nothing can be read or written the
 * result has no env.
 */
struct db *db_open(const char *dir);

/* Close. */
void db_free(struct db *db);

AUTO_DEFINE(db, db_free);

/* The snapshot for reading, taken now if there is none; NULL if there is nothing to read. */
MDB_txn *db_read(struct db *db);

/* Let go of the snapshot. */
void db_end_read(struct db *db);

/* Look at the outcome of a read: true for MDB_SUCCESS; what means damage is remembered. */
bool db_found(struct db *db, int rc);

/* Puts and deletes in a transaction; may be called again after it was undone. 0 or LMDB's code or errno. */
typedef int (*db_change)(struct db *db, MDB_txn *txn, void *user);

/*
 * Run `change` in one durable transaction, in a larger map or a new file if need be. A disk that is full or cannot be written is
 * no error: then nothing is remembered. The snapshot is gone afterwards.
 */
bool db_write(struct db *db, db_change change, void *user, GError **error);

#endif
