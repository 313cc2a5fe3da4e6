/* store-kit: a store below the test's directory, and shorthands that fail the test instead of returning an error. */
#ifndef TESTS_UNIT_STORE_KIT_H
#define TESTS_UNIT_STORE_KIT_H

#include "../tap.h"
#include "base/error.h"
#include "hash/digest.h"
#include "store/put.h"
#include "store/store.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A native store in `name`, which places objects as these kinds. */
static inline struct store *kit_store(const char *name, bool marks, enum link_kind kind)
{
	const struct store_options options = {.marks = marks, .links = {kind}, .link_count = 1};
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(name, &options, &error);

	g_assert_no_error(error);
	return store;
}

static inline void kit_write(const char *path, const void *data, size_t length)
{
	g_autoptr(GError) error = NULL;

	g_file_set_contents_full(path, data, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error);
	g_assert_no_error(error);
}

/* Store one buffer, durably, as sha256. */
static inline struct oid kit_put(struct store *store, const char *text)
{
	g_autoptr(GError) error = NULL;
	autoptr(put) put = put_begin(store, &error);
	struct oid oid;

	g_assert_no_error(error);
	g_assert_true(put_bytes(put, text, strlen(text), OID_SHA256, false, &oid, &error));
	g_assert_true(put_commit(put, &error));
	return oid;
}

/* The absolute path of an object. New string. */
static inline char *kit_path(const struct store *store, const struct oid *oid)
{
	g_autofree char *below = store_object_path(oid);

	return g_build_filename(store->root, below, NULL);
}

static inline struct stat kit_stat(const char *path)
{
	struct stat st;

	g_assert_cmpint(lstat(path, &st), ==, 0);
	return st;
}

/* How many entries the directory has; 0 if it is absent. */
static inline unsigned kit_count(const char *dir)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	unsigned count = 0;

	while (d && g_dir_read_name(d))
		count++;
	if (d)
		g_dir_close(d);
	return count;
}

#endif
