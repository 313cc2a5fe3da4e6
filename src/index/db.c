#include "index/db.h"
#include "base/error.h"
#include "base/file.h"
#include "base/trace.h"
#include "index/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The map at first: address space, not memory. It is doubled when it is full. */
#define MAP_START ((size_t)64 << 20)

/* How often a write is begun again: each time the map was doubled, resized by another process, or the file made anew. */
#define WRITE_TRIES 40

#define DATA_NAME "index.mdb"
#define LOCK_SUFFIX "-lock"

/* Codes that tell of bytes on disk that are not what LMDB, or this version of us, wrote. */
static bool means_damage(int rc)
{
	switch (rc) {
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
	case MDB_NOTFOUND:
	case MDB_PANIC:
	case MDB_BAD_DBI:
	case MDB_CURSOR_FULL:
	case MDB_PAGE_FULL:
		return true;
	default:
		return false;
	}
}

/* Codes that a cache must not fail for. */
static bool means_unwritable(int rc)
{
	switch (rc) {
	case ENOSPC:
	case EDQUOT:
	case EROFS:
	case EACCES:
	case EPERM:
	case ENOLCK:
	case EFBIG:
	case EIO: /* what LMDB makes of a short write */
		return true;
	default:
		return false;
	}
}

static void close_env(struct db *db)
{
	db_end_read(db);
	if (db->env)
		mdb_env_close(db->env);
	db->env = NULL;
}

void db_free(struct db *db)
{
	close_env(db);
	fd_auto(&db->dir);
	g_free(db->path);
	g_free(db);
}

/* mdb_txn_begin(), following another process that enlarged the map. */
static int begin(struct db *db, unsigned flags, MDB_txn **txn)
{
	int rc = mdb_txn_begin(db->env, NULL, flags, txn);

	if (rc == MDB_MAP_RESIZED) {
		rc = mdb_env_set_mapsize(db->env, 0);
		if (rc == 0)
			rc = mdb_txn_begin(db->env, NULL, flags, txn);
	}
	return rc;
}

/* Reading beyond the end of a file that was cut off would be a SIGBUS; zeroes are found to be no page. */
static int fill_up(struct db *db)
{
	MDB_envinfo info;
	MDB_stat stat;
	mdb_filehandle_t fd;
	MDB_txn *txn;
	struct stat st;
	off_t need;
	int rc;

	mdb_env_info(db->env, &info);
	mdb_env_stat(db->env, &stat);
	need = (off_t)((info.me_last_pgno + 1) * stat.ms_psize);
	if (mdb_env_get_fd(db->env, &fd) || fstat(fd, &st) < 0 || st.st_size >= need)
		return 0;
	if (db->read_only)
		return MDB_CORRUPTED;
	/* The last pages of a whole file may be missing, too, if they are free. Nobody else may write meanwhile. */
	rc = begin(db, 0, &txn);
	if (rc)
		return rc;
	if (fstat(fd, &st) < 0 || (st.st_size < need && ftruncate(fd, need) < 0))
		rc = errno;
	mdb_txn_abort(txn);
	return rc;
}

/* Write the version with MDB_CREATE, else compare it. 0 or a code. */
static int check_version(MDB_txn *txn, MDB_dbi meta, unsigned flags)
{
	char name[] = "version";
	uint32_t version = RECORD_VERSION;
	MDB_val key = {strlen(name), name}, value = {sizeof(version), &version};
	int rc;

	if (flags)
		return mdb_put(txn, meta, &key, &value, 0);
	rc = mdb_get(txn, meta, &key, &value);
	if (rc == 0 && (value.mv_size != sizeof(version) || memcmp(value.mv_data, &version, sizeof(version)) != 0))
		rc = MDB_VERSION_MISMATCH;
	return rc;
}

/* Open the tables in a transaction; with MDB_CREATE make them. */
static int open_tables(struct db *db, MDB_txn *txn, unsigned flags)
{
	MDB_dbi meta;
	int rc = mdb_dbi_open(txn, "meta", flags, &meta);

	if (rc == 0)
		rc = check_version(txn, meta, flags);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "files", flags, &db->files);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "outs", flags, &db->outs);
	return rc;
}

/* Whether nothing was ever stored, as in a file that mdb_env_open() just made. */
static bool is_new(MDB_txn *txn)
{
	MDB_stat stat;
	MDB_dbi main;

	return mdb_dbi_open(txn, NULL, 0, &main) == 0 && mdb_stat(txn, main, &stat) == 0 && stat.ms_entries == 0;
}

static int find_tables(struct db *db)
{
	MDB_txn *txn;
	int rc = begin(db, MDB_RDONLY, &txn);
	bool fresh;

	if (rc)
		return rc;
	fresh = is_new(txn);
	rc = fresh ? 0 : open_tables(db, txn, 0);
	if (rc || fresh)
		mdb_txn_abort(txn);
	else
		rc = mdb_txn_commit(txn);
	if (rc || !fresh)
		return rc;
	rc = begin(db, 0, &txn);
	if (rc)
		return rc;
	rc = open_tables(db, txn, MDB_CREATE);
	if (rc == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

/* One try. 0 or a code, and then there is no env. */
static int open_env(struct db *db, unsigned flags)
{
	int rc = mdb_env_create(&db->env), dead;

	if (rc) {
		db->env = NULL;
		return rc;
	}
	db->read_only = flags & MDB_RDONLY;
	mdb_env_set_maxdbs(db->env, 3);
	mdb_env_set_mapsize(db->env, MAP_START);
	/* Snapshots belong to an index, not to a thread. */
	rc = mdb_env_open(db->env, db->path, MDB_NOSUBDIR | MDB_NOTLS | flags, 0666);
	if (rc == 0)
		rc = mdb_reader_check(db->env, &dead);
	if (rc == 0)
		rc = fill_up(db);
	if (rc == 0)
		rc = find_tables(db);
	if (rc)
		close_env(db);
	return rc;
}

/* Throw the files away, if no other process has them, and begin anew. 0 or a code. */
static int rebuild(struct db *db)
{
	g_autofree char *lock = g_strconcat(db->path, LOCK_SUFFIX, NULL);
	int rc;

	close_env(db);
	if (flock(db->dir, LOCK_EX | LOCK_NB) < 0)
		return errno;
	rc = unlink(db->path) < 0 && errno != ENOENT ? errno : 0;
	if (rc == 0)
		rc = unlink(lock) < 0 && errno != ENOENT ? errno : 0;
	if (rc == 0)
		rc = open_env(db, 0);
	flock(db->dir, LOCK_SH | LOCK_NB);
	db->damaged = false;
	trace("index", "begun anew: %s", rc ? mdb_strerror(rc) : "done");
	return rc;
}

struct db *db_open(const char *dir)
{
	struct db *db = g_new0(struct db, 1);
	g_autoptr(GError) error = NULL;
	int rc;

	db->path = g_build_filename(dir, DATA_NAME, NULL);
	if (!file_make_dirs(dir, &error))
		trace("index", "%s", error->message);
	db->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (db->dir < 0)
		return db;
	/* Waits at most for another one's rebuild. Where there are no such locks, nobody can rebuild. */
	while (flock(db->dir, LOCK_SH) < 0 && errno == EINTR)
		;
	rc = open_env(db, 0);
	if (rc == EROFS || rc == EACCES)
		rc = open_env(db, MDB_RDONLY);
	else if (means_damage(rc))
		rc = rebuild(db);
	if (rc)
		trace("index", "nothing is remembered: '%s': %s", db->path, mdb_strerror(rc));
	return db;
}

MDB_txn *db_read(struct db *db)
{
	int rc;

	if (db->read || !db->env || db->damaged)
		return db->read;
	rc = begin(db, MDB_RDONLY, &db->read);
	if (rc) {
		trace("index", "read '%s': %s", db->path, mdb_strerror(rc));
		db->read = NULL;
	}
	return db->read;
}

void db_end_read(struct db *db)
{
	if (db->read)
		mdb_txn_abort(db->read);
	db->read = NULL;
}

bool db_found(struct db *db, int rc)
{
	if (rc && rc != MDB_NOTFOUND && !db->damaged) {
		trace("index", "read '%s': %s", db->path, mdb_strerror(rc));
		db->damaged = means_damage(rc);
	}
	return rc == 0;
}

/* One transaction. 0 or a code. */
static int write_once(struct db *db, db_change change, void *user)
{
	MDB_txn *txn;
	int rc = begin(db, 0, &txn);

	if (rc)
		return rc;
	rc = change(db, txn, user);
	if (rc == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

/* Make the map twice as large. 0 or a code. */
static int grow(struct db *db)
{
	MDB_envinfo info;

	mdb_env_info(db->env, &info);
	if (info.me_mapsize > SIZE_MAX / 2)
		return ENOSPC;
	return mdb_env_set_mapsize(db->env, 2 * info.me_mapsize);
}

bool db_write(struct db *db, db_change change, void *user, GError **error)
{
	bool rebuilt = false;
	int rc = 0;

	db_end_read(db);
	if (!db->env || db->read_only)
		return true;
	if (db->damaged)
		rc = MDB_CORRUPTED;
	for (int i = 0; i < WRITE_TRIES; i++) {
		if (rc == 0)
			rc = write_once(db, change, user);
		if (rc == MDB_MAP_FULL) {
			rc = grow(db);
		} else if (means_damage(rc) && !rebuilt) {
			rc = rebuild(db);
			rebuilt = true;
		} else {
			break;
		}
	}
	if (rc == 0)
		return true;
	if (means_unwritable(rc) || !db->env) {
		trace("index", "nothing is remembered: '%s': %s", db->path, mdb_strerror(rc));
		return true;
	}
	error_set(error, ERROR_IO, "write the index '%s': %s", db->path, mdb_strerror(rc));
	return false;
}
