/*
 * index: is this file still the bytes that we hashed? One LMDB environment per worktree, beside its other state.
 *
 * It is a cache: deleting it, or meeting another version of it, only costs time. Two tables:
 *	files  path (relative to the project) -> stamp and object id of the bytes seen then
 *	outs   path of a tracked output -> object id of the state that we last put there or took from there
 * Readers never block and see one consistent snapshot; writers are serialised by LMDB and last for one index_commit(). Main
 * thread only.
 *
 * Racy files: an entry whose file was written so recently that another write could leave the same stamp is not stored, so that
 * the next look hashes it again (Git's Documentation/technical/racy-git). index_commit() looks once more at files that
 * were fresh when they were put in, so a long `add` still records all but its last few milliseconds.
 */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "base/auto.h"
#include "base/stamp.h"
#include "hash/oid.h"

#include <glib.h>
#include <stdbool.h>

struct index;

/*
 * Open the index in directory `dir` (made if absent) for a project whose files lie below the open directory `root` (borrowed). A damaged
 * or foreign one is thrown away and begun anew. A read-only or full disk gives an index that remembers nothing: never an error
 * for that reason. NULL with an error only if `root` is no open directory.
 */
struct index *index_open(const char *dir, int root, GError **error);

/* Close it; pending changes that were not committed are dropped. */
void index_free(struct index *index);

AUTO_DEFINE(index, index_free);

/* One file that is asked for. */
struct index_query {
	const char *path;          /* relative to the project */
	const struct stamp *stamp; /* as it is now */
	struct oid oid;            /* the answer, if found */
	bool found;
};

/*
 * Set the answers of `count` queries: the ids recorded for their paths whose stamps still hold. The paths ascend by bytes, so that one
 * pass over the table answers all. Looks in the snapshot of the first read since index_open() or index_commit(). `algo` is the
 * algorithm asked for: an entry of another one does not count.
 */
void index_lookup(struct index *index, struct index_query *queries, size_t count, enum oid_algo algo);

/* Whether an id was ever recorded for the path, in the snapshot of index_lookup(): with whatever stamp, and also if the file is gone. */
bool index_knows(struct index *index, const char *path);

/* Remember (at the next commit) that the file at path, with this stamp, has these bytes. */
void index_put(struct index *index, const char *path, const struct stamp *stamp, const struct oid *oid);

/* Forget path and all below it at the next commit. */
void index_drop(struct index *index, const char *path);

/* The recorded state of the output at path, in the snapshot of index_lookup(); false if none. */
bool index_get_out(struct index *index, const char *path, struct oid *oid);

/* Remember, or with NULL forget, the state of an output at the next commit. */
void index_put_out(struct index *index, const char *path, const struct oid *oid);

/* Called for each recorded output. */
typedef void (*index_out_visit)(const char *path, const struct oid *oid, void *user);

/* Visit all recorded outputs in path order (paths over 511 bytes that begin alike may change places). */
void index_each_out(struct index *index, index_out_visit visit, void *user);

/* Write what was put and dropped, durably, in one transaction. An index that remembers nothing succeeds. */
bool index_commit(struct index *index, GError **error);

#endif
