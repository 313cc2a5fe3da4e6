/*
 * kit: what tests of the index share.
 */
#ifndef TESTS_INDEX_KIT_H
#define TESTS_INDEX_KIT_H

#include "hash/digest.h"
#include "index/index.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The index in `dir` of a project in the working directory. */
static inline struct index *open_ok(const char *dir)
{
	g_autoptr(GError) error = NULL;
	/* Borrowed for the life of the index, which is that of the test. */
	int root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct index *index = index_open(dir, root, &error);

	g_assert_no_error(error);
	return index;
}

/* Commit, which must succeed. */
static inline void commit_ok(struct index *index)
{
	g_autoptr(GError) error = NULL;

	index_commit(index, &error);
	g_assert_no_error(error);
}

/* The sha256 id of a text. */
static inline struct oid oid_of(const char *text)
{
	struct oid oid;

	digest_bytes(text, strlen(text), OID_SHA256, &oid);
	return oid;
}

/* Write in place, so that the inode stays. */
static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0644);

	g_assert_cmpint(write(fd, text, strlen(text)), ==, (int)strlen(text));
	close(fd);
}

/* A stamp that is old, of a file that need not exist. */
static inline struct stamp old_stamp(uint64_t ino)
{
	return (struct stamp){.dev = 1, .ino = ino, .size = 3, .mtime_ns = 1000000007, .ctime_ns = 2000000007, .mode = S_IFREG | 0644};
}

/* Ask for one file. */
static inline bool look_up(struct index *index, const char *path, const struct stamp *stamp, enum oid_algo algo, struct oid *oid)
{
	struct index_query query = {.path = path, .stamp = stamp};

	index_lookup(index, &query, 1, algo);
	*oid = query.oid;
	return query.found;
}

/* Whether the index has an id for that file. */
static inline bool known(struct index *index, const char *path, const struct stamp *stamp)
{
	struct oid oid;

	return look_up(index, path, stamp, OID_SHA256, &oid);
}

#endif
